import assert from "node:assert/strict";
import { probesOf } from "./run.ts";

Deno.test("conventions.md §1.3: dead is who has work and no turn for more than 5 minutes; ready, whose caches have synced", () => {
  const operator = { runner: { stuckFor: 0 }, synced: false };
  const { alive, ready } = probesOf(operator);
  assert.equal(ready(), "the caches have not synced yet");
  operator.synced = true;
  assert.equal(ready(), undefined);
  operator.runner.stuckFor = 5 * 60_000;
  assert.equal(alive(), undefined);
  operator.runner.stuckFor = 5 * 60_000 + 1;
  assert.equal(alive(), "the work loop is stuck");
});
