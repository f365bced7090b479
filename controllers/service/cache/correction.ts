/** What a service corrects of a cache that is there (spec/README "A service that finds a Failed Shared cache"). */

import type { AIMService, AIMTemplateCache } from "../../../lib/api/mod.ts";
import { usesCache } from "../../../lib/cluster/cache_users.ts";
import { correction, triesOf } from "../../../lib/cluster/corrections.ts";
import { services, templateCaches } from "../../../lib/cluster/kinds.ts";
import type { KubeObject, Live } from "../../../lib/kube/object.ts";
import { type Edit, editOf, type Unless } from "../../../lib/operator/core/plan.ts";
import { annotation, isPaused, label, managerOf, parentLabel } from "../../../lib/operator/naming/labels.ts";
import { rawLabelValue } from "../../../lib/operator/naming/naming.ts";
import type { KnownReason, Reason } from "../../../lib/operator/errors/reasons.ts";
import type { View } from "../../../lib/operator/core/view.ts";
import type { Context } from "../context.ts";
import type { ResolvedTemplate } from "../resolve/resolved.ts";
import { cacheValues, headroomOf } from "./template_cache.ts";
import { troubleOf } from "./trouble.ts";

/** Troubles that do not end in `Failed`, and that no waiting cures: only other values, or something made by others. */
const stuck: readonly (Reason | KnownReason)[] = [
  "PVCNotBound",
  "CreateContainerConfigError",
  "StorageSizeError",
];

/**
 * Storage class, headroom, env, pull secrets and runtime config of the service, into a cache that a service has made and that cannot
 * become Ready as it is. Not into a paused one, nor while another service that is Ready stands on it.
 */
export function correctedCache(
  context: Context,
  template: ResolvedTemplate,
  cache: Live<AIMTemplateCache>,
  view: View,
): Edit[] {
  const { metadata: { name, uid, namespace } } = context.service;
  const { labels } = cache.metadata;
  if (isPaused(cache)) return [];
  if (labels?.[label.managedBy] !== managerOf("AIMService") || cache.status?.status === "Ready") return [];
  const failed = cache.status?.status === "Failed" ||
    stuck.includes(troubleOf(namespace ?? "", cache.metadata.name, view)?.reason ?? "Progressing");
  if (!failed) return [];
  const made = labels[parentLabel("AIMService")] === rawLabelValue(name);
  const { env = null, imagePullSecrets = null, storageClassName = null, runtimeConfigName = null } =
    cache.spec ??
      {};
  // A headroom that the service does not say may be what a person has written there.
  const headroom = headroomOf(context);
  const said = (value: string | null) => headroom === undefined ? {} : { [annotation.headroom]: value };
  const now = {
    env,
    imagePullSecrets,
    storageClassName,
    runtimeConfigName,
    ...said(cache.metadata.annotations?.[annotation.headroom] ?? null),
  };
  const patch = correction(
    triesOf(cache),
    { by: uid, made, now, wanted: { ...cacheValues(context, template), ...said(headroom ?? null) } },
    failed,
  );
  return patch === undefined ? [] : [editOf(templateCaches, cache, patch, unlessServing(cache, uid))];
}

function unlessServing(cache: Live<AIMTemplateCache>, uid: string): Unless {
  const stands = (other: AIMService) =>
    other.metadata.uid !== uid && other.status?.status === "Running" && usesCache(other, cache);
  const inUse = (all: readonly KubeObject[]) => (all as AIMService[]).some(stands);
  return { kind: services, namespace: cache.metadata.namespace, inUse };
}
