/** Waiting between tries: 1 s, doubling, at most 5 min, ±20 % (conventions.md §2 "Better"). Milliseconds. */

const first = 1_000;
const longest = 300_000;

/** @param attempts failures so far, from 1. @param random in [0, 1). */
export function backoff(attempts: number, random: number): number {
  return Math.min(longest, first * 2 ** Math.min(attempts - 1, 20)) * (0.8 + 0.4 * random);
}

/** A bounded rate: so many at once, then so many a second. */
export class Budget {
  #tokens: number;
  #at = 0;

  constructor(private readonly burst: number, private readonly perSecond: number) {
    this.#tokens = burst;
  }

  /** Takes the next one; whoever comes later waits longer. Returns after how many milliseconds it is there. */
  reserve(now: number): number {
    this.#tokens = Math.min(this.burst, this.#tokens + (Math.max(0, now - this.#at) / 1000) * this.perSecond);
    this.#at = now;
    this.#tokens--;
    return this.#tokens >= 0 ? 0 : (-this.#tokens / this.perSecond) * 1000;
  }

  /** One that was taken is not needed. */
  giveBack(): void {
    this.#tokens++;
  }
}
