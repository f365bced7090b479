import assert from "node:assert/strict";
import { DrivenTime } from "../cli/rehearsal/driven_time.ts";
import { ApiError } from "./errors.ts";
import fc from "fast-check";
import { Backoff, deadline, delay, retryAfter } from "./backoff.ts";

Deno.test("pauses double from the first to the longest, drawn from half to one and a half", () => {
  const pauses = (random: number) => {
    const backoff = new Backoff({ first: 100, longest: 500 }, () => random);
    return [1, 2, 3, 4, 5].map(() => backoff.next());
  };
  assert.deepEqual(pauses(0.5), [100, 200, 400, 500, 500]);
  assert.deepEqual(pauses(0), [50, 100, 200, 250, 250]);
  assert.deepEqual(pauses(1), [150, 300, 600, 750, 750]);
});

Deno.test("a success starts it over, however long it failed", () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 2000 }), (failures) => {
    const backoff = new Backoff({ first: 10, longest: 1000 }, () => 0.5);
    for (let n = 0; n < failures; n++) assert.ok(backoff.next() <= 1000);
    backoff.reset();
    assert.equal(backoff.failures, 0);
    assert.equal(backoff.next(), 10);
  }));
});

Deno.test("a pause can be called off, before and during it", async () => {
  const stop = new AbortController();
  const pause = delay(60_000, stop.signal);
  stop.abort(new Error("enough"));
  await assert.rejects(pause, /enough/);
  await assert.rejects(delay(60_000, stop.signal), /enough/);
  await delay(0, new AbortController().signal);
});

Deno.test("a deadline aborts with TimeoutError, or with the reason of the signal that it follows", async () => {
  const late = deadline(1);
  await new Promise((resolve) => late.signal.addEventListener("abort", resolve));
  assert.equal(late.signal.reason.name, "TimeoutError");
  const stop = new AbortController();
  const followed = deadline(60_000, stop.signal);
  stop.abort("why");
  assert.equal(followed.signal.reason, "why");
  followed.done();
  const already = deadline(60_000, stop.signal);
  assert.equal(already.signal.reason, "why");
  already.done();
});

Deno.test("of deadlines that wait equally long each falls at its own time, in the order in which they began", async () => {
  const patience = 60;
  const fallen: [name: string, milliseconds: number][] = [];
  const begin = (name: string) => {
    const began = performance.now();
    const limit = deadline(patience);
    const falls = new Promise<void>((resolve) => {
      limit.signal.addEventListener("abort", () => {
        fallen.push([name, performance.now() - began]);
        resolve();
      });
    });
    return { ...limit, falls };
  };
  // The one that is due first ends before: the others keep their own time.
  const answered = begin("answered");
  await delay(patience / 2);
  const first = begin("first");
  const second = begin("second");
  answered.done();
  let third: ReturnType<typeof begin> | undefined;
  first.signal.addEventListener("abort", () => third = begin("third"));
  await second.falls;
  await third!.falls;
  assert.deepEqual(fallen.map(([name]) => name), ["first", "second", "third"]);
  // A timer may come a millisecond early.
  for (const [name, after] of fallen) assert.ok(after > patience - 2, `${name} fell after ${after} ms`);
});

Deno.test("deadlines that wait equally long share a timer, and none is left when all are done", () => {
  const timers = new Set<unknown>();
  let made = 0;
  const { setTimeout, clearTimeout } = globalThis;
  globalThis.setTimeout = ((then: () => void, milliseconds: number) => {
    const timer = setTimeout(then, milliseconds);
    made++;
    timers.add(timer);
    return timer;
  }) as typeof setTimeout;
  globalThis.clearTimeout = (timer) => {
    timers.delete(timer);
    clearTimeout(timer);
  };
  try {
    const limits = Array.from({ length: 100 }, () => deadline(60_000));
    assert.equal(made, 1);
    for (const { done } of limits) done();
    assert.equal(timers.size, 0);
    deadline(60_000).done();
    assert.equal(timers.size, 0);
  } finally {
    Object.assign(globalThis, { setTimeout, clearTimeout });
  }
});

Deno.test("what the server asks to wait is kept, and up to a half longer", () => {
  const busy = (retryAfterSeconds?: number) =>
    new ApiError({ status: 429, message: "busy", retryAfterSeconds, method: "GET", path: "/" });
  assert.equal(retryAfter(busy(2), () => 0), 2_000);
  assert.equal(retryAfter(busy(2), () => 1), 3_000);
  assert.equal(retryAfter(busy()), undefined);
  assert.equal(retryAfter(new Error("no answer")), undefined);
});

Deno.test("a deadline of a time that is over holds up none of another, and falls in none", async () => {
  const driven = () => new DrivenTime(() => 0.5, 0);
  let forgotten: ReturnType<typeof deadline>;
  {
    using time = driven();
    await time.pass(60_000);
    forgotten = deadline(1_000);
  }
  using time = driven();
  const limit = deadline(1_000);
  await time.pass(999);
  assert.equal(limit.signal.aborted, false);
  await time.pass(1);
  assert.equal(limit.signal.aborted, true);
  await time.pass(120_000);
  assert.equal(forgotten.signal.aborted, false);
  forgotten.done();
});
