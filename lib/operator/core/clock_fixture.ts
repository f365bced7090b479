import type { Clock } from "./clock.ts";

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly then: () => void;
}

/** For tests: a clock that moves only when told. Timers of one moment fire in the order in which they were set. */
export class ManualClock implements Clock {
  #now = Date.parse("2026-01-01T00:00:00Z");
  readonly #timers = new Set<Timer>();
  #orders = 0;

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now;
  }

  schedule(at: number, then: () => void): () => void {
    const timer = { at, order: this.#orders++, then };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  get timers(): number {
    return this.#timers.size;
  }

  /** When the next timer fires, or undefined. */
  next(): number | undefined {
    return this.#first()?.at;
  }

  /** Moves to `moment` and fires what falls due on the way. */
  advanceTo(moment: number): void {
    for (let timer = this.#first(); timer !== undefined && timer.at <= moment; timer = this.#first()) {
      this.#timers.delete(timer);
      this.#now = Math.max(this.#now, timer.at);
      timer.then();
    }
    this.#now = Math.max(this.#now, moment);
  }

  /** Moves on without firing anything: for work that takes time. */
  pass(milliseconds: number): void {
    this.#now += milliseconds;
  }

  #first(): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      if (
        first === undefined || timer.at < first.at || (timer.at === first.at && timer.order < first.order)
      ) {
        first = timer;
      }
    }
    return first;
  }
}
