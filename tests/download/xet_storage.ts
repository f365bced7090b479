/**
 * A XET storage on loopback: takes what `hf_xet` uploads (xorbs of compressed chunks, and shards that say which chunks a file is made
 * of), and gives it back to those who put files together again.
 */

/** A run of chunks of one xorb that is part of a file. */
interface Term {
  readonly xorb: string;
  readonly unpackedBytes: number;
  /** Chunks `[from, to)` of the xorb. */
  readonly from: number;
  readonly to: number;
}

interface Xorb {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where each chunk begins, and where the last ends. */
  readonly offsets: readonly number[];
}

export interface XetRequest {
  readonly method: string;
  readonly path: string;
  readonly status: number;
}

export class XetStorage implements AsyncDisposable {
  readonly #xorbs = new Map<string, Xorb>();
  readonly #files = new Map<string, readonly Term[]>();
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly asked: XetRequest[] = [];
  /** Answers instead of the right one, e.g. for a storage that is down; it may ask for that and spoil it. */
  fault:
    | ((
      request: Request,
      answer: () => Promise<Response>,
    ) => Response | undefined | Promise<Response | undefined>)
    | undefined;

  constructor() {
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
      const answer = () => this.#answer(request);
      const response = await this.fault?.(request, answer) ?? await answer();
      this.asked.push({
        method: request.method,
        path: new URL(request.url).pathname,
        status: response.status,
      });
      return response;
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    const xorb = /^\/(?:v1\/)?xorbs\/[^/]+\/([0-9a-f]{64})$/.exec(pathname)?.[1];
    if (xorb !== undefined && request.method === "POST") return await this.#takeXorb(xorb, request);
    if (/^\/(v1\/)?shards/.test(pathname) && request.method === "POST") return await this.#takeShard(request);
    const reconstruction = /^\/(v[12])\/reconstructions\/([0-9a-f]{64})$/.exec(pathname);
    if (reconstruction !== null) return this.#reconstruct(reconstruction[1], reconstruction[2], request);
    const stored = /^\/data\/([0-9a-f]{64})$/.exec(pathname)?.[1];
    if (stored !== undefined) return this.#data(stored, request);
    return new Response("not found", { status: 404 });
  }

  async #takeXorb(hash: string, request: Request): Promise<Response> {
    const bytes = await request.bytes();
    const known = this.#xorbs.has(hash);
    this.#xorbs.set(hash, { bytes, offsets: chunkOffsets(bytes) });
    return Response.json({ was_inserted: !known });
  }

  async #takeShard(request: Request): Promise<Response> {
    for (const [hash, terms] of filesOfShard(await request.bytes())) this.#files.set(hash, terms);
    return Response.json({ result: 1 });
  }

  #reconstruct(version: string, hash: string, request: Request): Response {
    const terms = this.#files.get(hash);
    if (terms === undefined) return Response.json({ error: "no such file" }, { status: 404 });
    const size = terms.reduce((sum, { unpackedBytes }) => sum + unpackedBytes, 0);
    const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.get("range") ?? "") ?? [];
    const from = Number(first ?? 0);
    const to = last ? Math.min(Number(last) + 1, size) : size;
    if (from >= size) return new Response(null, { status: 416 });
    let at = 0;
    let skipped = 0;
    const wanted: Term[] = [];
    for (const term of terms) {
      const end = at + term.unpackedBytes;
      if (end > from && at < to) {
        if (wanted.length === 0) skipped = from - at;
        wanted.push(term);
      }
      at = end;
    }
    const byXorb = Map.groupBy(wanted, ({ xorb }) => xorb);
    const common = {
      offset_into_first_range: skipped,
      terms: wanted.map(({ xorb, unpackedBytes, from, to }) => ({
        hash: xorb,
        unpacked_length: unpackedBytes,
        range: { start: from, end: to },
      })),
    };
    const each = <T>(entry: (part: { chunks: Span; bytes: Span; url: string }) => T) =>
      Object.fromEntries([...byXorb].map(([hash, terms]) => [
        hash,
        merged(terms).map((chunks) => {
          const { offsets } = this.#xorbs.get(hash)!;
          const bytes = { start: offsets[chunks.start], end: offsets[chunks.end] - 1 };
          return entry({
            chunks,
            bytes,
            url: `${this.url}/data/${hash}?signature=secret-signature&from=${bytes.start}`,
          });
        }),
      ]));
    return Response.json(
      version === "v1"
        ? {
          ...common,
          fetch_info: each(({ chunks, bytes, url }) => ({ range: chunks, url, url_range: bytes })),
        }
        : {
          ...common,
          // One address each: its range alone is signed.
          xorbs: each(({ chunks, bytes, url }) => ({ url, ranges: [{ chunks, bytes }] })),
        },
    );
  }

  #data(hash: string, request: Request): Response {
    const xorb = this.#xorbs.get(hash);
    if (xorb === undefined) return new Response("no such block", { status: 404 });
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.get("range") ?? "") ?? [];
    if (first === undefined) return new Response("a range is needed", { status: 400 });
    const from = Number(first);
    const to = Math.min(Number(last) + 1, xorb.bytes.length);
    return new Response(xorb.bytes.subarray(from, to), {
      status: 206,
      headers: { "content-range": `bytes ${from}-${to - 1}/${xorb.bytes.length}` },
    });
  }
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/** The chunks of some terms of one xorb, each chunk in one span only. */
function merged(terms: readonly Term[]): Span[] {
  const spans: { start: number; end: number }[] = [];
  for (const { from, to } of terms.toSorted((a, b) => a.from - b.from)) {
    const last = spans.at(-1);
    if (last !== undefined && from <= last.end) last.end = Math.max(last.end, to);
    else spans.push({ start: from, end: to });
  }
  return spans;
}

/** Chunks stand one after the other, each behind 8 bytes that say how long it is; then, maybe, a footer. */
function chunkOffsets(bytes: Uint8Array): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const footer = "XETBLOB";
  const offsets = [0];
  for (let at = 0; at < bytes.length;) {
    if (new TextDecoder().decode(bytes.subarray(at, at + footer.length)) === footer) break;
    at += 8 + (view.getUint32(at, true) >>> 8);
    offsets.push(at);
  }
  return offsets;
}

const recordBytes = 48;
const headerBytes = 48;
const withVerification = 0x8000_0000;
const withMetadata = 0x4000_0000;

/** The files of a shard: records of 48 bytes, a head for each file, then its terms. A head of ones ends them. */
function filesOfShard(bytes: Uint8Array): Map<string, Term[]> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const files = new Map<string, Term[]>();
  for (let at = headerBytes;;) {
    const hash = hashAt(view, at);
    if (hash === "f".repeat(64)) return files;
    const flags = view.getUint32(at + 32, true);
    const count = view.getUint32(at + 36, true);
    at += recordBytes;
    const terms: Term[] = [];
    for (let i = 0; i < count; i++, at += recordBytes) {
      terms.push({
        xorb: hashAt(view, at),
        unpackedBytes: view.getUint32(at + 36, true),
        from: view.getUint32(at + 40, true),
        to: view.getUint32(at + 44, true),
      });
    }
    if ((flags & withVerification) !== 0) at += count * recordBytes;
    if ((flags & withMetadata) !== 0) at += recordBytes;
    files.set(hash, terms);
  }
}

/** A hash as text: four numbers of 64 bits, the lowest byte first. */
function hashAt(view: DataView, at: number): string {
  return [0, 8, 16, 24].map((offset) => view.getBigUint64(at + offset, true).toString(16).padStart(16, "0"))
    .join("");
}
