/**
 * Whether a volume has room for the weights, and how it gets it: where its class allows it a claim that is too small
 * is made larger, never smaller (issue "Weights", point 3; caching-and-artifacts.md weakness 18).
 */

import {
  type AIMArtifact,
  bytesQuantity,
  displaySize,
  formatQuantity,
  parseQuantity,
  wholeUnits,
} from "../../lib/api/mod.ts";
import { eventsByUid } from "../../lib/cluster/indexes.ts";
import { persistentVolumeClaims, storageClasses } from "../../lib/cluster/kinds.ts";
import { outOfReach } from "../../lib/cluster/reach.ts";
import type { Live } from "../../lib/kube/object.ts";
import { type Edit, editOf } from "../../lib/operator/core/plan.ts";
import type { View } from "../../lib/operator/core/view.ts";
import { annotation } from "../../lib/operator/naming/labels.ts";
import { eventReasons } from "../../lib/operator/inspect/causes.ts";
import { eventsAbout, newest } from "../../lib/operator/inspect/events.ts";
import type { ComponentHealth } from "../../lib/operator/status/health.ts";
import { type Claim, claimHealth, isUsable } from "./claim.ts";
import { type Failure, memoryOf, reasonOf } from "./memory.ts";
import { claimBytes } from "./size.ts";

export type Room =
  /** As far as anybody knows. */
  | { readonly state: "enough" }
  /** It is made larger; with the edit that asks for it while it has not been asked for. */
  | { readonly state: "grows"; readonly from: string; readonly to: string; readonly edit?: Edit }
  /** It is too small and stays so; what that means and what helps. */
  | { readonly state: "fixed"; readonly text: string };

/** The failure of an attempt for which the volume was too small; undefined if the last failure was another. */
export function fullFailure(artifact: Live<AIMArtifact>): Failure | undefined {
  const { failure } = memoryOf(artifact);
  return failure !== undefined && reasonOf(failure) === "StorageFull" ? failure : undefined;
}

/**
 * A claim grows when the weights cannot fit, or have not fitted; then to what a new claim would ask for. Only one that
 * is bound can: the API server refuses others.
 * @param bytes of the weights
 * @param percent of headroom
 */
export function roomOf(
  artifact: Live<AIMArtifact>,
  claim: Claim | undefined,
  { bytes, percent }: { readonly bytes: bigint; readonly percent: number },
  view: View,
): Room {
  const request = claim?.spec?.resources?.requests?.storage;
  if (!isUsable(claim) || claim.status?.phase !== "Bound" || request === undefined) {
    return { state: "enough" };
  }
  const capacity = claim.status.capacity?.storage ?? request;
  const [asked, has] = [bytesOf(request), bytesOf(capacity)];
  const full = fullFailure(artifact);
  const wasFull = full !== undefined && asked <= bytesOf(full.volume ?? request);
  if (wasFull || bytes > (asked > has ? asked : has)) {
    const wanted = claimBytes(bytes, percent);
    const to = formatQuantity(bytesQuantity(wanted));
    if (wanted > asked) return larger(claim, { request, to, bytes, percent }, view);
    return wasFull && full.measured
      ? { state: "fixed", text: fullText(claim, request, bytes) }
      : { state: "enough" };
  }
  // Asked for already, by us or by a person. With a pending file system the next pod that mounts it ends it.
  const isGrowing = has < asked && !isPendingFileSystem(claim);
  return isGrowing ? { state: "grows", from: capacity, to: request } : { state: "enough" };
}

function bytesOf(quantity: string): bigint {
  return wholeUnits(parseQuantity(quantity));
}

interface Growth {
  readonly request: string;
  readonly to: string;
  readonly bytes: bigint;
  readonly percent: number;
}

function larger(claim: Claim, { request, to, bytes, percent }: Growth, view: View): Room {
  const obstacle = obstacleTo(claim, view);
  if (obstacle === undefined) {
    const patch = { spec: { resources: { requests: { storage: to } } } };
    return { state: "grows", from: request, to, edit: editOf(persistentVolumeClaims, claim, patch) };
  }
  const { name } = claim.metadata;
  return {
    state: "fixed",
    text:
      `PersistentVolumeClaim ${name} asks for ${request}; the weights have ${
        displaySize(bytes)
      } and need ${to} with ` +
      `${percent} percent of headroom; ${obstacle.what}: ${obstacle.remedy}delete PersistentVolumeClaim ${name}, and a ` +
      `new one of ${to} is made`,
  };
}

/** What keeps the claim from being made larger. */
function obstacleTo(
  { spec }: Claim,
  view: View,
): { readonly what: string; readonly remedy: string } | undefined {
  const name = spec?.storageClassName;
  if (!name) return { what: "it names no StorageClass, so it cannot be made larger", remedy: "" };
  const found = view.get(storageClasses, undefined, name);
  const unread = outOfReach(view, storageClasses);
  if (unread !== undefined) {
    return {
      what:
        `whether StorageClass ${name} lets claims be made larger is not known, since ${unread}, or by hand`,
      remedy: "",
    };
  }
  if (found === undefined) {
    return { what: `its StorageClass ${name} is not there`, remedy: `make StorageClass ${name}, or ` };
  }
  if (found.allowVolumeExpansion === true) return undefined;
  return {
    what: `StorageClass ${name} lets no claim be made larger`,
    remedy: `set allowVolumeExpansion: true in StorageClass ${name} if its provisioner can do it, or `,
  };
}

function fullText({ metadata: { name } }: Claim, request: string, bytes: bigint): string {
  return `PersistentVolumeClaim ${name} asks for ${request}, which is enough for weights of ${
    displaySize(bytes)
  }: ` +
    "something else takes its room, or the store behind it is full; make room there, or raise " +
    "spec.storage.pvcHeadroomPercent of the service or of the runtime config (of an artifact without a service: its " +
    `annotation ${annotation.headroom})`;
}

function isPendingFileSystem({ status }: Claim): boolean {
  return (status?.conditions ?? []).some(({ type, status }) =>
    type === "FileSystemResizePending" && status === "True"
  );
}

/** What the room means for a failure: only that of a full volume depends on it. */
export function causeOf(
  room: Room,
  claim: Claim | undefined,
): (failure: Failure) => "mended" | "stands" | undefined {
  return (failure) => {
    if (reasonOf(failure) !== "StorageFull") return undefined;
    if (room.state !== "enough") return "stands";
    const request = claim?.spec?.resources?.requests?.storage;
    if (request === undefined || failure.volume === undefined) return undefined;
    return bytesOf(request) > bytesOf(failure.volume) ? "mended" : undefined;
  };
}

const { wrong } = eventReasons("PersistentVolumeClaim", "growing");

/** `CachePvcReady`, also while the claim grows. */
export function volumeHealth(claim: Claim | undefined, room: Room, view: View): ComponentHealth {
  const health = claimHealth(claim, view);
  if (claim === undefined || room.state !== "grows") return health;
  const event = newest(eventsAbout(claim, view.list(eventsByUid, claim.metadata.uid)), wrong);
  const told = event === undefined ? "" : `: ${event.reason}: ${event.message ?? ""}`;
  return {
    ...health,
    state: "Progressing",
    reason: "PvcResizing",
    message:
      `PersistentVolumeClaim ${claim.metadata.name} is being made larger, from ${room.from} to ${room.to}${told}`,
  };
}
