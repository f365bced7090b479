/** The operator dies behind each of its writes, and another one takes its work over. */

import assert from "node:assert/strict";
import { History } from "./history.ts";
import { differencesFrom, endStateOf, isFine, leftovers, untruths } from "./invariants.ts";
import { everything } from "./users_objects.ts";

/** A service by image, from nothing, and one with a cache and a route of its own. */
const few = ["by-image", "dedicated"];
const absent = everything.filter(({ plural, name }) => plural === "aimservices" && !few.includes(name));

/** @param lastWrite the first operator is dead after so many writes; the answer to the last is lost */
async function lived(lastWrite: number) {
  using history = new History(1, absent);
  const [first] = history.cluster.operators;
  first.wire.lastWrite = lastWrite;
  await history.cluster.time.pass(120_000);
  const fine = isFine(history, absent);
  const wrong = [...untruths(history), ...leftovers(history), ...history.violations];
  return { fine, wrong, end: endStateOf(history), writes: first.wire.writes, history };
}

Deno.test("after a crash behind any of its writes another operator ends what was begun, as if nothing had been", async () => {
  const calm = await lived(Infinity);
  assert.deepEqual([calm.fine, calm.wrong], [true, []]);
  assert.ok(calm.writes > 40, `${calm.writes} writes`);
  for (let k = 1; k <= calm.writes; k++) {
    const { fine, wrong, history } = await lived(k);
    assert.deepEqual(
      [fine, wrong, differencesFrom(calm.end, history)],
      [true, [], []],
      `after a crash behind write ${k}`,
    );
  }
});
