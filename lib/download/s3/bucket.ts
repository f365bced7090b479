/** Folders of S3 buckets: what is in them, and the bytes in ranges (caching-and-artifacts.md §6.4). */

import {
  GetObjectCommand,
  HeadObjectCommand,
  type HeadObjectOutput,
  ListObjectsV2Command,
  type S3Client,
} from "@aws-sdk/client-s3";
import type { Checksum } from "../files/checksum.ts";
import { DownloadFailure } from "../failure.ts";
import { checkPaths, type Listing, type RemoteFile } from "../files/listing.ts";
import type { Answer, Origin } from "../files/origin.ts";
import { crcOf } from "./crc.ts";
import { type Place, s3Failure } from "./s3_failure.ts";

export class Bucket implements Origin {
  readonly #client: S3Client;
  readonly #place: Place;
  readonly #host: string;

  /** @param host who is asked, for messages. */
  constructor(client: S3Client, place: Place, host: string) {
    this.#client = client;
    this.#place = place;
    this.#host = host;
  }

  /**
   * Lists all objects of the folder; entries that only stand for a folder are left out.
   * @throws DownloadFailure
   */
  async list(signal: AbortSignal): Promise<Listing> {
    const { bucket, prefix } = this.#place;
    const files: RemoteFile[] = [];
    let token: string | undefined;
    do {
      const page = await this.#send(() =>
        this.#client.send(
          new ListObjectsV2Command({
            Bucket: bucket,
            Prefix: prefix,
            ContinuationToken: token,
            EncodingType: "url", // XML cannot carry every key
          }),
          { abortSignal: signal },
        ), signal);
      for (const { Key, Size = 0, ETag = "" } of page.Contents ?? []) {
        // Some stores do not do as they are asked, and say so.
        const key = page.EncodingType === "url" ? decodeURIComponent(Key!.replaceAll("+", " ")) : Key!;
        if (key.endsWith("/") && Size === 0) continue;
        files.push({
          path: key.slice(prefix.length),
          size: Size,
          checksum: { kind: "none" },
          etag: ETag.replaceAll('"', ""),
        });
      }
      token = page.NextContinuationToken;
    } while (token !== undefined);
    checkPaths(files, `s3://${bucket}/${prefix}`);
    return { commit: undefined, files };
  }

  /** The best checksum that the store keeps of an object. */
  async checksumOf(file: RemoteFile, signal: AbortSignal): Promise<Checksum> {
    const head = await this.#head(file, {}, signal);
    const sha256 = head.ChecksumType === "COMPOSITE" ? undefined : head.ChecksumSHA256;
    if (sha256 !== undefined && /^[A-Za-z0-9+/]{43}=$/.test(sha256)) {
      return { kind: "sha256", value: Uint8Array.fromBase64(sha256).toHex() };
    }
    const partBytesOf = (parts: number) => this.#partBytesOf(file, parts, signal);
    return await crcOf(head, partBytesOf) ?? await this.#md5Of(file, head, partBytesOf) ?? { kind: "none" };
  }

  /** The MD5 in the entity tag, which is none with a key of KMS or of the customer. */
  async #md5Of(
    { etag }: RemoteFile,
    head: HeadObjectOutput,
    partBytesOf: (parts: number) => Promise<number | undefined>,
  ): Promise<Checksum | undefined> {
    if (head.SSECustomerAlgorithm !== undefined || head.ServerSideEncryption?.startsWith("aws:kms")) return;
    if (/^[0-9a-f]{32}$/.test(etag)) return { kind: "md5", value: etag };
    const [, parts] = /^[0-9a-f]{32}-(\d+)$/.exec(etag) ?? [];
    const partBytes = parts === undefined ? undefined : await partBytesOf(Number(parts));
    return partBytes === undefined ? undefined : { kind: "md5Parts", value: etag, partBytes };
  }

  /** Bytes of each of so many parts; undefined if they are not alike, or the store does not say. */
  async #partBytesOf(file: RemoteFile, parts: number, signal: AbortSignal): Promise<number | undefined> {
    const { ContentLength = 0, PartsCount } = await this.#head(file, { PartNumber: 1 }, signal);
    return PartsCount === parts && Math.ceil(file.size / ContentLength) === parts ? ContentLength : undefined;
  }

  inRanges(): boolean {
    return true;
  }

  async open(file: RemoteFile, from: number, to: number, signal: AbortSignal): Promise<Answer> {
    const { Body, ContentRange, ContentLength } = await this.#send(
      () =>
        this.#client.send(
          new GetObjectCommand({
            ...this.#nameOf(file),
            Range: `bytes=${from}-${to - 1}`,
            IfMatch: file.etag === "" ? undefined : `"${file.etag}"`,
          }),
          { abortSignal: signal },
        ),
      signal,
      file,
    );
    const [, first, size] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(ContentRange ?? "") ?? [];
    const right = ContentRange === undefined
      ? ContentLength === file.size
      : Number(first) === from && (size === "*" || Number(size) === file.size);
    const body = Body as unknown as ReadableStream<Uint8Array>;
    const ranged = ContentRange !== undefined;
    if (right) return { from: ranged ? from : 0, ranged, host: this.#host, body };
    await body.cancel();
    throw new DownloadFailure(
      "other",
      `${this.#host} answers "Content-Range: ${ContentRange}", ${ContentLength} bytes, for ${file.path}, which is listed ` +
        `with ${file.size} bytes`,
    );
  }

  #nameOf({ path }: RemoteFile): { readonly Bucket: string; readonly Key: string } {
    return { Bucket: this.#place.bucket, Key: `${this.#place.prefix}${path}` };
  }

  #head(
    file: RemoteFile,
    more: { readonly PartNumber?: number },
    signal: AbortSignal,
  ): Promise<HeadObjectOutput> {
    return this.#send(
      () =>
        this.#client.send(
          new HeadObjectCommand({ ...this.#nameOf(file), ChecksumMode: "ENABLED", ...more }),
          { abortSignal: signal },
        ),
      signal,
      file,
    );
  }

  async #send<T>(request: () => Promise<T>, signal: AbortSignal, file?: RemoteFile): Promise<T> {
    try {
      return await request();
    } catch (error) {
      signal.throwIfAborted();
      throw s3Failure(error, this.#place, file?.path);
    }
  }
}
