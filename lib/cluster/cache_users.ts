/**
 * Who uses what of the weights: services use template caches, caches use artifacts. A Shared one that is not Ready
 * goes with its last user (spec/README), so each side asks here whether it has one.
 */

import type { AIMArtifact, AIMService, AIMTemplateCache } from "../api/mod.ts";
import { keyOf, type KubeObject, type Live } from "../kube/object.ts";
import type { Unless } from "../operator/core/plan.ts";
import { defineQuery, type Reading } from "../operator/core/view.ts";
import { annotation, isPaused, label, managerOf } from "../operator/naming/labels.ts";
import { conditionOf } from "../operator/status/conditions.ts";
import { isReady, rank } from "../operator/status/status_words.ts";
import {
  artifacts,
  clusterTemplates,
  inferenceServices,
  persistentVolumeClaims,
  services,
  templateCaches,
  templates,
} from "./kinds.ts";
import { runtimeConfigOf } from "./runtime_config.ts";

/** Whether a service keeps its weights for itself; `Never` is the old word for it (services.md §7.1). */
export function isDedicatedService(spec: AIMService["spec"]): boolean {
  const mode = spec?.caching?.mode;
  return mode === "Dedicated" || mode === "Never";
}

/** Shared unless the cache says otherwise (caching-and-artifacts.md §2). */
export function isDedicatedCache({ spec }: AIMTemplateCache): boolean {
  return spec?.mode === "Dedicated";
}

type Scope = "Namespace" | "Cluster";

/** The scope of a cache's template; undefined where the cache leaves it open and has not found it yet. */
function scopeOf({ spec, status }: AIMTemplateCache): Scope | undefined {
  if (spec?.templateScope === "Cluster" || spec?.templateScope === "Namespace") return spec.templateScope;
  const kind = status?.resolvedTemplateKind;
  return kind === undefined ? undefined : kind === "AIMClusterServiceTemplate" ? "Cluster" : "Namespace";
}

/** What a living service stands on: the cache that it recorded, and the template whose Shared caches it uses. */
function standsOn(
  { metadata, spec, status }: AIMService,
): { cache?: string; template?: string; scope?: Scope } {
  if (metadata.deletionTimestamp !== undefined) return {};
  const cache = status?.cache?.templateCacheRef?.uid;
  const { name: template, scope = "Namespace" } = status?.resolvedTemplate ?? {};
  return {
    ...(cache && { cache }),
    ...(template && !isDedicatedService(spec) ? { template, scope: scope as Scope } : {}),
  };
}

/** Whether a living service uses the cache: it has recorded it, or stands on its template in Shared mode. */
export function usesCache(service: AIMService, cache: AIMTemplateCache): boolean {
  const { cache: recorded, template, scope } = standsOn(service);
  if (recorded !== undefined && recorded === cache.metadata.uid) return true;
  if (template === undefined || template !== cache.spec?.templateName || isDedicatedCache(cache)) {
    return false;
  }
  return (scopeOf(cache) ?? scope) === scope;
}

const templateKey = (namespace: string | undefined, scope: Scope, template: string) =>
  `${namespace}/${scope}/${template}`;
/** A service that has resolved nothing yet, after a restore from a backup say, may come to use any cache. */
const undecidedKey = (namespace: string | undefined) => `undecided in ${namespace}`;

const cacheUsers = services.index("cache users", (service) => {
  const { namespace, deletionTimestamp } = service.metadata;
  const { cache, template, scope } = standsOn(service);
  const undecided = deletionTimestamp === undefined && service.status?.resolvedTemplate === undefined &&
    !isDedicatedService(service.spec);
  return [
    ...(cache === undefined ? [] : [cache]),
    ...(template === undefined ? [] : [templateKey(namespace, scope!, template)]),
    ...(undecided ? [undecidedKey(namespace)] : []),
  ];
});

