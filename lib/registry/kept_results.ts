/** A cache with a bound: what was used longest ago goes first. */

/** Keeps values up to a number and a total weight. */
export class KeptResults<T> {
  readonly #entries = new Map<string, { value: T; weight: number }>();
  readonly #mostEntries: number;
  readonly #mostWeight: number;
  #weight = 0;

  constructor(bound: { entries: number; weight: number }) {
    this.#mostEntries = bound.entries;
    this.#mostWeight = bound.weight;
  }

  get(key: string): T | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.value;
  }

  /** @param weight of the value; one that is heavier than the bound is not kept */
  set(key: string, value: T, weight: number): void {
    this.delete(key);
    this.#entries.set(key, { value, weight });
    this.#weight += weight;
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#mostEntries && this.#weight <= this.#mostWeight) return;
      this.delete(oldest);
    }
  }

  /** Forgets a key; nothing happens when it is not there. */
  delete(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#entries.delete(key);
    this.#weight -= entry.weight;
  }
}
