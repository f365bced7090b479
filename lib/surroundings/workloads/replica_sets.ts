/** ReplicaSets: as many pods as are asked for, and how many of them serve. */

import type { ReplicaSet, ReplicaSetCondition } from "kubernetes-types/apps/v1";
import { controlled, type Controller, seconds, type View, type Write } from "../controller.ts";
import type { KubeObject, Live } from "../../kube/object.ts";
import { equalJson } from "../../kube/json/equal.ts";
import { pods, replicaSets } from "../resources.ts";
import {
  createPod,
  deletePod,
  isActive,
  isReady,
  type LivePod,
  podsByController,
} from "./pods_of_template.ts";

export type LiveReplicaSet = Live<KubeObject> & ReplicaSet;

export const replicaSetController: Controller<LiveReplicaSet> = {
  name: "replicaset-controller",
  resource: replicaSets,
  watches: [controlled(pods, "ReplicaSet")],
  reconcile(set, view) {
    if (set.metadata.deletionTimestamp !== undefined) return [];
    const all = view.by<LivePod>(podsByController, set.metadata.uid);
    const active = all.filter(isActive);
    const missing = (set.spec?.replicas ?? 1) - active.length;
    if (missing > 0) {
      // The first refusal's words stay: each try has a pod of another name in them.
      const told = set.status?.conditions?.find(({ type }) => type === "ReplicaFailure");
      const refused = (message: string): Write[] => [
        ...statusWrite(set, all, told ?? failureOf(message, view)),
        { requeueAfter: retryAfter },
      ];
      return [
        ...statusWrite(set, all, told),
        ...Array.from(
          { length: missing },
          () => createPod(set, replicaSets, set.spec?.template, { refused }),
        ),
      ];
    }
    return [
      ...active.toSorted(firstToGo).slice(0, Math.max(0, -missing)).flatMap((pod) =>
        deletePod(set, replicaSets, pod)
      ),
      ...statusWrite(set, all, undefined),
    ];
  },
};

/** How long after a refusal pods are tried again, in milliseconds. */
const retryAfter = 5_000;

function failureOf(message: string, view: View): ReplicaSetCondition {
  const lastTransitionTime = seconds(view.now());
  return { type: "ReplicaFailure", status: "True", reason: "FailedCreate", message, lastTransitionTime };
}

/** Pods that serve least go first: without a node, not running, not ready, the youngest. */
function firstToGo(a: LivePod, b: LivePod): number {
  return rank(a) - rank(b) ||
    (b.metadata.creationTimestamp ?? "").localeCompare(a.metadata.creationTimestamp ?? "") ||
    a.metadata.name.localeCompare(b.metadata.name);
}

function rank(pod: LivePod): number {
  if (pod.spec?.nodeName === undefined) return 0;
  if (pod.status?.phase !== "Running") return 1;
  return isReady(pod) ? 3 : 2;
}

/** @param failure that pods are refused; undefined where none is missing */
function statusWrite(
  set: LiveReplicaSet,
  all: readonly LivePod[],
  failure: ReplicaSetCondition | undefined,
): Write[] {
  const active = all.filter(isActive);
  const ready = active.filter(isReady).length;
  const going = all.filter(({ metadata }) => metadata.deletionTimestamp !== undefined).length;
  const status = {
    replicas: active.length,
    ...(active.length > 0 ? { fullyLabeledReplicas: active.length } : {}),
    ...(ready > 0 ? { readyReplicas: ready, availableReplicas: ready } : {}),
    terminatingReplicas: going,
    observedGeneration: set.metadata.generation,
    ...(failure === undefined ? {} : { conditions: [failure] }),
  };
  return equalJson(status, set.status)
    ? []
    : [{ updateStatus: { ...set, status } as Live<KubeObject>, resource: replicaSets }];
}
