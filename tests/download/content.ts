/** Contents of files at a source of tests: their bytes and checksums. */

import { createHash } from "node:crypto";

/** A file that a source serves. */
export interface Content {
  readonly size: number;
  /** Lower-case hex. */
  readonly sha256: string;
  /** The name that git gives it, lower-case hex. */
  readonly gitBlob: string;
  /** Lower-case hex. */
  readonly md5: string;
  /** The bytes `[from, to)`. */
  read(from: number, to: number): Uint8Array<ArrayBuffer>;
}

/** A file with these bytes. */
export function content(bytes: Uint8Array<ArrayBuffer> | string): Content {
  const all = typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes;
  const hashes = new Map<string, string>();
  // Reckoned when they are asked for: a source asks for one or two of them.
  const hash = (name: string, head = "") => {
    const known = hashes.get(name) ?? createHash(name).update(head).update(all).digest("hex");
    hashes.set(name, known);
    return known;
  };
  return {
    size: all.length,
    get sha256() {
      return hash("sha256");
    },
    get gitBlob() {
      return hash("sha1", `blob ${all.length}\0`);
    },
    get md5() {
      return hash("md5");
    },
    read: (from, to) => all.subarray(from, to),
  };
}

/** Bytes without a pattern, the same for the same seed (xorshift). */
export function noise(size: number, seed = 1): Uint8Array<ArrayBuffer> {
  const words = new Uint32Array(Math.ceil(size / 4));
  let state = seed * 2654435761 >>> 0 || 1;
  for (let i = 0; i < words.length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[i] = state;
  }
  return new Uint8Array(words.buffer, 0, size);
}

/** A number from 0 to 1 that depends on nothing but its seeds (one step of a multiplicative hash for each). */
export function chance(...seeds: readonly number[]): number {
  let state = 0x9e3779b9;
  for (const seed of seeds) {
    state = Math.imul(state ^ seed, 0x85ebca6b);
    state = Math.imul(state ^ state >>> 13, 0xc2b2ae35);
    state ^= state >>> 16;
  }
  return (state >>> 0) / 2 ** 32;
}
