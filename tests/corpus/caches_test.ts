/**
 * The recorded cases of template caches and artifacts (`c`, `a`): the same objects through our controllers, on
 * an API server in memory, to the fixpoint. What AIM Engine made and wrote must come out the same, or a line of
 * the spec must want the difference.
 */

import assert from "node:assert/strict";
import { artifactController } from "../../controllers/artifact/reconcile.ts";
import { templateCacheController } from "../../controllers/template_cache/reconcile.ts";
import type { AIMArtifact } from "../../lib/api/mod.ts";
import { jobs, persistentVolumeClaims, pods, watchedKinds } from "../../lib/cluster/kinds.ts";
import type { Job, Pod } from "../../lib/cluster/objects.ts";
import type { KubeObject, Live } from "../../lib/kube/object.ts";
import { Turns } from "../simulation/turns.ts";
import { type Scenario, World } from "../simulation/world.ts";
import { better } from "./caches_better.ts";
import { corpusFile, type RecordedCase, recordedCases } from "./cases.ts";
import { explains, type Found, type Wanted } from "./models_better.ts";
import { differences, normalForm } from "./normal_form.ts";
import { schemaDefaults } from "./schema_defaults.ts";

const defaults = await schemaDefaults();
const resources = new Map(watchedKinds.map(({ resource }) => [resource.kind, resource]));

interface Compared {
  readonly found: Found[];
  /** What of the case is beyond this slice, with the reason. */
  readonly beyond: string[];
}

Deno.test({
  name: "caches and artifacts come out as AIM Engine made them, or as a line of the spec wants",
  ignore: corpusFile === undefined,
  fn: async () => {
    const used = new Set<Wanted>();
    const unexplained: string[] = [];
    const beyond: string[] = [];
    let compared = 0;
    for (const recorded of await recordedCases("ca")) {
      const result = await compare(recorded);
      compared++;
      beyond.push(...result.beyond.map((reason) => `${recorded.id}: ${reason}`));
      for (const found of result.found) {
        const line = better.find((each) => explains(each, found));
        if (line === undefined) unexplained.push(tell(found));
        else used.add(line);
      }
    }
    console.log(`${compared} cases; beyond this slice:\n  ${beyond.join("\n  ")}`);
    assert.deepEqual(unexplained, []);
    assert.deepEqual(
      better.filter((line) => !used.has(line)).map(({ line }) => line),
      [],
      "explains nothing",
    );
  },
});
if (corpusFile === undefined) {
  console.log("the corpus is not there: its cases of caches and artifacts are not run");
}

function tell({ id, what, name, path, recorded, ours }: Found): string {
  return `${id} ${what} ${name} ${path}: recorded ${JSON.stringify(recorded)}, ours ${JSON.stringify(ours)}`;
}

async function compare(recorded: RecordedCase): Promise<Compared> {
  using turns = new Turns();
  const world = new World(scenarioOf(recorded), 1, turns);
  await world.settle();
  await assertAtRest(world, recorded.id);
  const all = world.server.everything().map(({ object }) => object);
  const unsized = new Set(
    all.filter((object) => object.kind === "AIMArtifact" && !isSized(object)).map(({ metadata }) =>
      metadata.name
    ),
  );
  const beyond = [...unsized].map((name) =>
    `size, volume, Job and status of artifact ${name}: sources are measured from the issue on weights on`
  );
  const found: Found[] = [];

  const theirs = madeBy(recorded.applied.map(({ object }) => structuredClone(object)));
  const given = new Set(recorded.given.map(({ object }) => `${object.kind} ${object.metadata!.name}`));
  const ours = madeBy(all.filter((object) => !given.has(keyOf(object)) && object.kind !== "Pod"));
  for (const key of new Set([...theirs.keys(), ...ours.keys()])) {
    const [kind, name] = key.split(" ");
    if (kind !== "AIMArtifact" && unsized.size > 0) continue;
    const parts = differences(normalForm(theirs.get(key)), normalForm(ours.get(key)));
    found.push(...parts.map((part) => ({ ...part, id: recorded.id, what: `applied ${kind}`, name })));
  }
  for (const { kind, name, status } of unsized.size > 0 ? [] : recorded.status) {
    const object = all.find((each) => each.kind === kind && each.metadata.name === name);
    const parts = differences(normalForm(status), normalForm((object as { status?: unknown })?.status));
    found.push(...parts.map((part) => ({ ...part, id: recorded.id, what: `status ${kind}`, name })));
  }
  return { found, beyond };
}

