/** The pods of a discovery Job, and an image that cannot be pulled (models-and-templates.md §5.7). */

import type { TemplateStatus } from "../../lib/api/mod.ts";
import { events, pods } from "../../lib/cluster/kinds.ts";
import type { Job, Pod } from "../../lib/cluster/objects.ts";
import { logsOf } from "../../lib/facts/pod_log.ts";
import type { Live } from "../../lib/kube/object.ts";
import type { View } from "../../lib/operator/core/view.ts";
import { jobRefusal } from "../../lib/operator/inspect/job.ts";
import { inspectPods } from "../../lib/operator/inspect/pods.ts";
import { conditionOf } from "../../lib/operator/status/conditions.ts";
import type { ErrorCategory } from "../../lib/operator/status/errors.ts";
import { type ComponentHealth, failing } from "../../lib/operator/status/health.ts";
import type { KnownReason } from "../../lib/operator/status/reasons.ts";
import { createdAt } from "./discovery_jobs.ts";

const podsByJob = pods.index(
  "discoveryJob",
  ({ metadata }) => metadata.ownerReferences?.map(({ uid }) => uid) ?? [],
);
const eventsByUid = events.index(
  "discoveryUid",
  ({ involvedObject }) => involvedObject?.uid ? [involvedObject.uid] : [],
);

/** The pods that the Job itself has made, not those of a former Job of its name. */
export function podsOf(job: Live<Job>, view: View): readonly Live<Pod>[] {
  return view.list(podsByJob, job.metadata.uid);
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
  const health = inspectPods(made, about, {
    eventsOf: (pod) => view.list(eventsByUid, (pod as Live<Pod>).metadata.uid),
    logOf: logsOf(view),
    ...(refusal === undefined ? {} : { refusal }),
  });
  return toldBefore(health, job, stored) ?? health;
}

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

/** So long an image may fail to be pulled, in milliseconds, before the Job gives its place up. */
const pullGrace = 120_000;

/** An image that could not be pulled for so long. */
export interface StuckPull {
  readonly reason: KnownReason;
  readonly message: string;
  /** When the patience ended, in milliseconds since 1970. */
  readonly at: number;
}

/**
 * Whether the image has failed to be pulled all through the grace period. It begins with the stored condition
 * that tells of it: the pod has no time of its own for that.
 */
export function stuckPull(
  job: Live<Job>,
  health: ComponentHealth | undefined,
  stored: TemplateStatus | undefined,
  view: View,
): StuckPull | undefined {
  const trouble = pullTroubles[health?.reason ?? ""];
  if (trouble === undefined) return undefined;
  const since = conditionOf(stored?.conditions, trouble.since);
  const told = Date.parse(since?.lastTransitionTime ?? "");
  if (since?.status !== "False" || Number.isNaN(told)) return undefined;
  // The condition may be False since before this Job: True in between may never have been stored.
  const at = Math.max(told, createdAt(job)) + pullGrace;
  if (!view.reached(at)) return undefined;
  return { reason: trouble.reason, message: health?.message ?? trouble.reason, at };
}
