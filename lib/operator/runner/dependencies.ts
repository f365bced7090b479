/**
 * From a change to the keys that must run: the recorded reads, the shared queries between them, and the
 * facts. This is what stands in for hand-written watches and mapping functions.
 */

import { equalJson } from "../../kube/json/equal.ts";
import type { KubeObject } from "../../kube/object.ts";
import type { Change, Store } from "../../kube/cache/store.ts";
import type { ClusterCache } from "../core/cluster_cache.ts";
import type { Facts } from "./facts.ts";
import { noReads, read, type Reader, Reads } from "./reads.ts";
import { type Answers, RecordingView } from "./recording_view.ts";
import { type Instant, type Query, type QueryArgument, type View } from "../core/view.ts";

/** A fan-out above this many keys is a storm: its keys go into the bulk lane (core.md "Storms"). */
const stormSize = 64;

/** A key as a reader. The runner's keys extend it. */
export interface KeyReader extends Reader {
  readonly query?: undefined;
}

interface QueryReader extends Reader {
  readonly query: Query<QueryArgument, unknown>;
  readonly arg: QueryArgument;
  readonly name: string;
  value: unknown;
  stale: boolean;
}

export interface Wake<K> {
  /** Called once for each key that a change concerns. `change` is absent for queries, facts and states. */
  (key: K, lane: "interactive" | "bulk", change: Change | undefined): void;
}

export class Dependencies<K extends KeyReader> implements Answers {
  readonly #reads = new Reads<K | QueryReader>((name) => this.#unread(name));
  readonly #queries = new Map<string, QueryReader>();
  readonly #stale = new Set<QueryReader>();

  constructor(
    private readonly cache: ClusterCache,
    private readonly facts: () => Facts,
    private readonly wake: Wake<K>,
  ) {}

  /**
   * Runs a pass and makes what it read the key's watches. If the pass throws, the reads of the last pass that did not
   * count as well: whatever it still wanted to read, it had a reason to read before.
   * @param own names reads that the pass does implicitly (its own object, its children).
   */
  record<R>(
    key: K,
    reached: (moment: Instant) => boolean,
    pass: (view: View) => R,
    own: (result: R | undefined) => string[],
  ): R {
    const reads = new Set<string>();
    try {
      const result = pass(new RecordingView(this, this.cache, this.facts(), reads, reached));
      for (const name of own(result)) reads.add(name);
      this.#reads.replace(key, reads);
      return result;
    } catch (error) {
      for (const name of own(undefined)) reads.add(name);
      this.#reads.replace(key, reads, true);
      throw error;
    }
  }

  /** The key is gone: it reads nothing any more. */
  drop(key: K): void {
    this.#reads.drop(key);
  }

  /** Wakes the readers of a changed object and of the index values that it left, entered or kept. */
  changed(change: Change): void {
    const readers = new Set<K | QueryReader>();
    this.#collect(readers, read.object(change.kind.id, change.key));
    for (const { index, value, emptiness } of change.touched) {
      this.#collect(readers, read.index(index.id, value));
      if (emptiness) this.#collect(readers, read.any(index.id, value));
    }
    this.#dispatch(readers, change);
  }

  /** Wakes everybody who read anything of a kind: it has synced, was installed or was removed. */
  stateChanged(store: Store<KubeObject>): void {
    this.touched(read.state(store.kind.id));
  }

  /** Wakes the readers of one read (a fact that settled). */
  touched(name: string): void {
    const readers = new Set<K | QueryReader>();
    this.#collect(readers, name);
    this.#dispatch(readers, undefined);
  }

  /**
   * Recomputes the queries that a change touched and wakes the readers of those whose answer changed. Must
   * run before the next pass; a burst of changes costs one computation.
   */
  refresh(): void {
    for (let query = first(this.#stale); query !== undefined; query = first(this.#stale)) {
      try {
        this.#recompute(query);
      } catch {
        // No answer now: a store has not synced, or an object is not as the query takes for granted. Whoever
        // asks again meets the error in a pass of their own, where it parks or fails that pass alone.
        this.#forget(query);
      }
    }
  }

  /** The answer of a shared query, computed now if nobody asked before. */
  answer<A extends QueryArgument, R>(query: Query<A, R>, arg: A, name: string, reads: Set<string>): R {
    let reader = this.#queries.get(name);
    if (reader !== undefined && reader.stale) this.#recompute(reader);
    if (reader === undefined) {
      const nested = new Set<string>();
      let value: R;
      try {
        value = query.answer(new RecordingView(this, this.cache, this.facts(), nested, noClock), arg);
      } catch (error) {
        for (const each of nested) reads.add(each);
        throw error;
      }
      reader = {
        query: query as unknown as Query<QueryArgument, unknown>,
        arg,
        name,
        value,
        stale: false,
        reads: noReads,
      };
      this.#queries.set(name, reader);
      this.#reads.replace(reader, nested);
    }
    return reader.value as R;
  }

  /** The reads of a key's last pass, as text: "what did this decision look at?". */
  readsOf(key: K): string[] {
    return this.#reads.namesOf(key);
  }

  /** Sizes of what is held, to see that a key gone leaves nothing behind. */
  get sizes(): { reads: number; queries: number; stale: number } {
    return { reads: this.#reads.size, queries: this.#queries.size, stale: this.#stale.size };
  }

  #collect(into: Set<K | QueryReader>, name: string): void {
    for (const reader of this.#reads.readersOf(name)) into.add(reader);
  }

  #dispatch(readers: ReadonlySet<K | QueryReader>, change: Change | undefined): void {
    const lane = readers.size > stormSize ? "bulk" : "interactive";
    for (const reader of readers) {
      if (reader.query === undefined) this.wake(reader as K, lane, change);
      else this.#markStale(reader as QueryReader);
    }
  }

  #markStale(query: QueryReader): void {
    query.stale = true;
    this.#stale.add(query);
  }

  #recompute(reader: QueryReader): void {
    this.#stale.delete(reader);
    reader.stale = false;
    const reads = new Set<string>();
    const view = new RecordingView(this, this.cache, this.facts(), reads, noClock);
    let value: unknown;
    try {
      value = reader.query.answer(view, reader.arg);
    } catch (error) {
      this.#reads.replace(reader, reads, true);
      this.#markStale(reader);
      throw error;
    }
    this.#reads.replace(reader, reads);
    if (equalJson(value, reader.value)) return;
    reader.value = value;
    this.touched(reader.name);
  }

  /** Makes the readers of a query ask again. */
  #forget(query: QueryReader): void {
    const readers = [...this.#reads.readersOf(query.name)];
    this.#stale.delete(query);
    this.#queries.delete(query.name);
    this.#reads.drop(query);
    this.#dispatch(new Set(readers), undefined);
  }

  #unread(name: string): void {
    if (name.startsWith("f")) this.facts().unread(name);
    const query = name.startsWith("q") ? this.#queries.get(name) : undefined;
    if (query === undefined) return;
    this.#queries.delete(name);
    this.#stale.delete(query);
    this.#reads.drop(query);
  }
}

/** A query is shared by keys that asked at different moments: it may not depend on the clock. */
const noClock = (): never => {
  throw new Error("a shared query may not read the clock");
};

function first<T>(set: ReadonlySet<T>): T | undefined {
  return set.values().next().value;
}
