/** Values of a label that somebody else chooses: so many are told apart, first come, for as long as the process lives. */
export class ToldApart {
  readonly #known = new Set<string>();

  constructor(private readonly most: number) {}

  /** Whether the value is told apart; the answer for a value never changes. */
  has(value: string): boolean {
    if (this.#known.has(value)) return true;
    if (this.#known.size >= this.most) return false;
    this.#known.add(value);
    return true;
  }
}
