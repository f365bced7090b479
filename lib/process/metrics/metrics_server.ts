/**
 * `/metrics` over HTTP, or over HTTPS to those whom the API server allows (conventions.md §12). On Node's servers:
 * Deno's own offers HTTP/2 to everybody and cannot change its certificate. TLS is 1.2 or 1.3; there is no older
 * one in Deno.
 */

import type { AddressInfo } from "node:net";
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { createSecureServer as createHttp2Server } from "node:http2";
import type { Verdict } from "./access_review.ts";
import { type ListenAddress, listenOn } from "../listen.ts";
import { Exposition, type MetricsSource } from "./exposition.ts";
import type { KeyPair } from "./metrics_certificate.ts";

export interface MetricsServerOptions {
  readonly address: ListenAddress;
  /** Absent: HTTP, and whoever asks gets an answer. */
  readonly secure?: {
    readonly certificate: KeyPair;
    readonly http2: boolean;
    readonly mayGet: (path: string, token: string) => Promise<Verdict>;
  };
  readonly metrics: MetricsSource;
  readonly log: (message: string, error: unknown) => void;
  /** Who has not taken an answer after so long (milliseconds) is cut off. */
  readonly patience?: number;
}

export interface MetricsServer {
  readonly port: number;
  /** Later connections get this certificate; those under way go on. */
  setCertificate(certificate: KeyPair): void;
  close(): void;
}

interface Answer {
  readonly code: number;
  readonly body: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

/** So many answers may be on their way; who comes meanwhile gets 503. A Prometheus has one. */
const mostAtOnce = 32;

/** Of a limited number, for as long as they are held. */
class Places {
  #taken = 0;

  constructor(private readonly most: number) {}

  /** Undefined where all are taken. */
  take(): Disposable | undefined {
    if (this.#taken >= this.most) return undefined;
    this.#taken++;
    let isHeld = true;
    return {
      [Symbol.dispose]: () => {
        if (isHeld) this.#taken--;
        isHeld = false;
      },
    };
  }
}

/** @throws ConfigurationError if the address cannot be had. */
export async function serveMetrics(options: MetricsServerOptions): Promise<MetricsServer> {
  const exposition = new Exposition(options.metrics);
  const answers = new Places(mostAtOnce);
  const { server, setCertificate } = serverOf(options, async (request, response) => {
    const cut = setTimeout(() => response.destroy(), options.patience ?? 30_000);
    response.once("close", () => clearTimeout(cut));
    const answer = async () => {
      const refusal = await reviewed(options, request);
      if (refusal !== undefined) return refusal;
      const place = answers.take();
      if (place === undefined) return busy;
      response.once("close", () => place[Symbol.dispose]());
      if (response.destroyed) place[Symbol.dispose]();
      return {
        code: 200,
        body: await exposition.bytes(),
        headers: { "content-type": exposition.contentType },
      };
    };
    const { code, body, headers } = await answer().catch((error): Answer => {
      options.log("a request for metrics could not be answered", error);
      return { code: 500, body: "internal error\n" };
    });
    response.writeHead(code, { "content-type": "text/plain; charset=utf-8", ...headers });
    response.end(request.method === "HEAD" ? undefined : body);
  });
  await listenOn(options.address, ({ hostname, port }) =>
    new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, hostname, () => {
        server.off("error", reject);
        resolve();
      });
    }));
  server.on("error", (error: unknown) => options.log("the metrics server has trouble", error));
  return { port: (server.address() as AddressInfo).port, setCertificate, close: () => void server.close() };
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

function serverOf({ secure }: MetricsServerOptions, handler: Handler) {
  if (secure === undefined) return { server: createHttpServer(handler), setCertificate: () => {} };
  const { certificate, http2 } = secure;
  const server = http2
    ? createHttp2Server({ ...certificate, minVersion: "TLSv1.2", allowHTTP1: true }, handler as never)
    : createHttpsServer({ ...certificate, minVersion: "TLSv1.2", ALPNProtocols: ["http/1.1"] }, handler);
  return { server, setCertificate: (pair: KeyPair) => server.setSecureContext({ ...pair }) };
}

const path = "/metrics";

const busy: Answer = { code: 503, body: "too many scrapes at a time\n", headers: { "retry-after": "5" } };

/** What is answered to who may not have the metrics; undefined to who may. */
async function reviewed(
  options: MetricsServerOptions,
  request: IncomingMessage,
): Promise<Answer | undefined> {
  if (request.url?.split("?")[0] !== path) return { code: 404, body: "not found\n" };
  if (request.method !== "GET" && request.method !== "HEAD") {
    return { code: 405, body: "only GET\n", headers: { allow: "GET, HEAD" } };
  }
  return await refusalOf(options, request);
}

async function refusalOf(
  { secure }: MetricsServerOptions,
  { headers }: IncomingMessage,
): Promise<Answer | undefined> {
  if (secure === undefined) return undefined;
  const unauthorized = {
    code: 401,
    body: "unauthorized: a bearer token of the cluster is needed\n",
    headers: { "www-authenticate": "Bearer" },
  };
  const token = /^Bearer +(\S+)$/i.exec(headers.authorization ?? "")?.[1];
  if (token === undefined) return unauthorized;
  switch (await secure.mayGet(path, token)) {
    case "allowed":
      return undefined;
    case "busy":
      return busy;
    case "unauthenticated":
      return unauthorized;
    case "forbidden":
      return {
        code: 403,
        body: `forbidden: get on ${path} is needed (ClusterRole aim-engine-metrics-reader)\n`,
      };
  }
}
