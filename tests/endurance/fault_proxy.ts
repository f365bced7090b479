/**
 * Stands between one client and the real API server, and spoils what passes: answers, bodies, connections. All that it
 * does not spoil it passes on as it is. Other clients go to the API server itself.
 *
 * Two layers: a gate for TCP connections (they can be mute, be cut, be refused, be led to a server with another
 * certificate), and behind it a server for HTTP/2 and HTTP/1.1 that asks the API server (answers can be refusals, be late, be cut off).
 */

import type { ControlPlane } from "../control_plane/plane.ts";
import type { KeyPair } from "../../lib/apiserver/doors/certificates.ts";
import { delay } from "../../lib/kube/backoff.ts";

/** What becomes of one request; undefined passes it on. */
export type Fault =
  /** Answered in the API server's place. */
  | { readonly refuse: number; readonly retryAfter?: number }
  /** Carried out, but the answer is a refusal: the client cannot know. */
  | { readonly refuseAfterwards: number }
  /** The body comes in small pieces with pauses of so many milliseconds. */
  | { readonly slow: number }
  /** The body ends after so many bytes, as if it were complete. */
  | { readonly endAfter: number };

export type FaultOf = (
  request: {
    readonly method: string;
    readonly path: string;
    readonly isWatch: boolean;
    /** A watch that begins with what there is. */
    readonly isStreamedList: boolean;
  },
) =>
  | Fault
  | undefined;

/** A request that came, by what it was. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly isWatch: boolean;
  readonly status: number;
  /** Whether a {@link Fault} befell it. */
  readonly isSpoiled: boolean;
}

export class FaultProxy implements AsyncDisposable {
  /** Requests since it was last emptied. */
  seen: Seen[] = [];
  faultOf: FaultOf = () => undefined;
  /** The API server that answers requests to a path, where there are several. */
  urlOf: (path: string) => string = () => this.plane.url;
  readonly #client: Deno.HttpClient;
  readonly #gate = new Gate();
  readonly #watches = new Set<() => void>();
  #server: Deno.HttpServer<Deno.NetAddr>;

  constructor(private readonly plane: ControlPlane) {
    // One connection a request: HTTP/2 would queue beyond a hundred of them.
    this.#client = Deno.createHttpClient({
      caCerts: [plane.authority.certificate],
      http2: false,
      http1: true,
      poolMaxIdlePerHost: 64,
    });
    this.#server = this.#serve();
    this.#gate.target = this.#server.addr.port;
  }

  /** Where the client goes in place of the API server. */
  get url(): string {
    return `https://127.0.0.1:${this.#gate.port}`;
  }

  /** From now on nothing passes on the connections that are open; new ones work. */
  muteConnections(): void {
    this.#gate.mute();
  }

  /** Ends all watches, as if the API server had nothing more to say; the last line may be cut in two. */
  endBodies(): void {
    for (const end of this.#watches) end();
    this.#watches.clear();
  }

  /** Ends all connections at once. */
  cutConnections(): void {
    this.#gate.cut();
  }

  /** From now on the API server cannot be reached: who tries is turned away, or hears nothing. */
  cutOff(how: "refused" | "mute"): void {
    this.#gate.target = how;
    if (how === "mute") this.#gate.mute();
    else this.#gate.cut();
  }

  /** Ends a {@link cutOff}. */
  letThrough(): void {
    this.#gate.cut();
    this.#gate.target = this.#server.addr.port;
  }

  /** As an API server that is rolled: it says that it goes, is away for a while, and is back with a new certificate. */
  async roll(milliseconds: number): Promise<void> {
    this.#gate.target = "refused";
    const old = this.#server;
    const ended = old.shutdown(); // says GOAWAY, and waits for the watches
    await delay(500);
    this.#gate.cut();
    await delay(milliseconds);
    this.#server = this.#serve();
    this.#gate.target = this.#server.addr.port;
    await ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#gate.close();
    await this.#server.shutdown();
    this.#client.close();
  }

  /** Passes a body on until {@link endBodies}. */
  #ended(): TransformStream<Uint8Array, Uint8Array> {
    let cut = false;
    return new TransformStream({
      start: (controller) => {
        this.#watches.add(() => {
          cut = true;
          controller.terminate();
        });
      },
      transform(chunk, controller) {
        if (!cut) controller.enqueue(chunk);
      },
    });
  }

  #serve(): Deno.HttpServer<Deno.NetAddr> {
    const { certificate, key }: KeyPair = this.plane.authority.forServer(["127.0.0.1"]);
    return Deno.serve(
      {
        hostname: "127.0.0.1",
        port: 0,
        cert: certificate,
        key,
        onListen() {},
        onError: () => new Response(null, { status: 502 }),
      },
      (request) => this.#answer(request),
    );
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname, search, searchParams } = new URL(request.url);
    const about = {
      method: request.method,
      path: pathname,
      isWatch: searchParams.has("watch"),
      isStreamedList: searchParams.has("sendInitialEvents"),
    };
    const fault = this.faultOf(about);
    const told = (response: Response) => {
      this.seen.push({ ...about, status: response.status, isSpoiled: fault !== undefined });
      return response;
    };
    if (fault !== undefined && "refuse" in fault) return told(refusal(fault.refuse, fault.retryAfter));
    const headers = new Headers(request.headers);
    headers.delete("host");
    // A large answer would come compressed, be unpacked on its way here, and go on under a header that says it is packed.
    headers.set("accept-encoding", "identity");
    const answer = await fetch(this.urlOf(pathname) + pathname + search, {
      method: request.method,
      headers,
      body: request.method === "GET" ? undefined : await request.arrayBuffer(),
      client: this.#client,
      redirect: "manual",
    });
    if (fault !== undefined && "refuseAfterwards" in fault) {
      await answer.body?.cancel();
      return told(refusal(fault.refuseAfterwards));
    }
    const whole = fault === undefined ? answer.body : answer.body?.pipeThrough(spoiled(fault));
    const body = about.isWatch ? whole?.pipeThrough(this.#ended()) : whole;
    return told(new Response(body, { status: answer.status, headers: answer.headers }));
  }
}

