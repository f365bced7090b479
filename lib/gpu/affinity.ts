/** The nodes on which hardware can run, as terms of a node affinity (models-and-templates.md §4, spec/README). */

import type { Hardware, NodeSelectorTerm } from "../api/mod.ts";
import { deviceIdsOf } from "./devices.ts";
import { normaliseGpuModel } from "./model_name.ts";
import { byForm, deviceIdLabel } from "./node_labels.ts";
import { type ClusterGpus, type ClusterMarks, modelsWithVram, requiresGpu } from "./nodes.ts";

/**
 * One term for each form of label by which nodes are to be selected: they select the nodes that have the model, or
 * enough memory, and no others. While no node has it the term is that of the model's device ids. None where no GPU is
 * required, where any GPU will do, or where nothing is known to select by.
 */
export function selectorTerms(
  hardware: Hardware | undefined,
  gpus: ClusterGpus,
  clusterMarks: ClusterMarks,
): NodeSelectorTerm[] {
  const models = modelsFor(hardware, gpus);
  const marks = models.flatMap((model) => clusterMarks.get(model) ?? []);
  const ids = models.flatMap(deviceIdsOf);
  if (marks.length === 0) return ids.length === 0 ? [] : [valueTerm(deviceIdLabel, ids)];
  const byKey = Map.groupBy(marks.toSorted(byForm), ({ key }) => key);
  return [...byKey].map(([key, same]) => {
    const values = same.flatMap(({ value }) => value ?? []);
    if (values.length === 0) return countTerm(key);
    // Nodes that join later with another id of the model are selected too.
    return valueTerm(key, key.endsWith(deviceIdLabel) ? [...ids, ...values] : values);
  });
}

/** The model that the hardware names, else those of the cluster with enough memory. */
function modelsFor(hardware: Hardware | undefined, gpus: ClusterGpus): string[] {
  if (!requiresGpu(hardware)) return [];
  const { model, minVram } = hardware!.gpu!;
  if (model?.trim()) return [normaliseGpuModel(model)];
  return minVram === undefined ? [] : modelsWithVram(gpus, minVram);
}

/** Ascending, so that the order of nodes decides nothing. */
function valueTerm(key: string, values: readonly string[]): NodeSelectorTerm {
  return { matchExpressions: [{ key, operator: "In", values: [...new Set(values)].sort() }] };
}

function countTerm(key: string): NodeSelectorTerm {
  return { matchExpressions: [{ key, operator: "Gt", values: ["0"] }] };
}
