/**
 * What of a plan is not yet so. Synchronous and memoised: at rest it costs a version comparison per child.
 * "Send only what differs" is decided here and nowhere else (core.md "The applier").
 */

import { equalJson } from "../../kube/json/equal.ts";
import { createMergePatch } from "../../kube/json/merge_patch.ts";
import { apiVersionOf, type KubeObject, type Live } from "../../kube/object.ts";
import { type RateLimiter, requeueAfter } from "./rate_limiter.ts";
import type { Clock } from "../core/clock.ts";
import type { ClusterCache } from "../core/cluster_cache.ts";
import { compare, hashOf, optionsFor, type Verdict } from "./diff/compare.ts";
import { type ApplyState, type ChildRecord, lasting, outcomeBy, PassOutcomes } from "./apply_state.ts";
import type { Child, ChildRef, Edit, Outcomes, Plan, Removal } from "../core/plan.ts";
import { holdGeneration, stampTransitions, urgencyOf } from "../status/status_changes.ts";

/** A child to send, with what was looked at. */
export interface Sending {
  readonly child: Extract<Child, { how: "apply" | "create" }>;
  readonly hash: string;
  readonly live: Live<KubeObject> | undefined;
  readonly record: ChildRecord;
  /** Somebody else changed what had been as we want it: the first such path. */
  readonly drift: string | undefined;
}

export interface Assessment {
  readonly finalizer: "ensure" | "release" | undefined;
  readonly sticky: boolean;
  readonly edits: readonly Edit[];
  readonly sendings: readonly Sending[];
  readonly removals: readonly Removal[];
  readonly outcomes: PassOutcomes;
  /** When something that waits now must be looked at again; monotonic milliseconds, Infinity for never. */
  readonly wakeAt: number;
}

export interface AssessContext {
  readonly cache: ClusterCache;
  /** Monotonic milliseconds. */
  readonly now: number;
  readonly manager: string;
  /** How fast the children of many keys may be changed by one cause. */
  readonly rollouts: RateLimiter;
  /** Whether this pass is one of many with the same cause. */
  readonly bulk: boolean;
}

/**
 * What may wait, waits this long for others; details come no sooner than `detailInterval` after the last write:
 * what is on its way changes often, and each change alone tells little. Where many wait, they wait for one another, so
 * that on average about three are told a second: the writes that bring all of them on go first. Another cause waits for nobody.
 */
const shortWait = 1_000;
const soonInterval = 3_000;
const detailInterval = 10_000;
const intervalPerWaiting = 300;
const longestInterval = 120_000;

export function assess(
  object: Live<KubeObject>,
  plan: Plan<object>,
  applyState: ApplyState,
  context: AssessContext,
): Assessment {
  const outcomes = new PassOutcomes(plan);
  const sendings: Sending[] = [];
  let wakeAt = Infinity;
  for (const child of plan.children) {
    const verdict = assessChild(child, applyState.child(child.ref), outcomes, context);
    if (typeof verdict === "number") wakeAt = Math.min(wakeAt, verdict);
    else sendings.push(verdict);
  }
  const { finalizer } = plan;
  const there = finalizer !== undefined && (object.metadata.finalizers ?? []).includes(finalizer.name);
  return {
    finalizer: there === (finalizer?.action === "ensure") ? undefined : finalizer?.action,
    sticky: stickyDiffers(object, plan),
    edits: plan.edits ?? [],
    sendings,
    removals: plan.removals.filter((removal) => applyState.child(removal.ref).deleting !== removal.uid),
    outcomes,
    wakeAt,
  };
}

function stickyDiffers(object: Live<KubeObject>, plan: Plan<object>): boolean {
  if (plan.sticky === undefined) return false;
  const stored = (object as { status?: Record<string, unknown> }).status ?? {};
  const chosen = plan.sticky as Record<string, unknown>;
  return Object.keys(chosen).some((key) => !equalJson(stored[key], chosen[key]));
}

/** What to send for a child, or the moment when to look again (Infinity: on a change only). */
function assessChild(
  child: Child,
  record: ChildRecord,
  outcomes: PassOutcomes,
  context: AssessContext,
): Sending | number {
  const { ref } = child;
  const store = context.cache.store(ref.kind);
  if (store.state === "uninstalled") {
    outcomes.set(ref, {
      result: "rejected",
      category: "MissingDownstream",
      reason: "KindNotInstalled",
      message: `this cluster has no kind ${ref.kind.resource.kind} (${apiVersionOf(ref.kind.resource)})`,
    });
    return Infinity;
  }
  // What the cache does not hold yet may well be there; the key runs again once the store has synced.
  if (store.state === "syncing") return settled(outcomes, ref, "waiting");
  const live = store.get(ref.namespace, ref.name);
  if (child.how === "keep") return settled(outcomes, ref, live === undefined ? "waiting" : "unchanged");
  if (live?.metadata.deletionTimestamp !== undefined) return settled(outcomes, ref, "waiting");
  const hash = hashOf(child.desired);
  if (
    live !== undefined && (child.how === "create" || isAsWanted(child, live, hash, record, context))
  ) {
    record.rejection = undefined;
    record.contest = undefined;
    unschedule(record, context);
    return settled(outcomes, ref, "unchanged");
  }
  if (record.contest !== undefined && context.now >= record.contest.until) record.contest = undefined;
  if (record.rejection !== undefined) {
    const { retryAt, toldAt } = record.rejection;
    const same = record.rejection.hash === hash &&
      record.rejection.version === live?.metadata.resourceVersion;
    if (same && context.now < retryAt) {
      outcomes.set(ref, outcomeBy(context.now, record.rejection));
      return context.now < toldAt ? Math.min(retryAt, toldAt) : retryAt;
    }
  }
  const drift = live !== undefined && record.agreed === hash
    ? firstDifference(record.verdict?.verdict)
    : undefined;
  if (drift !== undefined && record.contest !== undefined) {
    outcomes.set(ref, record.contest.outcome);
    return record.contest.until;
  }
  if (live === undefined) {
    const due = remakingDue(record, context);
    if (due > context.now) return waitsUntil(due, outcomes, ref);
  } else if (drift === undefined) {
    const due = dueAt(record, hash, context);
    if (due > context.now) return waitsUntil(due, outcomes, ref);
    record.scheduled = undefined;
  }
  return { child, hash, live, record, drift };
}

