/**
 * A kubelet whose containers are not executed: each pod on one of its nodes goes through the moments that its behaviour
 * says, at the time that the clock says. What a pod has lived through stands in its status; besides, only the next try of
 * what cannot start is remembered.
 */

import type { Node } from "kubernetes-types/core/v1";
import type { KubeObject, Live } from "../../kube/object.ts";
import { type Controller, type Index, keysOf, type View, type Write } from "../controller.ts";
import { nodes, pods } from "../resources.ts";
import { hasEnded, type LivePod } from "../workloads/pods_of_template.ts";
import { type BehaviourOf, textOf, usual } from "./behaviour.ts";
import { podAddress } from "./addresses.ts";
import { logAt, momentAfter, Pauses } from "./moments.ts";
import { statusOf } from "./pod_status.ts";

export interface KubeletOptions {
  /** What pods do; undefined leaves it to `usual`. */
  readonly behaviourOf?: BehaviourOf;
  /** The pods that it runs; unless said, all that have a node. */
  readonly runs?: (pod: LivePod) => boolean;
}

export function kubelet({ behaviourOf, runs = () => true }: KubeletOptions = {}): Controller<LivePod> {
  let addresses = 0;
  /** Pods that could not start, by UID, and until when each is held as it is, in milliseconds since 1970. */
  const held = new Map<string, { readonly until: number; readonly pauses: Pauses }>();
  return {
    name: "kubelet",
    resource: pods,
    reconcile(pod, view) {
      if (pod.spec?.nodeName === undefined || !runs(pod)) return [];
      const { uid } = pod.metadata;
      if (pod.metadata.deletionTimestamp !== undefined) {
        held.delete(uid);
        return [{ delete: pod, resource: pods, gracePeriodSeconds: 0 }];
      }
      if (hasEnded(pod)) return [];
      const now = view.now().getTime();
      const { until = now, pauses = new Pauses() } = held.get(uid) ?? {};
      if (until > now) return [{ requeueAfter: until - now }];
      const behaviour = behaviourOf?.(pod) ?? usual(pod);
      const next = momentAfter(pod, behaviour, view.now(), pauses);
      if (next === undefined) return [];
      if ("wait" in next) return [{ requeueAfter: next.wait }];
      if ("hold" in next) held.set(uid, { until: now + next.hold, pauses });
      else held.delete(uid);
      const again = "hold" in next ? next.hold : next.again;
      const later = again === undefined ? [] : [{ requeueAfter: again }];
      const { moment } = next;
      if (moment === undefined) return later;
      const address = pod.status?.podIP ?? podAddress(++addresses);
      const status = { ...pod.status, ...statusOf(pod, moment, { address, now: view.now() }) };
      const log = logAt(behaviour, moment);
      return [
        ...(log === undefined ? [] : [{ log: textOf(log), of: pod }]),
        { updateStatus: { ...pod, status } as Live<KubeObject>, resource: pods },
        ...later,
      ];
    },
  };
}

const podsByNode: Index = {
  resource: pods,
  valuesOf: (pod) => [(pod as LivePod).spec?.nodeName ?? ""],
};

/** Says of each node that it is ready, as its kubelet would, and counts what it has as allocatable. */
export const nodeController: Controller<Live<KubeObject> & Node> = {
  name: "kubelet",
  resource: nodes,
  reconcile(node, view: View): Write[] {
    const ready = node.status?.conditions?.some(({ type }) => type === "Ready");
    if (ready) return [];
    const now = view.now().toISOString();
    const conditions = [...node.status?.conditions ?? [], {
      type: "Ready",
      status: "True",
      reason: "KubeletReady",
      message: "pods on this node are played",
      lastHeartbeatTime: now,
      lastTransitionTime: now,
    }];
    const allocatable = node.status?.allocatable ?? node.status?.capacity;
    const status = { ...node.status, allocatable, conditions };
    return [{ updateStatus: { ...node, status } as Live<KubeObject>, resource: nodes }];
  },
};

/** Takes away the pods of nodes that are gone, as the garbage collector of pods does. */
export const podCollector: Controller<LivePod> = {
  name: "pod-garbage-collector",
  resource: pods,
  watches: [{
    resource: nodes,
    keysOf: ({ metadata }, view) =>
      view.get(nodes, undefined, metadata.name) !== undefined
        ? []
        : keysOf(view.by(podsByNode, metadata.name)),
  }],
  reconcile(pod, view) {
    const node = pod.spec?.nodeName;
    if (node === undefined || view.get(nodes, undefined, node) !== undefined) return [];
    return [{ delete: pod, resource: pods, gracePeriodSeconds: 0 }];
  },
};
