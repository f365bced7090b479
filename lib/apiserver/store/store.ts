/**
 * The state of a cluster: objects by resource, one counter for all versions, and a bounded history for each resource.
 *
 * Objects are frozen and shared: between versions, the history, and whoever reads in process. Nothing here waits, and
 * nothing here knows a rule of Kubernetes beyond versions.
 */
import { frozen, type JsonObject } from "../json.ts";

/** What happened to one object. */
export interface Change {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly version: number;
  /** As it is after the change; as it was at the end, with the version of its deletion. */
  readonly object: StoredObject;
  /** As it was before; undefined for one that is new. */
  readonly before: StoredObject | undefined;
}

export interface Metadata extends JsonObject {
  name: string;
  namespace?: string;
  uid: string;
  resourceVersion: string;
  generation?: number;
  creationTimestamp: string;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  ownerReferences?: {
    apiVersion: string;
    kind: string;
    name: string;
    uid: string;
    blockOwnerDeletion?: boolean;
  }[];
  managedFields?: JsonObject[];
}

export interface StoredObject extends JsonObject {
  apiVersion: string;
  kind: string;
  metadata: Metadata;
}

export type Listener = (change: Change) => void;

interface Shelf {
  readonly objects: Map<string, StoredObject>;
  /** The keys in order, until one comes or goes. */
  sorted: string[] | undefined;
  history: Change[];
  /** What happened at this version or before may be forgotten. */
  forgotten: number;
  readonly listeners: Set<Listener>;
}

/** `namespace/name`; objects of a kind are listed in this order. */
export function keyOf({ namespace, name }: { namespace?: string; name: string }): string {
  return `${namespace ?? ""}/${name}`;
}

export class Store {
  #version = 1;
  readonly #shelves = new Map<string, Shelf>();

