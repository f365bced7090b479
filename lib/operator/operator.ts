/**
 * The running operator: informers fill the cache, one of several processes leads, and the leader's runner
 * reconciles. The rooms are wired here; what to reconcile comes from outside.
 */

import type { CachedKind } from "../kube/cached_kind.ts";
import type { Discovery } from "../kube/discovery.ts";
import { EventRecorder } from "../kube/event_recorder.ts";
import { Informer, type InformerState } from "../kube/informer.ts";
import { LeaderElection, type LeaderElectionOptions } from "../kube/lease.ts";
import type { KubeObject } from "../kube/object.ts";
import type { Transport } from "../kube/transport.ts";
import type { Clock } from "./core/clock.ts";
import { ClusterCache } from "./core/cluster_cache.ts";
import { KubeWriter } from "./apply/kube_writer.ts";
import type { Note } from "./core/plan.ts";
import type { AnyFactSource } from "./core/facts.ts";
import { type AnyController, Runner, type RunnerHooks } from "./core/runner.ts";
import { requestTimeout } from "./apply/writer.ts";

export interface OperatorOptions {
  readonly transport: Transport;
  readonly discovery: Discovery;
  readonly kinds: readonly CachedKind<KubeObject>[];
  readonly controllers: readonly AnyController[];
  /** Where reconciles get what only the outside knows. */
  readonly facts?: readonly AnyFactSource[];
  readonly clock: Clock;
  /** Whose lease to hold, and on which connection; absent: this process is the only one. */
  readonly election?: Omit<LeaderElectionOptions, "log">;
  /** Everything the runner tells, but for events, which go to the API server. */
  readonly hooks: Omit<RunnerHooks, "note">;
  readonly log: (message: string, error?: unknown) => void;
  /** Told of every event of ours as well, for the log. */
  readonly onNote?: (object: KubeObject, component: string, note: Note) => void;
  /** Told of the state of every informer, for metrics and logs. */
  readonly onInformer?: (state: InformerState) => void;
}

/** How long the first try for the lease may take before informers start without it, in milliseconds. */
const headStart = 1_000;

export class Operator {
  readonly cache: ClusterCache;
  readonly runner: Runner;
  readonly recorder: EventRecorder;
  readonly election: LeaderElection | undefined;
  readonly #options: OperatorOptions;
  #informers: { readonly each: readonly Informer<KubeObject>[]; readonly abort: AbortController } | undefined;
  #leading = false;

  constructor(options: OperatorOptions) {
    this.#options = options;
    const { transport, kinds, controllers, clock, hooks, log, election } = options;
    this.cache = new ClusterCache(kinds);
    this.recorder = new EventRecorder({ transport, log });
    this.election = election && new LeaderElection({ ...election, log });
    this.runner = new Runner({
      cache: this.cache,
      controllers,
      writer: new KubeWriter(transport),
      gate: { mayWrite: () => this.election === undefined || this.election.remaining() > requestTimeout },
      clock,
      hooks: { ...hooks, note: (object, manager, note) => this.#note(object, manager, note) },
    });
    for (const source of options.facts ?? []) this.runner.facts.provide(source);
  }

  /** Whether every informer has delivered its first list; of non-leaders too. For the readiness probe. */
  get synced(): boolean {
    return this.#informers?.each.every(({ state }) => state.synced) ?? false;
  }

  get leading(): boolean {
    return this.#leading;
  }

  /**
   * Runs until `signal` is aborted (then `"released"`: running reconciles have finished and the lease is free)
   * or the lease is lost (then `"lost"`: the process must exit).
   */
  async run(signal: AbortSignal): Promise<"released" | "lost"> {
    const { election } = this;
    try {
      if (election === undefined) {
        this.#startInformers(signal);
        await this.#lead(signal);
        await aborted(signal);
        return "released";
      }
      const acquired = election.acquire(signal);
      const atOnce = await Promise.race([acquired.then(() => true), timeout(headStart)]);
      this.#startInformers(signal);
      await acquired;
      // Lists that were read before the lease was ours may lack the last writes of whoever had it before.
      if (!atOnce) this.#startInformers(signal);
      // The lease is given back only after the last write: the next leader must not meet it.
      const done = new AbortController();
      signal.addEventListener("abort", () => this.runner.stop().then(() => done.abort()), { once: true });
      const held = election.hold(done.signal);
      await Promise.race([this.#lead(signal), held]);
      const outcome = await held;
      if (outcome === "lost") this.#options.log("the lease is lost");
      return outcome;
    } catch (error) {
      if (signal.aborted) return "released";
      throw error;
    } finally {
      await this.#stop();
    }
  }

  async #lead(signal: AbortSignal): Promise<void> {
    await this.#informersSynced(signal);
    this.#leading = true;
    this.runner.start();
  }

  async #stop(): Promise<void> {
    this.#leading = false;
    await this.runner.stop();
    await Promise.race([this.recorder.flush(), timeout(2_000)]);
    this.recorder.stop();
    this.#informers?.abort.abort();
  }

  #startInformers(signal: AbortSignal): void {
    this.#informers?.abort.abort();
    const abort = new AbortController();
    signal.addEventListener("abort", () => abort.abort(), { once: true });
    const { transport, discovery, kinds, log, onInformer } = this.#options;
    const each = kinds.flatMap((kind) =>
      kind.selectors.map((selector, source) =>
        new Informer<KubeObject>({
          transport,
          discovery,
          resource: kind.resource,
          ...selector,
          sink: this.cache.store(kind).sink(source),
          keep: kind.keep,
          project: kind.project,
          onState: (state) => onInformer?.(state),
        })
      )
    );
    this.#informers = { each, abort };
    for (const informer of each) {
      informer.run(abort.signal).catch((error) =>
        log(`the informer of ${informer.state.resource.plural} broke`, error)
      );
    }
  }

  async #informersSynced(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && !this.synced) await timeout(20);
  }

  #note(
    object: KubeObject & { metadata: { name: string; uid: string } },
    component: string,
    note: Note,
  ): void {
    const { name, namespace, uid, resourceVersion } = object.metadata as {
      name: string;
      namespace?: string;
      uid: string;
      resourceVersion: string;
    };
    const about = {
      apiVersion: object.apiVersion ?? "",
      kind: object.kind ?? "",
      name,
      namespace,
      uid,
      resourceVersion,
    };
    this.recorder.record({ about, component, ...note });
    this.#options.onNote?.(object, component, note);
  }
}

function timeout(milliseconds: number): Promise<false> {
  return new Promise((resolve) => setTimeout(() => resolve(false), milliseconds));
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
