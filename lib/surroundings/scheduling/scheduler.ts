/** The scheduler: gives each pod a node on which it fits, or says why there is none. */

import type {
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  PodCondition,
} from "kubernetes-types/core/v1";
import type { StorageClass } from "kubernetes-types/storage/v1";
import type { KubeObject, Live } from "../../kube/object.ts";
import { condition, type Controller, type Index, keysOf, type View, type Write } from "../controller.ts";
import { claims, nodes, pods, storageClasses, volumes } from "../resources.ts";
import { hasEnded, type LivePod } from "../workloads/pods_of_template.ts";
import { type NodeUse, type Refusal, refusalOf, unschedulable, useOf } from "./fit.ts";
import { preference } from "./node_selection.ts";
import { allocatableOf, requestsOf } from "./requests.ts";

type LiveNode = Live<KubeObject> & Node;
type LiveClaim = Live<KubeObject> & PersistentVolumeClaim;

export const selectedNodeAnnotation = "volume.kubernetes.io/selected-node";

/** Pods that take room on a node. */
const podsByNode: Index = {
  resource: pods,
  valuesOf: (pod) => {
    const { spec, status } = pod as LivePod;
    return spec?.nodeName === undefined || hasEnded({ status }) ? [] : [spec.nodeName];
  },
};

/** Pods without a node, all under one value. */
const waiting: Index = {
  resource: pods,
  valuesOf: (pod) => isWaiting(pod as LivePod) ? [""] : [],
};

/** Pods without a node by the claims that they mount. */
const waitingByClaim: Index = {
  resource: pods,
  valuesOf: (pod) =>
    isWaiting(pod as LivePod)
      ? claimsOf(pod as LivePod).map((name) => `${pod.metadata.namespace}/${name}`)
      : [],
};

export const scheduler: Controller<LivePod> = {
  name: "default-scheduler",
  resource: pods,
  watches: [
    { resource: nodes, keysOf: (_, view) => keysOf(view.by(waiting, "")) },
    { resource: storageClasses, keysOf: (_, view) => keysOf(view.by(waiting, "")) },
    {
      resource: claims,
      keysOf: ({ metadata }, view) =>
        keysOf(view.by(waitingByClaim, `${metadata.namespace}/${metadata.name}`)),
    },
    {
      // One that ends or goes makes room.
      resource: pods,
      keysOf: (pod, view) =>
        (pod as LivePod).spec?.nodeName !== undefined &&
          (hasEnded(pod as LivePod) ||
            view.get(pods, pod.metadata.namespace, pod.metadata.name) === undefined)
          ? keysOf(view.by(waiting, ""))
          : [],
    },
  ],
  reconcile(pod, view) {
    if (!isWaiting(pod)) return [];
    const bound = volumesOf(pod, view);
    if ("problem" in bound) {
      return refused(
        pod,
        `0/${view.list(nodes).length} nodes are available: ${bound.problem}. not found`,
        view,
      );
    }
    const all = view.list<LiveNode>(nodes);
    if (all.length === 0) return refused(pod, "no nodes available to schedule pods", view);
    const fitting: NodeUse[] = [];
    const refusals: Refusal[] = [];
    for (const node of all) {
      const use = useOn(node, view);
      const refusal = refusalOf(pod, use, bound.volumes);
      if (refusal === undefined) fitting.push(use);
      else refusals.push(refusal);
    }
    if (fitting.length === 0) return refused(pod, unschedulable(refusals), view);
    const { node } = best(pod, fitting);
    const name = node.metadata!.name!;
    const unbound = bound.waiting.filter(({ metadata }) =>
      metadata.annotations?.[selectedNodeAnnotation] !== name
    );
    if (bound.waiting.length > 0) return unbound.map((claim) => select(claim, name));
    return [
      { bind: pod, node: name },
      {
        event: {
          type: "Normal",
          reason: "Scheduled",
          message: `Successfully assigned ${pod.metadata.namespace}/${pod.metadata.name} to ${name}`,
        },
        about: pod,
        resource: pods,
      },
    ];
  },
};

const uses = new WeakMap<readonly unknown[], WeakMap<Node, NodeUse>>();

/** What is taken on a node: counted once for each set of its pods. */
function useOn(node: LiveNode, view: View): NodeUse {
  const there = view.by<LivePod>(podsByNode, node.metadata.name);
  const known = uses.get(there) ?? new WeakMap<Node, NodeUse>();
  uses.set(there, known);
  const use = known.get(node) ?? useOf(node, there);
  known.set(node, use);
  return use;
}