/** Whether a service uses the cache, or may come to use it. */
export function hasUsers(cache: Live<AIMTemplateCache>, view: Reading): boolean {
  const { namespace, uid } = cache.metadata;
  const scope = scopeOf(cache);
  const scopes: readonly Scope[] = scope === undefined ? ["Namespace", "Cluster"] : [scope];
  const template = cache.spec?.templateName ?? "";
  return [uid, undecidedKey(namespace), ...scopes.map((each) => templateKey(namespace, each, template))]
    .some((key) => view.any(cacheUsers, key));
}

/** Stops the removal of a Shared cache while a service uses it. */
export function unlessUsed(cache: Live<AIMTemplateCache>): Unless {
  const inUse = (all: readonly KubeObject[]) => (all as AIMService[]).some((each) => usesCache(each, cache));
  return { kind: services, namespace: cache.metadata.namespace, inUse };
}

/** Shared caches by the template that they name, in whatever scope. */
export const sharedCachesOfTemplate = templateCaches.index(
  "namespace and template",
  (cache) =>
    cache.spec === undefined || isDedicatedCache(cache)
      ? []
      : [keyOf(cache.metadata.namespace, cache.spec.templateName)],
);

/** By the UIDs of the artifacts in their status; one that lists none may come to use any. */
const cachesByArtifact = templateCaches.index("artifacts", ({ metadata, status }) => {
  if (metadata.deletionTimestamp !== undefined) return [];
  const uids = Object.values(status?.artifacts ?? {}).map(({ uid }) => uid);
  return uids.length > 0 ? uids : [undecidedKey(metadata.namespace)];
});

const cachesByOwnSource = templateCaches.index(
  "own sources",
  ({ metadata, spec }) =>
    (spec?.modelSources ?? []).map(({ sourceUri }) => keyOf(metadata.namespace, sourceUri)),
);

const templatesBySource = templates.index(
  "source",
  ({ metadata, status }) =>
    (status?.modelSources ?? []).map(({ sourceUri }) => keyOf(metadata.namespace, sourceUri)),
);
const clusterTemplatesBySource = clusterTemplates.index(
  "source",
  ({ status }) => (status?.modelSources ?? []).map(({ sourceUri }) => sourceUri),
);

/** All artifacts of a source, in a namespace. */
export const artifactsBySource = artifacts.index(
  "source",
  ({ metadata, spec }) => spec === undefined ? [] : [keyOf(metadata.namespace, spec.sourceUri)],
);

/**
 * The class that an artifact's volume is of, else the one that it will be asked for in (caching-and-artifacts.md §5.4):
 * a runtime config that changes later moves no volume.
 */
export function effectiveClass({ metadata, spec, status }: Live<AIMArtifact>, view: Reading): string {
  const { persistentVolumeClaim: claimName } = status ?? {};
  const claim = claimName ? view.get(persistentVolumeClaims, metadata.namespace, claimName) : undefined;
  if (claim?.spec !== undefined && claim.metadata.deletionTimestamp === undefined) {
    return claim.spec.storageClassName ?? "";
  }
  if (spec?.storageClassName) return spec.storageClassName;
  const config = runtimeConfigOf(view, "AIMArtifact", metadata.namespace, spec?.runtimeConfigName);
  return config.spec?.storage?.defaultStorageClassName ?? "";
}

/**
 * Whether a cache needs the artifact: it lives, is Shared, has the same source, and a class that fits. A question
 * that holds for a cache as a fresh list shows it, too.
 */
export function needOf(artifact: Live<AIMArtifact>, view: Reading): (cache: AIMTemplateCache) => boolean {
  const { namespace, name, uid } = artifact.metadata;
  const sourceUri = artifact.spec?.sourceUri ?? "";
  const inNamespace = new Set(
    view.list(templatesBySource, keyOf(namespace, sourceUri)).map(({ metadata }) => metadata.name),
  );
  const inCluster = new Set(
    view.list(clusterTemplatesBySource, sourceUri).map(({ metadata }) => metadata.name),
  );
  const storageClass = effectiveClass(artifact, view);
  return (cache) => {
    const { metadata, spec, status } = cache;
    if (spec === undefined || metadata.deletionTimestamp !== undefined || isDedicatedCache(cache)) {
      return false;
    }
    if (spec.storageClassName && spec.storageClassName !== storageClass) return false;
    const { templateName, templateScope, modelSources = [] } = spec;
    return status?.artifacts?.[name]?.uid === uid ||
      modelSources.some((source) => source.sourceUri === sourceUri) ||
      (templateScope !== "Cluster" && inNamespace.has(templateName)) ||
      (templateScope !== "Namespace" && inCluster.has(templateName));
  };
}

