/**
 * The cache of one kind: what informers and our own writes said last, found by key or by index.
 *
 * Guarantees:
 * - Versions never go back. An object not newer than the stored one (or than its deletion) is ignored, so a
 *   watch event and the response of our own write may come in either order, twice, or late.
 * - A relist at version V removes what it lacks only if that is not newer than V.
 * - Listeners hear of a change only if the projection differs. The same name with another UID is heard as a
 *   deletion and an addition.
 * - Objects are frozen.
 * - Of a namespaced kind it may hold some namespaces only. Each is read by informers of its own and takes part in the
 *   guarantees by itself; an object of another namespace never enters.
 * - What cannot be read, or is not served, takes no object: it begins with the next list.
 */

import type { CachedKind, Index } from "./cached_kind.ts";
import { freezeJson } from "../json/equal.ts";
import { compareVersions, keyOf, type KubeObject, type Live } from "../object.ts";
import type { Sink } from "./sink.ts";

/**
 * `syncing`: not all lists are in yet. `uninstalled`: the API server does not serve the kind. `unreadable`: there is no
 * right to read it, in no namespace that counts.
 */
export type StoreState = "syncing" | "synced" | "uninstalled" | "unreadable";

/** One list+watch that feeds the store. */
interface Source {
  state: StoreState;
  /** The version of its last list. */
  listedAt: string | undefined;
}

/** An index value that an object has, had, or both, with whether anybody else has it. */
export interface TouchedValue {
  readonly index: Index<KubeObject>;
  readonly value: string;
  /** The value went from no object to one, or back. */
  readonly emptiness: boolean;
}

export interface Change<T extends KubeObject = KubeObject> {
  readonly kind: CachedKind<T>;
  readonly key: string;
  readonly before: Live<T> | undefined;
  readonly after: Live<T> | undefined;
  readonly touched: readonly TouchedValue[];
}

interface Entry<T extends KubeObject> {
  object: Live<T>;
  /** Which selectors' streams have it; bit n stands for the nth. */
  held: number;
  /** Which will, by what an own write was answered; until a stream says something newer. */
  expected: number;
}

/** Deletions remembered, so that a late response cannot bring an object back. */
const tombstones = 4096;

/** So many own writes are remembered whose change no stream has told; a list, which tells them all, forgets them. */
const untoldAtMost = 1024;

export class Store<T extends KubeObject> {
  readonly kind: CachedKind<T>;
  readonly #entries = new Map<string, Entry<T>>();
  readonly #indexes = new Map<Index<T>, Map<string, Set<string>>>();
  readonly #gone = new Map<string, string>();
  /** Versions that own writes were answered and no stream has told yet, with the keys of their objects. */
  readonly #untold = new Map<string, string>();
  /** By namespace, or all under `undefined`: a source for each of the kind's selectors. */
  readonly #sources: ReadonlyMap<string | undefined, readonly Source[]>;
  #state: StoreState = "syncing";

