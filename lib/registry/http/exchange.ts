/** Requests over HTTP: bounded in time and size, tried again where that may help, with redirects that get no credential. */

import { LargeBodies, largeFrom } from "./large_bodies.ts";
import { RegistryError, type RegistryReason } from "../errors.ts";
import { errorText, mayPass, networkFailure, retryAfterOf, scrubbed } from "../failure.ts";
import { allowsPlainHttp } from "../reference.ts";
import { failureOf, type Subject } from "../messages.ts";

/** Time, as far as this client needs it. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after so many milliseconds, or as soon as the signal is aborted. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>;
}

/** What a request goes through. */
export interface ExchangeOptions {
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly clock: Clock;
  /** A number from 0 to 1, for the jitter of waits. */
  readonly random: () => number;
  /** Milliseconds for one try, from the request to the last byte of the answer. */
  readonly timeout: number;
  /** The longest `Retry-After`, in milliseconds, that is waited for here. */
  readonly longestRetryAfter: number;
  readonly userAgent: string;
  /** Told of every answer (host, HTTP status) and of every try that got none (registry, reason). */
  readonly observe?: (host: string, outcome: string) => void;
}

/** What is sent. */
export interface HttpRequest {
  /** The same resource at several addresses: the next one is asked when no connection to one comes about. */
  readonly addresses: readonly URL[];
  readonly headers: Readonly<Record<string, string>>;
  /** Sent by POST, as a form or as JSON; else the request is a GET. */
  readonly form?: URLSearchParams;
  readonly json?: Readonly<Record<string, unknown>>;
  /** Bytes of a successful answer, at most. */
  readonly limit: number;
  /** What is asked for, e.g. `the manifest`. */
  readonly what: string;
}

/** What came back. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array;
  /** `host[:port]` that answered. */
  readonly host: string;
  /** The address of the request that was answered, before redirects. */
  readonly address: URL;
}

const waits = [1_000, 3_000];
const mostRedirects = 5;
/** A reason to abort that costs no stack trace. */
const done = "done";
const errorBodyLimit = 64 * 1024;
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** A failure that another try may not meet. */
class PassingFailure extends Error {
  constructor(readonly failure: RegistryError, readonly unconnected: boolean) {
    super(failure.message, { cause: failure });
  }
}

/** Sends requests. */
export class Exchange {
  readonly #options: ExchangeOptions;
  readonly #largeBodies = new LargeBodies();

  constructor(options: ExchangeOptions) {
    this.#options = options;
  }

  /**
   * Sends a request, up to three times, and reads the answer. Statuses that another try would not change are
   * returned.
   *
   * @throws RegistryError when there is no answer, it is too large, or the status may pass but did not
   */
  async send(request: HttpRequest, subject: Subject, signal: AbortSignal): Promise<HttpAnswer> {
    for (let tried = 0;; tried++) {
      try {
        return await this.#tryAddresses(request, subject, signal);
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof PassingFailure)) throw error;
        const { failure } = error;
        if (failure.status === undefined) this.#options.observe?.(subject.registry, failure.reason);
        const asked = failure.retryAfter ?? 0;
        if (tried >= waits.length || asked > this.#options.longestRetryAfter) throw failure;
        const wait = Math.max(asked, waits[tried] * (0.9 + 0.2 * this.#options.random()));
        await this.#options.clock.sleep(wait, signal);
        signal.throwIfAborted();
      }
    }
  }

  async #tryAddresses(request: HttpRequest, subject: Subject, signal: AbortSignal): Promise<HttpAnswer> {
    for (const [i, address] of request.addresses.entries()) {
      try {
        return await this.#tryOnce(request, address, subject, signal);
      } catch (error) {
        const isLast = i === request.addresses.length - 1;
        const isUnconnected = error instanceof PassingFailure && error.unconnected;
        if (isLast || !isUnconnected) throw error;
      }
    }
    throw new TypeError("a request without an address");
  }

