import assert from "node:assert/strict";
import fc from "fast-check";
import { LineSplitter } from "./lines.ts";

const encode = (text: string) => new TextEncoder().encode(text);

Deno.test("lines come when they are complete; empty ones are left out", () => {
  const lines = new LineSplitter();
  assert.deepEqual(lines.push(encode("one\ntw")), ["one"]);
  assert.deepEqual(lines.push(encode("o\n\nthree\nrest")), ["two", "three"]);
  assert.equal(lines.rest(), "rest");
  assert.equal(lines.rest(), "");
});

Deno.test("the bytes handed over may be overwritten afterwards", () => {
  const lines = new LineSplitter();
  const chunk = encode("x\nab");
  lines.push(chunk);
  chunk.fill(33);
  assert.deepEqual(lines.push(encode("c\n")), ["abc"]);
});

Deno.test("what is not UTF-8 is refused", () => {
  assert.throws(() => new LineSplitter().push(new Uint8Array([0xff, 10])), TypeError);
});

Deno.test("however a text is cut into chunks, also within characters, its lines are the same", () => {
  const line = fc.string({ unit: "grapheme" }).map((text) =>
    text.replaceAll("\n", "").replaceAll("\ufeff", "")
  );
  fc.assert(fc.property(fc.array(line), fc.array(fc.nat({ max: 7 })), (texts, sizes) => {
    const bytes = encode(texts.map((text) => text + "\n").join(""));
    const lines = new LineSplitter();
    const seen: string[] = [];
    for (let at = 0, turn = 0; at < bytes.length; turn++) {
      const size = 1 + (sizes[turn % Math.max(1, sizes.length)] ?? 0);
      seen.push(...lines.push(bytes.subarray(at, at + size)));
      at += size;
    }
    assert.deepEqual(seen, texts.filter((text) => text !== ""));
  }));
});
