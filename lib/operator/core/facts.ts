/**
 * The facts room: what only the outside knows (a registry's metadata, a pod's log). A reconcile asks the
 * view; here it is fetched with bounded concurrency, timeout and retry, kept while somebody reads it, and
 * whoever asked is woken when the value changes. Never fetched twice for one key while fresh.
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
  /** First and longest wait before a failed fetch is tried again; the wait doubles, ±20 %. */
  readonly retry: { readonly first: number; readonly longest: number };
}

interface Entry {
  readonly read: string;
  readonly source: FactSource<unknown, unknown>;
  readonly arg: unknown;
  known: Known<unknown>;
  failures: number;
  /** Cancels the timer for the next fetch, or the fetch under way. */
  cancel: (() => void) | undefined;
}

const concurrency = 8;

export class Facts {
  readonly #sources = new Map<string, FactSource<unknown, unknown>>();
  readonly #entries = new Map<string, Entry>();
  readonly #waiting: Entry[] = [];
  #running = 0;

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
      entry = { read: name, source, arg, known: { state: "pending" }, failures: 0, cancel: undefined };
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
    const at = this.#waiting.indexOf(entry);
    if (at >= 0) this.#waiting.splice(at, 1);
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Whether nothing is being fetched or waits for its turn. */
  get idle(): boolean {
    return this.#running === 0 && this.#waiting.length === 0;
  }

  stop(): void {
    for (const name of [...this.#entries.keys()]) this.unread(name);
  }

  #enqueue(entry: Entry): void {
    this.#waiting.push(entry);
    this.#next();
  }

  #next(): void {
    while (this.#running < concurrency && this.#waiting.length > 0) this.#fetch(this.#waiting.shift()!);
  }

  async #fetch(entry: Entry): Promise<void> {
    this.#running++;
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
      this.#running--;
    }
    if (this.#entries.get(entry.read) === entry) this.#settle(entry, next);
    this.#next();
  }

  #settle(entry: Entry, next: Known<unknown>): void {
    const { source } = entry;
    const { first, longest } = source.retry;
    const wait = next.state === "known"
      ? source.freshFor
      : Math.min(longest, first * 2 ** (entry.failures - 1)) * (0.8 + 0.4 * this.random());
    entry.cancel = wait === Infinity
      ? undefined
      : this.clock.schedule(this.clock.now() + wait, () => this.#enqueue(entry));
    const changed = !sameKnown(entry.known, next);
    entry.known = next;
    if (changed) this.settled(entry.read);
  }
}

/** Expiry refetches; only a changed value (or another failure text) wakes. */
function sameKnown(a: Known<unknown>, b: Known<unknown>): boolean {
  if (a.state === "known" && b.state === "known") return equalJson(a.value, b.value);
  if (a.state === "failed" && b.state === "failed") return a.error.message === b.error.message;
  return false;
}
