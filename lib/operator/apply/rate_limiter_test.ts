import assert from "node:assert/strict";
import { RateLimiter, requeueAfter } from "./rate_limiter.ts";

const waits: [attempts: number, seconds: number][] = [
  [1, 1],
  [2, 2],
  [3, 4],
  [8, 128],
  [9, 256],
  [10, 300],
  [1_000_000, 300],
];

for (const [attempts, seconds] of waits) {
  Deno.test(`after ${attempts} failures the wait is ${seconds} s, give or take a fifth`, () => {
    assert.equal(requeueAfter(attempts, 0), seconds * 800);
    assert.equal(requeueAfter(attempts, 0.5), seconds * 1000);
    assert.ok(Math.abs(requeueAfter(attempts, 1) - seconds * 1200) < 1e-6);
  });
}

Deno.test("so many at once, then one after the other at the rate", () => {
  const limiter = new RateLimiter(3, 10);
  const waits = Array.from({ length: 6 }, () => Math.round(limiter.reserve(1_000_000)));
  assert.deepEqual(waits, [0, 0, 0, 100, 200, 300]);
});

Deno.test("unused time fills the limiter up to its burst, no further", () => {
  const limiter = new RateLimiter(2, 10);
  const now = 1_000_000;
  for (let i = 0; i < 4; i++) limiter.reserve(now);
  assert.equal(Math.round(limiter.reserve(now + 200)), 100);
  const later = now + 60_000;
  assert.deepEqual([1, 2, 3].map(() => Math.round(limiter.reserve(later))), [0, 0, 100]);
});

Deno.test("what is given back is there for the next", () => {
  const limiter = new RateLimiter(1, 10);
  limiter.reserve(1_000_000);
  limiter.reserve(1_000_000);
  limiter.cancel();
  assert.equal(Math.round(limiter.reserve(1_000_000)), 100);
});

Deno.test("a clock that goes back gives nothing and takes nothing", () => {
  const limiter = new RateLimiter(1, 10);
  limiter.reserve(1_000_000);
  assert.equal(Math.round(limiter.reserve(900_000)), 100);
});
