import { Backoff, type BackoffBounds, delay } from "./backoff.ts";
import { Discovery } from "./discovery.ts";
import { isStatus } from "./errors.ts";
import { list } from "./list.ts";
import type { KubeObject, Live, Resource } from "./object.ts";
import type { Selection } from "./path.ts";
import type { Sink } from "./sink.ts";
import type { Transport } from "./transport.ts";
import { needsNewList, watch, type WatchEvent } from "./watch.ts";

export interface InformerOptions<T extends KubeObject> extends Selection {
  readonly transport: Transport;
  readonly resource: Resource;
  readonly sink: Sink<T>;
  /** Shared by all informers. */
  readonly discovery: Discovery;
  /** Applied to each object before the sink gets it; large lists are held projected only. */
  readonly project?: (object: Live<T>) => Live<T>;
  readonly pageSize?: number;
  /** A watch that stays silent for so long is reopened on a new connection. */
  readonly silenceMilliseconds?: number;
  readonly backoff?: BackoffBounds;
  /** Told when the phase changes, and of every failure. */
  readonly onState?: (state: InformerState) => void;
}

export type InformerPhase = "listing" | "watching" | "retrying" | "uninstalled" | "stopped";

/** What an informer is doing, for probes and metrics. */
export interface InformerState {
  readonly resource: Resource;
  readonly phase: InformerPhase;
  /** The sink had a complete list, or knows that the kind is not installed, at least once. */
  readonly synced: boolean;
  /** The last failure since events came, for logs and probes. */
  readonly failure: unknown;
  /** Complete lists delivered, watches opened, objects that came by watch, failures. */
  readonly lists: number;
  readonly watches: number;
  readonly events: number;
  readonly failures: number;
}

const defaults = { silenceMilliseconds: 90_000, backoff: { first: 250, longest: 15_000 } };

/** A watch that ends sooner than this without an event is treated as a failure, or it would spin. */
const shortestWatch = 1_000;

/**
 * Feeds a {@link Sink} with all objects of one kind that a selection matches: a list, then watches, without
 * end.
 *
 * Guarantees:
 * - The sink holds what the server holds, with some delay, for as long as the server can be reached. No
 *   change is lost for good; in between states may be skipped.
 * - A broken or silent stream, also a server that is stopped, goes on from the last version seen, on a new
 *   connection where the old one was mute, after a pause that grows while it fails.
 * - Where the server cannot go on from there (410) or answers otherwise, everything is listed anew. Until the
 *   new list is complete the sink keeps the old content.
 * - After a gap an object may come twice, and a deletion may show only as absence from the next list. An
 *   object may have been deleted and made again under the same name: compare UIDs.
 * - A kind that is not served is no failure: the sink is told once, discovery is asked every 30 s, and the
 *   informer goes on when the kind appears.
 */
export class Informer<T extends KubeObject> {
  readonly #options: InformerOptions<T>;
  readonly #backoff: Backoff;
  readonly #state: { -readonly [K in keyof InformerState]: InformerState[K] };

