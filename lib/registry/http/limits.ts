/** Registries that want to be left alone, each by the credential that may ask no more for now. */

import { RegistryError, type RegistryReason } from "../errors.ts";
import { KeptResults } from "../kept_results.ts";
import { failureOf, type Subject } from "../messages.ts";
import type { HttpAnswer } from "./exchange.ts";
import { pauseAfter } from "./rate_limit.ts";

/** Until when nothing is asked, in milliseconds since 1970, and why. */
interface Pause {
  readonly until: number;
  readonly reason: RegistryReason;
}

/** By host and credential. */
export type Pauses = KeptResults<Pause>;

export function noPauses(): Pauses {
  return new KeptResults<Pause>({ entries: 1_000, weight: 1_000 });
}

export class Limits {
  /** How much is left is counted by what is asked for: who may pull no more may still list. */
  readonly #own = noPauses();

  /** @param refused of those who were sent away with a `Retry-After`; it holds for all who ask there */
  constructor(private readonly now: () => number, private readonly refused: Pauses = noPauses()) {}

  /**
   * Sends a request, unless its host has said that it wants none before a time that has not come.
   *
   * @param who fingerprint of the credential; empty without one
   * @param what is asked for, e.g. `the manifest`
   * @throws RegistryError with the reason of the pause and the time that is left, and what `send` throws
   */
  async ask(
    host: string,
    who: string,
    what: string,
    subject: Subject,
    send: () => Promise<HttpAnswer>,
  ): Promise<HttpAnswer> {
    const key = `${host} ${who}`;
    this.#check(key, host, what, subject);
    try {
      const answer = await send();
      const pause = pauseAfter(answer.headers, this.now());
      if (pause !== undefined) this.#pause(this.#own, key, pause, "RateLimited");
      // GitHub's way to say that nothing is left.
      if (answer.status === 403 && pause !== undefined) this.#check(key, host, what, subject);
      return answer;
    } catch (error) {
      if (error instanceof RegistryError) {
        this.#pause(this.refused, key, error.retryAfter ?? 0, error.reason);
      }
      throw error;
    }
  }

  #pause(pauses: Pauses, key: string, milliseconds: number, reason: RegistryReason): void {
    if (milliseconds > 0) pauses.set(key, { until: this.now() + milliseconds, reason }, 1);
  }

  #check(key: string, host: string, what: string, subject: Subject): void {
    for (const pause of [this.#own.get(key), this.refused.get(key)]) {
      if (pause === undefined || pause.until <= this.now()) continue;
      const { until, reason } = pause;
      const why = reason === "RateLimited"
        ? "allows no more requests for now"
        : "asked to be left alone for now";
      const told = `${host} ${why}, so it was not asked for ${what}`;
      throw failureOf(subject, reason, told, { retryAfter: until - this.now() });
    }
  }
}
