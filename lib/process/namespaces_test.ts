import assert from "node:assert/strict";
import { parseFlags, UsageError } from "./go_flags.ts";
import { operatorFlags } from "./operator_flags.ts";

const parse = (value: string) => parseFlags(operatorFlags, [`--namespace=${value}`]).values.namespace;
const longest = "n".repeat(63);

for (
  const [given, names] of [
    ["", []],
    [" ", []],
    ["ml-team", ["ml-team"]],
    ["b,a", ["b", "a"]],
    ["a, b", ["a", "b"]],
    ["0", ["0"]],
    [longest, [longest]],
  ] as [string, string[]][]
) {
  Deno.test(`--namespace=${given.slice(0, 9)}`, () => assert.deepEqual(parse(given), names));
}

for (
  const [given, told] of [
    ["a,a", /a is there twice/],
    ["a,b,a", /a is there twice/],
    ["a,", /"" is none/],
    [",a", /"" is none/],
    ["a,,b", /"" is none/],
    ["ML", /"ML" is none/],
    ["a_b", /"a_b" is none/],
    ["-a", /"-a" is none/],
    ["a-", /"a-" is none/],
    ["a.b", /"a\.b" is none/],
    ["a b", /"a b" is none/],
    ["*", /"\*" is none/],
    [`${longest}n`, /is none/],
  ] as [string, RegExp][]
) {
  Deno.test(`--namespace=${given.slice(0, 9)} is refused, and the message says why`, () => {
    assert.throws(() => parse(given), (error: Error) => {
      assert.ok(error instanceof UsageError);
      assert.match(error.message, /invalid value .* for flag -namespace: want /);
      assert.match(error.message, told);
      return true;
    });
  });
}