/** Whether a cache has made it for all of the namespace, and may take it back. */
export function isMadeForAll({ metadata: { labels, ownerReferences = [] } }: AIMArtifact): boolean {
  return labels?.[label.managedBy] === managerOf("AIMTemplateCache") && ownerReferences.length === 0;
}

/** An artifact as others of its source see it. Of its progress only whether there is any. */
interface Sibling {
  readonly name: string;
  readonly uid: string;
  readonly created: string;
  readonly storageClass: string;
  /** Whether verified weights stand behind it. */
  readonly whole: boolean;
  /** Whether bytes have arrived. */
  readonly begun: boolean;
  /** Whether it does what it can. */
  readonly works: boolean;
}

const siblings = defineQuery<string, readonly Sibling[]>(
  "siblings",
  (view, source) =>
    view.list(artifactsBySource, source)
      .filter(({ metadata: { ownerReferences = [], deletionTimestamp } }) =>
        ownerReferences.length === 0 && deletionTimestamp === undefined
      )
      .map((artifact) => ({
        name: artifact.metadata.name,
        uid: artifact.metadata.uid,
        created: artifact.metadata.creationTimestamp ?? "",
        storageClass: effectiveClass(artifact, view),
        whole: holdsWeights(artifact),
        begun: hasBegun(artifact),
        works: !isPaused(artifact) && !isBroken(artifact),
      })),
);

function hasBegun({ status }: AIMArtifact): boolean {
  return (status?.progress?.downloadedBytes ?? 0) > 0 || (status?.progress?.percentage ?? 0) > 0;
}

function isBroken({ status }: AIMArtifact): boolean {
  return rank(status?.status || "Pending") < rank("Pending");
}

/**
 * The artifact for which this one stands back, so that no source is downloaded twice into one storage class: caches
 * that planned at the same moment, or an earlier process whose request landed late, may have made several under
 * different names. One that has bytes goes on; of those that have none the older does.
 */
export function stoodBackFor(artifact: Live<AIMArtifact>, view: Reading): Sibling | undefined {
  const { namespace, uid, name, creationTimestamp: created = "" } = artifact.metadata;
  if (!isMadeForAll(artifact) || holdsWeights(artifact) || hasBegun(artifact)) return undefined;
  if (mayHoldWeights(artifact, view)) return undefined;
  const storageClass = effectiveClass(artifact, view);
  const all = view.query(siblings, keyOf(namespace, artifact.spec?.sourceUri ?? ""));
  return all.find((other) =>
    other.uid !== uid && other.storageClass === storageClass &&
    (other.whole || (other.works && (other.begun || isBefore(other, { name, created }))))
  );
}

/** Whether a living cache says that the artifact serves it. */
export function isListed({ metadata: { uid } }: Live<AIMArtifact>, view: Reading): boolean {
  return view.any(cachesByArtifact, uid);
}

/** Stops the removal of an artifact while a living cache lists it. */
export function unlessListed({ metadata: { namespace, name, uid } }: Live<AIMArtifact>): Unless {
  const lists = ({ metadata, status }: AIMTemplateCache) =>
    metadata.deletionTimestamp === undefined && status?.artifacts?.[name]?.uid === uid;
  const inUse = (all: readonly KubeObject[]) => (all as AIMTemplateCache[]).some(lists);
  return { kind: templateCaches, namespace, inUse };
}

