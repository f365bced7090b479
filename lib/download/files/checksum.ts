/** What the bytes of a file must come to, computed while they pass. */

import { createHash, type Hash } from "node:crypto";
import { type CrcName, runningCrc, type RunningHash } from "./crc.ts";

export type Checksum =
  /** Of the file itself: LFS files, and objects whose store keeps one. Lower-case hex. */
  | { readonly kind: "sha256"; readonly value: string }
  /** The name that git gives a file's content. Lower-case hex. */
  | { readonly kind: "gitBlob"; readonly value: string }
  /** The entity tag of an S3 object that was uploaded in one piece. Lower-case hex. */
  | { readonly kind: "md5"; readonly value: string }
  /** The entity tag of an S3 object that was uploaded in parts of so many bytes: the MD5 of their MD5s, `-` and their number. */
  | { readonly kind: "md5Parts"; readonly value: string; readonly partBytes: number }
  /** Cyclic redundancy check of the whole object, lower-case hex. */
  | { readonly kind: "crc"; readonly name: CrcName; readonly value: string }
  /** That of the checks of its parts, which have so many bytes: lower-case hex, `-` and their number. */
  | { readonly kind: "crcParts"; readonly name: CrcName; readonly value: string; readonly partBytes: number }
  /** The source says none: only the size can be held to. */
  | { readonly kind: "none" };

/** Takes bytes in order, and says in the end whether they are those of the checksum. */
export class Verifier {
  readonly #checksum: Checksum;
  readonly #hash: RunningHash | undefined;

  /** @param size bytes of the whole file. */
  constructor(checksum: Checksum, size: number) {
    this.#checksum = checksum;
    switch (checksum.kind) {
      case "sha256":
      case "md5":
        this.#hash = whole(createHash(checksum.kind));
        break;
      case "gitBlob":
        this.#hash = whole(createHash("sha1").update(`blob ${size}\0`));
        break;
      case "md5Parts":
        this.#hash = new PartsHash(() => whole(createHash("md5")), checksum.partBytes);
        break;
      case "crc":
        this.#hash = runningCrc(checksum.name);
        break;
      case "crcParts":
        this.#hash = new PartsHash(() => runningCrc(checksum.name), checksum.partBytes);
        break;
      case "none":
    }
  }

  update(bytes: Uint8Array): void {
    this.#hash?.update(bytes);
  }

  /** Why the bytes are not the right ones; undefined if they are. To be asked once. */
  fault(): string | undefined {
    if (this.#checksum.kind === "none") return undefined;
    const found = this.#hash!.end();
    const { kind, value } = this.#checksum;
    return found === value ? undefined : `${kind} is ${found}, the source says ${value}`;
  }
}

function whole(hash: Hash): RunningHash {
  return { update: (bytes) => void hash.update(bytes), end: () => hash.digest("hex") };
}

/** The hash of the hashes of parts, and their number. */
class PartsHash implements RunningHash {
  readonly #begin: () => RunningHash;
  readonly #partBytes: number;
  readonly #parts: string[] = [];
  #part: RunningHash;
  #left: number;

  constructor(begin: () => RunningHash, partBytes: number) {
    this.#begin = begin;
    this.#partBytes = partBytes;
    this.#part = begin();
    this.#left = partBytes;
  }

  update(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      const piece = bytes.subarray(at, at + this.#left);
      this.#part.update(piece);
      this.#left -= piece.length;
      at += piece.length;
      if (this.#left === 0) this.#endPart();
    }
  }

  end(): string {
    if (this.#left < this.#partBytes) this.#endPart();
    const all = this.#begin();
    for (const part of this.#parts) all.update(Uint8Array.fromHex(part));
    return `${all.end()}-${this.#parts.length}`;
  }

  #endPart(): void {
    this.#parts.push(this.#part.end());
    this.#part = this.#begin();
    this.#left = this.#partBytes;
  }
}
