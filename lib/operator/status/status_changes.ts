/** What a write of a status says beside what has changed: transition times, generations, and how urgent it is. */

import { toldCode } from "./progress_conditions.ts";

/** What every status with conditions looks like to the runner. */
export interface StatusLike {
  observedGeneration?: number;
  status?: string;
  conditions?: readonly ConditionLike[];
  /** Of an artifact: the claim that it is kept on. */
  persistentVolumeClaim?: string;
  /** Of a cache: what it has of each, by name. */
  artifacts?: Readonly<Record<string, unknown>>;
}

export interface ConditionLike {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  observedGeneration?: number;
  lastTransitionTime?: string;
}

/**
 * Gives conditions their transition times: a condition whose status is as before keeps its time
 * (conventions.md §6.1 "Better": a change of reason or message is no transition).
 */
export function stampTransitions<S>(stored: unknown, wanted: S, now: number): S {
  const conditions = (wanted as StatusLike).conditions;
  if (conditions === undefined) return wanted;
  const before = new Map(
    ((stored as StatusLike | undefined)?.conditions ?? []).map((each) => [each.type, each]),
  );
  const time = new Date(now).toISOString().replace(/\.\d+Z$/, "Z");
  return {
    ...wanted,
    conditions: conditions.map((condition) => {
      const old = before.get(condition.type);
      const kept = old?.status === condition.status ? old.lastTransitionTime : undefined;
      return { ...condition, lastTransitionTime: kept ?? time };
    }),
  };
}

/**
 * A status of which something is still to be carried out: it goes on to claim the generation that was acted on before,
 * in itself and in its conditions, so that who waits for an edit does not take the state before it for the one
 * after it. A first status claims the object's own: there is none before it.
 */
export function holdGeneration<S extends object>(stored: unknown, wanted: S): S {
  const held = (stored as StatusLike | undefined)?.observedGeneration;
  const { observedGeneration: claimed, conditions } = wanted as StatusLike;
  if (held === undefined || claimed === held) return wanted;
  const before = (stored as StatusLike).conditions ?? [];
  const isNew = ({ type, observedGeneration }: ConditionLike) =>
    observedGeneration === claimed &&
    before.find((each) => each.type === type)?.observedGeneration !== claimed;
  return {
    ...wanted,
    observedGeneration: held,
    conditions: conditions?.map((each) => isNew(each) ? { ...each, observedGeneration: held } : each),
  };
}

/** How soon a change of status must be written. */
export type Urgency =
  /** `Ready` or `Paused` changes, or the overall word to or from one that says more than "not yet". */
  | "now"
  /**
   * The code of the cause changes, or what leads to it, or a time begins that somebody waits for: it may wait a moment for
   * the next.
   */
  | "soon"
  /** The overall word changes between words that all say "not yet": where many do, they may wait for one another. */
  | "word"
  /** Only details change. */
  | "later";

const notYet: ReadonlySet<string | undefined> = new Set(["Pending", "Starting", "Progressing"]);

/** What a change alters decides how long it may wait for others (core.md "Storms"). */
export function urgencyOf(stored: unknown, wanted: unknown): Urgency {
  const [before, after] = [stored as StatusLike | undefined, wanted as StatusLike];
  // Who waits for an edit to be seen waits for this.
  if (before?.status === undefined || before.observedGeneration !== after.observedGeneration) return "now";
  const [ready, readyNow] = [conditionIn(before, "Ready"), conditionIn(after, "Ready")];
  if (ready?.status !== readyNow?.status || ready?.reason !== readyNow?.reason) return "now";
  if (conditionIn(before, "Paused")?.status !== conditionIn(after, "Paused")?.status) return "now";
  const isAnotherCause = toldCode(before.conditions) !== toldCode(after.conditions);
  const isAwaited = isAnotherCause || startsWaiting(before, after) || leadsElsewhere(before, after);
  if (before.status === after.status) return isAwaited ? "soon" : "later";
  if (!notYet.has(before.status) || !notYet.has(after.status)) return "now";
  return isAwaited ? "soon" : "word";
}

/** Whether a status names other objects than before among those through which others look for a cause. */
function leadsElsewhere(before: StatusLike, after: StatusLike): boolean {
  const named = ({ persistentVolumeClaim, artifacts }: StatusLike) =>
    [persistentVolumeClaim, ...Object.keys(artifacts ?? {}).sort()].join();
  return named(before) !== named(after);
}

/** Conditions whose stored transition begins a time that somebody waits for. */
const timed = ["DependenciesReachable", "AuthValid", "ConfigValid"];

/**
 * Whether a status, once stored, gives its own object a new moment to wait for: the grace period counts from
 * the stored transition of `DependenciesReachable` (conventions.md §5.3), the patience with an image that
 * cannot be pulled from that of the condition that tells of it (models-and-templates.md §5.7). The pass that
 * set it did not know it, so such a write must wake its writer.
 */
export function startsWaiting(stored: unknown, written: unknown): boolean {
  return timed.some((type) => conditionIs(written, type, "False") && !conditionIs(stored, type, "False"));
}

function conditionIs(status: unknown, type: string, value: string): boolean {
  const conditions = (status as StatusLike | undefined)?.conditions ?? [];
  return conditions.some((condition) => condition.type === type && condition.status === value);
}

function conditionIn(status: StatusLike, wanted: string): ConditionLike | undefined {
  return status.conditions?.find(({ type }) => type === wanted);
}
