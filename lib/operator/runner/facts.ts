/**
 * Facts: what only the outside knows (a registry's metadata, a pod's log). A reconcile asks the
 * view; here it is fetched with bounded concurrency, timeout and retry, kept while somebody reads it, and
 * whoever asked is woken when the value changes. Never fetched twice for one key while fresh. Each place that
 * is asked has a lane of its own, so that one which does not answer holds up nobody who asks another. Lanes that
 * share something scarce are one pool; of its lanes the one with the fewest fetches under way comes first.
 */

import { backoffAfter } from "../../kube/backoff.ts";
import { equalJson } from "../../kube/json/equal.ts";
import type { Clock } from "../core/clock.ts";
import { read } from "./reads.ts";
import type { Fact, Known } from "../core/view.ts";

/** How one kind of fact is fetched. All times in milliseconds. */
export interface FactSource<A, F> {
  readonly fact: Fact<A, F>;
  /** @param before what the last fetch brought, if it brought something */
  readonly fetch: (arg: A, signal: AbortSignal, before?: F) => Promise<F>;
  readonly timeout: number;
  /** How long a value counts as fresh; Infinity for what cannot change (a digest, a finished log). */
  readonly freshFor: number | ((value: F) => number);
  /**
   * How long the first fetch waits, where what an earlier process fetched is still fresh. Default: not at all. It begins at
   * once when somebody asks who cannot wait.
   */
  readonly firstWait?: (arg: A) => number;
  readonly retry: Retry | ((error: Error) => Retry);
  /** Who is asked; by default one lane for all facts of this kind. Eight fetches of a lane run at once. */
  readonly lane?: (arg: A) => string;
  /** What its lanes share with those of other sources; by default nothing. */
  readonly pool?: Pool;
}

/** Of all lanes of a pool no more fetches run at once than this. One constant for all who share it. */
export interface Pool {
  readonly width: number;
}

/** A source of any kind of fact. */
// deno-lint-ignore no-explicit-any
export type AnyFactSource = FactSource<any, any>;

/**
 * First and longest wait before a failed fetch is tried again; the wait doubles, ±20 %. A first wait of Infinity:
 * it cannot succeed before the question is another one.
 */
export interface Retry {
  readonly first: number;
  readonly longest: number;
}

/** Fetches that take turns. */
interface Lane {
  readonly waiting: Entry[];
  running: number;
}

/** The lanes of a pool. */
interface SharedLanes {
  readonly lanes: Map<string, Lane>;
  running: number;
}

interface Entry {
  readonly read: string;
  readonly source: FactSource<unknown, unknown>;
  readonly arg: unknown;
  readonly lane: string;
  known: Known<unknown>;
  failures: number;
  /** Whether its first fetch waits for its time. */
  delayed: boolean;
  /** Whether it waits for its next fetch. */
  resting: boolean;
  /** Cancels the timer for the next fetch, or the fetch under way. */
  cancel: (() => void) | undefined;
}

/** How many fetches of a lane run at once. */
const laneWidth = 8;

/** The pool of sources that share nothing. */
const unlimited: Pool = { width: Infinity };

export class Facts {
  readonly #sources = new Map<string, FactSource<unknown, unknown>>();
  readonly #entries = new Map<string, Entry>();
  /** Only pools and lanes in which something is fetched or waits. */
  readonly #pools = new Map<Pool, SharedLanes>();

  /**
   * @param settled is called with the read whose answer changed.
   * @param random in [0, 1): the jitter.
   */
  constructor(
    private readonly clock: Clock,
    private readonly settled: (read: string) => void,
    private readonly random: () => number = Math.random,
  ) {}

  provide<A, F>(source: FactSource<A, F>): void {
    this.#sources.set(source.fact.name, source as unknown as FactSource<unknown, unknown>);
  }

  /** What is known now; starts a fetch if nobody asked before. */
  ask<A, F>(fact: Fact<A, F>, arg: A): Known<F> {
    const name = read.fact(fact.name, fact.keyOf(arg));
    let entry = this.#entries.get(name);
    if (entry === undefined) {
      const source = this.#sources.get(fact.name);
      if (source === undefined) throw new Error(`nobody provides the fact ${fact.name}`);
      entry = {
        read: name,
        source,
        arg,
        lane: source.lane?.(arg) ?? fact.name,
        known: { state: "pending" },
        failures: 0,
        delayed: false,
        resting: false,
        cancel: undefined,
      };
      this.#entries.set(name, entry);
      this.#enqueueAfter(source.firstWait?.(arg) ?? 0, entry);
    } else if (entry.delayed && !(entry.source.firstWait!(arg) > 0)) {
      entry.cancel?.();
      this.#enqueue(entry);
    }
    return entry.known as Known<F>;
  }

  /** Nobody reads it any more: no fetch, no timer, no value. */
  unread(name: string): void {
    const entry = this.#entries.get(name);
    if (entry === undefined) return;
    this.#entries.delete(name);
    entry.cancel?.();
    const { waiting = [] } = this.#pools.get(poolOf(entry))?.lanes.get(entry.lane) ?? {};
    const at = waiting.indexOf(entry);
    if (at < 0) return;
    waiting.splice(at, 1);
    this.#leaveIfIdle(entry);
  }

