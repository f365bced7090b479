/** The client: inspects images, shares and keeps results. */

import { denoFetch } from "./http/deno_fetch.ts";
import { credentialFor, type DockerConfig } from "./auth/docker_config.ts";
import { type Clock, Exchange, type ExchangeOptions } from "./http/exchange.ts";
import { type ImageInspection, inspectImage } from "./inspection.ts";
import { KeptResults } from "./kept_results.ts";
import type { Subject } from "./messages.ts";
import { type ImageReference, parseReference } from "./reference.ts";
import { type RegistryMemory, RepositorySession } from "./session.ts";
import { SharedWork } from "./shared_work.ts";

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
  /** Told of every answer (host, HTTP status) and of every try that got none (registry, reason). */
  readonly observe?: (host: string, outcome: string) => void;
}

/** Reads what images say about themselves from their registries. */
export class RegistryClient {
  readonly #exchange: Exchange;
  readonly #clock: Clock;
  readonly #closeConnections: () => void;
  readonly #closed = new AbortController();
  readonly #shared = new SharedWork<ImageInspection>();
  readonly #memory: RegistryMemory = {
    schemes: new KeptResults({ entries: 1_000, weight: 1_000 }),
    grants: new KeptResults({ entries: 1_000, weight: 1_000 }),
  };
  /** By repository and digest, and by repository, digest and credential. */
  readonly #kept = new KeptResults<ImageInspection>({ entries: 2_000, weight: 16 * 1024 * 1024 });

  constructor(options: RegistryClientOptions = {}) {
    this.#clock = options.clock ?? systemClock;
    const own = options.fetch === undefined ? denoFetch() : undefined;
    this.#closeConnections = own?.close ?? (() => {});
    this.#exchange = new Exchange({
      fetch: options.fetch ?? own!.fetch,
      clock: this.#clock,
      random: options.random ?? Math.random,
      timeout: options.timeout ?? 30_000,
      longestRetryAfter: options.longestRetryAfter ?? 10_000,
      userAgent: options.userAgent ?? "aim-operator",
      observe: options.observe,
    });
  }

  /**
   * Digest and labels of an image. The tag is asked for anew every time; what is behind a digest is kept.
   * Calls for the same image with the same credential at the same time are one.
   *
   * @param credentials the pull secrets in their order; one credential at most is used, anonymous without any
   * @throws RegistryError, or the signal's reason
   */
  async inspect(
    image: string,
    credentials: readonly DockerConfig[],
    signal: AbortSignal,
  ): Promise<ImageInspection> {
    const reference = parseReference(image);
    const credential = credentialFor(reference, credentials);
    const { registry, repository, tag, digest } = reference;
    const inRepository = `${registry}/${repository}`;
    const who = credential?.fingerprint ?? "";
    // A digest alone opens nothing: that this credential may read it has been seen.
    const seen = digest === undefined ? undefined : this.#kept.get(`${inRepository}@${digest} ${who}`);
    if (seen !== undefined) return seen;
    const subject: Subject = {
      image,
      registry,
      hasCredential: credential !== undefined,
      secrets: new Set(credential?.secrets()),
    };
    const asker = { subject, repository, credential };
    return await this.#shared.join(
      `${inRepository}:${digest ?? tag} ${who}`,
      (stop) => this.#inspect(reference, asker, AbortSignal.any([stop, this.#closed.signal])),
      signal,
    );
  }

  /** Ends what is under way and lets go of connections. */
  close(): void {
    this.#closed.abort(new DOMException("the registry client is closed", "AbortError"));
    this.#closeConnections();
  }

  async #inspect(
    reference: ImageReference,
    asker: { subject: Subject; repository: string; credential?: ReturnType<typeof credentialFor> },
    signal: AbortSignal,
  ): Promise<ImageInspection> {
    const { registry, repository } = reference;
    const session = new RepositorySession({
      reference,
      asker,
      exchange: this.#exchange,
      memory: this.#memory,
      now: () => this.#clock.now(),
      signal,
    });
    const place = `${registry}/${repository}@`;
    const known = (digest: string) => this.#kept.get(`${place}${digest}`);
    const inspection = await inspectImage(reference, session, asker.subject, known);
    const weight = JSON.stringify(inspection).length;
    this.#kept.set(`${place}${inspection.digest}`, inspection, weight);
    this.#kept.set(`${place}${inspection.digest} ${asker.credential?.fingerprint ?? ""}`, inspection, weight);
    return inspection;
  }
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
