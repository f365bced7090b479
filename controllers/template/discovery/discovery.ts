/** How far the discovery of a template has come (models-and-templates.md §5.2 step 3, §5.7, §5.8). */

import type { DiscoveryState, TemplateStatus } from "../../../lib/api/mod.ts";
import type { DiscoveryFound } from "../../../lib/images/mod.ts";
import { jobs } from "../../../lib/cluster/kinds.ts";
import type { Job } from "../../../lib/operator/objects.ts";
import { discoveryContainer, discoveryResult } from "../../../lib/facts/discovery_result.ts";
import { isStatus } from "../../../lib/kube/errors.ts";
import type { Live } from "../../../lib/kube/object.ts";
import { type Removal, removalOf } from "../../../lib/operator/core/plan.ts";
import type { View } from "../../../lib/operator/core/view.ts";
import { eventRows } from "../../../lib/operator/inspect/causes.ts";
import { inspectJob, jobResult } from "../../../lib/operator/inspect/job.ts";
import { conditionOf } from "../../../lib/operator/status/conditions.ts";
import { completed, type ComponentHealth, failing } from "../../../lib/operator/status/health.ts";
import { mostTelling } from "../../../lib/operator/errors/codes.ts";
import type { ErrorCategory } from "../../../lib/operator/errors/errors.ts";
import type { Reason } from "../../../lib/operator/errors/reasons.ts";
import { counted, type Failure, nextAttemptAt, succeeded } from "./attempt.ts";
import { jobNames, specHash } from "./discovery_job.ts";
import { createdAt, isEnded, jobsOf } from "./discovery_jobs.ts";
import { heldResult, holdersOf, podsHealth, readingLog, stuckJob, succeededPod } from "./discovery_pods.ts";
import type { FoundModel } from "../model.ts";
import { isOutdated, isTakenOver, type Origin, originOf } from "./origin.ts";
import type { Template } from "../scope.ts";

/**
 * - `settled`: nothing is to be found out.
 * - `idle`: there is no Job, and nothing but its turn keeps it from being made.
 * - `blocked`: there is no Job, and something else has to come first.
 * - `leaving`: a Job is being deleted.
 * - `running`: a Job runs.
 * - `reading`: the Job has ended, its output or what its pod says of the failure is not known yet.
 * - `failed`: the last Job failed, and the next may not begin yet.
 * - `found`: the output is known.
 */
export type Phase =
  | { readonly at: "settled" | "idle" | "blocked" }
  | { readonly at: "leaving" | "running"; readonly job: Live<Job> }
  | { readonly at: "reading"; readonly job: Live<Job>; readonly trouble?: Error }
  | { readonly at: "failed"; readonly health?: ComponentHealth; readonly retryAt: number | undefined }
  | { readonly at: "found"; readonly job: Live<Job>; readonly result: DiscoveryFound };

export interface Discovery {
  readonly origin: Origin;
  readonly phase: Phase;
  /** The Job that this is about; it may have ended long ago, in `settled` too. */
  readonly job: Live<Job> | undefined;
  readonly pods: ComponentHealth | undefined;
  /** Who keeps its pods from ending, in words; empty if nobody does. */
  readonly holders: string;
  /** `status.discovery` as it follows. */
  readonly record: DiscoveryState | undefined;
  /** Jobs that ask for what nobody wants to know any more, or that get nowhere. */
  readonly removals: readonly Removal[];
}

/** @param plannable whether the cluster has what the template needs: its model's image and its GPU (§5.4 rules 1, 2) */
export function discoveryOf(
  template: Live<Template>,
  model: FoundModel | undefined,
  plannable: boolean,
  view: View,
): Discovery {
  const origin = originOf(template);
  const stored = template.status?.discovery;
  if (origin === "inline") {
    const removals = chooseJob(jobsOf(template, view), []).superseded.map((each) => removalOf(jobs, each));
    return {
      origin,
      phase: { at: "settled" },
      job: undefined,
      pods: undefined,
      holders: "",
      record: undefined,
      removals,
    };
  }

  const hash = model?.hasImage ? specHash(template, model) : undefined;
  const names = model?.hasImage ? jobNames(template, model) : undefined;
  const { job, superseded } = chooseJob(jobsOf(template, view), names);
  const pods = job && podsHealth(job, template.status, view);
  const holders = job === undefined ? "" : holdersOf(job, view);
  const about = { origin, job, pods, holders, removals: superseded.map((each) => removalOf(jobs, each)) };
  if (origin === "discovered" && !isOutdated(template, hash)) {
    // Without the model's image nobody can say what the stored hash is to be compared with: it stays.
    const known = isTakenOver(template) ? undefined : stored;
    return {
      ...about,
      phase: { at: "settled" },
      record: hash === undefined ? known : succeeded(hash),
      removals: [...about.removals, ...held(job, view)],
    };
  }
  if (job === undefined || hash === undefined) {
    const wanted = plannable && hash !== undefined && names !== undefined
      ? { hash, name: names[0] }
      : undefined;
    return { ...about, phase: phaseWithout(job, template, wanted, view), record: stored };
  }
  const verdict = verdictOf(job, pods, template, view);
  if ("phase" in verdict) {
    const phase = afterwards(verdict.phase, template, hash, view);
    if (phase.at !== "found") return { ...about, phase, record: stored };
    return { ...about, phase, record: succeeded(hash), removals: [...about.removals, ...held(job, view)] };
  }
  const record = counted(stored, hash, verdict.failure);
  const getsNowhere = !isEnded(job) && job.metadata.deletionTimestamp === undefined;
  return {
    ...about,
    phase: {
      at: "failed",
      health: verdict.health,
      retryAt: nextAttemptAt(record, hash, verdict.health.retries === true),
    },
    record,
    removals: [...about.removals, ...(getsNowhere ? [removalOf(jobs, job)] : [])],
  };
}