/** As an API server refuses, in JSON. */
function refusal(code: number, retryAfter?: number): Response {
  const reason =
    { 409: "Conflict", 429: "TooManyRequests", 503: "ServiceUnavailable", 504: "Timeout" }[code] ??
      "InternalError";
  const details = retryAfter === undefined ? {} : { details: { retryAfterSeconds: retryAfter } };
  const status = {
    kind: "Status",
    apiVersion: "v1",
    status: "Failure",
    reason,
    code,
    message: "a bad hour",
    ...details,
  };
  return Response.json(status, {
    status: code,
    headers: retryAfter === undefined ? {} : { "retry-after": String(retryAfter) },
  });
}

function spoiled(
  fault: Extract<Fault, { slow: number } | { endAfter: number }>,
): TransformStream<Uint8Array, Uint8Array> {
  if ("slow" in fault) {
    return new TransformStream({
      async transform(chunk, controller) {
        for (let at = 0; at < chunk.length; at += 8_192) {
          controller.enqueue(chunk.subarray(at, at + 8_192));
          await delay(fault.slow);
        }
      },
    });
  }
  let left = fault.endAfter;
  return new TransformStream({
    transform(chunk, controller) {
      controller.enqueue(chunk.subarray(0, left));
      left -= chunk.length;
      if (left <= 0) controller.terminate();
    },
  });
}

/** Passes TCP connections on to a port. */
class Gate {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #open = new Set<{ near: Deno.TcpConn; far?: Deno.TcpConn; mute: boolean }>();
  /** The port to pass on to, or what becomes of whoever comes. */
  target: number | "refused" | "mute" = "refused";

  constructor() {
    this.#accept();
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  mute(): void {
    for (const each of this.#open) each.mute = true;
  }

  cut(): void {
    for (const { near, far } of this.#open) for (const end of [near, far]) if (end !== undefined) close(end);
    this.#open.clear();
  }

  close(): void {
    this.#listener.close();
    this.cut();
  }

  async #accept(): Promise<void> {
    for await (const near of this.#listener) {
      if (this.target === "refused") {
        close(near);
        continue;
      }
      if (this.target === "mute") {
        this.#open.add({ near, mute: true });
        continue;
      }
      const far = await Deno.connect({ hostname: "127.0.0.1", port: this.target });
      const pair = { near, far, mute: false };
      this.#open.add(pair);
      Promise.all([this.#pass(near, far, pair), this.#pass(far, near, pair)]).finally(() =>
        this.#open.delete(pair)
      );
    }
  }

  async #pass(from: Deno.TcpConn, to: Deno.TcpConn, pair: { mute: boolean }): Promise<void> {
    const buffer = new Uint8Array(65_536);
    try {
      for (let size; (size = await from.read(buffer)) !== null;) {
        if (pair.mute) continue; // swallowed: neither end can tell
        for (let at = 0; at < size;) at += await to.write(buffer.subarray(at, size));
      }
    } catch {
      // cut
    }
    if (!pair.mute) close(to);
  }
}

function close(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch {
    // closed by the other direction
  }
}
