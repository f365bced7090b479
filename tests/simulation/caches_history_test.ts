import assert from "node:assert/strict";
import { cachesScenario, endState, filled } from "./caches_scenario.ts";
import {
  assertComplete,
  assertFixpoint,
  assertGenerations,
  assertRestartChangesNothing,
  assertSelfContained,
  assertSingleWriter,
} from "./settled_state.ts";
import { forSeeds, runs, storm, World } from "./world.ts";

/** Longer than any wait for the next attempt at a download. */
const twoHours = 2 * 3_600_000;

Deno.test("whatever happens to caches, downloads and volumes, all is Ready in the end, and at rest", async () => {
  await forSeeds(runs(40), 1, async (seed, turns) => {
    const world = new World(cachesScenario, seed, turns);
    await world.live(400, storm);
    await world.settle();
    for (let round = 0; round < 3; round++) {
      world.clock.advanceTo(world.clock.now() + twoHours);
      await world.settle();
    }
    assertReady(world);
    assertComplete(world);
    assertGenerations(world);
    assertSelfContained(world);
    assertSingleWriter(world);
    await assertFixpoint(world);
    await assertRestartChangesNothing(world);
  });
});

/** Ready means downloaded: to this very volume, not to a former one of its name. */
function assertReady(world: World): void {
  const { caches, artifacts, claim } = endState(world);
  for (const { metadata, status } of artifacts) {
    assert.equal(status?.status, "Ready", `artifact ${metadata.name}: ${JSON.stringify(status?.conditions)}`);
    const uid = claim(status.persistentVolumeClaim!)?.metadata.uid;
    assert.ok(
      uid !== undefined && filled(world).has(uid),
      `artifact ${metadata.name} is Ready, its volume empty`,
    );
  }
  for (const { metadata, status } of caches) {
    const state = JSON.stringify(status?.conditions);
    const wanted = Object.keys(status?.artifacts ?? {}).length === 0
      ? ["Progressing", "NotAvailable"]
      : ["Ready"];
    assert.ok(wanted.includes(status?.status ?? ""), `cache ${metadata.name} is ${status?.status}: ${state}`);
  }
}
