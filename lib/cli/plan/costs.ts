/** What a change costs: pods that restart, bytes that are downloaded, GPUs. */

import { type AIMArtifact, displaySize, parseQuantity, wholeUnits } from "../../api/mod.ts";
import type { StoredObject } from "../../apiserver/store/store.ts";
import { equalJson } from "../../kube/json/equal.ts";
import { label } from "../../operator/naming/labels.ts";
import type { InferenceService, Node, Pod } from "../../operator/objects.ts";
import { matchesNode } from "../../surroundings/scheduling/node_selection.ts";
import { add, amountsOf, requestsOf } from "../../surroundings/scheduling/requests.ts";
import { hasEnded } from "../../surroundings/workloads/pods_of_template.ts";
import type { Objects } from "../rehearsal/rehearsal.ts";

export interface Costs {
  readonly restarts: readonly Restart[];
  readonly downloads: readonly Download[];
  readonly gpus: readonly GpuNeed[];
}

/** Pods of an endpoint that end. */
export interface Restart {
  readonly namespace: string;
  readonly endpoint: string;
  readonly pods: number;
  /** Whether others come in their place. */
  readonly replaced: boolean;
}

export interface Download {
  readonly namespace: string;
  readonly artifact: string;
  readonly source: string;
  /** Absent until somebody has measured it. */
  readonly bytes?: number;
}

/** What an endpoint asks for more than before, or less, of one resource. */
export interface GpuNeed {
  readonly namespace: string;
  readonly endpoint: string;
  readonly resource: string;
  readonly more: number;
  /** On the nodes that its pods may run on. */
  readonly free: number;
  readonly of: number;
}

const shelf = {
  endpoints: "inferenceservices.serving.kserve.io",
  artifacts: "aimartifacts.aim.eai.amd.com",
  jobs: "jobs.batch",
  pods: "pods",
  nodes: "nodes",
} as const;

export function costsOf(before: Objects, after: Objects): Costs {
  return {
    restarts: restartsOf(before, after),
    downloads: downloadsOf(before, after),
    gpus: gpusOf(before, after),
  };
}

function* of<T>(objects: Objects, shelf: string): Generator<[key: string, object: StoredObject & T]> {
  for (const [key, object] of objects) {
    if (key.startsWith(`${shelf} `)) yield [key, object as StoredObject & T];
  }
}

function restartsOf(before: Objects, after: Objects): Restart[] {
  const restarts: Restart[] = [];
  for (const [key, old] of of<InferenceService>(before, shelf.endpoints)) {
    const now = after.get(key) as (StoredObject & InferenceService) | undefined;
    const { namespace = "", name } = old.metadata;
    const lost = podsOf(before, old).filter((pod) => now !== undefined && !after.has(pod)).length;
    const rolls = now === undefined || !equalJson(podTemplateOf(old), podTemplateOf(now));
    const pods = rolls ? podsOf(before, old).length || replicasOf(old) : lost;
    if (pods > 0) restarts.push({ namespace, endpoint: name, pods, replaced: now !== undefined });
  }
  return restarts;
}

/** Keys of the pods of an endpoint. */
function podsOf(objects: Objects, { metadata: { namespace, name } }: StoredObject): string[] {
  return [...of<Pod>(objects, shelf.pods)]
    .filter(([, { metadata }]) =>
      metadata.namespace === namespace && metadata.labels?.[label.inferenceService] === name
    )
    .map(([key]) => key);
}

/** What KServe makes pods of; how many it makes is not in it. */
function podTemplateOf(
  { metadata: { labels, annotations }, spec }: StoredObject & InferenceService,
): unknown {
  const pods = Object.entries(spec?.predictor ?? {}).filter(([field]) => !scaling.has(field));
  return { labels, annotations, pods: Object.fromEntries(pods) };
}

const scaling = new Set(["minReplicas", "maxReplicas", "scaleTarget", "scaleMetric", "autoScaling"]);

function replicasOf({ spec }: InferenceService): number {
  return spec?.predictor?.minReplicas ?? 1;
}

