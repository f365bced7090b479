/**
 * `Reconciling` and `Stalled`: what tools that go by kstatus (Flux, kubectl plugins) ask for. Both are there only while
 * they are True, and never count for `Ready` (spec/README). They come, go and change with `Ready`, so that they cost no
 * write of their own.
 */

import type { ExtraCondition } from "./conditions.ts";
import type { StatusWord } from "./status_words.ts";

export const progressTypes = ["Reconciling", "Stalled"] as const;

/** `Stalled` of what has failed, `Reconciling` of what is not ready yet; both say what `Ready` says. */
export function progressConditions(word: StatusWord, ready: ExtraCondition): ExtraCondition[] {
  if (ready.status === "True") return [];
  const { reason, message } = ready;
  return [{ type: word === "Failed" ? "Stalled" : "Reconciling", status: "True", reason, message }];
}
