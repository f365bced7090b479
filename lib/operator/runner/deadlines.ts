/** Moments that wake keys: one timer for the earliest, a binary heap for the rest. */

import type { Timeline } from "../core/clock.ts";

interface Deadline<K> {
  readonly at: number;
  readonly key: K;
}

export class Deadlines<K> {
  readonly #heap: Deadline<K>[] = [];
  readonly #earliest = new Map<K, number>();
  #cancel: (() => void) | undefined;
  #armedFor = Infinity;
  #stopped = false;

  /** @param due is called with each key whose moment has come. */
  constructor(private readonly clock: Timeline, private readonly due: (key: K) => void) {}

  /** Wakes the key at `at` (milliseconds of the clock) unless it has an earlier moment already. */
  set(key: K, at: number): void {
    if ((this.#earliest.get(key) ?? Infinity) <= at) return;
    this.#earliest.set(key, at);
    push(this.#heap, { at, key });
    this.#compact();
    this.#arm();
  }

  /** The key has run: its moments count no more. */
  clear(key: K): void {
    if (this.#earliest.delete(key)) this.#compact();
  }

  get size(): number {
    return this.#earliest.size;
  }

  /** How many moments are held, those included that count no more. */
  get held(): number {
    return this.#heap.length;
  }

  /** The earliest moment that anybody waits for, or undefined. */
  next(): number | undefined {
    this.#skipStale();
    return this.#heap[0]?.at;
  }

  /** No moment wakes anybody any more. */
  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
    this.#cancel = undefined;
    this.#armedFor = Infinity;
  }

  #arm(): void {
    const next = this.next();
    if (this.#stopped || next === undefined || next >= this.#armedFor) return;
    this.#cancel?.();
    this.#armedFor = next;
    this.#cancel = this.clock.schedule(next, () => {
      this.#armedFor = Infinity;
      this.#cancel = undefined;
      this.#fire();
    });
  }

  #fire(): void {
    const now = this.clock.now();
    for (let next = this.next(); next !== undefined && next <= now; next = this.next()) {
      const { key } = pop(this.#heap)!;
      this.#earliest.delete(key);
      this.due(key);
    }
    this.#arm();
  }

  /**
   * Drops moments that count no more, once they are the most: of a key that runs often and waits for next month there
   * are many, and each of a key that is gone would keep the key.
   */
  #compact(): void {
    if (this.#heap.length <= 64 + 2 * this.#earliest.size) return;
    this.#heap.length = 0;
    for (const [key, at] of this.#earliest) push(this.#heap, { at, key });
  }

  #skipStale(): void {
    while (this.#heap.length > 0 && this.#earliest.get(this.#heap[0].key) !== this.#heap[0].at) {
      pop(this.#heap);
    }
  }
}

function push<K>(heap: Deadline<K>[], deadline: Deadline<K>): void {
  let i = heap.push(deadline) - 1;
  while (i > 0) {
    const parent = (i - 1) >> 1;
    if (heap[parent].at <= heap[i].at) return;
    [heap[parent], heap[i]] = [heap[i], heap[parent]];
    i = parent;
  }
}

function pop<K>(heap: Deadline<K>[]): Deadline<K> | undefined {
  const top = heap[0];
  const last = heap.pop();
  if (heap.length === 0 || last === undefined) return top;
  heap[0] = last;
  for (let i = 0;;) {
    const left = 2 * i + 1;
    const right = left + 1;
    let least = i;
    if (left < heap.length && heap[left].at < heap[least].at) least = left;
    if (right < heap.length && heap[right].at < heap[least].at) least = right;
    if (least === i) return top;
    [heap[least], heap[i]] = [heap[i], heap[least]];
    i = least;
  }
}
