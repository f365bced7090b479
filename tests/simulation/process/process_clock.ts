import type { Clock } from "../../../lib/operator/core/clock.ts";
import type { ManualClock } from "../../../lib/operator/core/clock_fixture.ts";

/** One process's share of the clock: its timers die with it. */
export class ProcessClock implements Clock {
  #dead = false;

  constructor(private readonly clock: ManualClock) {}

  now(): number {
    return this.clock.now();
  }

  monotonic(): number {
    return this.clock.monotonic();
  }

  schedule(at: number, then: () => void): () => void {
    return this.clock.schedule(at, () => {
      if (!this.#dead) then();
    });
  }

  after(milliseconds: number, then: () => void): () => void {
    return this.clock.after(milliseconds, () => {
      if (!this.#dead) then();
    });
  }

  kill(): void {
    this.#dead = true;
  }
}
