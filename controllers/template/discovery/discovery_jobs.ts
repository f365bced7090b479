/** The discovery Jobs that there are: those of one template, and those of all that run (models-and-templates.md §5.6). */

import { activeDiscoveries, isDiscovery } from "../../../lib/cluster/indexes.ts";
import { jobs } from "../../../lib/cluster/kinds.ts";
import type { Job } from "../../../lib/operator/objects.ts";
import type { Live } from "../../../lib/kube/object.ts";
import type { Slot } from "../../../lib/operator/core/plan.ts";
import type { Reading } from "../../../lib/operator/core/view.ts";
import { jobResult } from "../../../lib/operator/inspect/job.ts";
import type { Template } from "../scope.ts";

/** How many discovery Jobs may run in the cluster at once. */
export const placeCount = 10;

/** A Job that has not ended by then counts as failed, in seconds. */
export const deadline = 900;

/** By the UID of their owner: a template of the other scope may have the same name (weak 13). */
const byOwner = jobs.index(
  "discoveryOwner",
  (job) => isDiscovery(job) ? (job.metadata.ownerReferences ?? []).map(({ uid }) => uid) : [],
);

/** Those that are to end, also by being deleted: a Job that stays while its pod goes keeps its name, too. */
const unended = jobs.index("unendedDiscovery", (job) => isDiscovery(job) && !isEnded(job) ? [""] : []);

/** The place that a discovery Job needs to be created. */
export const discoverySlot: Slot = { takenBy: activeDiscoveries, value: "", limit: placeCount };

/** Whether the Job has completed or failed. */
export function isEnded(job: Job): boolean {
  return jobResult(job) !== undefined;
}

/** All discovery Jobs of a template, the newest first. */
export function jobsOf(template: Live<Template>, view: Reading): readonly Live<Job>[] {
  return view.list(byOwner, template.metadata.uid).toSorted((a, b) => createdAt(b) - createdAt(a));
}

/** The discovery Jobs of the cluster that hold a place. */
export function activeJobs(view: Reading): readonly Live<Job>[] {
  return view.list(activeDiscoveries, "");
}

/** UIDs of the templates with a Job that has not ended: their next one cannot be made before that is gone. */
export function servedTemplates(view: Reading): ReadonlySet<string> {
  const owners = view.list(unended, "").flatMap(({ metadata }) => metadata.ownerReferences ?? []);
  return new Set(owners.map(({ uid }) => uid));
}

/** Milliseconds since 1970. */
export function createdAt({ metadata }: Live<Job>): number {
  return Date.parse(metadata.creationTimestamp ?? "") || 0;
}

/** Since when it may have pods, in milliseconds since 1970: one that was suspended begins anew. */
export function beganAt(job: Live<Job>): number {
  return Math.max(createdAt(job), Date.parse(job.status?.startTime ?? "") || 0);
}
