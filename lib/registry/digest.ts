/** Digests of content, `algorithm:hex`. Pure. */

import { createHash } from "node:crypto";

/** The digest of these bytes by SHA-256. */
export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

/** Whether these bytes have this digest; undefined when its algorithm is neither SHA-256 nor SHA-512. */
export function hasDigest(bytes: Uint8Array, digest: string): boolean | undefined {
  const [algorithm, hex] = digest.split(":", 2);
  if (algorithm !== "sha256" && algorithm !== "sha512") return undefined;
  return createHash(algorithm).update(bytes).digest("hex") === hex;
}
