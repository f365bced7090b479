/** Of a pod, what its health is read from. */

import type { KubeObject } from "../../../kube/object.ts";

export interface ContainerStatus {
  readonly name: string;
  readonly ready?: boolean;
  readonly restartCount?: number;
  readonly state?: {
    readonly waiting?: { readonly reason?: string; readonly message?: string };
    readonly running?: { readonly startedAt?: string };
    readonly terminated?: Terminated;
  };
  readonly lastState?: { readonly terminated?: Terminated };
}

export interface Terminated {
  readonly exitCode: number;
  readonly reason?: string;
  readonly message?: string;
}

export interface PodObject extends KubeObject {
  readonly spec?: { readonly nodeName?: string };
  readonly status?: {
    readonly phase?: string;
    readonly reason?: string;
    readonly message?: string;
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason?: string;
      readonly message?: string;
      readonly lastTransitionTime?: string;
    }[];
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
  };
}

/** The last lines of a container's log; `pending` while they are being read, undefined if there are none. */
export type LogOf = (pod: PodObject, container: string) => string | "pending" | undefined;

/** Whether the pod is Ready; while it is not going away it then serves. */
export function isReady(pod: PodObject): boolean {
  return pod.status?.phase === "Running" &&
    pod.status.conditions?.some(({ type, status }) => type === "Ready" && status === "True") === true;
}

/** Whether it is being deleted. */
export function isLeaving(pod: PodObject): boolean {
  return pod.metadata?.deletionTimestamp !== undefined;
}

/** Whether the pod will not run again. */
export function isOver(pod: PodObject): boolean {
  return pod.status?.phase === "Failed" || pod.status?.phase === "Succeeded";
}

/** Regular containers, then init containers. */
export function containersOf(pod: PodObject): readonly ContainerStatus[] {
  return [...pod.status?.containerStatuses ?? [], ...pod.status?.initContainerStatuses ?? []];
}
