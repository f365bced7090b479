/** The view that the operator's own functions get here: it answers from what was read, and keeps each question in words. */

import type { CachedKind, Index } from "../../kube/cache/cached_kind.ts";
import { keyOf, type KubeObject, type Live } from "../../kube/object.ts";
import type { ClusterCache } from "../../operator/core/cluster_cache.ts";
import {
  type Fact,
  type Instant,
  type Known,
  type Query,
  type QueryArgument,
  type Reach,
  type Seen,
  Uninstalled,
  type View,
} from "../../operator/core/view.ts";

/** Something that a decision looked at. */
export interface Question {
  /** A kind; of a fact its name. */
  readonly kind: string;
  /** `namespace/name` of one object, or the value by which several were looked for. */
  readonly about: string;
  /** Which index was asked; absent where it was one object. */
  readonly by?: string;
  /** How many objects there were. */
  readonly found: number;
}

/**
 * Nothing is asked of the outside: a fact counts as not known yet, as it does in an operator that has just started.
 */
export class Look implements View {
  readonly #asked = new Map<string, Question>();
  readonly #answers = new Map<string, unknown>();

  constructor(private readonly cache: ClusterCache, private readonly now: number) {}

  /** What was asked since this view was made, each question once. */
  get asked(): readonly Question[] {
    return [...this.#asked.values()];
  }

  get<T extends KubeObject, O extends boolean>(
    kind: CachedKind<T, O>,
    namespace: string | undefined,
    name: string,
  ): Seen<Live<T> | undefined, O> {
    const found = this.cache.store(kind).get(namespace, name);
    this.#note({ kind: kind.resource.kind, about: keyOf(namespace, name), found: found ? 1 : 0 });
    return this.#seen(kind, found);
  }

  list<T extends KubeObject, O extends boolean>(
    index: Index<T, O>,
    value: string,
  ): Seen<readonly Live<T>[], O> {
    const found = this.cache.store(index.kind).list(index, value);
    this.#noteIndex(index, value, found.length);
    return this.#seen(index.kind, found);
  }

  any<T extends KubeObject, O extends boolean>(index: Index<T, O>, value: string): Seen<boolean, O> {
    const store = this.cache.store(index.kind);
    this.#noteIndex(index, value, store.count(index, value));
    return this.#seen(index.kind, store.any(index, value));
  }

  reach<T extends KubeObject, O extends boolean>(kind: CachedKind<T, O>): Reach {
    // Who reads one namespace only may still be told of an operator that acts on all: what is read counts as in reach.
    return this.cache.store(kind).state === "unreadable" ? "none" : "full";
  }

  query<A extends QueryArgument, R>(query: Query<A, R>, arg: A): R {
    const key = JSON.stringify([query.id, arg]);
    if (!this.#answers.has(key)) this.#answers.set(key, query.answer(this, arg));
    return this.#answers.get(key) as R;
  }

  fact<A, F>(fact: Fact<A, F>, arg: A): Known<F> {
    this.#note({ kind: fact.name, about: fact.keyOf(arg), by: "fact", found: 0 });
    return { state: "pending" };
  }

  reached(moment: Instant): boolean {
    return this.now >= (typeof moment === "number" ? moment : Date.parse(moment));
  }

  #seen<T extends KubeObject, O extends boolean, R>(kind: CachedKind<T, O>, answer: R): Seen<R, O> {
    const { state } = this.cache.store(kind);
    return (state === "uninstalled" && kind.optional ? Uninstalled : answer) as Seen<R, O>;
  }

  #noteIndex<T extends KubeObject, O extends boolean>(
    index: Index<T, O>,
    value: string,
    found: number,
  ): void {
    this.#note({ kind: index.kind.resource.kind, about: value, by: index.name, found });
  }

  #note(question: Question): void {
    this.#asked.set(`${question.kind} ${question.by ?? ""} ${question.about}`, question);
  }
}
