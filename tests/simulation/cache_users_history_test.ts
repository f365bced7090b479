/** spec/README: what is Shared and not Ready goes with its last user, whoever made it; Ready ones stay. */

import assert from "node:assert/strict";
import {
  cacheUsersScenario,
  leftOver,
  population,
  wronglyDeleted,
} from "./scenarios/cache_users_scenario.ts";
import {
  assertComplete,
  assertFixpoint,
  assertRestartChangesNothing,
  assertSelfContained,
} from "./settled_state.ts";
import { forSeeds, runs, storm, World } from "./world.ts";

Deno.test("nothing unready and unused is left, and nothing that is used is deleted", async () => {
  let seen = 0;
  await forSeeds(runs(10), 1, async (seed, turns) => {
    const world = new World(cacheUsersScenario, seed, turns);
    for (let round = 0; round < 3; round++) {
      await world.live(250, storm);
      await world.settle();
      seen += population(world);
      assert.deepEqual(leftOver(world), []);
      assert.deepEqual(wronglyDeleted(world), []);
    }
    assertComplete(world);
    assertSelfContained(world);
    await assertFixpoint(world);
    await assertRestartChangesNothing(world);
  });
  assert.ok(seen > 0);
});
