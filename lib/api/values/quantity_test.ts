import assert from "node:assert/strict";
import fc from "fast-check";
import {
  bytesQuantity,
  canonicalQuantity,
  compareQuantities,
  formatQuantity,
  isQuantity,
  parseQuantity,
  sameQuantity,
  wholeUnits,
} from "./quantity.ts";
import { ValueError } from "./value_error.ts";

// api.md §9.2, models-and-templates.md §5.8, caching-and-artifacts.md, and the rules of Kubernetes' quantities
const canonical: [string | number, string][] = [
  ["1024Mi", "1Gi"],
  ["0.5", "500m"],
  ["2", "2"],
  [2, "2"],
  [0, "0"],
  ["0", "0"],
  ["0Gi", "0"],
  ["-0", "0"],
  ["1024Gi", "1Ti"],
  ["62976Mi", "62976Mi"],
  ["61.5Gi", "62976Mi"],
  ["0.5Gi", "512Mi"],
  ["2.2Gi", "2362232012800m"],
  ["17244293693", "17244293693"],
  ["1000m", "1"],
  ["1500m", "1500m"],
  ["1.5", "1500m"],
  ["1000", "1k"],
  ["1000k", "1M"],
  ["12000000", "12M"],
  ["1e3", "1e3"],
  ["1E3", "1e3"],
  ["1e2", "100"],
  ["1000e3", "1e6"],
  ["1.5e3", "1500"],
  ["5E", "5E"],
  ["100E", "9223372036854775807"],
  ["-100E", "-9223372036854775807"],
  ["1e100", "9223372036854775807"],
  ["8Ei", "9223372036854775807"],
  ["1Ki", "1Ki"],
  ["0.5Ki", "512"],
  ["1023Ki", "1023Ki"],
  ["0.0001Ki", "102400u"],
  ["1n", "1n"],
  ["0.1n", "1n"],
  ["-0.1n", "-1n"],
  ["1e-30", "1e-9"],
  ["1u", "1u"],
  ["100m", "100m"],
  ["+4", "4"],
  ["-1.5Gi", "-1536Mi"],
  [".5", "500m"],
  ["5.", "5"],
  ["32Gi", "32Gi"],
  ["8k", "8k"],
];
for (const [value, text] of canonical) {
  Deno.test(`the canonical form of ${JSON.stringify(value)} is ${text}`, () => {
    assert.equal(canonicalQuantity(value), text);
  });
}

const refused = [
  "",
  "abc",
  "1 Gi",
  " 1",
  "1GiB",
  "1gi",
  "1K",
  "1mi",
  "--1",
  "1.2.3",
  ".",
  "Gi",
  "e3",
  "1e",
  "1e1.5",
  "1,5",
];
for (const text of refused) {
  Deno.test(`${JSON.stringify(text)} is no quantity`, () => {
    assert.equal(isQuantity(text), false);
    assert.throws(
      () => parseQuantity(text),
      (error) =>
        error instanceof ValueError && error.value === text && error.message.includes(JSON.stringify(text)),
    );
  });
}

Deno.test("a number with a fraction is no quantity", () => {
  assert.equal(isQuantity(0.5), false);
  assert.equal(isQuantity(1), true);
  assert.equal(isQuantity(true), false);
});

const compared: [string | number, string | number, -1 | 0 | 1][] = [
  ["1Gi", "1024Mi", 0],
  ["1", "1000m", 0],
  [2, "2", 0],
  ["1G", "1Gi", -1],
  ["96Gi", "100G", 1],
  ["-1", "0", -1],
  ["9223372036854775807", "9223372036854775806", 1],
  ["0.1", "100m", 0],
];
for (const [a, b, order] of compared) {
  Deno.test(`${a} against ${b} is ${order}`, () => {
    assert.equal(compareQuantities(parseQuantity(a), parseQuantity(b)), order);
    assert.equal(sameQuantity(a, b), order === 0);
  });
}

Deno.test("texts that are no quantities are the same only as texts", () => {
  assert.equal(sameQuantity("abc", "abc"), true);
  assert.equal(sameQuantity("abc", "abd"), false);
  assert.equal(sameQuantity("1", "abc"), false);
});

Deno.test("whole units are rounded away from zero", () => {
  assert.equal(wholeUnits(parseQuantity("2.2Gi")), 2362232013n);
  assert.equal(wholeUnits(parseQuantity("1n")), 1n);
  assert.equal(wholeUnits(parseQuantity("-1500m")), -2n);
  assert.equal(wholeUnits(parseQuantity("0")), 0n);
  assert.equal(wholeUnits(parseQuantity("3")), 3n);
});

Deno.test("bytes are written in binary notation", () => {
  assert.equal(formatQuantity(bytesQuantity(11n * 2n ** 30n)), "11Gi");
  assert.equal(formatQuantity(bytesQuantity(17244293693n)), "17244293693");
  assert.equal(formatQuantity(bytesQuantity(1000n)), "1k");
});

const digits = fc.integer({ min: 0, max: 10 ** 9 }).map(String);
const suffix = fc.constantFrom(
  "",
  "n",
  "u",
  "m",
  "k",
  "M",
  "G",
  "T",
  "P",
  "E",
  "Ki",
  "Mi",
  "Gi",
  "Ti",
  "Pi",
  "e3",
  "E-3",
);
const quantityText = fc.tuple(
  fc.constantFrom("", "+", "-"),
  digits,
  fc.option(digits, { nil: undefined }),
  suffix,
)
  .map(([sign, whole, fraction, end]) =>
    `${sign}${whole}${fraction === undefined ? "" : `.${fraction}`}${end}`
  );

Deno.test("the canonical form has the same value and is its own canonical form", () => {
  fc.assert(fc.property(quantityText, (text) => {
    const form = canonicalQuantity(text);
    assert.ok(isQuantity(form));
    assert.ok(sameQuantity(form, text));
    assert.equal(canonicalQuantity(form), form);
  }));
});

Deno.test("order agrees with that of numbers", () => {
  fc.assert(fc.property(fc.bigInt(0n, 2n ** 60n), fc.bigInt(1n, 2n ** 60n), (a, more) => {
    const [low, high] = [bytesQuantity(a), bytesQuantity(a + more)];
    assert.equal(compareQuantities(low, high), -1);
    assert.equal(compareQuantities(high, low), 1);
  }));
});
