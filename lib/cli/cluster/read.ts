/** Reads once, with the user's own rights, what the operator watches. */

import { isStatus } from "../../kube/errors.ts";
import type { CachedKind } from "../../kube/cache/cached_kind.ts";
import type { KubeObject } from "../../kube/object.ts";
import type { Transport } from "../../kube/transport.ts";
import { list } from "../../kube/watch/list.ts";
import { ClusterCache } from "../../operator/core/cluster_cache.ts";

/** A cluster as it was when it was read. */
export interface ReadCluster {
  readonly cache: ClusterCache;
  /** Kinds that the user may not read, as kubectl writes them: they count as out of reach. */
  readonly unseen: readonly string[];
  /** When it was read, in milliseconds since 1970. */
  readonly at: number;
}

/**
 * Lists every kind: of one namespace (and the cluster's own objects), or of all. A kind that may not be read is left out
 * and named; one that the cluster does not have counts as not installed.
 *
 * @throws ApiError, NetworkError, where it is something else than a missing right or kind
 */
export async function readCluster(
  transport: Transport,
  kinds: readonly CachedKind<KubeObject>[],
  namespace?: string,
): Promise<ReadCluster> {
  const cache = new ClusterCache(kinds, namespace === undefined ? undefined : [namespace]);
  const unseen = await Promise.all(kinds.map((kind) => readKind(transport, cache, kind, namespace)));
  return { cache, unseen: unseen.filter((each) => each !== undefined), at: Date.now() };
}

/** Returns the kind's name if it may not be read. */
async function readKind(
  transport: Transport,
  cache: ClusterCache,
  kind: CachedKind<KubeObject>,
  scope: string | undefined,
): Promise<string | undefined> {
  const { resource, keep, project } = kind;
  const namespace = resource.namespaced ? scope : undefined;
  const store = cache.store(kind);
  try {
    for (const [n, selector] of kind.selectors.entries()) {
      const sink = store.sink(n, namespace);
      try {
        const { items, resourceVersion } = await list(transport, resource, {
          ...selector,
          ...(namespace !== undefined && { namespace }),
          keep,
          project,
        });
        sink.replaced(items, resourceVersion);
      } catch (error) {
        if (!isStatus(error, 404)) throw error;
        sink.uninstalled();
      }
    }
    return undefined;
  } catch (error) {
    if (!isStatus(error, 403)) throw error;
    store.unreadable(namespace);
    return nameOfKind(kind);
  }
}

/** As kubectl writes it: `pods`, `aimservices.aim.eai.amd.com`. */
export function nameOfKind({ resource: { plural, group } }: CachedKind<KubeObject>): string {
  return group === "" ? plural : `${plural}.${group}`;
}
