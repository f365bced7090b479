/** The transport on Deno's own `fetch`: HTTP/2 and HTTP/1.1, private CAs, client certificates, proxies. */
import { type Access, ConfigurationError, type Credentials } from "./access/access.ts";
import { abortable, unlessAborted } from "./body.ts";
import { Connection, type OpenClient, type Way } from "./connection.ts";
import { ApiError, apiErrorFrom, isStatus, NetworkError, networkErrorFrom } from "./errors.ts";
import { parseJson, stringifyJson } from "./json/json.ts";
import { parseObject } from "./json/object_text.ts";
import { LineSplitter } from "./lines.ts";
import { abortReason, type RequestOptions, type RequestReport, type Transport } from "./transport.ts";
import { delay, retryAfter } from "./backoff.ts";

export interface HttpTransportOptions {
  /** How the API server names who asks, in its audit log. Default `aim-operator`. */
  readonly userAgent?: string;
  /** Told of every answer and of every request that got none. */
  onRequest?: (report: RequestReport) => void;
  /** How often a request that was answered 429 is sent in all. */
  tries?: number;
  /** A longer Retry-After is not waited for: the {@link ApiError} goes to the caller at once. */
  longestRetryAfterSeconds?: number;
  /** Told when a connection is condemned: nothing came on it since that moment (milliseconds of `performance.now()`). */
  onMute?: (since: number) => void;
  /** Told of every answer 403. */
  onForbidden?: (error: ApiError) => void;
}

/**
 * Talks to one API server.
 *
 * - 429 with Retry-After is waited for, a little longer than it says, and sent again (the server did nothing), within bounds and within
 *   the caller's `abortSignal`. Nothing else is sent twice, except after the next two:
 * - 401, or a certificate that does not verify, makes it read the credentials again; if they changed, the
 *   request is sent once more.
 * - A time-out while nothing came by HTTP/2 since the request began condemns that connection: later requests open a
 *   new one, and what is still read on it (watches) ends by a {@link NetworkError}, so that it can go on there too.
 */
export class HttpTransport implements Transport {
  readonly #access: Access;
  readonly #options:
    & Required<Pick<HttpTransportOptions, "tries" | "longestRetryAfterSeconds" | "userAgent">>
    & HttpTransportOptions;
  #connection: Connection | undefined;
  /** What carries an answer that is still read: not always the present connection. */
  readonly #carriers = new WeakMap<ReadableStream, Connection>();

  constructor(access: Access, options: HttpTransportOptions = {}) {
    this.#access = access;
    this.#options = { tries: 5, longestRetryAfterSeconds: 30, userAgent: "aim-operator", ...options };
  }

  get defaultNamespace(): string | undefined {
    return this.#access.defaultNamespace;
  }

  performRequest(options: RequestOptions & { expectTunnel: string[] }): Promise<unknown>;
  performRequest(
    options: RequestOptions & { expectStream: true; expectJson: true },
  ): Promise<ReadableStream<unknown>>;
  performRequest(options: RequestOptions & { expectStream: true }): Promise<ReadableStream<Uint8Array>>;
  performRequest(options: RequestOptions & { expectJson: true }): Promise<unknown>;
  performRequest(options: RequestOptions): Promise<Uint8Array>;
  async performRequest(options: RequestOptions): Promise<unknown> {
    if (options.expectTunnel) {
      throw new TypeError("this transport opens no tunnels (exec, attach, port-forward)");
    }
    const credentials = await this.#access.credentials();
    try {
      return await this.#sendPatiently(options);
    } catch (failure) {
      if (!refusesCredentials(failure) || await this.#access.credentials(true) === credentials) throw failure;
      return await this.#sendPatiently(options);
    }
  }

  renew(openedBefore: number): void {
    if (this.#connection === undefined || this.#connection.openedAt > openedBefore) return;
    this.#drop();
  }

  /** Condemns the connection if it is mute since a moment (milliseconds of `performance.now()`). */
  condemnIfMute(since: number): void {
    const connection = this.#connection;
    if (connection !== undefined && connection.openedAt < since) this.#condemnIfMute(connection, since);
  }

  /** Returns whether it was mute. */
  #condemnIfMute(connection: Connection, since: number): boolean {
    if (connection.heardAt >= since) return false;
    this.renew(since);
    connection.condemned.abort(new Error("the connection was closed: nothing came on it any more"));
    return true;
  }

  heardAt(answer: ReadableStream): number | undefined {
    return this.#carriers.get(answer)?.heardAt;
  }

  /** Lets go of the connection. Streams under way go on; later requests open a new one. */
  close(): void {
    this.#drop();
  }

  #drop(): void {
    this.#connection?.close();
    this.#connection = undefined;
  }

