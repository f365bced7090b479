/**
 * The door for programs: HTTPS on loopback, with a token. (kubectl sends no token without TLS.) Behind it is a plain port on
 * loopback, where the token is asked for.
 *
 * Nobody without the token is answered. A watch whose reader does not read holds a bounded number of events, then its
 * stream is cut.
 */
import { stringify as yamlOf } from "yaml";
import { stringifyJson } from "../../kube/json/json.ts";
import { CertificateAuthority } from "./certificates.ts";
import { bodyLimit, mediaType } from "../body.ts";
import { realClock } from "../clock.ts";
import { wantedOf } from "../output/accept.ts";
import type { Answer, Answering, Impersonated, Request as ApiRequest } from "../request.ts";
import { Refusal, tooLargeBody } from "../status.ts";
import { kubeletLog } from "./kubelet_log.ts";
import { openTlsFront } from "./tls_front.ts";
import { holderOf } from "../tokens.ts";
import type { Watch } from "../watch/watch.ts";

export interface HttpDoorOptions {
  /** Without one a token is made up. */
  readonly token?: string;
  /** What signs the door's certificate, and those of the kubelets; made up unless given. */
  readonly authority?: CertificateAuthority;
}

export interface HttpDoor {
  readonly url: string;
  readonly token: string;
  /** PEM text of the authority that a client has to trust. */
  readonly authority: string;
  /** The text of a kubeconfig that holds all a client needs. */
  readonly kubeconfig: string;
  /** Ends all streams and lets go of the port. */
  close(): Promise<void>;
}

/** Milliseconds after which clients are cut that have not read their answers when the door is closed. An answer that is still made is waited for. */
const patience = 1_000;

/** Opens the door, on a port that is free. */
export async function openHttpDoor(server: Answering, options: HttpDoorOptions = {}): Promise<HttpDoor> {
  const { token = crypto.randomUUID() } = options;
  const watches = new OpenWatches();
  const issuer = options.authority ?? new CertificateAuthority("cluster in memory");
  const kubelets = Deno.createHttpClient({ caCerts: [issuer.certificate] });
  const { certificate: cert, key } = issuer.forServer(["127.0.0.1", "localhost"]);
  const plain = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {}, onError: failed },
    (request) => answer(server, request, { token, watches, kubelets }),
  );
  const front = await openTlsFront({ plainPort: plain.addr.port, cert, key });
  const url = `https://127.0.0.1:${front.port}`;
  return {
    url,
    token,
    authority: issuer.certificate,
    kubeconfig: kubeconfigOf(url, token, issuer.certificate),
    async close() {
      front.stop();
      watches.close();
      const callOff = realClock.after(patience, () => void front.cut());
      await plain.shutdown();
      callOff();
      await front.cut();
      kubelets.close();
    },
  };
}

function failed(error: unknown): Response {
  const why = error instanceof Error ? error.stack ?? error.message : String(error);
  return statusResponse(
    new Refusal(500, "InternalError", `Internal error occurred: ${why}`, { causes: [{ message: why }] }),
  );
}

async function answer(
  server: Answering,
  request: Request,
  { token, watches, kubelets }: { token: string; watches: OpenWatches; kubelets: Deno.HttpClient },
): Promise<Response> {
  const user = holderOf(token, request.headers.get("authorization")?.replace(/^Bearer /, "") ?? "");
  if (user === undefined) return statusResponse(new Refusal(401, "Unauthorized", "Unauthorized"));
  const { pathname, searchParams } = new URL(request.url);
  const bytes = await bytesOf(request);
  if (bytes === undefined) return statusResponse(tooLargeBody(bodyLimit));
  const asked: ApiRequest = {
    method: request.method,
    path: pathname,
    query: searchParams,
    ...await bodyOf(bytes, request.headers.get("content-type") ?? undefined),
    accept: request.headers.get("accept") ?? undefined,
    userAgent: request.headers.get("user-agent") ?? undefined,
    user,
    ...impersonatedIn(request.headers),
  };
  const log = await kubeletLog(server, asked, kubelets);
  if (log !== undefined) return log;
  const answer = await server.handle(asked);
  return answer === undefined ? lost() : responseOf(answer, asked, watches);
}

function impersonatedIn(headers: Headers): { readonly impersonated?: Impersonated } {
  const username = headers.get("impersonate-user") ?? undefined;
  const groups = headers.get("impersonate-group");
  if (username === undefined && groups === null) return {};
  return { impersonated: { username, groups: groups?.split(", ") ?? [] } };
}

