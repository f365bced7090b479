/** Slots for children of which there may only be so many (core/plan.ts `Slot`), counting those that are being created. */

import type { Clock } from "../core/clock.ts";
import type { ClusterCache } from "../core/cluster_cache.ts";
import type { KubeObject, Live } from "../../kube/object.ts";
import { childKey, type ChildRef, type Slot } from "../core/plan.ts";

/**
 * How long a slot is kept for a create whose answer was lost: by then the watch has told of the object, if it was
 * made. Milliseconds.
 */
const unknownFor = 60_000;

interface Entry {
  readonly ref: ChildRef;
  /** Under which values of the index the child will be found. */
  readonly values: readonly string[];
  /** Infinity while the request is under way. */
  until: number;
}

export class Reservations {
  /** By the index that says which slots are taken, and the child. */
  readonly #byIndex = new Map<number, Map<string, Entry>>();

  constructor(private readonly cache: ClusterCache, private readonly clock: Clock) {}

  /** Reserves a slot for a child that is about to be created; undefined if there is none. */
  take({ takenBy, value, limit }: Slot, ref: ChildRef, desired: KubeObject): Reservation | undefined {
    let reserved = this.#byIndex.get(takenBy.id);
    if (reserved === undefined) this.#byIndex.set(takenBy.id, reserved = new Map());
    const key = childKey(ref);
    // A child that is tried again needs no second slot.
    reserved.delete(key);
    this.#forgetTheKnown(reserved);
    const onTheirWay = [...reserved.values()].filter(({ values }) => values.includes(value)).length;
    if (this.cache.store(takenBy.kind).list(takenBy, value).length + onTheirWay >= limit) return undefined;
    const values = takenBy.valuesOf(desired as Live<KubeObject>);
    const own: Entry = { ref, values, until: Infinity };
    reserved.set(key, own);
    return {
      settled: () => reserved.delete(key),
      unknown: () => own.until = this.clock.monotonic() + unknownFor,
    };
  }

  /** How many children are on their way. */
  get size(): number {
    let size = 0;
    for (const reserved of this.#byIndex.values()) {
      this.#forgetTheKnown(reserved);
      size += reserved.size;
    }
    return size;
  }

  /** What the cache holds is counted there, and what never came needs no slot. */
  #forgetTheKnown(reserved: Map<string, Entry>): void {
    const now = this.clock.monotonic();
    for (const [key, { ref, until }] of reserved) {
      const known = this.cache.store(ref.kind).get(ref.namespace, ref.name) !== undefined;
      if (known || until <= now) reserved.delete(key);
    }
  }
}

export interface Reservation {
  /** The outcome is known: the object is in the cache, or was refused. */
  settled(): void;
  /** The answer was lost: the object may be there. */
  unknown(): void;
}
