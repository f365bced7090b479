/** Model sources under everything that may happen: no model twice, none lost, nothing of a user's undone. */

import assert from "node:assert/strict";
import type { AIMClusterModelSource } from "../../lib/api/mod.ts";
import { modelSources } from "../../lib/cluster/kinds.ts";
import { imageUri } from "../../lib/images/filters/image_filter.ts";
import type { Live } from "../../lib/kube/object.ts";
import { label } from "../../lib/operator/naming/labels.ts";
import {
  editsOf,
  editSource,
  imagesOf,
  interval,
  modelsIn,
  sourceNames,
  sourcesIn,
  sourcesScenario,
  toldTo,
} from "./scenarios/sources_scenario.ts";
import {
  assertComplete,
  assertFixpoint,
  assertGenerations,
  assertRestartChangesNothing,
  assertSelfContained,
  assertSingleWriter,
} from "./settled_state.ts";
import type { Turns } from "./turns.ts";
import { forSeeds, runs, storm, World } from "./world.ts";

const weather = { ...storm, mutate: 8, execute: 35, answer: 35, fetch: 12, crash: 0.8 };

Deno.test("whatever happens to registries, sources and models: no model twice, none lost, users' edits stay", async () => {
  const seen = { models: 0, limited: 0, edited: 0 };
  await forSeeds(runs(30), 1, async (seed, turns) => {
    const world = new World(sourcesScenario, seed, turns);
    for (let round = 0; round < 40; round++) {
      await world.live(15, weather);
      assertEditsStay(world);
    }
    await world.settle();
    assertEditsStay(world);
    assertNoneTwice(world);
    for (const name of sourceNames) seen.limited += assertNoneLost(world, name) ? 1 : 0;
    assertComplete(world);
    assertGenerations(world);
    assertSelfContained(world);
    assertSingleWriter(world);
    await assertFixpoint(world);
    const asked = [...toldTo(world).values()].map(({ times }) => times);
    await assertRestartChangesNothing(world);
    assert.deepEqual(
      [...toldTo(world).values()].map(({ times }) => times),
      asked,
      "asked again before it was time",
    );
    world.clock.advanceTo(world.clock.now() + interval);
    await world.settle();
    assertNoneTwice(world);
    for (const name of sourceNames) {
      assert.equal(
        toldTo(world).get(sourceIn(world, name).metadata.uid)!.process,
        world.process,
        "not asked when it was due",
      );
      assertNoneLost(world, name);
    }
    seen.models += modelsIn(world).length;
    seen.edited += editsOf(world).size;
  });
  assert.ok(seen.models > 100 && seen.limited > 3 && seen.edited > 5, JSON.stringify(seen));
});

/** What makes a source look; `before` is what it knew until then. */
interface Sync {
  readonly before?: (world: World) => void;
  readonly begin: (world: World) => void;
}

const syncs: Readonly<Record<string, Sync>> = {
  "the first look": { begin: push },
  "a look when it is due": {
    before: () => {},
    begin: (world) => {
      push(world);
      world.clock.advanceTo(world.clock.now() + interval);
    },
  },
  "a filter that had failed": {
    before: (world) => world.memory.set("registry", "patchy"),
    begin: (world) => {
      push(world);
      world.memory.set("registry", "answers");
    },
  },
  "a higher limit": {
    before: (world) => {
      push(world);
      editSource(world, "one", (spec) => spec!.maxModels = 1);
    },
    begin: (world) => editSource(world, "one", (spec) => spec!.maxModels = 100),
  },
};

Deno.test("killed before and after any write of a sync: the next process makes the rest, none twice, and asks only where it must", async () => {
  for (const [sync, moment] of Object.entries(syncs)) {
    await forSeeds(1, 1, async (_, turns) => {
      const whole = await killedIn(moment, Infinity, true, turns);
      assert.ok(whole >= 4, `${sync}: only ${whole} writes to be killed after`);
      for (let writes = 0; writes <= whole; writes++) {
        for (const answered of [true, false]) {
          try {
            await killedIn(moment, writes, answered, turns);
          } catch (error) {
            const when = `${sync}, killed after ${writes} writes, the last one answered: ${answered}`;
            throw new Error(`${when}: ${(error as Error).message}`, { cause: error });
          }
        }
      }
    });
  }
});

