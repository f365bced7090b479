/** How far the download is, and what follows (caching-and-artifacts.md §5.1, §5.11 and §5.12 Better). */

import type { AIMArtifact } from "../../lib/api/mod.ts";
import type { Job } from "../../lib/cluster/objects.ts";
import type { Live } from "../../lib/kube/object.ts";
import {
  conditionOf,
  type ExtraCondition,
  type StoredCondition,
} from "../../lib/operator/status/conditions.ts";
import { type ComponentHealth, failing, missing } from "../../lib/operator/status/health.ts";
import type { ErrorCategory } from "../../lib/operator/status/errors.ts";
import { inspectJob, jobResult } from "../../lib/operator/inspect/job.ts";
import { foreignReason, type Reason } from "../../lib/operator/status/reasons.ts";
import type { View } from "../../lib/operator/core/view.ts";
import { type Failure, failureIn, failureText, retryTime, verifiedClaimIn, verifiedText } from "./attempt.ts";
import type { Claim } from "./claim.ts";
import { attemptOf, fills, inputsOf, jobName, jobOf } from "./download_job.ts";
import { aboutPods, type DownloadPods, downloadPods } from "./download_pods.ts";

export type Download =
  /** The weights are on the present claim, checksums compared. */
  | { readonly phase: "verified"; readonly claim: Claim }
  /** There is no Job; the next is that attempt. */
  | { readonly phase: "absent"; readonly attempt: number }
  | { readonly phase: "running"; readonly job: Live<Job>; readonly pods: ComponentHealth }
  /** The last attempt failed and the next is not due, or its Job is still in the way. */
  | {
    readonly phase: "failed";
    readonly failure: Failure;
    readonly job?: Live<Job>;
    readonly pods: ComponentHealth;
  };

export interface DownloadState {
  readonly download: Download;
  /** A Job that must go: of a former claim, of former inputs while in trouble, or failed with the next one due. */
  readonly outdated?: Live<Job>;
}

/**
 * @param inputs hash of what a Job would be made of now; undefined while that is not known (no size).
 */
export function downloadOf(
  artifact: Live<AIMArtifact>,
  claim: Claim | undefined,
  inputs: string | undefined,
  view: View,
): DownloadState {
  const stored = conditionOf(artifact.status?.conditions, "DownloadComplete");
  if (claim !== undefined && isVerified(artifact, claim, stored)) {
    return { download: { phase: "verified", claim } };
  }

  const job = jobOf(artifact, view);
  const remembered = stored?.status === "False" ? failureIn(stored.message) : undefined;
  if (job === undefined) return withoutJob(artifact, stored, remembered, inputs, view);
  if (claim !== undefined && !fills(job, claim)) {
    return { download: { phase: "absent", attempt: attemptOf(job) }, outdated: job };
  }
  const result = jobResult(job);
  if (result === "Complete" && claim !== undefined) return { download: { phase: "verified", claim } };

  const { health: pods, unread } = podsHealth(artifact, job, view);
  const changed = inputs !== undefined && inputsOf(job) !== undefined && inputsOf(job) !== inputs;
  // When to try again depends on what went wrong: not before the log has told.
  if (result !== "Failed" || unread) {
    const stuck = changed && (pods.errors ?? []).length > 0;
    return { download: { phase: "running", job, pods }, ...(stuck ? { outdated: job } : {}) };
  }
  const failure = failureOf(job, pods, remembered, inputs);
  const due = changed || failure.inputs !== (inputs ?? failure.inputs) || view.reached(failure.retryAt);
  return { download: { phase: "failed", failure, job, pods }, ...(due ? { outdated: job } : {}) };
}

/** By the stored fact, of this very claim. AIM Engine's says no UID: it is believed for the claim of its status. */
function isVerified(
  { status }: Live<AIMArtifact>,
  { metadata }: Claim,
  stored: StoredCondition | undefined,
): boolean {
  if (stored?.status !== "True" || stored.reason !== "Verified") return false;
  const uid = verifiedClaimIn(stored.message);
  return uid === undefined ? status?.persistentVolumeClaim === metadata.name : uid === metadata.uid;
}

function withoutJob(
  artifact: Live<AIMArtifact>,
  stored: StoredCondition | undefined,
  failure: Failure | undefined,
  inputs: string | undefined,
  view: View,
): DownloadState {
  if (failure === undefined) {
    const attempt = Number(/^Download attempt (\d+) /.exec(stored?.message ?? "")?.[1] ?? 1);
    return { download: { phase: "absent", attempt } };
  }
  if (inputs !== undefined && inputs !== failure.inputs) return { download: { phase: "absent", attempt: 1 } };
  if (view.reached(failure.retryAt)) return { download: { phase: "absent", attempt: failure.attempt + 1 } };
  return {
    download: { phase: "failed", failure, pods: rememberedHealth(artifact, aboutPods) ?? aboutPods },
  };
}

