/** Questions about the cluster that many objects share: computed once, waking only when the answer changes. */

import { type ClusterGpus, clusterGpus, type ClusterMarks, clusterMarks, type GpuMark } from "../gpu/mod.ts";
import { defineQuery, type Reading } from "../operator/core/view.ts";
import { nodes } from "./kinds.ts";

const allNodes = nodes.index("all", () => [""]);

/** As text: an answer is compared as JSON, which has no maps and no large integers. */
const gpus = defineQuery<string, readonly (readonly [model: string, vram: string])[]>(
  "gpus",
  (view) =>
    [...clusterGpus(view.list(allNodes, ""))].map(([model, vram]) => [model, String(vram)] as const).sort(),
);

/** The GPU models of the cluster's nodes with their memory (models-and-templates.md §4). */
export function gpusOf(view: Reading): ClusterGpus {
  return new Map(view.query(gpus, "").map(([model, vram]) => [model, BigInt(vram)]));
}

/** A query of its own: who asks which models there are does not run because one is labelled otherwise. */
const marks = defineQuery<string, readonly (readonly [model: string, marks: readonly GpuMark[]])[]>(
  "gpuMarks",
  (view) => [...clusterMarks(view.list(allNodes, ""))].sort(([a], [b]) => a < b ? -1 : 1),
);

/** By which labels the nodes of each model are selected. */
export function clusterMarksOf(view: Reading): ClusterMarks {
  return new Map(view.query(marks, ""));
}
