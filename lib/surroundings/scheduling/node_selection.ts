/** Which nodes a selector or an affinity means. */

import type { Node, NodeSelectorTerm, PodSpec, Taint, Toleration } from "kubernetes-types/core/v1";

/** Whether the node has the labels that the pod's selector and its required affinity want. */
export function matchesNode(spec: PodSpec | undefined, node: Node): boolean {
  const labels = node.metadata?.labels ?? {};
  const selected = Object.entries(spec?.nodeSelector ?? {}).every(([key, value]) => labels[key] === value);
  const required = spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return selected && (required === undefined || matchesAny(required.nodeSelectorTerms, node));
}

/** Whether one of the terms holds; a term without expressions never does. */
export function matchesAny(terms: readonly NodeSelectorTerm[], node: Node): boolean {
  return terms.some((term) => {
    const { matchExpressions = [], matchFields = [] } = term;
    if (matchExpressions.length + matchFields.length === 0) return false;
    return matchExpressions.every((each) => holds(each, node.metadata?.labels?.[each.key])) &&
      matchFields.every((each) =>
        holds(each, each.key === "metadata.name" ? node.metadata?.name : undefined)
      );
  });
}

function holds(
  { operator, values = [] }: { operator: string; values?: string[] },
  value: string | undefined,
): boolean {
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    case "Gt":
    case "Lt": {
      if (value === undefined || !isInteger(value) || !isInteger(values[0] ?? "")) return false;
      const difference = BigInt(value) - BigInt(values[0]);
      return operator === "Gt" ? difference > 0n : difference < 0n;
    }
    default:
      return false;
  }
}

function isInteger(text: string): boolean {
  return /^[+-]?\d+$/.test(text);
}

/** The first taint that keeps the pod off the node. */
export function untolerated(spec: PodSpec | undefined, node: Node): Taint | undefined {
  return node.spec?.taints?.find((taint) =>
    taint.effect !== "PreferNoSchedule" &&
    !(spec?.tolerations ?? []).some((toleration) => tolerates(toleration, taint))
  );
}

export function tolerates({ key, operator, value, effect }: Toleration, taint: Taint): boolean {
  if (effect && effect !== taint.effect) return false;
  if (key && key !== taint.key) return false;
  if (!key && operator !== "Exists") return false;
  return operator === "Exists" || (value ?? "") === (taint.value ?? "");
}

/** How much the pod prefers the node, by the weights of its preferences. */
export function preference(spec: PodSpec | undefined, node: Node): number {
  const preferred = spec?.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  const repelled = (node.spec?.taints ?? []).filter((taint) =>
    taint.effect === "PreferNoSchedule" &&
    !(spec?.tolerations ?? []).some((toleration) => tolerates(toleration, taint))
  ).length;
  return preferred.reduce(
    (sum, { weight, preference }) => sum + (matchesAny([preference], node) ? weight : 0),
    0,
  ) -
    100 * repelled;
}
