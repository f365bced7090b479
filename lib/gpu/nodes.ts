/**
 * Which GPUs the cluster has, read from the labels of its nodes (models-and-templates.md §4). Readiness,
 * taints and capacity of a node are not looked at. A GPU counts by a label that the affinity of `affinity.ts` selects,
 * and by no other (spec/README).
 */
import { type Hardware, parseQuantity, type QuantityValue, wholeUnits } from "../api/mod.ts";
import { usualVram } from "./devices.ts";
import { parseVram } from "./model_name.ts";
import {
  byForm,
  deviceMarks,
  familyMarks,
  type GpuMark,
  gpuMarksOf,
  type Labels,
  textOf,
} from "./node_labels.ts";

/** What is read of a node. */
export interface GpuNode {
  readonly metadata: { readonly labels?: Labels; readonly deletionTimestamp?: string };
}

/** The GPU models of a cluster with their memory in bytes; 0 where it is unknown. */
export type ClusterGpus = ReadonlyMap<string, bigint>;

/**
 * By which labels the nodes of a model are selected, for each model of the cluster: of each node the newest form that it
 * carries for the model.
 */
export type ClusterMarks = ReadonlyMap<string, readonly GpuMark[]>;

/** Those of the nodes that are not being deleted. */
export function clusterMarks(nodes: Iterable<GpuNode>): ClusterMarks {
  const found = new Map<string, Map<string, GpuMark>>();
  for (const { marks } of markedNodes(nodes)) {
    const first = new Map(marks.toSorted(byForm).reverse().map((mark) => [mark.model, mark]));
    for (const mark of first.values()) {
      const known = found.get(mark.model) ?? new Map<string, GpuMark>();
      found.set(mark.model, known.set(textOf(mark), mark));
    }
  }
  return new Map([...found].map(([model, marks]) => [model, [...marks.values()].sort(byForm)]));
}

/** The nodes that stay, each with the marks that count. */
function markedNodes(nodes: Iterable<GpuNode>) {
  const staying = [...nodes].filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .map(({ metadata }) => metadata.labels ?? {});
  const vague = vagueFamilies(staying);
  return staying.map((labels) => ({
    labels,
    marks: gpuMarksOf(labels).filter((mark) => !vague.has(textOf(mark))),
  }));
}

/**
 * Families that nodes of another model carry as well, as AMD's labeller writes `AI` beside the ids of many: to select
 * by one of them would bring a pod to such a node.
 */
function vagueFamilies(nodes: readonly Labels[]): ReadonlySet<string> {
  return new Set(
    nodes.flatMap((labels) => {
      const models = deviceMarks(labels).map(({ model }) => model);
      return models.length === 0 ? [] : familyMarks(labels).filter(({ model }) => !models.includes(model));
    }).map(textOf),
  );
}

/** The GPU models of all nodes that are not being deleted, each with the most memory a node states for it. */
export function clusterGpus(nodes: Iterable<GpuNode>): ClusterGpus {
  const gpus = new Map<string, bigint>();
  for (const { labels, marks } of markedNodes(nodes)) {
    const models = [...new Set(marks.map(({ model }) => model))];
    // One label cannot speak for several models of a mixed node.
    const stated = models.length === 1 ? statedVram(labels) : 0n;
    for (const model of models) {
      const vram = stated > 0n ? stated : usualVram(model);
      if (vram >= (gpus.get(model) ?? 0n)) gpus.set(model, vram);
    }
  }
  return gpus;
}

const vramLabels = ["amd.com/gpu.vram", "beta.amd.com/gpu.vram"];

function statedVram(labels: Labels): bigint {
  for (const label of vramLabels) {
    const vram = parseVram(labels[label] ?? "");
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
