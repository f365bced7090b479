/** Jobs of an artifact as attempts: which is under way, what became of it, when the next is due (§5.12 Better). */

import type { Job } from "../../../lib/operator/objects.ts";
import type { Live } from "../../../lib/kube/object.ts";
import { inspectJob, isSuspended } from "../../../lib/operator/inspect/job.ts";
import { completed, type ComponentHealth, failing, missing } from "../../../lib/operator/status/health.ts";
import type { ComponentError } from "../../../lib/operator/errors/errors.ts";
import type { View } from "../../../lib/operator/core/view.ts";
import { attemptOf, inputsOf } from "./job.ts";
import { type JobEnd, jobEnd } from "./job_end.ts";
import { jobPods, type JobSort } from "./job_pods.ts";
import { type Failure, jobError, remembered, retryTime } from "../memory.ts";

export type Attempt =
  /** There is no Job; the next is that attempt, once it is known what it is made of. */
  | { readonly phase: "absent"; readonly attempt: number; readonly inputs: string | undefined }
  | { readonly phase: "running"; readonly job: Live<Job>; readonly pods: ComponentHealth }
  /** The last attempt failed and the next is not due, or its Job is still in the way. */
  | { readonly phase: "failed"; readonly failure: Failure }
  | { readonly phase: "complete"; readonly job: Live<Job> };

/** Hash of what a Job would be made of now; undefined while that is not known. Asked only where it matters. */
export type InputsNow = () => string | undefined;

export interface AttemptContext {
  readonly sort: JobSort;
  /** The last failure that is remembered. */
  readonly before: Failure | undefined;
  readonly inputsNow: InputsNow;
  /** Whether everything had been done but the comparison of checksums. */
  readonly complete: boolean;
  /** What the claim asks for; of a download. */
  readonly volume?: string;
  /** What has become of the cause of a failure: `mended` begins the next attempt, `stands` lets other inputs begin none. */
  readonly causeNow?: (failure: Failure) => "mended" | "stands" | undefined;
}

/** @return the attempt, and a Job that must go: its pods cannot start on former inputs, it failed and the next is due, or it is held */
export function attemptsOf(
  job: Live<Job> | undefined,
  context: AttemptContext,
  view: View,
): { readonly attempt: Attempt; readonly outdated?: Live<Job> } {
  const { sort, before, inputsNow } = context;
  if (job === undefined) return { attempt: withoutJob(before, inputsNow(), view, context.causeNow) };
  const ended = jobEnd(job, sort.container, view);
  if (ended?.result === "Complete") {
    return { attempt: { phase: "complete", job }, ...(ended.held ? { outdated: job } : {}) };
  }
  const { health: pods, unread } = jobPods(job, sort, view);
  const failure = ended === undefined || unread ? undefined : failureOf(job, ended, pods, context);
  if (failure === undefined) {
    const stuck = cannotStart(pods) && differ(inputsOf(job), inputsNow());
    return { attempt: { phase: "running", job, pods }, ...(stuck ? { outdated: job } : {}) };
  }
  const due = isDue(failure, context, view);
  return { attempt: { phase: "failed", failure }, ...(due ? { outdated: job } : {}) };
}

/** Whether the next attempt may begin. */
function isDue(failure: Failure, { inputsNow, causeNow }: AttemptContext, view: View): boolean {
  const cause = causeNow?.(failure);
  return cause === "mended" || (cause !== "stands" && differ(failure.inputs, inputsNow())) ||
    view.reached(failure.retryAt);
}

/** Whether the work is done and somebody else's container keeps the Job from ending. */
export function isBlocked(job: Live<Job>, { container }: JobSort, view: View): boolean {
  const ended = jobEnd(job, container, view);
  return ended?.result === "Complete" && ended.held;
}

/** Whether another Job could do better, and nothing is lost with this one. */
function cannotStart({ state, errors = [] }: ComponentHealth): boolean {
  return state === "Pending" || errors.some(({ category }) => category !== "MissingDownstream");
}

