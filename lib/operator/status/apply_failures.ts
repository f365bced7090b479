/** What the status says about children that could not be brought to what is wanted. */

import type { ChildRef, Contested, Rejected } from "../core/plan.ts";
import { foreignReason } from "../errors/reasons.ts";
import type { ApplyFailure } from "./status.ts";

/** The failure that a rejected or contested child means for the component that it stands for. */
export function applyFailure(
  component: string,
  trouble: { readonly ref: ChildRef; readonly outcome: Rejected | Contested },
): ApplyFailure {
  const { ref, outcome } = trouble;
  const child = `${ref.kind.resource.kind} ${ref.name}`;
  if (outcome.result === "contested") {
    const message = `${outcome.by} keeps changing ${outcome.path} of ${child}`;
    return { component, error: { category: "Infrastructure", reason: "FieldContested", message } };
  }
  const { category, message, code } = outcome;
  // A kind that is not there yet has not failed.
  const text = category === "MissingDownstream" ? message : `failed to apply ${child}: ${message}`;
  return {
    component,
    error: { category, reason: foreignReason(outcome.reason), message: text, ...(code && { code }) },
  };
}