  /** @param namespaces those that count; absent: all of the cluster. */
  constructor(
    kind: CachedKind<T>,
    private readonly onChange: (change: Change<T>) => void,
    private readonly onState: (store: Store<T>) => void,
    namespaces?: readonly string[],
  ) {
    this.kind = kind;
    kind.seal();
    this.#sources = new Map(
      (namespaces ?? [undefined]).map((namespace) => [
        namespace,
        kind.selectors.map(() => ({ state: "syncing", listedAt: undefined })),
      ]),
    );
    for (const index of kind.indexes) this.#indexes.set(index, new Map());
  }

  get state(): StoreState {
    return this.#state;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** What is held: objects, values of indexes, own writes not told yet and deletions (so many of both at most). */
  get sizes(): { objects: number; indexValues: number; untold: number; deletions: number } {
    let indexValues = 0;
    for (const values of this.#indexes.values()) indexValues += values.size;
    return {
      objects: this.#entries.size,
      indexValues,
      untold: this.#untold.size,
      deletions: this.#gone.size,
    };
  }

  get(namespace: string | undefined, name: string): Live<T> | undefined {
    return this.#entries.get(keyOf(namespace, name))?.object;
  }

  /** All keys (`namespace/name`), in no particular order. */
  keys(): Iterable<string> {
    return this.#entries.keys();
  }

  /** The objects with that index value, ordered by namespace and name. */
  list(index: Index<T>, value: string): readonly Live<T>[] {
    const keys = this.#indexes.get(index)?.get(value);
    if (keys === undefined) return [];
    return [...keys].sort().map((key) => this.#entries.get(key)!.object);
  }

  /** How many objects have that index value. */
  count(index: Index<T>, value: string): number {
    return this.#indexes.get(index)?.get(value)?.size ?? 0;
  }

  any(index: Index<T>, value: string): boolean {
    return this.#indexes.get(index)?.has(value) ?? false;
  }

  /** Where the informer of the kind's nth selector, in that namespace or in all, puts what it sees. */
  sink(selector: number, namespace?: string): Sink<T> {
    return {
      replaced: (items, resourceVersion) => this.#replaced(selector, namespace, items, resourceVersion),
      put: (object) => {
        // An informer that has been stopped may still tell something.
        if (!hasEnded(this.#sources.get(namespace)![selector])) {
          this.#put(object, { held: 1 << selector, expected: 0 });
        }
      },
      removed: (object) => this.#removedAt(object, selector),
      holds: (version) => this.#holds(version, selector, namespace),
      uninstalled: () => this.#ended(selector, namespace, "uninstalled"),
    };
  }

  /** Nothing can be read, in that namespace or at all: what is held of it leaves. */
  unreadable(namespace?: string): void {
    this.kind.selectors.forEach((_, selector) => this.#ended(selector, namespace, "unreadable"));
  }

  /**
   * Takes the response of an own write, at once; if no selector takes the object, or nothing of its namespace can be
   * read any more, it is left out or leaves.
   * Returns what the cache now holds under that key.
   */
  put(object: Live<T>): Live<T> | undefined {
    const sources = this.#sourcesOf(object) ?? [];
    const expected = sources.every(hasEnded) ? 0 : this.kind.selectedBy(object);
    if (expected === 0) this.#removedAt(object);
    else if (this.#put(object, { held: 0, expected })) this.#expect(object);
    return this.get(object.metadata.namespace, object.metadata.name);
  }

  /** Of several streams each tells it by itself, and which ones will is not known: then all are read. */
  #expect({ metadata: { namespace, name, resourceVersion } }: Live<T>): void {
    if (this.kind.selectors.length > 1) return;
    this.#untold.set(resourceVersion, keyOf(namespace, name));
    if (this.#untold.size > untoldAtMost) this.#untold.delete(this.#untold.keys().next().value!);
  }

  /** Whether an own write's answer said already what a stream tells now; the stream has the object then. */
  #holds(version: string, selector: number, namespace: string | undefined): boolean {
    const key = this.#untold.get(version);
    if (key === undefined || hasEnded(this.#sources.get(namespace)![selector])) return false;
    this.#untold.delete(version);
    const entry = this.#entries.get(key);
    if (entry === undefined || compareVersions(entry.object.metadata.resourceVersion, version) < 0) {
      return false;
    }
    entry.held |= 1 << selector;
    return true;
  }

  /** Takes the knowledge that this object (by UID) is not there any more, e.g. from a 404. */
  forget(namespace: string | undefined, name: string, uid: string): void {
    const stored = this.get(namespace, name);
    if (stored?.metadata.uid === uid) this.#remove(keyOf(namespace, name), stored.metadata.resourceVersion);
  }

  /** Takes an object. Returns whether it is newer than what was known of it. */
  #put(raw: Live<T>, seen: { held: number; expected: number }): boolean {
    const key = keyOf(raw.metadata.namespace, raw.metadata.name);
    const version = raw.metadata.resourceVersion;
    const entry = this.#entries.get(key);
    if (entry !== undefined) {
      entry.held |= seen.held;
      if (compareVersions(version, entry.object.metadata.resourceVersion) <= 0) return false;
    } else if (this.#isGone(key, version, seen.held) || this.#isMissed(raw, seen.expected)) return false;
    const after = freezeJson(this.kind.project(raw));
    const before = entry?.object;
    if (before !== undefined && before.metadata.uid !== after.metadata.uid) {
      this.#remove(key, before.metadata.resourceVersion);
      return this.#put(raw, seen);
    }
    this.#gone.delete(key);
    this.#entries.set(key, { object: after, held: seen.held | (entry?.held ?? 0), expected: seen.expected });
    if (before === undefined || !this.kind.sameProjection(before, after)) {
      this.onChange({ kind: this.kind, key, before, after, touched: this.#reindex(key, before, after) });
    }
    return true;
  }

  /**
   * Whether an object is known to have gone since that version. Of several streams one may report as a
   * deletion that the object has moved to another, at the same version; so each is believed by itself.
   */
  #isGone(key: string, version: string, held: number): boolean {
    if (held !== 0 && this.kind.selectors.length > 1) return false;
    const gone = this.#gone.get(key);
    return gone !== undefined && compareVersions(version, gone) <= 0;
  }

  /** Whether every list that would carry an object of that version has been read since, without it. */
  #isMissed(object: Live<T>, expected: number): boolean {
    const { resourceVersion } = object.metadata;
    return expected !== 0 &&
      (this.#sourcesOf(object) ?? []).every(({ listedAt }, selector) =>
        (expected & 1 << selector) === 0 ||
        (listedAt !== undefined && compareVersions(resourceVersion, listedAt) <= 0)
      );
  }

  /** Those that could carry the object; none where its namespace does not count. */
  #sourcesOf({ metadata }: Live<T>): readonly Source[] | undefined {
    return this.#sources.get(metadata.namespace) ?? this.#sources.get(undefined);
  }

  /** @param selector that of the stream that says so; without one it is known of all. */
  #removedAt(object: Live<T>, selector?: number): void {
    const key = keyOf(object.metadata.namespace, object.metadata.name);
    const version = object.metadata.resourceVersion;
    const entry = this.#entries.get(key);
    if (entry === undefined) this.#bury(key, version);
    else this.#lacks(key, entry, selector === undefined ? ~0 : 1 << selector, version);
  }

  /** The streams of these selectors do not have the object, as of `version`; once none has it, it is gone. */
  #lacks(key: string, entry: Entry<T>, selectors: number, version: string): void {
    entry.held &= ~selectors;
    if (compareVersions(entry.object.metadata.resourceVersion, version) > 0) return;
    entry.expected &= ~selectors;
    if (entry.held === 0 && entry.expected === 0) this.#remove(key, version);
  }

  #remove(key: string, version: string): void {
    const before = this.#entries.get(key)?.object;
    if (before === undefined) return;
    this.#entries.delete(key);
    this.#bury(key, version);
    this.onChange({
      kind: this.kind,
      key,
      before,
      after: undefined,
      touched: this.#reindex(key, before, undefined),
    });
  }

  #bury(key: string, version: string): void {
    this.#gone.delete(key);
    this.#gone.set(key, version);
    if (this.#gone.size > tombstones) this.#gone.delete(this.#gone.keys().next().value!);
  }

  #replaced(selector: number, namespace: string | undefined, items: Live<T>[], version: string): void {
    this.#untold.clear();
    const listed = new Set(items.map((item) => keyOf(item.metadata.namespace, item.metadata.name)));
    for (const [key, entry] of this.#entriesOf(namespace)) {
      const concerned = ((entry.held | entry.expected) & 1 << selector) !== 0;
      if (concerned && !listed.has(key)) this.#lacks(key, entry, 1 << selector, version);
    }
    for (const item of items) this.#put(item, { held: 1 << selector, expected: 0 });
    this.#enter(selector, namespace, { state: "synced", listedAt: version });
  }

  #ended(selector: number, namespace: string | undefined, state: "uninstalled" | "unreadable"): void {
    this.#untold.clear();
    for (const [key, entry] of this.#entriesOf(namespace)) {
      entry.held &= ~(1 << selector);
      entry.expected &= ~(1 << selector);
      if (entry.held !== 0 || entry.expected !== 0) continue;
      this.#remove(key, entry.object.metadata.resourceVersion);
      // It is out of sight, not deleted: it may come back as it was.
      this.#gone.delete(key);
    }
    if (state === "uninstalled") this.#gone.clear();
    this.#enter(selector, namespace, { state });
  }

  /** A copy: the caller takes entries out. */
  #entriesOf(namespace: string | undefined): [key: string, entry: Entry<T>][] {
    const all = [...this.#entries];
    return namespace === undefined
      ? all
      : all.filter(([, { object }]) => object.metadata.namespace === namespace);
  }

  #enter(selector: number, namespace: string | undefined, known: Partial<Source>): void {
    Object.assign(this.#sources.get(namespace)![selector], known);
    const next = stateOf([...this.#sources.values()].flat().map(({ state }) => state));
    if (next === this.#state) return;
    this.#state = next;
    this.onState(this);
  }

  #reindex(key: string, before: Live<T> | undefined, after: Live<T> | undefined): TouchedValue[] {
    const touched: TouchedValue[] = [];
    for (const [index, values] of this.#indexes) {
      const old = before === undefined ? noValues : new Set(index.valuesOf(before));
      const now = after === undefined ? noValues : new Set(index.valuesOf(after));
      for (const value of old) {
        const gone = !now.has(value) && leave(values, value, key);
        touched.push({ index: index as unknown as Index<KubeObject>, value, emptiness: gone });
      }
      for (const value of now) {
        if (old.has(value)) continue;
        const first = enter(values, value, key);
        touched.push({ index: index as unknown as Index<KubeObject>, value, emptiness: first });
      }
    }
    return touched;
  }
}

/** Whether nothing comes from it, until its next list. */
function hasEnded({ state }: Source): boolean {
  return state === "unreadable" || state === "uninstalled";
}

/** What the states of all sources make; one that cannot be read says nothing of the kind. */
function stateOf(sources: readonly StoreState[]): StoreState {
  if (sources.includes("syncing")) return "syncing";
  const told = sources.filter((each) => each !== "unreadable");
  if (told.length === 0) return "unreadable";
  return told.every((each) => each === "uninstalled") ? "uninstalled" : "synced";
}

const noValues: ReadonlySet<string> = new Set();

/** Returns whether the value has no object left. */
function leave(values: Map<string, Set<string>>, value: string, key: string): boolean {
  const keys = values.get(value)!;
  keys.delete(key);
  if (keys.size > 0) return false;
  values.delete(value);
  return true;
}

/** Returns whether the object is the value's first. */
function enter(values: Map<string, Set<string>>, value: string, key: string): boolean {
  const keys = values.get(value);
  if (keys === undefined) {
    values.set(value, new Set([key]));
    return true;
  }
  keys.add(key);
  return false;
}
