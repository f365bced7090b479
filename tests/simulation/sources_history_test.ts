/** Model sources under everything that may happen: no model twice, none lost, nothing of a user's undone. */

import assert from "node:assert/strict";
import { imageUri } from "../../lib/images/filters/image_filter.ts";
import { label } from "../../lib/operator/naming/labels.ts";
import {
  editsOf,
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
import { forSeeds, runs, storm, World } from "./world.ts";

const weather = { ...storm, mutate: 8, execute: 35, answer: 35, fetch: 12, crash: 0.8 };

Deno.test("whatever happens to registries, sources and models: no model twice, none lost, users' edits stay", async () => {
  const seen = { models: 0, limited: 0, edited: 0 };
  await forSeeds(runs(60), 1, async (seed, turns) => {
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
    seen.models += modelsIn(world).length;
    seen.edited += editsOf(world).size;
  });
  assert.ok(seen.models > 100 && seen.limited > 3 && seen.edited > 5, JSON.stringify(seen));
});

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
 * has been carried out, and what has gone since is known at the next look only.
 */
function assertNoneLost(world: World, name: string): boolean {
  const source = sourcesIn(world).find(({ metadata }) => metadata.name === name)!;
  const { metadata: { uid, generation }, spec, status } = source;
  assert.equal(status?.observedGeneration, generation, `${name} is not looked at`);
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
