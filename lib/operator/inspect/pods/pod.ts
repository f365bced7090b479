/** Of a pod, what its health is read from. */

import type { ContainerStatus, Pod } from "../../objects.ts";

/** The last lines of a container's log; `pending` while they are being read, undefined if there are none. */
export type LogOf = (pod: Pod, container: string) => string | "pending" | undefined;

/** Whether the pod is Ready; while it is not going away it then serves. */
export function isReady(pod: Pod): boolean {
  return pod.status?.phase === "Running" &&
    pod.status.conditions?.some(({ type, status }) => type === "Ready" && status === "True") === true;
}

/** Whether it is being deleted. */
export function isLeaving(pod: Pod): boolean {
  return pod.metadata?.deletionTimestamp !== undefined;
}

/** Whether the pod will not run again. */
export function isOver(pod: Pod): boolean {
  return pod.status?.phase === "Failed" || pod.status?.phase === "Succeeded";
}

/** Regular containers, then init containers. */
export function containersOf(pod: Pod): readonly ContainerStatus[] {
  return [...pod.status?.containerStatuses ?? [], ...pod.status?.initContainerStatuses ?? []];
}
