/**
 * Restored from a backup into another cluster: everything has another UID, owner references are gone or name UIDs that
 * are no more, statuses are lost (issue "Random histories"; a backup tool strips them so).
 */

import assert from "node:assert/strict";
import {
  artifacts,
  inferenceServices,
  models,
  persistentVolumeClaims,
  runtimeConfigs,
  services,
  templateCaches,
  templates,
} from "../../lib/cluster/kinds.ts";
import type { KubeObject, Live, Resource } from "../../lib/kube/object.ts";
import { DownloadsOracle } from "./scenarios/downloads_oracle.ts";
import { Downloads, namespace, type Step } from "./scenarios/downloads_scenario.ts";
import type { Turns } from "./turns.ts";
import { forSeeds, World } from "./world.ts";

/** The order in which a backup tool makes them again: volumes, then by name. */
const order = [
  persistentVolumeClaims,
  artifacts,
  models,
  runtimeConfigs,
  services,
  templates,
  templateCaches,
  inferenceServices,
].map(({ resource }) => resource);
/**
 * Caches before services: one that finds its Dedicated cache missing makes another, whose name says the new UID. An
 * operator that comes when all is there has no such trouble (docs/operations.md).
 */
const cachesFirst = order.toSorted((a, b) => rankOf(a) - rankOf(b));
function rankOf(resource: Resource): number {
  return [persistentVolumeClaims, artifacts, templateCaches].some((each) => each.resource === resource)
    ? 0
    : 1;
}
/** What is not of the operator keeps its status: the tests play it. */
const ofOthers: readonly Resource[] = [models.resource, templates.resource];

const twoHours = 2 * 3_600_000;

async function later(world: World): Promise<void> {
  for (let round = 0; round < 3; round++) {
    world.clock.advanceTo(world.clock.now() + twoHours);
    await world.settle();
  }
}

/** Objects as a backup has them, by kind. */
function backup({ server }: World, kinds = order): [Resource, Live<KubeObject>[]][] {
  return kinds.map((resource) => [resource, structuredClone(server.list(resource, namespace))]);
}

/** Another cluster: nothing of the former is there. */
function wipe({ server }: World): void {
  for (const { resource } of server.everything()) {
    if (!server.installed(resource)) continue;
    server.uninstall(resource);
    server.install(resource);
  }
}

function restore(
  world: World,
  downloads: Downloads,
  resource: Resource,
  object: Live<KubeObject>,
  owners: "stripped" | "stale" = "stripped",
): void {
  const { uid, resourceVersion: _, creationTimestamp: __, ...metadata } = object.metadata;
  if (world.server.get(resource, namespace, metadata.name) !== undefined) return;
  const ownerReferences = owners === "stale" ? metadata.ownerReferences : undefined;
  const body = { ...object, metadata: { ...metadata, ownerReferences, managedFields: [] } };
  const now = world.server.create(resource, body as unknown as KubeObject, "backup-tool");
  if (resource.plural === persistentVolumeClaims.resource.plural) {
    downloads.played.restored(uid, now.metadata.uid);
  }
  if (ofOthers.includes(resource)) {
    const { status } = object as { status?: object };
    world.server.patch(resource, namespace, metadata.name, { status }, {
      manager: "outside",
      subresource: "status",
    });
  }
}

const shared: readonly (readonly Step[])[] = [
  [["service", 0]],
  [["service", 0], ["cache", 2]],
  [["artifact", 0], ["service", 0]],
];
const dedicated: readonly (readonly Step[])[] = [
  [["service", 6]],
  [["service", 6], ["service", 4], ["cache", 8]],
];
const text = (steps: readonly Step[]) => steps.map((step) => step.join(" ")).join(", ");

/** A world in which these steps have come to their end. */
async function madeReady(steps: readonly Step[], seed: number, turns: Turns) {
  const downloads = new Downloads();
  const world = new World(downloads.scenario, seed, turns);
  world.lateLanding = false;
  for (const step of steps) downloads.play(world, step);
  await world.settle();
  await later(world);
  return { downloads, world };
}

/** The cluster is another one, with a new operator in it. */
async function moveAway(world: World, downloads: Downloads): Promise<DownloadsOracle> {
  world.process.kill();
  wipe(world);
  await world.restart();
  downloads.played.fetched.clear();
  return new DownloadsOracle(world, downloads.played);
}

const claimNames = ({ server }: World) =>
  server.list(persistentVolumeClaims.resource, namespace).map(({ metadata }) => metadata.name).sort();

function assertReady(world: World, oracle: DownloadsOracle): void {
  assert.deepEqual(oracle.untrue(), []);
  for (const { resource } of [artifacts, templateCaches]) {
    const all = world.server.list(resource, namespace);
    assert.ok(all.length > 0 || resource === templateCaches.resource);
    for (const object of all) {
      const { status } = object as { status?: { status?: string } };
      assert.equal(status?.status, "Ready", `${resource.kind} ${object.metadata.name}`);
    }
  }
}

for (const steps of [...shared, ...dedicated]) {
  for (const meanwhile of [false, true]) {
    const when = meanwhile ? "the operator runs meanwhile" : "the operator comes later";
    Deno.test(`volumes that a backup brings back are used, and nothing is downloaded again; ${when}: ${text(steps)}`, () =>
      forSeeds(meanwhile ? 8 : 2, 1, async (seed, turns) => {
        const { world, downloads } = await madeReady(steps, seed, turns);
        const saved = backup(world, meanwhile && dedicated.includes(steps) ? cachesFirst : order);
        const claims = claimNames(world);
        assert.ok(claims.length > 0);
        const oracle = await moveAway(world, downloads);
        for (const [resource, objects] of saved) {
          for (const object of objects) {
            restore(world, downloads, resource, object);
            if (meanwhile && world.random.chance(0.5)) {
              await world.arrive({ writes: world.process.writer.written.length + world.random.below(6) });
            }
          }
        }
        await world.settle();
        await later(world);
        assertReady(world, oracle);
        assert.deepEqual([...downloads.played.fetched], []);
        assert.deepEqual(claimNames(world), claims);
        for (const claim of world.server.list(persistentVolumeClaims.resource, namespace)) {
          const [owner] = claim.metadata.ownerReferences ?? [];
          assert.ok(owner, `${claim.metadata.name} would outlive its artifact`);
          assert.equal(
            world.server.get(artifacts.resource, namespace, owner.name)?.metadata.uid,
            owner.uid,
          );
        }
      }));
  }
  Deno.test(`owners that are no more: Kubernetes collects what they owned, and all is Ready again: ${text(steps)}`, () =>
    forSeeds(2, 1, async (seed, turns) => {
      const { world, downloads } = await madeReady(steps, seed, turns);
      const saved = backup(world);
      const oracle = await moveAway(world, downloads);
      for (const [resource, objects] of saved) {
        for (const object of objects) restore(world, downloads, resource, object, "stale");
      }
      await world.settle();
      await later(world);
      assertReady(world, oracle);
    }));
}
