/** Why no node takes a pod, from what the scheduler says of all of them (conventions.md §6.7 "FailedScheduling"). */

import type { Code } from "../errors/codes.ts";

/**
 * What to look for, the nearest to a place first: a node that only lacks a GPU passed everything that is checked before.
 * Nodes whose taint only keeps users' pods off the control plane are none that fit.
 */
const rows: readonly (readonly [words: RegExp, code: Code])[] = [
  [
    /volume node affinity conflict|unbound immediate PersistentVolumeClaims|available persistent volumes/,
    "AIM-0405",
  ],
  [/persistentvolumeclaim "[^"]*" (not found|is being deleted)|PersistentVolumeClaim/i, "AIM-0405"],
  [/Insufficient [\w.-]+\/[\w.-]*gpu/i, "AIM-0401"],
  [/Insufficient |Too many pods/, "AIM-0404"],
  [/untolerated taint(?!\(s\))(?! \{node(-role)?\.kubernetes\.io\/)/, "AIM-0402"],
  [/untolerated taint\(s\)/, "AIM-0402"],
  [/untolerated taint \{node\.kubernetes\.io\/|were unschedulable/, "AIM-0406"],
  [/node affinity|node selector/, "AIM-0403"],
  [/untolerated taint/, "AIM-0402"],
];

/** What the scheduler would have to take away from nodes is told behind, and is no cause. */
const beside = /\.? preemption: .*$/s;

/** The code of a message of FailedScheduling; undefined where it says nothing that is known here. */
export function readSchedulingText(text: string): Code | undefined {
  const told = text.replace(beside, "");
  return rows.find(([words]) => words.test(told))?.[1];
}
