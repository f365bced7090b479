/** Properties 6 and 7: what arrives late, twice, out of order or not at all, and crashes, leave no trace. */

import assert from "node:assert/strict";
import type { KubeObject } from "../../lib/kube/object.ts";
import { Random } from "./random.ts";
import { everydayEdits, everydayToy } from "./scenarios/toy_scenario.ts";
import { forSeeds, runs, storm, type Weather, World } from "./world.ts";
import type { Turns } from "./turns.ts";

const edits = 12;
const rough: Weather = { ...storm, mutate: 0, crash: 0.8 };

/** The same edits on a calm day: each has had all its consequences before the next one. */
async function calmEnd(seed: number, turns: Turns): Promise<unknown> {
  const world = new World(everydayToy, seed, turns);
  const random = new Random(seed);
  for (let i = 0; i < edits; i++) {
    await world.settle();
    everydayEdits(world, random);
  }
  await world.settle();
  return endOf(world);
}

async function stormyEnd(seed: number, turns: Turns): Promise<unknown> {
  const world = new World(everydayToy, seed, turns);
  world.lateLanding = false;
  const random = new Random(seed);
  for (let i = 0; i < edits; i++) {
    await world.live(world.random.below(25), rough);
    everydayEdits(world, random);
  }
  await world.live(40, rough);
  await world.settle();
  return endOf(world);
}

/** What the server holds, without what only tells when and how often something was made. */
export function endOf(world: World): unknown {
  const names = new Map(
    world.server.everything().map(({ object }) => [object.metadata.uid, object.metadata.name]),
  );
  const said = world.server.everything().map(({ resource, object }) => {
    const { metadata: { name, namespace, labels, annotations, finalizers, ownerReferences }, ...rest } =
      object;
    const metadata = { name, namespace, labels, annotations, finalizers, ownerReferences };
    return [`${resource.plural}/${namespace ?? ""}/${name}`, { ...rest, metadata }] as const;
  });
  const times = /^(lastTransitionTime|failedAt)$/;
  const text = JSON.stringify(
    said.sort(([a], [b]) => a < b ? -1 : 1),
    (key, value) => times.test(key) ? undefined : key === "uid" ? names.get(value) ?? "gone" : value,
  );
  return JSON.parse(text) as [string, KubeObject][];
}

Deno.test("a stormy history ends as a calm one with the same edits (6, 7)", async () => {
  await forSeeds(runs(20), 1, async (seed, turns) => {
    assert.deepEqual(await stormyEnd(seed, turns), await calmEnd(seed, turns));
  });
});

/** The start of the business, stopped after so many writes (if at all), started again and finished. */
async function startedIn(
  writes: number,
  answered: boolean,
  turns: Turns,
): Promise<{ end: unknown; writes: number }> {
  const world = new World(everydayToy, 1, turns);
  await world.settle({ writes, answered });
  if (writes !== Infinity) await world.restart();
  await world.settle();
  const random = new Random(5);
  for (let i = 0; i < 6; i++) everydayEdits(world, random);
  await world.settle();
  return { end: endOf(world), writes: world.writes };
}

Deno.test("stopped after any number of writes and started again, it ends the same (7)", async () => {
  await forSeeds(1, 1, async (_, turns) => {
    const whole = await startedIn(Infinity, true, turns);
    assert.ok(whole.writes > 30, `only ${whole.writes} writes to stop after`);
    for (let writes = 0; writes <= whole.writes; writes++) {
      for (const answered of [true, false]) {
        const { end } = await startedIn(writes, answered, turns);
        assert.deepEqual(
          end,
          whole.end,
          `stopped after ${writes} writes, the last one answered: ${answered}`,
        );
      }
    }
  });
});
