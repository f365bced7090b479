/** Questions about the cluster that many objects share: computed once, waking only when the answer changes. */

import { type ClusterGpus, clusterGpus } from "../gpu/mod.ts";
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
