/** Reads the body of an answer into memory that is there, and does not wait for ever. */

import type { Loan } from "./buffers.ts";
import { connectionFailure, DownloadFailure } from "../failure.ts";
import type { Answer } from "../files/origin.ts";

/** How long a connection may be mute, in seconds, before the rest is asked for on another one. */
const muteSeconds = 20;

/** Bytes that are read at a time. */
const scratchBytes = 256 * 1024;

/** Those that no body uses. New memory costs as much time as reading into it. */
const idleScratch: ArrayBuffer[] = [];

export class Body {
  readonly #byob: ReadableStreamBYOBReader | undefined;
  readonly #plain: ReadableStreamDefaultReader<Uint8Array> | undefined;
  #scratch = idleScratch.pop() ?? new ArrayBuffer(scratchBytes);
  /** What came and had no place yet. */
  #rest: Uint8Array = new Uint8Array();
  /** Since when a read waits; undefined while nobody reads. */
  #waitingSince: number | undefined;
  /** Why it was ended from here. */
  #ended: { readonly reason: unknown } | undefined;
  readonly #watch: ReturnType<typeof setInterval>;
  readonly #host: string;

  readonly #signal: AbortSignal;
  readonly #stop = () => this.#end(this.#signal.reason);

  constructor({ body, host }: Answer, signal: AbortSignal, mute = muteSeconds) {
    this.#host = host;
    this.#signal = signal;
    try {
      this.#byob = body.getReader({ mode: "byob" });
    } catch {
      this.#plain = body.getReader(); // not a stream of bytes but of pieces
    }
    this.#watch = setInterval(() => {
      if (performance.now() - (this.#waitingSince ?? Infinity) < mute * 1000) return;
      this.#end(new DownloadFailure("network", `the connection to ${host} went mute`, { retryable: true }));
    }, Math.min(1000, mute * 250));
    if (signal.aborted) this.#stop();
    else signal.addEventListener("abort", this.#stop, { once: true });
  }

  /**
   * Reads what there is into `loan.bytes[at, end)`; 0 at the end of the body.
   * @throws DownloadFailure, retryable, if the connection breaks or is mute for too long; the signal's reason if it aborts.
   */
  async read(loan: Loan, at: number, end: number): Promise<number> {
    let read: number;
    this.#waitingSince = performance.now();
    try {
      read = this.#byob === undefined ? await this.#copy(loan, at, end) : await this.#fill(loan, at, end);
    } catch (error) {
      throw this.#ended === undefined ? connectionFailure(this.#host, error) : this.#ended.reason;
    } finally {
      this.#waitingSince = undefined;
    }
    if (this.#ended !== undefined) throw this.#ended.reason;
    return read;
  }

  /** Drops what has not been read. */
  close(): void {
    clearInterval(this.#watch);
    if (this.#scratch.byteLength > 0) idleScratch.push(this.#scratch);
    this.#signal.removeEventListener("abort", this.#stop);
    this.#end(undefined);
  }

  #end(reason: unknown): void {
    this.#ended ??= { reason };
    (this.#byob ?? this.#plain)!.cancel().catch(() => {}); // its end is told by read()
  }

  async #fill(loan: Loan, at: number, end: number): Promise<number> {
    // Not into the loan itself: the stream keeps the memory that a failing read was given, with all that came before.
    const wanted = Math.min(this.#scratch.byteLength, end - at);
    const { value } = await this.#byob!.read(new Uint8Array(this.#scratch, 0, wanted));
    if (value === undefined) return 0;
    this.#scratch = value.buffer;
    loan.bytes.set(value, at);
    return value.length;
  }

  async #copy(loan: Loan, at: number, end: number): Promise<number> {
    while (this.#rest.length === 0) {
      const { value, done } = await this.#plain!.read();
      if (done) return 0;
      this.#rest = value;
    }
    const piece = this.#rest.subarray(0, end - at);
    loan.bytes.set(piece, at);
    this.#rest = this.#rest.subarray(piece.length);
    return piece.length;
  }
}
