/** What is short for more copies than fit, and which service would make room by running fewer. */

import type { Pod, ResourceQuota } from "kubernetes-types/core/v1";
import { formatQuantity } from "../../api/mod.ts";
import { amountsOf as countedOf } from "../../apiserver/admission/amounts.ts";
import { evaluatorOf } from "../../apiserver/admission/quota_usage.ts";
import { scopesOf } from "../../apiserver/admission/resource_quota.ts";
import type { JsonObject } from "../../apiserver/json.ts";
import { requestsOf } from "../../surroundings/scheduling/requests.ts";
import { hasEnded } from "../../surroundings/workloads/pods_of_template.ts";
import { asStored, type Fleet, type Room, roomFor } from "./room.ts";

/** One thing that there is too little of. */
export interface Shortage {
  /** `amd.com/gpu`, `cpu`, … of nodes; of a quota its name for it. */
  readonly of: string;
  /** How much more there would have to be: pieces, CPUs or bytes as a quantity. */
  readonly by: string;
  /** Nodes, or `quota <name>`. */
  readonly where: string;
}

/** @param wanted so many copies, more than fit */
export function shortages(copy: Pod, room: Room, wanted: number): Shortage[] {
  const pod = asStored(copy);
  const onNodes = room.nodes.reduce((sum, { fits }) => sum + fits, 0);
  const ofNodes = onNodes < wanted ? shortOnNodes(pod, room, wanted - onNodes) : [];
  const ofQuotas = room.quotas.filter(({ fits }) => fits < wanted).map(
    ({ quota, by, fits, used, hard }): Shortage => {
      const each = evaluatorOf("pods")!.usage(pod as unknown as JsonObject, 0).get(by);
      const nano = hard === undefined || each === undefined
        ? undefined
        : countedOf({ used }).get("used")!.nano + each.nano * BigInt(wanted) -
          countedOf({ hard }).get("hard")!.nano;
      return {
        of: by,
        by: nano === undefined ? `${wanted - fits} pods` : formatQuantity({ nano, notation: each!.notation }),
        where: `quota ${quota}`,
      };
    },
  );
  return [...ofNodes, ...ofQuotas];
}

/**
 * The least that would have to be added to nodes that take the pod: what is left on a node counts for one copy only, since
 * a pod is not divided.
 */
function shortOnNodes(pod: Pod, { nodes }: Room, missing: number): Shortage[] {
  const places = nodes.filter(({ couldFit, fits }) => couldFit || fits > 0);
  if (places.length === 0) {
    return [{ of: "nodes", by: String(missing), where: "nodes that take the pod: there is none" }];
  }
  const wanted = [...requestsOf(pod)].filter(([, amount]) => amount > 0);
  return wanted.flatMap(([name, amount]): Shortage[] => {
    const lacking = places.map(({ left }) => Math.max(0, amount - (left.get(name) ?? 0))).sort((a, b) =>
      a - b
    );
    const needed = Array.from({ length: missing }, (_, n) => lacking[n] ?? amount).reduce(
      (sum, each) => sum + each,
      0,
    );
    return needed === 0 ? [] : [{ of: name, by: shown(name, needed), where: "nodes" }];
  });
}

/** As people write an amount of that resource. */
export function shown(resource: string, amount: number): string {
  const nano = BigInt(Math.round(amount)) * (resource === "cpu" ? 1_000_000n : 1_000_000_000n);
  const isSize = /memory|storage|hugepages/.test(resource);
  return formatQuantity({ nano, notation: isSize ? "binary" : "decimal" });
}

/** A service that would make room. */
export interface Shrinking {
  readonly namespace: string;
  readonly service: string;
  /** So many of its pods would have to go, and how many it has. */
  readonly by: number;
  readonly of: number;
  /** Where they run. */
  readonly nodes: readonly string[];
}

const serviceLabel = "aim.eai.amd.com/service";

/**
 * Services of which some pods fewer would make room for all copies, those that give the fewest pods first. Which pods of a
 * service go is Kubernetes' choice: the nodes say which have to.
 *
 * @param except the service that is to grow
 */
export function shrinkings(
  pod: Pod,
  fleet: Fleet,
  wanted: number,
  except?: { readonly namespace: string; readonly name: string },
): Shrinking[] {
  const running = fleet.pods.filter((each) =>
    each.metadata?.labels?.[serviceLabel] && each.spec?.nodeName && !hasEnded(each)
  );
  const services = Map.groupBy(
    running,
    ({ metadata }) => `${metadata?.namespace}/${metadata!.labels![serviceLabel]}`,
  );
  services.delete(`${except?.namespace}/${except?.name}`);
  return [...services].flatMap(([key, own]) => {
    const gone = fewest(pod, fleet, wanted, own);
    if (gone === undefined) return [];
    const [namespace, service] = key.split("/");
    const nodes = [...new Set(gone.map(({ spec }) => spec!.nodeName!))].sort();
    return [{ namespace, service, by: gone.length, of: own.length, nodes }];
  }).sort((a, b) => a.by - b.by || (a.service < b.service ? -1 : 1));
}

/** The pods of a service that have to go, the one that makes most room first; undefined if all together do not. */
function fewest(pod: Pod, fleet: Fleet, wanted: number, own: readonly Pod[]): Pod[] | undefined {
  let [left, rest, gone] = [fleet, [...own], [] as Pod[]];
  while (rest.length > 0) {
    const tried = rest.map((each) => {
      const then = without(left, each, pod.metadata?.namespace);
      const room = roomFor(pod, then);
      // Two that make no room by themselves may make it together: then the freest node goes on.
      const progress = Math.max(
        ...room.nodes.map(({ left }) => [...left.values()].reduce((sum, one) => sum + one, 0)),
        0,
      );
      return { each, then, fits: room.fits, progress };
    }).sort((a, b) => b.fits - a.fits || b.progress - a.progress);
    const [{ each, then, fits }] = tried;
    gone = [...gone, each];
    if (fits >= wanted) return gone;
    left = then;
    rest = rest.filter((one) => one !== each);
  }
  return undefined;
}

/** The fleet once a pod has gone; its quota has room again. */
function without(fleet: Fleet, gone: Pod, namespace: string | undefined): Fleet {
  const isHere = gone.metadata?.namespace === namespace;
  return {
    ...fleet,
    pods: fleet.pods.filter((each) => each !== gone),
    quotas: isHere ? fleet.quotas.map((quota) => released(quota, gone)) : fleet.quotas,
  };
}

function released(quota: ResourceQuota, gone: Pod): ResourceQuota {
  const evaluator = evaluatorOf("pods")!;
  const object = asStored(gone) as unknown as JsonObject;
  if (!scopesOf(quota as unknown as JsonObject).every((scope) => evaluator.matches(scope, object))) {
    return quota;
  }
  const usage = evaluator.usage(object, 0);
  const used = [...countedOf(quota.status?.used)].map(([name, amount]) => {
    const nano = amount.nano - (usage.get(name)?.nano ?? 0n);
    return [name, formatQuantity({ ...amount, nano: nano < 0n ? 0n : nano })];
  });
  return { ...quota, status: { ...quota.status, used: Object.fromEntries(used) } };
}
