/** Jobs: pods until enough have succeeded, too many have failed, or the time is over. */

import type { Job, JobCondition } from "kubernetes-types/batch/v1";
import { backoffAfter, type BackoffBounds } from "../../kube/backoff.ts";
import { equalJson } from "../../kube/json/equal.ts";
import type { KubeObject, Live } from "../../kube/object.ts";
import {
  condition,
  controlled,
  type Controller,
  keysOf,
  seconds,
  type View,
  type Write,
} from "../controller.ts";
import { jobs, pods } from "../resources.ts";
import {
  createPod,
  deletePod,
  hasEnded,
  isActive,
  isReady,
  type LivePod,
  podsByController,
} from "./pods_of_template.ts";

type LiveJob = Live<KubeObject> & Job;

/** Keeps a pod until it is counted. */
const trackingFinalizer = "batch.kubernetes.io/job-tracking";
const backoff: BackoffBounds = { first: 10_000, longest: 600_000, jitter: 0 };

export const jobController: Controller<LiveJob> = {
  name: "job-controller",
  resource: jobs,
  watches: [controlled(pods, "Job")],
  reconcile(job, view) {
    if (job.metadata.deletionTimestamp !== undefined) {
      // Its pods are collected, and nobody counts them any more.
      return view.by<LivePod>(podsByController, job.metadata.uid).filter(isTracked).map(untracked);
    }
    if (isOver(job)) return afterwards(job, view);
    const all = view.by<LivePod>(podsByController, job.metadata.uid);
    const active = all.filter(isActive);
    const ended = all.filter((pod) => isTracked(pod) && !isActive(pod));
    const succeeded = (job.status?.succeeded ?? 0) + ended.filter(hasSucceeded).length;
    const failed = (job.status?.failed ?? 0) + ended.filter((pod) => !hasSucceeded(pod)).length;
    const counted = { succeeded, failed };
    const outcome = outcomeOf(job, all, counted, view);
    if (outcome !== undefined) {
      return [
        ...active.flatMap((pod) => [untracked(pod), ...deletePod(job, jobs, pod)]),
        ...ended.map(untracked),
        ...statusWrite(job, { counted, active: [], outcome }, view),
        ...told(job, outcome),
        ...ttl(job, view.now(), view),
      ];
    }
    const suspended = job.spec?.suspend ?? false;
    const wanted = suspended
      ? 0
      : Math.min(job.spec?.parallelism ?? 1, (job.spec?.completions ?? 1) - succeeded);
    const pause = pauseAfterFailure(all, failed, view);
    const missing = pause > 0 ? 0 : Math.max(0, wanted - active.length);
    return [
      ...ended.map(untracked),
      ...statusWrite(job, { counted, active, suspended }, view),
      ...active.slice(Math.max(0, wanted)).flatMap((pod) => [untracked(pod), ...deletePod(job, jobs, pod)]),
      ...Array.from({ length: missing }, () =>
        createPod(job, jobs, job.spec?.template, {
          finalizers: [trackingFinalizer],
          refused: () => [{ requeueAfter: backoff.first }],
        })),
      ...(pause > 0 ? [{ requeueAfter: pause }] : []),
      ...deadline(job, view),
    ];
  },
};

interface Outcome {
  readonly type: "Complete" | "Failed";
  readonly reason: string;
  readonly message: string;
}

/** How the Job ends, if it does now. */
function outcomeOf(
  job: LiveJob,
  all: readonly LivePod[],
  { succeeded, failed }: { succeeded: number; failed: number },
  view: View,
): Outcome | undefined {
  const { backoffLimit = 6, completions = 1, activeDeadlineSeconds, suspend } = job.spec ?? {};
  if (failed > backoffLimit || restartsOf(job, all) > backoffLimit) {
    const message = "Job has reached the specified backoff limit";
    return { type: "Failed", reason: "BackoffLimitExceeded", message };
  }
  const since = job.status?.startTime;
  if (activeDeadlineSeconds !== undefined && since !== undefined && !suspend) {
    if (view.now().getTime() - Date.parse(since) >= activeDeadlineSeconds * 1000) {
      const message = "Job was active longer than specified deadline";
      return { type: "Failed", reason: "DeadlineExceeded", message };
    }
  }
  if (succeeded < completions) return undefined;
  return {
    type: "Complete",
    reason: "CompletionsReached",
    message: "Reached expected number of succeeded pods",
  };
}

/** Restarts count as failures where containers are restarted in their pod; one less than that is allowed. */
function restartsOf(job: LiveJob, all: readonly LivePod[]): number {
  if (job.spec?.template.spec?.restartPolicy !== "OnFailure") return -1;
  const running = all.filter(isActive).flatMap(({ status }) => [
    ...(status?.initContainerStatuses ?? []),
    ...(status?.containerStatuses ?? []),
  ]);
  const restarts = running.reduce((total, { restartCount }) => total + restartCount, 0);
  return restarts === 0 ? -1 : job.spec.backoffLimit === 0 ? restarts : restarts + 1;
}

/** How much longer no new pod may come after failures, in milliseconds. */
function pauseAfterFailure(all: readonly LivePod[], failed: number, view: View): number {
  const ends = all.filter((pod) => hasEnded(pod) && !hasSucceeded(pod)).map(endOf);
  if (ends.length === 0) return 0;
  const pause = backoffAfter(failed, backoff, 0);
  return Math.max(0, Math.max(...ends) + pause - view.now().getTime());
}

