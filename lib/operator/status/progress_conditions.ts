/**
 * `Reconciling` and `Stalled`: what tools that go by kstatus (Flux, kubectl plugins) ask for. Both are there only while
 * they are True, and never count for `Ready` (spec/README). They come, go and change with `Ready`, so that they cost no
 * write of their own.
 */

import { type Code, codeAsReason, codeFromReason } from "../errors/codes.ts";
import type { ExtraCondition, StoredCondition } from "./conditions.ts";
import type { StatusWord } from "./status_words.ts";

export const progressTypes = ["Reconciling", "Stalled"] as const;

/**
 * `Stalled` of what has failed, `Reconciling` of what is not ready yet. Both say what `Ready` says; their reason is the
 * code of the cause where one is known. The reason of `Ready` stands for several causes, and a message is for people.
 */
export function progressConditions(
  word: StatusWord,
  ready: ExtraCondition,
  code?: Code,
): ExtraCondition[] {
  if (ready.status === "True") return [];
  const reason = code === undefined ? ready.reason : codeAsReason(code);
  const type = word === "Failed" ? "Stalled" : "Reconciling";
  return [{ type, status: "True", reason, message: ready.message }];
}

/** The code that an object tells of itself. */
export function toldCode(conditions: readonly StoredCondition[] | undefined): Code | undefined {
  const told = conditions?.find(({ type }) => (progressTypes as readonly string[]).includes(type));
  return codeFromReason(told?.reason);
}
