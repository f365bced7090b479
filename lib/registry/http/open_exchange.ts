/** How the clients of this room begin: options with their defaults, and an exchange out of them. */

import { denoFetch } from "./deno_fetch.ts";
import { type Clock, Exchange, type ExchangeOptions } from "./exchange.ts";
import type { Pauses } from "./limits.ts";

/** All have a default. */
export interface RegistryClientOptions {
  /**
   * Sends one request. By default Deno's fetch: `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` are honoured (not for loopback), and
   * beside Deno's own authorities those of `DENO_CERT`, or of `SSL_CERT_FILE` when `DENO_TLS_CA_STORE` has `system`.
   */
  readonly fetch?: ExchangeOptions["fetch"];
  readonly clock?: Clock;
  /** A number from 0 to 1, for the jitter of waits. */
  readonly random?: () => number;
  /** Milliseconds for one try of one request. Default 30,000. */
  readonly timeout?: number;
  /** The longest `Retry-After` in milliseconds that is waited for; a longer one is the caller's. Default 10,000. */
  readonly longestRetryAfter?: number;
  /** Default `aim-operator`. */
  readonly userAgent?: string;
  /** One for all who ask the same registries: where one was sent away, the others do not ask either. */
  readonly pauses?: Pauses;
  /** Told of every answer (host, HTTP status) and of every try that got none (registry, reason). */
  readonly observe?: (host: string, outcome: string) => void;
}

/** An exchange, its clock, and the end of its connections. */
export interface OpenExchange {
  readonly exchange: Exchange;
  readonly clock: Clock;
  readonly close: () => void;
}

/** An exchange with these options. */
export function openExchange(options: RegistryClientOptions): OpenExchange {
  const clock = options.clock ?? systemClock;
  const own = options.fetch === undefined ? denoFetch() : undefined;
  const exchange = new Exchange({
    fetch: options.fetch ?? own!.fetch,
    clock,
    random: options.random ?? Math.random,
    timeout: options.timeout ?? 30_000,
    longestRetryAfter: options.longestRetryAfter ?? 10_000,
    userAgent: options.userAgent ?? "aim-operator",
    observe: options.observe,
  });
  return { exchange, clock, close: own?.close ?? (() => {}) };
}

const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (milliseconds, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      signal.addEventListener("abort", done, { once: true });
    }),
};
