import {
  assertComplete,
  assertFixpoint,
  assertRestartChangesNothing,
  assertSelfContained,
  assertSingleWriter,
} from "./settled_state.ts";
import { roughToy } from "./scenarios/toy_scenario.ts";
import { forSeeds, runs, storm, World } from "./world.ts";

Deno.test("whatever happens, the toy business ends as it should", async () => {
  await forSeeds(runs(60), 1, async (seed, turns) => {
    const world = new World(roughToy, seed, turns);
    await world.live(400, storm);
    await world.settle();
    assertComplete(world);
    assertSelfContained(world);
    assertSingleWriter(world);
    await assertFixpoint(world);
    await assertRestartChangesNothing(world);
  });
});
