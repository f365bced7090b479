/**
 * Remedies of a cache that cannot become Ready, carried out as a user would and seen to help (issue "What a service
 * says is true", §3): nobody touches cache or artifact.
 */

import assert from "node:assert/strict";
import type { AIMService, AIMTemplateCache } from "../../lib/api/mod.ts";
import {
  artifacts,
  persistentVolumeClaims,
  runtimeConfigs,
  services,
  storageClasses,
  templateCaches,
} from "../../lib/cluster/kinds.ts";
import type { Job, PersistentVolumeClaim } from "../../lib/operator/objects.ts";
import type { KubeObject, Live } from "../../lib/kube/object.ts";
import { cacheUsersScenario } from "./scenarios/cache_users_scenario.ts";
import type { Fate } from "./scenarios/caches_scenario.ts";
import { forSeeds, World } from "./world.ts";

const namespace = "ml";
const halfAnHour = 30 * 60_000;

const tokenOf = (job: Live<Job>) =>
  job.spec!.template!.spec!.containers[0].env?.find(({ name }) => name === "HF_TOKEN");

/** A gated source: the token must be right, written down or in the Secret as it is now. */
const gated = (world: World) => (job: Live<Job>): Fate => {
  const token = tokenOf(job);
  const right = token?.valueFrom === undefined
    ? token?.value === "right"
    : token.valueFrom.secretKeyRef?.name === "secret" && world.memory.get("secret") === "right";
  return right ? "succeed" : "denied";
};

function makeService(world: World, name: string, spec: object): void {
  const object = {
    apiVersion: "aim.eai.amd.com/v1alpha1",
    kind: "AIMService",
    metadata: { name, namespace },
    spec: { model: { name: "m" }, template: { name: "fast" }, ...spec },
  };
  world.server.create(services.resource, object as KubeObject, "kubectl");
}

function edit(world: World, name: string, change: (draft: Live<AIMService>) => void): void {
  world.server.edit<AIMService>(services.resource, namespace, name, change);
}

function cacheOf(world: World, name: string): string {
  const service = world.server.get(services.resource, namespace, name) as Live<AIMService>;
  const told = service.status?.conditions?.find(({ type }) => type === "CacheReady");
  return `${told?.status} ${told?.reason}`;
}

function readyOf(world: World, name: string): string {
  const service = world.server.get(services.resource, namespace, name) as Live<AIMService>;
  return service.status?.conditions?.find(({ type }) => type === "Ready")?.message ?? "";
}

async function later(world: World, milliseconds: number): Promise<void> {
  const end = world.clock.now() + milliseconds;
  while (world.clock.now() < end) {
    world.clock.advanceTo(Math.min(end, world.clock.next() ?? end));
    await world.arrive();
  }
}

const token = (value: string) => [{ name: "HF_TOKEN", value }];
const secret = (name: string) => [{ name: "HF_TOKEN", valueFrom: { secretKeyRef: { name, key: "token" } } }];

const gibi = 2 ** 30;

/** Class `small`, whose claims grow or do not; an API server refuses what a class does not allow. */
function makeClass(world: World, allowVolumeExpansion: boolean): void {
  const { resource } = storageClasses;
  if (
    world.server.edit(resource, undefined, "small", (draft) => Object.assign(draft, { allowVolumeExpansion }))
  ) {
    return;
  }
  const object = { apiVersion: "storage.k8s.io/v1", kind: "StorageClass", metadata: { name: "small" } };
  world.server.create(resource, { ...object, allowVolumeExpansion } as KubeObject, "kubectl");
}

/** Templates say 1Gi a source; each has four. */
function tooSmall(world: World, grows: boolean): void {
  world.memory.set("source bytes", 4 * gibi);
  makeClass(world, grows);
}

const refused =
  /artifact hf---org-[ab]-\w+: Download attempt \d+ failed at 20\S+Z; the next begins at 20\S+Z, or once the .* Secret .*org\/a/s;
const unbound =
  /artifact hf---org-[ab]-\w+: Persist\w+ \S+ is not bound: ProvisioningFailed: .* "nowhere" not found/;
const small =
  /artifact hf---org-[ab]-\w+: Download .*the next begins at 20\S+Z.* asks for 2Gi; the weights have 4 GiB and need 5Gi .*allowVolumeExpansion.* delete/s;

const onSmall = { env: token("right"), storage: { defaultStorageClassName: "small" } };

interface Row {
  readonly what: string;
  readonly spec: object;
  readonly trouble: string;
  /** What the service's own `Ready` says while it waits: which artifact, what is wrong, and what happens when. */
  readonly says: RegExp;
  readonly begin?: (world: World) => void;
  readonly remedy: (world: World) => void;
}

