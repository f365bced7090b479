/**
 * Which informers run: one for each selector of each kind; in scoped mode one for each namespace besides, and none for
 * what may not be read.
 */

import { delay } from "../../kube/backoff.ts";
import type { CachedKind } from "../../kube/cache/cached_kind.ts";
import type { Sink } from "../../kube/cache/sink.ts";
import type { Discovery } from "../../kube/discovery.ts";
import { isStatus } from "../../kube/errors.ts";
import type { KubeObject, Resource } from "../../kube/object.ts";
import type { Transport } from "../../kube/transport.ts";
import { Informer, type InformerState } from "../../kube/watch/informer.ts";
import type { ClusterCache } from "../core/cluster_cache.ts";
import { Together } from "./together.ts";

/** Scoped mode (`--namespace`): the rights of the operator reach no further than some namespaces. */
export interface Scope {
  readonly namespaces: readonly string[];
  /** Whether a kind may be listed and watched, in a namespace or (without one) in the cluster. */
  readonly mayRead: (resource: Resource, namespace: string | undefined) => Promise<boolean>;
  /** The connection for the watches of a namespace: all of them on one are more than an API server serves there. */
  readonly transportOf: (namespace: string) => Transport;
  /** How long until a namespace is asked for again, in milliseconds. Default 30 s. */
  readonly askAgainAfter?: number;
  /** How long until rights are asked for again that the API server could not tell, or told wrong. Default 2 s. */
  readonly shortPause?: number;
}

export interface WatchingOptions {
  readonly transport: Transport;
  readonly discovery: Discovery;
  readonly kinds: readonly CachedKind<KubeObject>[];
  readonly cache: ClusterCache;
  /** Absent: the whole cluster. */
  readonly scope?: Scope;
  /** What a person should know, in words. */
  readonly log: (message: string, error?: unknown) => void;
  readonly onInformer?: (state: InformerState) => void;
}

/** What one run of informers is for. */
interface Part {
  /** Absent: the whole cluster. */
  readonly namespace?: string;
  /** Whether it could be read from the start. */
  readonly isFirst: boolean;
  /** Told when one of the informers may not read any more. */
  readonly refused?: () => void;
}

/** Defaults of {@link Scope}, in milliseconds. */
const shortPause = 2_000;
const askAgainAfter = 30_000;

/**
 * Fills the cache, until it is stopped.
 *
 * Guarantees:
 * - A right that is not there is asked for (SelfSubjectAccessReview), not tried. Of cluster kinds once: a store of one
 *   that may not be read is `unreadable`. Of a namespace until all of its kinds may be read: it may not be there yet.
 * - A namespace that comes later enters the cache as a whole, and leaves it when its rights are taken away.
 */
export class Watching {
  readonly #options: WatchingOptions;
  readonly #stop = new AbortController();
  /** The informers of what could be read from the start. */
  readonly #first = new Set<Informer<KubeObject>>();
  /** Namespaces, and the cluster, of which it is not known yet what may be read of them. */
  #undecided = 0;
  readonly #broken: (error: Error) => void;

  /** @param broken told of an informer that has ended by a fault: the process cannot go on */
  constructor(options: WatchingOptions, broken: (error: Error) => void) {
    this.#options = options;
    this.#broken = broken;
  }

