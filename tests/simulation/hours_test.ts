/** Property 14 over the whole operator: what has come and gone leaves nothing behind, however long that went on. */

import assert from "node:assert/strict";
import { httpRoutes, inferenceServices } from "../../lib/cluster/kinds.ts";
import { refsOf } from "../../lib/operator/core/plan.ts";
import { aimScenario, busyDay } from "./scenarios/aim_scenario.ts";
import { forSeeds, runs, type Scenario, World } from "./world.ts";

/** Longer than the pause between two tries at anything. */
const hour = 3_600_000;

/** The operator in a cluster that is empty at first, and that nobody fills again at the end. */
const emptyCluster: Scenario = {
  ...aimScenario,
  begin: () => {},
  heal: ({ server }) => {
    for (const { resource } of [inferenceServices, httpRoutes]) server.install(resource);
  },
};

Deno.test("hours of changes leave nothing behind once everything is deleted", async () => {
  await forSeeds(runs(3), 700, async (seed, turns) => {
    const world = new World(emptyCluster, seed, turns);
    await world.settle();
    const before = sizesOf(world);
    aimScenario.begin(world);
    // A process that dies takes with it what it has kept.
    await world.live(3_000, { ...busyDay, crash: 0 });
    const busiest = sizesOf(world).runner;
    assert.ok(busiest.keys > 10 && busiest.reads > 100 && busiest.children > 5, JSON.stringify(busiest));
    await world.settle();
    const named = childrenNamed(world);
    const { children } = world.process.runner.sizes;
    assert.ok(children <= named, `${children} children are remembered, ${named} are named by a plan`);
    await deleteEverything(world);
    assert.deepEqual(sizesOf(world), before);
  });
});

/** Everything that is held for an object. Deletions are remembered on purpose, so many at most (store_test.ts). */
function sizesOf({ process: { runner, cache, fetches } }: World) {
  const stores = [...cache.stores()].map(({ kind, sizes: { objects, indexValues } }) => ({
    kind: kind.resource.kind,
    objects,
    indexValues,
  }));
  return { runner: runner.sizes, stores, fetches: fetches.length };
}

/** How many children the last plans of the keys name that are still there. */
function childrenNamed({ process: { passes, cache } }: World): number {
  let named = 0;
  for (const { controller, object: { metadata }, plan } of passes.values()) {
    const alive = cache.store(controller.kind).get(metadata.namespace, metadata.name) !== undefined;
    if (alive) named += refsOf(plan).length;
  }
  return named;
}

/** Users, KServe and kubelet delete what they can until nothing is left; the operator releases what it holds. */
async function deleteEverything(world: World): Promise<void> {
  const { server, clock } = world;
  for (let round = 0; server.everything().length > 0; round++) {
    assert.ok(
      round < 20,
      `still there: ${server.everything().map(({ object }) => nameOf(object)).join(", ")}`,
    );
    for (const { resource, object: { metadata } } of server.everything()) {
      // Collected with its owner meanwhile, or on its way already.
      const still = server.installed(resource) && server.get(resource, metadata.namespace, metadata.name);
      if (still && still.metadata.deletionTimestamp === undefined) {
        server.delete(resource, metadata.namespace, metadata.name);
      }
    }
    await world.arrive();
    // Time passes only where something is still waited for: no timer that falls due tidies up.
    if (server.everything().length > 0) clock.advanceTo(clock.now() + hour);
    await world.arrive();
  }
}

function nameOf(
  { kind, metadata }: { kind?: string; metadata: { name?: string; finalizers?: string[] } },
): string {
  return `${kind} ${metadata.name} ${metadata.finalizers ?? ""}`;
}
