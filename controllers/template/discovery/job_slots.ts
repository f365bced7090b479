/**
 * Which templates may start a discovery Job: ten may run at once, and the slots that become free go round
 * (models-and-templates.md §5.6). A template that waits is woken when it gets a slot, not at each change
 * of the others.
 */

import { clusterTemplates, templates } from "../../../lib/cluster/kinds.ts";
import { operatorNamespace } from "../../../lib/cluster/operator_namespace.ts";
import type { Live } from "../../../lib/kube/object.ts";
import { defineQuery, type Reading } from "../../../lib/operator/core/view.ts";
import { isPaused } from "../../../lib/operator/naming/labels.ts";
import { conditionOf, type StoredCondition } from "../../../lib/operator/status/conditions.ts";
import { frameworkTypes } from "../../../lib/operator/status/framework_conditions.ts";
import { activeJobs, placeCount, servedTemplates } from "./discovery_jobs.ts";
import type { Template } from "../scope.ts";

const waitingTemplates = templates.index("waitsForDiscovery", waits);
const waitingClusterTemplates = clusterTemplates.index("waitsForDiscovery", waits);

function waits(template: Live<Template>): readonly string[] {
  return lacksOnlyItsJob(template) ? [""] : [];
}

/** Conditions that say nothing about whether the Job may be made: they tell of the Job itself, or count for nothing. */
const besides: readonly string[] = [
  "Ready",
  "Discovered",
  "DiscoveryJobReady",
  "DiscoveryPodsReady",
  "CacheReady",
];

/** By its stored status; a template that is found out anew has no `DiscoveryJobReady` and stays Ready. */
export function lacksOnlyItsJob(template: Live<Template>): boolean {
  const { metadata, spec, status } = template;
  if (metadata.deletionTimestamp !== undefined || isPaused(template)) return false;
  if ((spec?.modelSources?.length ?? 0) > 0 || status?.observedGeneration === undefined) return false;
  const conditions = status.conditions ?? [];
  const job = conditionOf(conditions, "DiscoveryJobReady");
  return conditionOf(conditions, "Discovered")?.reason === "AwaitingDiscovery" &&
    (job === undefined || job.reason === "JobNotCreated") &&
    conditions.every((each) => each.status === "True" || !keepsFromDiscovery(each));
}

/** A model that failed is no reason: its image may well be asked (§5.3 rule M). */
function keepsFromDiscovery({ type, reason }: StoredCondition): boolean {
  return counts(type) && !besides.includes(type) && reason !== "ModelFailed" &&
    reason !== "ClusterModelFailed";
}

function counts(type: string): boolean {
  return type.endsWith("Ready") || (frameworkTypes as readonly string[]).includes(type);
}

/** Who waits for a place. */
export interface Waiting {
  readonly key: string;
  /** Where its Job is to run. */
  readonly namespace: string;
  readonly since: string;
}

interface Turns {
  /** Keys of those whose turn it is. */
  readonly granted: readonly string[];
  /** Whether there is a place for one that does not wait yet. */
  readonly spare: boolean;
}

const discoveryTurns = defineQuery<string, Turns>("discoveryTurns", (view) => {
  const running = activeJobs(view);
  const served = servedTemplates(view);
  // In scoped mode another operator gives cluster templates their Jobs, if one does.
  const ofCluster = view.reach(clusterTemplates) === "full" ? view.list(waitingClusterTemplates, "") : [];
  const waiting = [...view.list(waitingTemplates, ""), ...ofCluster]
    .filter(({ metadata }) => !served.has(metadata.uid))
    .map((template): Waiting => ({
      key: keyOf(template),
      namespace: template.metadata.namespace ?? operatorNamespace,
      since: template.metadata.creationTimestamp ?? "",
    }));
  const free = Math.max(0, placeCount - running.length);
  const taken = running.map(({ metadata }) => metadata.namespace ?? "");
  return { granted: grant(free, taken, waiting).sort(), spare: free > waiting.length };
});

const turnOf = defineQuery<string, boolean>("discoveryTurn", (view, key) => {
  const { granted, spare } = view.query(discoveryTurns, "");
  return spare || granted.includes(key);
});

/** Whether this template may have its Job now. */
export function mayDiscover(template: Live<Template>, view: Reading): boolean {
  return view.query(turnOf, keyOf(template));
}

function keyOf({ kind, metadata }: Live<Template>): string {
  return `${kind}/${metadata.namespace ?? ""}/${metadata.name}`;
}

/**
 * Gives each free place to the namespace that has fewest; among those of equally many to the one whose next
 * has waited longest, in a namespace to who has waited longest.
 *
 * @param taken the namespace of each place that is taken
 * @returns the keys of those whose turn it is
 */
export function grant(free: number, taken: readonly string[], waiting: readonly Waiting[]): string[] {
  const queues = Map.groupBy(waiting.toSorted(byAge), ({ namespace }) => namespace);
  const places = new Map<string, number>();
  for (const namespace of taken) places.set(namespace, (places.get(namespace) ?? 0) + 1);
  const placesOf = ({ namespace }: Waiting) => places.get(namespace) ?? 0;
  const granted: string[] = [];
  while (granted.length < free && queues.size > 0) {
    const next = [...queues.values()].map(([head]) => head).reduce((best, head) =>
      (placesOf(head) - placesOf(best) || byAge(head, best)) < 0 ? head : best
    );
    granted.push(next.key);
    places.set(next.namespace, placesOf(next) + 1);
    const queue = queues.get(next.namespace)!;
    queue.shift();
    if (queue.length === 0) queues.delete(next.namespace);
  }
  return granted;
}

function byAge(a: Waiting, b: Waiting): number {
  if (a.since !== b.since) return a.since < b.since ? -1 : 1;
  return a.key === b.key ? 0 : a.key < b.key ? -1 : 1;
}
