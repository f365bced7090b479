import assert from "node:assert/strict";
import fc from "fast-check";
import { bytesQuantity, formatQuantity } from "../../lib/api/mod.ts";
import { claimBytes, type Size, sizeOf } from "./size.ts";

const gibi = 2n ** 30n;

function sized(size: string | number | undefined, discoveredSizeBytes?: number): Size {
  const spec = { sourceUri: "hf://a/b", ...(size === undefined ? {} : { size }) };
  return sizeOf({ spec, status: { discoveredSizeBytes } });
}

Deno.test("§5.1: the size is that of the spec, rounded up to whole bytes, else what was measured", () => {
  const rows: [string | number | undefined, number | undefined, bigint | "unknown"][] = [
    ["1Gi", undefined, gibi],
    ["1Gi", 5, gibi],
    ["2.2Gi", undefined, 2_362_232_013n],
    ["1.2Gi", undefined, 1_288_490_189n],
    ["500M", undefined, 500_000_000n],
    [7, undefined, 7n],
    ["0", undefined, "unknown"],
    [undefined, undefined, "unknown"],
    ["0", 9_094_593_249, 9_094_593_249n],
    [undefined, 1, 1n],
  ];
  for (const [size, measured, wanted] of rows) {
    const found = sized(size, measured);
    assert.deepEqual(found, wanted === "unknown" ? { state: "unknown" } : { state: "known", bytes: wanted });
  }
});

Deno.test("§5.3 Better: a size below nothing is refused, also where one was measured", () => {
  const size = sized("-5Gi", 12);
  assert.equal(size.state, "invalid");
  assert.match((size as { message: string }).message, /spec\.size is -5Gi/);
});

Deno.test("§5.3: the table of volume sizes", () => {
  const rows: [string | number, number, string][] = [
    [1, 10, "1Gi"],
    [4_194_304, 10, "1Gi"],
    ["100Mi", 10, "1Gi"],
    ["500M", 10, "1Gi"],
    ["1Gi", 10, "2Gi"],
    ["1.2Gi", 10, "2Gi"],
    [1_288_490_189, 10, "2Gi"],
    ["2Gi", 10, "3Gi"],
    ["2.2Gi", 10, "3Gi"],
    [9_094_593_249, 10, "10Gi"],
    ["10Gi", 10, "11Gi"],
    ["10G", 10, "11Gi"],
    ["10Gi", 0, "10Gi"],
    [65_536_000_000, 10, "68Gi"],
    ["1Ti", 10, "1127Gi"],
    ["1Ti", 0, "1Ti"],
  ];
  for (const [size, headroom, wanted] of rows) {
    const { bytes } = sized(size) as { bytes: bigint };
    assert.equal(
      formatQuantity(bytesQuantity(claimBytes(bytes, headroom))),
      wanted,
      `${size} + ${headroom} %`,
    );
  }
});

const bytes = fc.oneof(fc.bigInt(1n, 2n ** 24n), fc.bigInt(1n, 2n ** 44n)).chain((value) =>
  fc.constantFrom(value, value / gibi * gibi + 1n, (value / gibi + 1n) * gibi)
);
const percent = fc.integer({ min: 0, max: 1000 });

Deno.test("a volume is whole GiB, holds weights and headroom, and is less than a GiB too large", () => {
  fc.assert(fc.property(bytes, percent, (size, headroom) => {
    const claim = claimBytes(size, headroom);
    assert.equal(claim % gibi, 0n);
    assert.ok(claim >= size);
    // In hundredths of a byte, exactly; double precision may be off by the last bit of the product.
    const wanted = size * (100n + BigInt(headroom));
    const blur = wanted / 2n ** 50n + 100n;
    assert.ok(claim * 100n >= wanted - blur);
    assert.ok((claim - gibi) * 100n < wanted + blur);
  }));
});

Deno.test("more weights or more headroom never give a smaller volume", () => {
  fc.assert(fc.property(bytes, bytes, percent, percent, (a, b, low, high) => {
    const [small, large] = a < b ? [a, b] : [b, a];
    const [less, more] = low < high ? [low, high] : [high, low];
    assert.ok(claimBytes(small, less) <= claimBytes(large, more));
  }));
});
