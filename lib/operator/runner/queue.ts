/**
 * Which key runs next. Two lanes: interactive (own and child changes) before bulk (a change that woke many
 * at once). In a lane the kind that has used least time comes first, in a kind its namespaces take turns.
 */

/** What the queue must know of a key. */
export interface Queued {
  readonly kindName: string;
  readonly namespace: string;
}

/** One pick in this many is given to the bulk lane even while interactive keys wait, so that it never starves. */
const bulkShare = 8;

export class Queue<K extends Queued> {
  readonly #interactive = new Lane<K>();
  readonly #bulk = new Lane<K>();
  #picks = 0;

  /** Adds a key. A key waits in one lane only; interactive wins. */
  add(key: K, lane: "interactive" | "bulk"): void {
    if (this.#interactive.has(key)) return;
    if (lane === "bulk") return this.#bulk.add(key);
    this.#bulk.remove(key);
    this.#interactive.add(key);
  }

  /** @param bulkToo whether a key of the bulk lane may be taken. */
  take(bulkToo = true): K | undefined {
    if (!bulkToo) return this.#interactive.take();
    this.#picks++;
    const bulkFirst = this.#picks % bulkShare === 0;
    return bulkFirst
      ? this.#bulk.take() ?? this.#interactive.take()
      : this.#interactive.take() ?? this.#bulk.take();
  }

  has(key: K): boolean {
    return this.#interactive.has(key) || this.#bulk.has(key);
  }

  /** Charges the time that a pass took to its kind, in milliseconds. */
  charge(key: K, milliseconds: number): void {
    this.#interactive.charge(key.kindName, milliseconds);
    this.#bulk.charge(key.kindName, milliseconds);
  }

  get size(): number {
    return this.#interactive.size + this.#bulk.size;
  }

  /** Whether {@link take} would find one. */
  holds(bulkToo: boolean): boolean {
    return this.#interactive.size > 0 || (bulkToo && this.#bulk.size > 0);
  }
}

class Lane<K extends Queued> {
  readonly #keys = new Set<K>();
  readonly #kinds = new Map<string, KindTurns<K>>();

  get size(): number {
    return this.#keys.size;
  }

  has(key: K): boolean {
    return this.#keys.has(key);
  }

  add(key: K): void {
    if (this.#keys.has(key)) return;
    this.#keys.add(key);
    let kind = this.#kinds.get(key.kindName);
    if (kind === undefined) this.#kinds.set(key.kindName, kind = new KindTurns());
    // A kind that was idle does not collect credit: it starts level with the least used of the busy ones.
    if (kind.size === 0) kind.used = Math.max(kind.used, this.#leastUsed());
    kind.add(key);
  }

  take(): K | undefined {
    let next: KindTurns<K> | undefined;
    for (const kind of this.#kinds.values()) {
      if (kind.size > 0 && (next === undefined || kind.used < next.used)) next = kind;
    }
    const key = next?.take();
    if (key !== undefined) this.#keys.delete(key);
    return key;
  }

  remove(key: K): void {
    if (this.#keys.delete(key)) this.#kinds.get(key.kindName)?.remove(key);
  }

  charge(kindName: string, milliseconds: number): void {
    const kind = this.#kinds.get(kindName);
    if (kind !== undefined) kind.used += milliseconds;
  }

  #leastUsed(): number {
    let least = Infinity;
    for (const kind of this.#kinds.values()) if (kind.size > 0) least = Math.min(least, kind.used);
    return least === Infinity ? 0 : least;
  }
}

/** The waiting keys of one kind: namespaces in turn, first come first served within one. */
class KindTurns<K extends Queued> {
  used = 0;
  size = 0;
  readonly #namespaces = new Map<string, Set<K>>();

  add(key: K): void {
    let keys = this.#namespaces.get(key.namespace);
    if (keys === undefined) this.#namespaces.set(key.namespace, keys = new Set());
    keys.add(key);
    this.size++;
  }

  take(): K | undefined {
    const turn = this.#namespaces.entries().next().value;
    if (turn === undefined) return undefined;
    const [namespace, keys] = turn;
    const key = keys.values().next().value!;
    keys.delete(key);
    this.size--;
    this.#namespaces.delete(namespace);
    if (keys.size > 0) this.#namespaces.set(namespace, keys);
    return key;
  }

  remove(key: K): void {
    const keys = this.#namespaces.get(key.namespace);
    if (keys === undefined || !keys.delete(key)) return;
    this.size--;
    if (keys.size === 0) this.#namespaces.delete(key.namespace);
  }
}