/** A Job that has told what it was asked, and that somebody else's container keeps from ending. */
function held(job: Live<Job> | undefined, view: View): Removal[] {
  if (job === undefined || isEnded(job) || job.metadata.deletionTimestamp !== undefined) return [];
  return heldResult(job, view) === undefined ? [] : [removalOf(jobs, job)];
}

/**
 * The Job that asks for what is wanted now, by its name, which is a hash of that; the newest of all while the
 * model does not tell what is wanted. Those that still run for another answer hold a place for nothing.
 */
function chooseJob(all: readonly Live<Job>[], names: readonly string[] | undefined) {
  if (names === undefined) return { job: all[0], superseded: [] };
  return {
    job: all.find(({ metadata }) => names.includes(metadata.name)),
    superseded: all.filter(({ metadata }) =>
      !names.includes(metadata.name) && metadata.deletionTimestamp === undefined
    ).filter((job) => !isEnded(job)),
  };
}

/**
 * Without a Job that could tell anything: the backoff of the last failure, or a Job's turn. The backoff is that
 * of one Job: who gives it another secret or variable, which the hash leaves out, need not wait.
 */
function phaseWithout(
  job: Live<Job> | undefined,
  { status }: Template,
  wanted: { readonly hash: string; readonly name: string } | undefined,
  view: View,
): Phase {
  if (job !== undefined) return isEnded(job) ? { at: "blocked" } : { at: "running", job };
  if (wanted === undefined) return { at: "blocked" };
  const failed = status?.discoveryJob?.name;
  const retryAt = failed === undefined || wanted.name === failed
    ? nextAttemptAt(status?.discovery, wanted.hash, waited(status))
    : undefined;
  return retryAt === undefined || view.reached(retryAt) ? { at: "idle" } : { at: "failed", retryAt };
}

/** A Job that was given up and is being deleted leaves the failure that it was. */
function afterwards(phase: Phase, { status }: Template, hash: string, view: View): Phase {
  const retryAt = phase.at === "leaving" ? nextAttemptAt(status?.discovery, hash, waited(status)) : undefined;
  return retryAt === undefined || view.reached(retryAt) ? phase : { at: "failed", retryAt };
}

/** What a failure means where only its reason is known, since its Job is gone or never ended; of others the state alone. */
const failures: Partial<Record<string, ErrorCategory | "waits">> = {
  JobBackoffLimitExceeded: "InvalidSpec",
  JobDeadlineExceeded: "ResourceExhaustion",
  JobFailed: "InvalidSpec",
  ImagePullAuthFailure: "Auth",
  ImageNotFound: "MissingUpstream",
  InvalidImageName: "InvalidSpec",
  ErrImageNeverPull: "MissingUpstream",
  // Nothing is wrong with the template: a place may come (spec/README "Degraded of a service").
  ...Object.fromEntries(
    eventRows.filter(({ kind, outlook }) => kind === "Pod" && outlook === "placeless")
      .map(({ reason }) => [reason, "waits" as const]),
  ),
};

/** Whether the last attempt is known to have found no place. */
function waited(status: TemplateStatus | undefined): boolean {
  return failures[conditionOf(status?.conditions, "DiscoveryJobReady")?.reason ?? ""] === "waits";
}

/** `DiscoveryJobReady` of a failed attempt. */
export function failureOf(reason: Reason, message: string): ComponentHealth {
  const means = failures[reason];
  if (means === "waits") return { ...aboutJob, state: "Pending", reason, message, retries: true };
  if (means === undefined) return { ...aboutJob, state: "Failed", reason, message };
  return failing(aboutJob, { category: means, reason, message });
}

/** How far a Job has come, or how it failed, with the `DiscoveryJobReady` that says so. */
type Verdict =
  | { readonly phase: Phase }
  | { readonly failure: Failure; readonly health: ComponentHealth };