  /**
   * @param historyLength how many changes of each resource are remembered at least
   * @param like begins with the objects that this one holds, and their versions; its history is not known
   */
  constructor(private readonly historyLength = 1000, like?: Store) {
    if (like === undefined) return;
    this.#version = like.#version;
    for (const [resource, { objects, sorted }] of like.#shelves) {
      this.#shelves.set(resource, {
        objects: new Map(objects),
        sorted,
        history: [],
        forgotten: this.#version,
        listeners: new Set(),
      });
    }
  }

  /** The version of the last write. */
  get version(): number {
    return this.#version;
  }

  get(resource: string, namespace: string | undefined, name: string): StoredObject | undefined {
    return this.#shelves.get(resource)?.objects.get(keyOf({ namespace, name }));
  }

  /** All objects, or those of a namespace, by namespace and name. */
  list(resource: string, namespace?: string): StoredObject[] {
    const shelf = this.#shelf(resource);
    shelf.sorted ??= [...shelf.objects.keys()].sort();
    const found: StoredObject[] = [];
    for (const key of shelf.sorted) {
      if (namespace === undefined || key.startsWith(`${namespace}/`)) found.push(shelf.objects.get(key)!);
    }
    return found;
  }

  /** As {@link list} would have answered at that version; undefined if that is forgotten. */
  listAt(version: number, resource: string, namespace?: string): StoredObject[] | undefined {
    const shelf = this.#shelf(resource);
    if (version >= this.#version) return this.list(resource, namespace);
    if (version < shelf.forgotten) return undefined;
    const then = new Map(shelf.objects);
    for (const { version: when, object, before } of shelf.history.toReversed()) {
      if (when <= version) break;
      if (before === undefined) then.delete(keyOf(object.metadata));
      else then.set(keyOf(before.metadata), before);
    }
    return [...then.entries()].sort(([a], [b]) => a < b ? -1 : 1)
      .map(([, object]) => object)
      .filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace);
  }

  /** Stores an object in the place of what has its name; gives it with its new version. */
  put(resource: string, object: JsonObject): StoredObject {
    const shelf = this.#shelf(resource);
    const version = ++this.#version;
    const metadata = { ...object.metadata as Metadata, resourceVersion: String(version) };
    const key = keyOf(metadata);
    const before = shelf.objects.get(key);
    const stored = settled(before, { ...object, metadata }) as unknown as StoredObject;
    if (before === undefined) shelf.sorted = undefined;
    shelf.objects.set(key, stored);
    this.#tell(shelf, { type: before === undefined ? "ADDED" : "MODIFIED", version, object: stored, before });
    return stored;
  }

  /**
   * Takes in an object of another store, with the version that it has there. Nobody is told: it is for a store that others
   * will begin with.
   */
  restore(resource: string, object: StoredObject): void {
    const shelf = this.#shelf(resource);
    const version = Number(object.metadata.resourceVersion);
    if (Number.isSafeInteger(version) && version > this.#version) this.#version = version;
    shelf.objects.set(keyOf(object.metadata), frozen(object));
    shelf.sorted = undefined;
  }

  /** Forgets an object; gives it with the version of its end. Whoever watches is told what was stored of it. */
  remove(resource: string, object: StoredObject): StoredObject {
    const shelf = this.#shelf(resource);
    const version = ++this.#version;
    const key = keyOf(object.metadata);
    const before = shelf.objects.get(key);
    shelf.objects.delete(key);
    shelf.sorted = undefined;
    const ended = (last: StoredObject) =>
      frozen({ ...last, metadata: { ...last.metadata, resourceVersion: String(version) } });
    this.#tell(shelf, { type: "DELETED", version, object: ended(before ?? object), before });
    return ended(object);
  }

  /** What happened to a resource after a version, in order; undefined if that is forgotten. */
  since(resource: string, version: number): readonly Change[] | undefined {
    const { forgotten, history } = this.#shelf(resource);
    if (version < forgotten) return undefined;
    return history.slice(firstAfter(history, version));
  }

  /** Tells of each change from now on, at once and in order. Gives what ends it. */
  listen(resource: string, listener: Listener): () => void {
    const { listeners } = this.#shelf(resource);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  /** Forgets the whole history, as after a compaction: later watches of earlier versions are told 410. */
  forget(): void {
    for (const shelf of this.#shelves.values()) {
      shelf.history = [];
      shelf.forgotten = this.#version;
    }
  }

  #tell(shelf: Shelf, change: Change): void {
    shelf.history.push(change);
    if (shelf.history.length > 2 * this.historyLength) {
      const old = shelf.history.splice(0, shelf.history.length - this.historyLength);
      shelf.forgotten = old[old.length - 1].version;
    }
    for (const listener of [...shelf.listeners]) listener(change);
  }

  #shelf(resource: string): Shelf {
    let shelf = this.#shelves.get(resource);
    if (shelf === undefined) {
      shelf = { objects: new Map(), sorted: undefined, history: [], forgotten: 0, listeners: new Set() };
      this.#shelves.set(resource, shelf);
    }
    return shelf;
  }
}

/**
 * `now`, frozen, with all parts of `before` in it that are equal: versions of an object are one another's, and memory too.
 * What is frozen already stays as it is.
 */
function settled<T>(before: unknown, now: T): T {
  if (before === now || typeof now !== "object" || now === null || Object.isFrozen(now)) return now;
  const comparable = typeof before === "object" && before !== null &&
    Array.isArray(now) === Array.isArray(before);
  const [old, fresh] = [comparable ? before as JsonObject : none, now as JsonObject];
  let equal = comparable;
  let count = 0;
  for (const key in fresh) {
    const part = settled(old[key], fresh[key]);
    if (part !== fresh[key]) fresh[key] = part;
    equal &&= part === old[key];
    count++;
  }
  return equal && count === Object.keys(old).length ? before as T : Object.freeze(now);
}

const none: JsonObject = Object.freeze({});

function firstAfter(history: readonly Change[], version: number): number {
  let [low, high] = [0, history.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (history[middle].version <= version) low = middle + 1;
    else high = middle;
  }
  return low;
}
