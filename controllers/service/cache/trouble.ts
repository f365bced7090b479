/**
 * Why a cache is not Ready, followed down to the object that has the cause: artifact, claim, Job, pod, event
 * (spec/README "Cache health of a service").
 */

import type { AIMArtifact } from "../../../lib/api/mod.ts";
import { eventsByUid } from "../../../lib/cluster/indexes.ts";
import { artifacts, persistentVolumeClaims, templateCaches } from "../../../lib/cluster/kinds.ts";
import type { Live } from "../../../lib/kube/object.ts";
import type { Event } from "../../../lib/operator/objects.ts";
import { eventReasons } from "../../../lib/operator/inspect/causes.ts";
import { eventsAbout, newest } from "../../../lib/operator/inspect/events.ts";
import { codeWithin } from "../../../lib/operator/status/code_within.ts";
import { conditionOf, type StoredCondition } from "../../../lib/operator/status/conditions.ts";
import { type Code, codeOf, mostTelling } from "../../../lib/operator/errors/codes.ts";
import { foreignReason, type KnownReason, type Reason } from "../../../lib/operator/errors/reasons.ts";
import { rank } from "../../../lib/operator/status/status_words.ts";
import { defineQuery, type Reading, type View } from "../../../lib/operator/core/view.ts";

export interface Trouble {
  readonly reason: Reason;
  /** What is behind a reason that stands for several. */
  readonly cause?: Reason;
  /** The cause, where more is known of it than the reason says. */
  readonly code?: Code;
  /** Begins with the object that it is about. */
  readonly message: string;
}

interface Finding extends Trouble {
  /** Before that moment it is nothing to be worried about. */
  readonly from?: string;
}

/** The trouble of the worst artifact that has one; a shared question, so that progress wakes no service. */
const findings = defineQuery<readonly [namespace: string, cache: string], readonly Finding[]>(
  "cacheTrouble",
  (view, [namespace, name]) => {
    const cache = view.get(templateCaches, namespace, name);
    const entries = Object.values(cache?.status?.artifacts ?? {}).filter(({ status }) => status !== "Ready");
    return entries.toSorted((a, b) => rank(a.status) - rank(b.status)).flatMap((entry) => {
      const artifact = view.get(artifacts, namespace, entry.name);
      if (artifact?.metadata.uid !== entry.uid) return [];
      return findingsOf(artifact, view).map((finding) => ({
        ...finding,
        message: `artifact ${entry.name}: ${finding.message}`,
      }));
    });
  },
);

/** What keeps the cache from being Ready; undefined while it is merely on its way. */
export function troubleOf(namespace: string, cache: string, view: View): Trouble | undefined {
  return view.query(findings, [namespace, cache]).find(({ from }) =>
    from === undefined || view.reached(from)
  );
}

export function codeOfTrouble(trouble: Trouble | undefined): Code | undefined {
  return trouble && (trouble.code ?? mostTelling([codeOf(trouble.cause), codeOf(trouble.reason)]));
}

/** The first that counts by now is told. */
function findingsOf(artifact: Live<AIMArtifact>, view: Reading): Finding[] {
  const unbound = unboundClaim(artifact, view);
  if (unbound !== undefined) return [unbound];
  const code = codeWithin(artifact.status?.conditions);
  return toldByConditions(artifact).map((finding) => ({ ...finding, ...(code && { code }) }));
}

/** A provisioner takes its time; one that is not there takes for ever, and nothing but this tells of it. */
const patience = 60_000;
const { wrong } = eventReasons("PersistentVolumeClaim", "unbound");
const slow = "ExternalProvisioning";

/** Why the claim is not bound, in the words of its events; a class that binds when the first pod comes is in order. */
function unboundClaim({ metadata, status }: Live<AIMArtifact>, view: Reading): Finding | undefined {
  const name = status?.persistentVolumeClaim;
  const claim = name ? view.get(persistentVolumeClaims, metadata.namespace, name) : undefined;
  if (claim === undefined || claim.status?.phase !== "Pending") return undefined;
  const events = eventsAbout(claim, view.list(eventsByUid, claim.metadata.uid));
  const event = newest(events, wrong) ?? newest(events, [slow]);
  if (event === undefined) return undefined;
  const message = `PersistentVolumeClaim ${name} is not bound: ${event.reason}: ${event.message ?? ""}`;
  const code = unboundCode(event);
  if (event.reason !== slow) return { reason: "PVCNotBound", message, ...(code && { code }) };
  const begun = Date.parse(claim.metadata.creationTimestamp ?? "");
  const from = new Date((begun || 0) + patience).toISOString();
  return { reason: "PVCNotBound", message, from, ...(code && { code }) };
}

/** Nothing but the text of these events tells a class that is not there from a provisioner that fails. */
function unboundCode({ reason, message = "" }: Event): Code | undefined {
  if (/storageclass\S* "[^"]*" not found|no storage class is set/.test(message)) return "AIM-0312";
  return reason === "ProvisioningFailed" || reason === slow ? "AIM-0313" : undefined;
}

/** Conditions of an artifact in the order in which their causes lie, the deepest first. */
const depths = [
  "SpecReady",
  "RuntimeConfigReady",
  "CachePvcReady",
  "CheckSizeJobPodsReady",
  "CheckSizeOutputReady",
  "CheckSizeJobReady",
  "DownloadJobPodsReady",
  "DownloadJobReady",
];

/** Reasons of what is merely on its way. */
const onItsWay: readonly (KnownReason | undefined)[] = [
  "ResourceNotReady",
  "DownloadedByAnother",
  "PvcPending",
  "PvcResizing",
  "JobNotFound",
  "JobRunning",
  "NoPods",
  "Pulling",
  "PodsStarting",
  "PodsPending",
  "PodsProgressing",
];

function toldByConditions({ status }: Live<AIMArtifact>): Finding[] {
  const conditions = status?.conditions;
  const told = (type: string) => {
    const condition = conditionOf(conditions, type);
    const wrong = condition?.status === "False" && !onItsWay.includes(condition.reason as KnownReason);
    return wrong ? condition : undefined;
  };
  const cause = depths.map(told).find((each) => each !== undefined);
  const check = conditionOf(conditions, "CheckSizeJobReady") ??
    conditionOf(conditions, "CheckSizeOutputReady");
  if (check !== undefined) {
    const failed = status?.status === "Failed" || status?.status === "Degraded";
    const message = (failed ? told("CheckSizeJobReady") : undefined)?.message ?? cause?.message;
    return sizeFindings(check, cause, failed, message ?? "");
  }
  if (cause === undefined) return [];
  // Of a download that has failed it is told, too, when the next begins.
  const attempt = told("DownloadJobReady") && conditionOf(conditions, "DownloadComplete");
  const message = attempt?.message || cause.message || cause.reason || "";
  return [{ reason: foreignReason(cause.reason), message }];
}

/** `StorageSizeError` once a size check has failed, or has been under way for a minute (spec/README). */
function sizeFindings(
  check: StoredCondition,
  cause: StoredCondition | undefined,
  failed: boolean,
  message: string,
): Finding[] {
  if (failed) {
    return [{ reason: "StorageSizeError", ...(cause && { cause: foreignReason(cause.reason) }), message }];
  }
  const begun = Date.parse(check.lastTransitionTime ?? "") || 0;
  const late: Finding = {
    reason: "StorageSizeError",
    message: `The size of the source is still being measured: ${message || check.message || check.reason}`,
    from: new Date(begun + patience).toISOString(),
  };
  return cause === undefined ? [late] : [late, { reason: foreignReason(cause.reason), message }];
}
