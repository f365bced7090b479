/** Pods that a Deployment wants but may not make: quota, Pod Security, webhooks (spec/README). */

import type { Deployment } from "../objects.ts";

/** Why pods are refused, in the words of who refuses them; undefined if none are. */
export function replicaRefusal(deployments: readonly Deployment[]): string | undefined {
  for (const { status } of deployments) {
    const failure = status?.conditions?.find((each) =>
      each.type === "ReplicaFailure" && each.status === "True"
    );
    if (failure !== undefined) return failure.message || "no reason given";
  }
  return undefined;
}
