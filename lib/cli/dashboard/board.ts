/** What the page shows, as data: worked out from the same paths and choices that the commands print. */

import { services } from "../../cluster/kinds.ts";
import type { ReadCluster } from "../cluster/read.ts";
import { type Gpus, gpusIn } from "../cluster/gpus.ts";
import type { Path } from "../cluster/path.ts";
import { adviceFor } from "../commands/explain.ts";
import { pathOfService, pathsOfAll } from "../commands/status.ts";
import { type Why, whyOf } from "../commands/why.ts";
import type { ClusterCache } from "../../operator/core/cluster_cache.ts";

/** A service in the list. */
export interface Row {
  readonly namespace: string;
  readonly name: string;
  /** Its own word; empty where no operator has looked at it. */
  readonly state: string;
  /** Where its path breaks. */
  readonly brokenAt?: string;
  readonly reason?: string;
  /** How far its weights are, where they are being downloaded: the least of several. */
  readonly percentage?: number;
}

/** All that the page shows of the cluster. */
export interface Board {
  readonly scope: string;
  readonly services: readonly Row[];
  readonly gpus: Gpus;
  /** Kinds that the user may not read. */
  readonly unseen: readonly string[];
  /** Why it may be older than now; empty where it is not. */
  readonly trouble: string;
}

/** All that the page shows of one service. */
export type Detail =
  | { readonly path: Path; readonly advice?: string; readonly why: Why; readonly gone?: undefined }
  | { readonly gone: true; readonly namespace: string; readonly name: string };

export interface BoardSources {
  /** Services and what they stand on. */
  readonly cluster: ReadCluster & { readonly trouble: string };
  /** GPUs of all namespaces: nodes, and pods as far as they may be read. */
  readonly gpus: {
    readonly cache: ClusterCache;
    readonly unseen: readonly string[];
    readonly trouble: string;
  };
  /** Which namespaces, in words. */
  readonly scope: string;
}

export function boardOf({ cluster, gpus, scope }: BoardSources): Board {
  return {
    scope,
    services: pathsOfAll(cluster).map(rowOf),
    gpus: gpusIn(gpus.cache),
    unseen: [...new Set([...cluster.unseen, ...gpus.unseen])].sort(),
    trouble: cluster.trouble || gpus.trouble,
  };
}

function rowOf({ namespace, name, state, links, broken }: Path): Row {
  const link = broken === undefined ? undefined : links[broken];
  const percentages = links.flatMap(({ download }) => download === undefined ? [] : [download.percentage]);
  return {
    namespace,
    name,
    state,
    ...(link !== undefined && { brokenAt: link.part, reason: link.trouble?.reason }),
    ...(percentages.length > 0 && { percentage: Math.min(...percentages) }),
  };
}

export function detailOf(
  { cluster }: Pick<BoardSources, "cluster">,
  namespace: string,
  name: string,
): Detail {
  if (cluster.cache.store(services).get(namespace, name) === undefined) {
    return { gone: true, namespace, name };
  }
  const path = pathOfService(cluster, namespace, name);
  const reason = path.broken === undefined ? undefined : path.links[path.broken].trouble?.reason;
  const advice = reason === undefined ? undefined : adviceFor(reason);
  return { path, why: whyOf(cluster, namespace, name), ...(advice !== undefined && { advice }) };
}
