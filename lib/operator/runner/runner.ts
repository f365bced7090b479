/**
 * Runs keys: which, when, and once more when something they looked at has changed.
 *
 * Guarantees (core.md): a key runs after every change of what its last pass read, never twice at once, never
 * while its own writes are in flight, and never on a store that has not synced. Changes that come in between
 * are merged into one later pass. A pass that throws is tried again with backoff; it harms no other key.
 */

import type { CachedKind } from "../../kube/cache/cached_kind.ts";
import { keyOf, type KubeObject, type Live } from "../../kube/object.ts";
import type { Change } from "../../kube/cache/store.ts";
import { Applier, type Result } from "../apply/applier.ts";
import { WaitingStatuses } from "../apply/apply_state.ts";
import type { ApplierHooks } from "../apply/subject.ts";
import { assess, type Assessment, assessStatus, statusToTell } from "../apply/assess.ts";
import { RateLimiter, requeueAfter } from "../apply/rate_limiter.ts";
import { type Clock, monotonicOf } from "../core/clock.ts";
import type { ClusterCache } from "../core/cluster_cache.ts";
import { Deadlines } from "./deadlines.ts";
import { Dependencies } from "./dependencies.ts";
import { Facts } from "./facts.ts";
import { isOwn, Key } from "./key.ts";
import type { AnyController } from "../core/controller.ts";
import { isForWantOfRight } from "../errors/classify.ts";
import type { Pass } from "../core/pass.ts";
import { type Plan, refsOf } from "../core/plan.ts";
import { Queue } from "./queue.ts";
import { read } from "./reads.ts";
import { type Instant, Unsynced } from "../core/view.ts";
import type { WriteGate, Writer } from "../apply/writer.ts";

export interface RunnerHooks extends ApplierHooks {
  /** A key was taken from the queue, after so many seconds in it. */
  taken?(controller: string, waitedSeconds: number): void;
  /**
   * Runs a pass, for what must be around it, as the span of a trace: the requests that it sends are begun within. Absent: it is
   * just run.
   */
  around?(pass: Pass, run: () => void): void;
  reconciled(
    pass: Pass,
    result: "success" | "error" | "requeue" | "requeue_after",
    seconds: number,
  ): void;
  /** A pass, or the status or events of its plan, threw: a mistake of ours. */
  crashed(pass: Pass, error: unknown): void;
  /** The hourly look found a difference that no change had announced. */
  missedWakeup(pass: Pass, what: string): void;
}

/** What a controller has to do at this moment, for metrics. */
export interface Load {
  readonly controller: string;
  readonly waiting: number;
  /** Keys with writes in flight, and since how many seconds: of the oldest, and of all together. */
  readonly running: number;
  readonly longestSeconds: number;
  readonly totalSeconds: number;
}

export interface RunnerOptions {
  readonly cache: ClusterCache;
  readonly controllers: readonly AnyController[];
  readonly writer: Writer;
  readonly gate: WriteGate;
  readonly clock: Clock;
  readonly hooks: RunnerHooks;
  readonly random?: () => number;
}

/** How many keys may have writes in flight. */
export const inFlight = 48;
/** How many of them may be a storm's: however slowly the server answers, the rest is for others. */
const bulkInFlight = 32;
/** A slice of passes yields to streams and responses after this long (milliseconds). */
const slice = 8;
/** A storm's keys wait this long for more of the same. */
const stormDelay = 1_000;
/** Every key is looked at once in this time without being asked. */
const sweepPeriod = 3_600_000;
/** How many passes in a row may leave the status to the next, because their own writes woke them. */
const statusPatience = 3;

