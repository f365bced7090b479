/** How a Job of an artifact has ended, also where a container of somebody else keeps its pod from ending. */

import { podsByOwner } from "../../../lib/cluster/indexes.ts";
import type { Job } from "../../../lib/operator/objects.ts";
import type { Live } from "../../../lib/kube/object.ts";
import { blockedPod, blockersText } from "../../../lib/operator/inspect/pods/blocked_pod.ts";
import { inspectJob, jobResult } from "../../../lib/operator/inspect/job.ts";
import type { ComponentError } from "../../../lib/operator/errors/errors.ts";
import type { View } from "../../../lib/operator/core/view.ts";

export type JobEnd =
  | { readonly result: "Complete"; readonly held: boolean }
  | { readonly result: "Failed"; readonly at: string; readonly error: ComponentError };

/**
 * By the Job's own condition; else by our container's result in a pod that others keep from ending: such a Job would
 * go on until its deadline. Undefined while it runs.
 */
export function jobEnd(job: Live<Job>, container: string, view: View): JobEnd | undefined {
  switch (jobResult(job)) {
    case "Complete":
      return { result: "Complete", held: false };
    case "Failed": {
      const failed = job.status?.conditions?.find(({ type, status }) =>
        type === "Failed" && status === "True"
      );
      const at = failed?.lastTransitionTime ?? job.metadata.creationTimestamp!;
      const [error] = inspectJob(job, { component: "Job" }).errors!;
      return { result: "Failed", at, error };
    }
    default:
      return heldEnd(job, container, view);
  }
}

function heldEnd(job: Live<Job>, container: string, view: View): JobEnd | undefined {
  for (const pod of view.list(podsByOwner, job.metadata.uid)) {
    const held = blockedPod(pod, container);
    if (held === undefined) continue;
    if (held.result.exitCode === 0) return { result: "Complete", held: true };
    const { finishedAt } = held.result as { readonly finishedAt?: string };
    const message = `Container ${container} has failed; ${blockersText([pod], container)}`;
    return {
      result: "Failed",
      at: finishedAt ?? pod.metadata.creationTimestamp!,
      error: { category: "InvalidSpec", reason: "JobFailed", message },
    };
  }
  return undefined;
}
