import assert from "node:assert/strict";
import { Verifier } from "../files/checksum.ts";
import { crcOf } from "./crc.ts";

const digits = new TextEncoder().encode("123456789");
const base64 = (hex: string) => Uint8Array.fromHex(hex).toBase64();
const noParts = () => Promise.resolve(undefined);

/** The check values of the catalogue of CRC algorithms: what each makes of "123456789". */
const checks = {
  ChecksumCRC64NVME: "ae8b14860a799888",
  ChecksumCRC32C: "e3069283",
  ChecksumCRC32: "cbf43926",
};

Deno.test("each check of a whole object is computed, in pieces and beside another", async () => {
  for (const [name, hex] of Object.entries(checks)) {
    const checksum = await crcOf({ [name]: base64(hex), ChecksumType: "FULL_OBJECT" }, noParts);
    const [right, wrong] = [new Verifier(checksum!, 9), new Verifier(checksum!, 9)];
    right.update(digits.subarray(0, 4));
    wrong.update(digits.subarray(1));
    right.update(digits.subarray(4));
    assert.equal(right.fault(), undefined, name);
    assert.match(wrong.fault()!, new RegExp(`crc is [0-9a-f]+, the source says ${hex}`), name);
  }
});

Deno.test("the check of the checks of parts is computed", async () => {
  // Python's zlib.crc32 of "12345" and "6789", then of both values, each as four bytes.
  const head = { ChecksumCRC32: `${base64("e33b2975")}-2`, ChecksumType: "COMPOSITE" } as const;
  const checksum = await crcOf(head, (parts) => Promise.resolve(parts === 2 ? 5 : undefined));
  assert.equal(checksum?.kind, "crcParts");
  for (const piece of [2, 5, 9]) {
    const right: Verifier = new Verifier(checksum!, 9);
    const wrong: Verifier = new Verifier(checksum!, 9);
    for (let at = 0; at < digits.length; at += piece) {
      right.update(digits.subarray(at, at + piece));
      wrong.update(digits.subarray(at, at + piece).toReversed());
    }
    assert.equal(right.fault(), undefined);
    assert.match(wrong.fault()!, /^crcParts is [0-9a-f]{8}-2, the source says e33b2975-2$/);
  }
  assert.equal(await crcOf(head, noParts), undefined, "parts that are not alike");
});

Deno.test("the strongest is taken, and only what is one", async () => {
  const all = Object.fromEntries(Object.entries(checks).map(([name, hex]) => [name, base64(hex)]));
  const valueOf = async (head: object) => {
    const found = await crcOf(head, noParts);
    return found?.kind === "crc" ? found.value : found;
  };
  assert.equal(await valueOf(all), checks.ChecksumCRC64NVME);
  assert.equal(await valueOf({ ...all, ChecksumType: "COMPOSITE" }), undefined);
  assert.equal(await valueOf({ ChecksumCRC32: `${base64(checks.ChecksumCRC32)}-3` }), undefined);
  assert.equal(await valueOf({ ChecksumCRC64NVME: base64(checks.ChecksumCRC32) }), undefined);
  assert.equal(await valueOf({}), undefined);
});