function endOf({ status, metadata }: LivePod): number {
  const ends = (status?.containerStatuses ?? []).map(({ state }) => state?.terminated?.finishedAt);
  return Math.max(...[...ends, metadata.creationTimestamp].map((time) => Date.parse(time ?? "") || 0));
}

interface Progress {
  readonly counted: { readonly succeeded: number; readonly failed: number };
  readonly active: readonly LivePod[];
  readonly outcome?: Outcome;
  readonly suspended?: boolean;
}

function statusWrite(job: LiveJob, { counted, active, outcome, suspended }: Progress, view: View): Write[] {
  const before = job.status;
  const now = view.now();
  const startTime = suspended ? undefined : before?.startTime ?? seconds(now);
  const conditions = [
    ...(outcome === undefined ? [] : endConditions(outcome, now)),
    ...suspension(job, suspended ?? false, now),
  ];
  const status = {
    ...(conditions.length > 0 ? { conditions } : {}),
    ...(startTime === undefined ? {} : { startTime }),
    ...(outcome?.type === "Complete" ? { completionTime: seconds(now) } : {}),
    ...(active.length > 0 ? { active: active.length } : {}),
    ...(counted.succeeded > 0 ? { succeeded: counted.succeeded } : {}),
    ...(counted.failed > 0 ? { failed: counted.failed } : {}),
    ready: active.filter(isReady).length,
    terminating: 0,
    uncountedTerminatedPods: {},
  };
  return equalJson(status, before)
    ? []
    : [{ updateStatus: { ...job, status } as Live<KubeObject>, resource: jobs }];
}

/** The word that it will end so, and the word that it has. */
function endConditions({ type, reason, message }: Outcome, now: Date): JobCondition[] {
  const target = type === "Complete" ? "SuccessCriteriaMet" : "FailureTarget";
  return [target, type].map((type) => ({
    type,
    status: "True",
    reason,
    message,
    lastProbeTime: seconds(now),
    lastTransitionTime: seconds(now),
  }));
}

function suspension(job: LiveJob, suspended: boolean, now: Date): JobCondition[] {
  const before = job.status?.conditions;
  const known = before?.find(({ type }) => type === "Suspended");
  if (!suspended && known === undefined) return [];
  const [reason, message] = suspended ? ["JobSuspended", "Job suspended"] : ["JobResumed", "Job resumed"];
  const next = condition<JobCondition>(before, now, {
    type: "Suspended",
    status: suspended ? "True" : "False",
    reason,
    message,
  });
  return [{ ...next, lastProbeTime: next.lastTransitionTime }];
}

function told(job: LiveJob, { type, reason, message }: Outcome): Write[] {
  const event = type === "Complete"
    ? { type: "Normal" as const, reason: "Completed", message: "Job completed" }
    : { type: "Warning" as const, reason, message };
  return [{ event, about: job, resource: jobs }];
}

/** What is left to do for a Job that has ended: pods that end late are let go, and itself once its time is over. */
function afterwards(job: LiveJob, view: View): Write[] {
  const tracked = view.by<LivePod>(podsByController, job.metadata.uid).filter(isTracked);
  const end = job.status?.conditions?.find(({ type }) => type === "Complete" || type === "Failed");
  return [...tracked.map(untracked), ...ttl(job, new Date(end?.lastTransitionTime ?? 0), view)];
}

function ttl(job: LiveJob, end: Date, view: View): Write[] {
  const after = job.spec?.ttlSecondsAfterFinished;
  if (after === undefined) return [];
  const left = end.getTime() + after * 1000 - view.now().getTime();
  return [left > 0 ? { requeueAfter: left } : { delete: job, resource: jobs }];
}

function deadline({ spec, status }: LiveJob, view: View): Write[] {
  if (spec?.activeDeadlineSeconds === undefined || spec.suspend) return [];
  const since = status?.startTime === undefined ? view.now().getTime() : Date.parse(status.startTime);
  return [{ requeueAfter: Math.max(1, since + spec.activeDeadlineSeconds * 1000 - view.now().getTime()) }];
}

function isOver({ status }: LiveJob): boolean {
  return status?.conditions?.some(({ type, status }) =>
    (type === "Complete" || type === "Failed") && status === "True"
  ) ?? false;
}

function hasSucceeded({ status }: LivePod): boolean {
  return status?.phase === "Succeeded";
}

function isTracked({ metadata }: LivePod): boolean {
  return metadata.finalizers?.includes(trackingFinalizer) ?? false;
}

function untracked(pod: LivePod): Write {
  const finalizers = pod.metadata.finalizers?.filter((each) => each !== trackingFinalizer);
  return { update: { ...pod, metadata: { ...pod.metadata, finalizers } }, resource: pods };
}

/** Lets the pods go whose Job is gone, or that are no Job's any more: nobody counts them. */
export const jobPodCollector: Controller<LivePod> = {
  name: "job-controller",
  resource: pods,
  watches: [{
    resource: jobs,
    keysOf: ({ metadata }, view) => keysOf(view.by(podsByController, metadata.uid)),
  }],
  reconcile(pod, view) {
    if (!isTracked(pod)) return [];
    const owner = pod.metadata.ownerReferences?.find(({ controller, kind }) => controller && kind === "Job");
    const job = owner && view.get<LiveJob>(jobs, pod.metadata.namespace, owner.name);
    return owner !== undefined && job?.metadata.uid === owner.uid ? [] : [untracked(pod)];
  },
};
