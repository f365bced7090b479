/**
 * No source is downloaded twice into one storage class, whoever wants it and however they meet (issue "Single
 * flight"): caches of different environment, whose artifacts get different names (caching-and-artifacts.md §3.1).
 */

import assert from "node:assert/strict";
import type { AIMArtifact, AIMTemplateCache } from "../../lib/api/mod.ts";
import { artifacts, jobs, templateCaches, templates } from "../../lib/cluster/kinds.ts";
import type { KubeObject, Live } from "../../lib/kube/object.ts";
import { cachesScenario } from "./scenarios/caches_scenario.ts";
import { assertComplete, assertFixpoint, assertRestartChangesNothing } from "./settled_state.ts";
import type { Turns } from "./turns.ts";
import { forSeeds, runs, type Scenario, storm, World } from "./world.ts";

const namespace = "ml";
const apiVersion = "aim.eai.amd.com/v1alpha1";
const sourceUri = "hf://org/a";

function make(world: World, name: string, value: string, metadata: object = {}): void {
  if (world.server.get(templateCaches.resource, namespace, name) !== undefined) return;
  const spec = { templateName: "tpl", templateScope: "Namespace", env: [{ name: "X", value }] };
  world.say(`user makes cache ${name} with X=${value}`);
  world.server.create(
    templateCaches.resource,
    { apiVersion, kind: "AIMTemplateCache", metadata: { name, namespace, ...metadata }, spec } as KubeObject,
    "kubectl",
  );
}

/** UIDs of the download Jobs whose pods could run; more than one is a source that is downloaded twice. */
function downloads(world: World): Set<string> {
  const known = world.memory.get("downloads") as Set<string> | undefined;
  if (known === undefined) world.memory.set("downloads", new Set());
  return known ?? downloads(world);
}

const scenario: Scenario = {
  ...cachesScenario,
  begin: (world) => {
    const template = { apiVersion, kind: "AIMServiceTemplate", metadata: { name: "tpl", namespace } };
    world.server.create(
      templates.resource,
      { ...template, spec: { modelName: "m" } } as KubeObject,
      "kubectl",
    );
    const modelSources = [{ modelId: "org/a", sourceUri, size: "1Gi" }];
    world.server.patch(templates.resource, namespace, "tpl", { status: { status: "Ready", modelSources } }, {
      manager: "outside",
      subresource: "status",
    });
  },
  mutate: (world, random) => make(world, random.pick(["a", "b", "c", "d"]), random.pick(["1", "2", "3"])),
  others: (world) => {
    for (const { metadata } of world.server.list(jobs.resource, namespace)) {
      downloads(world).add(metadata.uid);
    }
    return cachesScenario.others(world);
  },
  heal: undefined,
};

/** One artifact is left, Ready, and every cache goes by it. */
function assertOne(world: World, what: string): void {
  const left = world.server.list(artifacts.resource, namespace) as Live<AIMArtifact>[];
  assert.deepEqual(left.map(({ status }) => status?.status), ["Ready"], what);
  const caches = world.server.list(templateCaches.resource, namespace) as Live<AIMTemplateCache>[];
  for (const { metadata, status } of caches) {
    assert.equal(status?.status, "Ready", `${what}: cache ${metadata.name}`);
    assert.deepEqual(Object.keys(status.artifacts ?? {}), [left[0].metadata.name], what);
  }
}

Deno.test("caches that come at random, over a slow and faulty API server: one download", async () => {
  await forSeeds(runs(40), 1, async (seed, turns) => {
    const world = new World(scenario, seed, turns);
    await world.live(200, { ...storm, crash: 0 });
    make(world, "a", "1");
    await world.settle();
    assertOne(world, "in the end");
    assert.equal(downloads(world).size, 1);
    assertComplete(world);
    await assertFixpoint(world);
    await assertRestartChangesNothing(world);
  });
});

/** An artifact that a cache has made: by AIM Engine, or by a request of a process that died, which landed late. */
function makeArtifact(world: World, name: string, status?: AIMArtifact["status"]): void {
  const labels = { "app.kubernetes.io/managed-by": "aim-template-cache-controller" };
  const object = { apiVersion, kind: "AIMArtifact", metadata: { name, namespace, labels } };
  world.server.create(
    artifacts.resource,
    { ...object, spec: { sourceUri, size: "1Gi" } } as KubeObject,
    "aim-template-cache-controller",
  );
  if (status === undefined) return;
  const options = { manager: "outside", subresource: "status" } as const;
  world.server.patch(artifacts.resource, namespace, name, { status }, options);
}

Deno.test("several artifacts of one source are there already: one downloads, the others go", async () => {
  const bytes = { status: "Progressing", progress: { percentage: 3, downloadedBytes: 1 } } as const;
  const rows: [string, (world: World) => void, string][] = [
    ["none has begun: the first by age, then name", (world) => {
      makeArtifact(world, "late");
      makeArtifact(world, "first");
    }, "first"],
    ["the younger has bytes", (world) => {
      makeArtifact(world, "first");
      makeArtifact(world, "second", bytes);
    }, "second"],
  ];
  await forSeeds(1, 1, async (_, turns) => {
    for (const [what, begin, left] of rows) {
      const world = new World({ ...scenario, begin: (it) => (scenario.begin(it), begin(it)) }, 1, turns);
      make(world, "a", "1");
      make(world, "b", "2");
      await world.settle();
      assertOne(world, what);
      assert.equal(downloads(world).size, 1, what);
      assert.ok(world.server.get(artifacts.resource, namespace, left) !== undefined, what);
      turns.forget();
    }
  });
});

async function meeting(turns: Turns, names: readonly string[], stop?: { writes: number; answered: boolean }) {
  const world = new World(scenario, 1, turns);
  names.forEach((name) => make(world, name, name));
  if (stop !== undefined) {
    await world.settle(stop);
    await world.restart();
  }
  await world.settle();
  return world;
}

Deno.test("caches that plan at the same moment, in either order, with a crash after any write: one download", () =>
  forSeeds(1, 1, async (_, turns) => {
    for (const names of [["a", "b"], ["b", "a"], ["c", "a", "b"]]) {
      const whole = await meeting(turns, names);
      assertOne(whole, names.join());
      assert.equal(downloads(whole).size, 1, names.join());
      turns.forget();
      for (let writes = 0; writes <= whole.writes; writes++) {
        for (const answered of [true, false]) {
          const world = await meeting(turns, names, { writes, answered });
          const what = `${names.join()}, a crash after ${writes} writes, ${answered ? "" : "un"}answered`;
          assertOne(world, what);
          assert.equal(downloads(world).size, 1, what);
          turns.forget();
        }
      }
    }
  }));
