import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { type Checksum, Verifier } from "./checksum.ts";

const bytes = new TextEncoder().encode("hello hub\n");

/** Expected values come from `sha256sum`, `git hash-object` and `md5sum`; that of parts from its definition. */
const checksums: readonly Checksum[] = [
  { kind: "sha256", value: "115d6c773e98b2115031cb9d0350d238da014c5f40c6d7dcb2f4f00afd524a20" },
  { kind: "gitBlob", value: "bc98243ce9b9c35cae6011dec7c54e66c850c702" },
  { kind: "md5", value: "6763200a282884a8d2098e3ddf768959" },
  { kind: "md5Parts", value: parts(4), partBytes: 4 },
  { kind: "md5Parts", value: parts(5), partBytes: 5 },
];

function parts(size: number): string {
  const sums = Array.from(
    { length: Math.ceil(bytes.length / size) },
    (_, i) => createHash("md5").update(bytes.subarray(i * size, (i + 1) * size)).digest(),
  );
  return `${createHash("md5").update(Buffer.concat(sums)).digest("hex")}-${sums.length}`;
}

Deno.test("the right bytes pass in pieces of any size, others do not", () => {
  for (const checksum of checksums) {
    for (const piece of [1, 3, 4, 100]) {
      const good = new Verifier(checksum, bytes.length);
      const bad = new Verifier(checksum, bytes.length);
      for (let at = 0; at < bytes.length; at += piece) {
        good.update(bytes.subarray(at, at + piece));
        bad.update(bytes.slice(at, at + piece).fill(7));
      }
      assert.equal(good.fault(), undefined, checksum.kind);
      assert.match(bad.fault()!, new RegExp(`^${checksum.kind} is \\S+, the source says`));
    }
  }
  assert.equal(new Verifier({ kind: "none" }, 1).fault(), undefined);
});
