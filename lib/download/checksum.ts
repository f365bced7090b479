/** What the bytes of a file must come to, computed while they pass. */

import { createHash, type Hash } from "node:crypto";

export type Checksum =
  /** Of the file itself: LFS files, and objects whose store keeps one. Lower-case hex. */
  | { readonly kind: "sha256"; readonly value: string }
  /** The name that git gives a file's content. Lower-case hex. */
  | { readonly kind: "gitBlob"; readonly value: string }
  /** The entity tag of an S3 object that was uploaded in one piece. Lower-case hex. */
  | { readonly kind: "md5"; readonly value: string }
  /** The source says none: only the size can be held to. */
  | { readonly kind: "none" };

/** Takes bytes in order, and says in the end whether they are those of the checksum. */
export class Verifier {
  readonly #checksum: Checksum;
  readonly #hash: Hash | undefined;

  /** @param size bytes of the whole file. */
  constructor(checksum: Checksum, size: number) {
    this.#checksum = checksum;
    switch (checksum.kind) {
      case "sha256":
        this.#hash = createHash("sha256");
        break;
      case "gitBlob":
        this.#hash = createHash("sha1").update(`blob ${size}\0`);
        break;
      case "md5":
        this.#hash = createHash("md5");
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
    const found = this.#hash!.digest("hex");
    const { kind, value } = this.#checksum;
    return found === value ? undefined : `${kind} is ${found}, the source says ${value}`;
  }
}
