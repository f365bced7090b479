/** Places for children of which there may only be so many, those counted that are on their way (core/plan.ts `Slot`). */

import type { Clock } from "../core/clock.ts";
import type { ClusterCache } from "../core/cluster_cache.ts";
import type { KubeObject, Live } from "../../kube/object.ts";
import { childKey, type ChildRef, type Slot } from "../core/plan.ts";

/**
 * How long a place is kept for a create whose answer was lost: by then the watch has told of the object, if it was
 * made. Milliseconds.
 */
const unknownFor = 60_000;

interface Held {
  readonly ref: ChildRef;
  /** Under which values of the index the child will be found. */
  readonly values: readonly string[];
  /** Infinity while the request is under way. */
  until: number;
}

export class Places {
  /** By the index that says which places are taken, and the child. */
  readonly #held = new Map<number, Map<string, Held>>();

  constructor(private readonly cache: ClusterCache, private readonly clock: Clock) {}

  /** Takes a place for a child that is about to be created; undefined if there is none. */
  take({ takenBy, value, limit }: Slot, ref: ChildRef, desired: KubeObject): Place | undefined {
    let held = this.#held.get(takenBy.id);
    if (held === undefined) this.#held.set(takenBy.id, held = new Map());
    const key = childKey(ref);
    // A child that is tried again needs no second place.
    held.delete(key);
    this.#forgetTheKnown(held);
    const onTheirWay = [...held.values()].filter(({ values }) => values.includes(value)).length;
    if (this.cache.store(takenBy.kind).list(takenBy, value).length + onTheirWay >= limit) return undefined;
    const values = takenBy.valuesOf(desired as Live<KubeObject>);
    const own: Held = { ref, values, until: Infinity };
    held.set(key, own);
    return {
      settled: () => held.delete(key),
      unknown: () => own.until = this.clock.monotonic() + unknownFor,
    };
  }

  /** How many children are on their way. */
  get size(): number {
    let size = 0;
    for (const held of this.#held.values()) {
      this.#forgetTheKnown(held);
      size += held.size;
    }
    return size;
  }

  /** What the cache holds is counted there, and what never came needs no place. */
  #forgetTheKnown(held: Map<string, Held>): void {
    const now = this.clock.monotonic();
    for (const [key, { ref, until }] of held) {
      const known = this.cache.store(ref.kind).get(ref.namespace, ref.name) !== undefined;
      if (known || until <= now) held.delete(key);
    }
  }
}

export interface Place {
  /** The outcome is known: the object is in the cache, or was refused. */
  settled(): void;
  /** The answer was lost: the object may be there. */
  unknown(): void;
}
