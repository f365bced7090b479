/**
 * `DependenciesReachable`, `AuthValid` and `ConfigValid`: made on the first failure, never removed, True
 * again on recovery (conventions.md §5.2, §5.4, services.md §11.4).
 */

import { conditionOf, type ExtraCondition, type StoredCondition } from "./conditions.ts";
import { type ComponentError, type ErrorCategory, isTransient } from "../errors/errors.ts";
import type { Code } from "../errors/codes.ts";
import type { KnownReason } from "../errors/reasons.ts";

/** An error with the component that has it. */
export interface Fault extends ComponentError {
  readonly component: string;
}

export const frameworkTypes = ["DependenciesReachable", "AuthValid", "ConfigValid"] as const;

/** Fixed texts: what follows them names the component and its message. */
const texts = {
  InfrastructureError: "Cannot reach dependencies",
  AuthError: "Authentication or authorization failure",
  InvalidSpec: "Configuration validation failed",
  ReferenceNotFound: "Referenced resource not found",
} as const satisfies Partial<Record<KnownReason, string>>;

/** The first error that makes `Ready` False whatever the components say: Auth, InvalidSpec, MissingUpstream. */
export function decidingFault(
  faults: readonly Fault[],
): Finding & { readonly code: Code | undefined } | undefined {
  const deciding = ["Auth", "InvalidSpec", "MissingUpstream"]
    .map((category) => faults.find((each) => each.category === category))
    .find((each) => each !== undefined);
  return deciding && { ...(authFault(faults) ?? configFault(faults))!, code: deciding.code };
}

/** Reason and message of a failure. */
interface Finding {
  readonly reason: KnownReason;
  readonly message: string;
}

/** Those of the three that are False now, or were ever. */
export function frameworkConditions(
  faults: readonly Fault[],
  previous: readonly StoredCondition[] | undefined,
): { dependencies: ExtraCondition[]; credentials: ExtraCondition[] } {
  const one = (type: string, failure: Finding | undefined, healthy: Finding): ExtraCondition[] => {
    if (failure !== undefined) return [{ type, status: "False", ...failure }];
    return conditionOf(previous, type) === undefined ? [] : [{ type, status: "True", ...healthy }];
  };
  return {
    dependencies: one("DependenciesReachable", reachabilityFault(faults), {
      reason: "Reachable",
      message: "All dependencies are reachable",
    }),
    credentials: [
      ...one("AuthValid", authFault(faults), {
        reason: "AuthenticationValid",
        message: "Authentication and authorization successful",
      }),
      ...one("ConfigValid", configFault(faults), {
        reason: "ConfigurationValid",
        message: "Configuration is valid",
      }),
    ],
  };
}

function reachabilityFault(faults: readonly Fault[]): Finding | undefined {
  const transient = faults.filter((fault) => isTransient(fault.category));
  const unread = transient.find((fault) => !fault.applying);
  if (unread !== undefined) return found("InfrastructureError", unread);
  if (transient.length === 0) return undefined;
  return { reason: "InfrastructureError", message: `Failed to apply resources: ${transient[0].message}` };
}

function authFault(faults: readonly Fault[]): Finding | undefined {
  return firstOf("Auth", "AuthError", faults);
}

/** An invalid spec hides a missing reference. */
function configFault(faults: readonly Fault[]): Finding | undefined {
  return firstOf("InvalidSpec", "InvalidSpec", faults) ??
    firstOf("MissingUpstream", "ReferenceNotFound", faults);
}

function firstOf(category: ErrorCategory, reason: keyof typeof texts, faults: readonly Fault[]) {
  const fault = faults.find((each) => each.category === category);
  return fault && found(reason, fault);
}

function found(reason: keyof typeof texts, { component, message }: Fault): Finding {
  return { reason, message: `${texts[reason]}: ${component}: ${message}` };
}
