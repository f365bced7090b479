/**
 * The recorded cases of models and templates (`m`, `t`): the same objects through our controllers, on an API
 * server in memory, to the fixpoint. What AIM Engine applied and wrote must come out the same, or a line of
 * the spec must want the difference.
 */

import { aimFacts } from "../simulation/aim_facts.ts";
import assert from "node:assert/strict";
import { kinds as apiKinds, validate } from "../../lib/api/mod.ts";
import { readDiscoveryLog } from "../../lib/images/mod.ts";
import { jobs, pods, watchedKinds } from "../../lib/cluster/kinds.ts";
import type { Job, Pod } from "../../lib/operator/objects.ts";
import { clusterModelController, modelController } from "../../controllers/model/reconcile.ts";
import { clusterTemplateController, templateController } from "../../controllers/template/reconcile.ts";
import { equalJson } from "../../lib/kube/json/equal.ts";
import type { KubeObject, Live, Resource } from "../../lib/kube/object.ts";
import { apiError } from "../simulation/process/simulated_api_server.ts";
import { Turns } from "../simulation/turns.ts";
import { type Scenario, World } from "../simulation/world.ts";
import { managerOf, type ReconciledKind } from "../../lib/operator/naming/labels.ts";
import { type RecordedCase, recordedCases } from "./cases.ts";
import { better } from "./models_better.ts";
import { differences, normalForm } from "./normal_form.ts";
import { ownedPart } from "./owned_part.ts";
import { schemaDefaults } from "./schema_defaults.ts";
import { explains, type Found, Uses } from "./wanted.ts";

const defaults = await schemaDefaults();
const resources = new Map(watchedKinds.map(({ resource }) => [resource.kind, resource]));

/** Whose work this slice is compared on. Caches and artifacts have their own cases. */
const managers = [
  "aim-model-controller",
  "aim-cluster-model-controller",
  "aim-service-template-controller",
  "aim-cluster-service-template-controller",
];
const statusKinds = ["AIMModel", "AIMClusterModel", "AIMServiceTemplate", "AIMClusterServiceTemplate"];

interface Compared {
  readonly found: Found[];
  /** What of the case is beyond this slice, with the reason. */
  readonly beyond: string[];
}

Deno.test("models and templates come out as AIM Engine made them, or as a line of the spec wants", async () => {
  const used = new Uses();
  const unexplained: Found[] = [];
  const beyond: string[] = [];
  for (const recorded of await recordedCases("mt")) {
    const compared = await compare(recorded);
    beyond.push(...compared.beyond.map((reason) => `${recorded.id}: ${reason}`));
    for (const found of compared.found) {
      const lines = better.filter((each) => explains(each, found));
      if (lines.length === 0) unexplained.push(found);
      for (const line of lines) used.add(line, recorded.id);
    }
  }
  console.log(`beyond this slice:\n  ${beyond.join("\n  ")}`);
  assert.deepEqual(unexplained.map(tell), []);
  assert.deepEqual(used.idle(better), [], "explains nothing");
});

function tell({ id, what, name, path, recorded, ours }: Found): string {
  return `${id} ${what} ${name} ${path}: recorded ${JSON.stringify(recorded)}, ours ${JSON.stringify(ours)}`;
}

async function compare(recorded: RecordedCase): Promise<Compared> {
  using turns = new Turns();
  const world = new World(scenarioOf(recorded), 1, turns);
  await world.settle();
  await assertAtRest(world, recorded.id);
  const found: Found[] = [];
  const beyond: string[] = [];
  const theirs = new Map(
    recorded.applied.filter(({ manager }) => managers.includes(manager)).map(({ manager, object }) => [
      `${manager} ${object.kind} ${subjectOf(object)}`,
      object,
    ]),
  );
  const all = world.server.everything();
  const ours = new Map<string, KubeObject>(all.flatMap(({ object }) =>
    managers.flatMap((manager) => {
      const part = object.kind === "Job" ? createdPart(object, manager) : ownedPart(object, manager);
      return part === undefined ? [] : [[`${manager} ${object.kind} ${subjectOf(object)}`, part] as const];
    })
  ));
  for (const key of new Set([...theirs.keys(), ...ours.keys()])) {
    const [, kind, name] = key.split(" ");
    const parts = differences(normalForm(theirs.get(key)), normalForm(ours.get(key)));
    found.push(
      ...parts.map((part) => ({ ...part, id: recorded.id, in: recorded, what: `applied ${kind}`, name })),
    );
  }
  for (const { kind, name, status } of recorded.status) {
    if (!statusKinds.includes(kind)) {
      beyond.push(`status of ${kind} ${name}: belongs to the cases of caches and artifacts`);
      continue;
    }
    const object = all.find(({ object }) => object.kind === kind && object.metadata.name === name)?.object;
    const parts = differences(normalForm(status), normalForm((object as { status?: unknown })?.status));
    found.push(
      ...parts.map((part) => ({ ...part, id: recorded.id, in: recorded, what: `status ${kind}`, name })),
    );
  }
  return { found, beyond };
}

