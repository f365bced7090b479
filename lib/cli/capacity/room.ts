/**
 * How many copies of a pod a cluster has room for: on its nodes by the scheduler's own rules, and in the quotas of the
 * namespace by those of the API server. What is there stays where it is: nothing is moved or evicted.
 */

import type { Container, Node, PersistentVolume, Pod, ResourceQuota } from "kubernetes-types/core/v1";
import { formatQuantity, parseQuantity, type Quantity } from "../../api/mod.ts";
import { type Amounts as Counted, amountsOf as countedOf, only } from "../../apiserver/admission/amounts.ts";
import { evaluatorOf } from "../../apiserver/admission/quota_usage.ts";
import { scopesOf } from "../../apiserver/admission/resource_quota.ts";
import type { JsonObject } from "../../apiserver/json.ts";
import { type NodeUse, refusalOf, useOf } from "../../surroundings/scheduling/fit.ts";
import { type Amounts, amountsOf, requestsOf } from "../../surroundings/scheduling/requests.ts";
import { hasEnded } from "../../surroundings/workloads/pods_of_template.ts";

/** What the room is counted in. */
export interface Fleet {
  readonly nodes: readonly Node[];
  /** Of all namespaces. */
  readonly pods: readonly Pod[];
  /** Of the namespace of the pod. */
  readonly quotas: readonly ResourceQuota[];
}

/** A node. */
export interface NodeRoom {
  readonly node: string;
  /** So many more copies fit. */
  readonly fits: number;
  /** Why not one more, in the scheduler's words. */
  readonly whyNot: readonly string[];
  /** Whether one would fit if the node were empty: else no pod that goes makes room. */
  readonly couldFit: boolean;
  /** Of what the pod asks for: what is left once they all run, in thousandths of a CPU, bytes, pieces. */
  readonly left: Amounts;
  readonly all: Amounts;
}

/** A quota of the namespace. */
export interface QuotaRoom {
  readonly quota: string;
  readonly fits: number;
  /** What there is least room of: `requests.amd.com/gpu`, or why the quota takes none at all. */
  readonly by: string;
  readonly used?: string;
  readonly hard?: string;
}

export interface Room {
  readonly fits: number;
  readonly nodes: readonly NodeRoom[];
  readonly quotas: readonly QuotaRoom[];
}

/** @param volumes those that the pod mounts already */
export function roomFor(wanted: Pod, fleet: Fleet, volumes: readonly PersistentVolume[] = []): Room {
  const pod = asStored(wanted);
  const byNode = Map.groupBy(
    fleet.pods.filter((each) => each.spec?.nodeName !== undefined && !hasEnded(each)),
    ({ spec }) => spec!.nodeName!,
  );
  const nodes = fleet.nodes
    .map((node) => roomOn(pod, useOf(node, byNode.get(node.metadata?.name ?? "") ?? []), volumes))
    .sort((a, b) => b.fits - a.fits || (a.node < b.node ? -1 : 1));
  const quotas = fleet.quotas.flatMap((quota) => roomIn(pod, quota) ?? []);
  const onNodes = nodes.reduce((sum, { fits }) => sum + fits, 0);
  return { fits: Math.min(onNodes, ...quotas.map(({ fits }) => fits)), nodes, quotas };
}

/** The pod as the API server stores it: a container asks for its limit where it says nothing else. */
export function asStored(pod: Pod): Pod {
  const stored = (container: Container): Container => {
    const { requests, limits } = container.resources ?? {};
    return limits === undefined
      ? container
      : { ...container, resources: { ...container.resources, requests: { ...limits, ...requests } } };
  };
  const { containers = [], initContainers } = pod.spec ?? {};
  const spec = {
    ...pod.spec,
    containers: containers.map(stored),
    ...(initContainers && { initContainers: initContainers.map(stored) }),
  };
  return { ...pod, spec };
}

function roomOn(pod: Pod, use: NodeUse, volumes: readonly PersistentVolume[]): NodeRoom {
  const all = amountsOf(use.node.status?.allocatable as Record<string, string> | undefined);
  const wanted = new Map([...requestsOf(pod)].filter(([, amount]) => amount > 0));
  const first = refusalOf(pod, use, volumes);
  const fits = first !== undefined ? 0 : Math.min(
    (all.get("pods") ?? 0) - use.pods,
    ...[...wanted].map(([name, amount]) =>
      Math.floor(((all.get(name) ?? 0) - (use.used.get(name) ?? 0)) / amount)
    ),
  );
  const then = { ...use, used: added(use.used, wanted, fits), pods: use.pods + fits };
  const left = new Map(
    [...wanted.keys()].map((name) => [name, (all.get(name) ?? 0) - (then.used.get(name) ?? 0)]),
  );
  return {
    node: use.node.metadata?.name ?? "",
    fits,
    whyNot: (first ?? refusalOf(pod, then, volumes))?.reasons ?? [],
    couldFit: refusalOf(pod, { ...use, used: new Map(), pods: 0 }, volumes) === undefined,
    left,
    all: new Map([...wanted.keys()].map((name) => [name, all.get(name) ?? 0])),
  };
}

function added(used: Amounts, wanted: Amounts, times: number): Amounts {
  const sum = new Map(used);
  for (const [name, amount] of wanted) sum.set(name, (sum.get(name) ?? 0) + times * amount);
  return sum;
}

const pods = evaluatorOf("pods")!;
const claims = evaluatorOf("persistentvolumeclaims")!;

/** Undefined where the quota does not concern the pod. */
function roomIn(pod: Pod, quota: ResourceQuota): QuotaRoom | undefined {
  return roomInQuota(pod as unknown as JsonObject, quota, pods);
}

/** How many such claims a quota takes; undefined where it does not concern it. */
export function roomForClaim(claim: object, quota: ResourceQuota): QuotaRoom | undefined {
  return roomInQuota(claim as JsonObject, quota, claims);
}

/** What a quota has not counted yet is taken for nothing. */
function roomInQuota(
  object: JsonObject,
  quota: ResourceQuota,
  evaluator: typeof pods,
): QuotaRoom | undefined {
  const name = quota.metadata?.name ?? "";
  const hard = countedOf(quota.status?.hard ?? quota.spec?.hard);
  const concerned = [...hard.keys()].filter((each) => evaluator.concerns(each));
  const matches = scopesOf(quota as unknown as JsonObject).every((scope) => evaluator.matches(scope, object));
  if (concerned.length === 0 || !matches) return undefined;
  const unsaid = evaluator.unsaid?.(new Set(concerned), object);
  if (unsaid !== undefined) return { quota: name, fits: 0, by: unsaid };
  const used = countedOf(quota.status?.used);
  const asked = [...only(evaluator.usage(object, 0), concerned)].filter(([, { nano }]) => nano > 0n);
  const rooms = asked.map(([each, amount]) => roomOf(name, each, amount, used, hard));
  return rooms.sort((a, b) => a.fits - b.fits)[0];
}

function roomOf(quota: string, by: string, amount: Quantity, used: Counted, hard: Counted): QuotaRoom {
  const [has, may] = [used.get(by) ?? parseQuantity("0"), hard.get(by)!];
  const left = may.nano - has.nano;
  const fits = left < amount.nano ? 0 : Number(left / amount.nano);
  return { quota, fits, by, used: formatQuantity(has), hard: formatQuantity(may) };
}
