/**
 * Admission: what the server adds to what is written, or refuses of it, because of what else is there. The order is the
 * original's: everybody who adds, then the rules of the kind (which are the caller's), then everybody who only judges,
 * the quotas last.
 */
import type { Cluster } from "../cluster.ts";
import { type Attributes, isBuiltIn } from "./attributes.ts";
import { checkLimits } from "./limit_range.ts";
import { checkPodSecurity } from "./pod_security/pod_security.ts";
import { checkPolicies } from "./policies/validating_policies.ts";
import { checkReferences } from "./pod_references.ts";
import { book, type Charge, chargesOf } from "./resource_quota.ts";

export type { Attributes } from "./attributes.ts";
export { giveDefaults } from "./limit_range.ts";

/** Completes what is new. @throws Refusal 403 if something is not there that it names */
export function completeByOthers(cluster: Cluster, attributes: Attributes): void {
  if (isBuiltIn(attributes, "", "Pod")) checkReferences(cluster, attributes);
}

/** What is left to do once an object is stored, and what its writer is warned of. */
export interface Admitted {
  readonly warnings: readonly string[];
  readonly charges: readonly Charge[];
}

/** @throws Refusal 403 by limits, standards of pods, policies and quotas; other codes where policies want them */
export function judge(cluster: Cluster, attributes: Attributes): Admitted {
  checkLimits(cluster, attributes);
  const warnings = [...checkPodSecurity(cluster, attributes), ...checkPolicies(cluster, attributes)];
  return { warnings, charges: chargesOf(cluster, attributes) };
}

/** Books what a write is charged, once nothing stands against it. */
export function afterwards(cluster: Cluster, { charges }: Admitted): void {
  book(cluster, charges);
}
