/** The pods of a discovery Job, and an image that cannot be pulled (models-and-templates.md §5.7). */

import type { TemplateStatus } from "../../lib/api/mod.ts";
import { eventsByUid, podsByOwner } from "../../lib/cluster/indexes.ts";
import type { Job, Pod } from "../../lib/cluster/objects.ts";
import { logsOf } from "../../lib/facts/pod_log.ts";
import type { Live } from "../../lib/kube/object.ts";
import type { View } from "../../lib/operator/core/view.ts";
import { jobRefusal } from "../../lib/operator/inspect/job.ts";
import { inspectPodsAndLogs } from "../../lib/operator/inspect/pods.ts";
import { conditionOf } from "../../lib/operator/status/conditions.ts";
import type { ErrorCategory } from "../../lib/operator/status/errors.ts";
import { type ComponentHealth, failing } from "../../lib/operator/status/health.ts";
import type { KnownReason } from "../../lib/operator/status/reasons.ts";
import { createdAt } from "./discovery_jobs.ts";
import { originOf } from "./origin.ts";
import type { Template } from "./scope.ts";

/** The pods that the Job itself has made, not those of a former Job of its name. */
export function podsOf(job: Live<Job>, view: View): readonly Live<Pod>[] {
  return view.list(podsByOwner, job.metadata.uid);
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
    ...(refusal === undefined ? {} : { refusal }),
  });
  return unread ? readingLog : toldBefore(health, job, stored) ?? health;
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

/** So long a Job may get nowhere, in milliseconds, before it gives its place up. */
const patience = 120_000;

/** What has kept a Job from getting anywhere for so long. */
export interface Stuck {
  readonly reason: KnownReason;
  readonly message: string;
  /** When the patience ended, in milliseconds since 1970. */
  readonly at: number;
}

/** Whether an image has failed to be pulled, or the pod has been refused, all through the patience. */
export function stuckJob(
  job: Live<Job>,
  health: ComponentHealth | undefined,
  template: Template,
  view: View,
): Stuck | undefined {
  const trouble = pullTroubles[health?.reason ?? ""];
  const reason = trouble?.reason ?? (isRefused(health) ? "FailedCreate" : undefined);
  const began = trouble === undefined || isServing(template)
    ? createdAt(job)
    : beginOfPull(job, trouble.since, template.status);
  if (reason === undefined || began === undefined || !view.reached(began + patience)) return undefined;
  return { reason, message: health?.message ?? reason, at: began + patience };
}

/** Nobody lets the Job have its pod: a quota, Pod Security, a webhook. Where there is a pod, it is another matter. */
function isRefused(health: ComponentHealth | undefined): boolean {
  return health?.reason === "FailedCreate";
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