  async #connect(): Promise<Connection> {
    for (;;) {
      const credentials = await this.#access.credentials();
      if (this.#connection?.credentials === credentials) return this.#connection;
      this.#open(credentials);
    }
  }

  #open(credentials: Credentials): void {
    this.#drop();
    const headers = headersOf(this.#access, credentials, this.#options.userAgent);
    this.#connection = new Connection(clientsOf(this.#access, credentials), credentials, headers);
  }

  async #sendPatiently(options: RequestOptions): Promise<unknown> {
    for (let attempt = 1;; attempt++) {
      try {
        return await this.#send(options);
      } catch (failure) {
        const pause = this.#pauseAfter(failure);
        if (pause === undefined || attempt >= this.#options.tries || options.bodyStream) throw failure;
        await delay(pause, options.abortSignal).catch((reason) => {
          // Out of time: it is still certain that the server did nothing.
          throw abortReason(options.abortSignal!, options) instanceof NetworkError ? failure : reason;
        });
      }
    }
  }

  /** How long to wait before the request is sent again, in milliseconds; undefined: it is not. */
  #pauseAfter(failure: unknown): number | undefined {
    if (!isStatus(failure, 429)) return undefined;
    const { longestRetryAfterSeconds } = this.#options;
    return (failure.retryAfterSeconds ?? Infinity) <= longestRetryAfterSeconds
      ? retryAfter(failure)
      : undefined;
  }

  async #send(options: RequestOptions): Promise<unknown> {
    let connection = await this.#connect();
    // Between resolving and arriving here another request may have dropped it.
    while (connection !== this.#connection) connection = await this.#connect();
    const begun = performance.now();
    const body = bodyOf(options);
    const way = connection.wayFor(body instanceof Uint8Array ? body.length : 0);
    const failed = (failure: unknown) => this.#failed(connection, way, options, begun, failure);
    try {
      const response = await this.#ask(connection, way, options, body).catch((failure) => {
        throw failed(failure);
      });
      if (response.ok && options.expectStream) {
        return this.#stream(connection, way, options, response, failed);
      }
      return await this.#read(way, options, response).catch((failure) => {
        throw failure instanceof ApiError ? failure : failed(failure);
      });
    } finally {
      way.left();
    }
  }

  async #ask(
    connection: Connection,
    way: Way,
    options: RequestOptions,
    body: BodyInit | undefined,
  ): Promise<Response> {
    const begun = performance.now();
    let code = "<error>";
    let date: string | undefined;
    try {
      const { client } = way;
      const response = await fetch(this.#addressOf(options), {
        ...requestInit(connection, options, body),
        client,
      });
      way.heard();
      code = String(response.status);
      date = response.headers.get("date") ?? undefined;
      return response;
    } finally {
      const { onRequest } = this.#options;
      const seconds = (performance.now() - begun) / 1000;
      onRequest?.({ method: options.method, host: this.#access.server.host, code, seconds, date });
    }
  }

  /** @throws {ApiError} what the server refused */
  async #read(way: Way, options: RequestOptions, response: Response): Promise<unknown> {
    const reading: Promise<string | Uint8Array> = response.ok && !options.expectJson
      ? response.bytes()
      : response.text();
    const body = await unlessAborted(reading, options.abortSignal);
    way.heard();
    if (typeof body !== "string") return body;
    if (response.ok) return options.managers ? parseObject(body, options.managers) : parseJson(body);
    const refusal = apiErrorFrom(options, response.status, body, response.headers.get("retry-after"));
    if (refusal.status === 403) this.#options.onForbidden?.(refusal);
    throw refusal;
  }

  #addressOf({ path, querystring }: RequestOptions): string {
    const { origin, pathname } = this.#access.server;
    const query = querystring?.toString();
    return `${origin}${pathname === "/" ? "" : pathname}${path}${query ? `?${query}` : ""}`;
  }

  #failed(
    connection: Connection,
    way: Way,
    options: RequestOptions,
    begun: number,
    failure: unknown,
  ): unknown {
    if (!options.abortSignal?.aborted) return networkErrorFrom(options, failure);
    const reason = abortReason(options.abortSignal, options);
    if (reason instanceof NetworkError) {
      way.timedOut();
      if (this.#condemnIfMute(connection, begun)) this.#options.onMute?.(begun);
    }
    return reason;
  }

  #stream(
    connection: Connection,
    way: Way,
    options: RequestOptions,
    response: Response,
    failed: (failure: unknown) => unknown,
  ): ReadableStream {
    const ends = [connection.condemned.signal, ...options.abortSignal ? [options.abortSignal] : []];
    const bytes = abortable(response.body ?? new Blob([]).stream(), ends, failed, way.heard);
    const answer = options.expectJson ? bytes.pipeThrough(jsonLines()) : bytes;
    this.#carriers.set(answer, connection);
    return answer;
  }
}

