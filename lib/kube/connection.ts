/**
 * What the requests of a transport go by: HTTP/2, and for long bodies HTTP/1.1.
 *
 * Over HTTP/2 `fetch` sends a long body in a packet after that of the head, and leaves Nagle's algorithm on: the body waits
 * until the server acknowledges the head, that is 40 ms. Over HTTP/1.1 both go at once.
 */

import type { Credentials } from "./access/access.ts";

/** Bytes. Longer bodies are sent after their head (the crate `h2` does so from 1,024 bytes on). */
const longestAtOnce = 1_000;
/** So many long bodies at most are under way by HTTP/1.1, each on a connection of its own. To more of them 40 ms are nothing. */
const mostByHttp1 = 16;
/** Milliseconds until an HTTP/1.1 connection that nobody uses is closed: sooner than API servers do it (90 s). */
const idleTimeout = 30_000;
/**
 * Milliseconds for which it is taken to live that something came by HTTP/2. After that long bodies go by it too: else nobody
 * would notice that watches have gone mute, while every write succeeds.
 */
const trust = 5_000;

/** Makes a client of the server. */
export type OpenClient = (
  protocol: Pick<Deno.CreateHttpClientOptions, "http2" | "poolIdleTimeout">,
) => Deno.HttpClient;

/** What one request goes by. */
export interface Way {
  readonly client: Deno.HttpClient;
  /** Something of the answer came. */
  heard(): void;
  /** No answer came in time. */
  timedOut(): void;
  /** The answer was read, or none will be. */
  left(): void;
}

/** In practice one HTTP/2 connection, and some of HTTP/1.1. */
export class Connection {
  readonly openedAt = performance.now();
  /** When the last byte came by HTTP/2. */
  heardAt = -Infinity;
  /** Aborted when it is condemned: answers that are still read by HTTP/2 end. */
  readonly condemned = new AbortController();
  readonly #open: OpenClient;
  readonly #http2: Way;
  #http1: Deno.HttpClient;
  #byHttp1 = 0;
  #isClosed = false;

  constructor(
    open: OpenClient,
    readonly credentials: Credentials,
    readonly headers: readonly (readonly [string, string])[],
  ) {
    this.#open = open;
    this.#http2 = {
      client: open({ poolIdleTimeout: false }),
      heard: () => this.heardAt = performance.now(),
      timedOut() {},
      left() {},
    };
    this.#http1 = this.#openHttp1();
  }

  /** @param length of the request's body, in bytes */
  wayFor(length: number): Way {
    const isQuick = length > longestAtOnce && this.#byHttp1 < mostByHttp1 &&
      performance.now() - this.heardAt < trust;
    return isQuick ? this.#byOneOfHttp1() : this.#http2;
  }

  /** What is under way goes on. */
  close(): void {
    this.#isClosed = true;
    this.#http2.client.close();
    this.#http1.close();
  }

  #byOneOfHttp1(): Way {
    const client = this.#http1;
    this.#byHttp1++;
    return {
      client,
      heard() {},
      timedOut: () => {
        // Its own connection has ended with the request. Idle ones may be as dead, and each would cost another time-out.
        if (client !== this.#http1 || this.#isClosed) return;
        client.close();
        this.#http1 = this.#openHttp1();
      },
      left: () => this.#byHttp1--,
    };
  }

  #openHttp1(): Deno.HttpClient {
    return this.#open({ http2: false, poolIdleTimeout: idleTimeout });
  }
}
