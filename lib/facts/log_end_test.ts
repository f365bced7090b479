import assert from "node:assert/strict";
import fc from "fast-check";
import { endOf } from "./log_end.ts";

function streamOf(chunks: readonly string[]): ReadableStream<Uint8Array> {
  return ReadableStream.from(chunks.map((chunk) => new TextEncoder().encode(chunk)));
}

Deno.test("the end of a log is its last bytes, however it comes in", async () => {
  const chunks = fc.array(fc.string({ unit: fc.constantFrom(..."abc\n"), maxLength: 40 }), { maxLength: 20 });
  await fc.assert(fc.asyncProperty(chunks, fc.integer({ min: 1, max: 100 }), async (chunks, limit) => {
    assert.equal(await endOf(streamOf(chunks), limit), chunks.join("").slice(-limit));
  }));
});

Deno.test("a character that the cut goes through does no harm", async () => {
  assert.equal(await endOf(streamOf(["aé", "b"]), 3), "éb");
  assert.equal(await endOf(streamOf(["aé", "b"]), 2), "\ufffdb");
});
