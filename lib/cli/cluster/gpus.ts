/** GPUs of the cluster by model: how many there are, how many are taken, and by how many pods they are waited for. */

import type { PodSpec } from "kubernetes-types/core/v1";
import { gpuModelsOf } from "../../gpu/mod.ts";
import { CachedKind } from "../../kube/cache/cached_kind.ts";
import type { KubeObject } from "../../kube/object.ts";
import type { ClusterCache } from "../../operator/core/cluster_cache.ts";
import { type Amounts, amountsOf, requestsOf } from "../../surroundings/scheduling/requests.ts";
import { hasEnded } from "../../surroundings/workloads/pods_of_template.ts";

interface Resources {
  readonly resources?: { readonly requests?: Readonly<Record<string, string>> };
  /** `Always`: an init container that stays. */
  readonly restartPolicy?: string;
}

interface GpuPod extends KubeObject {
  readonly spec?: {
    readonly nodeName?: string;
    readonly containers?: readonly Resources[];
    readonly initContainers?: readonly Resources[];
  };
  readonly status?: { readonly phase?: string };
}

interface GpuNode extends KubeObject {
  readonly spec?: { readonly unschedulable?: boolean };
  readonly status?: { readonly allocatable?: Readonly<Record<string, string>> };
}

const core = (kind: string, plural: string, namespaced: boolean) => ({
  group: "",
  version: "v1",
  kind,
  plural,
  namespaced,
});

/** Pods of anybody that ask for GPUs; of no other is anything held. */
export const gpuPods = new CachedKind<GpuPod, false>({
  resource: core("Pod", "pods", true),
  optional: false,
  annotations: false,
  keep: (pod) => gpusOf(pod) > 0,
  project: ({ spec, status }) => ({
    spec: {
      nodeName: spec?.nodeName,
      containers: spec?.containers?.map(requestsOnly),
      initContainers: spec?.initContainers?.map(requestsOnly),
    },
    status: { phase: status?.phase },
  }),
});

/** By the node that they are on; those on none under no name. One that has ended has given its GPUs back. */
const podsByNode = gpuPods.index("node", (pod) => hasEnded(pod) ? [] : [pod.spec?.nodeName ?? ""]);

/** Nodes with what of them can be given to pods. */
export const gpuNodes = new CachedKind<GpuNode, false>({
  resource: core("Node", "nodes", false),
  optional: false,
  annotations: false,
  project: ({ spec, status }) => ({
    spec: { unschedulable: spec?.unschedulable },
    status: { allocatable: gpusOnly(status?.allocatable) },
  }),
});
const allNodes = gpuNodes.index("all", () => [""]);

/** GPUs of one model. */
export interface GpuUse {
  /** Of a node with several models, or of one that does not say, all of them: `MI300X and MI325X`, `unknown`. */
  readonly model: string;
  readonly nodes: number;
  readonly total: number;
  /** Absent where pods of all namespaces may not be read. */
  readonly used?: number;
  /** On nodes that take pods. */
  readonly free?: number;
}

export interface Gpus {
  readonly models: readonly GpuUse[];
  /** Pods that ask for GPUs and are on no node; absent where they may not be read. */
  readonly waiting?: number;
}

/** Counts what was read with {@link gpuPods} and {@link gpuNodes}, by model name. */
export function gpusIn(cache: ClusterCache): Gpus {
  const pods = cache.store(gpuPods);
  const isSeen = pods.state !== "unreadable";
  const models = new Map<string, { nodes: number; total: number; used: number; free: number }>();
  for (const { metadata, spec, status } of cache.store(gpuNodes).list(allNodes, "")) {
    const total = gpusAmong(amountsOf(status?.allocatable));
    if (total === 0) continue;
    const used = pods.list(podsByNode, metadata.name).reduce((sum, pod) => sum + gpusOf(pod), 0);
    const model = gpuModelsOf(metadata.labels ?? {}).join(" and ") || "unknown";
    const sums = models.get(model) ?? { nodes: 0, total: 0, used: 0, free: 0 };
    sums.nodes++;
    sums.total += total;
    sums.used += used;
    if (!spec?.unschedulable) sums.free += Math.max(0, total - used);
    models.set(model, sums);
  }
  return {
    models: [...models].sort(([a], [b]) => a < b ? -1 : 1).map(([model, { nodes, total, used, free }]) => ({
      model,
      nodes,
      total,
      ...(isSeen && { used, free }),
    })),
    ...(isSeen && { waiting: pods.count(podsByNode, "") }),
  };
}

/** What a pod takes, as the scheduler counts it. */
function gpusOf({ spec }: GpuPod): number {
  return gpusAmong(requestsOf({ spec: spec as PodSpec | undefined }));
}

function gpusAmong(amounts: Amounts): number {
  return [...amounts].reduce((sum, [name, amount]) => isGpu(name) ? sum + amount : sum, 0);
}

/** Whole ones, and parts of one as nodes offer them: `amd.com/gpu`, `amd.com/cpx_nps4`. */
const isGpu = (name: string) => name.startsWith("amd.com/");

function gpusOnly(resources: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(resources).filter(([name]) => isGpu(name)));
}

function requestsOnly({ resources, restartPolicy }: Resources): Resources {
  return { resources: { requests: gpusOnly(resources?.requests) }, ...(restartPolicy && { restartPolicy }) };
}
