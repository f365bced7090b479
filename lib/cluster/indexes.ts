/** Indexes that several controllers ask: each costs a look at every object that comes, so nobody has one of their own. */

import type { Live } from "../kube/object.ts";
import { isSuspended, jobResult } from "../operator/inspect/job.ts";
import { label } from "../operator/naming/labels.ts";
import { events, jobs, pods } from "./kinds.ts";
import type { Job } from "../operator/objects.ts";

/** By the UID of what they are about: an object of the same name that was there before is another one. */
export const eventsByUid = events.index(
  "involved object",
  ({ involvedObject }) => involvedObject?.uid ? [involvedObject.uid] : [],
);

/** By the UIDs of their owners: pods of a former Job of that name say nothing about this one. */
export const podsByOwner = pods.index(
  "owner",
  ({ metadata }) => metadata.ownerReferences?.map(({ uid }) => uid) ?? [],
);

/** On every discovery Job, of AIM Engine too: by them the active ones are counted (models-and-templates.md §5.6). */
export const discoveryLabels = {
  [label.appName]: "aim-discovery",
  [label.appComponent]: "discovery",
  [label.managedBy]: "aim-controller",
} as const;

export function isDiscovery({ metadata: { labels } }: Live<Job>): boolean {
  return Object.entries(discoveryLabels).every(([key, value]) => labels?.[key] === value);
}

/** Discovery Jobs that hold a place: one that has ended, is suspended or is being deleted has given it up. */
export const activeDiscoveries = jobs.index(
  "activeDiscovery",
  (job) =>
    isDiscovery(job) && job.metadata.deletionTimestamp === undefined && jobResult(job) === undefined &&
      !isSuspended(job)
      ? [""]
      : [],
);
