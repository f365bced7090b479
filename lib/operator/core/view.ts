/**
 * What a reconcile may look at. Every call is a recorded read: the set of reads of a key's last pass is the
 * set of its watches (core.md "Contract").
 */

import type { CachedKind, Index } from "../../kube/cache/cached_kind.ts";
import type { KubeObject, Live } from "../../kube/object.ts";

/** The answer about a kind that this cluster does not have (KServe, Gateway API may come later). */
export const Uninstalled: unique symbol = Symbol("kind not installed");
export type Uninstalled = typeof Uninstalled;

/** An optional kind may be absent as a whole; a required one may not. */
export type Seen<T, Optional extends boolean> = T | (Optional extends true ? Uninstalled : never);

/**
 * What the operator may do with the objects of a kind. In scoped mode those of a cluster kind are only read, or not even
 * that: then a read answers as if there were none, and who misses one asks this before saying that it does not exist.
 */
export type Reach = "full" | "read" | "none";

/** A moment: RFC 3339 text as Kubernetes stores it, or milliseconds since 1970. */
export type Instant = string | number;

/** What is known of a fact. `Pending` wakes the reader when it is settled. */
export type Known<F> =
  | { readonly state: "known"; readonly value: F }
  | { readonly state: "pending" }
  | { readonly state: "failed"; readonly error: Error };

/** Something that only the outside knows. `key` must tell apart everything that `fetch` depends on. */
export interface Fact<A, F> {
  readonly name: string;
  readonly keyOf: (arg: A) => string;
  /** Never set: it carries the type of the value. */
  readonly value?: F;
}

/** A pure question over the cache whose answer many keys share. */
export interface Query<A extends QueryArgument, R> {
  readonly name: string;
  readonly id: number;
  readonly answer: (view: Reading, arg: A) => R;
}

/** Small and comparable: arguments are memo keys. */
export type QueryArgument = string | readonly string[];

/** Reads of the cache: all that a query may do. */
export interface Reading {
  /** The object, or undefined. Wakes on any change of its projection. */
  get<T extends KubeObject, O extends boolean>(
    kind: CachedKind<T, O>,
    namespace: string | undefined,
    name: string,
  ): Seen<Live<T> | undefined, O>;
  /** The objects with that index value, sorted by key. Wakes when one comes, goes or changes. */
  list<T extends KubeObject, O extends boolean>(
    index: Index<T, O>,
    value: string,
  ): Seen<readonly Live<T>[], O>;
  /** Whether there is one. Wakes on empty ⇄ non-empty only. */
  any<T extends KubeObject, O extends boolean>(index: Index<T, O>, value: string): Seen<boolean, O>;
  /** What may be done with the kind's objects. Wakes when the kind has synced, comes or goes. */
  reach<T extends KubeObject, O extends boolean>(kind: CachedKind<T, O>): Reach;
  /** A shared, memoised answer. Wakes only if the answer changed. */
  query<A extends QueryArgument, R>(query: Query<A, R>, arg: A): R;
}

export interface View extends Reading {
  fact<A, F>(fact: Fact<A, F>, arg: A): Known<F>;
  /**
   * The only clock: whether that moment has come. False registers a deadline that wakes the key; true is
   * final. Compare against stored timestamps, never against the time of this pass.
   */
  reached(moment: Instant): boolean;
}

let queries = 0;

/** Defines a shared query. Call once, at module level. */
export function defineQuery<A extends QueryArgument, R>(
  name: string,
  answer: (view: Reading, arg: A) => R,
): Query<A, R> {
  return { name, id: queries++, answer };
}

/** Thrown by a read of a store that has not synced: the pass parks and is woken when it has. */
export class Unsynced extends Error {
  constructor(kind: CachedKind<KubeObject>) {
    super(`the cache of ${kind.resource.plural} has not synced yet`);
    this.name = "Unsynced";
  }
}

/** Whether an answer is about an installed kind, and there is one. */
export function present<T>(seen: T | Uninstalled | undefined): seen is T {
  return seen !== Uninstalled && seen !== undefined;
}
