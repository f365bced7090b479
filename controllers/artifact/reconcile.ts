/** AIMArtifact: from a source to verified weights on a volume (caching-and-artifacts.md §5). */

import { type AIMArtifact, aimArtifact, type AIMArtifactStatus, displaySize } from "../../lib/api/mod.ts";
import { stoodBackFor } from "../../lib/cluster/cache_users.ts";
import { artifacts, downloaderAccount, jobs } from "../../lib/cluster/kinds.ts";
import type { Job, PodSpec } from "../../lib/operator/objects.ts";
import type { Live } from "../../lib/kube/object.ts";
import { type ComponentHealth, failing } from "../../lib/operator/status/health.ts";
import { isPaused } from "../../lib/operator/naming/labels.ts";
import { type Child, type Edit, nothing, type Plan, removalOf } from "../../lib/operator/core/plan.ts";
import { paused } from "../../lib/operator/status/paused.ts";
import { report } from "../../lib/operator/status/report.ts";
import type { Controller } from "../../lib/operator/core/controller.ts";
import { applyGate } from "../../lib/operator/status/status.ts";
import { validated } from "../../lib/operator/stored_schema.ts";
import type { View } from "../../lib/operator/core/view.ts";
import { unusedArtifact } from "./unused.ts";
import { type Memory, memoryOf, reasonOf, remember } from "./memory.ts";
import {
  adoption,
  type Claim,
  claimHealth,
  claimOf,
  type Headroom,
  headroomOf,
  isUsable,
  newClaim,
} from "./claim.ts";
import { type Context, contextOf } from "./context.ts";
import {
  type BesideFailure,
  type Download,
  downloadCondition,
  downloadHealth,
  downloadOf,
  type DownloadState,
} from "./jobs/download.ts";
import { downloadJob, downloadPod } from "./jobs/download_job.ts";
import { inputsHash } from "./jobs/job.ts";
import {
  retryText,
  type SizeCheck,
  sizeCheckHealth,
  sizeCheckJob,
  sizeCheckOf,
  sizeCheckPod,
  type SizeCheckState,
} from "./jobs/size_check.ts";
import { reportingAccount, reportingChildren } from "./jobs/reporting.ts";
import { lastUsed } from "./last_used.ts";
import { causeOf, fullFailure, type Room, roomOf, volumeHealth } from "./room.ts";
import { atLeast, type Size, sizeOf } from "./size.ts";
import { sourceFault } from "./source.ts";
import { artifactStatus, speaksFor } from "./status.ts";

const checked = validated<AIMArtifact, AIMArtifactStatus>(
  { name: "artifact", kind: artifacts, reconcile: pipeline },
  aimArtifact,
);

export const artifactController: Controller<AIMArtifact, AIMArtifactStatus> = { ...checked, reconcile };

/** One that is being deleted or paused is left alone, whatever its spec says; one that nobody needs goes. */
function reconcile(artifact: Live<AIMArtifact>, view: View): Plan<AIMArtifactStatus> {
  if (artifact.metadata.deletionTimestamp !== undefined) return nothing;
  if (isPaused(artifact)) return paused(artifact);
  const unused = unusedArtifact(artifact, view);
  if (unused !== undefined) return { ...nothing, removals: [unused] };
  return checked.reconcile(artifact, view);
}

function pipeline(artifact: Live<AIMArtifact>, view: View): Plan<AIMArtifactStatus> {
  const world = readWorld(artifact, view);
  const { claim, size, headroom, sizeCheck, state: { download } } = world;
  const beside = besideFailure(world);
  const components = judgeWorld(world, view);
  const used = lastUsed(artifact, view);
  const { open } = applyGate(components);
  const discovered = sizeCheck?.check.phase === "measured" ? sizeCheck.check.measured.bytes : undefined;
  return {
    children: open ? wantedChildren(world) : [],
    removals: open ? outdatedJobs(world).map((job) => removalOf(jobs, job)) : [],
    edits: [
      ...remember(artifact, memoryAfter(world)),
      ...adoption(world.context, claim),
      ...(open ? growth(world) : []),
    ],
    ...report({
      object: artifact,
      components,
      extra: downloadCondition(download, artifact, beside),
      speaksFor,
      reached: view.reached,
      statusOf: (verdict) =>
        artifactStatus({ artifact, size, headroom, claim, download, lastUsed: used, discovered }, verdict),
    }),
  };
}

/** Everything that this pass looked at. */
interface World {
  readonly context: Context;
  /** Name of the artifact that downloads the same source; undefined where this one does. */
  readonly stoodBackFor: string | undefined;
  /** As it is said, or was measured, also in this pass. */
  readonly size: Size;
  /** Only while the artifact does not say its size, or its volume was too small for what it says. */
  readonly sizeCheck: SizeCheckState | undefined;
  /** The pod that a size check would get now. */
  readonly sizePod: PodSpec | undefined;
  readonly headroom: Headroom;
  readonly claim: Claim | undefined;
  readonly room: Room;
  /** Of the pods of Jobs; undefined until it may report. */
  readonly account: string | undefined;
  /** The pod that a download would get now; undefined while the size is not known. */
  readonly pod: PodSpec | undefined;
  readonly state: DownloadState;
}