export class Runner {
  readonly facts: Facts;
  readonly #options: RunnerOptions;
  readonly #dependencies: Dependencies<Key>;
  readonly #applier: Applier;
  readonly #queue = new Queue<Key>();
  /** Moments that a reconcile asks for, on the wall; and next tries, by the monotonic clock. */
  readonly #deadlines: Deadlines<Key>;
  readonly #nextTries: Deadlines<Key>;
  readonly #keys = new Map<string, Key>();
  readonly #waitingStatuses = new WaitingStatuses();
  readonly #controllers: ReadonlyMap<CachedKind<KubeObject>, AnyController>;
  readonly #rollouts = new RateLimiter(20, 10);
  readonly #random: () => number;
  #running = 0;
  #bulkRunning = 0;
  #started = false;
  #stopped = false;
  #pumping = false;
  /** Keys of a storm, until their second of coalescing is over. */
  #storm = new Set<Key>();
  #stormTimer: (() => void) | undefined;
  #sweepTimer: (() => void) | undefined;
  #idlers: (() => void)[] = [];
  /** When the work loop last ran; monotonic milliseconds. For the liveness probe. */
  #lastRun = 0;

  constructor(options: RunnerOptions) {
    this.#options = options;
    const { cache, clock, writer, gate, hooks } = options;
    this.#random = options.random ?? Math.random;
    this.#controllers = new Map(
      options.controllers.map((each) => [each.kind as CachedKind<KubeObject>, each]),
    );
    this.facts = new Facts(clock, (name) => this.#dependencies.touched(name), this.#random);
    this.#dependencies = new Dependencies(cache, () => this.facts, (key, lane, change) => {
      if (change !== undefined && this.#isEcho(key, change)) return;
      if (key.learning && !isOwn(key, change)) key.learnt = true;
      else this.#wake(key, lane);
    });
    // A key that is stopped ends between two of its steps.
    const open = { mayWrite: () => !this.#stopped && gate.mayWrite() };
    this.#applier = new Applier(cache, writer, open, clock, hooks, this.#random);
    this.#deadlines = new Deadlines(clock, (key) => this.#queueNow(key));
    this.#nextTries = new Deadlines(monotonicOf(clock), (key) => this.#queueNow(key));
    cache.listen({
      changed: (change) => this.#changed(change),
      stateChanged: (store) => {
        this.#dependencies.stateChanged(store);
        this.#pump();
      },
    });
  }

  /** Begins to run keys. Before that, changes are only noted. Call once the process leads. */
  start(): void {
    this.#started = true;
    this.#lastRun = this.#options.clock.monotonic();
    for (const controller of this.#options.controllers) {
      for (const key of this.#options.cache.store(controller.kind).keys()) {
        this.#enqueue(this.#keyFor(controller, key), "bulk");
      }
    }
    this.#scheduleSweep();
    this.#pump();
  }

  /** Takes no more keys, sends nothing more, and waits for the requests in flight. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#deadlines.stop();
    this.#nextTries.stop();
    this.#stormTimer?.();
    this.#sweepTimer?.();
    this.facts.stop();
    while (this.#running > 0) await new Promise<void>((resolve) => this.#idlers.push(resolve));
  }

  /** Resolves once there is nothing queued and nothing in flight. */
  settled(): Promise<void> {
    if (this.#queue.size === 0 && this.#running === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idlers.push(resolve));
  }

  /** Nothing queued, nothing in flight, no fact pending. Deadlines may remain. */
  get quiet(): boolean {
    return this.#queue.size === 0 && this.#running === 0 && this.#storm.size === 0 && this.facts.idle;
  }

  /** When the next deadline falls (milliseconds since 1970), or undefined. */
  get nextDeadline(): number | undefined {
    const { clock } = this.#options;
    const nextTry = this.#nextTries.next();
    const moments = [this.#deadlines.next(), nextTry && nextTry - clock.monotonic() + clock.now()];
    const known = moments.filter((each) => each !== undefined);
    return known.length === 0 ? undefined : Math.min(...known);
  }

  /** How long (milliseconds) keys have been waiting without the work loop having run. */
  get stuckFor(): number {
    return this.#queue.size === 0 ? 0 : this.#options.clock.monotonic() - this.#lastRun;
  }

  get depth(): number {
    return this.#queue.size + this.#storm.size;
  }

  /** The load of every controller. Looks at every key: for a scrape, not for every event. */
  loads(): Load[] {
    const now = this.#options.clock.monotonic();
    const loads = new Map(this.#options.controllers.map(({ name }) => [name, {
      controller: name,
      waiting: 0,
      running: 0,
      longestSeconds: 0,
      totalSeconds: 0,
    }]));
    for (const key of this.#keys.values()) {
      const load = loads.get(key.controller.name)!;
      if (this.#queue.has(key) || this.#storm.has(key)) load.waiting++;
      if (!key.running) continue;
      const seconds = (now - key.startedAt) / 1000;
      load.running++;
      load.longestSeconds = Math.max(load.longestSeconds, seconds);
      load.totalSeconds += seconds;
    }
    return [...loads.values()];
  }

