/** A list and its watches as one stream that does not end. */
import type { Discovery } from "../discovery.ts";
import { isStatus } from "../errors.ts";
import { list } from "./list.ts";
import { keyOf, type KubeObject, type Live, type Resource } from "../object.ts";
import type { Selection } from "../path.ts";
import type { Transport } from "../transport.ts";
import { endsInitialEvents, needsNewList, watch, type WatchEvent } from "./watch.ts";

export interface WatcherOptions<T extends KubeObject> extends Selection {
  readonly transport: Transport;
  readonly resource: Resource;
  /** Shared by all watchers: it knows whether the server streams lists. */
  readonly discovery: Discovery;
  /** Which objects count, by what of them never changes; default: all that the selection matches. */
  readonly keep?: (object: Live<T>) => boolean;
  /** Applied to each object as it comes; nothing else of it is held. */
  readonly project?: (object: Live<T>) => Live<T>;
  /** Only these managers' entries of `managedFields` are asked for. Default: all. */
  readonly managers?: readonly string[];
  /** Whether an object of that version is held already: a change to it is not told. */
  readonly holds?: (resourceVersion: string) => boolean;
  /** Of a list that the server does not stream. */
  readonly pageSize?: number;
  /** So long without a byte on a connection, and a watch on it is given up. Default 90 s. */
  readonly silenceMilliseconds?: number;
  readonly signal: AbortSignal;
}

export type ObjectEvent<T extends KubeObject> = Exclude<WatchEvent<T>, { type: "BOOKMARK" | "KNOWN" }>;

/** What a watcher tells, in order. */
export type WatcherItem<T extends KubeObject> =
  /** It begins to read all objects. */
  | { readonly type: "listing" }
  /** All objects, as of one moment. What was told before counts no more. */
  | { readonly type: "listed"; readonly items: Live<T>[]; readonly resourceVersion: string }
  /** It begins to watch; the server has not answered yet. */
  | { readonly type: "watching" }
  /** What came together; empty if it was only a word that all is told up to now. */
  | { readonly type: "changed"; readonly events: ObjectEvent<T>[] }
  /** Something went wrong. Who asks for the next item tries again, so take a pause before. */
  | { readonly type: "failed"; readonly failure: unknown };

type Stream<T extends KubeObject> = AsyncGenerator<WatchEvent<T>[], void, void>;

/** Where a watcher stands. Each {@link Steps.next} leads to another state, or to the same one. */
type State<T extends KubeObject> =
  /** Nothing is known. */
  | { readonly at: "empty" }
  /** The server streams the objects that there are. */
  | { readonly at: "streaming list"; readonly stream: Stream<T>; readonly found: Map<string, Live<T>> }
  /** The list is read in pages: the server does not stream it. */
  | { readonly at: "paging list" }
  /** All is known up to a version. `stream` goes on from there, if there is one already. */
  | { readonly at: "listed"; readonly version: string; readonly stream?: Stream<T> }
  | {
    readonly at: "watching";
    readonly version: string;
    readonly stream: Stream<T>;
    /** When it was opened, and at which version. */
    readonly opened: { readonly at: number; readonly version: string };
  };

/** A watch that ends sooner than this without an event is treated as a failure, or it would spin. */
const shortestWatch = 1_000;

/**
 * Tells all objects of a kind that a selection matches, and then each change of them, until `signal` is aborted.
 *
 * Guarantees (those of kube-rs' `watcher`, whose states it has):
 * - A version that is known stays known. After any failure but two it goes on from there, so that an API server
 *   that rolls, is overloaded or refuses for a while is asked for no list. The two: the server has forgotten that
 *   version (410, or a server restored from a backup has not come to it), and what it sent cannot be read.
 * - Lists are streamed (`sendInitialEvents`) where the server can, and read in pages where it refuses that.
 * - Failures are items of the stream; it ends by the signal only.
 * - After a gap an object may be told twice, and a deletion may show only as absence from the next `listed`.
 */
export async function* watcher<T extends KubeObject>(
  options: WatcherOptions<T>,
): AsyncGenerator<WatcherItem<T>, void, void> {
  const steps = new Steps(options);
  let state: State<T> = { at: "empty" };
  try {
    while (!options.signal.aborted) {
      let item: WatcherItem<T> | undefined;
      try {
        [state, item] = await steps.next(state);
      } catch (failure) {
        if (options.signal.aborted) return;
        [state, item] = [afterFailure(state, failure), { type: "failed", failure }];
      }
      if (item !== undefined) yield item;
    }
  } finally {
    if ("stream" in state) await state.stream?.return();
  }
}

function afterFailure<T extends KubeObject>(state: State<T>, failure: unknown): State<T> {
  return "version" in state && !needsNewList(failure)
    ? { at: "listed", version: state.version }
    : { at: "empty" };
}

