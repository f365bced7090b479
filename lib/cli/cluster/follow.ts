/** Keeps, with the user's own rights, what the operator watches as it is: for what is drawn anew while it changes. */

import { delay } from "../../kube/backoff.ts";
import type { CachedKind } from "../../kube/cache/cached_kind.ts";
import { Discovery } from "../../kube/discovery.ts";
import { isStatus } from "../../kube/errors.ts";
import type { KubeObject } from "../../kube/object.ts";
import type { Transport } from "../../kube/transport.ts";
import { Informer, type InformerState } from "../../kube/watch/informer.ts";
import { ClusterCache } from "../../operator/core/cluster_cache.ts";
import { nameOfKind, type ReadCluster } from "./read.ts";

export interface FollowOptions {
  readonly transport: Transport;
  readonly kinds: readonly CachedKind<KubeObject>[];
  /** Absent: all of the cluster. */
  readonly namespace?: string;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** The time, where it is not this machine's: of a snapshot, in milliseconds since 1970. */
  readonly now?: () => number;
}

/** Milliseconds in which changes are gathered: a rollout is drawn a few times a second, not for each of its events. */
const gathering = 250;
/** Milliseconds after which is looked anew though nothing has changed: some of what is told depends on the time. */
const passing = 10_000;

/**
 * A cluster as it is now. What may not be listed and watched is left out and named, also where the right ends later; it
 * is not asked for again.
 */
export class FollowedCluster implements ReadCluster {
  readonly cache: ClusterCache;
  readonly #unseen = new Set<string>();
  readonly #states = new Set<InformerState>();
  readonly #listeners = new Set<() => void>();

  private constructor(private readonly options: FollowOptions) {
    const { kinds, namespace } = options;
    this.cache = new ClusterCache(kinds, namespace === undefined ? undefined : [namespace]);
    this.cache.listen({ changed: () => this.#ring(), stateChanged: () => this.#ring() });
  }

  /**
   * Reads everything once, and goes on with its changes.
   *
   * @throws ApiError, NetworkError, where the first reading fails by something else than a missing right or kind
   */
  static async open(options: FollowOptions): Promise<FollowedCluster> {
    const cluster = new FollowedCluster(options);
    await cluster.#read();
    return cluster;
  }

  get unseen(): readonly string[] {
    return [...this.#unseen].sort();
  }

  get at(): number {
    return (this.options.now ?? Date.now)();
  }

  /** Why it may be older than now: a kind is not told of at present. Empty where all are. */
  get trouble(): string {
    const failing = [...this.#states].find(({ phase, failure }) =>
      phase === "retrying" && failure !== undefined
    );
    return failing?.failure instanceof Error ? failing.failure.message : "";
  }

  /** Tells of each change, until it is told to stop. */
  listen(ring: () => void): () => void {
    this.#listeners.add(ring);
    return () => this.#listeners.delete(ring);
  }

  /**
   * Once at the start, then after changes, some of them together, until it is ended by this signal or its own.
   *
   * @param other whose changes count as well
   */
  async *changes(until = this.options.signal, other?: FollowedCluster): AsyncGenerator<void, void, void> {
    const signal = AbortSignal.any([until, this.options.signal]);
    let [version, seen] = [0, -1];
    let next = Promise.withResolvers<void>();
    const ring = () => {
      version++;
      next.resolve();
      next = Promise.withResolvers();
    };
    const stops = [this.listen(ring), other?.listen(ring)];
    signal.addEventListener("abort", ring, { once: true });
    const timer = setInterval(ring, passing);
    try {
      while (!signal.aborted) {
        if (seen === version) await next.promise;
        else {
          seen = version;
          const began = performance.now();
          yield;
          // What takes long, in a large cluster, comes less often: most of the time is left to others.
          const pause = Math.max(gathering, 3 * (performance.now() - began));
          await delay(pause, signal).catch(() => {}); // the loop looks at the signal
        }
      }
    } finally {
      clearInterval(timer);
      stops.forEach((stop) => stop?.());
      signal.removeEventListener("abort", ring);
    }
  }

  /** Starts the informers; resolves once each kind is known, and rejects with what comes in between. */
  #read(): Promise<void> {
    const { kinds, transport, signal } = this.options;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const discovery = new Discovery(transport);
    const stop = new AbortController();
    let known = false;
    const fail = (failure: unknown) => {
      if (!known) stop.abort();
      reject(failure);
    };
    const look = () => {
      if (known || !this.cache.synced) return;
      known = true;
      resolve();
    };
    this.cache.listen({ changed: () => {}, stateChanged: look });
    signal.addEventListener("abort", () => fail(signal.reason), { once: true });
    for (const kind of kinds) this.#follow(kind, discovery, AbortSignal.any([signal, stop.signal]), fail);
    return promise;
  }

  #follow(
    kind: CachedKind<KubeObject>,
    discovery: Discovery,
    until: AbortSignal,
    fail: (failure: unknown) => void,
  ): void {
    const { transport } = this.options;
    const namespace = kind.resource.namespaced ? this.options.namespace : undefined;
    const store = this.cache.store(kind);
    const refused = new AbortController();
    const refuse = () => {
      refused.abort();
      this.#unseen.add(nameOfKind(kind));
      store.unreadable(namespace);
    };
    for (const [n, selector] of kind.selectors.entries()) {
      const informer = new Informer<KubeObject>({
        transport,
        discovery,
        resource: kind.resource,
        ...selector,
        ...(namespace !== undefined && { namespace }),
        sink: store.sink(n, namespace),
        keep: kind.keep,
        project: kind.project,
        onState: ({ phase, failure }) => {
          this.#ring();
          if (phase !== "retrying") return;
          if (isStatus(failure, 403)) refuse();
          else if (store.state === "syncing") fail(failure);
        },
      });
      this.#states.add(informer.state);
      informer.run(AbortSignal.any([until, refused.signal])).catch(fail).finally(() =>
        this.#states.delete(informer.state)
      );
    }
  }

  #ring(): void {
    for (const listener of this.#listeners) listener();
  }
}
