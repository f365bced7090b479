import assert from "node:assert/strict";
import { parseQuantity, wholeUnits } from "../../lib/api/mod.ts";
import { persistentVolumeClaims } from "../../lib/cluster/kinds.ts";
import type { PersistentVolumeClaim } from "../../lib/operator/objects.ts";
import { cachesScenario, endState, filled } from "./scenarios/caches_scenario.ts";
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
  let grown = 0;
  await forSeeds(runs(20), 1, async (seed, turns) => {
    const world = new World(cachesScenario, seed, turns);
    await world.live(400, storm);
    await world.settle();
    for (let round = 0; round < 3; round++) {
      world.clock.advanceTo(world.clock.now() + twoHours);
      await world.settle();
    }
    assertReady(world);
    grown += growths(world);
    assertComplete(world);
    assertGenerations(world);
    assertSelfContained(world);
    assertSingleWriter(world);
    await assertFixpoint(world);
    await assertRestartChangesNothing(world);
  });
  assert.ok(grown > 0, "no claim ever grew");
});

/** How often a claim has asked for more; it never asks for less. */
function growths(world: World): number {
  const asks = (claim: unknown) =>
    wholeUnits(parseQuantity((claim as PersistentVolumeClaim).spec!.resources!.requests!.storage));
  const changes = world.server.history(persistentVolumeClaims.resource)
    .filter(({ type, before }) => type === "stored" && before !== undefined)
    .map(({ object, before }) => asks(object) - asks(before));
  assert.ok(changes.every((change) => change >= 0n), "a claim was made smaller");
  return changes.filter((change) => change > 0n).length;
}

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
