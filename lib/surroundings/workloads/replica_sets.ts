/** ReplicaSets: as many pods as are asked for, and how many of them serve. */

import type { ReplicaSet } from "kubernetes-types/apps/v1";
import { condition, controlled, type Controller, type View, type Write } from "../controller.ts";
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
      const refused = (message: string) => [...statusWrite(set, all, view, message), { requeueAfter: 5_000 }];
      return [
        ...statusWrite(set, all, view),
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
      ...statusWrite(set, all, view),
    ];
  },
};

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

function statusWrite(set: LiveReplicaSet, all: readonly LivePod[], view: View, refusal?: string): Write[] {
  const active = all.filter(isActive);
  const ready = active.filter(isReady).length;
  const failure = refusal === undefined ? [] : [condition(set.status?.conditions, view.now(), {
    type: "ReplicaFailure",
    status: "True",
    reason: "FailedCreate",
    message: refusal,
  })];
  const status = {
    replicas: active.length,
    fullyLabeledReplicas: active.length,
    readyReplicas: ready,
    availableReplicas: ready,
    terminatingReplicas: all.filter(({ metadata }) => metadata.deletionTimestamp !== undefined).length,
    observedGeneration: set.metadata.generation,
    ...(failure.length > 0 ? { conditions: failure } : {}),
  };
  const { conditions: _, ...before } = set.status ?? {};
  return equalJson(status, refusal === undefined ? before : set.status)
    ? []
    : [{ updateStatus: { ...set, status } as Live<KubeObject>, resource: replicaSets }];
}
