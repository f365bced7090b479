/** Where model sources and profile of a template come from (models-and-templates.md §5.3, §5.9). */

import { conditionOf, type ExtraCondition } from "../../lib/operator/status/conditions.ts";
import type { ComponentHealth } from "../../lib/operator/status/health.ts";
import type { Template } from "./scope.ts";

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

function hasResult({ status }: Template): boolean {
  return (status?.modelSources?.length ?? 0) > 0 || status?.profile !== undefined;
}

/** `DiscoveryJobReady`, reported only while a result is awaited. */
export function discoveryHealth(origin: Origin): ComponentHealth | undefined {
  if (origin !== "awaited") return undefined;
  return {
    component: "DiscoveryJob",
    dependency: "Downstream",
    state: "Pending",
    reason: "JobNotCreated",
    message: notYet,
  };
}

/** `Discovered`, which does not count in `Ready`. */
export function discoveredCondition(template: Template): ExtraCondition {
  const type = "Discovered";
  switch (originOf(template)) {
    case "inline":
      return {
        type,
        status: "True",
        reason: "InlineModelSources",
        message: "Model sources provided in-line in spec",
      };
    case "discovered":
      return {
        type,
        status: "True",
        reason: "DiscoveryComplete",
        message: hasResult(template)
          ? "Model sources and profile are known from an earlier discovery"
          : "An earlier discovery counted as done, but no model sources and no profile were stored",
      };
    case "awaited":
      return { type, status: "False", reason: "AwaitingDiscovery", message: notYet };
  }
}

const notYet = "This version starts no discovery Jobs, they come with the catalogue; " +
  "until then give the template spec.modelSources";
