/** A cluster that consists of the objects given, as one that was read. */

import { ClusterCache } from "../../operator/core/cluster_cache.ts";
import { watchedKinds } from "../../cluster/kinds.ts";
import { apiVersionOf, type KubeObject, type Live } from "../../kube/object.ts";
import type { ReadCluster } from "./read.ts";

/** @param at the time that it is there, in milliseconds since 1970 */
export function clusterGiven(objects: readonly KubeObject[], at = Date.now()): ReadCluster {
  const cache = new ClusterCache(watchedKinds);
  const stored = objects.map(asStored);
  for (const store of cache.stores()) {
    const { resource, selectors } = store.kind;
    const own = stored.filter(({ apiVersion, kind }) =>
      kind === resource.kind && apiVersion === apiVersionOf(resource)
    );
    selectors.forEach((_, n) => store.sink(n, undefined).replaced(own, "1"));
  }
  return { cache, unseen: [], at };
}

/** What a server adds to an object; what is there stays. */
function asStored(object: KubeObject): Live<KubeObject> {
  const { kind, metadata } = object;
  const { namespace = "", name = "" } = metadata ?? {};
  return {
    ...object,
    metadata: { uid: `${kind}/${namespace}/${name}`, resourceVersion: "1", generation: 1, ...metadata },
  } as Live<KubeObject>;
}
