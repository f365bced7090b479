import assert from "node:assert/strict";
import { gatewayTimeout } from "./mod.ts";

for (
  const [written, text] of [
    ["180s", "3m0s"],
    ["90m", "1h30m0s"],
    ["500ms", "500ms"],
    ["0", "0s"],
    ["0s", "0s"],
    ["1500ms", "1s500ms"],
  ]
) {
  Deno.test(`services.md §9: the timeout ${written} is ${text} to the gateway`, () => {
    assert.deepEqual(gatewayTimeout(written, "the service"), { text });
  });
}

for (const bad of ["soon", "", "1500us", "-1s", "10"]) {
  Deno.test(`services.md §9: the timeout "${bad}" is an error that names field, value and writer`, () => {
    const { error } = gatewayTimeout(bad, "the service");
    assert.ok(error?.startsWith(`spec.routing.requestTimeout "${bad}" of the service: `), error);
  });
}

Deno.test("services.md §9: a text that is too long for a timeout is not quoted in full", () => {
  const { error } = gatewayTimeout("1".repeat(100_000), "runtime config x");
  assert.match(
    error ?? "",
    /^spec\.routing\.requestTimeout "1{20}…" of runtime config x: 100000 characters are too many; /,
  );
});
