/** Pods of Jobs that a container of somebody else (an injected sidecar) keeps from ending. */

import type { Pod, Terminated } from "../../objects.ts";

export interface BlockedPod {
  /** How our own container ended. */
  readonly result: Terminated;
  /** The containers that somebody else has put into the pod and that have not ended. */
  readonly by: readonly string[];
}

/**
 * Our container of a Job's pod has ended, and others keep the pod from ending; undefined in any other case.
 * Sidecars that are init containers do not count: the kubelet ends them itself.
 *
 * @param container the name of the one container that we gave the Job
 */
export function blockedPod({ status }: Pod, container: string): BlockedPod | undefined {
  if (status?.phase === "Succeeded" || status?.phase === "Failed") return undefined;
  const result = status?.containerStatuses?.find(({ name }) => name === container)?.state?.terminated;
  if (result === undefined) return undefined;
  const by = status!.containerStatuses!.flatMap(({ name, state }) =>
    name !== container && state?.terminated === undefined ? [name] : []
  );
  return by.length === 0 ? undefined : { result, by };
}

/** A held pod as it would be with our container alone: `Succeeded` or `Failed`. Any other pod as it is. */
export function withoutBlockers<P extends Pod>(pod: P, container: string): P {
  const held = blockedPod(pod, container);
  if (held === undefined) return pod;
  return {
    ...pod,
    status: {
      ...pod.status,
      phase: held.result.exitCode === 0 ? "Succeeded" : "Failed",
      containerStatuses: pod.status!.containerStatuses!.filter(({ name }) => name === container),
    },
  };
}

/** Who keeps which pods from ending, for a status; empty if nobody does. */
export function blockersText(pods: readonly Pod[], container: string): string {
  return pods.flatMap((pod) => {
    const held = blockedPod(pod, container);
    if (held === undefined) return [];
    const who = `${held.by.length === 1 ? "container" : "containers"} ${held.by.join(", ")}`;
    return [`pod ${pod.metadata?.name} does not end: ${who}, put into it by others, still there`];
  }).join("; ");
}
