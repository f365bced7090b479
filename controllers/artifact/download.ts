/** How far the download is, and what follows (caching-and-artifacts.md §5.1, §5.11 and §5.12 Better). */

import type { AIMArtifact } from "../../lib/api/mod.ts";
import type { Job } from "../../lib/cluster/objects.ts";
import type { Live } from "../../lib/kube/object.ts";
import { conditionOf, type ExtraCondition } from "../../lib/operator/status/conditions.ts";
import { type ComponentHealth, failing, missing } from "../../lib/operator/status/health.ts";
import { inspectJob, isSuspended } from "../../lib/operator/inspect/job.ts";
import type { Reason } from "../../lib/operator/status/reasons.ts";
import type { View } from "../../lib/operator/core/view.ts";
import { type Failure, failureText, type Memory, memoryOf, remembered, retryTime } from "./attempt.ts";
import type { Claim } from "./claim.ts";
import { attemptOf, downloadContainer, fills, inputsOf, jobName, jobOf } from "./download_job.ts";
import { aboutPods, downloadPods } from "./download_pods.ts";
import { type JobEnd, jobEnd } from "./job_end.ts";

export type Download =
  /** The weights are on the present claim, checksums compared. */
  | { readonly phase: "verified"; readonly claim: Claim }
  /** There is no Job; the next is that attempt, once it is known what it is made of. */
  | { readonly phase: "absent"; readonly attempt: number; readonly inputs: string | undefined }
  | { readonly phase: "running"; readonly job: Live<Job>; readonly pods: ComponentHealth }
  /** The last attempt failed and the next is not due, or its Job is still in the way. */
  | { readonly phase: "failed"; readonly failure: Failure };

export interface DownloadState {
  readonly download: Download;
  /**
   * A Job that must go: of a former claim, of former inputs while in trouble, failed with the next one due, or done
   * while somebody else's container keeps its pod.
   */
  readonly outdated?: Live<Job>;
}

/** Hash of what a Job would be made of now; undefined while that is not known. Asked only where it matters. */
export type InputsNow = () => string | undefined;

export function downloadOf(
  artifact: Live<AIMArtifact>,
  claim: Claim | undefined,
  inputsNow: InputsNow,
  view: View,
): DownloadState {
  const job = jobOf(artifact, view);
  const ended = job && jobEnd(job, downloadContainer, view);
  const done = (claim: Claim): DownloadState => ({
    download: { phase: "verified", claim },
    ...(ended?.result === "Complete" && ended.held ? { outdated: job } : {}),
  });
  if (claim !== undefined && isVerified(artifact, claim)) return done(claim);

  const { failure: before } = memoryOf(artifact);
  if (job === undefined) return { download: withoutJob(before, inputsNow(), view) };
  if (claim !== undefined && !fills(job, claim)) {
    return { download: { phase: "absent", attempt: attemptOf(job), inputs: inputsNow() }, outdated: job };
  }
  if (ended?.result === "Complete" && claim !== undefined) return done(claim);

  const { health: pods, unread } = downloadPods(job, view);
  const failure = ended?.result === "Failed" && !unread
    ? failureOf(artifact, { job, ended, pods, before, now: inputsNow() })
    : undefined;
  if (failure === undefined) {
    const stuck = cannotStart(pods) && differ(inputsOf(job), inputsNow());
    return { download: { phase: "running", job, pods }, ...(stuck ? { outdated: job } : {}) };
  }
  const due = differ(failure.inputs, inputsNow()) || view.reached(failure.retryAt);
  return { download: { phase: "failed", failure }, ...(due ? { outdated: job } : {}) };
}

/** Whether another Job could do better, and nothing is lost with this one. */
function cannotStart({ state, errors = [] }: ComponentHealth): boolean {
  return state === "Pending" || errors.some(({ category }) => category !== "MissingDownstream");
}

/** Whether both are known, and not the same. */
function differ(before: string | undefined, now: string | undefined): boolean {
  return before !== undefined && now !== undefined && before !== now;
}

/** By what is remembered of this very claim. AIM Engine remembers no UID: it is believed for the claim of its status. */
function isVerified(artifact: Live<AIMArtifact>, { metadata }: Claim): boolean {
  const { verified } = memoryOf(artifact);
  if (verified !== undefined) return verified === metadata.uid;
  const told = conditionOf(artifact.status?.conditions, "DownloadComplete");
  return told?.status === "True" && told.reason === "Verified" &&
    artifact.status?.persistentVolumeClaim === metadata.name;
}

