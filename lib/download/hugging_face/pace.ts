/** How fast the hub is asked, after it has said that it has too many requests. */

import { delay } from "../../kube/backoff.ts";

/** Milliseconds between two requests after a refusal. */
const slowest = 1000;

/** Turns for requests: at once, until {@link refused}; then a second apart, and a tenth less after each one. */
export class Pace {
  #interval = 0;
  #next = 0;

  /** Waits for a turn. */
  async turn(signal: AbortSignal): Promise<void> {
    if (this.#interval < 1) return;
    const at = Math.max(performance.now(), this.#next);
    this.#next = at + this.#interval;
    this.#interval *= 0.9;
    await delay(Math.max(0, at - performance.now()), signal);
  }

  /** The hub has said that this is too much. */
  refused(): void {
    this.#interval = slowest;
    this.#next = performance.now() + slowest;
  }
}
