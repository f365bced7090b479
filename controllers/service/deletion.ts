/** What a deleted service leaves behind, and what not (services.md §2.4). */

import type { AIMService, AIMServiceStatus, AIMTemplateCache } from "../../lib/api/mod.ts";
import { services, templateCaches, templates } from "../../lib/cluster/kinds.ts";
import { keyOf, type KubeObject, type Live } from "../../lib/kube/object.ts";
import { controllerOf, label, labelText } from "../../lib/operator/naming/labels.ts";
import { labelValue } from "../../lib/operator/naming/naming.ts";
import { derivedTemplateName } from "../../lib/operator/naming/object_names.ts";
import type { Plan, Removal } from "../../lib/operator/core/plan.ts";
import type { View } from "../../lib/operator/core/view.ts";
import { isDedicated } from "./context.ts";
import { traitsOf } from "./overrides.ts";

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
 * waits for, and the template that was derived for it unless another uses it; then lets the service go.
 * Everything owned goes by garbage collection. A namespace that is being terminated needs no exception:
 * deleting what is being deleted does no harm.
 */
export function cleanUp(service: Live<AIMService>, view: View): Plan<AIMServiceStatus> {
  const { name, namespace } = service.metadata;
  const caches = view.list(cachesOfService, keyOf(namespace, labelValue(name) ?? ""));
  const removals = caches
    .filter((cache) => cache.status?.status !== "Ready" && cache.metadata.deletionTimestamp === undefined)
    // The label is cut to 63 characters, so the cache may be another service's own.
    .filter((cache) => (controllerOf(cache, "AIMService") ?? service.metadata).uid === service.metadata.uid)
    .map((cache) => removalOf(cache, service));
  removals.push(...removedDerivedTemplate(service, view));
  return { children: [], removals, finalizer: { name: finalizer, action: "release" } };
}

function removalOf(cache: Live<AIMTemplateCache>, service: Live<AIMService>): Removal {
  const { name, namespace, uid, resourceVersion } = cache.metadata;
  const removal = { ref: { kind: templateCaches, namespace, name }, uid, resourceVersion };
  if ((cache.spec?.mode ?? "Shared") !== "Shared") return removal;
  const inUse = (all: readonly KubeObject[]) => all.some((each) => uses(each, cache, service.metadata.uid));
  return { ...removal, unless: { kind: services, namespace, inUse } };
}

/** The template derived for the service's overrides, if nobody else asks for the same (§6 Better rule 4). */
function removedDerivedTemplate(service: Live<AIMService>, view: View): Removal[] {
  const { namespace } = service.metadata;
  return derivedNames(service).flatMap((name) => {
    const template = view.get(templates, namespace, name);
    if (template?.metadata.labels?.[label.origin] !== labelText.derived) return [];
    if (template.metadata.deletionTimestamp !== undefined) return [];
    const { uid, resourceVersion } = template.metadata;
    const inUse = (all: readonly KubeObject[]) =>
      (all as readonly AIMService[]).some((other) =>
        other.metadata.uid !== service.metadata.uid && other.metadata.deletionTimestamp === undefined &&
        derivedNames(other).includes(name)
      );
    const unless = { kind: services, namespace, inUse };
    return [{ ref: { kind: templates, namespace, name }, uid, resourceVersion, unless }];
  });
}

/** The templates that a service stands on or would have derived: recorded, and by its explicit name. */
function derivedNames(service: AIMService): string[] {
  const named = service.spec?.template?.name?.trim();
  const recorded = service.status?.resolvedTemplate?.name;
  const names = [recorded, named && derivedTemplateName(named, traitsOf(service))];
  return [...new Set(names.filter((name) => name !== undefined && name !== ""))] as string[];
}

/** Whether another living service stands on the cache's template in Shared mode. */
function uses(other: AIMService | KubeObject, cache: AIMTemplateCache, uid: string): boolean {
  const { metadata, spec, status } = other as AIMService;
  if (metadata.uid === uid || metadata.deletionTimestamp !== undefined) return false;
  return !isDedicated(spec) && status?.resolvedTemplate?.name === cache.spec?.templateName;
}
