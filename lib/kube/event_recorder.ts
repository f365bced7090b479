/** Events (`v1`) on objects, for people: sent beside the work, never in its way. */
import { Backoff, delay } from "./backoff.ts";
import { ApiError, isStatus } from "./errors.ts";
import type { KubeObject, Resource } from "./object.ts";
import type { Transport } from "./transport.ts";
import { createUnread, mergePatch } from "./write.ts";

const events: Resource = { group: "", version: "v1", kind: "Event", plural: "events", namespaced: true };

/** The object that an event is about. */
export interface ObjectReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
}

export interface EventNote {
  readonly about: ObjectReference;
  readonly type: "Normal" | "Warning";
  /** One word, CamelCase. */
  readonly reason: string;
  readonly message: string;
  /** `source.component`. */
  readonly component: string;
}

export interface EventRecorderOptions {
  readonly transport: Transport;
  /** Told of what was given up, and why. */
  readonly log?: (message: string, error?: unknown) => void;
  /** Notes that wait to be sent; more are dropped. */
  readonly queueLimit?: number;
  readonly clock?: RecorderClock;
}

export interface RecorderClock {
  /** What events say. */
  now(): Date;
  /** For windows and rates; milliseconds. */
  monotonic(): number;
  /** Calls `then` after so many milliseconds. Returns what cancels it. */
  after(milliseconds: number, then: () => void): () => void;
}

const systemClock: RecorderClock = {
  now: () => new Date(),
  monotonic: () => performance.now(),
  after(milliseconds, then) {
    const timer = setTimeout(then, milliseconds);
    return () => clearTimeout(timer);
  },
};

/** Counters for metrics. */
export interface EventCounts {
  readonly sent: number;
  readonly dropped: number;
}

interface EventBody extends KubeObject {
  count?: number;
}

/** One event object on the server, and what still has to be said of it. */
interface Series {
  readonly note: EventNote;
  /** Occurrences that the server does not know of yet. */
  unsent: number;
  count: number;
  /** Milliseconds since 1970. */
  readonly first: number;
  last: number;
  /** The same moment, monotonic. */
  lastAt: number;
  message: string;
  /** Name of the event on the server. The rest of it (managed fields most of all) would be megabytes over time. */
  stored: string | undefined;
  waiting: boolean;
}

/** How many notes of one source on one object are still let through, as of a moment. */
interface Bucket {
  tokens: number;
  at: number;
}

const spamBurst = 25;
const spamRefillMilliseconds = 5 * 60_000;
const similarLimit = 10;
const windowMilliseconds = 10 * 60_000;
const remembered = 4096;
/** How often what says nothing any more is forgotten. */
const sweepMilliseconds = 60_000;
const senders = 4;
const attempts = 5;

/**
 * Records events (conventions §7.1).
 *
 * - The same note again within ten minutes raises `count` of its event; more than ten notes within ten
 *   minutes that differ in their message only go into one event.
 * - For each source and object 25 at once, then one every five minutes; the rest is dropped.
 * - Events on cluster-scoped objects are in namespace `default`.
 * - `record` returns at once and never throws. What cannot be sent (a namespace that is going, a full queue,
 *   five failures) is dropped, counted, and logged.
 */
export class EventRecorder {
  readonly #transport: Transport;
  readonly #log: (message: string, error?: unknown) => void;
  readonly #queueLimit: number;
  readonly #clock: RecorderClock;
  readonly #series = new Recent<Series>();
  readonly #similar = new Recent<{ messages: Set<string>; since: number }>();
  readonly #buckets = new Recent<Bucket>();
  readonly #queue: Series[] = [];
  readonly #running = new Set<Promise<void>>();
  readonly #stopped = new AbortController();
  /** Set while there is something to forget. */
  #cancelSweep: (() => void) | undefined;
  #sent = 0;
  #dropped = 0;

  constructor(options: EventRecorderOptions) {
    this.#transport = options.transport;
    this.#log = options.log ?? (() => {});
    this.#queueLimit = options.queueLimit ?? 5_000;
    this.#clock = options.clock ?? systemClock;
  }

  get counts(): EventCounts {
    return { sent: this.#sent, dropped: this.#dropped };
  }

  /** What is held: so many of each at most; what is older than its window goes within a minute. */
  get sizes(): { series: number; similar: number; buckets: number; queued: number } {
    return {
      series: this.#series.size,
      similar: this.#similar.size,
      buckets: this.#buckets.size,
      queued: this.#queue.length,
    };
  }

  /** Notes an event; it is sent later. */
  record(note: EventNote): void {
    const now = this.#clock.monotonic();
    this.#sweepLater();
    if (!this.#admits(note, now)) {
      this.#dropped++;
      return;
    }
    const series = this.#seriesOf(note, now);
    series.unsent++;
    series.last = this.#clock.now().getTime();
    series.lastAt = now;
    if (series.waiting) return;
    if (this.#queue.length >= this.#queueLimit) {
      series.unsent = 0;
      this.#drop(1, `the queue of events is full: ${describe(note)}`);
      return;
    }
    series.waiting = true;
    this.#queue.push(series);
    this.#startSenders();
  }

  /** Resolves when everything recorded so far is sent or given up. */
  async flush(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  /** Gives up what is not sent yet; to be called once nothing is recorded any more. */
  stop(): void {
    this.#stopped.abort();
    this.#cancelSweep?.();
    this.#queue.length = 0;
  }

  #sweepLater(): void {
    this.#cancelSweep ??= this.#clock.after(sweepMilliseconds, () => {
      this.#cancelSweep = undefined;
      this.#forgetOld(this.#clock.monotonic());
      if (this.#series.size + this.#similar.size + this.#buckets.size > 0) this.#sweepLater();
    });
  }

