/** The view that a pass sees: it answers from the cache and writes down every question. */

import type { CachedKind, Index } from "../../kube/cache/cached_kind.ts";
import { keyOf, type KubeObject, type Live } from "../../kube/object.ts";
import type { Store } from "../../kube/cache/store.ts";
import type { ClusterCache } from "../core/cluster_cache.ts";
import type { Facts } from "./facts.ts";
import { read } from "./reads.ts";
import {
  type Fact,
  type Instant,
  type Known,
  type Query,
  type QueryArgument,
  type Reach,
  type Seen,
  Uninstalled,
  Unsynced,
  type View,
} from "../core/view.ts";

/** Who computes and keeps the answers of shared queries. */
export interface Answers {
  answer<A extends QueryArgument, R>(query: Query<A, R>, arg: A, name: string, reads: Set<string>): R;
}

export class RecordingView implements View {
  constructor(
    private readonly answers: Answers,
    private readonly cache: ClusterCache,
    private readonly facts: Facts,
    private readonly reads: Set<string>,
    readonly reached: (moment: Instant) => boolean,
  ) {}

  get<T extends KubeObject, O extends boolean>(
    kind: CachedKind<T, O>,
    namespace: string | undefined,
    name: string,
  ): Seen<Live<T> | undefined, O> {
    const store = this.#open(kind);
    this.reads.add(read.object(kind.id, keyOf(namespace, name)));
    return (store === undefined ? Uninstalled : store.get(namespace, name)) as Seen<Live<T> | undefined, O>;
  }

  list<T extends KubeObject, O extends boolean>(
    index: Index<T, O>,
    value: string,
  ): Seen<readonly Live<T>[], O> {
    const store = this.#open(index.kind);
    this.reads.add(read.index(index.id, value));
    return (store === undefined ? Uninstalled : store.list(index, value)) as Seen<readonly Live<T>[], O>;
  }

  any<T extends KubeObject, O extends boolean>(index: Index<T, O>, value: string): Seen<boolean, O> {
    const store = this.#open(index.kind);
    this.reads.add(read.any(index.id, value));
    return (store === undefined ? Uninstalled : store.any(index, value)) as Seen<boolean, O>;
  }

  reach<T extends KubeObject, O extends boolean>(kind: CachedKind<T, O>): Reach {
    this.#open(kind);
    return this.cache.reach(kind as unknown as CachedKind<KubeObject>);
  }

  query<A extends QueryArgument, R>(query: Query<A, R>, arg: A): R {
    const name = read.query(query.id, typeof arg === "string" ? arg : arg.join("\u0000"));
    const answer = this.answers.answer(query, arg, name, this.reads);
    this.reads.add(name);
    return answer;
  }

  fact<A, F>(fact: Fact<A, F>, arg: A): Known<F> {
    this.reads.add(read.fact(fact.name, fact.keyOf(arg)));
    return this.facts.ask(fact, arg);
  }

  /**
   * The kind's store once it has synced; undefined if the kind is not installed. Nobody reckons with the absence
   * of a required kind (its CRD was removed, say): who asks for it waits until it is there again.
   */
  #open<T extends KubeObject>(kind: CachedKind<T>): Store<T> | undefined {
    const store = this.cache.store(kind);
    this.reads.add(read.state(kind.id));
    if (store.state === "syncing" || (store.state === "uninstalled" && !kind.optional)) {
      throw new Unsynced(kind as unknown as CachedKind<KubeObject>);
    }
    return store.state === "uninstalled" ? undefined : store;
  }
}
