/** Whether the cluster has the GPU that a template needs, and where (models-and-templates.md §4). */

import { type Hardware, type NodeAffinity, parseQuantity } from "../../lib/api/mod.ts";
import {
  type ClusterGpus,
  deviceIdLabel,
  deviceIdsFor,
  modelsWithVram,
  normaliseGpuModel,
  requiresGpu,
} from "../../lib/gpu/mod.ts";
import { type ComponentHealth, ready } from "../../lib/operator/status/health.ts";
import type { KnownReason } from "../../lib/operator/status/reasons.ts";

const about = { component: "GPU" } as const;

/** The row of the table that applies; undefined where no GPU is required. */
export function gpuHealth(hardware: Hardware | undefined, gpus: ClusterGpus): ComponentHealth | undefined {
  if (!requiresGpu(hardware)) return undefined;
  const { model, minVram } = hardware!.gpu!;
  if (
    minVram !== undefined && parseQuantity(minVram).nano > 0n && modelsWithVram(gpus, minVram).length === 0
  ) {
    return lacking("VRAMNotAvailable", `No GPU with at least ${minVram} of memory is in the cluster`, gpus);
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
 * The nodes that a pod of this hardware must run on, by device id, ascending. Where the stored set is the same
 * its order stays: another order would restart running pods.
 */
export function nodeAffinity(
  hardware: Hardware | undefined,
  gpus: ClusterGpus,
  stored: NodeAffinity | undefined,
): NodeAffinity | undefined {
  const ids = deviceIdsFor(hardware, gpus);
  if (ids.length === 0) return undefined;
  const before = stored?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  const values = before?.length === 1 ? before[0].matchExpressions?.[0]?.values : undefined;
  return {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [{
        matchExpressions: [{
          key: deviceIdLabel,
          operator: "In",
          values: values !== undefined && sameSet(values, ids) ? values : ids,
        }],
      }],
    },
  };
}

function sameSet(a: readonly string[], sorted: readonly string[]): boolean {
  return a.length === sorted.length && [...a].sort().every((value, at) => value === sorted[at]);
}
