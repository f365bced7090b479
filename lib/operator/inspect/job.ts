/** Health of a Job (conventions.md §6.7 "Job"). */

import type { Event, Job } from "../objects.ts";
import type { ComponentError, ErrorCategory } from "../errors/errors.ts";
import { type About, type ComponentHealth, failing, ready } from "../status/health.ts";
import type { KnownReason } from "../errors/reasons.ts";
import { eventReasons } from "./causes.ts";
import { eventsAbout, newest } from "./events.ts";

/** How a Job has ended; undefined while it runs. */
export function jobResult(job: Job): "Complete" | "Failed" | undefined {
  if (conditionOf(job, "Complete") !== undefined) return "Complete";
  return conditionOf(job, "Failed") === undefined ? undefined : "Failed";
}

/** Whether somebody (Kueue, a user) keeps the Job from having pods; it holds no place meanwhile. */
export function isSuspended(job: Job): boolean {
  return job.spec?.suspend === true && jobResult(job) === undefined;
}

/** Health of a Job of ours; its failure never keeps us from applying. */
export function inspectJob(job: Job | undefined, about: About): ComponentHealth {
  const child: About = { ...about, role: "child" };
  if (job === undefined) {
    return failing(child, { category: "MissingDownstream", reason: "JobNotFound", message: "Job not found" });
  }
  switch (jobResult(job)) {
    case "Complete":
      return ready(child, "Ready", "Job has completed");
    case "Failed":
      return failing(child, jobError(conditionOf(job, "Failed")!));
    default:
      if (isSuspended(job)) return { ...child, state: "Pending", reason: "Suspended", message: suspended };
      return { ...child, state: "Progressing", reason: "JobRunning", message: "Job is running" };
  }
}

const suspended = "The Job is suspended (by Kueue or a user); it runs when it is resumed";

/** Why the Job controller cannot make pods, in its own words; undefined if it can. */
export function jobRefusal(job: Job, events: readonly Event[]): string | undefined {
  return newest(eventsAbout(job, events), eventReasons("Job", "refused").wrong)?.message;
}

const verdicts: Readonly<Record<string, { category: ErrorCategory; reason: KnownReason }>> = {
  BackoffLimitExceeded: { category: "InvalidSpec", reason: "JobBackoffLimitExceeded" },
  // Time has run out, as memory does; the configuration may be right.
  DeadlineExceeded: { category: "ResourceExhaustion", reason: "JobDeadlineExceeded" },
  Evicted: { category: "Infrastructure", reason: "JobEvicted" },
};

function jobError({ reason = "", message }: { reason?: string; message?: string }): ComponentError {
  const verdict = Object.hasOwn(verdicts, reason)
    ? verdicts[reason]
    : { category: "InvalidSpec", reason: "JobFailed" } as const;
  return { ...verdict, message: message || reason || "Job failed" };
}

function conditionOf(job: Job, type: string) {
  return job.status?.conditions?.find((each) => each.type === type && each.status === "True");
}