/** A sync that brings several models, its process killed after so many writes (if at all); how many it took. */
async function killedIn(
  { before, begin }: Sync,
  writes: number,
  answered: boolean,
  turns: Turns,
): Promise<number> {
  const world = new World({ ...sourcesScenario, begin: beginAlone, heal: undefined }, 1, turns);
  world.lateLanding = false;
  if (before !== undefined) {
    before(world);
    for (let second = 0; second < 10; second++) {
      await world.arrive();
      world.clock.advanceTo(world.clock.now() + 1_000);
    }
  }
  begin(world);
  const { length: earlier } = world.process.writer.written;
  if (writes > 0) await world.settle({ writes: earlier + writes, answered });
  const { length: now } = world.process.writer.written;
  if (writes !== Infinity) await world.restart();
  const { listing, times } = toldTo(world).get(sourceIn(world, "one").metadata.uid) ?? {};
  const { metadata: { generation }, status } = sourceIn(world, "one");
  const isCarriedOut = status?.status === "Ready" &&
    Date.parse(status.lastSyncTime!) + interval > world.clock.now() &&
    status.observedGeneration === generation &&
    status.lastSyncTime === listing?.at && status.discoveredModels === modelsIn(world).length;
  await world.settle();
  assertNoneTwice(world);
  const images = modelsIn(world).map(({ spec }) => spec!.image).sort();
  assert.deepEqual(images, [...imagesOf(world)].sort());
  if (isCarriedOut) {
    assert.equal(toldTo(world).get(sourceIn(world, "one").metadata.uid)!.times, times, "asked once more");
  }
  return now - earlier;
}

function push(world: World): void {
  for (const tag of ["1.1.0", "2.0.0", "latest"]) imagesOf(world).add(`org/a:${tag}`);
}

function beginAlone(world: World): void {
  sourcesScenario.begin(world);
  world.server.delete(modelSources.resource, undefined, "two");
}

function sourceIn(world: World, name: string): Live<AIMClusterModelSource> {
  return sourcesIn(world).find(({ metadata }) => metadata.name === name)!;
}

function assertEditsStay(world: World): void {
  const there = new Map(modelsIn(world).map((model) => [model.metadata.name, model]));
  for (const [name, account] of editsOf(world)) {
    assert.equal(there.get(name)?.spec?.serviceAccountName, account, `${name} has lost the user's edit`);
  }
}

function assertNoneTwice(world: World): void {
  const images = modelsIn(world).map(({ spec }) => spec!.image);
  assert.equal(new Set(images).size, images.length, `an image has two models: ${images}`);
  for (const { metadata } of modelsIn(world)) {
    assert.equal(metadata.ownerReferences?.length, 1);
    assert.equal(metadata.ownerReferences![0].name, metadata.labels![label.modelSource]);
  }
}

/**
 * Each image that the source was told of last has a model; whether its limit was reached. What an earlier process was told
 * has been carried out, and what has gone since is known at the next look only. One that failed in a part has been asked again, by whichever process.
 */
function assertNoneLost(world: World, name: string): boolean {
  const { metadata: { uid, generation }, spec, status } = sourceIn(world, name);
  assert.equal(status?.observedGeneration, generation, `${name} is not looked at`);
  assert.equal(status?.status, "Ready", `${name} is not asked again`);
  const own = modelsIn(world).filter(({ metadata }) => metadata.labels?.[label.modelSource] === name);
  assert.equal(status?.discoveredModels, own.length, `${name} counts wrongly`);
  if (own.length >= spec!.maxModels!) return true;
  const told = toldTo(world).get(uid)!;
  if (told.process !== world.process) return false;
  const images = new Set(modelsIn(world).map((model) => model.spec!.image));
  for (const { registry, repository, references } of told.listing.found) {
    for (const each of references) {
      assert.ok(images.has(imageUri(registry, repository, each)), `${name} lacks ${repository}:${each}`);
    }
  }
  assert.equal(status?.modelsLimitReached, false);
  return false;
}
