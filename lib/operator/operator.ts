/**
 * The running operator: informers fill the cache, one of several processes leads, and the leader's runner
 * reconciles. Its parts are wired here; what to reconcile comes from outside.
 */

import { delay } from "../kube/backoff.ts";
import type { CachedKind } from "../kube/cache/cached_kind.ts";
import type { Discovery } from "../kube/discovery.ts";
import { isStatus } from "../kube/errors.ts";
import { EventRecorder } from "../kube/event_recorder.ts";
import type { InformerState } from "../kube/watch/informer.ts";
import {
  keepLease,
  LeaderElection,
  type LeaderElectionOptions,
  refusalMilliseconds,
  releaseMilliseconds,
} from "../kube/lease.ts";
import type { KubeObject, Live } from "../kube/object.ts";
import type { Transport } from "../kube/transport.ts";
import type { Clock } from "./core/clock.ts";
import { ClusterCache } from "./core/cluster_cache.ts";
import { KubeWriter } from "./apply/kube_writer.ts";
import type { Pass } from "./core/pass.ts";
import type { Note } from "./core/plan.ts";
import type { AnyFactSource } from "./runner/facts.ts";
import type { AnyController } from "./core/controller.ts";
import { Runner, type RunnerHooks } from "./runner/runner.ts";
import { requestTimeout } from "./apply/writer.ts";
import { type Scope, textOf, Watching } from "./watching/watching.ts";

export interface OperatorOptions {
  readonly transport: Transport;
  readonly discovery: Discovery;
  readonly kinds: readonly CachedKind<KubeObject>[];
  readonly controllers: readonly AnyController[];
  /** Scoped mode: the namespaces that are all that counts. Controllers of cluster kinds do not run then. */
  readonly scope?: Scope;
  /** Where reconciles get what only the outside knows. */
  readonly facts?: readonly AnyFactSource[];
  readonly clock: Clock;
  /** Whose lease to hold, and on which connection; absent: this process is the only one. */
  readonly election?: Omit<LeaderElectionOptions, "log">;
  /** Everything the runner tells, but for events, which go to the API server. */
  readonly hooks: Omit<RunnerHooks, "note">;
  readonly log: (message: string, error?: unknown) => void;
  /** Told of every event of ours as well, for the log. */
  readonly onNote?: (pass: Pass, note: Note) => void;
  /** Told of the state of every informer, for metrics and logs. */
  readonly onInformer?: (state: InformerState) => void;
  /** How long the first lists may take once this process leads, in milliseconds. Default 2 minutes. */
  readonly syncLimit?: number;
}

/** How long the first try for the lease may take before informers start without it, in milliseconds. */
const headStart = 1_000;

/** How long the first lists may take once this process leads, in milliseconds. */
const syncLimit = 120_000;

/**
 * How long the steps of a shutdown may take, in milliseconds: first the requests in flight, then beside each other the
 * events and the lease. Together less than the pod's `terminationGracePeriodSeconds`.
 */
export const shutdown = { writes: 6_000, events: 2_000, lease: releaseMilliseconds } as const;

/** What the log says when this process leads and has read all that it watches. */
export const reconcilingBegins = "reconciling begins";

export class Operator {
  readonly cache: ClusterCache;
  readonly runner: Runner;
  readonly recorder: EventRecorder;
  readonly election: LeaderElection | undefined;
  readonly #options: OperatorOptions;
  #watching: Watching | undefined;
  /** Rejects when an informer has ended by a fault. */
  readonly #broken = Promise.withResolvers<never>();
  #leading = false;

