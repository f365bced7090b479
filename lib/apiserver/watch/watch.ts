/**
 * Watches: what has happened since a version, and then what happens.
 *
 * A watch holds events until its reader takes them, up to a bound: a reader that does not read is cut, as the original
 * does it, and comes back with the version it has.
 */
import type { Clock } from "../clock.ts";
import type { Change, StoredObject } from "../store/store.ts";
import type { JsonObject } from "../json.ts";

export interface WatchEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  readonly object: unknown;
}

export interface WatchOptions {
  /** Whether the reader is to see an object: its namespace and selectors. */
  readonly wants: (object: StoredObject) => boolean;
  /** What the reader gets of an object (a table, metadata only …). */
  readonly shape: (object: StoredObject) => unknown;
  /** The mark of a version, without an object. */
  readonly bookmark: (version: number, initialEventsEnd: boolean) => JsonObject;
  /** How many events wait for the reader at most. */
  readonly bound: number;
}

export class Watch {
  readonly #waiting: WatchEvent[] = [];
  #wake: (() => void) | undefined;
  #ended = false;
  #atEnd: (() => void)[] = [];
  /** How late events come, and until when none may overtake another. */
  #lag: { readonly clock: Clock; readonly next: () => number; until: number } | undefined;

  constructor(private readonly options: WatchOptions) {}

  /** Whether nothing more will come after what waits. */
  get ended(): boolean {
    return this.#ended;
  }

  /** How many events wait for the reader. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** The next event, or undefined at the end. One reader at a time. */
  async next(): Promise<WatchEvent | undefined> {
    while (this.#waiting.length === 0 && !this.#ended) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    return this.#waiting.shift();
  }

  /** Called once when the watch ends, however it does. */
  atEnd(call: () => void): void {
    if (this.#ended) call();
    else this.#atEnd.push(call);
  }

  /** Tells of a change, as it looks through the selector: what leaves it is deleted, what enters it is added. */
  change({ type, object, before, version }: Change): void {
    const { wants, shape } = this.options;
    const was = before !== undefined && wants(before);
    const is = type !== "DELETED" && wants(object);
    if (is) this.push({ type: was ? "MODIFIED" : "ADDED", object: shape(object) });
    else if (was) this.push({ type: "DELETED", object: shape(lastSeen(before, object, type, version)) });
  }

  /** An object that was there when the watch began. */
  initial(object: StoredObject): void {
    if (this.options.wants(object)) this.push({ type: "ADDED", object: this.options.shape(object) });
  }

  bookmark(version: number, initialEventsEnd = false): void {
    this.push({ type: "BOOKMARK", object: this.options.bookmark(version, initialEventsEnd) });
  }

  /** Says why, and ends. */
  fail(status: unknown): void {
    this.#inTurn(() => {
      this.#push({ type: "ERROR", object: status });
      this.end();
    });
  }

  /** From now on each event is so many milliseconds late as `next` says; none overtakes another, nor does the end. */
  delay(clock: Clock, next: () => number): void {
    this.#lag = { clock, next, until: clock.now() };
  }

  push(event: WatchEvent): void {
    this.#inTurn(() => this.#push(event));
  }

  #inTurn(call: () => void): void {
    const lag = this.#lag;
    if (lag === undefined) return call();
    const now = lag.clock.now();
    lag.until = Math.max(lag.until, now + lag.next());
    if (lag.until === now) call();
    else lag.clock.after(lag.until - now, call);
  }

  #push(event: WatchEvent): void {
    if (this.#ended) return;
    if (this.#waiting.length >= this.options.bound) {
      this.#waiting.length = 0;
      return this.end();
    }
    this.#waiting.push(event);
    this.#wake?.();
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#wake?.();
    for (const call of this.#atEnd) call();
  }
}

/** What has left a selector is told as it was, in the version of its leaving; what was deleted as it was at its end. */
function lastSeen(before: StoredObject, object: StoredObject, type: string, version: number): StoredObject {
  if (type === "DELETED") return object;
  return { ...before, metadata: { ...before.metadata, resourceVersion: String(version) } };
}
