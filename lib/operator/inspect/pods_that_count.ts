/** Which pods of an InferenceService say something about it now (services.md §11.3 Better). */

import { isReady, type PodObject } from "./pod.ts";

export interface PodSelection {
  readonly counting: readonly PodObject[];
  /** What was left out and why; empty if nothing was. */
  readonly note: string;
}

/**
 * Pods that are going away never count. While enough replicas serve, neither do the remains of failed pods
 * nor pods of an earlier revision that are not ready.
 */
export function podsThatCount(pods: readonly PodObject[], minReplicas: number): PodSelection {
  const staying = pods.filter((pod) => pod.metadata?.deletionTimestamp === undefined);
  const enough = staying.filter(isReady).length >= Math.max(1, minReplicas);
  if (!enough) return { counting: staying, note: "" };
  const current = newestRevision(staying);
  const remains = staying.filter((pod) =>
    pod.status?.phase === "Failed" || (!isReady(pod) && revisionOf(pod) !== current)
  );
  const names = remains.map((pod) => `${pod.metadata?.name} ${pod.status?.reason ?? pod.status?.phase}`);
  return {
    counting: staying.filter((pod) => !remains.includes(pod)),
    note: names.length === 0 ? "" : `not counted: ${names.join(", ")}`,
  };
}

/** The Deployment's hash of the pod template. */
function revisionOf(pod: PodObject): string | undefined {
  return pod.metadata?.labels?.["pod-template-hash"];
}

function newestRevision(pods: readonly PodObject[]): string | undefined {
  let latest: PodObject | undefined;
  for (const pod of pods) {
    const created = pod.metadata?.creationTimestamp ?? "";
    if (latest === undefined || created > (latest.metadata?.creationTimestamp ?? "")) latest = pod;
  }
  return latest && revisionOf(latest);
}
