/** The stores of all kinds that the program reads, and one stream of their changes. */

import type { CachedKind } from "../../kube/cache/cached_kind.ts";
import type { KubeObject } from "../../kube/object.ts";
import { type Change, Store } from "../../kube/cache/store.ts";
import type { Reach } from "./view.ts";

export interface CacheListener {
  changed(change: Change): void;
  /** A store has synced, or its kind was installed or removed. */
  stateChanged?(store: Store<KubeObject>): void;
}

export class ClusterCache {
  readonly #stores = new Map<CachedKind<KubeObject>, Store<KubeObject>>();
  readonly #listeners: CacheListener[] = [];

  /** @param namespaces the only ones whose objects are held (scoped mode); absent: all of the cluster. */
  constructor(kinds: readonly CachedKind<KubeObject>[], private readonly namespaces?: readonly string[]) {
    for (const kind of kinds) {
      this.#stores.set(
        kind,
        new Store(
          kind,
          (change) => this.#listeners.forEach((listener) => listener.changed(change)),
          (store) => this.#listeners.forEach((listener) => listener.stateChanged?.(store)),
          kind.resource.namespaced ? namespaces : undefined,
        ),
      );
    }
  }

  /** From now on it hears of changes too, after those who came before: the runner, and who counts for metrics. */
  listen(listener: CacheListener): void {
    this.#listeners.push(listener);
  }

  /** The store of a kind. Throws if the program forgot to list the kind: a mistake of ours, not the user's. */
  store<T extends KubeObject>(kind: CachedKind<T>): Store<T> {
    const store = this.#stores.get(kind as unknown as CachedKind<KubeObject>);
    if (store === undefined) throw new Error(`no store for ${kind.resource.plural}`);
    return store as unknown as Store<T>;
  }

  /** What may be done with the objects of a kind, once its store has synced. */
  reach(kind: CachedKind<KubeObject>): Reach {
    if (this.store(kind).state === "unreadable") return "none";
    return this.namespaces === undefined || kind.resource.namespaced ? "full" : "read";
  }

  stores(): Iterable<Store<KubeObject>> {
    return this.#stores.values();
  }

  /** Whether every store has had its first list (or knows that its kind is not installed). */
  get synced(): boolean {
    for (const store of this.#stores.values()) if (store.state === "syncing") return false;
    return true;
  }
}