/** Of artifacts that are new, and of those that get another download. */
function downloadsOf(before: Objects, after: Objects): Download[] {
  const begun = new Set<string>();
  for (const [key, { metadata: { uid, namespace, labels } }] of of(after, shelf.jobs)) {
    if (before.get(key)?.metadata.uid === uid || labels?.[label.component] !== "download") continue;
    begun.add(`${namespace}/${labels[label.cacheName]}`);
  }
  return [...of<AIMArtifact>(after, shelf.artifacts)].flatMap(([key, artifact]) => {
    const { namespace = "", name, uid } = artifact.metadata;
    const isNew = before.get(key)?.metadata.uid !== uid;
    if (!isNew && !begun.has(`${namespace}/${name}`)) return [];
    const bytes = sizeOf(artifact);
    return [{
      namespace,
      artifact: name,
      source: artifact.spec?.sourceUri ?? "",
      ...(bytes > 0 && { bytes }),
    }];
  });
}

function sizeOf({ spec, status }: AIMArtifact): number {
  return Number(wholeUnits(parseQuantity(spec?.size ?? 0))) || (status?.discoveredSizeBytes ?? 0);
}

/** All that is known of it, in words; `and more` where a size is not known. */
export function downloadInWords(downloads: readonly Download[]): string {
  const known = downloads.flatMap(({ bytes }) => bytes === undefined ? [] : [BigInt(bytes)]);
  const sum = displaySize(known.reduce((all, each) => all + each, 0n));
  if (known.length === 0) return "of a size that is not known yet";
  return known.length < downloads.length ? `${sum} and more` : sum;
}

function gpusOf(before: Objects, after: Objects): GpuNeed[] {
  const nodes = [...of<Node>(after, shelf.nodes)].map(([, node]) => node);
  const used = usedByNode(after);
  const needs: GpuNeed[] = [];
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    if (!key.startsWith(`${shelf.endpoints} `)) continue;
    const [old, now] = [before.get(key), after.get(key)] as (StoredObject & InferenceService | undefined)[];
    if (old === now) continue;
    const [had, has] = [asked(old), asked(now)];
    const spec = podSpecOf((now ?? old)!);
    for (const resource of new Set([...had.keys(), ...has.keys()])) {
      const more = (has.get(resource) ?? 0) - (had.get(resource) ?? 0);
      if (!isGpu(resource) || more === 0) continue;
      const fitting = nodes.filter((node) => matchesNode(spec as never, node as never));
      const sum = (amount: (node: StoredObject & Node) => number) =>
        fitting.reduce((all, node) => all + amount(node), 0);
      const { namespace = "", name } = (now ?? old)!.metadata;
      const all = sum((node) => amountIn(node, resource));
      needs.push({
        namespace,
        endpoint: name,
        resource,
        more,
        free: Math.max(0, all - sum((node) => used.get(node.metadata.name)?.get(resource) ?? 0)),
        of: all,
      });
    }
  }
  return needs;
}

function isGpu(resource: string): boolean {
  return resource.startsWith("amd.com/");
}

function amountIn({ status }: Node, resource: string): number {
  const { allocatable, capacity } = (status ?? {}) as Record<string, Record<string, string> | undefined>;
  return amountsOf(allocatable ?? capacity).get(resource) ?? 0;
}

function usedByNode(objects: Objects): Map<string, Map<string, number>> {
  const used = new Map<string, Map<string, number>>();
  for (const [, pod] of of<Pod>(objects, shelf.pods)) {
    const { nodeName } = pod.spec ?? {};
    if (nodeName === undefined || hasEnded(pod as never)) continue;
    const amounts = used.get(nodeName) ?? new Map<string, number>();
    used.set(nodeName, amounts);
    add(amounts, requestsOf(pod as never));
  }
  return used;
}

/** What all pods of an endpoint ask for together. */
function asked(endpoint: StoredObject & InferenceService | undefined): Map<string, number> {
  if (endpoint === undefined) return new Map();
  const replicas = replicasOf(endpoint);
  const amounts = requestsOf({ spec: podSpecOf(endpoint) as never });
  return new Map([...amounts].map(([resource, amount]) => [resource, amount * replicas]));
}

function podSpecOf({ spec }: InferenceService): { containers: unknown[]; affinity?: unknown } {
  const { containers = [], ...rest } = (spec?.predictor ?? {}) as {
    containers?: unknown[];
    affinity?: unknown;
  };
  return { ...rest, containers };
}
