/** Reads the chunks of one section in order, packed. */

import type { Body } from "../transfer/body.ts";
import type { Loan } from "../transfer/buffers.ts";
import { headerAt, headerBytes, mostBytes, type PackedChunk } from "./chunk.ts";
import type { Memory } from "./memory.ts";
import type { Section, Span } from "./reconstruction.ts";

/** Packed bytes that are read at a time. */
export const batchBytes = 256 * 1024;

/** Where packed bytes come from. */
export type Source = Pick<Body, "read" | "close">;

/** Chunks that follow each other; together they unpack to no more than {@link mostBytes}. */
export interface PackedBatch {
  readonly packed: ArrayBuffer;
  readonly chunks: readonly PackedChunk[];
  /** Unpacked. */
  readonly bytes: number;
}

export class SectionReader {
  readonly #source: Source;
  readonly #memory: Memory;
  #packed: Uint8Array<ArrayBuffer>;
  #filled = 0;
  #index: number;

  constructor(section: Section, source: Source, memory: Memory) {
    this.#source = source;
    this.#memory = memory;
    this.#packed = new Uint8Array(memory.take(batchBytes));
    this.#index = section.chunks.start;
  }

  /** Number of the next chunk. */
  get index(): number {
    return this.#index;
  }

  /** The wanted chunks that come next, one or more; those before are passed over. The memory is the caller's. */
  async next(wanted: Span): Promise<PackedBatch> {
    for (;;) {
      await this.#fill();
      const chunks: PackedChunk[] = [];
      let at = 0;
      let bytes = 0;
      for (; this.#index < wanted.end && this.#filled - at >= headerBytes; this.#index++) {
        const chunk = headerAt(this.#packed, at);
        const end = chunk.at + chunk.packedBytes;
        if (end > this.#filled || bytes + chunk.bytes > mostBytes) break;
        at = end;
        if (this.#index < wanted.start) continue;
        chunks.push(chunk);
        bytes += chunk.bytes;
      }
      if (at === 0) throw new Error(`chunk ${this.#index} of a block breaks off`);
      const packed = this.#keepFrom(at);
      if (chunks.length > 0) return { packed, chunks, bytes };
      this.#memory.giveBack(packed);
    }
  }

  close(): void {
    this.#source.close();
    this.#memory.giveBack(this.#packed.buffer);
  }

  async #fill(): Promise<void> {
    for (let read = 1; read > 0 && this.#filled < this.#packed.length; this.#filled += read) {
      const loan: Loan = { bytes: this.#packed, giveBack: () => {} };
      read = await this.#source.read(loan, this.#filled, this.#packed.length);
    }
  }

  /** Goes on with what comes behind an offset, in other memory; returns that of before. */
  #keepFrom(at: number): ArrayBuffer {
    const before = this.#packed;
    this.#packed = new Uint8Array(this.#memory.take(batchBytes));
    this.#packed.set(before.subarray(at, this.#filled));
    this.#filled -= at;
    return before.buffer;
  }
}

/** Bytes that are there. */
export class Kept implements Source {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  read({ bytes }: Loan, at: number, end: number): Promise<number> {
    const piece = this.#bytes.subarray(this.#at, this.#at + end - at);
    bytes.set(piece, at);
    this.#at += piece.length;
    return Promise.resolve(piece.length);
  }

  close(): void {}
}
