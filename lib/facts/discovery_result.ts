/** What a finished discovery Job has printed, read from the log of its pod (models-and-templates.md §5.8). */

import { type DiscoveryResult, longestLog, readDiscoveryLog } from "../images/mod.ts";
import type { Transport } from "../kube/transport.ts";
import type { FactSource } from "../operator/runner/facts.ts";
import type { Fact } from "../operator/core/view.ts";
import { endOf } from "./log_end.ts";
import { laneOfNode, logPath, logReads, retryOfLog } from "./pod_log.ts";

/** A pod that has succeeded; its log does not change any more. */
export interface DiscoveryPod {
  readonly namespace: string;
  readonly pod: string;
  readonly uid: string;
  /** Who has the log: a node that does not answer holds up nobody who asks another. */
  readonly node: string;
}

/** The container whose log is the result. */
export const discoveryContainer = "discovery";

/** Known also where the log says nothing of use; failed only while the log cannot be read. */
export const discoveryResult: Fact<DiscoveryPod, DiscoveryResult> = {
  name: "discoveryResult",
  keyOf: ({ namespace, pod, uid }) => [namespace, pod, uid].join("/"),
};

/** Reads logs by `pods/log`. Of a long one the end is kept: the result is printed last. */
export function discoveryResultSource(transport: Transport): FactSource<DiscoveryPod, DiscoveryResult> {
  return {
    fact: discoveryResult,
    timeout: 30_000,
    freshFor: Infinity,
    retry: retryOfLog,
    lane: ({ node }) => laneOfNode(node),
    pool: logReads,
    fetch: async ({ namespace, pod }, abortSignal) => {
      const answer = await transport.performRequest({
        method: "GET",
        path: logPath(namespace, pod),
        querystring: new URLSearchParams({ container: discoveryContainer }),
        accept: "*/*",
        expectStream: true,
        abortSignal,
      });
      return readDiscoveryLog(await endOf(answer, longestLog));
    },
  };
}
