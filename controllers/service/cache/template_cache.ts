/** The template cache of a service: which one it uses, and the one it makes (services.md §7). */

import type { AIMService, AIMTemplateCache, EnvVar } from "../../../lib/api/mod.ts";
import {
  isDedicatedCache,
  isDedicatedService,
  sharedCachesOfTemplate,
} from "../../../lib/cluster/cache_users.ts";
import { templateCaches } from "../../../lib/cluster/kinds.ts";
import { byAge, keyOf, type Live } from "../../../lib/kube/object.ts";
import { mergeEnv } from "../../../lib/operator/naming/env.ts";
import {
  annotation,
  API_VERSION,
  asChild,
  isLeft,
  label,
  ownerReference,
  parentLabel,
} from "../../../lib/operator/naming/labels.ts";
import { labelValue, rawLabelValue } from "../../../lib/operator/naming/naming.ts";
import { dedicatedCacheName, sharedCacheName } from "../../../lib/operator/naming/object_names.ts";
import { type Child, type Edit, editOf } from "../../../lib/operator/core/plan.ts";
import { bestOf } from "../../../lib/operator/status/status_words.ts";
import type { View } from "../../../lib/operator/core/view.ts";
import type { Context } from "../context.ts";
import { pullSecrets } from "../endpoint/pull_secrets.ts";
import { refOf, type ResolvedTemplate, type TemplateRef } from "../resolve/resolved.ts";

/** The cache that the service uses, in any state; undefined if there is none that fits (§7.3). */
export function findCache(
  service: Live<AIMService>,
  template: TemplateRef,
  view: View,
): Live<AIMTemplateCache> | undefined {
  return stickyCache(service, template, view) ??
    (isDedicatedService(service.spec)
      ? ownCache(service, template, view)
      : bestSharedCache(service, template, view));
}

/** The recorded cache while it is Ready and still the resolved template's. */
function stickyCache(
  service: Live<AIMService>,
  template: TemplateRef,
  view: View,
): Live<AIMTemplateCache> | undefined {
  const recorded = service.status?.cache?.templateCacheRef;
  if (recorded?.name === undefined) return undefined;
  const cache = view.get(templateCaches, service.metadata.namespace, recorded.name);
  if (cache?.status?.status !== "Ready" || (recorded.uid ?? cache.metadata.uid) !== cache.metadata.uid) {
    return undefined;
  }
  return usable(cache, service, template) ? cache : undefined;
}

const dedicatedCaches = templateCaches.index(
  "dedicated to",
  (cache) => {
    const service = cache.metadata.labels?.[parentLabel("AIMService")];
    return service === undefined || !isDedicatedCache(cache)
      ? []
      : [keyOf(cache.metadata.namespace, service)];
  },
);

/**
 * The cache that was Dedicated to a service of this name under another UID and was left: restored from a backup, it
 * becomes the service's again instead of a new one.
 */
export function leftCache(
  service: Live<AIMService>,
  template: TemplateRef,
  view: View,
): Live<AIMTemplateCache> | undefined {
  const { name, namespace } = service.metadata;
  if (!isDedicatedService(service.spec)) return undefined;
  return view.list(dedicatedCaches, keyOf(namespace, rawLabelValue(name)))
    .filter((cache) =>
      cache.metadata.deletionTimestamp === undefined && isOf(cache, template) &&
      isLeft(cache)
    ).toSorted(byAge)[0];
}

/** Makes the service its owner. */
export function adoptedCache(service: Live<AIMService>, cache: Live<AIMTemplateCache>): Edit {
  const parent = { kind: "AIMService", metadata: service.metadata } as const;
  return editOf(templateCaches, cache, { metadata: { ownerReferences: [ownerReference(parent)] } });
}

/** The service's own cache, by its name (§7.3 rule 3), else one that has become its own. */
function ownCache(
  service: Live<AIMService>,
  template: TemplateRef,
  view: View,
): Live<AIMTemplateCache> | undefined {
  const { name, namespace, uid } = service.metadata;
  const cacheName = dedicatedCacheName(template.name, name, uid);
  const derived = view.get(templateCaches, namespace, cacheName);
  const all = [
    ...(derived === undefined ? [] : [derived]),
    ...view.list(dedicatedCaches, keyOf(namespace, rawLabelValue(name))),
  ];
  return all.find((cache) =>
    cache.metadata.deletionTimestamp === undefined && usable(cache, service, template)
  );
}

