/**
 * An S3 store of ours that can misbehave as real ones do where versitygw cannot: it stands in a region, has a clock of its own, knows
 * several keys with and without session tokens, keeps checksums of all kinds, and asks a fault before each answer. Signatures are checked
 * by the published rules of Signature Version 4, in the header as well as in the query.
 */

import { createHash, createHmac } from "node:crypto";
import type { Content } from "./content.ts";

/** An object of the bucket. */
export interface StoredObject {
  readonly content: Content;
  /** Default: the MD5 of the bytes, as of an upload in one piece. */
  readonly etag?: string;
  /** Further headers of HEAD and GET, e.g. `x-amz-checksum-crc64nvme`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a key may do. */
export interface Key {
  readonly secret: string;
  /** Has to be shown with it. */
  readonly sessionToken?: string;
}

export interface AskedOfS3 {
  readonly kind: "list" | "head" | "get";
  readonly method: string;
  readonly host: string;
  readonly key: string;
  readonly range: { readonly from: number; readonly to: number } | undefined;
  readonly headers: Headers;
  /** Region in which the request was signed; undefined without a signature. */
  readonly region: string | undefined;
  /** Which request of its kind and key it is, from 1. */
  readonly number: number;
}

export interface S3DoubleOptions {
  readonly bucket: string;
  /** By key; looked up at each request. */
  readonly objects: Record<string, StoredObject>;
  /** By access key; undefined: signatures are not looked at. */
  readonly keys?: Readonly<Record<string, Key>>;
  readonly region?: string;
  /** What its clock is ahead of ours, in seconds. */
  readonly clockAhead?: number;
  readonly fault?: (asked: AskedOfS3) => Response | undefined | Promise<Response | undefined>;
  /** Answers what is no question to the store. */
  readonly beside?: (request: Request) => Response | undefined | Promise<Response | undefined>;
  readonly tls?: { readonly cert: string; readonly key: string };
}

/** A request whose time differs by more than that is refused, in seconds. */
const mostSkew = 15 * 60;

export class S3Double implements AsyncDisposable {
  readonly asked: AskedOfS3[] = [];
  readonly #options: S3DoubleOptions;
  readonly #numbers = new Map<string, number>();
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #end = new AbortController();

  constructor(options: S3DoubleOptions) {
    this.#options = options;
    const listen = { hostname: "127.0.0.1", port: 0, onListen: () => {}, signal: this.#end.signal };
    const answer = (request: Request) => this.#answer(request);
    this.#server = options.tls === undefined
      ? Deno.serve(listen, answer)
      : Deno.serve({ ...listen, ...options.tls }, answer);
  }

  get address(): URL {
    return new URL(`${this.#options.tls ? "https" : "http"}://127.0.0.1:${this.#server.addr.port}`);
  }

  /** Bytes that were asked for, whether they came or not. */
  get bytesAsked(): number {
    return this.asked.reduce((sum, { range }) => sum + (range ? range.to - range.from : 0), 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    await this.#server.finished.catch(() => {});
  }

  async #answer(request: Request): Promise<Response> {
    const response = await this.#answerNow(request);
    response.headers.set("date", new Date(this.#now()).toUTCString());
    return response;
  }

  #now(): number {
    return Date.now() + (this.#options.clockAhead ?? 0) * 1000;
  }

  async #answerNow(request: Request): Promise<Response> {
    const { bucket, beside } = this.#options;
    const other = await beside?.(request);
    if (other !== undefined) return other;
    const url = new URL(request.url);
    const host = request.headers.get("host") ?? url.host;
    const path = host.startsWith(`${bucket}.`) ? `/${bucket}${url.pathname}` : url.pathname;
    const [, named, key = ""] = /^\/([^/]*)\/?(.*)$/s.exec(path)!;
    const lists = url.searchParams.get("list-type") === "2";
    const asked = this.#note(request, {
      kind: lists ? "list" : request.method === "HEAD" ? "head" : "get",
      key: decodeURIComponent(lists ? url.searchParams.get("prefix") ?? "" : key),
      host,
    });
    const fault = await this.#options.fault?.(asked);
    if (fault !== undefined) return fault;
    const refused = this.#refusal(request, url);
    if (refused !== undefined) return refused;
    if (named !== bucket) return s3Error(404, "NoSuchBucket");
    return lists ? this.#list(asked.key) : this.#object(request, asked);
  }

  #note(request: Request, what: Pick<AskedOfS3, "kind" | "key" | "host">): AskedOfS3 {
    const id = `${what.kind} ${what.key}`;
    const number = (this.#numbers.get(id) ?? 0) + 1;
    this.#numbers.set(id, number);
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.get("range") ?? "") ?? [];
    const asked: AskedOfS3 = {
      ...what,
      method: request.method,
      range: from === undefined ? undefined : { from: Number(from), to: Number(to) + 1 },
      headers: request.headers,
      region: signatureOf(request)?.region,
      number,
    };
    this.asked.push(asked);
    return asked;
  }