  /** Fetches anew, at once, what has failed by such an error. */
  tryAgain(isMeant: (error: Error) => boolean): void {
    for (const entry of this.#entries.values()) {
      if (!entry.resting || entry.known.state !== "failed" || !isMeant(entry.known.error)) continue;
      entry.cancel?.();
      this.#enqueue(entry);
    }
  }

  get size(): number {
    return this.#entries.size;
  }

  /** How many lanes something is fetched or waits in. */
  get lanes(): number {
    let lanes = 0;
    for (const shared of this.#pools.values()) lanes += shared.lanes.size;
    return lanes;
  }

  /** Whether nothing is being fetched or waits for its turn. */
  get idle(): boolean {
    return this.#pools.size === 0;
  }

  stop(): void {
    for (const name of [...this.#entries.keys()]) this.unread(name);
  }

  #enqueueAfter(wait: number, entry: Entry): void {
    entry.delayed = wait > 0;
    if (entry.delayed) entry.cancel = this.clock.after(wait, () => this.#enqueue(entry));
    else this.#enqueue(entry);
  }

  #enqueue(entry: Entry): void {
    entry.delayed = false;
    entry.resting = false;
    const pool = poolOf(entry);
    let shared = this.#pools.get(pool);
    if (shared === undefined) this.#pools.set(pool, shared = { lanes: new Map(), running: 0 });
    let lane = shared.lanes.get(entry.lane);
    if (lane === undefined) shared.lanes.set(entry.lane, lane = { waiting: [], running: 0 });
    lane.waiting.push(entry);
    this.#next(pool);
  }

  #next(pool: Pool): void {
    for (;;) {
      const shared = this.#pools.get(pool);
      if (shared === undefined || shared.running >= pool.width) return;
      const lane = leastBusy(shared.lanes.values());
      if (lane === undefined) return;
      this.#fetch(lane.waiting.shift()!, shared, lane);
    }
  }

  async #fetch(entry: Entry, shared: SharedLanes, lane: Lane): Promise<void> {
    shared.running++;
    lane.running++;
    const abort = new AbortController();
    entry.cancel = () => abort.abort();
    const { source } = entry;
    const stopTimer = this.clock.after(
      source.timeout,
      () => abort.abort(new DOMException(`no answer within ${source.timeout} ms`, "TimeoutError")),
    );
    let next: Known<unknown>;
    try {
      const before = entry.known.state === "known" ? entry.known.value : undefined;
      next = { state: "known", value: await source.fetch(entry.arg, abort.signal, before) };
      entry.failures = 0;
    } catch (error) {
      next = { state: "failed", error: error instanceof Error ? error : new Error(String(error)) };
      entry.failures++;
    } finally {
      stopTimer();
      shared.running--;
      lane.running--;
      this.#leaveIfIdle(entry);
    }
    if (this.#entries.get(entry.read) === entry) this.#settle(entry, next);
    this.#next(poolOf(entry));
  }

  /** Forgets the entry's lane, and its pool, where nothing is fetched or waits any more. */
  #leaveIfIdle(entry: Entry): void {
    const pool = poolOf(entry);
    const lanes = this.#pools.get(pool)?.lanes;
    const lane = lanes?.get(entry.lane);
    if (lane?.running === 0 && lane.waiting.length === 0) lanes!.delete(entry.lane);
    if (lanes?.size === 0) this.#pools.delete(pool);
  }

  #settle(entry: Entry, next: Known<unknown>): void {
    const wait = this.#waitAfter(entry, next);
    entry.cancel = wait === Infinity ? undefined : this.clock.after(wait, () => this.#enqueue(entry));
    entry.resting = true;
    const changed = !sameKnown(entry.known, next);
    entry.known = next;
    if (changed) this.settled(entry.read);
  }

  /** How long the answer stands before it is asked for again, in milliseconds. */
  #waitAfter({ source, failures }: Entry, answer: Known<unknown>): number {
    if (answer.state === "known" && typeof source.freshFor === "function") {
      return source.freshFor(answer.value);
    }
    if (answer.state !== "failed") return source.freshFor as number;
    const bounds = typeof source.retry === "function" ? source.retry(answer.error) : source.retry;
    return bounds.first === Infinity
      ? Infinity
      : backoffAfter(failures, { jitter: 0.2, ...bounds }, this.random());
  }
}

function poolOf({ source }: Entry): Pool {
  return source.pool ?? unlimited;
}

/** Of the lanes that may run more and have something waiting, the one with the fewest under way. */
function leastBusy(lanes: Iterable<Lane>): Lane | undefined {
  let least: Lane | undefined;
  for (const lane of lanes) {
    if (lane.waiting.length === 0 || lane.running >= (least?.running ?? laneWidth)) continue;
    least = lane;
  }
  return least;
}

/** Expiry refetches; only a changed value (or another failure text) wakes. */
function sameKnown(a: Known<unknown>, b: Known<unknown>): boolean {
  if (a.state === "known" && b.state === "known") return equalJson(a.value, b.value);
  if (a.state === "failed" && b.state === "failed") return a.error.message === b.error.message;
  return false;
}
