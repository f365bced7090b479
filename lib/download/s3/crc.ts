/** Cyclic redundancy checks of S3 objects: what a store keeps of those that have no MD5. */

import type { HeadObjectOutput } from "@aws-sdk/client-s3";
import { createCRC32, createCRC64, type IHasher } from "hash-wasm";
import type { Checksum, RunningHash } from "../transfer/checksum.ts";

interface Crc {
  /** What a HEAD says of it, base64. */
  readonly said: (head: HeadObjectOutput) => string | undefined;
  readonly bytes: number;
  /** Reflected polynomials, as the hash library takes them. */
  readonly make: () => Promise<IHasher>;
}

/** The strongest first. */
const crcs: readonly Crc[] = [
  { said: (head) => head.ChecksumCRC64NVME, bytes: 8, make: () => createCRC64("9a6c9329ac4bc9b5") },
  { said: (head) => head.ChecksumCRC32C, bytes: 4, make: () => createCRC32(0x82f63b78) },
  { said: (head) => head.ChecksumCRC32, bytes: 4, make: () => createCRC32() },
];

/** Hashers that are there: WebAssembly starts asynchronously, and hashes begin synchronously. */
const hashers = new Map<Crc, Promise<IHasher>>();

/** The check of the whole object; undefined where there is none, or only one of its parts' checks. */
export async function crcOf(head: HeadObjectOutput): Promise<Checksum | undefined> {
  if (head.ChecksumType === "COMPOSITE") return undefined;
  for (const crc of crcs) {
    const value = bytesOf(crc.said(head));
    if (value?.length !== crc.bytes) continue;
    const hasher = await (hashers.get(crc) ?? started(crc));
    return { kind: "crc", value: value.toHex(), begin: () => new SharedHash(hasher) };
  }
  return undefined;
}

function started(crc: Crc): Promise<IHasher> {
  const hasher = crc.make();
  hashers.set(crc, hasher);
  return hasher;
}

function bytesOf(base64: string | undefined): Uint8Array | undefined {
  return base64 !== undefined && /^[A-Za-z0-9+/]+=*$/.test(base64)
    ? Uint8Array.fromBase64(base64)
    : undefined;
}

/** One of many computations on the same hasher, each of which brings its state. */
class SharedHash implements RunningHash {
  readonly #hasher: IHasher;
  #state: Uint8Array;

  constructor(hasher: IHasher) {
    this.#hasher = hasher;
    this.#state = hasher.init().save();
  }

  update(bytes: Uint8Array): void {
    this.#state = this.#hasher.load(this.#state).update(bytes).save();
  }

  end(): string {
    return this.#hasher.load(this.#state).digest("hex");
  }
}
