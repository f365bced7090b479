import assert from "node:assert/strict";
import { summarize } from "./status.ts";
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
