/** What a deleted cache takes with it (caching-and-artifacts.md §4.5, §8). */

import type { AIMArtifact, AIMTemplateCache, AIMTemplateCacheStatus } from "../../lib/api/mod.ts";
import { artifacts, clusterTemplates, templateCaches, templates } from "../../lib/cluster/kinds.ts";
import { keyOf, type KubeObject, type Live } from "../../lib/kube/object.ts";
import { parentLabel } from "../../lib/operator/naming/labels.ts";
import { labelValue, rawLabelValue } from "../../lib/operator/naming/naming.ts";
import { type Plan, type Removal, removalOf } from "../../lib/operator/core/plan.ts";
import type { View } from "../../lib/operator/core/view.ts";
import { effectiveClass } from "./matching.ts";
import { isDedicated } from "./sources.ts";

export const finalizer = "aim.eai.amd.com/artifactcleanup";

const artifactsOfCache = artifacts.index("cache label", ({ metadata }) => {
  const cache = metadata.labels?.[parentLabel("AIMTemplateCache")];
  return cache === undefined ? [] : [keyOf(metadata.namespace, cache)];
});

/**
 * Removes the artifacts that the cache made and that are not Ready, except Shared ones that another cache
 * needs; then lets the cache go. What it owns goes by garbage collection. A namespace that is being
 * terminated needs no exception: deleting what is being deleted does no harm.
 */
export function cleanUp(cache: Live<AIMTemplateCache>, view: View): Plan<AIMTemplateCacheStatus> {
  const { name, namespace } = cache.metadata;
  // AIM Engine cuts a long name where we shorten it with a hash.
  const labels = new Set([rawLabelValue(name), labelValue(name)]);
  const made = [...labels].flatMap((value) =>
    value === undefined ? [] : view.list(artifactsOfCache, keyOf(namespace, value))
  );
  const removals = made
    .filter(({ metadata, status }) => metadata.deletionTimestamp === undefined && status?.status !== "Ready")
    .flatMap((artifact) => artifactRemoval(artifact, cache, view));
  return { children: [], removals, finalizer: { name: finalizer, action: "release" } };
}

/** An artifact of another owner is left to that one. */
function artifactRemoval(artifact: Live<AIMArtifact>, cache: Live<AIMTemplateCache>, view: View): Removal[] {
  const { namespace, ownerReferences = [] } = artifact.metadata;
  if (ownerReferences.length > 0) {
    return ownerReferences.some((owner) => owner.uid === cache.metadata.uid)
      ? [removalOf(artifacts, artifact)]
      : [];
  }
  const needs = needOf(artifact, view);
  const inUse = (all: readonly KubeObject[]) => all.some((other) => needs(other as AIMTemplateCache));
  return [removalOf(artifacts, artifact, { kind: templateCaches, namespace, inUse })];
}

const templatesBySource = templates.index(
  "source",
  ({ metadata, status }) =>
    (status?.modelSources ?? []).map(({ sourceUri }) => keyOf(metadata.namespace, sourceUri)),
);
const clusterTemplatesBySource = clusterTemplates.index(
  "source",
  ({ status }) => (status?.modelSources ?? []).map(({ sourceUri }) => sourceUri),
);

/**
 * Whether a cache, as a fresh list shows it, needs the artifact: Shared, same source, a class that fits. One
 * that is being deleted, as the cache itself is, needs nothing.
 */
function needOf(artifact: Live<AIMArtifact>, view: View): (cache: AIMTemplateCache) => boolean {
  const { namespace, name, uid } = artifact.metadata;
  const sourceUri = artifact.spec?.sourceUri ?? "";
  const inNamespace = new Set(
    view.list(templatesBySource, keyOf(namespace, sourceUri)).map(({ metadata }) => metadata.name),
  );
  const inCluster = new Set(
    view.list(clusterTemplatesBySource, sourceUri).map(({ metadata }) => metadata.name),
  );
  const storageClass = effectiveClass(artifact, view);
  return ({ metadata, spec, status, ...rest }) => {
    if (spec === undefined || metadata?.deletionTimestamp !== undefined) return false;
    if (isDedicated({ ...rest, metadata, spec })) return false;
    if (spec.storageClassName && spec.storageClassName !== storageClass) return false;
    const { templateName, templateScope, modelSources = [] } = spec;
    return status?.artifacts?.[name]?.uid === uid ||
      modelSources.some((source) => source.sourceUri === sourceUri) ||
      (templateScope !== "Cluster" && inNamespace.has(templateName)) ||
      (templateScope !== "Namespace" && inCluster.has(templateName));
  };
}
