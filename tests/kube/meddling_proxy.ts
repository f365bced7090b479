/** A plain HTTP server before the real API server that can spoil answers, as networks and gateways do. */

/** Looks at a request before it is passed on; gives an answer of its own, or nothing. */
export type Interceptor = (request: Request) => Response | undefined;

/** Changes the bytes of an answer. */
export type Meddler = (request: Request) => TransformStream<Uint8Array, Uint8Array> | undefined;

export class MeddlingProxy implements AsyncDisposable {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #upstream: string;
  readonly #client: Deno.HttpClient;
  readonly requests: { method: string; url: URL }[] = [];
  #streams = new AbortController();
  intercept: Interceptor = () => undefined;
  meddle: Meddler = () => undefined;
  /** Of every answer, besides its own. */
  headers: Readonly<Record<string, string>> = {};

  /** @param client shows the API server who we are */
  constructor(upstream: string, client: Deno.HttpClient) {
    this.#upstream = upstream;
    this.#client = client;
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      (request) => this.#answer(request),
    );
  }

  get url(): URL {
    return new URL(`http://127.0.0.1:${this.#server.addr.port}`);
  }

  /** Breaks off all answers under way. */
  drop(): void {
    this.#streams.abort();
    this.#streams = new AbortController();
  }

  async #answer(request: Request): Promise<Response> {
    const url = new URL(request.url);
    this.requests.push({ method: request.method, url });
    const own = this.intercept(request);
    if (own) return own;
    const headers = new Headers(request.headers);
    headers.delete("host");
    headers.set("accept-encoding", "identity");
    const answer = await this.#pass(request, url, headers);
    if (answer === undefined) return brokenAnswer();
    const meddler = this.meddle(request);
    const { signal } = this.#streams;
    const whole = answer.body?.pipeThrough(new TransformStream(), { signal });
    const body = meddler && whole ? whole.pipeThrough(meddler) : whole;
    const contentType = answer.headers.get("content-type");
    return new Response(body, {
      status: answer.status,
      headers: { ...contentType ? { "content-type": contentType } : {}, ...this.headers },
    });
  }

  async #pass(request: Request, url: URL, headers: Headers): Promise<Response | undefined> {
    const call = fetch(this.#upstream + url.pathname + url.search, {
      method: request.method,
      headers,
      body: request.body ? await request.bytes() : undefined,
      client: this.#client,
    });
    return await call.catch(() => undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

/** An answer that breaks off before its first byte, as from a server that just died. */
export function brokenAnswer(): Response {
  return new Response(new Blob(["x"]).stream().pipeThrough(cutAfter(0)));
}

/** Lets through so many bytes, then breaks the connection off. */
export function cutAfter(bytes: number): TransformStream<Uint8Array, Uint8Array> {
  let left = bytes;
  return new TransformStream({
    transform(chunk, controller) {
      if (chunk.length <= left) {
        left -= chunk.length;
        return controller.enqueue(chunk);
      }
      if (left > 0) controller.enqueue(chunk.subarray(0, left));
      controller.error(new Error("cut"));
    },
  });
}

/** Passes each byte on by itself. */
export function byteByByte(): TransformStream<Uint8Array, Uint8Array> {
  return new TransformStream({
    transform(chunk, controller) {
      for (let at = 0; at < chunk.length; at++) controller.enqueue(chunk.subarray(at, at + 1));
    },
  });
}
