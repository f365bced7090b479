/** The level of what the operator logs, over random histories: `error` is for faults of ours, or of what we stand on. */

import assert from "node:assert/strict";
import { aimScenario, busyDay } from "./scenarios/aim_scenario.ts";
import { apiError } from "./process/simulated_api_server.ts";
import { forSeeds, runs, World } from "./world.ts";

/** No request fails, and nothing is restarted: whatever is wrong is the users' doing. */
const calm = { ...busyDay, faults: 0, crash: 0 };

Deno.test("missing references, wrong specs and refusals of users' objects are no errors of the operator", async () => {
  let [told, refused] = [0, 0];
  await forSeeds(runs(8), 1, async (seed, turns) => {
    const world = new World(aimScenario, seed, turns);
    world.server.admission = ({ kind }, object) => {
      // Those that KServe has not seen: its own writes are let through.
      if (kind !== "InferenceService" || "status" in object || !world.random.chance(0.5)) return;
      throw apiError("PATCH", 422, "Invalid", "no such runtime");
    };
    await world.live(2_000, calm);
    const { log } = world.process;
    assert.deepEqual(log.error, []);
    told += log.info.length;
    refused += log.info.filter((line) => line.includes("no such runtime")).length;
  });
  assert.ok(told > 50 && refused > 3, `${told} lines, ${refused} refusals`);
});

Deno.test("an API server that fails is an error, and says which object it was about", async () => {
  await forSeeds(1, 1, async (seed, turns) => {
    const world = new World(aimScenario, seed, turns);
    await world.live(1_000, { ...calm, faults: 30 });
    const { error } = world.process.log;
    assert.ok(error.length > 3, `${error.length} lines`);
    for (const line of error) assert.match(line, /^failed to .*"controller":.*"name":/);
  });
});
