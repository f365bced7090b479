/** HTTP requests of the downloader: private authorities, HTTP/1.1, and no waiting for ever. */

import { deadline } from "../../kube/backoff.ts";
import { connectionFailure, DownloadFailure, retryAfterOf } from "../failure.ts";

/** How long the head of an answer may take, in seconds. */
const headSeconds = 30;

export class Requests {
  readonly #client: Deno.HttpClient;

  /** @param authorities PEM of authorities to trust besides the known ones. */
  constructor(authorities?: string) {
    this.#client = Deno.createHttpClient({
      // One HTTP/2 connection would be as slow as one stream of TCP: ranges want a connection each.
      http2: false,
      poolMaxIdlePerHost: 16,
      ...(authorities === undefined ? {} : { caCerts: [authorities] }),
    });
  }

  /**
   * Sends a GET; redirects are followed, and credentials stay with the host that they are for. The signal ends the request until
   * there is an answer; its body is read by who asked.
   * @throws DownloadFailure if there is no answer. An answer of any status is returned.
   */
  get(url: URL, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Response> {
    return this.send("GET", url, { "accept-encoding": "identity", ...headers }, signal);
  }

  /** Sends a request with exactly these headers, and no body unless there is one; as {@link get} otherwise. */
  async send(
    method: string,
    url: URL,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
    body?: string,
  ): Promise<Response> {
    const limit = deadline(headSeconds * 1000, signal);
    try {
      return await fetch(url, {
        method,
        headers,
        body,
        client: this.#client,
        signal: limit.signal,
      });
    } catch (error) {
      signal.throwIfAborted();
      throw connectionFailure(url.host, error);
    } finally {
      limit.done();
    }
  }

  /** `fetch` for a library: its requests go by the same connections and end with the signal, and so do their bodies. */
  fetch(input: RequestInfo | URL, init: RequestInit | undefined, signal: AbortSignal): Promise<Response> {
    return fetch(input, { signal, ...init, client: this.#client });
  }

  close(): void {
    this.#client.close();
  }
}

/** The failure that a status means by itself: too many requests, or trouble of the server; undefined for others. */
export function serverFailure(response: Response, what: string): DownloadFailure | undefined {
  const { status, headers } = response;
  const host = new URL(response.url).host;
  const retryAfterSeconds = retryAfterOf(headers, Date.now());
  if (status === 429) {
    return new DownloadFailure("network", `${host} has too many requests (429, ${what})`, {
      retryable: true,
      retryAfterSeconds: retryAfterSeconds ?? 1,
      crowded: true,
    });
  }
  if (status >= 500 || status === 408) {
    return new DownloadFailure("network", `${host} answers ${status} (${what})`, {
      retryable: true,
      retryAfterSeconds,
    });
  }
  return undefined;
}
