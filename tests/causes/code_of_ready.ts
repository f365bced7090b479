/** The cause that a service tells: for people at the end of its `Ready`, for programs in a reason. Both say the same. */

import assert from "node:assert/strict";
import { type Code, isCode } from "../../lib/operator/errors/codes.ts";
import { toldCode } from "../../lib/operator/status/progress_conditions.ts";
import type { AnyObject } from "../e2e/user.ts";

/** @throws AssertionError where the two differ, or where a service that is Ready tells one */
export function codeOfReady(service: AnyObject): Code | undefined {
  const conditions = service.status?.conditions ?? [];
  const ready = conditions.find(({ type }: AnyObject) => type === "Ready");
  // What is quoted before the last one may look like one.
  const code = [...(ready?.message ?? "").matchAll(/\. (AIM-\d{4}): /g)].at(-1)?.[1] ?? "";
  // A paused one is in no progress.
  const isPaused = conditions.some(({ type }: AnyObject) => type === "Paused");
  if (!isPaused) assert.equal(toldCode(conditions) ?? "", code, ready?.message);
  if (ready?.status === "True") assert.equal(code, "", ready.message);
  return isCode(code) ? code : undefined;
}
