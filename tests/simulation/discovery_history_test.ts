/** Discovery through random histories (models-and-templates.md §5.4 to §5.9): limit, fairness, results. */

import assert from "node:assert/strict";
import type { AIMModel, AIMServiceTemplate } from "../../lib/api/mod.ts";
import { clusterModels, clusterTemplates, jobs, templates } from "../../lib/cluster/kinds.ts";
import type { Live } from "../../lib/kube/object.ts";
import {
  activeJobs,
  allTemplates,
  discoveryScenario,
  foundFor,
  imageOf,
} from "./scenarios/discovery_scenario.ts";
import {
  assertComplete,
  assertFixpoint,
  assertGenerations,
  assertRestartChangesNothing,
  assertSelfContained,
  assertSingleWriter,
} from "./settled_state.ts";
import { forSeeds, runs, storm, World } from "./world.ts";

const weather = { ...storm, mutate: 3, execute: 35, answer: 35, fetch: 15, others: 25, deliver: 40 };

/** Longer than the longest backoff. */
const twoHours = 2 * 3_600_000;
/** Longer than a discovery Job may take. */
const twentyMinutes = 20 * 60_000;

function assertDiscovered(world: World, template: Live<AIMServiceTemplate>): void {
  const { metadata, spec, status } = template;
  const who = `${metadata.namespace ?? ""}/${metadata.name}`;
  assert.equal(status?.status, "Ready", `${who}: ${JSON.stringify(status?.conditions)}`);
  const found = spec!.modelSources?.[0].modelId ?? foundFor(imageOf(world, template), spec!.profileId);
  assert.equal(status!.modelSources?.[0].modelId, found, `${who} has a result of an earlier spec`);
}

/** What has been found out for a template stays until there is something newer (§5.4 Better). */
function assertNothingLost(world: World, found: Map<string, string>): void {
  for (const { metadata: { uid, name }, status } of allTemplates(world)) {
    const has = status?.modelSources?.length ? "sources" : undefined;
    // Whose sources once were in the spec begins anew when they are taken out.
    const exempt = world.memory.has(`inline ${uid}`);
    if (found.has(uid) && !exempt) assert.ok(has, `${name} has lost what ${found.get(uid)} found`);
    if (has) found.set(uid, status!.discoveryJob?.name ?? "its spec");
  }
}

Deno.test("whatever happens, all templates are discovered in the end, for the spec that they have", async () => {
  // How often the histories come to what is difficult; without that they would show nothing.
  const seen = { failed: 0, thrice: 0, late: 0, refused: 0, removed: 0, crashed: 0 };
  await forSeeds(runs(5), 1, async (seed, turns) => {
    const world = new World(discoveryScenario, seed, turns);
    if (seed % 3 === 0) world.memory.set("quota", "crowd");
    const found = new Map<string, string>();
    for (let round = 0; round < 60; round++) {
      // Hours in which nothing succeeds: attempts add up, and Jobs come to their deadline.
      const isBad = round >= 30 && round < 45;
      if (isBad) {
        discoveryScenario.begin(world);
        world.memory.set("discovery", seed % 2 === 0 ? "fail" : "hang");
        world.clock.advanceTo(world.clock.now() + twentyMinutes);
      }
      await world.live(isBad ? 150 : 50, isBad ? { ...weather, mutate: 0 } : weather);
      assertNothingLost(world, found);
      for (const { status } of allTemplates(world)) {
        const { attempts = 0, lastFailureReason = "" } = status?.discovery ?? {};
        if (attempts > 0) seen.failed++;
        if (attempts > 2) seen.thrice++;
        if (/Deadline/.test(lastFailureReason)) seen.late++;
        if (/cannot be made/.test(JSON.stringify(status?.conditions))) seen.refused++;
      }
    }
    seen.crashed += world.log.filter((line) => /crash/.test(line)).length;
    await world.settle();
    assertComplete(world);
    assertSelfContained(world);
    for (let round = 0; round < 3; round++) {
      world.clock.advanceTo(world.clock.now() + twoHours);
      await world.settle();
    }
    for (const template of allTemplates(world)) assertDiscovered(world, template);
    assert.deepEqual(activeJobs(world), []);
    assertComplete(world);
    assertGenerations(world);
    assertSelfContained(world);
    assertSingleWriter(world);
    await assertFixpoint(world);
    await assertRestartChangesNothing(world);
    seen.removed += world.log.filter((line) => / delete Job /.test(line)).length;
  });
  assert.ok(Object.values(seen).every((often) => often > 3), JSON.stringify(seen));
});

Deno.test("never more than ten Jobs, however much lags, dies and ends or is lost", async () => {
  let most = 0;
  await forSeeds(runs(5), 1, async (seed, turns) => {
    const world = new World(discoveryScenario, seed, turns);
    world.lateLanding = false;
    for (let step = 0; step < 1_200; step++) {
      // Some Jobs take their time, so that the places are taken.
      if (step % 100 === 0) world.memory.set("discovery", "hang");
      await world.step({ ...weather, mutate: 1, wait: 1 });
      most = Math.max(most, activeJobs(world).length);
      assert.ok(activeJobs(world).length <= 10, `${activeJobs(world).length} Jobs at step ${step}`);
    }
  });
  assert.equal(most, 10);
});

