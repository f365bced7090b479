import assert from "node:assert/strict";
import { summarize } from "./status.ts";
import type { ComponentHealth } from "./health.ts";
import { toldCode } from "./progress_conditions.ts";
import type { StatusWord } from "./status_words.ts";

const rows: [word: StatusWord, condition: string | undefined][] = [
  ["Failed", "Stalled"],
  ["NotAvailable", "Reconciling"],
  ["Degraded", "Reconciling"],
  ["Pending", "Reconciling"],
  ["Progressing", "Reconciling"],
  ["Ready", undefined],
];

for (const [state, wanted] of rows) {
  Deno.test(`${state}: ${wanted ?? "neither Reconciling nor Stalled"}, whatever was stored (spec/README)`, () => {
    for (const [before] of rows) {
      const components = (state: StatusWord) => [{ component: "X", state, message: "why" }];
      const previous = summarize({ components: components(before), reached: () => true });
      const { status, conditions } = summarize({
        components: components(state),
        previous,
        reached: () => true,
      });
      assert.equal(status, state);
      const told = conditions.filter(({ type }) => type === "Reconciling" || type === "Stalled");
      assert.deepEqual(told.map(({ type, status }) => `${type} ${status}`), wanted ? [`${wanted} True`] : []);
      const ready = conditions.at(-1)!;
      for (const { reason, message } of told) {
        assert.deepEqual([reason, message], [ready.reason, ready.message]);
      }
    }
  });
}

Deno.test("where a cause is known, its code is their reason", () => {
  const told = (health: Partial<ComponentHealth>) =>
    toldCode(summarize({ components: [{ component: "X", ...health }], reached: () => true }).conditions);
  assert.equal(told({ state: "Failed", reason: "FailedCreate", code: "AIM-0801" }), "AIM-0801");
  assert.equal(told({ state: "Pending", reason: "FailedScheduling", code: "AIM-0402" }), "AIM-0402");
  assert.equal(told({ state: "Pending", reason: "PodsPending" }), undefined);
  assert.equal(told({ state: "Ready" }), undefined);
  assert.equal(toldCode(undefined), undefined);
});
