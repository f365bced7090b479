/** The cluster of the recordings, in memory: its nodes, what the API server does to an object, who else works. */

import { aimFacts } from "../simulation/aim_facts.ts";
import { kinds as apiKinds, validate } from "../../lib/api/mod.ts";
import { jobs, persistentVolumeClaims, pods, watchedKinds } from "../../lib/cluster/kinds.ts";
import type { Job, Pod } from "../../lib/operator/objects.ts";
import type { KubeObject, Live } from "../../lib/kube/object.ts";
import type { AnyController } from "../../lib/operator/core/controller.ts";
import { apiError } from "../simulation/process/simulated_api_server.ts";
import type { Scenario, World } from "../simulation/world.ts";
import type { RecordedCase } from "./cases.ts";
import { recordedAnswer } from "./recorded_registry.ts";
import { schemaDefaults } from "./schema_defaults.ts";

const defaults = await schemaDefaults();
const resources = new Map(watchedKinds.map(({ resource }) => [resource.kind, resource]));
type Server = World["server"];

/** `Kind name`: a case has one namespace. */
export function keyOf({ kind, metadata }: KubeObject): string {
  return `${kind} ${metadata!.name}`;
}

/** By kind and name, with what the schema fills in, and without what a server notes about an object. */
export function madeBy(objects: readonly KubeObject[]): Map<string, KubeObject> {
  return new Map(objects.map((object) => {
    const { status: _, ...made } = object as KubeObject & { status?: unknown };
    const { name, namespace, labels, annotations, ownerReferences } = object.metadata!;
    const stored = structuredClone({
      ...made,
      metadata: { name, namespace, labels, annotations, ownerReferences },
    });
    defaults(stored);
    return [keyOf(stored), stored];
  }));
}

/** The given objects among the nodes of the recording; claims and the pods of Jobs wait for ever. */
export function scenarioOf(recorded: RecordedCase, controllers: readonly AnyController[]): Scenario {
  const uids = uidsIn(recorded);
  const chosen = new Set(
    recorded.status.map(({ status }) =>
      (status.cache as { templateCacheRef?: { name?: string } })?.templateCacheRef?.name
    ),
  );
  return {
    program: { kinds: watchedKinds, controllers, facts: aimFacts },
    begin: ({ server }) => {
      server.admission = (_resource, object) => {
        admit(object);
        const uid = uids.get(keyOf(object));
        if (uid !== undefined) object.metadata.uid = uid;
        // Which of several equal caches is taken is chance there, and the oldest here.
        if (object.kind === "AIMTemplateCache" && chosen.has(object.metadata.name)) {
          object.metadata.creationTimestamp = "2000-01-01T00:00:00Z";
        }
      };
      for (const node of nodes) server.create(resources.get("Node")!, node, "recording");
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
    fact: (_world, name, key) => recordedAnswer(name, key),
  };
}

/** What the real API server does to an object of ours before it stores it. */
function admit(object: Live<KubeObject>): void {
  defaults(object);
  const kind = apiKinds.find((each) => each.kind === object.kind);
  if (kind === undefined) return;
  const result = validate(kind, object as unknown as Parameters<typeof validate>[1]);
  if (!result.ok) throw apiError("PATCH", 422, "Invalid", result.issues.map(({ path }) => path).join());
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
function start(server: Server, { metadata, spec }: Live<Job>): boolean {
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

function pend(server: Server, { metadata, ...claim }: Live<KubeObject>): boolean {
  if ((claim as { status?: { phase?: string } }).status?.phase !== undefined) return false;
  const status = { phase: "Pending" };
  const options = { manager: "binder", subresource: "status" } as const;
  server.patch(persistentVolumeClaims.resource, metadata.namespace, metadata.name, { status }, options);
  return true;
}

const labelled = (id: string, vram: string) => ({ "amd.com/gpu.device-id": id, "amd.com/gpu.vram": vram });
const nodes: KubeObject[] = Object.entries<Record<string, string>>({
  plain: {},
  mi300x: labelled("74a1", "192G"),
  mi325x: labelled("74a5", "256G"),
  mi210: labelled("740f", "64G"),
}).map(([name, labels]) => ({ apiVersion: "v1", kind: "Node", metadata: { name, labels } }));