/** An answer that breaks off after its head. */
function lost(): Response {
  return new Response(new ReadableStream({ start: (controller) => controller.error(new Error("lost")) }));
}

/** A body as text, or as the object that it is where a typed client sends protobuf. */
async function bodyOf(
  bytes: Uint8Array,
  contentType: string | undefined,
): Promise<Pick<ApiRequest, "body" | "contentType">> {
  if (bytes.length === 0) return { contentType };
  if (mediaType(contentType) === "application/vnd.kubernetes.protobuf") {
    const { objectOfProtobuf } = await import("../protobuf/decode.ts");
    const object = objectOfProtobuf(bytes);
    if (object !== undefined) return { body: object, contentType: "application/json" };
  }
  return { body: new TextDecoder().decode(bytes), contentType };
}

/** The body of a request; undefined if it is too large to be read. */
async function bytesOf(request: Request): Promise<Uint8Array | undefined> {
  if (request.body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body) {
    size += chunk.length;
    if (size > bodyLimit) return undefined;
    chunks.push(chunk);
  }
  return chunks.length === 1 ? chunks[0] : await new Blob(chunks as BlobPart[]).bytes();
}

function responseOf(answer: Answer, request: ApiRequest, watches: OpenWatches): Response {
  if ("watch" in answer) {
    const headers = { "content-type": "application/json" };
    return new Response(streamOf(answer.watch, watches), { status: 200, headers });
  }
  if ("text" in answer) {
    return new Response(answer.text, {
      status: answer.code,
      headers: { "content-type": "text/plain; charset=utf-8" },
    });
  }
  const headers = new Headers();
  for (const warning of answer.warnings ?? []) headers.append("warning", `299 - ${JSON.stringify(warning)}`);
  const { format, as, version } = formatOf(request.accept);
  const shape = as === "APIGroupDiscoveryList" ? `;g=apidiscovery.k8s.io;v=${version};as=${as}` : "";
  headers.set("content-type", format === "yaml" ? "application/yaml" : `application/json${shape}`);
  const retry = retryAfter(answer.body);
  if (retry !== undefined) headers.set("retry-after", String(retry));
  const text = format === "yaml"
    ? yamlOf(answer.body, {
      version: "1.1",
      sortMapEntries: true,
      indentSeq: false,
      lineWidth: 0,
      aliasDuplicateObjects: false,
    })
    : `${stringifyJson(answer.body)}\n`;
  return new Response(text, { status: answer.code, headers });
}

function formatOf(accept: string | undefined) {
  try {
    return wantedOf(accept, [
      "Table",
      "PartialObjectMetadata",
      "PartialObjectMetadataList",
      "APIGroupDiscoveryList",
    ]);
  } catch {
    return { format: "json" as const, as: undefined, version: undefined };
  }
}

function retryAfter(body: unknown): number | undefined {
  return (body as { details?: { retryAfterSeconds?: number } } | undefined)?.details?.retryAfterSeconds;
}

function statusResponse({ httpCode, status }: Refusal): Response {
  return new Response(stringifyJson(status), {
    status: httpCode,
    headers: { "content-type": "application/json" },
  });
}

/** One event a line. What is not read stays in the watch, whose bound then cuts it. */
function streamOf(watch: Watch, watches: OpenWatches): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  watches.add(watch);
  return new ReadableStream({
    async pull(controller) {
      const event = await watch.next();
      if (event === undefined) return controller.close();
      controller.enqueue(encoder.encode(`${stringifyJson(event)}\n`));
    },
    cancel: () => watch.end(),
  });
}

/** The watches that go out by a door; those that come when it is closed are ended at once. */
class OpenWatches {
  readonly #open = new Set<Watch>();
  #closed = false;

  add(watch: Watch): void {
    if (this.#closed) return watch.end();
    this.#open.add(watch);
    watch.atEnd(() => this.#open.delete(watch));
  }

  close(): void {
    this.#closed = true;
    for (const watch of [...this.#open]) watch.end();
  }
}

function kubeconfigOf(server: string, token: string, authority: string): string {
  const trust = { "certificate-authority-data": btoa(authority) };
  return yamlOf({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "memory", cluster: { server, ...trust } }],
    users: [{ name: "admin", user: { token } }],
    contexts: [{ name: "memory", context: { cluster: "memory", user: "admin" } }],
    "current-context": "memory",
  });
}
