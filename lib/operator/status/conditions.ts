/** Conditions as the status engine makes them: all but the transition time, which the runner stamps. */

import type { Reason } from "../errors/reasons.ts";

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

/** What is kept of the beginning of a message that is too long: what it is about. The rest is its end. */
const KEPT_HEAD = 320;

/**
 * A message of at most 1024 characters, without half characters: what the API server would store in another
 * form than we sent would be written again and again. A longer one loses its middle: it begins with what is
 * not ready, and ends with the cause that lies deepest and its remedy.
 */
export function messageText(text: string): string {
  const whole = text.toWellFormed();
  if (whole.length <= MESSAGE_LIMIT) return whole;
  const head = whole.slice(0, KEPT_HEAD).replace(/[\ud800-\udbff]$/, "").replace(/\s+\S{0,40}$/, "");
  const tail = whole.slice(KEPT_HEAD + 3 - MESSAGE_LIMIT).replace(/^[\udc00-\udfff]/, "").replace(
    /^\S{0,40}\s+/,
    "",
  );
  return `${head} … ${tail}`;
}

/** The stored condition of that type. */
export function conditionOf(
  conditions: readonly StoredCondition[] | undefined,
  type: string,
): StoredCondition | undefined {
  return conditions?.find((condition) => condition.type === type);
}