function isSized(object: KubeObject): boolean {
  const size = (object as AIMArtifact).spec?.size;
  return size !== undefined && String(size) !== "0";
}

function keyOf({ kind, metadata }: KubeObject): string {
  return `${kind} ${metadata!.name}`;
}

/** By kind and name, with what the schema fills in, and without what a server notes about an object. */
function madeBy(objects: readonly KubeObject[]): Map<string, KubeObject> {
  return new Map(objects.map((object) => {
    const { status: _, ...made } = object as KubeObject & { status?: unknown };
    const { name, namespace, labels, annotations, ownerReferences } = object.metadata!;
    const stored = { ...made, metadata: { name, namespace, labels, annotations, ownerReferences } };
    defaults(stored);
    return [keyOf(stored), stored];
  }));
}

/** At rest, and after a restart, nothing is written. */
async function assertAtRest(world: World, id: string): Promise<void> {
  const { version } = world.server;
  await world.restart();
  await world.settle();
  assert.equal(world.server.version, version, `${id}: a restart writes ${world.log.slice(-3).join("; ")}`);
}

/** The given objects with their UIDs, and a cluster without a storage class: claims and pods wait. */
function scenarioOf(recorded: RecordedCase): Scenario {
  const uids = uidsIn(recorded);
  return {
    program: { kinds: watchedKinds, controllers: [templateCacheController, artifactController], facts: [] },
    begin: ({ server }) => {
      server.admission = (_resource, object) => {
        defaults(object);
        const uid = uids.get(keyOf(object));
        if (uid !== undefined) object.metadata.uid = uid;
      };
      for (const { object, status } of recorded.given) {
        const resource = resources.get(object.kind!)!;
        const { namespace, name } = server.create(resource, object, "recording").metadata;
        if (status === undefined) continue;
        server.patch(resource, namespace, name, { status }, { manager: "recording", subresource: "status" });
      }
    },
    mutate: () => {},
    others: ({ server }) => {
      const started = server.list(jobs.resource, undefined).map((job) => start(server, job as Live<Job>));
      const claimed = server.list(persistentVolumeClaims.resource, undefined).map((claim) =>
        pend(server, claim)
      );
      return [...started, ...claimed].includes(true);
    },
    fact: () => undefined,
  };
}

/** Of given objects, and of made artifacts as their children name them: names of volumes and Jobs hash them. */
function uidsIn({ given, applied }: RecordedCase): Map<string, string> {
  const owners = applied.flatMap(({ object }) => object.metadata!.ownerReferences ?? []);
  return new Map([
    ...owners.map(({ kind, name, uid }) => [`${kind} ${name}`, uid] as const),
    ...given.map(({ object, uid }) => [keyOf(object), uid] as const),
  ]);
}

/** One pod for each Job, which finds no node. */
function start(server: World["server"], { metadata, spec }: Live<Job>): boolean {
  const name = `${metadata.name}-pod`;
  if (server.get(pods.resource, metadata.namespace, name) !== undefined) return false;
  const pod: Pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      namespace: metadata.namespace,
      labels: spec?.template?.metadata?.labels,
      ownerReferences: [{
        apiVersion: "batch/v1",
        kind: "Job",
        name: metadata.name,
        uid: metadata.uid,
        controller: true,
      }],
    },
  };
  server.create(pods.resource, pod, "job-controller");
  const unschedulable = {
    type: "PodScheduled",
    status: "False",
    reason: "Unschedulable",
    message: "unbound claims",
  };
  const status = { phase: "Pending", conditions: [unschedulable] };
  server.patch(pods.resource, metadata.namespace, name, { status }, {
    manager: "kubelet",
    subresource: "status",
  });
  return true;
}

function pend(server: World["server"], { metadata, ...claim }: Live<KubeObject>): boolean {
  if ((claim as { status?: { phase?: string } }).status?.phase !== undefined) return false;
  const status = { phase: "Pending" };
  const options = { manager: "binder", subresource: "status" } as const;
  server.patch(persistentVolumeClaims.resource, metadata.namespace, metadata.name, { status }, options);
  return true;
}
