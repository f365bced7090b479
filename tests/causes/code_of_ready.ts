/** The cause that a service tells: for people at the end of its `Ready`, for programs in a reason. Both say the same. */

import { type Code, isCode } from "../../lib/operator/errors/codes.ts";
import { toldCode } from "../../lib/operator/status/progress_conditions.ts";
import type { AnyObject } from "../e2e/user.ts";

/** The code that `Ready` names, and in what the status contradicts itself: the two differ, or who is Ready tells one. */
export function causeOfReady(
  service: AnyObject,
): { readonly code: Code | undefined; readonly fault: string | undefined } {
  const conditions = service.status?.conditions ?? [];
  const ready = conditions.find(({ type }: AnyObject) => type === "Ready");
  // What is quoted before the last one may look like one.
  const named = [...(ready?.message ?? "").matchAll(/\. (AIM-\d{4}): /g)].at(-1)?.[1] ?? "";
  // A paused one is in no progress.
  const isPaused = conditions.some(({ type }: AnyObject) => type === "Paused");
  const told = isPaused ? named : toldCode(conditions) ?? "";
  const fault = told !== named
    ? `the reason tells ${told || "no code"}, Ready names ${named || "none"}: ${ready?.message}`
    : ready?.status === "True" && named !== ""
    ? `Ready is True and names ${named}`
    : undefined;
  return { code: isCode(named) ? named : undefined, fault };
}
