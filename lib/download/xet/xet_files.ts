/** Files of a repository by XET: put together from compressed blocks, which many files and versions may share. */

import { DownloadFailure } from "../failure.ts";
import type { Hub, XetToken } from "../hugging_face/hub.ts";
import type { PlainFiles } from "../hugging_face/plain_files.ts";
import type { RemoteFile } from "../files/listing.ts";
import type { Answer, Origin } from "../files/origin.ts";
import { Body } from "../transfer/body.ts";
import { Connections } from "../transfer/connections.ts";
import { serverFailure } from "../transfer/requests.ts";
import { mostBytes } from "./chunk.ts";
import { Memory } from "./memory.ts";
import { readReconstruction, type Reconstruction, type Section } from "./reconstruction.ts";
import type { PackedBatch } from "./section_reader.ts";
import { Sections } from "./sections.ts";
import { Unpacking } from "./unpacking.ts";

const filesAtATime = 3;

/** Batches that are unpacked while the next is read. */
const batchesAhead = 2;

/** A token is renewed so many seconds before it ends. */
const tokenMargin = 60;

/** A signed address that is older, in milliseconds, may have expired; a younger one that is refused is refused for good. */
const freshFor = 60_000;

/**
 * A file is one stream: the storage says which sections of blocks it is made of; they are read in order, and unpacked in threads. Files
 * come side by side. Those that are not in XET come by plain HTTP.
 */
export class XetFiles implements Origin, Disposable {
  readonly #hub: Hub;
  readonly #repository: string;
  readonly #commit: string;
  readonly #plain: PlainFiles;
  /** XET hashes by path. */
  readonly #hashes: ReadonlyMap<string, string>;
  readonly #unpacking = new Unpacking();
  #token: Promise<XetToken> | undefined;
  readonly #memory = new Memory();
  /** Files that are put together at a time: each holds 5 MB, and has two connections. */
  readonly #places = new Connections({ first: filesAtATime, most: filesAtATime });

  constructor(
    hub: Hub,
    at: { readonly repository: string; readonly commit: string },
    hashes: ReadonlyMap<string, string>,
    plain: PlainFiles,
  ) {
    this.#hub = hub;
    this.#repository = at.repository;
    this.#commit = at.commit;
    this.#hashes = hashes;
    this.#plain = plain;
  }

  inRanges({ path }: RemoteFile): boolean {
    return !this.#hashes.has(path);
  }

