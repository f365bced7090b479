/** Of a pod, what its health is read from. */

import type { KubeObject } from "../../kube/object.ts";

export interface ContainerStatus {
  readonly name: string;
  readonly restartCount?: number;
  readonly state?: {
    readonly waiting?: { readonly reason?: string; readonly message?: string };
    readonly running?: unknown;
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
    }[];
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
  };
}

/** The last lines of a container's log; `pending` while they are being read, undefined if there are none. */
export type LogOf = (pod: PodObject, container: string) => string | "pending" | undefined;

/** Whether the pod serves, or has done what it should. */
export function isReady(pod: PodObject): boolean {
  return pod.status?.phase === "Running" &&
    pod.status.conditions?.some(({ type, status }) => type === "Ready" && status === "True") === true;
}

/** Regular containers, then init containers. */
export function containersOf(pod: PodObject): readonly ContainerStatus[] {
  return [...pod.status?.containerStatuses ?? [], ...pod.status?.initContainerStatuses ?? []];
}
