/** Registries that want to be left alone, each by the credential that may ask no more for now. */

import { RegistryError } from "../errors.ts";
import { KeptResults } from "../kept_results.ts";
import { failureOf, type Subject } from "../messages.ts";
import type { HttpAnswer } from "./exchange.ts";
import { pauseAfter } from "./rate_limit.ts";

export class Limits {
  /** Until when, in milliseconds since 1970; by host and credential. */
  readonly #until = new KeptResults<number>({ entries: 1_000, weight: 1_000 });

  constructor(private readonly now: () => number) {}

  /**
   * Sends a request, unless its host has said that it wants none before a time that has not come.
   *
   * @param who fingerprint of the credential; empty without one
   * @param what is asked for, e.g. `the manifest`
   * @throws RegistryError `RateLimited` with the time that is left, and what `send` throws
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
      if (pause !== undefined) this.#pause(key, pause);
      // GitHub's way to say that nothing is left.
      if (answer.status === 403 && pause !== undefined) this.#check(key, host, what, subject);
      return answer;
    } catch (error) {
      if (error instanceof RegistryError) this.#pause(key, error.retryAfter ?? 0);
      throw error;
    }
  }

  #pause(key: string, milliseconds: number): void {
    if (milliseconds > 0) this.#until.set(key, this.now() + milliseconds, 1);
  }

  #check(key: string, host: string, what: string, subject: Subject): void {
    const wait = (this.#until.get(key) ?? 0) - this.now();
    if (wait <= 0) return;
    const told = `${host} allows no more requests for now, so it was not asked for ${what}`;
    throw failureOf(subject, "RateLimited", told, { retryAfter: wait });
  }
}
