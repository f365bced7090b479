/** The selection suite: `lib/selection/cases`, run as `kubectl aim test` runs it. */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { testsInWords } from "../commands/test.ts";
import { runTests } from "./run.ts";

const { results, faults } = await runTests(fileURLToPath(new URL("../../selection/cases", import.meta.url)));

Deno.test("the files of the suite can be read, and there are tests in them", () => {
  assert.deepEqual(faults, []);
  assert(results.length > 100, `${results.length} tests`);
});

for (const [file, tests] of Map.groupBy(results, ({ file }) => file.replace(/.*\//, ""))) {
  Deno.test(`the tests of ${file}`, async (t) => {
    for (const result of tests) {
      await t.step(result.name, () => {
        const lines = testsInWords({ results: [result], faults: [] });
        assert.deepEqual(result.differences, [], lines.join("\n"));
      });
    }
  });
}
