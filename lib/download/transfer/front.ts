/** The end of what is written of one file: bytes are added in order, and verified on the way. */

import { Verifier } from "./checksum.ts";
import { failureFrom } from "../failure.ts";
import type { Loan } from "./buffers.ts";
import type { RemoteFile } from "../listing.ts";
import type { Progress } from "../report/progress.ts";

/**
 * A file on the disk whose first `size` bytes are written and have gone through the verifier. It has no holes, so its length alone
 * says how much of it there is after a kill at any moment.
 */
export class Front {
  readonly #file: RemoteFile;
  readonly #handle: Deno.FsFile;
  readonly #progress: Progress;
  #verifier: Verifier;
  #size = 0;

  constructor(file: RemoteFile, handle: Deno.FsFile, progress: Progress) {
    this.#file = file;
    this.#handle = handle;
    this.#progress = progress;
    this.#verifier = new Verifier(file.checksum, file.size);
  }

  /** Bytes written so far. */
  get size(): number {
    return this.#size;
  }

  /** Takes over what an earlier run has written: it is read once, since the state of a hash cannot be stored. */
  async takeOver(loan: Loan, signal: AbortSignal): Promise<void> {
    const { size } = await this.#handle.stat();
    if (size > this.#file.size) await this.#handle.truncate(0);
    for (;;) {
      signal.throwIfAborted();
      const read = await this.#handle.read(loan.bytes);
      if (read === null) return;
      this.#verifier.update(loan.bytes.subarray(0, read));
      this.#size += read;
      this.#progress.store(read);
      this.#progress.grow();
    }
  }

  /** Adds bytes. @throws DownloadFailure `storageFull` if they find no place. */
  async append(bytes: Uint8Array): Promise<void> {
    const writing = this.#write(bytes);
    this.#verifier.update(bytes); // meanwhile
    await writing;
    this.#size += bytes.length;
    this.#progress.store(bytes.length);
  }

  /** Throws away everything, to begin again. */
  async restart(): Promise<void> {
    await this.#handle.truncate(0);
    await this.#handle.seek(0, Deno.SeekMode.Start);
    this.#progress.store(-this.#size);
    this.#verifier = new Verifier(this.#file.checksum, this.#file.size);
    this.#size = 0;
  }

  /** Why the whole file is not what the source lists; undefined if it is. To be asked once. */
  fault(): string | undefined {
    return this.#verifier.fault();
  }

  /** Waits until the bytes are on the disk: a name that stays must not stand for bytes that do not. */
  async sync(): Promise<void> {
    await this.#handle.syncData().catch((error) => {
      throw failureFrom(error);
    });
  }

  async #write(bytes: Uint8Array): Promise<void> {
    try {
      for (let written = 0; written < bytes.length;) {
        written += await this.#handle.write(bytes.subarray(written));
      }
    } catch (error) {
      throw failureFrom(error);
    }
  }
}
