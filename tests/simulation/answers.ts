import type { CachedKind, Index } from "../../lib/kube/cache/cached_kind.ts";
import { equalJson } from "../../lib/kube/json/equal.ts";
import type { KubeObject, Live } from "../../lib/kube/object.ts";
import type { ClusterCache } from "../../lib/operator/core/cluster_cache.ts";
import type { Facts } from "../../lib/operator/runner/facts.ts";
import type { QueryArgument } from "../../lib/operator/core/view.ts";
import { askedQueries, PlainView, split } from "./settled_state.ts";

/** What a recorded read is about, found again by its name (`read` in lib/operator/runner/reads.ts). */
export class Questions {
  constructor(private readonly kinds: readonly CachedKind<KubeObject>[]) {}

  /** Whether a read has another answer in `after` than in `before`. Facts have the same one. */
  differs(name: string, before: ClusterCache, after: ClusterCache, facts: Facts): boolean {
    return !equalJson(this.#answer(name, before, facts), this.#answer(name, after, facts));
  }

  #answer(name: string, cache: ClusterCache, facts: Facts): unknown {
    const bar = name.indexOf("|");
    const [sort, rest] = [name[0], name.slice(bar + 1)];
    const id = Number(name.slice(1, bar < 0 ? undefined : bar));
    if (sort === "f") return undefined;
    if (sort === "q") {
      const query = askedQueries.get(id)!;
      const arg = (rest.includes("\u0000") ? rest.split("\u0000") : rest) as QueryArgument;
      return query.answer(new PlainView(cache, facts, NaN), arg);
    }
    if (sort === "s") return cache.store(this.#kind(id)).state;
    if (sort === "o") {
      const object = cache.store(this.#kind(id)).get(...split(rest));
      return object === undefined ? undefined : said(object);
    }
    const index = this.#index(id);
    const objects = cache.store(index.kind).list(index, rest);
    return sort === "a" ? objects.length > 0 : objects.map(said);
  }

  #kind(id: number): CachedKind<KubeObject> {
    return this.kinds.find((kind) => kind.id === id)!;
  }

  #index(id: number): Index<KubeObject> {
    return this.kinds.flatMap(({ indexes }) => indexes).find((index) => index.id === id)!;
  }
}

/** An object without its version, which is no part of what it says. */
function said({ metadata: { resourceVersion: _, ...metadata }, ...rest }: Live<KubeObject>): unknown {
  return { ...rest, metadata };
}