export const aboutJob = { component: "DiscoveryJob", dependency: "Downstream", role: "child" } as const;

function verdictOf(
  job: Live<Job>,
  pods: ComponentHealth | undefined,
  template: Template,
  view: View,
): Verdict {
  const failed = (failedAt: number, reason: string, health: ComponentHealth): Verdict => ({
    failure: { createdAt: createdAt(job), failedAt, reason, ...causeOf(pods) },
    health: blaming(health, pods),
  });
  const end = endOf(job, view);
  switch (end?.result) {
    case "Failed":
      return pods === readingLog ? { phase: { at: "reading", job } } : failed(end.at, end.why, end.health);
    case "Complete":
      return readVerdict(
        job,
        end,
        view,
        (message) =>
          failed(end.at, message, { ...aboutJob, state: "Failed", reason: "DiscoveryFailed", message }),
      );
  }
  const stuck = stuckJob(job, pods, template, view);
  if (stuck !== undefined) {
    const { reason, message, at } = stuck;
    return failed(at, `${reason}: ${message}`, failureOf(reason, message));
  }
  return { phase: { at: job.metadata.deletionTimestamp === undefined ? "running" : "leaving", job } };
}

/** The health of a failed Job, with the cause that its pods tell. */
function blaming(health: ComponentHealth, pods: ComponentHealth | undefined): ComponentHealth {
  const code = mostTelling([pods && completed(pods).code, completed(health).code]);
  return { ...health, ...(code && { code }) };
}

/** How a Job has ended. Times in milliseconds since 1970. */
interface End {
  readonly result: "Complete" | "Failed";
  readonly at: number;
  readonly why: string;
  readonly health: ComponentHealth;
}

/** By the Job's own condition, else by our container in a pod that somebody else's keeps from ending. */
function endOf(job: Live<Job>, view: View): End | undefined {
  const result = jobResult(job);
  if (result !== undefined) {
    const { lastTransitionTime, message, reason } = conditionOfJob(job, result)!;
    return {
      result,
      at: Date.parse(lastTransitionTime ?? job.status?.completionTime ?? "") || createdAt(job),
      why: message || reason || "Unknown failure",
      health: inspectJob(job, aboutJob),
    };
  }
  const held = heldResult(job, view);
  if (held === undefined) return undefined;
  const why = `Container ${discoveryContainer} of pod ${held.pod} ended with exit code ${held.exitCode}`;
  return {
    result: held.exitCode === 0 ? "Complete" : "Failed",
    at: Date.parse(held.finishedAt ?? "") || createdAt(job),
    why,
    health: failing(aboutJob, { category: "InvalidSpec", reason: "JobFailed", message: why }),
  };
}

/** What the pods say of a failure, if they say anything. */
function causeOf(pods: ComponentHealth | undefined): Pick<Failure, "cause"> {
  const cause = pods?.state === "Ready" ? undefined : pods?.message ?? pods?.errors?.[0]?.message;
  return cause === undefined ? {} : { cause };
}

/** So long the pod of a complete Job may take to be seen, in milliseconds. */
const podGrace = 30_000;

/**
 * So long its log may be unreadable, in milliseconds: a little less than the Job is kept. Gone without a failure on
 * record it would be made anew at once, and again each minute for as long as no log can be read.
 */
const logGrace = 45_000;

/** A Job without a usable result is a failed attempt; a log that cannot be read now is read later (§5.8 Better). */
function readVerdict(job: Live<Job>, end: End, view: View, failed: (message: string) => Verdict): Verdict {
  const pod = succeededPod(job, view);
  if (pod === undefined) {
    return view.reached(end.at + podGrace)
      ? failed(`The pod of Job ${job.metadata.name} is gone, and its output with it`)
      : { phase: { at: "reading", job } };
  }
  const { name, namespace = "", uid } = pod.metadata;
  const known = view.fact(discoveryResult, { namespace, pod: name, uid, node: pod.spec?.nodeName ?? "" });
  switch (known.state) {
    case "pending":
      return { phase: { at: "reading", job } };
    case "failed":
      return isFinal(known.error) || view.reached(end.at + logGrace)
        ? failed(`The log of pod ${name} cannot be read: ${known.error.message}`)
        : { phase: { at: "reading", job, trouble: known.error } };
    case "known":
      return known.value.ok
        ? { phase: { at: "found", job, result: known.value } }
        : failed(`The output of pod ${name} is of no use: ${known.value.message}`);
  }
}

/** Asking again while the Job is there would not help. */
function isFinal(error: Error): boolean {
  return [400, 403, 404].some((code) => isStatus(error, code));
}

function conditionOfJob(job: Job, type: string) {
  return job.status?.conditions?.find((each) => each.type === type && each.status === "True");
}
