/**
 * `kubectl aim explain WHAT`: what a code, a reason or a type of condition means, what causes it and what helps. It asks
 * no cluster.
 */

import { causeOf, type Code, codes, isCode } from "../../operator/errors/codes.ts";
import { isKnownReason, type KnownReason, reasons } from "../../operator/errors/reasons.ts";
import { codesOf, remedies } from "../../operator/errors/remedies.ts";
import { CommandFault, nearest } from "../faults.ts";
import { type TableOptions, wrapped } from "../output/table.ts";
import { conditionTypes } from "./condition_types.ts";

/**
 * What is known of it, line by line. A word may be both a reason and a type of condition.
 *
 * @param asked a code with or without `AIM-`, a reason or a type of condition, in any case of letters
 * @throws CommandFault with those that come nearest
 */
export function explain(asked: string, { width = Infinity }: TableOptions = {}): string[] {
  const code = codeNamed(asked);
  const reason = named(asked, Object.keys(reasons));
  const type = named(asked, Object.keys(conditionTypes));
  const parts = [
    ...(code === undefined ? [] : [ofCode(code)]),
    ...(reason !== undefined && isKnownReason(reason) ? [ofReason(reason)] : []),
    ...(type === undefined ? [] : [[`${type}, a type of condition, is True while ${conditionTypes[type]}.`]]),
  ];
  if (parts.length === 0) throw unknown(asked);
  return parts.flatMap((lines, n) => n === 0 ? lines : ["", ...lines])
    .flatMap((line) => wrapped(line, width));
}

function codeNamed(asked: string): Code | undefined {
  const code = `AIM-${asked.toUpperCase().replace(/^AIM-?/, "").padStart(4, "0")}`;
  return isCode(code) ? code : undefined;
}

function named(asked: string, known: readonly string[]): string | undefined {
  return known.find((each) => each.toLowerCase() === asked.toLowerCase());
}

function unknown(asked: string): CommandFault {
  const near = nearest(asked, [...Object.keys(reasons), ...Object.keys(conditionTypes), ...codes]);
  const hint = near.length === 0
    ? "it may be a reason of Kubernetes, KServe or a gateway, which are passed on as they are"
    : `did you mean ${near.join(", or ")}?`;
  return new CommandFault(`no code, reason or condition of the operator is called "${asked}": ${hint}`);
}

function ofCode(code: Code): string[] {
  const { title, cause, remedy, more, is = [], of = [], foreign = [] } = causeOf(code);
  const told = [...is, ...of, ...foreign];
  return [
    `${code}: ${title}.`,
    "",
    `Why it happens: ${cause}`,
    `What helps: ${remedy}`,
    ...(more === undefined ? [] : [more]),
    ...(told.length === 0 ? [] : [`Reasons that conditions give for it: ${told.join(", ")}`]),
  ];
}

function ofReason(reason: KnownReason): string[] {
  const remedy = remedies[reason];
  const head = `${reason}: ${reasons[reason]}.`;
  if (remedy === "good") return [head, "Nothing is wrong."];
  if (remedy === "unused") return [head, "AIM Engine reports it. This operator does not."];
  const found = codesOf(reason);
  return [
    head,
    "",
    `Why it happens: ${remedy.cause}`,
    `What helps: ${remedy.remedy}`,
    ...(found.length === 0 ? [] : ["", "Codes of a service with that reason:"]),
    ...found.map((code) => `  ${code}  ${causeOf(code).title}`),
  ];
}

/** What helps against a reason; undefined where nothing is wrong, or the reason is not ours. */
export function adviceFor(reason: string): string | undefined {
  if (!isKnownReason(reason)) return undefined;
  const remedy = remedies[reason];
  return typeof remedy === "string" ? undefined : remedy.remedy;
}