  constructor(options: OperatorOptions) {
    this.#options = options;
    const { transport, kinds, controllers, scope, clock, hooks, log, election } = options;
    this.cache = new ClusterCache(kinds, scope?.namespaces);
    this.recorder = new EventRecorder({ transport, log });
    this.election = election && new LeaderElection({ ...election, log });
    this.runner = new Runner({
      cache: this.cache,
      controllers: scope === undefined
        ? controllers
        : controllers.filter(({ kind }) => kind.resource.namespaced),
      writer: new KubeWriter(transport, kinds),
      gate: { mayWrite: () => this.election === undefined || this.election.remaining() > requestTimeout },
      clock,
      hooks: { ...hooks, note: (pass, object, note) => this.#note(pass, object, note) },
    });
    this.#broken.promise.catch(() => {}); // heard in run()
    for (const source of options.facts ?? []) this.runner.facts.provide(source);
  }

  /** Whether everything has been read once; of non-leaders too. For the readiness probe. */
  get synced(): boolean {
    return this.#watching?.synced ?? false;
  }

  get leading(): boolean {
    return this.#leading;
  }

  /**
   * Runs until `signal` is aborted (then `"released"`: no write is in flight any more and the lease is free, or both
   * took longer than a shutdown may) or the lease is lost (then `"lost"`: the process must exit).
   *
   * @throws Error if an informer breaks, or if not everything could be read {@link syncLimit} after the lease was won: a
   *   process that cannot act must not keep the lease from one that can.
   */
  async run(signal: AbortSignal): Promise<"released" | "lost"> {
    const quiet = new AbortController();
    const ended = AbortSignal.any([signal, quiet.signal]);
    let holding: Promise<"released" | "lost"> | undefined;
    try {
      await Promise.race([this.#acquire(ended), this.#broken.promise]);
      holding = this.election?.hold(quiet.signal);
      const led = this.#lead(ended).then(() => aborted(ended));
      const first = await Promise.race([...(holding ? [holding] : []), this.#broken.promise, led]);
      if (first !== "lost") return "released";
      this.#options.log("the lease is lost");
      return "lost";
    } catch (error) {
      if (signal.aborted) return "released";
      throw error;
    } finally {
      await this.#stop(quiet, holding);
    }
  }

  /** Resolves once this process leads, with informers that have begun to read after that, or shortly before. */
  async #acquire(signal: AbortSignal): Promise<void> {
    const acquired = this.election?.acquire(signal);
    const atOnce = acquired === undefined || await within(headStart, acquired);
    this.#startWatching(signal);
    await acquired;
    // Lists that were read before the lease was ours may lack the last writes of whoever had it before.
    if (!atOnce) this.#startWatching(signal);
  }

  async #lead(signal: AbortSignal): Promise<void> {
    await this.#allRead(signal);
    if (signal.aborted) return;
    this.#leading = true;
    this.#options.log(reconcilingBegins);
    this.runner.start();
  }

  /**
   * The lease is given back only after the last write: the next leader must not meet it. Where a request takes longer
   * than a shutdown may, the lease is kept, and expires.
   */
  async #stop(quiet: AbortController, holding: Promise<unknown> | undefined): Promise<void> {
    this.#leading = false;
    const written = await within(shutdown.writes, this.runner.stop());
    quiet.abort(written ? undefined : keepLease);
    await Promise.all([holding, within(shutdown.events, this.recorder.flush())]);
    this.recorder.stop();
    this.#watching?.stop();
  }

  #startWatching(signal: AbortSignal): void {
    this.#watching?.stop();
    this.#watching = new Watching({ ...this.#options, cache: this.cache }, this.#broken.reject);
    this.#watching.start(signal);
  }

  async #allRead(signal: AbortSignal): Promise<void> {
    const longest = this.#options.syncLimit ?? syncLimit;
    const patience = Math.min(refusalMilliseconds, longest);
    const began = performance.now();
    let refusedSince: number | undefined;
    while (!signal.aborted && !this.synced) {
      const now = performance.now();
      refusedSince = this.#isRefused() ? refusedSince ?? now : undefined;
      if (refusedSince !== undefined && now - refusedSince > patience) throw this.#unread(patience / 1000);
      if (now - began > longest) throw this.#unread(longest / 1000);
      await delay(20);
    }
  }

  /** Whether all that has not been read may not be read. */
  #isRefused(): boolean {
    return this.#watching!.missing.every(({ failure }) => isStatus(failure, 403));
  }

  #unread(seconds: number): Error {
    const list = this.#watching!.missing.map(({ what, failure }) =>
      `${what}${failure === undefined ? "" : ` (${textOf(failure)})`}`
    );
    const remedy = this.#isRefused() ? "; install the operator's rights (kubectl apply -k manifests)" : "";
    return new Error(`could not read within ${seconds} s: ${[...new Set(list)].join(", ")}${remedy}`);
  }

  #note(pass: Pass, object: Live<KubeObject>, note: Note): void {
    const { name, namespace, uid, resourceVersion } = object.metadata;
    const about = {
      apiVersion: object.apiVersion ?? "",
      kind: object.kind ?? "",
      name,
      namespace,
      uid,
      resourceVersion,
    };
    this.recorder.record({ about, component: pass.manager, ...note });
    this.#options.onNote?.(pass, note);
  }
}

/** Whether the work ends within so many milliseconds. */
async function within(milliseconds: number, work: Promise<unknown>): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const over = new Promise<false>((resolve) => timer = setTimeout(() => resolve(false), milliseconds));
  try {
    return await Promise.race([work.then(() => true), over]);
  } finally {
    clearTimeout(timer);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
