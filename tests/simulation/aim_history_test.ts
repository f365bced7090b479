/** Properties 1, 2, 5, 7, 9 and 10 over the real controllers, and: what can serve, serves in the end. */

import assert from "node:assert/strict";
import { aimScenario, busyDay, notServing } from "./scenarios/aim_scenario.ts";
import {
  assertComplete,
  assertFixpoint,
  assertGenerations,
  assertRestartChangesNothing,
  assertSelfContained,
  assertSingleWriter,
} from "./settled_state.ts";
import { forSeeds, runs, World } from "./world.ts";

/** Longer than any wait for the next attempt at a download. */
const twoHours = 2 * 3_600_000;

Deno.test("whatever happens to the operator's cluster, all services serve in the end, and all is at rest", async () => {
  await forSeeds(runs(3), 1, async (seed, turns) => {
    const world = new World(aimScenario, seed, turns);
    await world.live(1_500, busyDay);
    await world.settle();
    assertComplete(world);
    assertSelfContained(world);
    for (let round = 0; round < 3; round++) {
      world.clock.advanceTo(world.clock.now() + twoHours);
      await world.settle();
    }
    assert.deepEqual(notServing(world), []);
    assertComplete(world);
    assertGenerations(world);
    assertSelfContained(world);
    assertSingleWriter(world);
    await assertFixpoint(world);
    await assertRestartChangesNothing(world);
  });
});