function withoutJob(failure: Failure | undefined, inputs: string | undefined, view: View): Download {
  if (failure === undefined || differ(failure.inputs, inputs)) return { phase: "absent", attempt: 1, inputs };
  if (!view.reached(failure.retryAt)) return { phase: "failed", failure };
  return { phase: "absent", attempt: failure.attempt + 1, inputs };
}

/**
 * The failure of a failed Job; as it is remembered, once it is: its pods may be gone before it. When to try again
 * depends on what it was made of, so there is none while that is not known.
 */
function failureOf(
  artifact: AIMArtifact,
  { job, ended: { at, error }, pods, before, now }: {
    readonly job: Live<Job>;
    readonly ended: Extract<JobEnd, { result: "Failed" }>;
    readonly pods: ComponentHealth;
    readonly before: Failure | undefined;
    readonly now: string | undefined;
  },
): Failure | undefined {
  const attempt = attemptOf(job);
  const inputs = inputsOf(job) ?? now;
  const known = before?.at === at && before.attempt === attempt &&
    !differ(before.inputs, inputsOf(job));
  if (known) return before;
  if (inputs === undefined) return undefined;
  const podError = pods.errors?.find(({ category }) => category !== "MissingDownstream");
  return {
    attempt,
    at,
    retryAt: retryTime(attempt, at, (podError ?? error).reason),
    inputs,
    complete: hasEverything(artifact),
    job: remembered(error),
    ...(podError && { pods: remembered(podError) }),
  };
}

/** What the artifact must carry on, whatever becomes of Job and pods. */
export function memoryAfter(artifact: AIMArtifact, download: Download): Memory {
  switch (download.phase) {
    case "verified":
      return { verified: download.claim.metadata.uid };
    case "failed":
      return { failure: download.failure };
    default:
      return memoryOf(artifact);
  }
}

const about = { component: "DownloadJob", dependency: "Downstream" } as const;

/** `DownloadJobReady` and `DownloadJobPodsReady`; neither once the weights are verified (§5.11 Better). */
export function downloadHealth(download: Download, artifact: Live<AIMArtifact>): ComponentHealth[] {
  switch (download.phase) {
    case "verified":
      return [];
    case "absent":
      return [missing(about, `Job ${jobName(artifact)}`)];
    case "running":
      // A suspended Job has no pods, and that there are none says nothing.
      return isSuspended(download.job)
        ? [inspectJob(download.job, about)]
        : [inspectJob(download.job, about), download.pods];
    case "failed": {
      const { job, pods } = download.failure;
      const ended = failing({ ...about, role: "child" }, job);
      return pods === undefined ? [ended] : [ended, failing({ ...aboutPods, role: "child" }, pods)];
    }
  }
}

/** `DownloadComplete` (§5.10); there is none before the first Job. */
export function downloadCondition(download: Download, artifact: Live<AIMArtifact>): ExtraCondition[] {
  const condition = (status: "True" | "False", reason: Reason, message: string) => [
    { type: "DownloadComplete", status, reason, message },
  ];
  switch (download.phase) {
    case "verified": {
      const { name, uid } = download.claim.metadata;
      return condition("True", "Verified", `Verified on PersistentVolumeClaim ${name} (UID ${uid})`);
    }
    case "absent":
      if (conditionOf(artifact.status?.conditions, "DownloadComplete") === undefined) return [];
      return condition("False", "Downloading", `Download attempt ${download.attempt} has not begun yet`);
    case "running": {
      const attempt = `Download attempt ${attemptOf(download.job)}`;
      if (!hasEverything(artifact)) return condition("False", "Downloading", `${attempt} is running`);
      return condition("True", "Verifying", `${attempt} has got everything; checksums are being compared`);
    }
    case "failed": {
      const { failure } = download;
      return condition(
        "False",
        failure.complete ? "VerificationFailed" : "Downloading",
        failureText(failure),
      );
    }
  }
}

/** Whether this attempt has reported 100 percent; what an earlier one reported ends in `N/A`. */
function hasEverything({ status }: AIMArtifact): boolean {
  return (status?.progress?.percentage ?? 0) >= 100 && status?.progress?.displayPercentage !== "N/A";
}
