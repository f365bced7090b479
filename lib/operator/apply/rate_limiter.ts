/** How often something may be done again: the backoff of a key or child, and a bounded rate for many of them. */

import { backoffAfter } from "../../kube/backoff.ts";

/** Waiting between tries: 1 s, doubling, at most 5 min, ±20 % (conventions.md §2 "Better"). */
const bounds = { first: 1_000, longest: 300_000, jitter: 0.2 };

/** After how many milliseconds to requeue. @param failures in a row, from 1. @param random in [0, 1). */
export function requeueAfter(failures: number, random: number): number {
  return backoffAfter(failures, bounds, random);
}

/** A bounded rate: so many at once, then so many a second. */
export class RateLimiter {
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
  cancel(): void {
    this.#tokens++;
  }
}
