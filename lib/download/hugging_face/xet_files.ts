/** Files of a repository by XET: put together from compressed blocks, which many files and versions may share. */

import { __internal_XetBlob as XetBlob, HubApiError } from "@huggingface/hub";
import { DownloadFailure } from "../failure.ts";
import type { RemoteFile } from "../listing.ts";
import type { Answer, Origin } from "../origin.ts";
import type { Hub, XetToken } from "./hub.ts";
import type { PlainFiles } from "./plain_files.ts";

/** Decompressed bytes that one file may hold in memory before they are written. */
const inFlightBytes = 32 * 2 ** 20;

/** A token is renewed so many seconds before it ends. */
const tokenMargin = 60;

/**
 * The library of Hugging Face puts the files together, with several requests at a time for each: so large files come one after the
 * other, which bounds the memory. Files that are not in XET come by plain HTTP.
 */
export class XetFiles implements Origin {
  readonly #hub: Hub;
  readonly #repository: string;
  readonly #commit: string;
  readonly #plain: PlainFiles;
  /** XET hashes by path. */
  readonly #hashes: ReadonlyMap<string, string>;
  #token: XetToken | undefined;
  /** Ends when the file before has come. */
  #before: Promise<void> = Promise.resolve();

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
    const leave = await this.#turn();
    try {
      const token = await this.#currentToken(signal);
      const blob = new XetBlob({
        hash,
        size: file.size,
        refreshUrl: this.#hub.xetTokenAddress(this.#repository, this.#commit).href,
        readToken: token,
        accessToken: this.#hub.token,
        fetch: (input, init) => this.#hub.requests.fetch(input, init, signal),
        parallelDownloads: { maxInFlightBytes: inFlightBytes },
      });
      const { body } = await blob.slice(from, to).response();
      return { from, ranged: true, host: new URL(token.casUrl).host, body: translated(body!, file, leave) };
    } catch (error) {
      leave();
      signal.throwIfAborted();
      throw xetFailure(error, file);
    }
  }

  /** Waits until the file before has come; the caller ends its own turn. */
  async #turn(): Promise<() => void> {
    const before = this.#before;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#before = promise;
    await before;
    return resolve;
  }

  async #currentToken(signal: AbortSignal): Promise<XetToken> {
    if (this.#token === undefined || this.#token.exp - tokenMargin <= Date.now() / 1000) {
      this.#token = await this.#hub.xetToken(this.#repository, this.#commit, signal);
    }
    return this.#token;
  }
}

/** The stream with failures that can be told, and which says when it has ended. */
function translated(
  body: ReadableStream<Uint8Array>,
  file: RemoteFile,
  ended: () => void,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream({
    async pull(controller) {
      try {
        const { value, done } = await reader.read();
        if (value !== undefined) controller.enqueue(value);
        if (!done) return;
        controller.close();
        ended();
      } catch (error) {
        ended();
        throw xetFailure(error, file);
      }
    },
    async cancel(reason) {
      ended();
      await reader.cancel(reason);
    },
  }, { highWaterMark: 0 });
}

/** What the library throws: a refusal is for good, all else may work a moment later. */
function xetFailure(error: unknown, { path }: RemoteFile): DownloadFailure {
  if (error instanceof DownloadFailure) return error;
  const status = error instanceof HubApiError ? error.statusCode : undefined;
  const refused = status !== undefined && status >= 400 && status < 500 && status !== 408 && status !== 429;
  return new DownloadFailure("network", `XET of ${path} failed: ${(error as Error).message ?? error}`, {
    retryable: !refused,
    cause: error,
  });
}
