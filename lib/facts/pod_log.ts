/** The last lines of a container that ended or keeps failing: one read for each of its runs. */

import { isStatus } from "../kube/errors.ts";
import type { Transport } from "../kube/transport.ts";
import type { FactSource, Pool, Retry } from "../operator/runner/facts.ts";
import type { Fact, View } from "../operator/core/view.ts";
import { LOG_LINES } from "../operator/inspect/log_patterns.ts";
import { containersOf, type LogOf } from "../operator/inspect/pods/pod.ts";
import { endOf } from "./log_end.ts";

/** One run of a container. */
export interface ContainerRun {
  readonly namespace: string;
  readonly pod: string;
  readonly uid: string;
  /** Who has the log: a node that does not answer holds up nobody who asks another. */
  readonly node: string;
  readonly container: string;
  /** How often the container had been restarted before this run. */
  readonly restarts: number;
  /** Whether another run has begun, or is to begin, after this one. */
  readonly previous: boolean;
}

export const podLog: Fact<ContainerRun, string> = {
  name: "podLog",
  keyOf: ({ namespace, uid, pod, container, restarts }) =>
    [namespace, pod, uid, container, String(restarts)].join("/"),
};

/** More than the last lines need; a line may be long. */
const byteLimit = 64 * 1024;

/** Reads logs by `pods/log`. */
export function podLogSource(transport: Transport): FactSource<ContainerRun, string> {
  return {
    fact: podLog,
    timeout: 10_000,
    freshFor: Infinity,
    retry: retryOfLog,
    lane: ({ node }) => laneOfNode(node),
    pool: logReads,
    fetch: async ({ namespace, pod, container, previous }, abortSignal) => {
      const querystring = new URLSearchParams({ container, tailLines: String(LOG_LINES) });
      if (previous) querystring.set("previous", "true");
      const answer = await transport.performRequest({
        method: "GET",
        path: logPath(namespace, pod),
        querystring,
        accept: "*/*",
        expectStream: true,
        abortSignal,
      });
      return await endOf(answer, byteLimit);
    },
  };
}

/**
 * So many logs are read at once, of all nodes together. A kubelet that does not answer holds a request open at the
 * API server, which carries a hundred on a connection.
 */
export const logReads: Pool = { width: 16 };

/** Logs are read by way of the pod's kubelet. */
export function laneOfNode(node: string): string {
  return `kubelet of ${node}`;
}

export function logPath(namespace: string, pod: string): string {
  return `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}/log`;
}

/** Soon, until the node answers; a pod or run that is gone does not come back; rights may be given. */
export function retryOfLog(error: Error): Retry {
  if (isStatus(error, 404) || isStatus(error, 400)) return { first: Infinity, longest: Infinity };
  return isStatus(error, 403) ? { first: 300_000, longest: 300_000 } : { first: 2_000, longest: 60_000 };
}

/**
 * What pod inspections ask: the log of a container's last run that ended. `pending` while it is read; undefined
 * where there is none, or it cannot be read.
 */
export function logsOf(view: View): LogOf {
  return (pod, container) => {
    const { namespace = "", name = "", uid = "" } = pod.metadata ?? {};
    const status = containersOf(pod).find((each) => each.name === container);
    if (status === undefined || !hasRun(status)) return undefined;
    // A container that waits for its next run has its log under the run before.
    const previous = status.state?.terminated === undefined;
    const restarts = status.restartCount ?? 0;
    const known = view.fact(podLog, {
      namespace,
      pod: name,
      uid,
      node: pod.spec?.nodeName ?? "",
      container,
      restarts: previous ? restarts - 1 : restarts,
      previous,
    });
    if (known.state === "pending") return "pending";
    return known.state === "known" ? known.value : undefined;
  };
}

function hasRun({ state, lastState }: ReturnType<typeof containersOf>[number]): boolean {
  return state?.terminated !== undefined || lastState?.terminated !== undefined;
}
