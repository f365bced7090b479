/**
 * Which events a change of conditions emits: milestones, few (conventions.md §7.1 Better). `Created` and
 * `Deleted` of children are the runner's.
 */

import { type Condition, conditionOf, type StoredCondition } from "./conditions.ts";
import { frameworkTypes } from "./framework_conditions.ts";
import type { Note } from "../core/plan.ts";

export interface Transition {
  /** Conditions as they are stored now. */
  readonly previous: readonly StoredCondition[] | undefined;
  /** What `summarize` found. */
  readonly next: readonly Condition[];
  readonly failing: ReadonlySet<string>;
}

/**
 * Events of conditions that are new or whose status or reason has changed: a Warning for each that reports an
 * error, a Normal one for the given milestones, recoveries and `Ready` turning True. A change of message alone
 * is none. In the order of the conditions, `Ready` last.
 */
export function milestones({ previous, next, failing }: Transition): Note[] {
  const readyLast = [
    ...next.filter(({ type }) => type !== "Ready"),
    ...next.filter(({ type }) => type === "Ready"),
  ];
  return readyLast.flatMap((condition): Note[] => {
    const old = conditionOf(previous, condition.type);
    if (old?.status === condition.status && old.reason === condition.reason) return [];
    if (failing.has(condition.type)) return [noteOf("Warning", condition)];
    return isMilestone(condition, old) ? [noteOf("Normal", condition)] : [];
  });
}

function isMilestone({ type, status }: Condition, old: StoredCondition | undefined): boolean {
  if (status !== "True") return false;
  if (type === "Ready") return old?.status !== "True";
  return (frameworkTypes as readonly string[]).includes(type) && old?.status === "False";
}

/** An event about a condition; the condition's message, or a sentence of its own where there is none (§7.1). */
function noteOf(type: Note["type"], condition: Condition): Note {
  const { reason, message } = condition;
  const component = condition.type.replace(/Ready$/, "") || condition.type;
  const says = { True: "is ready", False: "is not ready", Unknown: "status unknown" }[condition.status];
  return { type, reason, message: message || `${component} ${says}: ${reason}` };
}
