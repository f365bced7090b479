/** Images that change under running services (models-and-templates.md §3.3 and §3.8, their Better lines). */

import assert from "node:assert/strict";
import type { AIMModel } from "../../lib/api/mod.ts";
import { models } from "../../lib/cluster/kinds.ts";
import type { Live } from "../../lib/kube/object.ts";
import { modelsOf, modelsScenario, recommendedBy, templatesOf, usesOf } from "./scenarios/models_scenario.ts";
import {
  assertComplete,
  assertFixpoint,
  assertGenerations,
  assertRestartChangesNothing,
  assertSelfContained,
  assertSingleWriter,
} from "./settled_state.ts";
import { labelsOf } from "./scenarios/simulated_registry.ts";
import { forSeeds, runs, storm, World } from "./world.ts";

/** Changes come in crowds, and between them the operator gets to work. */
const weather = { ...storm, mutate: 8, execute: 35, answer: 35, fetch: 12, crash: 0.8 };

Deno.test("whatever happens to images and registries, models end with what their image says", async () => {
  const seen = { used: 0, removed: 0 };
  await forSeeds(runs(30), 1, async (seed, turns) => {
    const world = new World(modelsScenario, seed, turns);
    world.lateLanding = false;
    for (let round = 0; round < 40; round++) {
      await world.live(15, weather);
      assertUsedAreThere(world);
    }
    await world.settle();
    assertUsedAreThere(world);
    for (const model of modelsOf(world)) assertAsItsImageSays(world, model);
    assertComplete(world);
    assertGenerations(world);
    assertSelfContained(world);
    assertSingleWriter(world);
    await assertFixpoint(world);
    await assertRestartChangesNothing(world);
    seen.used += usesOf(world).size;
    seen.removed += world.log.filter((line) => / delete AIM(Cluster)?ServiceTemplate /.test(line)).length;
  });
  assert.ok(seen.used > 5 && seen.removed > 5, JSON.stringify(seen));
});

/** What a service runs is never taken away from under it. */
function assertUsedAreThere(world: World): void {
  const there = new Set(templatesOf(world).map(({ metadata }) => metadata.uid));
  for (const [service, { name, uid }] of usesOf(world)) {
    assert.ok(there.has(uid), `${service} has lost ${name}`);
  }
}

function assertAsItsImageSays(world: World, model: Live<AIMModel>): void {
  const { metadata: { name, namespace, uid, generation }, spec, status } = model;
  assert.equal(status?.observedGeneration, generation, `${name} is not looked at`);
  assert.equal(status?.status, "Ready", `${name}: ${JSON.stringify(status?.conditions)}`);
  if (spec!.discovery?.extractMetadata === false || spec!.imageMetadata !== undefined) return;
  assert.deepEqual(status?.imageMetadata, labelsOf(spec!.image), `${name} has another image's metadata`);
  if (spec!.modelSources !== undefined) return;
  const used = new Set([...usesOf(world).values()].map(({ uid }) => uid));
  const own = templatesOf(world).filter(({ metadata }) =>
    metadata.namespace === namespace && metadata.ownerReferences?.[0].uid === uid
  );
  const wanted = recommendedBy(model);
  const has = (of: typeof own) => of.map(({ spec }) => `${spec?.metric} ${spec?.precision}`).sort();
  for (const each of wanted) assert.ok(has(own).includes(each), `${name} has no template ${each}`);
  const idle = has(own.filter(({ metadata }) => !used.has(metadata.uid)));
  for (const each of idle) assert.ok(wanted.includes(each), `${name} has ${each} without anybody using it`);
}

Deno.test("an upgrade step by step: read, stored, made, removed; what is in use stays until it is not", async () => {
  await forSeeds(1, 1, async (_seed, turns) => {
    const world = new World(modelsScenario, 1, turns);
    const edit = (change: (draft: Live<AIMModel>) => void) =>
      world.server.edit<AIMModel>(models.resource, "ml", "m", change, "kubectl");
    const now = () => world.server.get(models.resource, "ml", "m") as Live<AIMModel>;
    const own = () =>
      templatesOf(world).filter(({ spec }) => spec?.modelName === "m")
        .map(({ spec }) => `${spec?.metric} ${spec?.precision}`).sort();
    await world.settle();
    assert.deepEqual(own(), ["latency fp16"]);

    // The registry is away: nothing changes for whoever runs on the old image.
    const [old] = templatesOf(world).filter(({ spec }) => spec?.modelName === "m");
    const { name, uid } = old.metadata;
    const uses = (on: boolean) =>
      world.server.edit(
        watched("AIMService"),
        "ml",
        "s1",
        (it) => Object.assign(it, { status: on ? { resolvedTemplate: { name, scope: "Namespace" } } : {} }),
        "aim-service-controller",
      );
    uses(true);
    world.memory.set("registry", "lacks");
    edit(({ spec }) => spec!.image = "reg.test/a:2");
    await aMinute(world);
    assert.equal(now().status?.status, "Degraded");
    assert.match(JSON.stringify(now().status?.conditions), /ImageNotFound/);
    assert.deepEqual(now().status?.imageMetadata, labelsOf("reg.test/a:1"));
    assert.deepEqual(own(), ["latency fp16"]);

    // A new process, which knows no answer yet, does not take back what the status says.
    const { version } = world.server;
    await world.restart();
    await aMinute(world);
    assert.equal(world.server.version, version, world.log.slice(-3).join("; "));

    // It is back: the new templates come beside the one in use, which goes once it is not.
    await world.settle();
    assert.deepEqual(now().status?.imageMetadata, labelsOf("reg.test/a:2"));
    assert.deepEqual(own(), ["latency fp16", "latency fp8", "throughput fp8"]);
    assert.ok(templatesOf(world).some(({ metadata }) => metadata.uid === uid));
    assert.equal(now().status?.status, "Ready");
    uses(false);
    await world.settle();
    assert.deepEqual(own(), ["latency fp8", "throughput fp8"]);
  });
});

async function aMinute(world: World): Promise<void> {
  const end = world.clock.now() + 60_000;
  for (let next = world.clock.now(); next < end; next = world.clock.next() ?? end) {
    world.clock.advanceTo(next);
    await world.arrive();
  }
}

function watched(kind: string) {
  return modelsScenario.program.kinds.find(({ resource }) => resource.kind === kind)!.resource;
}
