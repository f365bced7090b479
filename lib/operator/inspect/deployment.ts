/** Pods that a Deployment wants but may not make: quota, Pod Security, webhooks (spec/README). */

import type { KubeObject } from "../../kube/object.ts";

export interface DeploymentObject extends KubeObject {
  readonly status?: {
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly message?: string;
    }[];
  };
}

/** Why pods are refused, in the words of who refuses them; undefined if none are. */
export function replicaRefusal(deployments: readonly DeploymentObject[]): string | undefined {
  for (const { status } of deployments) {
    const failure = status?.conditions?.find((each) =>
      each.type === "ReplicaFailure" && each.status === "True"
    );
    if (failure !== undefined) return failure.message || "no reason given";
  }
  return undefined;
}
