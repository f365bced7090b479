import assert from "node:assert/strict";
import { DrivenTime } from "./driven_time.ts";

Deno.test("what is due at once again and again ends the wait with an error; what ends by itself does not", async () => {
  using time = new DrivenTime(() => 0.5, 0);
  let left = 10_000;
  const again = () => void (left-- > 0 && setTimeout(again, 0));
  again();
  await time.pass(1_000);
  assert.deepEqual([left, time.clock.now()], [-1, 1_000]);

  // Each asks for the next by a promise, so that the wait sees the one after the other; and without one.
  const slowly = () => void setTimeout(() => Promise.resolve().then(slowly), 0);
  slowly();
  await assert.rejects(time.pass(1_000), /time stands still/);
  const forever = () => void setTimeout(forever, 0);
  forever();
  await assert.rejects(time.pass(1_000), /time stands still/);
});

Deno.test("a loop that lets time pass between its turns is no standstill", async () => {
  using time = new DrivenTime(() => 0.5, 0);
  let turns = 0;
  setInterval(() => turns++, 1);
  await time.pass(200_000);
  assert.equal(turns, 200_000);
});
