import assert from "node:assert/strict";
import { Verifier } from "../transfer/checksum.ts";
import { crcOf } from "./crc.ts";

const digits = new TextEncoder().encode("123456789");
const base64 = (hex: string) => Uint8Array.fromHex(hex).toBase64();

/** The check values of the catalogue of CRC algorithms: what each makes of "123456789". */
const checks = {
  ChecksumCRC64NVME: "ae8b14860a799888",
  ChecksumCRC32C: "e3069283",
  ChecksumCRC32: "cbf43926",
};

Deno.test("each check of a whole object is computed, in pieces and beside another", async () => {
  for (const [name, hex] of Object.entries(checks)) {
    const checksum = await crcOf({ [name]: base64(hex), ChecksumType: "FULL_OBJECT" });
    const [right, wrong] = [new Verifier(checksum!, 9), new Verifier(checksum!, 9)];
    right.update(digits.subarray(0, 4));
    wrong.update(digits.subarray(1));
    right.update(digits.subarray(4));
    assert.equal(right.fault(), undefined, name);
    assert.match(wrong.fault()!, new RegExp(`crc is [0-9a-f]+, the source says ${hex}`), name);
  }
});

Deno.test("the strongest is taken; that of parts, or what is none, is not", async () => {
  const all = Object.fromEntries(Object.entries(checks).map(([name, hex]) => [name, base64(hex)]));
  const kinds = async (head: object) => {
    const found = await crcOf(head);
    return found?.kind === "crc" ? found.value : found;
  };
  assert.equal(await kinds(all), checks.ChecksumCRC64NVME);
  assert.equal(await kinds({ ...all, ChecksumType: "COMPOSITE" }), undefined);
  assert.equal(await kinds({ ChecksumCRC32: `${base64(checks.ChecksumCRC32)}-3` }), undefined);
  assert.equal(await kinds({ ChecksumCRC64NVME: base64(checks.ChecksumCRC32) }), undefined);
  assert.equal(await kinds({}), undefined);
});
