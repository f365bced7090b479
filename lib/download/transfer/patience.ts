/** Trying again what may work a moment later, for as long as the attempt lasts. */

import { Backoff, delay } from "../../kube/backoff.ts";
import type { Connections } from "./connections.ts";
import { DownloadFailure } from "../failure.ts";
import type { Progress } from "./progress.ts";

/** The longest pause that is granted to a server, in seconds. */
const longestPause = 15 * 60;

/**
 * Who was refused for too many requests comes back within so many milliseconds after the time that the server named. Fifty
 * downloads that begin together know nothing of each other: without it all would come back, and be refused, together.
 */
const spread = 20_000;

export interface PatienceOptions {
  readonly log: (line: string) => void;
  /** Standing still while the server asks to wait is no fault. */
  readonly progress?: Progress;
  /** Fewer requests at a time, once the server has enough. */
  readonly connections?: Connections;
}

/**
 * Repeats actions that fail with a retryable failure. A Retry-After stops all of them, since it speaks of the client and not of
 * one request; pauses carry jitter, so that many downloads do not come back at once.
 */
export class Patience {
  readonly #options: PatienceOptions;
  #pausedUntil = 0;

  constructor(options: PatienceOptions) {
    this.#options = options;
  }

  /** The last failure that was not yet final; what a stalled attempt tells. */
  lastFailure: DownloadFailure | undefined;

  /**
   * Repeats an action until it succeeds. Pauses grow, and begin anew once the action calls `advanced`: a little of it was done.
   * @throws what the action throws, unless it is a retryable DownloadFailure, or the signal's reason.
   */
  async try<T>(signal: AbortSignal, action: (advanced: () => void) => Promise<T>): Promise<T> {
    const backoff = new Backoff({ first: 500, longest: 8_000 });
    const advanced = () => backoff.reset();
    for (;;) {
      await this.#untilAllowed(signal);
      try {
        return await action(advanced);
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof DownloadFailure) || !error.retryable) throw error;
        await delay(this.#pauseAfter(error, backoff), signal);
      }
    }
  }

  /** Milliseconds to wait. */
  #pauseAfter(failure: DownloadFailure, backoff: Backoff): number {
    this.lastFailure = failure;
    const grown = backoff.next();
    const { log, progress, connections } = this.#options;
    if (failure.crowded) connections?.refused();
    if (failure.retryAfterSeconds === undefined) {
      log(`${failure.message}; trying again in ${(grown / 1000).toFixed(1)} s`);
      return grown;
    }
    const asked = Math.min(failure.retryAfterSeconds, longestPause) * 1000;
    const pause = asked + Math.random() * (failure.crowded ? spread : grown);
    this.#pausedUntil = Math.max(this.#pausedUntil, performance.now() + pause);
    progress?.pauseUntil(this.#pausedUntil);
    log(
      `${failure.message}; trying again in ${Math.ceil(pause / 1000)} s: ` +
        `the server asks for ${Math.ceil(asked / 1000)} s, and others wait as well`,
    );
    return pause;
  }

  async #untilAllowed(signal: AbortSignal): Promise<void> {
    for (;;) {
      const left = this.#pausedUntil - performance.now();
      if (left <= 0) return;
      await delay(left, signal);
    }
  }
}
