/** How far the download is, and what follows (caching-and-artifacts.md §5.1, §5.11 and §5.12 Better). */

import type { AIMArtifact } from "../../../lib/api/mod.ts";
import type { Job } from "../../../lib/operator/objects.ts";
import type { Live } from "../../../lib/kube/object.ts";
import { conditionOf, type ExtraCondition } from "../../../lib/operator/status/conditions.ts";
import { type ComponentHealth, failing } from "../../../lib/operator/status/health.ts";
import type { Reason } from "../../../lib/operator/errors/reasons.ts";
import type { View } from "../../../lib/operator/core/view.ts";
import { type Attempt, type AttemptContext, attemptHealth, attemptsOf, isBlocked } from "./attempts.ts";
import { type Failure, failureText, jobError, memoryOf } from "../memory.ts";
import type { Claim } from "../claim.ts";
import { downloadContainer, fills } from "./download_job.ts";
import { artifactJobName, attemptOf, jobOf } from "./job.ts";
import type { JobSort } from "./job_pods.ts";

export type Download =
  /** The weights are on the present claim, checksums compared. */
  | { readonly phase: "verified"; readonly claim: Claim }
  | Exclude<Attempt, { phase: "complete" }>;

export interface DownloadState {
  readonly download: Download;
  /**
   * A Job that must go: of a former claim, of former inputs while in trouble, failed with the next one due, or done
   * while somebody else's container keeps its pod.
   */
  readonly outdated?: Live<Job>;
}

const sort: JobSort = {
  container: downloadContainer,
  job: { component: "DownloadJob", dependency: "Downstream", role: "child" },
  pods: { component: "DownloadJobPods", dependency: "Downstream", role: "child" },
};

/** @param causeNow what has become of the cause of a failure */
export function downloadOf(
  artifact: Live<AIMArtifact>,
  claim: Claim | undefined,
  { inputsNow, causeNow }: Pick<AttemptContext, "inputsNow" | "causeNow">,
  view: View,
): DownloadState {
  const job = jobOf(artifact, "download", view);
  if (claim !== undefined && isVerified(artifact, claim)) {
    const held = job !== undefined && isBlocked(job, sort, view);
    return { download: { phase: "verified", claim }, ...(held ? { outdated: job } : {}) };
  }
  if (job !== undefined && claim !== undefined && !fills(job, claim)) {
    return { download: { phase: "absent", attempt: attemptOf(job), inputs: inputsNow() }, outdated: job };
  }
  const before = memoryOf(artifact).failure;
  const volume = claim?.spec?.resources?.requests?.storage;
  const complete = hasEverything(artifact);
  const { attempt, outdated } = attemptsOf(
    job,
    { sort, before, inputsNow, causeNow, complete, ...(volume === undefined ? {} : { volume }) },
    view,
  );
  if (attempt.phase !== "complete") return { download: attempt, ...(outdated && { outdated }) };
  if (claim !== undefined) return { download: { phase: "verified", claim }, ...(outdated && { outdated }) };
  // The volume has gone from under it.
  return {
    download: { phase: "absent", attempt: attemptOf(attempt.job), inputs: inputsNow() },
    outdated: job,
  };
}

/** By what is remembered of this very claim. AIM Engine remembers no UID: it is believed for the claim of its status. */
function isVerified(artifact: Live<AIMArtifact>, { metadata }: Claim): boolean {
  const { verified } = memoryOf(artifact);
  if (verified !== undefined) return verified === metadata.uid;
  const told = conditionOf(artifact.status?.conditions, "DownloadComplete");
  return told?.status === "True" && told.reason === "Verified" &&
    artifact.status?.persistentVolumeClaim === metadata.name;
}

/** What is to be said of a failure beside itself. */
export interface BesideFailure {
  /** What begins the next attempt before its time. */
  readonly sooner: string;
  readonly more: readonly string[];
}

/** `DownloadJobReady` and `DownloadJobPodsReady`; neither once the weights are verified (§5.11 Better). */
export function downloadHealth(
  download: Download,
  artifact: Live<AIMArtifact>,
  beside: BesideFailure,
): ComponentHealth[] {
  if (download.phase === "verified") return [];
  const health = attemptHealth(download, sort, artifactJobName(artifact, "download"));
  if (download.phase !== "failed") return health;
  const { failure } = download;
  const ofJob = failure.pods === undefined ? [] : [failure.job.message];
  const message = [failedText(failure, beside), ...ofJob].join("; ");
  return health.map((each, at) => at === 0 ? failing(sort.job, { ...jobError(failure), message }) : each);
}

function failedText(failure: Failure, { sooner, more }: BesideFailure): string {
  return [failureText(failure, sooner), ...more].join("; ");
}

/** `DownloadComplete` (§5.10); there is none before the first Job. */
export function downloadCondition(
  download: Download,
  artifact: Live<AIMArtifact>,
  beside: BesideFailure,
): ExtraCondition[] {
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
        failedText(failure, beside),
      );
    }
  }
}

/** Whether this attempt has reported 100 percent; what an earlier one reported ends in `N/A`. */
function hasEverything({ status }: AIMArtifact): boolean {
  return (status?.progress?.percentage ?? 0) >= 100 && status?.progress?.displayPercentage !== "N/A";
}