/** A Job is told by its template: its name is a hash, also of what a Better line adds. */
function subjectOf({ kind, metadata }: KubeObject): string {
  return kind === "Job" ? metadata!.ownerReferences![0].name : metadata!.name!;
}

/** A Job is created and never touched again: all of it is its maker's, but for what the server notes on it. */
function createdPart(object: Live<KubeObject>, manager: string): KubeObject | undefined {
  const { apiVersion, kind, spec } = object as KubeObject & { spec: unknown };
  const { name, namespace, labels, ownerReferences } = object.metadata;
  if (managerOf(ownerReferences![0].kind as ReconciledKind) !== manager) return undefined;
  return { apiVersion, kind, metadata: { name, namespace, labels, ownerReferences }, spec } as KubeObject;
}

/** At rest, and after a restart, nothing is written. */
async function assertAtRest(world: World, id: string): Promise<void> {
  const { version } = world.server;
  await world.restart();
  await world.settle();
  assert.equal(world.server.version, version, `${id}: a restart writes ${world.log.slice(-3).join("; ")}`);
}

/** The given objects among the nodes of the recording, and nobody else at work. */
function scenarioOf({ given }: RecordedCase): Scenario {
  return {
    program: {
      kinds: watchedKinds,
      controllers: [modelController, clusterModelController, templateController, clusterTemplateController],
      facts: aimFacts,
    },
    begin: ({ server }) => {
      server.admission = (resource, object) =>
        admit(object, () => server.get(resource, object.metadata.namespace, object.metadata.name));
      for (const node of nodes) server.create(resources.get("Node")!, node, "recording");
      for (const { object, status } of given) {
        const resource = resources.get(object.kind!)!;
        server.create(resource, object, "recording");
        if (status !== undefined) setStatus(server, resource, object, status);
      }
    },
    mutate: () => {},
    others: ({ server }) =>
      server.list(jobs.resource, undefined).map((job) => succeed(server, job as Live<Job>)).includes(true),
    // Where the recording has no log, and its defect (weak 1), here the Job prints a profile.
    fact: () => readDiscoveryLog(printed),
  };
}

const printed = JSON.stringify([{
  profile: { metadata: { engine: "vllm" } },
  models: [{ name: "org/found", source: "hf://org/found", size_gb: 1 }],
}]);

/** The pod of a Job runs and succeeds at once, and the Job with it. */
function succeed(server: World["server"], { metadata, spec }: Live<Job>): boolean {
  const { name, namespace, uid } = metadata;
  if (server.get(pods.resource, namespace, `${name}-pod`) !== undefined) return false;
  const owner = { apiVersion: "batch/v1", kind: "Job", name, uid, controller: true };
  const pod: Pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: `${name}-pod`,
      namespace,
      labels: { ...spec?.template?.metadata?.labels, "job-name": name },
      ownerReferences: [owner],
    },
  };
  server.create(pods.resource, pod, "job-controller");
  setStatus(server, pods.resource, pod, { phase: "Succeeded" });
  const complete = { type: "Complete", status: "True", lastTransitionTime: metadata.creationTimestamp };
  setStatus(server, jobs.resource, { metadata }, { conditions: [complete] });
  return true;
}

function setStatus(
  server: World["server"],
  resource: Resource,
  { metadata }: KubeObject,
  status: unknown,
): void {
  const options = { manager: "recording", subresource: "status" } as const;
  server.patch(resource, metadata!.namespace, metadata!.name!, { status }, options);
}

/** What the real API server does to an object of ours before it stores it. */
function admit(object: Live<KubeObject>, before: () => Live<KubeObject> | undefined): void {
  defaults(object);
  const kind = apiKinds.find((each) => each.kind === object.kind);
  if (kind === undefined) return;
  const result = validate(kind, object as unknown as Parameters<typeof validate>[1]);
  if (!result.ok) throw apiError("PATCH", 422, "Invalid", result.issues.map(({ path }) => path).join());
  const [old, now] = [before(), object].map((each) =>
    (each as { spec?: Record<string, unknown> })?.spec ?? {}
  );
  for (
    const field of kind.kind.endsWith("ServiceTemplate")
      ? ["modelName", "metric", "precision", "hardware"]
      : []
  ) {
    if (old[field] !== undefined && now[field] !== undefined && !equalJson(old[field], now[field])) {
      throw apiError("PATCH", 422, "Invalid", `spec.${field} is immutable`);
    }
  }
}

const labelled = (id: string, vram: string) => ({ "amd.com/gpu.device-id": id, "amd.com/gpu.vram": vram });
const nodes: KubeObject[] = Object.entries<Record<string, string>>({
  plain: {},
  mi300x: labelled("74a1", "192G"),
  mi325x: labelled("74a5", "256G"),
  mi210: labelled("740f", "64G"),
}).map(([name, labels]) => ({ apiVersion: "v1", kind: "Node", metadata: { name, labels } }));