const rows: readonly Row[] = [
  {
    what: "a token is corrected in the service's env",
    spec: { env: token("wrong") },
    trouble: "False AuthError",
    says: refused,
    remedy: (world) => edit(world, "s", ({ spec }) => spec!.env = token("right")),
  },
  {
    what: "the content of the Secret is mended, and nothing else",
    spec: { env: secret("secret") },
    trouble: "False AuthError",
    says: refused,
    begin: (world) => world.memory.set("secret", "wrong"),
    remedy: (world) => world.memory.set("secret", "right"),
  },
  {
    what: "the env refers to the right Secret",
    spec: { env: secret("another") },
    trouble: "False AuthError",
    says: refused,
    begin: (world) => world.memory.set("secret", "right"),
    remedy: (world) => edit(world, "s", ({ spec }) => spec!.env = secret("secret")),
  },
  {
    what: "another service joins with the right token",
    spec: { env: token("wrong") },
    trouble: "False AuthError",
    says: refused,
    remedy: (world) => makeService(world, "joins", { env: token("right") }),
  },
  {
    what: "the service's storage class is corrected",
    spec: { env: token("right"), storage: { defaultStorageClassName: "nowhere" } },
    trouble: "False PVCNotBound",
    says: unbound,
    begin: (world) => world.memory.set("missing class", "nowhere"),
    remedy: (world) => edit(world, "s", ({ spec }) => spec!.storage = { defaultStorageClassName: "nfs" }),
  },
  {
    what: "the storage class is made",
    spec: { env: token("right"), storage: { defaultStorageClassName: "nowhere" } },
    trouble: "False PVCNotBound",
    says: unbound,
    begin: (world) => world.memory.set("missing class", "nowhere"),
    remedy: (world) => world.memory.delete("missing class"),
  },
  {
    what: "the class of a volume that is too small lets claims grow",
    spec: onSmall,
    trouble: "False StorageFull",
    says: small,
    begin: (world) => tooSmall(world, false),
    remedy: (world) => makeClass(world, true),
  },
  {
    what: "the service's headroom is raised, for a volume that its measured weights should fit",
    spec: onSmall,
    trouble: "False StorageFull",
    says:
      /asks for 2Gi, which is enough for weights of 1 GiB: .*raise spec\.storage\.pvcHeadroomPercent of the service/,
    begin: (world) => {
      makeClass(world, true);
      world.memory.set("disk bytes", 3 * gibi);
    },
    remedy: (world) =>
      edit(world, "s", ({ spec }) => spec!.storage = { ...onSmall.storage, pvcHeadroomPercent: 250 }),
  },
  {
    what: "claims that are too small are deleted",
    spec: onSmall,
    trouble: "False StorageFull",
    says: small,
    begin: (world) => tooSmall(world, false),
    remedy: ({ server }) => {
      for (const { metadata } of server.list(persistentVolumeClaims.resource, namespace)) {
        server.delete(persistentVolumeClaims.resource, namespace, metadata.name);
      }
    },
  },
  {
    what: "the runtime config says the token",
    spec: {},
    trouble: "False AuthError",
    says: refused,
    remedy: ({ server }) =>
      server.create(runtimeConfigs.resource, {
        apiVersion: "aim.eai.amd.com/v1alpha1",
        kind: "AIMRuntimeConfig",
        metadata: { name: "default", namespace },
        spec: { env: token("right") },
      } as KubeObject, "kubectl"),
  },
];

for (const { what, spec, trouble, says, begin, remedy } of rows) {
  Deno.test(`remedy: ${what}`, () =>
    forSeeds(1, 1, async (_, turns) => {
      const world = new World(cacheUsersScenario, 1, turns);
      world.memory.set("fate", gated(world));
      begin?.(world);
      makeService(world, "s", spec);
      await world.settle();
      assert.equal(cacheOf(world, "s"), trouble);
      const [cache] = world.server.list(templateCaches.resource, namespace);
      await later(world, halfAnHour);
      assert.equal(cacheOf(world, "s"), trouble, "nothing has changed");
      assert.match(readyOf(world, "s"), says);
      remedy(world);
      // A change is noticed at once, a Secret within half a minute; the next attempt by itself is an hour away.
      await later(world, 60_000);
      assert.equal(cacheOf(world, "s"), "True CacheReady");
      const [now, ...more] = world.server.list(templateCaches.resource, namespace) as Live<
        AIMTemplateCache
      >[];
      assert.equal(now.metadata.uid, cache.metadata.uid, "the same cache");
      assert.equal(more.length, 0);
      const left = world.server.list(artifacts.resource, namespace) as { status?: { status?: string } }[];
      assert.deepEqual(left.map(({ status }) => status?.status), ["Ready", "Ready"]);
    }));
}

Deno.test("a volume that is too small, of a class that lets claims grow: Ready without anybody's doing", () =>
  forSeeds(1, 1, async (_, turns) => {
    const world = new World(cacheUsersScenario, 1, turns);
    tooSmall(world, true);
    makeService(world, "s", onSmall);
    await world.settle();
    assert.equal(cacheOf(world, "s"), "True CacheReady");
    const claims = world.server.list(persistentVolumeClaims.resource, namespace) as Live<
      PersistentVolumeClaim
    >[];
    assert.deepEqual(claims.map(({ spec }) => spec?.resources?.requests?.storage), ["5Gi", "5Gi"]);
    assert.ok(claims.every(({ metadata }) => metadata.generation === 2), "one edit each");
  }));

Deno.test("a correction that does not help is an attempt like any other: it does not go round in circles", () =>
  forSeeds(1, 1, async (_, turns) => {
    const world = new World(cacheUsersScenario, 1, turns);
    world.memory.set("fate", "denied");
    makeService(world, "s", { env: token("wrong") });
    await world.settle();
    edit(world, "s", ({ spec }) => spec!.env = token("wrong, too"));
    makeService(world, "joins", { env: token("wrong as well") });
    const before = world.writes;
    await world.arrive();
    assert.ok(world.writes - before < 100, `${world.writes - before} writes`);
    await world.settle();
    assert.equal(cacheOf(world, "s"), "False AuthError");
    const [cache] = world.server.list(templateCaches.resource, namespace) as Live<AIMTemplateCache>[];
    assert.notDeepEqual(cache.spec!.env, token("wrong"), "the corrections were tried");
  }));