type Aged = Pick<Sibling, "created" | "name">;
function isBefore(a: Aged, b: Aged): boolean {
  return a.created === b.created ? a.name < b.name : a.created < b.created;
}

const needed = defineQuery<readonly [namespace: string, name: string], boolean>(
  "artifactNeeded",
  (view, [namespace, name]) => {
    const artifact = view.get(artifacts, namespace, name);
    if (artifact === undefined) return true;
    const sourceUri = artifact.spec?.sourceUri ?? "";
    if (view.any(cachesByArtifact, artifact.metadata.uid)) return true;
    if (view.any(cachesByArtifact, undecidedKey(namespace))) return true;
    const owners = [
      ...view.list(templatesBySource, keyOf(namespace, sourceUri)),
      ...view.list(clusterTemplatesBySource, sourceUri),
    ];
    const candidates = [
      ...view.list(cachesByOwnSource, keyOf(namespace, sourceUri)),
      ...owners.flatMap(({ metadata }) => view.list(sharedCachesOfTemplate, keyOf(namespace, metadata.name))),
    ];
    return candidates.some(needOf(artifact, view));
  },
);

/** Whether a cache needs the artifact, or may come to need it. */
export function isNeeded({ metadata }: Live<AIMArtifact>, view: Reading): boolean {
  return view.query(needed, [metadata.namespace ?? "", metadata.name]);
}

/** Stops the removal of a Shared artifact while a cache needs it. */
export function unlessNeeded(artifact: Live<AIMArtifact>, view: Reading): Unless {
  const needs = needOf(artifact, view);
  const inUse = (all: readonly KubeObject[]) => (all as AIMTemplateCache[]).some(needs);
  return { kind: templateCaches, namespace: artifact.metadata.namespace, inUse };
}

/**
 * Whether the artifact's volume was verified, though its status may not say so yet; or was there before the artifact,
 * and nobody has looked at it yet: a backup brought it back, or somebody kept it when he deleted a former artifact.
 * Where another claim was verified, artifact and volume may have come back in the same second.
 */
export function mayHoldWeights({ metadata, status }: Live<AIMArtifact>, view: Reading): boolean {
  const { [annotation.verifiedClaim]: verified } = metadata.annotations ?? {};
  const name = status?.persistentVolumeClaim;
  // Before its own reconcile has looked for the volume.
  if (!name) return verified !== undefined;
  const claim = view.get(persistentVolumeClaims, metadata.namespace, name);
  if (claim === undefined || claim.metadata.deletionTimestamp !== undefined) return false;
  if (claim.metadata.uid === verified) return claim.status?.phase === "Bound";
  const [itsAge, age] = [claim.metadata.creationTimestamp ?? "", metadata.creationTimestamp ?? ""];
  return itsAge < age || (verified !== undefined && itsAge === age);
}

/** Endpoints by the claims that they mount. */
export const mountingClaim = inferenceServices.index(
  "mounted claim",
  ({ metadata, spec }) =>
    (spec?.predictor?.volumes ?? []).flatMap(({ persistentVolumeClaim }) =>
      persistentVolumeClaim === undefined ? [] : [keyOf(metadata.namespace, persistentVolumeClaim.claimName)]
    ),
);

/** Whether an endpoint mounts the artifact's claim, whatever has become of it: it waits for these weights. */
export function isMounted({ metadata }: Live<AIMArtifact>, claim: string, view: Reading): boolean {
  return view.any(mountingClaim, keyOf(metadata.namespace, claim)) === true;
}

/**
 * Whether the weights would be lost with the artifact: it is Ready, or it was, and its volume still holds what was
 * verified (a missing runtime config makes no difference to them).
 */
export function holdsWeights(artifact: Live<AIMArtifact>): boolean {
  const isTrue = (type: string) => conditionOf(artifact.status?.conditions, type)?.status === "True";
  const complete = conditionOf(artifact.status?.conditions, "DownloadComplete");
  return isReady(artifact) ||
    (complete?.reason === "Verified" && isTrue("DownloadComplete") && isTrue("CachePvcReady"));
}
