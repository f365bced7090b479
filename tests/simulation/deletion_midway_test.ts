/**
 * Service, cache and artifact are deleted in every order while weights are measured and downloaded (issue "Single
 * flight": deletion in the middle leaves nothing half-owned; caching-and-artifacts.md §8, spec/README).
 */

import assert from "node:assert/strict";
import {
  artifacts,
  jobs,
  persistentVolumeClaims,
  pods,
  services,
  templateCaches,
} from "../../lib/cluster/kinds.ts";
import type { KubeObject, Resource } from "../../lib/kube/object.ts";
import { cacheUsersScenario, leftOver, wronglyDeleted } from "./scenarios/cache_users_scenario.ts";
import type { Turns } from "./turns.ts";
import { forSeeds, type Scenario, World } from "./world.ts";

const namespace = "ml";
const apiVersion = "aim.eai.amd.com/v1alpha1";

type Sort = "service" | "cache" | "artifact";
const kinds: Readonly<Record<Sort, Resource>> = {
  service: services.resource,
  cache: templateCaches.resource,
  artifact: artifacts.resource,
};
const orders: readonly (readonly Sort[])[] = [
  ["service"],
  ["cache"],
  ["artifact"],
  ["cache", "artifact"],
  ["artifact", "cache"],
  ["service", "cache", "artifact"],
  ["service", "artifact", "cache"],
  ["cache", "service", "artifact"],
  ["cache", "artifact", "service"],
  ["artifact", "service", "cache"],
  ["artifact", "cache", "service"],
];

/** After so many writes of the operator: nothing there, a cache, an artifact, a claim, a Job, a download that runs. */
const moments = [2, 8, 13, 18, 21, 24];

const byHand: readonly KubeObject[] = [
  {
    apiVersion,
    kind: "AIMArtifact",
    metadata: { name: "mine", namespace },
    spec: { sourceUri: "hf://org/mine", size: "1Gi" },
  } as KubeObject,
  {
    apiVersion,
    kind: "AIMTemplateCache",
    metadata: { name: "mine", namespace },
    spec: { templateName: "slow", templateScope: "Namespace", storageClassName: "mine" },
  } as KubeObject,
];

/** One service, what a user has made by hand, and downloads that never end, until the end. */
function begin(world: World, mode: "Shared" | "Dedicated"): void {
  cacheUsersScenario.begin(world);
  world.memory.set("fate", "hang");
  for (const object of byHand) {
    const { resource } = object.kind === "AIMArtifact" ? artifacts : templateCaches;
    world.server.create(resource, object, "kubectl");
  }
  const spec = { model: { name: "m" }, template: { name: "fast" }, caching: { mode } };
  const service = { apiVersion, kind: "AIMService", metadata: { name: "s", namespace }, spec };
  world.server.create(services.resource, service as KubeObject, "kubectl");
}

/** The user's own things are no part of what is deleted. */
const isMine = ({ metadata }: KubeObject) => metadata!.name === "mine" || !!metadata!.labels?.mine;

function made(world: World, sort: Sort): KubeObject[] {
  const all = world.server.list(kinds[sort], namespace);
  return all.filter((object) =>
    !isMine(object) && object.metadata.labels?.["aim.eai.amd.com/template-cache.name"] !== "mine"
  );
}

async function history(
  turns: Turns,
  mode: "Shared" | "Dedicated",
  order: readonly Sort[],
  { writes, between }: { readonly writes: number; readonly between: boolean },
): Promise<void> {
  const scenario: Scenario = { ...cacheUsersScenario, begin: (it) => begin(it, mode), heal: undefined };
  const world = new World(scenario, 1, turns);
  const what = `${mode}, ${order.join(", ")} after ${writes} writes, ${between ? "one by one" : "at once"}`;
  await world.arrive({ writes, answered: true });
  for (const sort of order) {
    for (const { metadata } of made(world, sort)) {
      world.server.delete(kinds[sort], namespace, metadata!.name!);
    }
    if (between) await world.arrive();
  }
  await world.settle();
  assertNothingHalfOwned(world, what);
  assert.deepEqual(leftOver(world).filter((each) => !each.endsWith(" mine")), [], what);
  assert.deepEqual(wronglyDeleted(world), [], what);
  if (order.includes("service")) {
    for (const sort of ["service", "cache", "artifact"] as const) {
      assert.deepEqual(made(world, sort).map(({ metadata }) => metadata!.name), [], `${what}: ${sort}`);
    }
  }
  world.memory.set("fate", "succeed");
  await world.settle();
  assertNothingHalfOwned(world, what);
  const words = [...Object.values(kinds).slice(1)].flatMap((resource) =>
    world.server.list(resource, namespace).map((each) =>
      (each as { status?: { status?: string } }).status?.status
    )
  );
  assert.ok(words.every((word) => word === "Ready"), `${what}: ${words}`);
  for (const object of byHand) {
    const { resource } = object.kind === "AIMArtifact" ? artifacts : templateCaches;
    assert.ok(
      world.server.get(resource, namespace, "mine") !== undefined,
      `${what}: ${object.kind} made by hand`,
    );
  }
  const caches = made(world, "cache").length;
  assert.equal(caches, order.includes("service") ? 0 : 1, `${what}: caches of the service`);
}

/** Everything that has an owner has one that is there, and is of that very UID; every volume has its artifact. */
function assertNothingHalfOwned({ server }: World, what: string): void {
  const all = [services, templateCaches, artifacts, persistentVolumeClaims, jobs, pods].flatMap((
    { resource },
  ) => server.list(resource, namespace));
  const uids = new Set(all.map(({ metadata }) => metadata.uid));
  for (const { kind, metadata } of all) {
    for (const owner of metadata.ownerReferences ?? []) {
      assert.ok(
        uids.has(owner.uid),
        `${what}: ${kind} ${metadata.name} of ${owner.kind} ${owner.name}, which is gone`,
      );
    }
    assert.equal(metadata.deletionTimestamp, undefined, `${what}: ${kind} ${metadata.name} goes for ever`);
  }
  const owned = [persistentVolumeClaims, jobs].flatMap(({ resource }) => server.list(resource, namespace));
  assert.ok(
    owned.every(({ metadata }) => (metadata.ownerReferences ?? []).length === 1),
    `${what}: an orphan`,
  );
}

for (const mode of ["Shared", "Dedicated"] as const) {
  Deno.test(`${mode}: service, cache and artifact are deleted in every order, at every moment of a download`, () =>
    forSeeds(1, 1, async (_, turns) => {
      for (const [n, order] of orders.entries()) {
        for (const [i, writes] of moments.entries()) {
          await history(turns, mode, order, { writes, between: (n + i) % 2 === 0 });
          turns.forget();
        }
      }
    }));
}
