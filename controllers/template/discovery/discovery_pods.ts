/** The pods of a discovery Job, and an image that cannot be pulled (models-and-templates.md §5.7). */

import type { TemplateStatus } from "../../../lib/api/mod.ts";
import { eventsByUid, podsByOwner } from "../../../lib/cluster/indexes.ts";
import type { Job, Pod } from "../../../lib/operator/objects.ts";
import { logsOf } from "../../../lib/facts/pod_log.ts";
import type { Live } from "../../../lib/kube/object.ts";
import type { View } from "../../../lib/operator/core/view.ts";
import { blockedPod, blockersText, withoutBlockers } from "../../../lib/operator/inspect/pods/blocked_pod.ts";
import { isSuspended, jobRefusal } from "../../../lib/operator/inspect/job.ts";
import { inspectPodsAndLogs } from "../../../lib/operator/inspect/pods/pods.ts";
import { conditionOf } from "../../../lib/operator/status/conditions.ts";
import type { ErrorCategory } from "../../../lib/operator/errors/errors.ts";
import { type ComponentHealth, failing } from "../../../lib/operator/status/health.ts";
import type { KnownReason, Reason } from "../../../lib/operator/errors/reasons.ts";
import { discoveryContainer } from "../../../lib/facts/discovery_result.ts";
import { beganAt, createdAt, deadline } from "./discovery_jobs.ts";
import { originOf } from "./origin.ts";
import type { Template } from "../scope.ts";

/** The pods that the Job itself has made, not those of a former Job of its name. */
export function podsOf(job: Live<Job>, view: View): readonly Live<Pod>[] {
  return view.list(podsByOwner, job.metadata.uid);
}

/** How our container ended in a pod that somebody else's container keeps from ending; undefined if none does. */
export function heldResult(job: Live<Job>, view: View) {
  for (const pod of podsOf(job, view)) {
    if (blockedPod(pod, discoveryContainer) === undefined) continue;
    const ended = pod.status?.containerStatuses?.find(({ name }) => name === discoveryContainer)?.state;
    return { ...ended!.terminated!, pod: pod.metadata.name };
  }
  return undefined;
}

/** Who keeps the pods of the Job from ending, in words; empty if nobody does. */
export function holdersOf(job: Live<Job>, view: View): string {
  return blockersText(podsOf(job, view), discoveryContainer);
}

/** The pod whose log has the output: our container in it has succeeded. */
export function succeededPod(job: Live<Job>, view: View): Live<Pod> | undefined {
  return podsOf(job, view).find((pod) =>
    withoutBlockers(pod, discoveryContainer).status?.phase === "Succeeded"
  );
}

const about = { component: "DiscoveryPods", role: "child" } as const;

/** `DiscoveryPodsReady`; undefined while there is neither a pod nor anybody who refuses one. */
export function podsHealth(
  job: Live<Job>,
  stored: TemplateStatus | undefined,
  view: View,
): ComponentHealth | undefined {
  const made = podsOf(job, view);
  const refusal = jobRefusal(job, view.list(eventsByUid, job.metadata.uid));
  if (made.length === 0 && refusal === undefined) return undefined;
  const { health, unread } = inspectPodsAndLogs(made, about, {
    eventsOf: (pod) => view.list(eventsByUid, (pod as Live<Pod>).metadata.uid),
    logOf: logsOf(view),
    container: discoveryContainer,
    ...(refusal === undefined ? {} : { refusal }),
  });
  if (unread) return readingLog;
  const waits = health.state === "Pending" && isHindered(health);
  return toldBefore(health, job, stored) ?? (waits ? { ...health, retries: true } : health);
}

/** What pods say while they are on their way, or done. */
const underway: readonly Reason[] = [
  "PodsReady",
  "PodsStarting",
  "PodsProgressing",
  "PodsPending",
  "Pulling",
  "NoPods",
];

/** A pod that cannot start for a reason that somebody names: no node takes it, a volume or Secret is not there. */
function isHindered(health: ComponentHealth | undefined): boolean {
  return health?.reason !== undefined && !underway.includes(health.reason);
}