  async open(file: RemoteFile, from: number, to: number, signal: AbortSignal): Promise<Answer> {
    const hash = this.#hashes.get(file.path);
    if (hash === undefined) return await this.#plain.open(file, from, to, signal);
    const { casUrl, accessToken } = await this.#currentToken(signal);
    const leave = await this.#places.take();
    try {
      const askedAt = performance.now();
      const response = await this.#hub.requests.get(new URL(`${casUrl}/v2/reconstructions/${hash}`), {
        authorization: `Bearer ${accessToken}`,
        range: `bytes=${from}-${to - 1}`,
      }, signal);
      if (!response.ok) throw await refusal(response, file, false);
      const { skip, terms } = await reconstructionOf(response, file);
      const bodyOf = (section: Section) => this.#bodyOf(section, file, askedAt, signal);
      const sections = new Sections(terms, bodyOf, this.#memory);
      await sections.begin();
      const end = () => {
        sections.close();
        leave();
      };
      const pieces = this.#pieces(sections, skip, to - from);
      return { from, ranged: true, host: new URL(casUrl).host, body: streamOf(pieces, file, end) };
    } catch (error) {
      leave();
      throw error;
    }
  }

  [Symbol.dispose](): void {
    this.#unpacking[Symbol.dispose]();
  }

  async #currentToken(signal: AbortSignal): Promise<XetToken> {
    const known = await this.#token?.catch(() => undefined);
    if (known !== undefined && known.exp - tokenMargin > Date.now() / 1000) return known;
    this.#token = this.#hub.xetToken(this.#repository, this.#commit, signal);
    return await this.#token;
  }

  async #bodyOf(section: Section, file: RemoteFile, askedAt: number, signal: AbortSignal): Promise<Body> {
    const { url, bytes } = section;
    const range = { range: `bytes=${bytes.start}-${bytes.end - 1}` };
    const response = await this.#hub.requests.get(new URL(url), range, signal);
    if (!response.ok) throw await refusal(response, file, performance.now() - askedAt > freshFor);
    const { host } = new URL(url);
    return new Body({ from: 0, ranged: true, host, body: response.body ?? new Blob([]).stream() }, signal);
  }

  /** The bytes asked for, in pieces; the memory of each is used again when the next is asked for. */
  async *#pieces(sections: Sections, skip: number, length: number): AsyncGenerator<Uint8Array> {
    let before = skip;
    let left = length;
    /** Are being unpacked while the next are read. */
    const ahead: Batch[] = [];
    const next = async (): Promise<{ readonly memory: ArrayBuffer; readonly wanted: Uint8Array }> => {
      const bytes = await ahead.shift()!.bytes;
      const wanted = bytes.subarray(before, before + left);
      before -= Math.min(before, bytes.length);
      left -= wanted.length;
      return { memory: bytes.buffer as ArrayBuffer, wanted };
    };
    for await (const batch of sections.batches()) {
      ahead.push(this.#unpack(batch));
      if (ahead.length <= batchesAhead) continue;
      const { memory, wanted } = await next();
      if (wanted.length > 0) yield wanted;
      this.#memory.giveBack(memory);
      if (left === 0) return;
    }
    while (ahead.length > 0) {
      const { memory, wanted } = await next();
      if (wanted.length > 0) yield wanted;
      this.#memory.giveBack(memory);
    }
    if (left > 0) throw new Error(`${left} bytes at the end are missing`);
  }

  /** Has a batch unpacked by a thread. */
  #unpack({ packed, chunks, bytes: length }: PackedBatch): Batch {
    const into = this.#memory.take(mostBytes);
    const bytes = this.#unpacking.unpack({ packed, chunks, into }).then((reply) => {
      this.#memory.giveBack(reply.packed);
      return new Uint8Array(reply.into, 0, length);
    });
    bytes.catch(() => {}); // who waits for it is told, and maybe nobody does
    return { bytes };
  }
}

interface Batch {
  readonly bytes: Promise<Uint8Array>;
}

async function reconstructionOf(response: Response, file: RemoteFile): Promise<Reconstruction> {
  try {
    return readReconstruction(await response.text());
  } catch (error) {
    throw broken(file, error);
  }
}

/** A stream of pieces whose failures can be told. */
function streamOf(
  pieces: AsyncGenerator<Uint8Array>,
  file: RemoteFile,
  end: () => void,
): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async pull(controller) {
      try {
        const { value, done } = await pieces.next();
        if (!done) return controller.enqueue(value);
        end();
        controller.close();
      } catch (error) {
        end();
        throw broken(file, error);
      }
    },
    cancel: end,
  }, { highWaterMark: 0 });
}

/** What the storage means by a status. An address that may have expired is asked for anew. */
async function refusal(response: Response, { path }: RemoteFile, expired: boolean): Promise<DownloadFailure> {
  await response.body?.cancel();
  return serverFailure(response, `XET of ${path}`) ??
    new DownloadFailure(
      "network",
      `XET of ${path} failed: ${new URL(response.url).host} answers ${response.status}`,
      {
        retryable: expired,
      },
    );
}

/** What does not fit together may have been broken on the way. */
function broken({ path }: RemoteFile, error: unknown): DownloadFailure {
  if (error instanceof DownloadFailure) return error;
  return new DownloadFailure("network", `XET of ${path} failed: ${(error as Error).message}`, {
    retryable: true,
    cause: error,
  });
}