/** Whether both are known, and not the same. */
function differ(before: string | undefined, now: string | undefined): boolean {
  return before !== undefined && now !== undefined && before !== now;
}

/** What follows a failure whose Job has gone. */
export function withoutJob(
  failure: Failure | undefined,
  inputs: string | undefined,
  view: View,
  causeNow?: AttemptContext["causeNow"],
): Attempt {
  const cause = failure && causeNow?.(failure);
  if (failure === undefined || (cause !== "stands" && differ(failure.inputs, inputs))) {
    return { phase: "absent", attempt: 1, inputs };
  }
  if (cause !== "mended" && !view.reached(failure.retryAt)) return { phase: "failed", failure };
  return { phase: "absent", attempt: failure.attempt + 1, inputs };
}

/**
 * The failure of a failed Job; as it is remembered, once it is: its pods may be gone before it. When to try again
 * depends on what it was made of, so there is none while that is not known.
 */
export function failureOf(
  job: Live<Job>,
  { at, error }: Extract<JobEnd, { result: "Failed" }>,
  pods: ComponentHealth,
  { before, inputsNow, complete, volume }: AttemptContext,
): Failure | undefined {
  const attempt = attemptOf(job);
  const inputs = inputsOf(job) ?? inputsNow();
  if (before !== undefined && isOf(before, job, at)) return before;
  if (inputs === undefined) return undefined;
  const podError = pods.errors?.find(({ category }) => category !== "MissingDownstream");
  return {
    attempt,
    at,
    retryAt: retryTime(attempt, at, (podError ?? error).reason),
    inputs,
    complete,
    ...(volume === undefined ? {} : { volume }),
    job: remembered(error),
    ...(podError && { pods: remembered(podError) }),
  };
}

/** Whether the failure is that of this very Job. */
function isOf(failure: Failure, job: Live<Job>, at: string): boolean {
  return failure.at === at && failure.attempt === attemptOf(job) && !differ(failure.inputs, inputsOf(job));
}

function endOf(job: Live<Job>): string {
  return job.status?.completionTime ?? job.metadata.creationTimestamp!;
}

/** The remembered failure of a Job that is complete: its result need not be read again. */
export function knownUnusable(job: Live<Job>, before: Failure | undefined): ComponentError | undefined {
  return before !== undefined && isOf(before, job, endOf(job)) ? before.job : undefined;
}

/** A Job that is complete, with a result that is of no use: a failed attempt like any other. */
export function unusable(
  job: Live<Job>,
  error: ComponentError,
  context: AttemptContext,
  view: View,
): { readonly attempt: Attempt; readonly outdated?: Live<Job> } | undefined {
  const failure = failureOf(job, { result: "Failed", at: endOf(job), error }, context.sort.pods, context);
  if (failure === undefined) return undefined;
  const due = isDue(failure, context, view);
  return { attempt: { phase: "failed", failure }, ...(due ? { outdated: job } : {}) };
}

/** Health of the Job, and of its pods where they say something. */
export function attemptHealth(attempt: Attempt, sort: JobSort, jobName: string): ComponentHealth[] {
  switch (attempt.phase) {
    case "absent":
      return [missing(sort.job, `Job ${jobName}`)];
    case "running": {
      const job = inspectJob(attempt.job, sort.job);
      // A suspended Job has no pods, and that there are none says nothing.
      if (isSuspended(attempt.job)) return [job];
      // Pods that something is wrong with speak for their Job, which merely runs.
      const isWrong = completed(attempt.pods).code !== undefined;
      return [{ ...job, ...(isWrong && { follows: sort.pods.component }) }, attempt.pods];
    }
    case "complete":
      return [inspectJob(attempt.job, sort.job)];
    case "failed": {
      const { pods } = attempt.failure;
      const ended = failing(sort.job, jobError(attempt.failure));
      return pods === undefined ? [ended] : [ended, failing(sort.pods, pods)];
    }
  }
}
