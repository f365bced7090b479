/** What a deleted service leaves behind, and what not (services.md §2.4). */

import type { AIMService, AIMServiceStatus, AIMTemplateCache } from "../../lib/api/mod.ts";
import { services, templateCaches } from "../../lib/cluster/kinds.ts";
import { keyOf, type KubeObject, type Live } from "../../lib/kube/object.ts";
import { label } from "../../lib/operator/labels.ts";
import { labelValue } from "../../lib/operator/naming.ts";
import type { Plan, Removal } from "../../lib/operator/plan.ts";
import type { View } from "../../lib/operator/view.ts";

export const finalizer = "aim.eai.amd.com/template-cache-cleanup";

const cachesOfService = templateCaches.index(
  "service label",
  ({ metadata }) => {
    const service = metadata.labels?.[label.service];
    return service === undefined ? [] : [keyOf(metadata.namespace, service)];
  },
);

/**
 * Removes the caches that the service began and that are not Ready, except Shared ones that another service
 * waits for; then lets the service go. Everything owned goes by garbage collection. A namespace that is
 * being terminated needs no exception: deleting what is being deleted does no harm.
 */
export function cleanUp(service: Live<AIMService>, view: View): Plan<AIMServiceStatus> {
  const { name, namespace } = service.metadata;
  const caches = view.list(cachesOfService, keyOf(namespace, labelValue(name) ?? ""));
  const removals = caches
    .filter(({ status, metadata }) => status?.status !== "Ready" && metadata.deletionTimestamp === undefined)
    .map((cache) => removalOf(cache, service));
  return { children: [], removals, finalizer: { name: finalizer, action: "release" } };
}

function removalOf(cache: Live<AIMTemplateCache>, service: Live<AIMService>): Removal {
  const { name, namespace, uid, resourceVersion } = cache.metadata;
  const removal = { ref: { kind: templateCaches, namespace, name }, uid, resourceVersion };
  if ((cache.spec?.mode ?? "Shared") !== "Shared") return removal;
  const inUse = (all: readonly KubeObject[]) => all.some((each) => uses(each, cache, service.metadata.uid));
  return { ...removal, unless: { kind: services, namespace, inUse } };
}

/** Whether another living service stands on the cache's template in Shared mode. */
function uses(other: AIMService | KubeObject, cache: AIMTemplateCache, uid: string): boolean {
  const { metadata, spec, status } = other as AIMService;
  if (metadata.uid === uid || metadata.deletionTimestamp !== undefined) return false;
  const mode = spec?.caching?.mode;
  return mode !== "Dedicated" && mode !== "Never" &&
    status?.resolvedTemplate?.name === cache.spec?.templateName;
}
