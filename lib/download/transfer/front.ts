/** The end of what is written of one file: bytes are added in order, and verified on the way. */

import { type Buffers, type Loan, rangeBytes } from "./buffers.ts";
import { failureFrom } from "../failure.ts";
import type { RemoteFile } from "../files/listing.ts";
import type { Progress } from "./progress.ts";
import type { Verification, Verifications } from "./verification.ts";

/**
 * A file on the disk whose first `size` bytes are written and have gone through the verifier. It has no holes, so its length alone
 * says how much of it there is after a kill at any moment.
 */
export class Front implements Disposable {
  readonly #file: RemoteFile;
  readonly #handle: Deno.FsFile;
  readonly #progress: Progress;
  readonly #verifications: Verifications;
  #verification: Verification | undefined;
  #size = 0;

  constructor(file: RemoteFile, handle: Deno.FsFile, progress: Progress, verifications: Verifications) {
    this.#file = file;
    this.#handle = handle;
    this.#progress = progress;
    this.#verifications = verifications;
    this.#verification = verifications.begin(file.checksum, file.size);
  }

  /** Bytes written so far. */
  get size(): number {
    return this.#size;
  }

  /** Takes over what an earlier run has written: it is read once, since the state of a hash cannot be stored. */
  async takeOver(buffers: Buffers, signal: AbortSignal): Promise<void> {
    const { size } = await this.#handle.stat();
    if (size > this.#file.size) await this.#handle.truncate(0);
    await readThrough(this.#handle, this.#verification!, buffers, signal, (read) => {
      this.#size += read;
      this.#progress.store(read);
      this.#progress.grow();
    });
  }

  /**
   * Adds the bytes `loan.bytes[0, length)`, and ends the loan when they have been verified, too.
   * @throws DownloadFailure `storageFull` if they find no place.
   */
  async append(loan: Loan, length: number): Promise<void> {
    try {
      await this.#write(loan.bytes.subarray(0, length));
    } catch (error) {
      loan.giveBack();
      throw failureFrom(error);
    }
    this.#size += length;
    this.#progress.store(length);
    this.#verification!.update(loan, length);
  }

  /** Throws away everything, to begin again. */
  async restart(): Promise<void> {
    await this.#handle.truncate(0);
    await this.#handle.seek(0, Deno.SeekMode.Start);
    this.#progress.store(-this.#size);
    this.#endVerification();
    this.#verification = this.#verifications.begin(this.#file.checksum, this.#file.size);
    this.#size = 0;
  }

  /** Why the whole file is not what the source lists; undefined if it is. To be asked once. */
  async fault(): Promise<string | undefined> {
    const verification = this.#verification!;
    this.#verification = undefined;
    return await verification.fault();
  }

  /** Waits until the bytes are on the disk: a name that stays must not stand for bytes that do not. */
  async sync(): Promise<void> {
    await this.#handle.syncData().catch((error) => {
      throw failureFrom(error);
    });
  }

  [Symbol.dispose](): void {
    this.#endVerification();
    this.#handle.close();
  }

  #endVerification(): void {
    this.#verification?.fault().catch(() => {});
    this.#verification = undefined;
  }

  async #write(bytes: Uint8Array): Promise<void> {
    for (let written = 0; written < bytes.length;) {
      written += await this.#handle.write(bytes.subarray(written));
    }
  }
}

/** Reads the rest of a file through its checksum; `onRead` hears of each piece. */
export async function readThrough(
  handle: Deno.FsFile,
  verification: Verification,
  buffers: Buffers,
  signal: AbortSignal,
  onRead: (bytes: number) => void,
): Promise<void> {
  for (;;) {
    const loan = await buffers.take(rangeBytes);
    let read: number | null = null;
    try {
      signal.throwIfAborted();
      read = await handle.read(loan.bytes);
    } finally {
      if (read === null) loan.giveBack();
    }
    if (read === null) return;
    verification.update(loan, read);
    onRead(read);
  }
}