  /** The whole body; undefined when it has more bytes than allowed, of which no more are read then. */
  async #boundedBody(
    response: Response,
    limit: number,
    signal: AbortSignal,
  ): Promise<Uint8Array | undefined> {
    const chunks: Uint8Array[] = [];
    let size = 0;
    let free: (() => void) | undefined;
    try {
      for await (const chunk of response.body ?? []) {
        signal.throwIfAborted();
        size += chunk.length;
        if (size > limit) return undefined; // leaving the loop cancels the stream
        chunks.push(chunk);
        if (size > largeFrom) free ??= await this.#largeBodies.take(signal);
      }
    } finally {
      free?.();
    }
    const bytes = new Uint8Array(size);
    let at = 0;
    for (const chunk of chunks) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    return bytes;
  }

  /** One try: from the request, over redirects, to the last byte. */
  async #tryOnce(
    request: HttpRequest,
    address: URL,
    subject: Subject,
    signal: AbortSignal,
  ): Promise<HttpAnswer> {
    const over = new AbortController();
    const limit = over.signal;
    // Not `AbortSignal.any`: a listing has one signal for thousands of requests (see `WorkUnderWay`).
    const stop = () => over.abort(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    let timedOut = false;
    this.#options.clock.sleep(this.#options.timeout, limit).then(() => {
      timedOut = !limit.aborted;
      over.abort();
    });
    const place = { host: address.host };
    try {
      const response = await this.#followed(request, address, subject, limit, place);
      const bytes = await this.#boundedBody(response, response.ok ? request.limit : errorBodyLimit, limit);
      if (bytes === undefined && response.ok) {
        const size = `${request.what} is larger than ${request.limit / 1024 / 1024} MiB`;
        throw failureOf(subject, "TooLarge", size);
      }
      const answer = {
        status: response.status,
        headers: response.headers,
        bytes: bytes ?? new Uint8Array(),
        host: place.host,
        address,
      };
      if (mayPass(answer.status)) throw this.#passing(request, answer, subject, place.host);
      return answer;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof RegistryError || error instanceof PassingFailure) throw error;
      const { reason, words, unconnected } = timedOut
        ? {
          reason: "NetworkTimeout" as const,
          words: `no answer within ${this.#options.timeout / 1000} s`,
          unconnected: false,
        }
        : networkFailure(error);
      const failure = this.#unreachable(request, reason, words, subject, place.host);
      // A wrong certificate does not pass, and is no reason to go on without any.
      if (reason !== "CertificateInvalid") {
        throw new PassingFailure(failure, unconnected && place.host === address.host);
      }
      this.#options.observe?.(subject.registry, reason);
      throw failure;
    } finally {
      signal.removeEventListener("abort", stop);
      over.abort(done); // ends the timer, and a body that nobody reads
    }
  }

  /** The answer at the end of the redirects. Only the host that was asked first gets the credential. */
  async #followed(
    request: HttpRequest,
    address: URL,
    subject: Subject,
    signal: AbortSignal,
    place: { host: string },
  ): Promise<Response> {
    let url = address;
    for (let count = 0;; count++) {
      place.host = url.host;
      const headers: Record<string, string> = { "user-agent": this.#options.userAgent, ...request.headers };
      if (request.json !== undefined) headers["content-type"] = "application/json";
      const body = request.json === undefined ? request.form : JSON.stringify(request.json);
      if (url.origin !== address.origin) delete headers.authorization;
      const response = await this.#options.fetch(url.href, {
        method: body === undefined ? "GET" : "POST",
        headers,
        body,
        redirect: "manual",
        signal,
      });
      this.#options.observe?.(url.host, String(response.status));
      const location = response.headers.get("location");
      if (!redirects.has(response.status) || location === null || body !== undefined) return response;
      await response.body?.cancel();
      const next = URL.canParse(location, url.href) ? new URL(location, url.href) : undefined;
      const refused = count === mostRedirects
        ? `redirects more than ${mostRedirects} times`
        : next === undefined
        ? "redirects to an address that cannot be read"
        : refusedRedirect(url, next);
      if (refused !== undefined) {
        throw failureOf(
          subject,
          "UnexpectedResponse",
          `the request for ${request.what}: ${url.host} ${refused}`,
        );
      }
      url = next!;
      url.username = url.password = "";
    }
  }

  #passing(request: HttpRequest, answer: HttpAnswer, subject: Subject, host: string): PassingFailure {
    const retryAfter = retryAfterOf(answer.headers.get("retry-after"), this.#options.clock.now());
    return new PassingFailure(refusal(request.what, answer, subject, host, retryAfter), false);
  }

  #unreachable(
    request: HttpRequest,
    reason: RegistryReason,
    words: string,
    subject: Subject,
    host: string,
  ): RegistryError {
    const at = host === subject.registry ? "" : ` from ${host}`;
    return failureOf(
      subject,
      reason,
      `getting ${request.what}${at} failed: ${scrubbed(words, subject.secrets)}`,
    );
  }
}

/** The error for an answer that is no success; its reason is that of the status unless given. */
export function refusal(
  what: string,
  answer: { status: number; bytes: Uint8Array },
  subject: Subject,
  host: string,
  retryAfter?: number,
  reason?: RegistryReason,
): RegistryError {
  const said = errorText(new TextDecoder().decode(answer.bytes));
  const words = said === undefined ? "" : ` (${scrubbed(said, subject.secrets)})`;
  const { status } = answer;
  return failureOf(subject, reason, `${host} answered the request for ${what} with HTTP ${status}${words}`, {
    status,
    retryAfter,
  });
}

function refusedRedirect(from: URL, to: URL): string | undefined {
  if (to.protocol === "https:") return undefined;
  const plain = to.protocol === "http:" && from.protocol === "http:" && allowsPlainHttp(to.host);
  return plain ? undefined : `redirects to ${to.protocol}//${to.host}, which is not asked over plain HTTP`;
}