  constructor(options: InformerOptions<T>) {
    this.#options = options;
    this.#backoff = new Backoff(options.backoff ?? defaults.backoff);
    this.#state = {
      resource: options.resource,
      phase: "listing",
      synced: false,
      failure: undefined,
      lists: 0,
      watches: 0,
      events: 0,
      failures: 0,
    };
  }

  /** A live view: it changes as the informer goes on. */
  get state(): InformerState {
    return this.#state;
  }

  /** Runs until `signal` is aborted, then resolves. Throws only what the sink throws. */
  async run(signal: AbortSignal): Promise<void> {
    let version: string | undefined;
    while (!signal.aborted) {
      try {
        version ??= await this.#list(signal);
        version = await this.#watch(version, signal);
      } catch (failure) {
        if (failure instanceof SinkError) throw failure.cause;
        if (signal.aborted) break;
        if (isStatus(failure, 404)) {
          version = undefined;
          await this.#awaitInstallation(signal);
        } else {
          if (failure instanceof BrokenWatch) version = failure.version;
          else if (needsNewList(failure)) version = undefined;
          await this.#pause(failure instanceof BrokenWatch ? failure.cause : failure, signal);
        }
      }
    }
    this.#set({ phase: "stopped" });
  }

  async #list(signal: AbortSignal): Promise<string> {
    const { transport, resource, sink } = this.#options;
    this.#set({ phase: "listing" });
    const { items, resourceVersion } = await list<T>(transport, resource, { ...this.#options, signal });
    deliver(() => sink.replaced(items, resourceVersion));
    this.#set({ synced: true, lists: this.#state.lists + 1 });
    return resourceVersion;
  }

  /** One watch. Returns the version to go on from after a regular end. */
  async #watch(from: string, signal: AbortSignal): Promise<string> {
    const { transport, resource } = this.#options;
    const silenceMilliseconds = this.#options.silenceMilliseconds ?? defaults.silenceMilliseconds;
    // Spread, so that many watches opened together do not end together.
    const timeoutSeconds = Math.round(300 * (1 + Math.random()));
    const begun = performance.now();
    let version = from;
    this.#set({ phase: "watching", watches: this.#state.watches + 1 });
    try {
      const options = {
        ...this.#options,
        resourceVersion: from,
        timeoutSeconds,
        silenceMilliseconds,
        signal,
      };
      for await (const events of watch<T>(transport, resource, options)) {
        for (const event of events) this.#deliver(event);
        version = events[events.length - 1].object.metadata.resourceVersion;
        this.#heard();
      }
    } catch (failure) {
      if (failure instanceof SinkError || needsNewList(failure)) throw failure;
      throw new BrokenWatch(version, failure);
    }
    if (version === from && performance.now() - begun < shortestWatch) {
      throw new BrokenWatch(version, new Error(`watch on ${resource.plural} ended at once`));
    }
    return version;
  }

  #deliver(event: WatchEvent<T>): void {
    const { sink, project } = this.#options;
    if (event.type === "BOOKMARK") return;
    const object = project ? project(event.object) : event.object;
    deliver(() => event.type === "DELETED" ? sink.removed(object) : sink.put(object));
    this.#state.events++;
  }

  #heard(): void {
    this.#backoff.reset();
    if (this.#state.failure !== undefined) this.#set({ failure: undefined });
  }

  async #awaitInstallation(signal: AbortSignal): Promise<void> {
    const { discovery, resource, sink } = this.#options;
    discovery.forget(resource);
    try {
      if (await discovery.serves(resource)) {
        throw new Error(`${resource.plural} is announced, but answered 404`);
      }
    } catch (failure) {
      // Just coming or going, or not known: an answer 404 alone does not make a kind absent.
      return await this.#pause(failure, signal);
    }
    if (this.#state.phase !== "uninstalled") deliver(() => sink.uninstalled());
    this.#set({ phase: "uninstalled", synced: true });
    await discovery.served(resource, signal).catch(() => {}); // only the signal ends it early
    this.#backoff.reset();
  }

  async #pause(failure: unknown, signal: AbortSignal): Promise<void> {
    this.#set({ phase: "retrying", failure, failures: this.#state.failures + 1 });
    await delay(this.#backoff.next(), signal).catch(() => {}); // the loop looks at the signal
  }

  #set(change: Partial<InformerState>): void {
    Object.assign(this.#state, change);
    this.#options.onState?.(this.#state);
  }
}

/** A watch that ended out of turn, with the version to go on from. */
class BrokenWatch extends Error {
  constructor(readonly version: string, cause: unknown) {
    super("the watch broke", { cause });
  }
}

/** What a sink threw: a fault of this program, never retried. */
class SinkError extends Error {}

function deliver(call: () => void): void {
  try {
    call();
  } catch (failure) {
    throw new SinkError("the sink failed", { cause: failure });
  }
}
