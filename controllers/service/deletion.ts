/** What a deleted service leaves behind, and what not (services.md §2.4). */

import type {
  AIMService,
  AIMServiceStatus,
  AIMServiceTemplate,
  AIMTemplateCache,
} from "../../lib/api/mod.ts";
import { services, templateCaches, templates } from "../../lib/cluster/kinds.ts";
import { keyOf, type KubeObject, type Live } from "../../lib/kube/object.ts";
import { controllerOf, label, labelText, parentLabel } from "../../lib/operator/naming/labels.ts";
import { labelValue, rawLabelValue } from "../../lib/operator/naming/naming.ts";
import { derivedTemplateName } from "../../lib/operator/naming/object_names.ts";
import { type Plan, type Removal, removalOf } from "../../lib/operator/core/plan.ts";
import type { View } from "../../lib/operator/core/view.ts";
import { isDedicated } from "./context.ts";
import { traitsOf } from "./resolve/overrides.ts";

export const finalizer = "aim.eai.amd.com/template-cache-cleanup";

const cachesOfService = templateCaches.index(
  "service label",
  ({ metadata }) => {
    const service = metadata.labels?.[label.service];
    return service === undefined ? [] : [keyOf(metadata.namespace, service)];
  },
);

const derivedTemplatesIn = templates.index(
  "derived, by namespace",
  ({ metadata }) => metadata.labels?.[label.origin] === labelText.derived ? [metadata.namespace ?? ""] : [],
);

/**
 * Removes the caches that the service began and that are not Ready, except Shared ones that another service
 * waits for, and the templates that were derived for it unless another uses them; then lets the service go.
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
    .map((cache) => cacheRemoval(cache, service));
  removals.push(...removedDerivedTemplates(service, view));
  return { children: [], removals, finalizer: { name: finalizer, action: "release" } };
}

function cacheRemoval(cache: Live<AIMTemplateCache>, service: Live<AIMService>): Removal {
  if ((cache.spec?.mode ?? "Shared") !== "Shared") return removalOf(templateCaches, cache);
  const { namespace } = service.metadata;
  const inUse = (all: readonly KubeObject[]) => all.some((each) => uses(each, cache, service.metadata.uid));
  return removalOf(templateCaches, cache, { kind: services, namespace, inUse });
}

/**
 * The templates derived for the service's overrides, each unless somebody else asks for the same (§6 Better
 * rule 4): those that it stands on or asks for, and what earlier overrides of its own have left.
 */
function removedDerivedTemplates(service: Live<AIMService>, view: View): Removal[] {
  const { name, namespace } = service.metadata;
  return view.list(derivedTemplatesIn, namespace ?? "")
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .filter((template) =>
      template.metadata.labels?.[parentLabel("AIMService")] === rawLabelValue(name) ||
      asksFor(service, template)
    )
    .map((template) => {
      const inUse = (all: readonly KubeObject[]) =>
        (all as readonly AIMService[]).some((other) =>
          other.metadata.uid !== service.metadata.uid && other.metadata.deletionTimestamp === undefined &&
          asksFor(other, template)
        );
      return removalOf(templates, template, { kind: services, namespace, inUse });
    });
}

/**
 * Whether a service stands on a derived template, or its overrides lead to it: from the base that it names, or
 * from the template's own base where it leaves the choice open and has its model.
 */
function asksFor({ spec, status, ...service }: AIMService, template: Live<AIMServiceTemplate>): boolean {
  const { name, labels } = template.metadata;
  const recorded = status?.resolvedTemplate;
  if (recorded?.name === name && recorded.scope !== "Cluster") return true;
  const named = spec?.template?.name?.trim();
  if (named) return derivedTemplateName(named, traitsOf({ ...service, spec })) === name;
  const model = status?.resolvedModel?.name ?? spec?.model?.name?.trim();
  if (model !== undefined && model !== template.spec?.modelName) return false;
  const base = labels?.[label.template];
  return base !== undefined && derivedTemplateName(base, traitsOf({ ...service, spec })) === name;
}

/** Whether another living service stands on the cache's template, in its scope and in Shared mode. */
function uses(other: AIMService | KubeObject, cache: AIMTemplateCache, uid: string): boolean {
  const { metadata, spec, status } = other as AIMService;
  if (metadata.uid === uid || metadata.deletionTimestamp !== undefined || isDedicated(spec)) return false;
  const template = status?.resolvedTemplate;
  if (template?.name === undefined || template.name !== cache.spec?.templateName) return false;
  const scope = scopeOf(cache);
  return scope === undefined || scope === (template.scope ?? "Namespace");
}

/** The scope of a cache's template; undefined where the cache leaves it open and has not found it yet. */
function scopeOf({ spec, status }: AIMTemplateCache): "Namespace" | "Cluster" | undefined {
  if (spec?.templateScope === "Cluster" || spec?.templateScope === "Namespace") return spec.templateScope;
  const kind = status?.resolvedTemplateKind;
  return kind === undefined ? undefined : kind === "AIMClusterServiceTemplate" ? "Cluster" : "Namespace";
}
