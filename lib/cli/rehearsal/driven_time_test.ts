import assert from "node:assert/strict";
import { DrivenTime } from "./driven_time.ts";

const mostCalls = 1_000;
const driven = () => new DrivenTime(() => 0.5, 0, mostCalls);

Deno.test("as many calls in one moment as there may be are made", async () => {
  using time = driven();
  let left = mostCalls;
  const again = () => void (--left > 0 && setTimeout(again, 0));
  setTimeout(again, 0);
  await time.pass(1_000);
  assert.deepEqual([left, time.clock.now()], [0, 1_000]);
});

Deno.test("a call that asks for the next at once, without an end, ends the wait with an error", async () => {
  const ways = [
    (call: () => void) => call(),
    // So that each is due only after the wait has looked again.
    (call: () => void) => Promise.resolve().then(call),
  ];
  for (const way of ways) {
    using time = driven();
    let turns = 0;
    const forever = () => {
      turns++;
      setTimeout(() => way(forever), 0);
    };
    forever();
    await assert.rejects(time.pass(1_000), /no time passes: 1000 calls/);
    assert.equal(turns, mostCalls + 1);
  }
});

Deno.test("where time passes there may be any number of calls", async () => {
  using time = driven();
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  await time.pass(5 * mostCalls);
  assert.equal(turns, 5 * mostCalls);
  clearInterval(timer);

  // The clock is moved while nothing is due, and then something is at once.
  let calls = 0;
  for (let n = 0; n < 2 * mostCalls; n++) {
    time.clock.advance(1);
    time.clock.after(0, () => calls++);
    time.clock.advance(0);
  }
  assert.equal(calls, 2 * mostCalls);
});
