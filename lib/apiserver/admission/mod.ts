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
import { checkWebhooks } from "./webhooks/mod.ts";
import { checkReferences } from "./pod_references.ts";
import { type Charge, chargesOf } from "./resource_quota.ts";

export type { Attributes } from "./attributes.ts";
export { giveDefaults } from "./limit_range.ts";
export { book } from "./resource_quota.ts";
export { hasMutating, mutate } from "./webhooks/mod.ts";

/** Completes what is new. @throws Refusal 403 if something is not there that it names */
export function completeByOthers(cluster: Cluster, attributes: Attributes): void {
  if (isBuiltIn(attributes, "", "Pod")) checkReferences(cluster, attributes);
}

/**
 * Lets everybody judge who only judges.
 *
 * @returns what the write is charged, for {@link book} once nothing stands against it
 * @throws Refusal 403 by limits, standards of pods, policies and quotas; other codes where policies and webhooks want them
 */
export function judge(cluster: Cluster, attributes: Attributes, warnings: string[]): readonly Charge[] {
  checkLimits(cluster, attributes);
  warnings.push(...checkPodSecurity(cluster, attributes), ...checkPolicies(cluster, attributes));
  checkWebhooks(cluster, attributes, warnings);
  return chargesOf(cluster, attributes);
}