/** Of the service's own mode: a Dedicated cache is used by its owner only. */
function usable(
  cache: Live<AIMTemplateCache>,
  service: Live<AIMService>,
  template: TemplateRef,
): boolean {
  const dedicated = isDedicatedService(service.spec);
  if ((cache.spec?.mode === "Dedicated") !== dedicated) return false;
  if (dedicated && !cache.metadata.ownerReferences?.some(({ uid }) => uid === service.metadata.uid)) {
    return false;
  }
  return isOf(cache, template);
}

/** Of all Shared caches of the template the one with the best status; on ties the oldest, then by name. */
function bestSharedCache(
  service: Live<AIMService>,
  template: TemplateRef,
  view: View,
): Live<AIMTemplateCache> | undefined {
  const all = view.list(
    sharedCachesOfTemplate,
    keyOf(service.metadata.namespace, template.name),
  );
  const fitting = all.filter((cache) =>
    cache.metadata.deletionTimestamp === undefined && isOf(cache, template)
  );
  return bestOf(fitting.toSorted(byAge), (cache) => cache.status?.status);
}

/** Same template in the same scope; a cache of unknown scope says in its status which one it found. */
function isOf(cache: Live<AIMTemplateCache>, template: TemplateRef): boolean {
  if (cache.spec?.templateName !== template.name) return false;
  if (cache.spec.templateScope !== "Unknown") return cache.spec.templateScope === template.scope;
  const kind = template.scope === "Cluster" ? "AIMClusterServiceTemplate" : "AIMServiceTemplate";
  return cache.status?.resolvedTemplateKind === kind;
}

/** The cache to create while there is none (§7.2). Never applied again once it exists. */
export function newCache(context: Context, template: ResolvedTemplate, view: View): Child {
  const { service } = context;
  const { name, namespace } = service.metadata;
  const templateName = template.object.metadata.name;
  const dedicated = isDedicatedService(service.spec);
  const cacheName = dedicated
    ? dedicatedCacheName(templateName, name, service.metadata.uid)
    : freeSharedName(template, namespace ?? "", view);
  const headroom = headroomOf(context);
  const values = Object.entries(cacheValues(context, template)).filter(([, value]) => value !== null);
  const desired: AIMTemplateCache = {
    apiVersion: API_VERSION,
    kind: "AIMTemplateCache",
    metadata: {
      name: cacheName,
      namespace,
      labels: { [label.service]: labelValue(name) ?? "" },
      ...(headroom === undefined ? {} : { annotations: { [annotation.headroom]: headroom } }),
    },
    spec: {
      templateName,
      templateScope: template.scope,
      mode: dedicated ? "Dedicated" : "Shared",
      ...Object.fromEntries(values),
    },
  };
  return {
    how: "create",
    ref: { kind: templateCaches, namespace, name: cacheName },
    desired: asChild(desired, context.parent, { owned: dedicated, propagation: context.propagation }),
  };
}

/** AIM Engine's name, unless a cache of another template or scope has it (§1.1 Better). */
function freeSharedName(template: ResolvedTemplate, namespace: string, view: View): string {
  const names = sharedCacheName(template.object.metadata.name, template.scope, namespace);
  const taken = view.get(templateCaches, namespace, names.first);
  return taken === undefined || isOf(taken, refOf(template)) ? names.first : names.onCollision;
}

/** A stored value equal to the schema's default counts as unset (spec/README "Which line wins"). */
const schemaHeadroom = 10;

/** The headroom that the service wants, as the annotation says it; undefined where it says nothing. */
export function headroomOf({ service: { spec } }: Context): string | undefined {
  const headroom = spec?.storage?.pvcHeadroomPercent;
  return headroom === undefined || headroom === schemaHeadroom ? undefined : String(headroom);
}

/** What a service says of how the weights are fetched and kept; null where it says nothing. */
export function cacheValues(context: Context, template: ResolvedTemplate) {
  const { service: { spec }, config } = context;
  const env = cacheEnv(context, template);
  const secrets = pullSecrets(spec, template.object.spec);
  return {
    env: env.length > 0 ? env : null,
    imagePullSecrets: secrets.length > 0 ? secrets : null,
    storageClassName: (spec?.storage?.defaultStorageClassName ?? config?.storage?.defaultStorageClassName) ||
      null,
    runtimeConfigName: spec?.runtimeConfigName || null,
  };
}

/** Template over template's caching over service; plain replacement, in the order of the lists. */
function cacheEnv({ service }: Context, { object }: ResolvedTemplate): EnvVar[] {
  const spec = object.spec;
  const caching = spec !== undefined && "caching" in spec ? spec.caching?.env : undefined;
  return mergeEnv(mergeEnv(spec?.env, caching), service.spec?.env);
}