type Step<T extends KubeObject> = [next: State<T>, item?: WatcherItem<T>];

class Steps<T extends KubeObject> {
  readonly #options: WatcherOptions<T>;
  /** Whether the present state is that of a list which is streamed. */
  #isListing = false;

  constructor(options: WatcherOptions<T>) {
    this.#options = options;
  }

  /** One step. What it throws is a failure of the present state. */
  async next(state: State<T>): Promise<Step<T>> {
    this.#isListing = state.at === "streaming list";
    switch (state.at) {
      case "empty":
        return [this.#beginList(), { type: "listing" }];
      case "streaming list":
        return await this.#readInitialEvents(state);
      case "paging list": {
        const { transport, resource } = this.#options;
        const { items, resourceVersion } = await list<T>(transport, resource, this.#options);
        return [{ at: "listed", version: resourceVersion }, { type: "listed", items, resourceVersion }];
      }
      case "listed": {
        const { version } = state;
        const stream = state.stream ?? this.#open(version);
        const opened = { at: performance.now(), version };
        return [{ at: "watching", version, stream, opened }, { type: "watching" }];
      }
      case "watching":
        return await this.#readChanges(state);
    }
  }

  #beginList(): State<T> {
    return this.#options.discovery.streamsLists
      ? { at: "streaming list", stream: this.#open(undefined), found: new Map() }
      : { at: "paging list" };
  }

  async #readInitialEvents(state: State<T> & { at: "streaming list" }): Promise<Step<T>> {
    const { stream, found } = state;
    const { resource, discovery } = this.#options;
    let read: IteratorResult<WatchEvent<T>[], void>;
    try {
      read = await stream.next();
    } catch (failure) {
      if (!isStatus(failure, 422) && !isStatus(failure, 400)) throw failure;
      discovery.streamsLists = false;
      return [{ at: "paging list" }];
    }
    if (read.done) throw new Error(`the list of ${resource.plural} ended before it was complete`);
    for (const [n, event] of read.value.entries()) {
      if (isObjectEvent(event)) this.#find(found, event);
      else if (endsInitialEvents(event)) {
        const { resourceVersion } = event.object.metadata;
        const rest = read.value.slice(n + 1);
        return [
          { at: "listed", version: resourceVersion, stream: rest.length > 0 ? before(rest, stream) : stream },
          { type: "listed", items: [...found.values()], resourceVersion },
        ];
      }
    }
    return [state];
  }

  /** Changes come among the objects that there are, too, while the server catches up. */
  #find(found: Map<string, Live<T>>, { type, object }: ObjectEvent<T>): void {
    const key = keyOf(object.metadata.namespace, object.metadata.name);
    if (type === "DELETED") found.delete(key);
    else if (this.#keeps(object)) found.set(key, this.#project(object));
  }

  async #readChanges(state: State<T> & { at: "watching" }): Promise<Step<T>> {
    const { version, stream, opened } = state;
    const read = await stream.next();
    if (read.done) {
      if (version === opened.version && performance.now() - opened.at < shortestWatch) {
        throw new Error(`watch on ${this.#options.resource.plural} ended at once`);
      }
      return [{ at: "listed", version }];
    }
    const events = read.value.filter(isObjectEvent).filter(({ object }) => this.#keeps(object))
      .map((event) => ({ ...event, object: this.#project(event.object) }));
    return [
      { ...state, version: read.value.at(-1)!.object.metadata.resourceVersion },
      { type: "changed", events },
    ];
  }

  #open(resourceVersion: string | undefined): Stream<T> {
    const { transport, resource, silenceMilliseconds = 90_000, holds } = this.#options;
    return watch<T>(transport, resource, {
      ...this.#options,
      // What a list has is asked for, whether it is held or not; the same stream goes on with changes.
      holds: holds && ((version) => !this.#isListing && holds(version)),
      resourceVersion,
      // Spread, so that many watches opened together do not end together.
      timeoutSeconds: Math.round(300 * (1 + Math.random())),
      silenceMilliseconds,
    });
  }

  #keeps(object: Live<T>): boolean {
    return this.#options.keep?.(object) ?? true;
  }

  #project(object: Live<T>): Live<T> {
    return this.#options.project?.(object) ?? object;
  }
}

function isObjectEvent<T extends KubeObject>(event: WatchEvent<T>): event is ObjectEvent<T> {
  return event.type !== "BOOKMARK" && event.type !== "KNOWN";
}

/** A stream with what was read of it too far. */
async function* before<T extends KubeObject>(events: WatchEvent<T>[], stream: Stream<T>): Stream<T> {
  try {
    yield events;
    yield* stream;
  } finally {
    await stream.return();
  }
}