function readWorld(artifact: Live<AIMArtifact>, view: View): World {
  const context = contextOf(artifact, view);
  const claim = claimOf(artifact, view);
  const account = reportingAccount(context, view);
  const hashOf = (pod: PodSpec | undefined) => () =>
    pod && inputsHash(pod, artifact.metadata.namespace ?? "", view);
  const told = atLeast(sizeOf(artifact), memoryOf(artifact).measured);
  const full = isUsable(claim) && told.state === "known" ? fullFailure(artifact) : undefined;
  const since = full?.measured ? undefined : full?.at;
  const unmeasured = artifact.spec !== undefined && (told.state === "unknown" || since !== undefined);
  const sizePod = unmeasured ? sizeCheckPod(context, account ?? downloaderAccount) : undefined;
  const sizeCheck = unmeasured ? sizeCheckOf(artifact, hashOf(sizePod), since, view) : undefined;
  const measured = sizeCheck?.check.phase === "measured" ? sizeCheck.check.measured.bytes : undefined;
  const size = atLeast(told, measured);
  const pod = artifact.spec !== undefined && size.state === "known"
    ? downloadPod(context, size.bytes, account ?? downloaderAccount)
    : undefined;
  const headroom = headroomOf(context);
  const room: Room = size.state === "known" && "percent" in headroom
    ? roomOf(artifact, claim, { bytes: size.bytes, percent: headroom.percent }, view)
    : { state: "enough" };
  const inputs = { inputsNow: hashOf(pod), causeNow: causeOf(room, claim) };
  const state = downloadOf(artifact, claim, inputs, view);
  const ahead = stoodBackFor(artifact, view)?.name;
  return {
    context,
    stoodBackFor: ahead,
    size,
    sizeCheck,
    sizePod,
    headroom,
    claim,
    room,
    account,
    pod,
    state,
  };
}

function outdatedJobs({ sizeCheck, state }: World): Live<Job>[] {
  return [sizeCheck?.outdated, state.outdated].filter((job) => job !== undefined);
}

/** What the artifact must carry on, whatever becomes of Jobs and pods. */
function memoryAfter({ context: { artifact }, sizeCheck, state: { download } }: World): Memory {
  const before = memoryOf(artifact);
  const after = { ...sizeMemory(before, sizeCheck?.check), ...downloadMemory(before, download) };
  const full = fullFailure(artifact);
  if (full === undefined || sizeCheck?.check.phase !== "measured") return after;
  const measured = Math.max(before.measured ?? 0, sizeCheck.check.measured.bytes);
  return { ...after, measured, failure: { ...full, measured: true } };
}

function sizeMemory(
  { revision, sizeFailure, measured: bytes }: Memory,
  check: SizeCheck | undefined,
): Memory {
  const measured = check?.phase === "measured" ? check.measured.revision : revision;
  const kept = {
    ...(measured === undefined ? {} : { revision: measured }),
    ...(bytes === undefined ? {} : { measured: bytes }),
  };
  if (check?.phase === "failed") return { ...kept, sizeFailure: check.failure };
  const settled = check === undefined || check.phase === "measured";
  return settled || sizeFailure === undefined ? kept : { ...kept, sizeFailure };
}

function downloadMemory({ verified, failure }: Memory, download: Download): Memory {
  if (download.phase === "verified") return { verified: download.claim.metadata.uid };
  // That another claim was verified stays known: without it what AIM Engine would have left is believed.
  if (download.phase === "failed") return { ...(verified && { verified }), failure: download.failure };
  return { ...(verified && { verified }), ...(failure && { failure }) };
}

/** The components in the order in which conditions are listed (§5.11). */
function judgeWorld(world: World, view: View): ComponentHealth[] {
  const { context: { runtimeConfig, artifact }, size, sizeCheck, claim, room, state: { download } } = world;
  const faults = specFaults(world);
  const config = runtimeConfig.health === undefined ? [] : [runtimeConfig.health];
  if (download.phase === "verified") return [...faults, ...config, claimHealth(claim, view)];
  if (artifact.spec === undefined || size.state === "invalid") return [...faults, ...config];
  if (world.stoodBackFor !== undefined) return [...faults, ...config, standingBack(world.stoodBackFor)];
  if (size.state === "unknown") return [...faults, ...config, ...sizeCheckHealth(sizeCheck!.check, artifact)];
  const volume = volumeHealth(claim, room, view);
  // A volume that is being made larger is the answer to a failure: nobody has to do anything.
  if (room.state === "grows" && download.phase === "failed") return [...faults, ...config, volume];
  return [...faults, ...config, volume, ...downloadHealth(download, artifact, besideFailure(world))];
}

