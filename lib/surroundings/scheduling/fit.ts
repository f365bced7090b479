/** Whether a pod fits on a node, and in the scheduler's words why not (kube-scheduler's filters, in their order). */

import type { Node, PersistentVolume, Pod } from "kubernetes-types/core/v1";
import { matchesAny, matchesNode, untolerated } from "./node_selection.ts";
import { add, allocatableOf, type Amounts, requestsOf } from "./requests.ts";

/** A node, and what the pods on it have taken. */
export interface NodeUse {
  readonly node: Node;
  readonly used: Amounts;
  readonly pods: number;
}

/** Why a node does not do; `final` when it would not do if it were empty either. */
export interface Refusal {
  readonly reasons: readonly string[];
  readonly final: boolean;
}

/** What is taken on a node by pods that have not ended. */
export function useOf(node: Node, pods: readonly Pod[]): NodeUse {
  const used = new Map<string, number>();
  for (const pod of pods) add(used, requestsOf(pod));
  return { node, used, pods: pods.length };
}

/** The first reason against the node; undefined when the pod fits. */
export function refusalOf(
  pod: Pod,
  use: NodeUse,
  volumes: readonly PersistentVolume[] = [],
): Refusal | undefined {
  const { node } = use;
  const final = (reason: string) => ({ reasons: [reason], final: true });
  const tolerates = pod.spec?.tolerations?.some(({ key, operator }) =>
    (key === "node.kubernetes.io/unschedulable" || !key) && operator === "Exists"
  );
  if (node.spec?.unschedulable && !tolerates) return final("node(s) were unschedulable");
  if (untolerated(pod.spec, node)) return final("node(s) had untolerated taint(s)");
  if (!matchesNode(pod.spec, node)) return final("node(s) didn't match Pod's node affinity/selector");
  const shortage = shortageOf(pod, use);
  if (shortage !== undefined) return shortage;
  const away = volumes.some(({ spec }) =>
    spec?.nodeAffinity?.required && !matchesAny(spec.nodeAffinity.required.nodeSelectorTerms, node)
  );
  return away ? final("node(s) didn't match PersistentVolume's node affinity") : undefined;
}

function shortageOf(pod: Pod, { node, used, pods }: NodeUse): Refusal | undefined {
  const there = allocatableOf(node);
  const reasons: string[] = [];
  let final = false;
  if (pods + 1 > (there.get("pods") ?? 0)) reasons.push("Too many pods");
  for (const [name, wanted] of requestsOf(pod)) {
    const all = there.get(name) ?? 0;
    if (wanted === 0 || wanted <= all - (used.get(name) ?? 0)) continue;
    reasons.push(`Insufficient ${name}`);
    final ||= wanted > all;
  }
  return reasons.length === 0 ? undefined : { reasons, final };
}

/** "0/3 nodes are available: …", as kube-scheduler says it. */
export function unschedulable(refusals: readonly Refusal[]): string {
  const counts = new Map<string, number>();
  for (const { reasons } of refusals) {
    for (const each of reasons) counts.set(each, (counts.get(each) ?? 0) + 1);
  }
  const none = `0/${refusals.length} nodes are available:`;
  const finals = refusals.filter(({ final }) => final).length;
  const preemption = histogram(
    new Map([
      ["No preemption victims found for incoming pod", refusals.length - finals],
      ["Preemption is not helpful for scheduling", finals],
    ].filter(([, count]) => count as number > 0) as [string, number][]),
  );
  return `${none} ${histogram(counts)}. no new claims to deallocate, preemption: ${none} ${preemption}.`;
}

function histogram(counts: ReadonlyMap<string, number>): string {
  return [...counts].map(([reason, count]) => `${count} ${reason}`).toSorted().join(", ");
}