  /** What is older than its window, and a bucket that is full again, say nothing any more. */
  #forgetOld(now: number): void {
    this.#series.forget(({ lastAt }) => now - lastAt >= windowMilliseconds);
    this.#similar.forget(({ since }) => now - since >= windowMilliseconds);
    this.#buckets.forget((bucket) => tokensAt(bucket, now) >= spamBurst);
  }

  #admits(note: EventNote, now: number): boolean {
    const key = `${note.component}\n${identityOf(note.about)}`;
    const bucket = this.#buckets.get(key) ?? { tokens: spamBurst, at: now };
    bucket.tokens = tokensAt(bucket, now);
    bucket.at = now;
    this.#buckets.set(key, bucket);
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  }

  #seriesOf(note: EventNote, now: number): Series {
    const group = [note.component, identityOf(note.about), note.type, note.reason].join("\n");
    const merged = this.#isOneOfMany(group, note.message, now);
    const key = merged ? `${group}\n` : `${group}\n${note.message}`;
    const message = merged ? `(combined from similar events): ${note.message}` : note.message;
    const known = this.#series.get(key);
    if (known !== undefined && now - known.lastAt < windowMilliseconds) {
      known.message = message;
      this.#series.set(key, known);
      return known;
    }
    const fresh = {
      note,
      unsent: 0,
      count: 0,
      first: this.#clock.now().getTime(),
      last: this.#clock.now().getTime(),
      lastAt: now,
      message,
      stored: undefined,
      waiting: false,
    };
    this.#series.set(key, fresh);
    return fresh;
  }

  #isOneOfMany(group: string, message: string, now: number): boolean {
    let similar = this.#similar.get(group);
    if (similar === undefined || now - similar.since >= windowMilliseconds) {
      similar = { messages: new Set(), since: now };
    }
    this.#similar.set(group, similar);
    if (similar.messages.size <= similarLimit) similar.messages.add(message);
    return similar.messages.size > similarLimit;
  }

  #startSenders(): void {
    if (this.#running.size >= senders) return;
    const running = this.#sendAll().finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  async #sendAll(): Promise<void> {
    await Promise.resolve(); // record() has returned before anything is sent
    for (let series = this.#queue.shift(); series !== undefined; series = this.#queue.shift()) {
      const backoff = new Backoff({ first: 500, longest: 10_000 });
      while (series.unsent > 0) {
        const occurrences: number = series.unsent;
        try {
          await this.#send(series, occurrences);
          series.unsent -= occurrences;
          this.#sent++;
        } catch (failure) {
          if (!isTemporary(failure) || backoff.failures + 1 >= attempts || this.#stopped.signal.aborted) {
            series.unsent = 0;
            this.#drop(occurrences, `an event is given up: ${describe(series.note)}`, failure);
            break;
          }
          await delay(backoff.next(), this.#stopped.signal).catch(() => {}); // the next failure ends it
        }
      }
      series.waiting = false;
    }
  }

  async #send(series: Series, occurrences: number): Promise<void> {
    const call = { fieldManager: series.note.component, signal: this.#stopped.signal };
    const count = series.count + occurrences;
    if (series.stored !== undefined) {
      const named = { namespace: namespaceOf(series.note), name: series.stored };
      const patch = { count, lastTimestamp: secondsOf(series.last), message: series.message };
      try {
        await mergePatch<EventBody>(this.#transport, events, named, patch, call);
        series.count = count;
        return;
      } catch (failure) {
        if (!isStatus(failure, 404)) throw failure;
        series.stored = undefined; // it expired: make a new one
      }
    }
    const body = bodyOf(series, count);
    await createUnread(this.#transport, events, body, call);
    series.stored = body.metadata.name;
    series.count = count;
  }

  #drop(count: number, message: string, failure?: unknown): void {
    this.#dropped += count;
    this.#log(message, failure);
  }
}

function tokensAt({ tokens, at }: Bucket, now: number): number {
  return Math.min(spamBurst, tokens + (now - at) / spamRefillMilliseconds);
}

function bodyOf({ note, first, last, message }: Series, count: number) {
  return {
    apiVersion: "v1",
    kind: "Event",
    metadata: { namespace: namespaceOf(note), name: `${namePart(note.about.name)}.${randomHex()}` },
    involvedObject: note.about,
    type: note.type,
    reason: note.reason,
    message: message.slice(0, 1024),
    source: { component: note.component },
    reportingComponent: note.component,
    firstTimestamp: secondsOf(first),
    lastTimestamp: secondsOf(last),
    count,
  };
}

function namespaceOf({ about }: EventNote): string {
  return about.namespace || "default";
}

/** So much of a name that the event's own stays a valid one. */
function namePart(name: string): string {
  return name.slice(0, 230).replace(/[^a-z0-9]+$/, "");
}

function isTemporary(failure: unknown): boolean {
  return !(failure instanceof ApiError) || failure.status >= 500 || failure.status === 429;
}

function identityOf({ apiVersion, kind, namespace, name, uid }: ObjectReference): string {
  return [apiVersion, kind, namespace ?? "", name, uid ?? ""].join("/");
}

function describe({ about, reason }: EventNote): string {
  return `${reason} on ${about.kind} ${about.namespace ?? ""}/${about.name}`;
}

function secondsOf(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, "Z");
}

function randomHex(): string {
  return [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}

/** A map that forgets what was not touched for longest. */
class Recent<V> {
  readonly #entries = new Map<string, V>();

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): V | undefined {
    return this.#entries.get(key);
  }

  forget(isOver: (value: V) => boolean): void {
    for (const [key, value] of this.#entries) if (isOver(value)) this.#entries.delete(key);
  }

  set(key: string, value: V): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size > remembered) this.#entries.delete(this.#entries.keys().next().value!);
  }
}