  /** What is held, to see that a key gone leaves nothing behind; `held` are statuses that wait for their moment. */
  get sizes(): Readonly<
    Record<
      | "keys"
      | "queued"
      | "reads"
      | "queries"
      | "stale"
      | "deadlines"
      | "facts"
      | "lanes"
      | "children"
      | "unnamed"
      | "held"
      | "reservations",
      number
    >
  > {
    let children = 0, unnamed = 0;
    for (const { applyState } of this.#keys.values()) {
      children += applyState.size;
      unnamed += applyState.unnamed;
    }
    return {
      keys: this.#keys.size,
      queued: this.depth,
      ...this.#dependencies.sizes,
      deadlines: this.#deadlines.size + this.#nextTries.size,
      facts: this.facts.size,
      lanes: this.facts.lanes,
      children,
      unnamed,
      held: this.#waitingStatuses.count,
      reservations: this.#applier.reserved,
    };
  }

  /** What the last pass of a key read, or undefined if there is no such key. */
  readsOf(controller: string, namespace: string | undefined, name: string): string[] | undefined {
    const key = this.#keys.get(`${controller}|${keyOf(namespace, name)}`);
    return key === undefined ? undefined : this.#dependencies.readsOf(key);
  }

  /** Queues every key once, unasked; a pass that then finds something to write counts a missed wake-up. */
  sweep(): void {
    for (const key of this.#keys.values()) {
      // What has failed is known to be owed and has its next try.
      if (key.running || key.failures > 0 || this.#queue.has(key) || this.#storm.has(key)) continue;
      key.sweeping = true;
      this.#enqueue(key, "bulk");
    }
    this.#pump();
  }

  /** To be told that rights have come: what has failed, or was refused for want of a right, may succeed now. */
  tryAgain(): void {
    this.facts.tryAgain(isForWantOfRight);
    for (const key of this.#keys.values()) {
      if (key.applyState.forgive() || key.failures > 0) this.#wake(key, "bulk");
    }
  }

  #scheduleSweep(): void {
    this.#sweepTimer = this.#options.clock.after(sweepPeriod, () => {
      this.sweep();
      this.#scheduleSweep();
    });
  }

  #keyFor(controller: AnyController, storeKey: string): Key {
    const id = `${controller.name}|${storeKey}`;
    let key = this.#keys.get(id);
    if (key === undefined) {
      const slash = storeKey.indexOf("/");
      key = new Key(
        controller,
        storeKey.slice(0, slash),
        storeKey.slice(slash + 1),
        storeKey,
        this.#waitingStatuses,
      );
      this.#keys.set(id, key);
    }
    return key;
  }

  #changed(change: Change): void {
    const controller = this.#controllers.get(change.kind);
    if (controller !== undefined && this.#started) {
      const key = this.#keyFor(controller, change.key);
      // A key that has not run yet has no reads: its own object is what it is queued by.
      if (key.reads.length === 0) this.#wake(key, "interactive");
    }
    this.#dependencies.changed(change);
    this.#pump();
  }

  /** Whether a change is what the key itself has just written. Only the writer is spared. */
  #isEcho(key: Key, change: Change): boolean {
    return key.predicted !== undefined && change.after !== undefined && isOwn(key, change) &&
      change.kind.sameProjection(change.after, key.predicted);
  }

  /** Something that the key read has changed: what failed before may succeed now, so it does not wait for its next try. */
  #wake(key: Key, lane: "interactive" | "bulk"): void {
    key.failures = 0;
    if (lane === "interactive" || key.running) this.#queueNow(key);
    else this.#queueWithStorm(key);
  }

  /** The key runs next, or once more after its writes in flight. */
  #queueNow(key: Key): void {
    key.sweeping = false;
    if (key.running) {
      key.woken = true;
      return;
    }
    this.#storm.delete(key);
    this.#enqueue(key, "interactive");
    this.#pump();
  }

  #queueWithStorm(key: Key): void {
    key.sweeping = false;
    if (!this.#queue.has(key)) {
      this.#storm.add(key);
      this.#stormTimer ??= this.#options.clock.after(stormDelay, () => {
        this.#stormTimer = undefined;
        for (const each of this.#storm) this.#enqueue(each, "bulk");
        this.#storm.clear();
        this.#pump();
      });
    }
  }

  #enqueue(key: Key, lane: "interactive" | "bulk"): void {
    const waits = this.#queue.has(key);
    if (!waits) key.queuedAt = this.#options.clock.monotonic();
    if (!waits || lane === "interactive") key.lane = lane;
    this.#queue.add(key, lane);
  }

  #pump(): void {
    if (!this.#started || this.#stopped || this.#pumping) return;
    this.#pumping = true;
    // Not in the caller's task: a burst of events is taken in whole before keys run on it.
    setTimeout(() => this.#processQueue(), 0);
  }

  #processQueue(): void {
    const { clock, hooks } = this.#options;
    const began = clock.monotonic();
    this.#lastRun = began;
    this.#pumping = false;
    if (this.#stopped) return;
    this.#dependencies.refresh();
    while (this.#running < inFlight) {
      const key = this.#queue.take(this.#bulkRunning < bulkInFlight);
      if (key === undefined) break;
      const start = clock.monotonic();
      hooks.taken?.(key.controller.name, (start - key.queuedAt) / 1000);
      if (hooks.around === undefined) this.#pass(key);
      else hooks.around(key, () => this.#pass(key));
      const took = clock.monotonic() - start;
      this.#queue.charge(key, took);
      this.#dependencies.refresh();
      if (clock.monotonic() - began > slice) break;
    }
    if (this.#running < inFlight && this.#queue.holds(this.#bulkRunning < bulkInFlight)) this.#pump();
    if (this.#queue.size === 0 && this.#running === 0) this.#release();
  }

  #pass(key: Key): void {
    const { cache, clock, hooks } = this.#options;
    const { controller, lane, sweeping } = key;
    const began = clock.monotonic();
    const seconds = () => (clock.monotonic() - began) / 1000;
    key.beginPass();
    key.woken = false;
    key.learnt = false;
    key.lane = "interactive";
    key.sweeping = false;
    this.#deadlines.clear(key);
    this.#nextTries.clear(key);
    const object = cache.store(controller.kind).get(key.namespace, key.name);
    if (object === undefined) return this.#forget(key);
    let plan: Plan<object>;
    let assessment: Assessment;
    let missing: string | undefined;
    try {
      plan = this.#dependencies.record(
        key,
        (moment) => this.#reached(key, moment),
        (view) => controller.reconcile(object, view),
        (result) => implicitReads(key, result),
      );
      key.applyState.retain(refsOf(plan), began);
      const context = {
        cache,
        now: clock.monotonic(),
        manager: key.manager,
        rollouts: this.#rollouts,
        bulk: lane === "bulk",
      };
      assessment = assess(object, plan, key.applyState, context);
      this.#nextTryAt(key, assessment.wakeAt);
      missing = this.#missing(key, object, plan, assessment);
    } catch (error) {
      // It cannot be told now: others need not wait for it.
      key.applyState.statusWaiting = undefined;
      if (error instanceof Unsynced) return;
      hooks.crashed(key, error);
      hooks.reconciled(key, "error", seconds());
      return this.#retry(key);
    }
    if (missing === undefined) {
      key.failures = 0;
      key.again = 0;
      hooks.reconciled(
        key,
        assessment.wakeAt === Infinity ? "success" : "requeue_after",
        seconds(),
      );
      return;
    }
    if (sweeping) hooks.missedWakeup(key, missing);
    this.#carryOut(key, object, plan, assessment, lane, seconds);
  }

  /** What is to be written, in a word; undefined at rest. */
  #missing(
    key: Key,
    object: Live<KubeObject>,
    plan: Plan<object>,
    assessment: Assessment,
  ): string | undefined {
    const { finalizer, sticky, edits, sendings, removals, outcomes } = assessment;
    if (finalizer !== undefined) return "finalizer";
    if (sticky) return "sticky reference";
    if (edits.length > 0) return `fields of ${edits[0].ref.kind.resource.kind}`;
    if (sendings.length > 0) return sendings[0].drift ?? sendings[0].child.ref.kind.resource.kind;
    if (removals.length > 0) return removals[0].ref.kind.resource.kind;
    const status = statusToTell(object, plan, outcomes);
    if (status === undefined) {
      key.applyState.statusWaiting = undefined;
      return undefined;
    }
    const write = assessStatus(object, status, key.applyState, this.#options.clock);
    if (typeof write !== "number") return `status ${Object.keys(write.patch).join(", ")}`;
    this.#nextTryAt(key, write);
    return undefined;
  }

  async #carryOut(
    key: Key,
    object: Live<KubeObject>,
    plan: Plan<object>,
    assessment: Assessment,
    lane: "interactive" | "bulk",
    seconds: () => number,
  ): Promise<void> {
    const { hooks } = this.#options;
    key.running = true;
    key.startedAt = this.#options.clock.monotonic();
    this.#running++;
    if (lane === "bulk") this.#bulkRunning++;
    const patient = key.again < statusPatience;
    let result: Result = "later";
    try {
      result = await this.#applier.carryOut(key, object, plan, assessment, patient);
    } catch (error) {
      hooks.crashed(key, error);
    }
    key.running = false;
    this.#running--;
    if (lane === "bulk") this.#bulkRunning--;
    this.#finish(key, result);
    const metric = result === "done" ? "success" : result === "again" ? "requeue" : "error";
    hooks.reconciled(key, metric, seconds());
    this.#pump();
    if (this.#stopped && this.#running === 0) this.#release();
  }

  #finish(key: Key, result: Result): void {
    if (result === "later") return this.#retry(key);
    key.failures = 0;
    const owed = result === "again" || key.outdated;
    key.again = owed ? key.again + 1 : 0;
    if (owed) return this.#enqueue(key, "interactive");
    // A rejected child has its next try, and a status that waits has its second.
    const next = key.applyState.nextTry(this.#options.clock.monotonic());
    this.#nextTryAt(key, Math.min(next, key.applyState.statusWaiting?.lookAt ?? Infinity));
  }

  /**
   * After a failure. What has changed since the pass began is a reason to run at once, and so is what the applier has
   * learnt by a first failure; what it learns by each further one is none, or the key would spin.
   */
  #retry(key: Key): void {
    if (key.woken) return this.#enqueue(key, "interactive");
    key.failures++;
    if (key.learnt && key.failures === 1) return this.#enqueue(key, "interactive");
    this.#nextTryAt(key, this.#options.clock.monotonic() + requeueAfter(key.failures, this.#random()));
  }

  #reached(key: Key, moment: Instant): boolean {
    const at = typeof moment === "number" ? moment : Date.parse(moment);
    if (Number.isNaN(at)) throw new RangeError(`${JSON.stringify(moment)} is not a moment`);
    if (this.#options.clock.now() >= at) return true;
    if (at !== Infinity) this.#deadlines.set(key, at);
    return false;
  }

  /** Runs the key at a moment of the monotonic clock; Infinity is never. */
  #nextTryAt(key: Key, at: number): void {
    if (at !== Infinity) this.#nextTries.set(key, at);
  }

  #forget(key: Key): void {
    this.#dependencies.drop(key);
    key.applyState.statusWaiting = undefined;
    this.#keys.delete(`${key.controller.name}|${key.storeKey}`);
  }

  #release(): void {
    for (const resolve of this.#idlers.splice(0)) resolve();
  }
}

/** What a pass depends on without having asked: its own object, and the children that its plan names. */
function implicitReads(key: Key, plan: Plan<object> | undefined): string[] {
  const reads = [read.object(key.kind.id, key.storeKey)];
  if (plan === undefined) return reads;
  for (const ref of refsOf(plan)) {
    reads.push(read.object(ref.kind.id, keyOf(ref.namespace, ref.name)), read.state(ref.kind.id));
  }
  return reads;
}
