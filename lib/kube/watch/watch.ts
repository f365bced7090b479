import { ApiError, isStatus, type Status } from "../errors.ts";
import { parseJson } from "../json/json.ts";
import { parseObject } from "../json/object_text.ts";
import { LineSplitter } from "../lines.ts";
import type { KubeObject, Live, Resource } from "../object.ts";
import { pathOf, queryOf, type Selection } from "../path.ts";
import type { Transport } from "../transport.ts";
import { ownTurn } from "./turn.ts";

export interface WatchOptions extends Selection {
  /**
   * Changes after this version are sent. Absent: first all objects that there are, as `ADDED`, then a bookmark that
   * {@link endsInitialEvents}, then changes (`sendInitialEvents`; 422 where the server has it not).
   */
  readonly resourceVersion: string | undefined;
  /** How long the server keeps the watch open. */
  readonly timeoutSeconds: number;
  /**
   * So long without a byte on the connection, and the watch is given up; also where only the watch is silent, once the
   * server has sent a bookmark on it, as it then does every minute.
   */
  readonly silenceMilliseconds: number;
  /** Only these managers' entries of `managedFields` are asked for. Default: all. */
  readonly managers?: readonly string[];
  /** Whether an object of that version is held already: it comes as `KNOWN`, and its text is not parsed. */
  readonly holds?: (resourceVersion: string) => boolean;
  readonly signal?: AbortSignal;
}

/**
 * One change; or a `BOOKMARK`, an object that has only a version, up to which all changes were sent; or `KNOWN`, a change
 * that the reader holds.
 */
export type WatchEvent<T extends KubeObject> =
  | { readonly type: "ADDED" | "MODIFIED" | "DELETED"; readonly object: Live<T> }
  | {
    readonly type: "BOOKMARK";
    readonly object: {
      readonly metadata: { readonly resourceVersion: string; readonly annotations?: Record<string, string> };
    };
  }
  | Known;

interface Known {
  readonly type: "KNOWN";
  readonly object: { readonly metadata: { readonly resourceVersion: string } };
}

/** Whether all objects that there were when a watch began have been sent. */
export function endsInitialEvents(event: WatchEvent<KubeObject>): boolean {
  return event.type === "BOOKMARK" &&
    event.object.metadata.annotations?.["k8s.io/initial-events-end"] === "true";
}

/** A line of a watch is not what it should be. */
export class WatchDecodingError extends Error {
  override readonly name = "WatchDecodingError";
}

/** Nothing came for too long: the connection may be dead, or the server may not run. */
export class SilentWatchError extends Error {
  override readonly name = "SilentWatchError";
}

/**
 * One watch request. Yields what arrived together, in order, and returns when the server closes the stream
 * (after `timeoutSeconds`, or when it shuts down). A line that the end of the stream cuts off is dropped:
 * the server sends it again from the last version seen.
 *
 * Silence is a fault of the connection, not of a watch on which nothing happens: events have no bookmarks.
 *
 * @throws ApiError for an unsuccessful answer and for an `ERROR` event (410: the version is too old);
 *   NetworkError if the stream breaks; WatchDecodingError; SilentWatchError, after it has told the
 *   transport to open a new connection in place of a mute one; the signal's reason.
 */
export async function* watch<T extends KubeObject>(
  transport: Transport,
  resource: Resource,
  options: WatchOptions,
): AsyncGenerator<WatchEvent<T>[], void, void> {
  let stream: ReadableStream<unknown> | undefined;
  const silence = new SilenceAlarm(
    options.silenceMilliseconds,
    () => stream && transport.heardAt?.(stream),
    options.signal,
  );
  const path = pathOf(resource, options.namespace);
  let reader: ReadableStreamDefaultReader<unknown> | undefined;
  try {
    stream = await transport.performRequest({
      method: "GET",
      path,
      querystring: watchQuery(options),
      expectStream: true,
      expectJson: transport.hasObjects,
      abortSignal: silence.signal,
    }) as ReadableStream<unknown>;
    silence.answered();
    reader = stream.getReader();
    const lines = new LineSplitter();
    for (;;) {
      const { done, value } = await reader.read();
      silence.heard();
      if (done) return;
      if (value instanceof Uint8Array) await ownTurn();
      const events = value instanceof Uint8Array
        ? decode<T>(lines, value, path, options)
        : [heldIn(value as EventBody, options.holds) ?? eventOf<T>(value as EventBody, path)];
      if (events.some((event) => event.type === "BOOKMARK" && !endsInitialEvents(event))) {
        silence.expectBookmarks();
      }
      if (events.length > 0) yield events;
    }
  } catch (failure) {
    if (silence.rang === undefined) throw failure;
    if (silence.rang === "connection") transport.renew?.(silence.heardAt);
    throw new SilentWatchError(`watch ${path}: nothing came for ${options.silenceMilliseconds} ms`);
  } finally {
    silence.stop();
    await reader?.cancel().catch(() => {}); // it may have failed already; that was thrown above
  }
}

function watchQuery(options: WatchOptions): URLSearchParams {
  const query = queryOf(options);
  query.set("watch", "true");
  query.set("allowWatchBookmarks", "true");
  if (options.resourceVersion === undefined) {
    query.set("sendInitialEvents", "true");
    query.set("resourceVersionMatch", "NotOlderThan");
  } else query.set("resourceVersion", options.resourceVersion);
  query.set("timeoutSeconds", String(options.timeoutSeconds));
  return query;
}

