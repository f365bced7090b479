/**
 * How the objects that are reconciled are. It is counted with every change of the cache, so that a scrape looks at no
 * object: at ten thousand services that would hold up everything else.
 */

import type { AIMArtifact } from "../api/mod.ts";
import { activeDiscoveries } from "../cluster/indexes.ts";
import { artifacts } from "../cluster/kinds.ts";
import type { CachedKind, Index } from "../kube/cache/cached_kind.ts";
import type { Change } from "../kube/cache/store.ts";
import type { KubeObject, Live } from "../kube/object.ts";
import type { ClusterCache } from "../operator/core/cluster_cache.ts";
import { most, others } from "./definitions.ts";
import { type Count, Tally } from "./tally.ts";
import { ToldApart } from "./told_apart.ts";

/** `status.status` of an object that has none yet. */
const unset = "Unset";

interface Reported extends KubeObject {
  status?: {
    status?: string;
    conditions?: readonly { type: string; status: string; reason?: string }[];
  };
}

export class ResourceTally {
  readonly #kinds: ReadonlySet<CachedKind<KubeObject>>;
  readonly #statuses = new Tally<"kind" | "status">();
  readonly #falseConditions = new Tally<"kind" | "type" | "reason">();
  readonly #reasons = new ToldApart(most.conditions);
  /** Bytes on the volume, by the key of the artifact. */
  readonly #downloads = new Map<string, number>();

  /** @param kinds that are counted */
  constructor(cache: ClusterCache, kinds: readonly CachedKind<KubeObject>[]) {
    this.#kinds = new Set(kinds);
    for (const store of cache.stores()) {
      for (const key of store.keys()) {
        const slash = key.indexOf("/");
        const after = store.get(key.slice(0, slash), key.slice(slash + 1));
        this.#changed({ kind: store.kind, key, before: undefined, after, touched: [] });
      }
    }
    cache.listen({ changed: (change) => this.#changed(change) });
  }

  /** How many objects of each kind have each status. */
  get statuses(): Count<"kind" | "status">[] {
    return this.#statuses.counts;
  }

  /** How many objects of each kind have which condition False for which reason. */
  get falseConditions(): Count<"kind" | "type" | "reason">[] {
    return this.#falseConditions.counts;
  }

  /** Of each artifact that is being downloaded the bytes on its volume; those that are too many in one. */
  get downloads(): Count<"namespace" | "artifact">[] {
    const counts: Count<"namespace" | "artifact">[] = [];
    let rest: number | undefined;
    for (const [key, count] of this.#downloads) {
      const [namespace, artifact] = key.split("/");
      if (counts.length < most.downloads) counts.push({ labels: { namespace, artifact }, count });
      else rest = (rest ?? 0) + count;
    }
    if (rest !== undefined) counts.push({ labels: { namespace: "", artifact: others }, count: rest });
    return counts;
  }

  #changed({ kind, key, before, after }: Change): void {
    if (!this.#kinds.has(kind)) return;
    if (before !== undefined) this.#count(kind.resource.kind, before, -1);
    if (after !== undefined) this.#count(kind.resource.kind, after, 1);
    if (kind.id === artifacts.id) this.#noteDownload(key, after as Live<AIMArtifact> | undefined);
  }

  #count(kind: string, { status }: Live<Reported>, by: number): void {
    this.#statuses.add({ kind, status: status?.status || unset }, by);
    for (const { type, status: truth, reason = "" } of status?.conditions ?? []) {
      if (truth !== "False") continue;
      const known = this.#reasons.has(`${type} ${reason}`);
      this.#falseConditions.add({ kind, type: known ? type : others, reason: known ? reason : others }, by);
    }
  }

  #noteDownload(key: string, artifact: Live<AIMArtifact> | undefined): void {
    const { status, progress } = artifact?.status ?? {};
    const bytes = progress?.downloadedBytes;
    if (bytes === undefined || status === "Ready") this.#downloads.delete(key);
    else this.#downloads.set(key, Number(bytes));
  }
}

/** How many discovery Jobs run: those that hold one of the places (models-and-templates.md §5.6). */
export function countDiscoveries(cache: ClusterCache): number {
  const store = [...cache.stores()].find(({ kind }) => kind.id === activeDiscoveries.kind.id);
  return store?.count(activeDiscoveries as unknown as Index<KubeObject>, "") ?? 0;
}
