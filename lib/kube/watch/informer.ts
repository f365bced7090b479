import { Backoff, type BackoffBounds, delay, retryAfter } from "../backoff.ts";
import { isStatus } from "../errors.ts";
import type { KubeObject, Resource } from "../object.ts";
import type { Sink } from "../cache/sink.ts";
import { type ObjectEvent, watcher, type WatcherOptions } from "./watcher.ts";

export interface InformerOptions<T extends KubeObject> extends Omit<WatcherOptions<T>, "signal"> {
  readonly sink: Sink<T>;
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

const defaultBackoff = { first: 250, longest: 15_000 };

/**
 * Feeds a {@link Sink} with all objects of one kind that a selection matches, without end: what a {@link watcher} tells,
 * with a growing pause after each failure.
 *
 * Guarantees:
 * - The sink holds what the server holds, with some delay, for as long as the server can be reached. No
 *   change is lost for good; in between states may be skipped.
 * - After a failure it goes on from the last version seen, on a new connection where the old one was mute. Only where
 *   the server cannot go on from there is everything listed anew. Until the new list is complete the sink keeps the
 *   old content.
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
    this.#backoff = new Backoff(options.backoff ?? defaultBackoff);
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
    while (!signal.aborted) await this.#untilUninstalled(signal);
    this.#set({ phase: "stopped" });
  }

  /** Hands on what a watcher tells; returns after the kind was not served for a while. */
  async #untilUninstalled(signal: AbortSignal): Promise<void> {
    const { sink } = this.#options;
    const holds = sink.holds?.bind(sink);
    for await (const item of watcher<T>({ ...this.#options, holds, signal })) {
      switch (item.type) {
        case "listing":
          this.#set({ phase: "listing" });
          break;
        case "listed":
          this.#options.sink.replaced(item.items, item.resourceVersion);
          this.#set({ synced: true, lists: this.#state.lists + 1 });
          break;
        case "watching":
          this.#set({ phase: "watching", watches: this.#state.watches + 1 });
          break;
        case "changed":
          for (const event of item.events) this.#deliver(event);
          this.#heard();
          break;
        case "failed":
          if (!isStatus(item.failure, 404)) await this.#pause(item.failure, signal);
          else if (await this.#awaitInstallation(signal)) return;
          break;
      }
    }
  }

  #deliver({ type, object }: ObjectEvent<T>): void {
    const { sink } = this.#options;
    if (type === "DELETED") sink.removed(object);
    else sink.put(object);
    this.#state.events++;
  }

  #heard(): void {
    this.#backoff.reset();
    if (this.#state.failure !== undefined) this.#set({ failure: undefined });
  }

  /** After a 404. Returns whether the kind was not served; then it is again, or the signal is aborted. */
  async #awaitInstallation(signal: AbortSignal): Promise<boolean> {
    const { discovery, resource, sink } = this.#options;
    discovery.forget(resource);
    const failure = await discovery.serves(resource).then(
      (serves) => serves && new Error(`${resource.plural} is announced, but answered 404`),
      (failure: unknown) => failure,
    );
    if (failure !== false) {
      // Just coming or going, or not known: an answer 404 alone does not make a kind absent.
      await this.#pause(failure, signal);
      return false;
    }
    if (this.#state.phase !== "uninstalled") sink.uninstalled();
    this.#set({ phase: "uninstalled", synced: true });
    await discovery.served(resource, signal).catch(() => {}); // only the signal ends it early
    this.#backoff.reset();
    return true;
  }

  async #pause(failure: unknown, signal: AbortSignal): Promise<void> {
    this.#set({ phase: "retrying", failure, failures: this.#state.failures + 1 });
    await delay(Math.max(this.#backoff.next(), retryAfter(failure) ?? 0), signal).catch(() => {}); // the loop looks at the signal
  }

  #set(change: Partial<InformerState>): void {
    Object.assign(this.#state, change);
    this.#options.onState?.(this.#state);
  }
}