function decode<T extends KubeObject>(
  lines: LineSplitter,
  chunk: Uint8Array,
  path: string,
  { managers, holds }: WatchOptions,
): WatchEvent<T>[] {
  const parse = (line: string) => managers === undefined ? parseJson(line) : parseObject(line, managers);
  try {
    return lines.push(chunk).map((line) =>
      (holds && knownIn(line, holds)) ?? eventOf<T>(parse(line) as EventBody, path)
    );
  } catch (failure) {
    if (failure instanceof ApiError || failure instanceof WatchDecodingError) throw failure;
    throw new WatchDecodingError(`watch ${path}: ${failure}`, { cause: failure });
  }
}

const versionKey = '"resourceVersion":"';

/**
 * What a line tells, if it is an object that is held: found by its version, without parsing the rest. A text that has the
 * key twice, in an annotation for example, is parsed: which of the two is the object's is not known.
 */
function knownIn(line: string, holds: (resourceVersion: string) => boolean): Known | undefined {
  if (!line.startsWith('{"type":"MODIFIED"') && !line.startsWith('{"type":"ADDED"')) return undefined;
  const from = line.indexOf(versionKey) + versionKey.length;
  if (from < versionKey.length || line.indexOf(versionKey, from) >= 0) return undefined;
  return known(line.slice(from, line.indexOf('"', from)), holds);
}

/** The same of an event that comes as an object. */
function heldIn({ type, object }: EventBody, holds: WatchOptions["holds"]): Known | undefined {
  const version = object?.metadata?.resourceVersion;
  if (holds === undefined || version === undefined || type !== "ADDED" && type !== "MODIFIED") {
    return undefined;
  }
  return known(version, holds);
}

function known(resourceVersion: string, holds: (resourceVersion: string) => boolean): Known | undefined {
  return holds(resourceVersion) ? { type: "KNOWN", object: { metadata: { resourceVersion } } } : undefined;
}

interface EventBody {
  readonly type?: string;
  readonly object?: KubeObject & Status;
}

function eventOf<T extends KubeObject>(event: EventBody, path: string): WatchEvent<T> {
  switch (event?.type) {
    case "ADDED":
    case "MODIFIED":
    case "DELETED":
    case "BOOKMARK":
      if (event.object?.metadata?.resourceVersion) return event as WatchEvent<T>;
      throw new WatchDecodingError(`watch ${path}: ${event.type} without an object that has a version`);
    case "ERROR": {
      const { code = 500, reason, message = "the watch failed", details } = event.object ?? {};
      const retryAfterSeconds = details?.retryAfterSeconds;
      throw new ApiError({ status: code, reason, message, details, retryAfterSeconds, method: "GET", path });
    }
    default:
      throw new WatchDecodingError(
        `watch ${path}: an event of the unknown type ${JSON.stringify(event?.type)}`,
      );
  }
}

/** Aborts `signal` when nothing was heard for a while. A timer that sleeps as long as it can, not one for each byte heard. */
class SilenceAlarm {
  readonly #controller = new AbortController();
  readonly #milliseconds: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #outer: AbortSignal | undefined;
  readonly #connectionHeardAt: () => number | undefined;
  #heardAt = performance.now();
  #answered = false;
  #bookmarks = false;
  /** What was silent: the whole connection, or only the watch. (The transport looks after one without an answer.) */
  rang: "connection" | "watch" | undefined;

  constructor(
    milliseconds: number,
    connectionHeardAt: () => number | undefined,
    outer: AbortSignal | undefined,
  ) {
    this.#milliseconds = milliseconds;
    this.#connectionHeardAt = connectionHeardAt;
    this.#outer = outer;
    this.#lookIn(milliseconds);
    if (outer?.aborted) this.#follow();
    outer?.addEventListener("abort", this.#follow, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** When the last byte came on the connection, as far as that can be told. */
  get heardAt(): number {
    return Math.max(this.#heardAt, this.#connectionHeardAt() ?? -Infinity);
  }

  /** The server has begun to answer. */
  answered(): void {
    this.#answered = true;
    this.heard();
  }

  heard(): void {
    this.#heardAt = performance.now();
  }

  /** From now on the watch itself is silent no longer than a minute. */
  expectBookmarks(): void {
    this.#bookmarks = true;
  }

  /** Sleeps until it could have been silent for so long, however much is heard meanwhile. */
  #lookIn(milliseconds: number): void {
    this.#timer = setTimeout(() => this.#look(), milliseconds);
  }

  #look(): void {
    const now = performance.now();
    const leftOf = (heardAt: number) => heardAt + this.#milliseconds - now;
    if (leftOf(this.#heardAt) > 0) return this.#lookIn(leftOf(this.#heardAt));
    const mute = this.#answered && leftOf(this.heardAt) <= 0;
    if (this.#answered && !mute && !this.#bookmarks) return this.#lookIn(leftOf(this.heardAt));
    this.rang = mute ? "connection" : "watch";
    this.#controller.abort(new DOMException("silence", "TimeoutError"));
    this.stop();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#outer?.removeEventListener("abort", this.#follow);
  }

  readonly #follow = () => this.#controller.abort(this.#outer!.reason);
}

/**
 * Whether to read the list anew (`true`), or to go on from the last version: the server has forgotten it, has not come
 * to it (restored from a backup), or sent what cannot be read. All other failures leave what is known as it is.
 */
export function needsNewList(failure: unknown): boolean {
  return failure instanceof WatchDecodingError || isStatus(failure, 410) ||
    failure instanceof ApiError &&
      (failure.details.causes ?? []).some(({ reason }) => reason === "ResourceVersionTooLarge");
}
