/** Sums by labels. */

/** A value of a gauge. */
export interface Count<Label extends string> {
  readonly labels: Readonly<Record<Label, string>>;
  readonly count: number;
}

/** Adds up what has the same labels; what comes to nothing is gone. All labels must be given in one order. */
export class Tally<Label extends string> {
  readonly #counts = new Map<string, { labels: Readonly<Record<Label, string>>; count: number }>();

  add(labels: Readonly<Record<Label, string>>, by: number): void {
    const id = Object.values(labels).join("\0");
    const known = this.#counts.get(id);
    if (known === undefined) this.#counts.set(id, { labels, count: by });
    else if ((known.count += by) === 0) this.#counts.delete(id);
  }

  get size(): number {
    return this.#counts.size;
  }

  get counts(): Count<Label>[] {
    return [...this.#counts.values()].map(({ labels, count }) => ({ labels, count }));
  }
}
