/** Cyclic redundancy checks: what those who upload to S3 send along, and a third or less of the work of an MD5. */

import { createCRC32, createCRC64, type IHasher } from "hash-wasm";
import { crc32 } from "node:zlib";

/** A checksum under way. */
export interface RunningHash {
  update(bytes: Uint8Array): void;
  /** Lower-case hex. */
  end(): string;
}

export type CrcName = "crc64nvme" | "crc32c" | "crc32";

/** Reflected polynomials, as the hash library takes them. */
const makers: Readonly<Record<Exclude<CrcName, "crc32">, () => Promise<IHasher>>> = {
  crc64nvme: () => createCRC64("9a6c9329ac4bc9b5"),
  crc32c: () => createCRC32(0x82f63b78),
};

/** Hashers that are there, for each thread. */
const hashers = new Map<CrcName, IHasher>();

/** Makes ready what {@link runningCrc} needs: WebAssembly starts asynchronously, and hashes begin synchronously. */
export async function prepareCrc(name: CrcName): Promise<void> {
  if (name !== "crc32" && !hashers.has(name)) hashers.set(name, await makers[name]());
}

/** Begins a check, which was prepared. */
export function runningCrc(name: CrcName): RunningHash {
  return name === "crc32" ? new Crc32() : new SharedHash(hashers.get(name)!);
}

class Crc32 implements RunningHash {
  #value = 0;

  update(bytes: Uint8Array): void {
    this.#value = crc32(bytes, this.#value);
  }

  end(): string {
    return this.#value.toString(16).padStart(8, "0");
  }
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