/** A pod has failed, and what it says of that is not known yet: a moment later it is, or is known to be lost. */
export const readingLog: ComponentHealth = {
  ...about,
  state: "Progressing",
  reason: "PodsProgressing",
  message: "A pod has failed; its log is being read",
};

/** What an image that cannot be pulled means, and which condition tells since when. */
const pullTroubles: Partial<Record<string, { category: ErrorCategory; since: string; reason: KnownReason }>> =
  {
    ImagePullAuthFailure: { category: "Auth", since: "AuthValid", reason: "ImagePullAuthFailure" },
    ImageNotFound: { category: "MissingUpstream", since: "ConfigValid", reason: "ImageNotFound" },
    ImagePullBackOff: {
      category: "Infrastructure",
      since: "DependenciesReachable",
      reason: "ImagePullBackOff",
    },
  };

/** Between two tries the kubelet says only that it waits; what it said of the last try still holds. */
function toldBefore(
  health: ComponentHealth,
  { metadata }: Live<Job>,
  stored: TemplateStatus | undefined,
): ComponentHealth | undefined {
  if (health.reason !== "ImagePullBackOff" || stored?.discoveryJob?.name !== metadata.name) return undefined;
  const before = conditionOf(stored.conditions, "DiscoveryPodsReady");
  const trouble = pullTroubles[before?.reason ?? ""];
  if (before?.status !== "False" || trouble === undefined || trouble.reason === health.reason) {
    return undefined;
  }
  return failing(about, {
    category: trouble.category,
    reason: trouble.reason,
    message: before.message ?? trouble.reason,
  });
}

/**
 * So long an image may fail to be pulled, pods be refused, or a pod not start, before the Job gives its place up:
 * others wait for it. Milliseconds.
 */
const patience = 120_000;

/** So long after its deadline a Job may still wait for its pod to end. Milliseconds. */
const patienceToEnd = 60_000;

/** What has kept a Job from getting anywhere for so long. */
export interface Stuck {
  readonly reason: Reason;
  readonly message: string;
  /** When the patience ended, in milliseconds since 1970. */
  readonly at: number;
}

/**
 * Whether something has kept the Job from starting or ending all through the patience with it. It holds a place of
 * the whole cluster; a suspended one holds none and may wait.
 */
export function stuckJob(
  job: Live<Job>,
  health: ComponentHealth | undefined,
  template: Template,
  view: View,
): Stuck | undefined {
  if (isSuspended(job)) return undefined;
  const hindrance = hindranceOf(job, health, template);
  if (hindrance !== undefined && view.reached(hindrance.at)) {
    return { ...hindrance, message: health?.message ?? hindrance.reason };
  }
  const at = beganAt(job) + deadline * 1000 + patienceToEnd;
  if (!view.reached(at)) return undefined;
  const message =
    `Job ${job.metadata.name} has not ended although its time is over; see its pod and the node of that`;
  return { reason: "JobDeadlineExceeded", message, at };
}

/** What keeps the Job from starting, and when the patience with that ends; undefined if nothing does. */
function hindranceOf(
  job: Live<Job>,
  health: ComponentHealth | undefined,
  template: Template,
): Pick<Stuck, "reason" | "at"> | undefined {
  const trouble = pullTroubles[health?.reason ?? ""];
  if (trouble !== undefined) {
    const began = isServing(template) ? createdAt(job) : beginOfPull(job, trouble.since, template.status);
    return began === undefined ? undefined : { reason: trouble.reason, at: began + patience };
  }
  return isHindered(health) ? { reason: health!.reason!, at: beganAt(job) + patience } : undefined;
}

/** While an earlier result serves, the conditions tell nothing of the Job that asks anew. */
function isServing(template: Template): boolean {
  return originOf(template) === "discovered";
}

/**
 * When the image began to fail to be pulled: with the stored condition that tells of it, since the pod has no time
 * of its own for that. Undefined while it is not stored.
 */
function beginOfPull(job: Live<Job>, type: string, stored: TemplateStatus | undefined): number | undefined {
  const since = conditionOf(stored?.conditions, type);
  const told = Date.parse(since?.lastTransitionTime ?? "");
  if (since?.status !== "False" || Number.isNaN(told)) return undefined;
  // The condition may be False since before this Job: True in between may never have been stored.
  return Math.max(told, createdAt(job));
}
