/**
 * How many large answers are read at once. Each registry has its own fetches, and whoever may write a model may name
 * any number of registries: their small answers fit into memory, their large ones wait for each other.
 */

/** From so many bytes on an answer is large; what registries really send is below that. */
export const largeFrom = 1024 * 1024;

const places = 4;

export class LargeBodies {
  #taken = 0;
  readonly #waiting: (() => void)[] = [];

  /** Resolves when there is a place; rejects with the signal's reason. Give it back by calling the result once. */
  async take(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.#taken === places) await this.#turn(signal);
    else this.#taken++;
    return () => this.#free();
  }

  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = () => {
        this.#waiting.splice(this.#waiting.indexOf(go), 1);
        reject(signal.reason);
      };
      const go = () => {
        signal.removeEventListener("abort", stop);
        resolve();
      };
      this.#waiting.push(go);
      signal.addEventListener("abort", stop, { once: true });
    });
  }

  /** The place goes to who waits longest. */
  #free(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#taken--;
    else next();
  }
}