/** Of a failed Job the pods may be gone before it; what they told is remembered. */
function podsHealth(artifact: Live<AIMArtifact>, job: Live<Job>, view: View): DownloadPods {
  const { health, unread } = downloadPods(job, view);
  const gone = jobResult(job) === "Failed" && health.reason === "NoPods";
  return { health: (gone && rememberedHealth(artifact, aboutPods)) || health, unread };
}

/** The failure of a failed Job; as it was recorded, once it was. */
function failureOf(
  job: Live<Job>,
  pods: ComponentHealth,
  remembered: Failure | undefined,
  inputs: string | undefined,
): Failure {
  const at = job.status?.conditions?.find(({ type, status }) => type === "Failed" && status === "True")
    ?.lastTransitionTime ?? job.metadata.creationTimestamp!;
  const attempt = attemptOf(job);
  if (remembered?.at === at && remembered.attempt === attempt) return remembered;
  return {
    attempt,
    at,
    retryAt: retryTime(attempt, at, pods.errors?.[0]?.reason ?? "JobFailed"),
    inputs: inputsOf(job) ?? inputs ?? "00000000",
  };
}

const about = { component: "DownloadJob", dependency: "Downstream" } as const;

/** Which class a remembered reason had (§5.12); all others are faults of the spec. */
const categories: Readonly<Record<string, ErrorCategory>> = {
  AuthError: "Auth",
  ImagePullAuthFailure: "Auth",
  ImageNotFound: "MissingUpstream",
  StorageFull: "ResourceExhaustion",
  PodOOMKilled: "ResourceExhaustion",
  PodDeadlineExceeded: "ResourceExhaustion",
  JobDeadlineExceeded: "ResourceExhaustion",
  ImagePullBackOff: "Infrastructure",
  PodEvicted: "Infrastructure",
  JobEvicted: "Infrastructure",
};

/** What the stored condition said of a component whose objects are gone. */
function rememberedHealth(
  { status }: Live<AIMArtifact>,
  component: typeof about | typeof aboutPods,
): ComponentHealth | undefined {
  const stored = conditionOf(status?.conditions, `${component.component}Ready`);
  if (stored?.status !== "False" || stored.reason === undefined || stored.reason === "NoPods") {
    return undefined;
  }
  const reason: Reason = foreignReason(stored.reason);
  return failing(component, {
    category: categories[reason] ?? "InvalidSpec",
    reason,
    message: stored.message ?? "",
  });
}

/** `DownloadJobReady` and `DownloadJobPodsReady`; neither once the weights are verified (§5.11 Better). */
export function downloadHealth(download: Download, artifact: Live<AIMArtifact>): ComponentHealth[] {
  switch (download.phase) {
    case "verified":
      return [];
    case "absent":
      return [missing(about, `Job ${jobName(artifact)}`)];
    case "running":
      return [inspectJob(download.job, about), download.pods];
    case "failed": {
      const ended = download.job === undefined
        ? rememberedHealth(artifact, about) ??
          failing(about, { ...jobFailed, message: "The download Job failed" })
        : inspectJob(download.job, about);
      return tells(download.pods) ? [ended, download.pods] : [ended];
    }
  }
}

/** Whether the pods say why; that there are none left says nothing. */
function tells({ errors = [] }: ComponentHealth): boolean {
  return errors.some(({ category }) => category !== "MissingDownstream");
}

const jobFailed = { category: "InvalidSpec", reason: "JobFailed" } as const;

/** `DownloadComplete` (§5.10); there is none before the first Job. */
export function downloadCondition(download: Download, artifact: Live<AIMArtifact>): ExtraCondition[] {
  const stored = conditionOf(artifact.status?.conditions, "DownloadComplete");
  const condition = (status: "True" | "False", reason: Reason, message: string) => [
    { type: "DownloadComplete", status, reason, message },
  ];
  switch (download.phase) {
    case "verified":
      return condition("True", "Verified", verifiedText(download.claim.metadata));
    case "absent":
      if (stored === undefined) return [];
      return condition("False", "Downloading", `Download attempt ${download.attempt} has not begun yet`);
    case "running": {
      const attempt = `Download attempt ${attemptOf(download.job)}`;
      if (!hasEverything(artifact)) return condition("False", "Downloading", `${attempt} is running`);
      return condition("True", "Verifying", `${attempt} has got everything; checksums are being compared`);
    }
    case "failed": {
      const { failure, pods } = download;
      if (failureIn(stored?.message)?.at === failure.at && stored?.status === "False") {
        return condition("False", foreignReason(stored.reason), stored.message!);
      }
      const reason = hasEverything(artifact) ? "VerificationFailed" : "Downloading";
      const [ended] = downloadHealth(download, artifact);
      return condition("False", reason, failureText(failure, (tells(pods) ? pods : ended).message ?? ""));
    }
  }
}

/** Whether this attempt has reported 100 percent; what an earlier one reported ends in `N/A`. */
function hasEverything({ status }: AIMArtifact): boolean {
  return (status?.progress?.percentage ?? 0) >= 100 && status?.progress?.displayPercentage !== "N/A";
}

/** Removes the Job that was looked at, with its pods. */
