/** How many bytes an artifact has, and how large its volume becomes (caching-and-artifacts.md §5.1, §5.3). */

import { type AIMArtifact, parseQuantity, wholeUnits } from "../../lib/api/mod.ts";

export type Size =
  | { readonly state: "known"; readonly bytes: bigint }
  /** Neither given nor measured yet. */
  | { readonly state: "unknown" }
  | { readonly state: "invalid"; readonly message: string };

/** `spec.size`, a fraction of a byte counting as one, else what was measured (§5.1). */
export function sizeOf({ spec, status }: Pick<AIMArtifact, "spec" | "status">): Size {
  const given = parseQuantity(spec?.size ?? 0);
  if (given.nano > 0n) return { state: "known", bytes: wholeUnits(given) };
  if (given.nano < 0n) {
    return {
      state: "invalid",
      message: `spec.size is ${spec?.size}, less than nothing; set it to the size of the weights, e.g. 20Gi`,
    };
  }
  const measured = status?.discoveredSizeBytes ?? 0;
  return measured > 0 ? { state: "known", bytes: BigInt(measured) } : { state: "unknown" };
}

/** The same, but no less than what was measured. */
export function atLeast(size: Size, measured: number | undefined): Size {
  if (measured === undefined || size.state === "invalid") return size;
  const bytes = BigInt(measured);
  return size.state === "known" && size.bytes > bytes ? size : { state: "known", bytes };
}

const gibi = 2n ** 30n;

/**
 * Bytes that the volume is asked for: the weights and `headroomPercent` percent of them, in whole GiB. In
 * double precision, as AIM Engine computes it: an operator that takes over must come to the same claim.
 */
export function claimBytes(bytes: bigint, headroomPercent: number): bigint {
  const wanted = BigInt(Math.trunc(Number(bytes) * (1 + headroomPercent / 100)));
  return (wanted + gibi - 1n) / gibi * gibi;
}
