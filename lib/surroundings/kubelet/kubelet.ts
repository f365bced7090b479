/**
 * A kubelet whose containers are not executed: each pod on one of its nodes goes through the moments that its behaviour
 * says, at the time that the clock says. What a pod has lived through stands in its status; besides, only the tries of what
 * cannot start are remembered.
 */

import type { Node } from "kubernetes-types/core/v1";
import type { KubeObject, Live } from "../../kube/object.ts";
import { type Controller, type Index, keysOf, type View, type Write } from "../controller.ts";
import { nodes, pods } from "../resources.ts";
import { hasEnded, type LivePod } from "../workloads/pods_of_template.ts";
import { type BehaviourOf, textOf, usual } from "./behaviour.ts";
import { podAddress } from "./addresses.ts";
import { type Hold, logAt, momentAfter } from "./moments.ts";
import { statusOf } from "./pod_status.ts";

export interface KubeletOptions {
  /** What pods do; undefined leaves it to `usual`. */
  readonly behaviourOf?: BehaviourOf;
  /** The pods that it runs; unless said, all that have a node. */
  readonly runs?: (pod: LivePod) => boolean;
}

export function kubelet({ behaviourOf, runs = () => true }: KubeletOptions = {}): Controller<LivePod> {
  let addresses = 0;
  /** What could not start, by the pod's UID: with which images, and until when it is held, in milliseconds since 1970. */
  const held = new Map<string, { readonly images: string; readonly until: number } & Pick<Hold, "pauses">>();
  return {
    name: "kubelet",
    resource: pods,
    gone: ({ metadata: { uid } }) => void held.delete(uid),
    reconcile(pod, view) {
      if (pod.spec?.nodeName === undefined || !runs(pod)) return [];
      if (pod.metadata.deletionTimestamp !== undefined) {
        return [{ delete: pod, resource: pods, gracePeriodSeconds: 0 }];
      }
      if (hasEnded(pod)) return [];
      const { uid } = pod.metadata;
      const now = view.now().getTime();
      const images = pod.spec.containers.map(({ image }) => image).join(" ");
      const entry = held.get(uid);
      const last = entry?.images === images ? entry : undefined;
      if (last !== undefined && last.until > now) return [{ requeueAfter: last.until - now }];
      const behaviour = behaviourOf?.(pod) ?? usual(pod);
      const next = momentAfter(pod, behaviour, view.now(), last?.pauses ?? 0);
      if (next !== undefined && "pauses" in next) {
        held.set(uid, { images, until: now + next.again, pauses: next.pauses });
      } else held.delete(uid);
      if (next === undefined) return [];
      const { moment, again } = next;
      const later = again === undefined ? [] : [{ requeueAfter: again }];
      if (moment === undefined) return later;
      const address = pod.status?.podIP ?? podAddress(++addresses);
      const status = { ...pod.status, ...statusOf(pod, moment, { address, now: view.now() }) };
      const log = logAt(behaviour, moment);
      return [
        ...later, // first, since what follows a write that is refused is left undone
        ...(log === undefined ? [] : [{ log: textOf(log), of: pod }]),
        { updateStatus: { ...pod, status } as Live<KubeObject>, resource: pods },
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
