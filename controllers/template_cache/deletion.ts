/** What a deleted cache takes with it (caching-and-artifacts.md §4.5, §8). */

import type { AIMArtifact, AIMTemplateCache, AIMTemplateCacheStatus } from "../../lib/api/mod.ts";
import {
  hasUsers,
  holdsWeights,
  isDedicatedCache,
  isMounted,
  mayHoldWeights,
  unlessNeeded,
  unlessUsed,
} from "../../lib/cluster/cache_users.ts";
import { artifacts, templateCaches } from "../../lib/cluster/kinds.ts";
import { keyOf, type Live } from "../../lib/kube/object.ts";
import { label, managerOf, parentLabel } from "../../lib/operator/naming/labels.ts";
import { cutLabelValue, rawLabelValue } from "../../lib/operator/naming/naming.ts";
import { type Plan, type Removal, removalOf } from "../../lib/operator/core/plan.ts";
import { isReady } from "../../lib/operator/status/status_words.ts";
import type { View } from "../../lib/operator/core/view.ts";

export const finalizer = "aim.eai.amd.com/artifactcleanup";

const artifactsOfCache = artifacts.index("cache label", ({ metadata }) => {
  const cache = metadata.labels?.[parentLabel("AIMTemplateCache")];
  return cache === undefined ? [] : [keyOf(metadata.namespace, cache)];
});

/**
 * Removes the artifacts that the cache used or made and that hold no weights, except Shared ones that another
 * cache needs or an endpoint mounts; then lets the cache go. What it owns goes by garbage collection. A namespace that is being
 * terminated needs no exception: deleting what is being deleted does no harm.
 */
export function cleanUp(cache: Live<AIMTemplateCache>, view: View): Plan<AIMTemplateCacheStatus> {
  const removals = artifactsOf(cache, view)
    .filter((artifact) => artifact.metadata.deletionTimestamp === undefined && !holdsWeights(artifact))
    .flatMap((artifact) => {
      const owned = (artifact.metadata.ownerReferences ?? []).length > 0;
      if (owned) return [removalOf(artifacts, artifact)];
      // It goes by itself once no endpoint waits for it.
      return mayHoldWeights(artifact, view) ||
          isMounted(artifact, artifact.status?.persistentVolumeClaim ?? "", view)
        ? []
        : [removalOf(artifacts, artifact, unlessNeeded(artifact, view))];
    });
  return { children: [], removals, finalizer: { name: finalizer, action: "release" } };
}

/** The Shared artifacts in its status, whoever made them, and what it made; not what somebody else owns. */
function artifactsOf(cache: Live<AIMTemplateCache>, view: View): Live<AIMArtifact>[] {
  const { name, namespace, uid } = cache.metadata;
  const used = Object.values(cache.status?.artifacts ?? {}).flatMap((entry) => {
    const artifact = view.get(artifacts, namespace, entry.name);
    return artifact?.metadata.uid === entry.uid ? [artifact] : [];
  });
  // AIM Engine cuts a long name where we shorten it with a hash.
  const labels = new Set([rawLabelValue(name), cutLabelValue(name)]);
  const made = [...labels].flatMap((value) =>
    value ? view.list(artifactsOfCache, keyOf(namespace, value)) : []
  );
  const mine = new Map([...used, ...made].map((each) => [each.metadata.uid, each]));
  return [...mine.values()].filter(({ metadata: { ownerReferences = [] } }) =>
    ownerReferences.length === 0 || ownerReferences.some((owner) => owner.uid === uid)
  );
}

/**
 * The removal of a Shared cache that a service has made, that is not Ready, and that no service uses any more:
 * the services that used it have gone to other templates, or left while nobody was there to see it (spec/README).
 */
export function unusedCache(cache: Live<AIMTemplateCache>, view: View): Removal | undefined {
  const { labels, ownerReferences = [] } = cache.metadata;
  const madeByService = labels?.[label.managedBy] === managerOf("AIMService") && ownerReferences.length === 0;
  if (!madeByService || isDedicatedCache(cache) || isReady(cache) || hasUsers(cache, view)) return undefined;
  return removalOf(templateCaches, cache, unlessUsed(cache));
}
