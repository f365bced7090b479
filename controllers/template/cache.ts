/** The cache that a namespaced template keeps of its own weights (models-and-templates.md §5.10). */

import type { AIMTemplateCache, ResolvedReference } from "../../lib/api/mod.ts";
import { templateCaches } from "../../lib/cluster/kinds.ts";
import type { Live } from "../../lib/kube/object.ts";
import { conditionOf, type ExtraCondition } from "../../lib/operator/status/conditions.ts";
import { withoutEmptyValue } from "../../lib/operator/naming/env.ts";
import { API_VERSION, asChild, controllerOf, type Propagation } from "../../lib/operator/naming/labels.ts";
import type { Child, ChildRef, Outcome } from "../../lib/operator/core/plan.ts";
import { foreignReason, type Reason } from "../../lib/operator/errors/reasons.ts";
import type { View } from "../../lib/operator/core/view.ts";
import { labelsWithModel } from "./model_label.ts";
import type { Template } from "./scope.ts";

const byOwner = templateCaches.index(
  "ownerUid",
  ({ metadata }) => (metadata.ownerReferences ?? []).map(({ uid }) => uid),
);

export interface TemplateCache {
  /** The template's own cache; one that somebody else made under its name serves as well, but is not ours. */
  readonly live: Live<AIMTemplateCache> | undefined;
  readonly ours: boolean;
}

/** Undefined where the template is to have no cache: cluster templates never do. */
export function findCache(template: Live<Template>, view: View): TemplateCache | undefined {
  const { name, namespace, uid } = template.metadata;
  if (namespace === undefined || template.spec?.caching?.enabled !== true) return undefined;
  const owned = view.list(byOwner, uid)[0];
  if (owned !== undefined) {
    return { live: owned, ours: controllerOf(owned, "AIMServiceTemplate")?.uid === uid };
  }
  const named = view.get(templateCaches, namespace, name);
  return { live: named, ours: named === undefined };
}

/**
 * Applied while the template has sources and the cluster its GPU (`open`), and in step with the template from
 * then on.
 */
export function cacheChild(
  template: Live<Template>,
  cache: TemplateCache,
  open: boolean,
  propagation: Propagation | undefined,
): Child | undefined {
  const { namespace } = template.metadata;
  const name = cache.live?.metadata.name ?? template.metadata.name;
  const ref: ChildRef = { kind: templateCaches, namespace, name };
  if (!open || !cache.ours) return cache.live === undefined ? undefined : { how: "keep", ref };
  return { how: "apply", ref, desired: desiredCache(template, name, propagation) };
}

/** Env of the downloads: the caching's own, else that of the template. */
function desiredCache(template: Live<Template>, name: string, propagation?: Propagation): AIMTemplateCache {
  const { metadata, spec } = template;
  const env = spec?.caching?.env?.length ? spec.caching.env : spec?.env ?? [];
  return asChild<AIMTemplateCache>(
    {
      apiVersion: API_VERSION,
      kind: "AIMTemplateCache",
      metadata: { name, namespace: metadata.namespace },
      spec: {
        templateName: metadata.name,
        templateScope: "Namespace",
        ...(env.length > 0 ? { env: env.map(withoutEmptyValue) } : {}),
        ...(spec?.runtimeConfigName ? { runtimeConfigName: spec.runtimeConfigName } : {}),
      },
    },
    { kind: "AIMServiceTemplate", metadata: { ...metadata, labels: labelsWithModel(template) } },
    { owned: true, propagation },
  );
}

/** `status.resolvedCache`. */
export function cacheReference({ live }: TemplateCache): ResolvedReference | undefined {
  if (live === undefined) return undefined;
  const { name, namespace, uid } = live.metadata;
  return { name, namespace, scope: "Namespace", kind: "AIMTemplateCache", uid };
}

/** `CacheReady`, which informs and does not count: caching begins only once the template is Ready. */
export function cacheCondition({ live }: TemplateCache, outcome: Outcome | undefined): ExtraCondition {
  const not = (reason: Reason, message: string): ExtraCondition => ({
    type: "CacheReady",
    status: "False",
    reason,
    message,
  });
  if (outcome?.result === "rejected") {
    return not("CacheFailed", `The cache cannot be applied: ${outcome.message}`);
  }
  if (outcome?.result === "contested") {
    return not("CacheFailed", `${outcome.by} keeps changing ${outcome.path} of the cache`);
  }
  if (live === undefined) return not(foreignReason("WaitingForCache"), "The cache does not exist yet");
  const who = `AIMTemplateCache ${live.metadata.name}`;
  const told = conditionOf(live.status?.conditions, "Ready")?.message;
  const says = told ? `: ${told}` : "";
  switch (live.status?.status) {
    case "Ready":
      return { type: "CacheReady", status: "True", reason: "Ready", message: `${who} is ready` };
    case "Degraded":
      return not(foreignReason("CacheDegraded"), `${who} is degraded${says}`);
    case "Failed":
    case "NotAvailable":
      return not("CacheFailed", `${who} failed${says}`);
    default:
      return not(foreignReason("WaitingForCache"), `${who} is not ready yet${says}`);
  }
}
