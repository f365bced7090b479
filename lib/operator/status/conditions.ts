/** Conditions as the status engine makes them: all but the transition time, which the runner stamps. */

import type { Reason } from "./reasons.ts";

/** A condition as it is stored. */
export interface StoredCondition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly observedGeneration?: number;
  readonly lastTransitionTime?: string;
}

/** A condition as a pass makes it. */
export interface Condition {
  readonly type: string;
  readonly status: "True" | "False" | "Unknown";
  readonly reason: Reason;
  readonly message: string;
  readonly observedGeneration?: number;
}

/** What of a condition a controller says about its own kind: `Discovered`, `DownloadComplete` … */
export type ExtraCondition = Pick<Condition, "type" | "status" | "reason" | "message">;

/** Longest message that is written; the schema would allow more (conventions.md §6.1 Better). */
export const MESSAGE_LIMIT = 1024;

/**
 * A message of at most 1024 characters, without half characters: what the API server would store in another
 * form than we sent would be written again and again.
 */
export function messageText(text: string): string {
  const whole = text.toWellFormed();
  if (whole.length <= MESSAGE_LIMIT) return whole;
  return `${whole.slice(0, MESSAGE_LIMIT - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}

/** The stored condition of that type. */
export function conditionOf(
  conditions: readonly StoredCondition[] | undefined,
  type: string,
): StoredCondition | undefined {
  return conditions?.find((condition) => condition.type === type);
}