/**
 * When a child that is not there may be made: at once, and once more at once where somebody took it away. What does
 * not last is made ever more rarely: its kind may be going, which waits for the last object of it.
 */
function remakingDue(record: ChildRecord, { now }: AssessContext): number {
  if (record.made !== undefined && now - record.made.at > lasting) record.made = undefined;
  const { times, at } = record.made ?? { times: 0, at: now };
  return times < 2 ? now : at + requeueAfter(times + 1, 0.5);
}

/** When the change to what `hash` stands for may be sent: at once, unless many others are due for one cause. */
function dueAt(record: ChildRecord, hash: string, context: AssessContext): number {
  if (record.scheduled !== undefined && record.scheduled.hash !== hash) unschedule(record, context);
  if (record.scheduled === undefined && context.bulk) {
    record.scheduled = { hash, at: context.now + context.rollouts.reserve(context.now) };
  }
  return record.scheduled?.at ?? context.now;
}

function unschedule(record: ChildRecord, { rollouts, now }: AssessContext): void {
  if (record.scheduled !== undefined && record.scheduled.at > now) rollouts.cancel();
  record.scheduled = undefined;
}

function waitsUntil(due: number, outcomes: PassOutcomes, ref: ChildRef): number {
  outcomes.set(ref, { result: "waiting" });
  return due;
}

function settled(outcomes: PassOutcomes, ref: ChildRef, result: "unchanged" | "waiting"): number {
  outcomes.set(ref, { result });
  return Infinity;
}

function isAsWanted(
  { ref, desired }: Child & { readonly desired: KubeObject },
  live: Live<KubeObject>,
  hash: string,
  record: ChildRecord,
  { manager }: AssessContext,
): boolean {
  const version = live.metadata.resourceVersion;
  if (record.verdict?.version !== version || record.verdict.hash !== hash) {
    const verdict = compare(desired, live, {
      ...optionsFor(ref.kind, manager),
      tolerate: record.answer?.hash === hash ? record.answer : undefined,
    });
    record.verdict = { version, hash, verdict };
  }
  if (!record.verdict.verdict.same) return false;
  record.agreed = hash;
  return true;
}

/** The first place that holds something else; a place that others own, but as we want it, is nobody's insisting. */
export function firstDifference(verdict: Verdict | undefined): string | undefined {
  if (verdict === undefined || verdict.same) return undefined;
  return verdict.paths.find(({ why, desired, live }) => why !== "unowned" || !equalJson(desired, live))?.path;
}

/** The status that a plan tells; of the generation before, while a child that it wants waits to be sent. */
export function statusToTell(
  object: Live<KubeObject>,
  plan: Plan<object>,
  outcomes: Outcomes,
): object | undefined {
  const wanted = plan.status?.(outcomes);
  if (wanted === undefined) return undefined;
  const waits = plan.children.some(({ how, ref }) => how !== "keep" && outcomes.of(ref).result === "waiting");
  return waits ? holdGeneration((object as { status?: unknown }).status, wanted) : wanted;
}

/** A status to write: the merge patch, and the status that follows. */
export interface StatusWrite {
  readonly patch: Record<string, unknown>;
  readonly status: object;
}

/**
 * The status write that is due now, or the moment of the monotonic clock when to look again (Infinity: nothing to write).
 * @param atOnce whether it may not wait, since it carries a sticky reference
 */
export function assessStatus(
  object: Live<KubeObject>,
  wanted: object,
  applyState: ApplyState,
  clock: Pick<Clock, "now" | "monotonic">,
  atOnce = false,
): StatusWrite | number {
  const stored = (object as { status?: unknown }).status;
  const status = stampTransitions(stored, wanted, clock.now());
  const now = clock.monotonic();
  const patch = createMergePatch(stored, status as Record<string, unknown>);
  if (patch === undefined) {
    applyState.statusWaiting = undefined;
    return Infinity;
  }
  const urgency = atOnce ? "now" : urgencyOf(stored, status);
  if (urgency === "now") return { patch, status };
  const waiting = applyState.statusWaiting;
  const since = waiting?.since ?? now;
  const alone = urgency === "later" ? detailInterval : soonInterval;
  const inAll = urgency === "soon" ? 0 : applyState.waitingStatuses.count * intervalPerWaiting;
  const interval = Math.min(Math.max(alone, inAll), longestInterval);
  const dueAt = Math.max(since + shortWait, applyState.statusWrittenAt + interval);
  // A moment once named stands, or who looks in between would find that nobody had woken the key.
  const isNamed = waiting !== undefined && waiting.urgency === urgency && now < waiting.lookAt;
  // At the next look fewer may wait.
  const lookAt = isNamed ? waiting.lookAt : Math.min(dueAt, now + detailInterval);
  applyState.statusWaiting = { since, lookAt, urgency };
  return isNamed || now < dueAt ? lookAt : { patch, status };
}
