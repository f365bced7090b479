import type { Clock } from "./clock.ts";

interface Timer {
  /** On the wall, or since the beginning. */
  readonly at: number;
  readonly onWall: boolean;
  readonly order: number;
  readonly then: () => void;
}

/**
 * For tests: a clock that moves only when told. Timers of one moment fire in the order in which they were set. Its moments
 * are those on the wall.
 */
export class ManualClock implements Clock {
  #monotonic = Date.parse("2026-01-01T00:00:00Z");
  /** By how much the clock on the wall was set. */
  #set = 0;
  readonly #timers = new Set<Timer>();
  #orders = 0;

  now(): number {
    return this.#monotonic + this.#set;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  schedule(at: number, then: () => void): () => void {
    return this.#add({ at, onWall: true, order: this.#orders++, then });
  }

  after(milliseconds: number, then: () => void): () => void {
    return this.#add({ at: this.#monotonic + milliseconds, onWall: false, order: this.#orders++, then });
  }

  /** Sets the clock on the wall, by so many milliseconds; no time passes. */
  set(milliseconds: number): void {
    this.#set += milliseconds;
  }

  #add(timer: Timer): () => void {
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  #dueAt({ at, onWall }: Timer): number {
    return onWall ? at : at + this.#set;
  }

  get timers(): number {
    return this.#timers.size;
  }

  /** When the next timer fires, or undefined. */
  next(): number | undefined {
    const first = this.#first();
    return first && this.#dueAt(first);
  }

  /** Moves to `moment` and fires what falls due on the way. */
  advanceTo(moment: number): void {
    for (
      let timer = this.#first();
      timer !== undefined && this.#dueAt(timer) <= moment;
      timer = this.#first()
    ) {
      this.#timers.delete(timer);
      this.pass(Math.max(0, this.#dueAt(timer) - this.now()));
      timer.then();
    }
    this.pass(Math.max(0, moment - this.now()));
  }

  /** Moves on without firing anything: for work that takes time. */
  pass(milliseconds: number): void {
    this.#monotonic += milliseconds;
  }

  #first(): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      if (
        first === undefined || this.#dueAt(timer) < this.#dueAt(first) ||
        (this.#dueAt(timer) === this.#dueAt(first) && timer.order < first.order)
      ) {
        first = timer;
      }
    }
    return first;
  }
}
