import assert from "node:assert/strict";
import { planSeeds, unforeseen } from "./plans.ts";

Deno.test("what kubectl aim plan foresees is what comes, byte for byte", async () => {
  for (let seed = 1; seed <= planSeeds; seed++) {
    assert.deepEqual(await unforeseen(seed), [], `seed ${seed}`);
  }
});
