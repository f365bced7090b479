import assert from "node:assert/strict";
import { terminationMessage } from "./termination.ts";

Deno.test("the result is JSON, whatever is in the message, and no kubelet cuts it", () => {
  for (const message of ['a "quoted"\nline', "ä".repeat(10_000), "\0".repeat(5000)]) {
    const text = terminationMessage({ class: "other", message });
    assert.ok(new TextEncoder().encode(text).length <= 4096);
    const parsed = JSON.parse(text);
    assert.equal(parsed.class, "other");
    assert.ok(message.startsWith(parsed.message.replace(/( …)+$/, "").slice(0, 20)));
  }
});
