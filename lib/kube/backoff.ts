/** Waiting: a pause that can be called off, and growing pauses between tries. */
import { ApiError } from "./errors.ts";

/** Resolves after `milliseconds`; rejects with the signal's reason if it is aborted before. */
export function delay(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    const stop = () => {
      clearTimeout(timer);
      reject(signal!.reason);
    };
    signal?.addEventListener("abort", stop, { once: true });
  });
}

/** Bounds of the pauses between tries. */
export interface BackoffBounds {
  /** Milliseconds. */
  readonly first: number;
  /** Milliseconds, before jitter. */
  readonly longest: number;
  /** How far a pause may be from its step, as a part of it; default a half. */
  readonly jitter?: number;
}

/**
 * Exponential backoff with jitter: the pause in milliseconds after so many failures in a row (from 1). It is drawn from
 * around a step that doubles from `first` to `longest`, so that many clients of a server that died do not come back at
 * once.
 */
export function backoffAfter(
  failures: number,
  { first, longest, jitter = 0.5 }: BackoffBounds,
  random: number,
): number {
  return Math.min(longest, first * 2 ** (failures - 1)) * (1 + jitter * (2 * random - 1));
}

/** The pauses of one loop that tries again: see {@link backoffAfter}. */
export class Backoff {
  readonly #bounds: BackoffBounds;
  readonly #random: () => number;
  #failures = 0;

  constructor(bounds: BackoffBounds, random: () => number = Math.random) {
    this.#bounds = bounds;
    this.#random = random;
  }

  /** Failures since the last {@link reset}. */
  get failures(): number {
    return this.#failures;
  }

  /** The next pause in milliseconds. */
  next(): number {
    return backoffAfter(++this.#failures, this.#bounds, this.#random());
  }

  /** After a success. */
  reset(): void {
    this.#failures = 0;
  }
}

/**
 * How long the server asks to wait after a failure, in milliseconds: up to a half longer, so that not all whom it has
 * sent away come back at once. Undefined if it does not say.
 */
export function retryAfter(failure: unknown, random: () => number = Math.random): number | undefined {
  if (!(failure instanceof ApiError) || failure.retryAfterSeconds === undefined) return undefined;
  return failure.retryAfterSeconds * 1000 * (1 + random() / 2);
}

/**
 * A signal that aborts when `signal` does or, with a `TimeoutError`, after `milliseconds`; `done` ends the
 * timer. (`AbortSignal.timeout` keeps its timer to the end.)
 */
export function deadline(
  milliseconds: number,
  signal?: AbortSignal,
): { signal: AbortSignal; done: () => void } {
  const controller = new AbortController();
  const follow = () => controller.abort(signal!.reason);
  if (signal?.aborted) follow();
  signal?.addEventListener("abort", follow, { once: true });
  const waiting = queueOf(milliseconds);
  waiting.add(controller);
  const done = () => {
    waiting.delete(controller);
    signal?.removeEventListener("abort", follow);
  };
  return { signal: controller.signal, done };
}

/** What waits equally long ends in the order in which it began: one timer does for all of it, however many requests there are. */
class EqualDeadlines {
  /** When each is due, in milliseconds of the clock; the first is due first. */
  readonly #due = new Map<AbortController, number>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param siblings those by the same timers that something waits for, by how long they wait */
  constructor(
    private readonly milliseconds: number,
    private readonly timers: Timers,
    private readonly siblings: Map<number, EqualDeadlines>,
  ) {}

  add(controller: AbortController): void {
    const { start, now } = this.timers;
    this.#due.set(controller, now() + this.milliseconds);
    this.#timer ??= start(() => this.#expire(), Math.min(this.milliseconds, longestTimer));
  }

  delete(controller: AbortController): void {
    this.#due.delete(controller);
    if (this.#due.size > 0) return;
    this.timers.stop(this.#timer);
    if (this.siblings.get(this.milliseconds) === this) this.siblings.delete(this.milliseconds);
  }

  #expire(): void {
    const { start } = this.timers;
    const now = this.timers.now();
    const over: AbortController[] = [];
    let next: number | undefined;
    for (const [controller, due] of this.#due) {
      if (due > now) {
        next = due - now;
        break;
      }
      over.push(controller);
    }
    // The rest is seen to before anybody hears of it: who does may begin and end others.
    this.#timer = next === undefined ? undefined : start(() => this.#expire(), Math.min(next, longestTimer));
    for (const controller of over) this.delete(controller);
    for (const controller of over) {
      controller.abort(new DOMException(`no answer within ${this.milliseconds} ms`, "TimeoutError"));
    }
  }
}

/** What a timer can wait, in milliseconds: a longer one would fall at once. */
const longestTimer = 2 ** 31 - 1;

/** The timers of this thread at one moment, and their clock. */
interface Timers {
  readonly start: (call: () => void, milliseconds: number) => ReturnType<typeof setTimeout>;
  readonly stop: (timer: ReturnType<typeof setTimeout> | undefined) => void;
  readonly now: () => number;
}

/**
 * Those that something waits for, by whose timers. While a plan is rehearsed the timers of this thread are others, which end
 * with it: what waits for them must not be before, nor behind, what waits in another time.
 */
const queues = new WeakMap<typeof setTimeout, Map<number, EqualDeadlines>>();

function queueOf(milliseconds: number): EqualDeadlines {
  const { setTimeout, clearTimeout } = globalThis;
  let siblings = queues.get(setTimeout);
  if (siblings === undefined) queues.set(setTimeout, siblings = new Map());
  let queue = siblings.get(milliseconds);
  if (queue === undefined) {
    const { now } = performance;
    const timers: Timers = {
      start: (call, milliseconds) => setTimeout(call, milliseconds),
      stop: (timer) => clearTimeout(timer),
      now: () => now.call(performance),
    };
    siblings.set(milliseconds, queue = new EqualDeadlines(milliseconds, timers, siblings));
  }
  return queue;
}
