/** Whether the cluster has the GPU that a template needs, and where (models-and-templates.md §4). */

import {
  bytesQuantity,
  formatQuantity,
  type Hardware,
  type NodeAffinity,
  parseQuantity,
} from "../../lib/api/mod.ts";
import {
  type ClusterGpus,
  type ClusterMarks,
  modelsWithVram,
  normaliseGpuModel,
  requiresGpu,
  selectorTerms,
} from "../../lib/gpu/mod.ts";
import { nodes } from "../../lib/cluster/kinds.ts";
import { gpusOf } from "../../lib/cluster/queries.ts";
import { outOfReach } from "../../lib/cluster/reach.ts";
import { equalJson } from "../../lib/kube/json/equal.ts";
import type { Reading } from "../../lib/operator/core/view.ts";
import { type ComponentHealth, ready } from "../../lib/operator/status/health.ts";
import type { KnownReason } from "../../lib/operator/errors/reasons.ts";

const about = { component: "GPU" } as const;

/** `GPUReady`; undefined where no GPU is required. Where nodes cannot be read it is unknown, and passes. */
export function gpuHealthOf(hardware: Hardware | undefined, view: Reading): ComponentHealth | undefined {
  if (!requiresGpu(hardware)) return undefined;
  const unread = outOfReach(view, nodes);
  return unread === undefined ? gpuHealth(hardware, gpusOf(view)) : unknownHealth(hardware!.gpu!, unread);
}

function unknownHealth({ model, minVram }: Gpu, unread: string): ComponentHealth {
  const gpu = model?.trim() ? `GPU ${normaliseGpuModel(model)}` : "a GPU";
  const memory = minVram === undefined ? "" : ` with ${minVram} of memory`;
  const message = `Whether the cluster has ${gpu}${memory} is not known, and it counts as there: ${unread}`;
  return ready(about, "GPUUnknown", message);
}

type Gpu = NonNullable<Hardware["gpu"]>;

/** The row of the table that applies; undefined where no GPU is required. */
export function gpuHealth(hardware: Hardware | undefined, gpus: ClusterGpus): ComponentHealth | undefined {
  if (!requiresGpu(hardware)) return undefined;
  const { model, minVram } = hardware!.gpu!;
  if (
    minVram !== undefined && parseQuantity(minVram).nano > 0n && modelsWithVram(gpus, minVram).length === 0
  ) {
    const message = `No node has a GPU with ${minVram} of memory${largestOf(gpus)}`;
    return { ...about, state: "NotAvailable", reason: "VRAMNotAvailable", message };
  }
  if (!model?.trim()) {
    return gpus.size > 0
      ? ready(about, "GPUAvailable", "The cluster has a GPU")
      : lacking("GPUNotAvailable", "No node shows a GPU in its labels", gpus);
  }
  const normal = normaliseGpuModel(model);
  return gpus.has(normal)
    ? ready(about, "GPUAvailable", `The cluster has ${normal}`)
    : lacking("GPUNotAvailable", `No node has GPU ${normal}`, gpus);
}

/** What there is at most, where anything is known. */
function largestOf(gpus: ClusterGpus): string {
  const [model, vram] = [...gpus].sort(([a, x], [b, y]) => x === y ? (a < b ? -1 : 1) : x > y ? -1 : 1)[0] ??
    [];
  if (model === undefined || vram === undefined) return "; no node shows a GPU in its labels";
  const size = vram === 0n ? "of unknown memory" : `with ${formatQuantity(bytesQuantity(vram))}`;
  return `; the largest is ${model} ${size}`;
}

function lacking(reason: KnownReason, what: string, gpus: ClusterGpus): ComponentHealth {
  const there = [...gpus.keys()].sort().join(", ");
  return {
    ...about,
    state: "NotAvailable",
    reason,
    message: there === "" ? what : `${what}; it has ${there}`,
  };
}

/**
 * The nodes that a pod of this hardware must run on. Where the stored affinity differs in the order of values only, it
 * stays: another order would restart running pods.
 */
export function nodeAffinity(
  hardware: Hardware | undefined,
  gpus: ClusterGpus,
  marks: ClusterMarks,
  stored: NodeAffinity | undefined,
): NodeAffinity | undefined {
  const nodeSelectorTerms = selectorTerms(hardware, gpus, marks);
  if (nodeSelectorTerms.length === 0) return undefined;
  const wanted = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } };
  return stored !== undefined && equalJson(inOrder(stored), wanted) ? stored : wanted;
}

/** With the values of each expression ascending. */
function inOrder({ requiredDuringSchedulingIgnoredDuringExecution: required, ...others }: NodeAffinity) {
  if (required === undefined) return others;
  const nodeSelectorTerms = required.nodeSelectorTerms.map(({ matchExpressions, ...fields }) => ({
    ...fields,
    ...(matchExpressions && {
      matchExpressions: matchExpressions.map((each) => ({
        ...each,
        ...(each.values && { values: each.values.toSorted() }),
      })),
    }),
  }));
  return { ...others, requiredDuringSchedulingIgnoredDuringExecution: { ...required, nodeSelectorTerms } };
}
