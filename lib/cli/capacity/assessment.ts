/** How many replicas of something fit, and what keeps more from it. */

import type { PersistentVolume, Pod } from "kubernetes-types/core/v1";
import { isQuantity, parseQuantity, wholeUnits } from "../../api/mod.ts";
import { requestsOf } from "../../surroundings/scheduling/requests.ts";
import type { ReadFleet } from "./read_fleet.ts";
import type { Claim, Replica } from "./replica.ts";
import { type NodeRoom, type QuotaRoom, roomFor, roomForClaim } from "./room.ts";
import { type Shortage, shortages, shown, type Shrinking, shrinkings } from "./shortage.ts";

/** Everything that is told, as data. */
export interface Assessment {
  readonly namespace: string;
  /** What it is about: `service chat`, `template qwen-1x-mi300x`. */
  readonly of: string;
  /** What one replica asks for, as quantities. */
  readonly each: Readonly<Record<string, string>>;
  readonly running: number;
  /** So many more fit. */
  readonly fits: number;
  /** So many are wanted, those that run included. */
  readonly wanted: number;
  readonly nodes: readonly ToldNode[];
  readonly quotas: readonly QuotaRoom[];
  /** Volumes for weights that are not there yet, each with what keeps it from coming about. */
  readonly storage: readonly ToldClaim[];
  readonly sizeUnknown: boolean;
  readonly short: readonly Shortage[];
  /** What would make room for all that are wanted. */
  readonly shrink: readonly Shrinking[];
  /** What of the pod was not looked at. */
  readonly ignored: readonly string[];
  readonly unseen: readonly string[];
}

interface ToldNode extends Pick<NodeRoom, "node" | "fits" | "whyNot" | "couldFit"> {
  /** By resource, once as many run as fit. */
  readonly left: Readonly<Record<string, string>>;
  readonly all: Readonly<Record<string, string>>;
}

interface ToldClaim extends Claim {
  readonly fault?: string;
}

export interface Question {
  readonly namespace: string;
  readonly of: string;
  readonly replica: Replica;
  readonly running: number;
  readonly wanted: number;
  readonly service?: { readonly namespace: string; readonly name: string };
}

export function assess(question: Question, fleet: ReadFleet): Assessment {
  const { namespace, of, replica: { pod, claims, sizeUnknown }, running, wanted } = question;
  const room = roomFor(pod, fleet, volumesOf(pod, fleet));
  const storage = claims.map((claim) => toldClaim(claim, fleet));
  const isStored = storage.every(({ fault }) => fault === undefined);
  const fits = isStored ? room.fits : 0;
  const more = Math.max(0, wanted - running);
  const isShort = more > room.fits;
  return {
    namespace,
    of,
    each: amounts(requestsOf(pod)),
    running,
    fits,
    wanted,
    nodes: room.nodes.map(({ node, fits, whyNot, couldFit, left, all }) => ({
      node,
      fits,
      whyNot,
      couldFit,
      left: amounts(left),
      all: amounts(all),
    })),
    quotas: room.quotas,
    storage,
    sizeUnknown,
    short: isShort ? shortages(pod, room, more) : [],
    shrink: isShort ? shrinkings(pod, fleet, more, question.service) : [],
    ignored: ignoredOf(pod),
    unseen: fleet.unseen,
  };
}

function amounts(of: ReadonlyMap<string, number>): Record<string, string> {
  return Object.fromEntries(
    [...of].filter(([, amount]) => amount >= 0).map(([name, amount]) => [name, shown(name, amount)]),
  );
}

/** Volumes of the pod's claims that are bound: some are on certain nodes only. */
function volumesOf({ spec }: Pod, { claims, volumes }: ReadFleet): PersistentVolume[] {
  return (spec?.volumes ?? []).flatMap(({ persistentVolumeClaim }) => {
    const claim = claims.find(({ metadata }) => metadata?.name === persistentVolumeClaim?.claimName);
    const volume = claim && volumes.find(({ metadata }) => metadata?.name === claim.spec?.volumeName);
    return volume === undefined ? [] : [volume];
  });
}

const defaultMark = "storageclass.kubernetes.io/is-default-class";

/** A claim with what keeps it from being made or bound, as far as the cluster says it. */
function toldClaim(claim: Claim, fleet: ReadFleet): ToldClaim {
  const seen = !fleet.unseen.includes("storageclasses.storage.k8s.io");
  const name = claim.storageClass ||
    (fleet.storageClasses.find(({ metadata }) => metadata?.annotations?.[defaultMark] === "true")?.metadata
      ?.name ?? "");
  const fault = (text: string) => ({ ...claim, storageClass: name, fault: text });
  if (seen && name === "") return fault("no storage class is named, and none is the cluster's default");
  if (seen && !fleet.storageClasses.some(({ metadata }) => metadata?.name === name)) {
    return fault(`storage class ${name} does not exist`);
  }
  const object = {
    metadata: {},
    spec: { storageClassName: name, resources: { requests: { storage: claim.size } } },
  };
  for (const quota of fleet.quotas) {
    const room = roomForClaim(object, quota);
    if (room !== undefined && room.fits === 0) {
      return fault(
        `quota ${room.quota} has no room: ${room.by} ${room.used} of ${room.hard} used, ${claim.size} more wanted`,
      );
    }
  }
  const offered = fleet.capacities.filter(({ storageClassName }) => storageClassName === name);
  const largest = Math.max(...offered.map((each) => bytesOf(each.maximumVolumeSize ?? each.capacity)));
  return offered.length > 0 && largest < claim.bytes
    ? fault(
      `storage class ${name} has ${shown("storage", largest)} free in one piece, ${claim.size} are wanted`,
    )
    : { ...claim, storageClass: name };
}

function bytesOf(quantity: unknown): number {
  const text = String(quantity ?? "0");
  return isQuantity(text) ? Number(wholeUnits(parseQuantity(text))) : 0;
}

/** Rules about neighbours: what a pod of the operator's has only where somebody added it. */
function ignoredOf({ spec }: Pod): string[] {
  return [
    ...(spec?.affinity?.podAffinity || spec?.affinity?.podAntiAffinity ? ["its affinity to other pods"] : []),
    ...(spec?.topologySpreadConstraints?.some(({ whenUnsatisfiable }) =>
        whenUnsatisfiable === "DoNotSchedule"
      )
      ? ["its topology spread"]
      : []),
    ...(spec?.containers?.some(({ ports }) => ports?.some(({ hostPort }) => hostPort))
      ? ["its ports on the node"]
      : []),
  ];
}
