/** `kubectl aim explain REASON`: what a reason means, what causes it and what helps. It asks no cluster. */

import { isKnownReason, reasons } from "../../operator/errors/reasons.ts";
import { remedies } from "../../operator/errors/remedies.ts";
import { CommandFault, nearest } from "../faults.ts";
import { type TableOptions, wrapped } from "../output/table.ts";

/**
 * What is known of a reason, line by line.
 *
 * @throws CommandFault with the reasons that come nearest
 */
export function explain(asked: string, { width = Infinity }: TableOptions = {}): string[] {
  const known = Object.keys(reasons);
  const reason = known.find((each) => each.toLowerCase() === asked.toLowerCase());
  if (reason === undefined || !isKnownReason(reason)) {
    const near = nearest(asked, known);
    const hint = near.length === 0
      ? "it may be a reason of Kubernetes, KServe or a gateway, which are passed on as they are"
      : `did you mean ${near.join(", or ")}?`;
    throw new CommandFault(`no reason of the operator is called "${asked}": ${hint}`);
  }
  const remedy = remedies[reason];
  const lines = [`${reason}: ${reasons[reason]}.`];
  if (remedy === "good") lines.push("Nothing is wrong.");
  else if (remedy === "unused") lines.push("AIM Engine reports it. This operator does not.");
  else lines.push("", `Why it happens: ${remedy.cause}`, `What helps: ${remedy.remedy}`);
  return lines.flatMap((line) => wrapped(line, width));
}

/** What helps against a reason; undefined where nothing is wrong, or the reason is not ours. */
export function adviceFor(reason: string): string | undefined {
  if (!isKnownReason(reason)) return undefined;
  const remedy = remedies[reason];
  return typeof remedy === "string" ? undefined : remedy.remedy;
}
