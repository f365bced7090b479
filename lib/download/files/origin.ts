/** Where bytes of files come from: HTTP, XET or S3, all alike to those who ask. */

import type { Checksum } from "./checksum.ts";
import type { RemoteFile } from "./listing.ts";

/** An answer that is on its way. */
export interface Answer {
  /** Offset in the file of the first byte that comes; less than was asked for if the server does not do ranges. */
  readonly from: number;
  /** Whether it ends where it was asked to; else it goes on to the end of the file. */
  readonly ranged: boolean;
  /** Who answers, for messages. */
  readonly host: string;
  readonly body: ReadableStream<Uint8Array>;
}

export interface Origin {
  /** Whether several ranges of a file may be asked for at a time. */
  inRanges(file: RemoteFile): boolean;
  /** Finds the checksum of a file that is listed with none. @throws DownloadFailure */
  checksumOf?(file: RemoteFile, signal: AbortSignal): Promise<Checksum>;
  /**
   * Asks for the bytes `[from, to)` of a file, which are not none.
   * @throws DownloadFailure; a `retryable` one may be asked for again.
   */
  open(file: RemoteFile, from: number, to: number, signal: AbortSignal): Promise<Answer>;
}