Deno.test("a namespace with one template does not wait for one with fourteen", async () => {
  await forSeeds(1, 1, async (_seed, turns) => {
    const world = new World(discoveryScenario, 1, turns);
    const { server } = world;
    world.memory.set("discovery", "hang");
    for (const { kind, metadata } of allTemplates(world)) {
      const { resource } = kind === "AIMServiceTemplate" ? templates : clusterTemplates;
      if (metadata.namespace !== "crowd") server.delete(resource, metadata.namespace, metadata.name);
    }
    await world.arrive();
    assert.equal(activeJobs(world).length, 10);
    const metadata = { name: "lone", namespace: "one" };
    const lone = { apiVersion: "aim.eai.amd.com/v1alpha1", kind: "AIMServiceTemplate", metadata };
    world.clock.advanceTo(world.clock.now() + 1_000);
    server.create(templates.resource, { ...lone, spec: { modelName: "m" } } as never, "kubectl");
    await world.arrive();
    assert.equal(activeJobs(world).length, 10);
    const [job] = activeJobs(world);
    server.delete(jobs.resource, job.metadata.namespace, job.metadata.name);
    await world.arrive();
    assert.equal(activeJobs(world).length, 10);
    assert.ok(activeJobs(world).some(({ metadata }) => metadata.namespace === "one"), "youngest, yet next");
  });
});

Deno.test("many that wait are not woken by each change of the others", async () => {
  await forSeeds(1, 1, async (_seed, turns) => {
    const world = new World(discoveryScenario, 1, turns);
    world.memory.set("discovery", "hang");
    for (let n = 0; n < 200; n++) {
      const metadata = { name: `w${String(n).padStart(3, "0")}`, namespace: "crowd" };
      const object = { apiVersion: "aim.eai.amd.com/v1alpha1", kind: "AIMServiceTemplate", metadata };
      world.server.create(templates.resource, { ...object, spec: { modelName: "m" } } as never, "kubectl");
    }
    await world.arrive();
    for (let minutes = 0; minutes < 5; minutes++) {
      world.clock.advanceTo(world.clock.now() + 60_000);
      await world.arrive();
    }
    const before = world.process.ran.length;
    const { resource } = templates;
    for (let n = 100; n < 150; n++) world.server.delete(resource, "crowd", `w${n}`);
    await world.arrive();
    const passes = world.process.ran.length - before;
    assert.ok(passes <= 100, `${passes} passes for fifty templates that went`);
  });
});

Deno.test("while another spec is found out, and fails, what was found for the earlier one serves", async () => {
  const seen = { anew: 0, failed: 0, crashed: 0 };
  await forSeeds(runs(4), 1, async (seed, turns) => {
    const world = new World(discoveryScenario, seed, turns);
    await world.settle();
    const found = new Map<string, string>();
    assertNothingLost(world, found);
    assert.equal(found.size, allTemplates(world).length, "all are discovered before the storm");
    for (let round = 0; round < 30; round++) {
      const fate = ["fail", "babble", "unpullable", "hang", "succeed"][(seed + round) % 5];
      world.memory.set("discovery", fate);
      // Few of them at a time, and in the end all.
      const { kind, metadata } = allTemplates(world)[(seed + 7 * round) % allTemplates(world).length];
      const { resource } = kind === "AIMServiceTemplate" ? templates : clusterTemplates;
      const profileId = `p${round}`;
      world.server.edit<AIMServiceTemplate>(resource, metadata.namespace, metadata.name, ({ spec }) => {
        spec!.profileId = profileId;
      }, "kubectl");
      if (round === 20) {
        world.server.edit<AIMModel>(clusterModels.resource, undefined, "m", ({ spec }) => {
          spec!.image = "reg.test/a:2";
        }, "kubectl");
      }
      await world.live(60, { ...weather, mutate: 0 });
      if (round % 3 === 2) world.clock.advanceTo(world.clock.now() + twentyMinutes / 4);
      assertNothingLost(world, found);
      for (const { metadata: { name }, status } of allTemplates(world)) {
        assert.equal(status!.status, "Ready", `${name}: ${JSON.stringify(status!.conditions)}`);
        if ((status!.discovery?.attempts ?? 0) > 0) seen.failed++;
      }
      seen.anew += activeJobs(world).length;
    }
    seen.crashed += world.log.filter((line) => /crash/.test(line)).length;
    await world.settle();
    for (let round = 0; round < 3; round++) {
      world.clock.advanceTo(world.clock.now() + twoHours);
      await world.settle();
    }
    for (const template of allTemplates(world)) assertDiscovered(world, template);
  });
  assert.ok(Object.values(seen).every((often) => often > 10), JSON.stringify(seen));
});
