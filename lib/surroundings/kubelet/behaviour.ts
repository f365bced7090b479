/** What a pod on a node of ours does, in place of running containers. */

import type { Pod } from "kubernetes-types/core/v1";
import type { KubeObject } from "../../kube/object.ts";

/** A pod as the API server gives it to a kubelet. */
export type BoundPod = KubeObject & Pick<Pod, "spec" | "status">;

/** The log of a run: a text, or its pieces made anew for each reader (megabytes need not be held). */
export type Log = string | (() => Iterable<string>);

/** The whole log in one piece. */
export function textOf(log: Log): string {
  return typeof log === "string" ? log : [...log()].join("");
}

/** A container that ends. */
export interface Run {
  readonly log?: Log;
  /** Default 0; 137 when it is out of memory. */
  readonly exitCode?: number;
  /** Ended by the kernel for want of memory. */
  readonly outOfMemory?: boolean;
  /** How long it runs, in milliseconds; default 0: it is Running for a moment. */
  readonly milliseconds?: number;
}

export type Behaviour =
  /** Running and ready until it is deleted. */
  | { readonly does: "serve"; readonly log?: Log }
  /** Runs once and ends the pod, unless containers that others have put beside the first one stay. */
  | { readonly does: "run"; readonly othersStay?: true } & Run
  /** Ends, and is started again after a pause that never ends: CrashLoopBackOff. */
  | { readonly does: "crash" } & Run
  /** Its image is not to be had; tried again after pauses that grow, as a kubelet pulls again. */
  | { readonly does: "fail to pull"; readonly message: string }
  /** Its containers are not created; tried again after pauses that grow. */
  | { readonly does: "never start"; readonly reason?: string; readonly message?: string };

/** Decides what a pod does; undefined leaves it to {@link usual}. */
export type BehaviourOf = (pod: BoundPod) => Behaviour | undefined;

/** Pods of Jobs succeed, all others serve. */
export function usual(pod: BoundPod): Behaviour {
  const ofJob = pod.metadata?.ownerReferences?.some(({ kind }) => kind === "Job");
  return ofJob ? { does: "run" } : { does: "serve" };
}
