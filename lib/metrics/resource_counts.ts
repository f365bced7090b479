/** How the objects that are reconciled are, counted from the cache. */

import type { CachedKind, Index } from "../kube/cache/cached_kind.ts";
import type { KubeObject } from "../kube/object.ts";
import { activeDiscoveries } from "../cluster/indexes.ts";
import type { ClusterCache } from "../operator/core/cluster_cache.ts";

/** `status.status` of an object that has none yet. */
const unset = "Unset";

interface Reported extends KubeObject {
  status?: {
    status?: string;
    conditions?: readonly { type: string; status: string; reason?: string }[];
  };
}

export interface Count<Label extends string> {
  readonly labels: Readonly<Record<Label, string>>;
  readonly count: number;
}

/** How many objects of each kind have each status, and how many have which condition False for which reason. */
export function countResources(cache: ClusterCache, kinds: readonly CachedKind<KubeObject>[]): {
  statuses: Count<"kind" | "status">[];
  falseConditions: Count<"kind" | "type" | "reason">[];
} {
  const statuses = new Tally<"kind" | "status">();
  const falseConditions = new Tally<"kind" | "type" | "reason">();
  for (const cached of kinds) {
    const { kind } = cached.resource;
    const store = cache.store(cached as CachedKind<Reported>);
    for (const key of store.keys()) {
      const slash = key.indexOf("/");
      const { status } = store.get(key.slice(0, slash), key.slice(slash + 1))!;
      statuses.add({ kind, status: status?.status || unset });
      for (const { type, status: truth, reason = "" } of status?.conditions ?? []) {
        if (truth === "False") falseConditions.add({ kind, type, reason });
      }
    }
  }
  return { statuses: statuses.counts, falseConditions: falseConditions.counts };
}

/** How many discovery Jobs run: those that hold one of the places (models-and-templates.md §5.6). */
export function countDiscoveries(cache: ClusterCache): number {
  const store = [...cache.stores()].find(({ kind }) => kind.id === activeDiscoveries.kind.id);
  return store?.list(activeDiscoveries as unknown as Index<KubeObject>, "").length ?? 0;
}

class Tally<Label extends string> {
  readonly #counts = new Map<string, { labels: Record<Label, string>; count: number }>();

  add(labels: Record<Label, string>): void {
    const id = JSON.stringify(labels);
    const known = this.#counts.get(id);
    if (known === undefined) this.#counts.set(id, { labels, count: 1 });
    else known.count++;
  }

  get counts(): Count<Label>[] {
    return [...this.#counts.values()];
  }
}
