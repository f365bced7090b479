/** A clock for a server whose clients are real, and whose long waits are not worth waiting for. */
import { type Clock, DrivenClock } from "../../lib/apiserver/clock.ts";

/** In milliseconds: what is due may come so much later. */
const step = 2;

/** Goes as the real one does, and can be set ahead: what is due until then happens at once, in its order. */
export class ClockAhead implements Clock, Disposable {
  readonly #driven = new DrivenClock(Date.now());
  readonly #timer = setInterval(() => this.pass(0), step);
  #ahead = 0;

  now(): number {
    return this.#driven.now();
  }

  after(milliseconds: number, call: () => void): () => void {
    return this.#driven.after(milliseconds, call);
  }

  /** Lets time pass that nobody waits for. */
  pass(milliseconds: number): void {
    this.#ahead += milliseconds;
    this.#driven.advance(Math.max(0, Date.now() + this.#ahead - this.#driven.now()));
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
