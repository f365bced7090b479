import assert from "node:assert/strict";
import fc from "fast-check";
import { formatDuration, formatGatewayDuration, parseDuration } from "./duration.ts";
import { ValueError } from "./value_error.ts";

const second = 1_000_000_000n;

const read: [string, bigint][] = [
  ["0", 0n],
  ["+0", 0n],
  ["-0", 0n],
  ["0s", 0n],
  ["5s", 5n * second],
  ["+5s", 5n * second],
  ["-5s", -5n * second],
  ["1478s", 1478n * second],
  ["1.5s", 1_500_000_000n],
  [".5s", 500_000_000n],
  ["1.s", second],
  ["1500ms", 1_500_000_000n],
  ["10ns", 10n],
  ["11us", 11_000n],
  ["12\u00b5s", 12_000n],
  ["12\u03bcs", 12_000n],
  ["3h30m", 12_600n * second],
  ["10.5s4m", 250_500_000_000n],
  ["-2m3.4s", -123_400_000_000n],
  ["1h2m3s4ms5us6ns", 3_723_004_005_006n],
  ["2h", 7200n * second],
  ["0.3333333333333333333h", 1200n * second],
  ["9007199254740993ns", 9_007_199_254_740_993n],
  ["9223372036854775807ns", 2n ** 63n - 1n],
  ["9223372036854775.807us", 2n ** 63n - 1n],
  ["-9223372036854775808ns", -(2n ** 63n)],
  ["0.100000000000000000000h", 360n * second],
];
for (const [text, nanoseconds] of read) {
  Deno.test(`${text} is ${nanoseconds} ns`, () => assert.equal(parseDuration(text), nanoseconds));
}

const refused = [
  "",
  "soon",
  "3",
  "-",
  "s",
  ".",
  "-.",
  ".s",
  "+.s",
  "1d",
  "5 min",
  " 5s",
  "5s ",
  "5S",
  "1e3s",
  "0x1s",
  "--1s",
  "1s2",
  "3000000h",
  "9223372036854775808ns",
];
for (const text of refused) {
  Deno.test(`${JSON.stringify(text)} is no duration`, () => {
    assert.throws(() => parseDuration(text), (error) =>
      error instanceof ValueError && error.value === text &&
      error.message.includes(JSON.stringify(text)) && error.remedy !== "");
  });
}

// api.md §9.1 and services.md §9
const written: [string, string, string?][] = [
  ["120s", "2m0s", "2m0s"],
  ["180s", "3m0s", "3m0s"],
  ["90m", "1h30m0s", "1h30m0s"],
  ["1h", "1h0m0s", "1h0m0s"],
  ["500ms", "500ms", "500ms"],
  ["0", "0s", "0s"],
  ["0s", "0s", "0s"],
  ["1500ms", "1.5s", "1s500ms"],
  ["1.5s", "1.5s", "1s500ms"],
  ["61.25s", "1m1.25s", "1m1s250ms"],
  ["1h0m0.001s", "1h0m0.001s", "1h0m0s1ms"],
  ["99999h59m59.999s", "99999h59m59.999s", "99999h59m59s999ms"],
  ["100000h", "100000h0m0s"],
  ["1.5ms", "1.5ms"],
  ["100us", "100\u00b5s"],
  ["7ns", "7ns"],
  ["-1m", "-1m0s"],
  ["1.0000001s", "1.0000001s"],
];
for (const [text, go, gateway] of written) {
  Deno.test(`${text} is written ${go}, for a route ${gateway ?? "not at all"}`, () => {
    const duration = parseDuration(text);
    assert.equal(formatDuration(duration), go);
    if (gateway === undefined) assert.throws(() => formatGatewayDuration(duration), ValueError);
    else assert.equal(formatGatewayDuration(duration), gateway);
  });
}

Deno.test("what is written reads back as the same duration", () => {
  fc.assert(fc.property(fc.bigInt(-(2n ** 63n) + 1n, 2n ** 63n - 1n), (duration) => {
    // At most nine digits follow a point here, and a float holds those exactly.
    assert.equal(parseDuration(formatDuration(duration)), duration);
  }));
});

Deno.test("what is written for a route fits the Gateway API and keeps its length", () => {
  const pattern = /^([0-9]{1,5}(h|m|s|ms)){1,4}$/;
  fc.assert(fc.property(fc.bigInt(0n, 99_999n * 3_600_000n), (milliseconds) => {
    const text = formatGatewayDuration(milliseconds * 1_000_000n);
    assert.match(text, pattern);
    assert.equal(parseDuration(text), milliseconds * 1_000_000n);
  }));
});