  start(signal: AbortSignal): void {
    signal.addEventListener("abort", () => this.stop(), { once: true });
    const { kinds, scope, transport } = this.#options;
    if (scope === undefined) return this.#run(kinds, transport, this.#stop.signal);
    this.#undecided = 1 + scope.namespaces.length;
    const ofCluster = kinds.filter(({ resource }) => !resource.namespaced);
    const ofNamespaces = kinds.filter(({ resource }) => resource.namespaced);
    const parts = [
      this.#watchCluster(ofCluster, scope),
      ...scope.namespaces.map((namespace) => this.#watchNamespace(namespace, ofNamespaces, scope)),
    ];
    for (const part of parts) {
      part.catch((error) => {
        if (!this.#stop.signal.aborted) this.#broken(error);
      });
    }
  }

  stop(): void {
    this.#stop.abort();
  }

  /** Whether everything that could be read from the start has been read once. A namespace that comes later holds up none. */
  get synced(): boolean {
    return this.#undecided === 0 && this.#unsynced.length === 0;
  }

  /** What has not been read yet, each with the reason if there is one. */
  get missing(): readonly { readonly what: string; readonly failure: unknown }[] {
    const missing = this.#unsynced.map(({ resource, failure }) => ({ what: resource.plural, failure }));
    return this.#undecided === 0
      ? missing
      : [{ what: "the operator's own rights", failure: undefined }, ...missing];
  }

  get #unsynced(): InformerState[] {
    return [...this.#first].map(({ state }) => state).filter(({ synced }) => !synced);
  }

  /** Asks once for each cluster kind, and watches those that may be read. */
  async #watchCluster(kinds: readonly CachedKind<KubeObject>[], scope: Scope): Promise<void> {
    const { transport, cache, log } = this.#options;
    const readable = await this.#readable(kinds, undefined, scope);
    const others = kinds.filter((kind) => !readable.includes(kind));
    for (const kind of others) cache.store(kind).unreadable();
    if (others.length > 0) {
      log(`no right to list and watch ${others.map(nameOf).join(", ")}: they count as out of reach`);
    }
    this.#run(readable, transport, this.#stop.signal);
    this.#undecided--;
  }

  /** Watches a namespace whenever all of its kinds may be read. */
  async #watchNamespace(
    namespace: string,
    kinds: readonly CachedKind<KubeObject>[],
    scope: Scope,
  ): Promise<void> {
    const { cache, log } = this.#options;
    const { signal } = this.#stop;
    let decided = false;
    const decide = () => {
      if (!decided) this.#undecided--;
      decided = true;
    };
    let told = "";
    while (!signal.aborted) {
      const readable = await this.#readable(kinds, namespace, scope);
      const others = kinds.filter((kind) => !readable.includes(kind)).map(nameOf);
      if (others.length === 0) {
        if (told !== "") log(`namespace ${namespace} can be read now`);
        told = "";
        const refused = new AbortController();
        const until = AbortSignal.any([signal, refused.signal]);
        const at = { namespace, isFirst: !decided, refused: () => refused.abort() };
        this.#run(kinds, scope.transportOf(namespace), until, at);
        decide();
        await aborted(until);
        if (signal.aborted) return;
      }
      for (const kind of kinds) cache.store(kind).unreadable(namespace);
      decide();
      if (others.length > 0 && told !== others.join()) {
        told = others.join();
        log(
          `namespace ${namespace} is left alone: there is no right to list and watch ${
            others.join(", ")
          } in it, ` +
            "or it does not exist yet; a kustomization gives the rights: " +
            `namespace: ${namespace}, resources: [watched-namespace] (manifests/README.md, In some namespaces only)`,
        );
      }
      const pause = scope.askAgainAfter ?? askAgainAfter;
      await delay(others.length === 0 ? Math.min(pause, scope.shortPause ?? shortPause) : pause, signal);
    }
  }

  /** Those of the kinds that may be read; asks until it is told. */
  async #readable(
    kinds: readonly CachedKind<KubeObject>[],
    namespace: string | undefined,
    scope: Scope,
  ): Promise<readonly CachedKind<KubeObject>[]> {
    const { signal } = this.#stop;
    for (;;) {
      try {
        const readable: CachedKind<KubeObject>[] = [];
        // One at a time: dozens of namespaces ask beside each other.
        for (const kind of kinds) {
          if (await scope.mayRead(kind.resource, namespace)) readable.push(kind);
          signal.throwIfAborted();
        }
        return readable;
      } catch (error) {
        signal.throwIfAborted();
        this.#options.log("the API server does not say what this operator may do", error);
        await delay(scope.shortPause ?? shortPause, signal);
      }
    }
  }

  /** Starts the informers of these kinds, of the whole cluster or of a namespace. */
  #run(
    kinds: readonly CachedKind<KubeObject>[],
    transport: Transport,
    until: AbortSignal,
    { namespace, isFirst, refused }: Part = { isFirst: true },
  ): void {
    const { discovery, cache, onInformer } = this.#options;
    const together = new Together();
    const joined = (sink: Sink<KubeObject>) => namespace === undefined ? sink : together.sink(sink);
    const each = kinds.flatMap((kind) =>
      kind.selectors.map((selector, n) =>
        new Informer<KubeObject>({
          transport,
          discovery,
          resource: kind.resource,
          ...selector,
          ...(namespace === undefined ? {} : { namespace }),
          sink: joined(cache.store(kind).sink(n, namespace)),
          managers: kind.managers,
          keep: kind.keep,
          project: kind.project,
          onState: (state) => {
            onInformer?.(state);
            if (isStatus(state.failure, 403)) refused?.();
          },
        })
      )
    );
    for (const informer of each) {
      if (isFirst) this.#first.add(informer);
      this.#start(informer, until);
    }
  }

  #start(informer: Informer<KubeObject>, until: AbortSignal): void {
    informer.run(until).catch((cause) => {
      const { plural } = informer.state.resource;
      this.#broken(new Error(`the informer of ${plural} broke: ${textOf(cause)}`, { cause }));
    }).finally(() => this.#first.delete(informer));
  }
}

function nameOf({ resource: { plural, group } }: CachedKind<KubeObject>): string {
  return group === "" ? plural : `${plural}.${group}`;
}

/** What a failure says. */
export function textOf(failure: unknown): string {
  return failure instanceof Error ? failure.message : String(failure);
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
