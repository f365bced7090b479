/** Questions about the cluster that many objects share: computed once, waking only when the answer changes. */

import {
  anyGpus,
  anyMarks,
  type ClusterGpus,
  clusterGpus,
  type ClusterMarks,
  clusterMarks,
  type GpuMark,
} from "../gpu/mod.ts";
import { defineQuery, type Reading } from "../operator/core/view.ts";
import { nodes } from "./kinds.ts";

const allNodes = nodes.index("all", () => [""]);

/** As text: an answer is compared as JSON, which has no maps and no large integers. */
const gpus = defineQuery<string, readonly (readonly [model: string, vram: string])[]>(
  "gpus",
  (view) =>
    [...clusterGpus(view.list(allNodes, ""))].map(([model, vram]) => [model, String(vram)] as const).sort(),
);

/**
 * The GPU models of the cluster's nodes with their memory (models-and-templates.md §4); of nodes that cannot be read all
 * that are known at all.
 */
export function gpusOf(view: Reading): ClusterGpus {
  if (view.reach(nodes) === "none") return anyGpus;
  const answer = view.query(gpus, "");
  let known = mapOf.get(answer);
  if (known === undefined) {
    known = new Map(answer.map(([model, vram]) => [model, BigInt(vram)]));
    mapOf.set(answer, known);
  }
  return known;
}

/** Of each answer the map that it stands for: as long as the nodes stay as they are, all passes get the same one. */
const mapOf = new WeakMap<object, ClusterGpus>();

/** The same for a choice among templates, to which any model counts as there where nodes cannot be read. */
export function selectableGpus(view: Reading): Pick<ClusterGpus, "has" | "keys"> {
  const gpus = gpusOf(view);
  return gpus === anyGpus ? allThere : gpus;
}

const allThere: Pick<ClusterGpus, "has" | "keys"> = { has: () => true, keys: () => anyGpus.keys() };

/** A query of its own: who asks which models there are does not run because one is labelled otherwise. */
const marks = defineQuery<string, readonly (readonly [model: string, marks: readonly GpuMark[]])[]>(
  "gpuMarks",
  (view) => [...clusterMarks(view.list(allNodes, ""))].sort(([a], [b]) => a < b ? -1 : 1),
);

/** By which labels the nodes of each model are selected; of nodes that cannot be read by any that may be on them. */
export function clusterMarksOf(view: Reading): ClusterMarks {
  if (view.reach(nodes) === "none") return anyMarks;
  return new Map(view.query(marks, ""));
}
