/**
 * The facts room: what only the outside knows (a registry's metadata, a pod's log). A reconcile asks the
 * view; here it is fetched with bounded concurrency, timeout and retry, kept while somebody reads it, and
 * whoever asked is woken when the value changes. Never fetched twice for one key while fresh. Each place that
 * is asked has a lane of its own, so that one which does not answer holds up nobody who asks another.
 */

import { equalJson } from "../../kube/equal.ts";
import type { Clock } from "./clock.ts";
import { read } from "./reads.ts";
import type { Fact, Known } from "./view.ts";

/** How one kind of fact is fetched. All times in milliseconds. */
export interface FactSource<A, F> {
  readonly fact: Fact<A, F>;
  readonly fetch: (arg: A, signal: AbortSignal) => Promise<F>;
  readonly timeout: number;
  /** How long a value counts as fresh; Infinity for what cannot change (a digest, a finished log). */
  readonly freshFor: number;
  readonly retry: Retry | ((error: Error) => Retry);
  /** Who is asked; by default one lane for all facts of this kind. Eight fetches of a lane run at once. */
  readonly lane?: (arg: A) => string;
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

interface Entry {
  readonly read: string;
  readonly source: FactSource<unknown, unknown>;
  readonly arg: unknown;
  readonly lane: string;
  known: Known<unknown>;
  failures: number;
  /** Cancels the timer for the next fetch, or the fetch under way. */
  cancel: (() => void) | undefined;
}

/** How many fetches of a lane run at once. */
const laneWidth = 8;

export class Facts {
  readonly #sources = new Map<string, FactSource<unknown, unknown>>();
  readonly #entries = new Map<string, Entry>();
  /** Only lanes in which something is fetched or waits. */
  readonly #lanes = new Map<string, Lane>();

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
        cancel: undefined,
      };
      this.#entries.set(name, entry);
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
    const waiting = this.#lanes.get(entry.lane)?.waiting ?? [];
    const at = waiting.indexOf(entry);
    if (at >= 0) waiting.splice(at, 1);
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Whether nothing is being fetched or waits for its turn. */
  get idle(): boolean {
    return this.#lanes.size === 0;
  }

  stop(): void {
    for (const name of [...this.#entries.keys()]) this.unread(name);
  }

  #enqueue(entry: Entry): void {
    let lane = this.#lanes.get(entry.lane);
    if (lane === undefined) this.#lanes.set(entry.lane, lane = { waiting: [], running: 0 });
    lane.waiting.push(entry);
    this.#next(lane);
  }

  #next(lane: Lane): void {
    while (lane.running < laneWidth && lane.waiting.length > 0) this.#fetch(lane.waiting.shift()!, lane);
  }

  async #fetch(entry: Entry, lane: Lane): Promise<void> {
    lane.running++;
    const abort = new AbortController();
    entry.cancel = () => abort.abort();
    const { source } = entry;
    const stopTimer = this.clock.schedule(
      this.clock.now() + source.timeout,
      () => abort.abort(new DOMException(`no answer within ${source.timeout} ms`, "TimeoutError")),
    );
    let next: Known<unknown>;
    try {
      next = { state: "known", value: await source.fetch(entry.arg, abort.signal) };
      entry.failures = 0;
    } catch (error) {
      next = { state: "failed", error: error instanceof Error ? error : new Error(String(error)) };
      entry.failures++;
    } finally {
      stopTimer();
      lane.running--;
      if (lane.running === 0 && lane.waiting.length === 0) this.#lanes.delete(entry.lane);
    }
    if (this.#entries.get(entry.read) === entry) this.#settle(entry, next);
    this.#next(lane);
  }

  #settle(entry: Entry, next: Known<unknown>): void {
    const wait = this.#waitAfter(entry, next);
    entry.cancel = wait === Infinity
      ? undefined
      : this.clock.schedule(this.clock.now() + wait, () => this.#enqueue(entry));
    const changed = !sameKnown(entry.known, next);
    entry.known = next;
    if (changed) this.settled(entry.read);
  }

  /** How long the answer stands before it is asked for again, in milliseconds. */
  #waitAfter({ source, failures }: Entry, answer: Known<unknown>): number {
    if (answer.state !== "failed") return source.freshFor;
    const { first, longest } = typeof source.retry === "function" ? source.retry(answer.error) : source.retry;
    if (first === Infinity) return Infinity;
    return Math.min(longest, first * 2 ** (failures - 1)) * (0.8 + 0.4 * this.random());
  }
}

/** Expiry refetches; only a changed value (or another failure text) wakes. */
function sameKnown(a: Known<unknown>, b: Known<unknown>): boolean {
  if (a.state === "known" && b.state === "known") return equalJson(a.value, b.value);
  if (a.state === "failed" && b.state === "failed") return a.error.message === b.error.message;
  return false;
}