  #refusal(request: Request, url: URL): Response | undefined {
    const { keys, region = "us-east-1" } = this.#options;
    if (keys === undefined) return undefined;
    const signature = signatureOf(request);
    if (signature === undefined) return s3Error(403, "AccessDenied");
    const known = Object.hasOwn(keys, signature.accessKey) ? keys[signature.accessKey] : undefined;
    if (known === undefined) return s3Error(403, "InvalidAccessKeyId");
    if (signature.sessionToken !== (known.sessionToken ?? null)) return s3Error(400, "InvalidToken");
    if (signature.region !== region) {
      return s3Error(400, "AuthorizationHeaderMalformed", `<Region>${region}</Region>`);
    }
    const skew = Math.abs(timeOf(signature.time) - this.#now()) / 1000;
    if (skew > mostSkew) {
      return s3Error(
        403,
        "RequestTimeTooSkewed",
        `<RequestTime>${signature.time}</RequestTime><ServerTime>${
          new Date(this.#now()).toISOString()
        }</ServerTime>` +
          `<MaxAllowedSkewMilliseconds>${mostSkew * 1000}</MaxAllowedSkewMilliseconds>`,
      );
    }
    const right = rightSignature(request, url, signature, known.secret);
    return right === signature.value ? undefined : s3Error(403, "SignatureDoesNotMatch");
  }

  #list(prefix: string): Response {
    const entries = Object.entries(this.#options.objects).filter(([key]) => key.startsWith(prefix)).map((
      [key, object],
    ) =>
      `<Contents><Key>${encodeURIComponent(key)}</Key><Size>${object.content.size}</Size>` +
      `<ETag>&quot;${etagOf(object)}&quot;</ETag></Contents>`
    );
    return xml(
      200,
      `<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>${
        entries.join("")
      }</ListBucketResult>`,
    );
  }

  #object(request: Request, { key, range }: AskedOfS3): Response {
    const { objects } = this.#options;
    const object = Object.hasOwn(objects, key) ? objects[key] : undefined;
    if (object === undefined) return s3Error(404, "NoSuchKey");
    const { content } = object;
    const wanted = request.headers.get("if-match");
    if (wanted !== null && wanted.replaceAll('"', "") !== etagOf(object)) {
      return s3Error(412, "PreconditionFailed");
    }
    const { from, to } = range ?? { from: 0, to: content.size };
    return new Response(request.method === "HEAD" ? null : content.read(from, to), {
      status: range === undefined ? 200 : 206,
      headers: {
        ...object.headers,
        etag: `"${etagOf(object)}"`,
        "content-length": String(to - from),
        ...(range === undefined ? {} : { "content-range": `bytes ${from}-${to - 1}/${content.size}` }),
      },
    });
  }
}

function etagOf({ etag, content }: StoredObject): string {
  return etag ?? content.md5;
}

/** An error as S3 tells it. @param more further elements. */
export function s3Error(status: number, code: string, more = "", headers: HeadersInit = {}): Response {
  return xml(
    status,
    `<Error><Code>${code}</Code><Message>The store says ${code}.</Message>${more}</Error>`,
    headers,
  );
}

export function xml(status: number, body: string, headers: HeadersInit = {}): Response {
  const response = new Response(`<?xml version="1.0" encoding="UTF-8"?>\n${body}`, { status, headers });
  response.headers.set("content-type", "application/xml");
  return response;
}

interface Signature {
  readonly accessKey: string;
  readonly region: string;
  /** `date/region/service/aws4_request`. */
  readonly scope: string;
  readonly time: string;
  readonly signedHeaders: string;
  readonly sessionToken: string | null;
  readonly value: string;
  readonly inQuery: boolean;
}

function signatureOf({ headers, url }: Request): Signature | undefined {
  const { searchParams } = new URL(url);
  const said = headers.get("authorization");
  const inQuery = searchParams.has("X-Amz-Signature");
  const part = (name: string) => new RegExp(`${name}=([^, ]+)`).exec(said ?? "")?.[1] ?? "";
  if (said === null && !inQuery) return undefined;
  const credential = inQuery ? searchParams.get("X-Amz-Credential")! : part("Credential");
  const [accessKey, ...scope] = credential.split("/");
  return {
    accessKey,
    region: scope[1],
    scope: scope.join("/"),
    time: (inQuery ? searchParams.get("X-Amz-Date") : headers.get("x-amz-date")) ?? "",
    signedHeaders: inQuery ? searchParams.get("X-Amz-SignedHeaders")! : part("SignedHeaders"),
    sessionToken: inQuery ? searchParams.get("X-Amz-Security-Token") : headers.get("x-amz-security-token"),
    value: inQuery ? searchParams.get("X-Amz-Signature")! : part("Signature"),
    inQuery,
  };
}

/** Signature Version 4 of a request, as the documentation of AWS tells to compute it. */
function rightSignature(request: Request, url: URL, signature: Signature, secret: string): string {
  const { scope, time, signedHeaders, inQuery } = signature;
  const escape = (text: string) =>
    encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  const query = [...url.searchParams].filter(([name]) => name !== "X-Amz-Signature")
    .map(([name, value]) => `${escape(name)}=${escape(value)}`).sort().join("&");
  const headers = signedHeaders.split(";").map((name) =>
    `${name}:${(request.headers.get(name) ?? "").trim().replace(/ +/g, " ")}\n`
  ).join("");
  const payload = inQuery ? "UNSIGNED-PAYLOAD" : request.headers.get("x-amz-content-sha256");
  const canonical = [request.method, url.pathname, query, headers, signedHeaders, payload].join("\n");
  const hash = createHash("sha256").update(canonical).digest("hex");
  const toSign = ["AWS4-HMAC-SHA256", time, scope, hash].join("\n");
  let key: string | Uint8Array = `AWS4${secret}`;
  for (const part of scope.split("/")) key = createHmac("sha256", key).update(part).digest();
  return createHmac("sha256", key).update(toSign).digest("hex");
}

/** `20260101T120000Z` in milliseconds. */
function timeOf(text: string): number {
  return Date.parse(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
}
