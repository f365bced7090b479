/** What a deleted service leaves behind, and what not (services.md §2.4). */

import type {
  AIMService,
  AIMServiceStatus,
  AIMServiceTemplate,
  AIMTemplateCache,
} from "../../lib/api/mod.ts";
import {
  isDedicatedCache,
  sharedCachesOfTemplate,
  unlessUsed,
  usesCache,
} from "../../lib/cluster/cache_users.ts";
import { services, templateCaches, templates } from "../../lib/cluster/kinds.ts";
import { keyOf, type KubeObject, type Live } from "../../lib/kube/object.ts";
import { label, labelText, parentLabel } from "../../lib/operator/naming/labels.ts";
import { cutLabelValue, rawLabelValue } from "../../lib/operator/naming/naming.ts";
import { derivedTemplateName } from "../../lib/operator/naming/object_names.ts";
import { type Plan, type Removal, removalOf } from "../../lib/operator/core/plan.ts";
import { isReady } from "../../lib/operator/status/status_words.ts";
import type { View } from "../../lib/operator/core/view.ts";
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
 * Removes the caches that the service used or began and that are not Ready, except Shared ones that another
 * service uses, and the templates that were derived for it unless another uses them; then lets the service go.
 * Everything owned goes by garbage collection. A namespace that is being terminated needs no exception:
 * deleting what is being deleted does no harm.
 */
export function cleanUp(service: Live<AIMService>, view: View): Plan<AIMServiceStatus> {
  const removals = [
    ...cachesOf(service, view)
      .filter((cache) => !isReady(cache) && cache.metadata.deletionTimestamp === undefined)
      .map((cache) =>
        removalOf(templateCaches, cache, isDedicatedCache(cache) ? undefined : unlessUsed(cache))
      ),
    ...removedDerivedTemplates(service, view),
  ];
  return { children: [], removals, finalizer: { name: finalizer, action: "release" } };
}

/** The Shared caches that it stands on, whoever made them, and what it began; not what somebody else owns. */
function cachesOf(service: Live<AIMService>, view: View): Live<AIMTemplateCache>[] {
  const { name, namespace, uid } = service.metadata;
  const { cache, resolvedTemplate } = service.status ?? {};
  const recorded = view.get(templateCaches, namespace, cache?.templateCacheRef?.name ?? "");
  const template = keyOf(namespace, resolvedTemplate?.name ?? "");
  const living = { ...service, metadata: { ...service.metadata, deletionTimestamp: undefined } };
  const used = [...(recorded === undefined ? [] : [recorded]), ...view.list(sharedCachesOfTemplate, template)]
    .filter((each) => usesCache(living, each));
  // AIM Engine cuts a long name where we shorten it with a hash.
  const labels = new Set([rawLabelValue(name), cutLabelValue(name)]);
  const begun = [...labels].flatMap((value) =>
    value ? view.list(cachesOfService, keyOf(namespace, value)) : []
  );
  const mine = new Map([...used, ...begun].map((each) => [each.metadata.uid, each]));
  return [...mine.values()].filter(({ metadata: { ownerReferences = [] } }) =>
    ownerReferences.length === 0 || ownerReferences.some((owner) => owner.uid === uid)
  );
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