function refusesCredentials(failure: unknown): boolean {
  return isStatus(failure, 401) || failure instanceof NetworkError && failure.kind === "TLS";
}

/** What is sent; whole where its length is known. */
function bodyOf({ bodyJson, bodyStream, bodyRaw }: RequestOptions): BodyInit | undefined {
  if (bodyJson !== undefined) return new TextEncoder().encode(stringifyJson(bodyJson));
  return bodyStream ?? bodyRaw as BodyInit | undefined;
}

function requestInit(
  connection: Connection,
  options: RequestOptions,
  body: BodyInit | undefined,
): RequestInit {
  const headers = [...connection.headers, ["accept", options.accept ?? "application/json"] as const];
  const contentType = options.contentType ??
    (options.bodyJson === undefined ? undefined : "application/json");
  if (contentType) headers.push(["content-type", contentType]);
  return {
    method: options.method,
    headers: headers as [string, string][],
    body,
    signal: options.abortSignal,
  };
}

function headersOf(access: Access, credentials: Credentials, userAgent: string): Connection["headers"] {
  const headers: (readonly [string, string])[] = [
    ["user-agent", userAgent],
    ...credentials.headers ?? [],
  ];
  if (!access.compression) headers.push(["accept-encoding", "identity"]);
  if (credentials.bearerToken) headers.push(["authorization", `Bearer ${credentials.bearerToken}`]);
  return headers;
}

function clientsOf(access: Access, credentials: Credentials): OpenClient {
  return (protocol) => {
    const options: Deno.CreateHttpClientOptions & Partial<Deno.TlsCertifiedKeyPem> = {
      caCerts: credentials.caCerts ? [...credentials.caCerts] : undefined,
      proxy: access.proxyUrl ? { url: access.proxyUrl } : undefined,
      ...protocol,
      ...credentials.clientCertificate,
    };
    const open = () => {
      try {
        return Deno.createHttpClient(options);
      } catch (failure) {
        throw new ConfigurationError(
          `${access.origin}: a certificate, key or proxy cannot be used: ${failure}`,
        );
      }
    };
    return !access.proxyUrl && isLoopback(access.server.hostname) ? withoutProxy(open) : open();
  };
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d+){3}$/.test(hostname);
}

const proxyVariables = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];

/**
 * Loopback is never reached through a proxy, as in every Go client; Deno has no such rule, and reads the
 * environment when a client is made. (A variable that this process may not see is left alone.)
 */
function withoutProxy<T>(open: () => T): T {
  const set = proxyVariables.flatMap((variable) => {
    const mayLook = Deno.permissions.querySync({ name: "env", variable }).state === "granted";
    const value = mayLook ? Deno.env.get(variable) : undefined;
    return value ? [[variable, value] as const] : [];
  });
  for (const [variable] of set) Deno.env.delete(variable);
  try {
    return open();
  } finally {
    for (const [variable, value] of set) Deno.env.set(variable, value);
  }
}

function jsonLines(): TransformStream<Uint8Array, unknown> {
  const lines = new LineSplitter();
  return new TransformStream({
    transform(chunk, controller) {
      for (const line of lines.push(chunk)) controller.enqueue(parseJson(line));
    },
    flush(controller) {
      const rest = lines.rest();
      if (rest.trim()) controller.enqueue(parseJson(rest));
    },
  });
}
