/** Where model sources and profile of a template come from (models-and-templates.md §5.3, §5.9). */

import { conditionOf } from "../../../lib/operator/status/conditions.ts";
import type { Template } from "../scope.ts";

/**
 * - `inline`: the spec gives the sources, nothing is to be discovered;
 * - `discovered`: found out before, kept and served as it is stored;
 * - `awaited`: not known yet.
 */
export type Origin = "inline" | "discovered" | "awaited";

export function originOf(template: Template): Origin {
  const { spec, status } = template;
  if ((spec?.modelSources?.length ?? 0) > 0) return "inline";
  const told = conditionOf(status?.conditions, "Discovered")?.reason;
  // Sources that once were inline are no result of a discovery.
  if (told === "InlineModelSources") return "awaited";
  // AIM Engine counts a Job whose log it could not read as success; what it called Ready stays in service.
  const done = told === "DiscoveryComplete" || status?.status === "Ready";
  return done || hasResult(template) ? "discovered" : "awaited";
}

export function hasResult({ status }: Template): boolean {
  return (status?.modelSources?.length ?? 0) > 0 || status?.profile !== undefined;
}

/**
 * Whether AIM Engine has left the status as it is: it never sets `observedGeneration`, and its hash is that of
 * a failure. What it has discovered is taken as discovered for the spec as it is.
 */
export function isTakenOver({ status }: Template): boolean {
  return status?.observedGeneration === undefined;
}

/**
 * Whether what is stored was found out for another spec (§5.4 Better): its hash differs, or a discovery for
 * the present one has failed and is still owed.
 */
export function isOutdated(template: Template, specHash: string | undefined): boolean {
  const { specHash: before, attempts = 0 } = template.status?.discovery ?? {};
  if (isTakenOver(template) || !before || specHash === undefined) return false;
  return before !== specHash || attempts > 0;
}
