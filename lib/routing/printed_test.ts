import assert from "node:assert/strict";
import { printed } from "./printed.ts";

for (
  const [value, text] of [
    ["a", "a"],
    [2, "2"],
    [2_000_000, "2000000"],
    [-0, "0"],
    [1.5, "1.5"],
    [123456.7, "123456.7"],
    [12345678.9, "1.23456789e+07"],
    [0.0001, "0.0001"],
    [0.00001, "1e-05"],
    [1e21, "1e+21"],
    [1e100, "1e+100"],
    [true, "true"],
    [null, undefined],
    [{}, undefined],
    [[], undefined],
  ] as const
) {
  Deno.test(`services.md §9.1: ${JSON.stringify(value)} prints as Go prints it`, () => {
    assert.equal(printed(value), text);
  });
}