function standingBack(other: string): ComponentHealth {
  return {
    component: "DownloadJob",
    dependency: "Downstream",
    state: "Pending",
    reason: "DownloadedByAnother",
    message:
      `Artifact ${other} downloads the same source into the same storage class; this one goes, or begins once ` +
      "that one has failed",
  };
}

/** What is wrong with the artifact's own text (§5.3 Better). */
function specFaults(world: World): ComponentHealth[] {
  const { context: { artifact }, size, headroom, state } = world;
  // What is verified was downloaded, whatever it is called.
  const source = state.download.phase === "verified" ? undefined : sourceFault(artifact);
  const faults = [
    source === undefined ? [] : [source],
    artifact.spec === undefined ? ["spec is missing; set spec.sourceUri and spec.size"] : [],
    size.state === "invalid" ? [size.message] : [],
    "fault" in headroom && asksForHeadroom(world) ? [headroom.fault] : [],
  ].flat();
  if (faults.length === 0) return [];
  const message = faults.join("; ");
  return [failing({ component: "Spec", dependency: "none" }, {
    category: "InvalidSpec",
    reason: "InvalidSpec",
    message,
  })];
}

/** Whether what comes next needs it: a download that runs goes on without, and its weights stay. */
function asksForHeadroom({ claim, state: { download } }: World): boolean {
  return claim === undefined || (download.phase !== "running" && download.phase !== "verified");
}

/** §5.1: rights to report, the size, the volume, then the download; nothing but the volume once it is done. */
function wantedChildren(world: World): Child[] {
  const { context, size, headroom, state } = world;
  if (world.stoodBackFor !== undefined) return [];
  if (size.state === "unknown") return [...reportingChildren(context), ...nextSizeCheck(world)];
  if (size.state !== "known" || !("percent" in headroom)) return [];
  const volume = newClaim(context, size.bytes, headroom.percent);
  if (state.download.phase === "verified") return [volume];
  return [...reportingChildren(context), volume, ...nextSizeCheck(world), ...nextJob(world)];
}

/** The edit that makes a volume larger, while its weights are not whole. */
function growth({ room, state: { download } }: World): Edit[] {
  return room.state === "grows" && room.edit !== undefined && download.phase !== "verified"
    ? [room.edit]
    : [];
}

/** What is to be said of a failed download beside itself: how far it came, and what becomes of its volume. */
function besideFailure({ context: { artifact, claimName }, sizeCheck, room, state }: World): BesideFailure {
  const { download } = state;
  const standsStill = download.phase === "failed" && reasonOf(download.failure) === "StorageFull" &&
    room.state !== "enough";
  const sooner = standsStill
    ? `PersistentVolumeClaim ${claimName} is larger`
    : "the artifact, the runtime config or a Secret that they name changes";
  const more = [
    progressText(artifact),
    room.state === "fixed" ? room.text : undefined,
    room.state === "grows" ? `the volume is being made larger, to ${room.to}` : undefined,
    measuringText(sizeCheck?.check),
  ].filter((text) => text !== undefined);
  return { sooner, more };
}

function measuringText(check: SizeCheck | undefined): string | undefined {
  if (check === undefined || check.phase === "measured") return undefined;
  return check.phase === "failed" ? retryText(check.failure) : "the source is being measured again";
}

function progressText({ status }: Live<AIMArtifact>): string | undefined {
  const { downloadedBytes = 0, totalBytes = 0 } = status?.progress ?? {};
  if (totalBytes <= 0) return undefined;
  const [has, all, missing] = [downloadedBytes, totalBytes, Math.max(0, totalBytes - downloadedBytes)].map(
    (bytes) => displaySize(BigInt(bytes)),
  );
  return `${has} of ${all} have arrived, ${missing} are missing`;
}
/** The next size check, once nothing is in its way and it is known what it is made of. */
function nextSizeCheck({ context, account, sizePod, sizeCheck }: World): Child[] {
  if (sizeCheck?.check.phase !== "absent" || sizeCheck.outdated !== undefined) return [];
  const { attempt, inputs } = sizeCheck.check;
  if (account === undefined || sizePod === undefined || inputs === undefined) return [];
  return [sizeCheckJob(context, { pod: sizePod, inputs, attempt })];
}

/** The Job of the next download, once nothing is in its way and it is known what it is made of. */
function nextJob(
  { context, size, claim, room, account, pod, state: { download, outdated } }: World,
): Child[] {
  if (size.state !== "known" || download.phase !== "absent" || outdated !== undefined || !isUsable(claim)) {
    return [];
  }
  const { attempt, inputs } = download;
  // One that is due by its time does not wait any more: perhaps nobody makes claims larger, or the server refuses it.
  if (room.state === "grows" && attempt === 1) return [];
  if (account === undefined || pod === undefined || inputs === undefined) return [];
  return [downloadJob(context, { pod, inputs, bytes: size.bytes, claim, attempt })];
}