type Volumes =
  | { readonly volumes: readonly PersistentVolume[]; readonly waiting: readonly LiveClaim[] }
  | { readonly problem: string };

/** The volumes that the pod mounts, and claims that wait for its node; or what is wrong with one of them. */
function volumesOf(pod: LivePod, view: View): Volumes {
  const found: PersistentVolume[] = [];
  const waiting: LiveClaim[] = [];
  for (const name of claimsOf(pod)) {
    const claim = view.get<LiveClaim>(claims, pod.metadata.namespace, name);
    if (claim === undefined) return { problem: `persistentvolumeclaim "${name}" not found` };
    if (claim.status?.phase === "Lost") {
      const volume = claim.spec?.volumeName;
      return {
        problem: `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${volume}"`,
      };
    }
    if (claim.metadata.deletionTimestamp !== undefined) {
      return { problem: `persistentvolumeclaim "${name}" is being deleted` };
    }
    if (claim.status?.phase === "Bound") {
      const volume = view.get<Live<KubeObject> & PersistentVolume>(
        volumes,
        undefined,
        claim.spec?.volumeName ?? "",
      );
      if (volume !== undefined) found.push(volume);
    } else if (waitsForPod(claim, view)) waiting.push(claim);
    else return { problem: "pod has unbound immediate PersistentVolumeClaims" };
  }
  return { volumes: found, waiting };
}

/** Whether the claim gets its volume only where its first pod is to run. */
export function waitsForPod(claim: LiveClaim, view: View): boolean {
  const name = claim.spec?.storageClassName ?? "";
  const found = view.get<Live<KubeObject> & StorageClass>(storageClasses, undefined, name);
  return found?.volumeBindingMode === "WaitForFirstConsumer";
}

/** The node that is preferred most, then the one with the largest share of CPU and memory free, then by name. */
function best(pod: LivePod, fitting: readonly NodeUse[]): NodeUse {
  const scored = fitting.map((use) => ({
    use,
    preferred: preference(pod.spec, use.node),
    free: freeShare(pod, use),
  }));
  scored.sort((a, b) =>
    b.preferred - a.preferred || b.free - a.free ||
    (a.use.node.metadata!.name! < b.use.node.metadata!.name! ? -1 : 1)
  );
  return scored[0].use;
}

function freeShare(pod: Pod, { node, used }: NodeUse): number {
  const there = allocatableOf(node);
  const wanted = requestsOf(pod);
  const shares = ["cpu", "memory"].map((name) => {
    const all = there.get(name) ?? 0;
    return all === 0 ? 0 : 1 - ((used.get(name) ?? 0) + (wanted.get(name) ?? 0)) / all;
  });
  return shares[0] + shares[1];
}

function select(claim: LiveClaim, node: string): Write {
  const annotations = { ...claim.metadata.annotations, [selectedNodeAnnotation]: node };
  return { update: { ...claim, metadata: { ...claim.metadata, annotations } }, resource: claims };
}

/** Says why there is no node for it, once for each reason. */
function refused(pod: LivePod, message: string, view: View): Write[] {
  const before = pod.status?.conditions;
  if (before?.some((each) => each.type === "PodScheduled" && each.message === message)) return [];
  const scheduled = condition<PodCondition>(before, view.now(), {
    type: "PodScheduled",
    status: "False",
    reason: "Unschedulable",
    message,
  });
  const conditions = [...(before ?? []).filter(({ type }) => type !== "PodScheduled"), scheduled];
  return [
    { updateStatus: { ...pod, status: { ...pod.status, conditions } } as Live<KubeObject>, resource: pods },
    { event: { type: "Warning", reason: "FailedScheduling", message }, about: pod, resource: pods },
  ];
}

function isWaiting({ spec, status, metadata }: LivePod): boolean {
  return spec?.nodeName === undefined && !hasEnded({ status }) && metadata.deletionTimestamp === undefined &&
    (spec?.schedulerName ?? "default-scheduler") === "default-scheduler" &&
    (spec?.schedulingGates ?? []).length === 0;
}

function claimsOf({ spec }: Pod): string[] {
  return (spec?.volumes ?? []).flatMap(({ persistentVolumeClaim }) =>
    persistentVolumeClaim === undefined ? [] : [persistentVolumeClaim.claimName]
  );
}
