/** Health of the pods of a Job of an artifact (caching-and-artifacts.md §5.12, §6.3 Better). */

import { eventsByUid, podsByOwner } from "../../../lib/cluster/indexes.ts";
import type { Job, Pod } from "../../../lib/operator/objects.ts";
import { logsOf } from "../../../lib/facts/pod_log.ts";
import type { Live } from "../../../lib/kube/object.ts";
import { type About, completed, type ComponentHealth, failing } from "../../../lib/operator/status/health.ts";
import { readVerdict } from "../../../lib/operator/inspect/download_verdict.ts";
import { eventsAbout } from "../../../lib/operator/inspect/events.ts";
import { withoutBlockers } from "../../../lib/operator/inspect/pods/blocked_pod.ts";
import { jobRefusal } from "../../../lib/operator/inspect/job.ts";
import { inspectPodsAndLogs } from "../../../lib/operator/inspect/pods/pods.ts";
import type { Reason } from "../../../lib/operator/errors/reasons.ts";
import type { View } from "../../../lib/operator/core/view.ts";
import { jobEnd } from "./job_end.ts";

/** What tells one sort of Job from the other. */
export interface JobSort {
  /** Name of our container in its pods. */
  readonly container: string;
  /** Components for which the Job and its pods stand. */
  readonly job: About;
  readonly pods: About;
}

export interface JobPods {
  readonly health: ComponentHealth;
  /** Whether a log that may tell more is still being read. */
  readonly unread: boolean;
}

/** While the Job goes on, a failure that the next pod may not meet is no error yet. */
export function jobPods(job: Live<Job>, { container, pods: about }: JobSort, view: View): JobPods {
  const { uid } = job.metadata;
  const given = view.list(podsByOwner, uid);
  const made = given.map((pod) => withoutBlockers(pod, container));
  const refusal = jobRefusal(job, view.list(eventsByUid, uid));
  const logOf = logsOf(view);
  const told = toldResult(made, about);
  const { health, unread } = told !== undefined
    ? { health: told, unread: false }
    : inspectPodsAndLogs(given.map(withoutMessage), about, {
      container,
      eventsOf: (pod) => eventsAbout(pod, view.list(eventsByUid, (pod as Live<Pod>).metadata.uid)),
      logOf: (pod, container) =>
        terminationMessage(made, pod as Live<Pod>, container) ?? logOf(pod, container),
      ...(refusal === undefined ? {} : { refusal }),
    });
  if (jobEnd(job, container, view) !== undefined || !mayPass(health)) return { health, unread };
  const { code } = completed(health);
  return { health: { ...health, errors: [], state: "Progressing", ...(code && { code }) }, unread };
}

/** Failures of a pod that the Job answers with another pod. */
const passing: readonly (Reason | undefined)[] = [
  "PodFailed",
  "PodOOMKilled",
  "PodDeadlineExceeded",
  "PodEvicted",
];

function mayPass({ reason }: ComponentHealth): boolean {
  return passing.includes(reason);
}

/** What a failed pod's container left as its termination message: the end of its log, or its own verdict. */
function terminationMessage(
  made: readonly Live<Pod>[],
  pod: Live<Pod>,
  container: string,
): string | undefined {
  const own = made.find(({ metadata }) => metadata.uid === pod.metadata.uid);
  return own?.status?.containerStatuses?.find(({ name }) => name === container)?.state?.terminated?.message;
}

/** So that the inspector takes the message for the log that it is. */
function withoutMessage(pod: Live<Pod>): Live<Pod> {
  return {
    ...pod,
    status: {
      ...pod.status,
      containerStatuses: pod.status?.containerStatuses?.map((container) => {
        if (container.state?.terminated === undefined) return container;
        const { message: _, ...terminated } = container.state.terminated;
        return { ...container, state: { terminated } };
      }),
    },
  };
}

/** The first verdict that a failed pod's downloader has left itself. */
function toldResult(made: readonly Live<Pod>[], about: About): ComponentHealth | undefined {
  for (const { metadata, status } of made) {
    if (status?.phase !== "Failed") continue;
    for (const { name, state } of status.containerStatuses ?? []) {
      const told = readVerdict(state?.terminated?.message);
      if (told === undefined) continue;
      const { message, ...verdict } = told;
      return failing(about, {
        ...verdict,
        message: `Container ${name} of pod ${metadata.name}: ${message}`,
      });
    }
  }
  return undefined;
}
