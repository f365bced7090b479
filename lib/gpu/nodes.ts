/**
 * Which GPUs the cluster has, read from the labels of its nodes (models-and-templates.md §4). Readiness,
 * taints and capacity of a node are not looked at.
 */
import { type Hardware, parseQuantity, type QuantityValue, wholeUnits } from "../api/mod.ts";
import { deviceIdsOf, modelOfDevice, usualVram } from "./devices.ts";
import { normaliseGpuModel, parseVram } from "./model_name.ts";

/** The labels of an object. */
export type Labels = Readonly<Record<string, string>>;

/** What is read of a node. */
export interface GpuNode {
  readonly metadata: { readonly labels?: Labels; readonly deletionTimestamp?: string };
}

/** The GPU models of a cluster with their memory in bytes; 0 where it is unknown. */
export type ClusterGpus = ReadonlyMap<string, bigint>;

const prefixes = ["amd.com/gpu.", "beta.amd.com/gpu."];

/** The label whose values a node affinity selects. */
export const deviceIdLabel = "amd.com/gpu.device-id";

/** The GPU models of one node: by its device ids, or else by its families. A mixed node has several. */
export function gpuModelsOf(labels: Labels): string[] {
  const ids = valuesAndCounted(labels, "device-id").filter((id) => !noId.test(id));
  if (ids.length > 0) return unique(ids.map(modelOfDevice));
  return unique(valuesAndCounted(labels, "family").map(normaliseGpuModel));
}

const noId = /^\s*(?:0x)?$/i;

/** The values of a label, and those that stand in its key with a count as value: `<label>.74a1=8`. */
function valuesAndCounted(labels: Labels, name: string): string[] {
  const found: string[] = [];
  for (const key of prefixes.map((prefix) => prefix + name)) {
    if (labels[key]?.trim()) found.push(labels[key]);
  }
  for (const key of prefixes.map((prefix) => `${prefix}${name}.`)) {
    for (const [label, count] of Object.entries(labels)) {
      if (label.startsWith(key) && label.length > key.length && count !== "" && count !== "0") {
        found.push(label.slice(key.length));
      }
    }
  }
  return found;
}

function unique(models: readonly string[]): string[] {
  return [...new Set(models)].filter((model) => model !== "").sort();
}

/** The GPU models of all nodes that are not being deleted, each with the most memory a node states for it. */
export function clusterGpus(nodes: Iterable<GpuNode>): ClusterGpus {
  const gpus = new Map<string, bigint>();
  for (const { metadata } of nodes) {
    if (metadata.deletionTimestamp !== undefined) continue;
    const labels = metadata.labels ?? {};
    const models = gpuModelsOf(labels);
    // One label cannot speak for several models of a mixed node.
    const stated = models.length === 1 ? statedVram(labels) : 0n;
    for (const model of models) {
      const vram = stated > 0n ? stated : usualVram(model);
      if (vram >= (gpus.get(model) ?? 0n)) gpus.set(model, vram);
    }
  }
  return gpus;
}

function statedVram(labels: Labels): bigint {
  for (const prefix of prefixes) {
    const vram = parseVram(labels[`${prefix}vram`] ?? "");
    if (vram > 0n) return vram;
  }
  return 0n;
}

/** Whether the hardware needs a GPU: some requested, or a model named. A `minVram` alone needs none. */
export function requiresGpu(hardware: Hardware | undefined): boolean {
  const gpu = hardware?.gpu;
  return gpu !== undefined && ((gpu.requests ?? 0) > 0 || !!gpu.model?.trim());
}

/** The models of the cluster with at least `minVram` of memory, ascending. */
export function modelsWithVram(gpus: ClusterGpus, minVram: QuantityValue): string[] {
  const least = wholeUnits(parseQuantity(minVram));
  return [...gpus].filter(([, vram]) => vram >= least).map(([model]) => model).sort();
}

/**
 * The device ids on which hardware can run, ascending: those of its model, or of every model of the cluster
 * with enough memory. Empty when no GPU is required, when any GPU will do, or when no id is known.
 */
export function deviceIdsFor(hardware: Hardware | undefined, gpus: ClusterGpus): string[] {
  if (!requiresGpu(hardware)) return [];
  const { model, minVram } = hardware!.gpu!;
  if (model?.trim()) return deviceIdsOf(normaliseGpuModel(model));
  if (minVram === undefined) return [];
  return unique(modelsWithVram(gpus, minVram).flatMap(deviceIdsOf));
}
