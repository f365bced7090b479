/** The operator dies, or hangs, behind each of its writes, and another one takes its work over. */

import assert from "node:assert/strict";
import { partOf } from "../../suite/parts.ts";
import { History } from "./history.ts";
import { differencesFrom, endStateOf, isFine, leftovers, untruths } from "./invariants.ts";
import type { Wire } from "./running_operator.ts";
import { everything } from "./users_objects.ts";

/** A service by image, from nothing, one with a cache and one with a route of its own: all that the operator makes. */
const few = ["by-image", "dedicated", "routed"];
/** No service of these needs them. */
const needless = ["by-hand", "by-hand-too", "bare", "warm", "alone"];
const absent = everything.filter(({ plural, name }) =>
  plural === "aimservices" ? !few.includes(name) : needless.includes(name)
);

/** @param befalls what happens to the first of so many operators */
async function lived(befalls: (wire: Wire) => void, operators = 1) {
  using history = new History(1, { absent });
  const [first] = history.cluster.operators;
  while (history.cluster.operators.length < operators) history.cluster.start();
  befalls(first.wire);
  await history.cluster.time.pass(180_000);
  const fine = isFine(history, absent);
  const wrong = [...untruths(history), ...leftovers(history), ...history.violations];
  return { fine, wrong, end: endStateOf(history), writes: first.wire.writes, late: first.wire.late, history };
}

Deno.test("after a crash behind any of its writes another operator ends what was begun, as if nothing had been", async () => {
  const calm = await lived(() => {});
  assert.deepEqual([calm.fine, calm.wrong], [true, []]);
  assert.ok(calm.writes > 40, `${calm.writes} writes`);
  const each = Array.from({ length: calm.writes }, (_, n) => n + 1);
  for (const k of partOf(import.meta.url, each)) {
    // The answer to the last write is lost.
    const { fine, wrong, history } = await lived((wire) => wire.lastWrite = k);
    assert.deepEqual(
      [fine, wrong, differencesFrom(calm.end, history)],
      [true, [], []],
      `after a crash behind write ${k}`,
    );
  }
});

Deno.test("an operator that hangs behind its writes while another one leads writes nothing more that counts once it goes on", async () => {
  const calm = await lived(() => {}, 2);
  assert.deepEqual([calm.fine, calm.wrong], [true, []]);
  assert.ok(calm.writes > 40, `${calm.writes} writes`);
  const everyThird = Array.from({ length: Math.ceil(calm.writes / 3) }, (_, n) => 3 * n + 1);
  for (const k of partOf(import.meta.url, everyThird)) {
    const { fine, wrong, history, late } = await lived((wire) => wire.hangsBehind = k, 2);
    assert.ok(late > 0, `nothing arrives after the take-over from one that hangs behind write ${k}`);
    assert.deepEqual(
      [fine, wrong, differencesFrom(calm.end, history)],
      [true, [], []],
      `after a stall behind write ${k}`,
    );
  }
});
