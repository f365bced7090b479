/**
 * Takes over the event loop's turns, so that a simulation decides when the runner has one. The runner asks
 * for them by `setTimeout(0)`; no other timer of a simulated process is real.
 */
export class Turns {
  #waiting: (() => void)[] = [];
  readonly #real = globalThis.setTimeout;

  constructor() {
    const wait = (then: () => void) => {
      this.#waiting.push(then);
      return 0;
    };
    globalThis.setTimeout = wait as unknown as typeof setTimeout;
  }

  [Symbol.dispose](): void {
    globalThis.setTimeout = this.#real;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Gives the longest waiting caller its turn. */
  run(): void {
    this.#waiting.shift()?.();
  }

  /** A process has died: its turns never come. */
  forget(): void {
    this.#waiting = [];
  }
}

/** Lets everything run that waits for nothing but its turn among the promises. */
export async function promisesSettled(): Promise<void> {
  for (let i = 0; i < 40; i++) await null;
}
