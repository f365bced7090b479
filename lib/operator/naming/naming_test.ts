import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import {
  compareCodePoints,
  cutLabelValue,
  derivedName,
  hashOf,
  labelValue,
  namePart,
  rawLabelValue,
  sha256,
} from "./naming.ts";

const a = (count: number, char = "a") => char.repeat(count);

Deno.test("derived names are those of conventions.md §10.6", () => {
  const rows: [Parameters<typeof derivedName>, string][] = [
    [[["my-service", "temp-cache"]], "my-service-temp-cache"],
    [[["My_Model.v1", "FP16"], { hash: ["x"] }], "my-model-v1-fp16-ba2df490"],
    [[["", "b", "---"], { hash: ["x"] }], "part-b-part-ba2df490"],
    [[["x"], { hash: ["a<b>&c"] }], "x-e888ef29"],
    [[["x"], { hash: [1] }], "x-6b86b273"],
    [[["x"], { hash: [null] }], "x-74234e98"],
    [[["x"], { hash: [""] }], "x-12ae32cb"],
    [[["x"], { hash: [{ b: "2", a: "1" }] }], "x-59851255"],
    [[["x"], { hash: [["b", "a"]] }], "x-02d8bc30"],
    [[["this-is-a-very-long-service"], { hash: ["ns"], max: 20 }], "this-is-a-v-e2c6bafc"],
    [
      [[a(30), a(30, "b"), a(30, "c")], { hash: ["x"] }],
      `${a(17)}-${a(17, "b")}-${a(18, "c")}-ba2df490`,
    ],
    [[[a(50), a(46, "b")], { hash: ["x"] }], `${a(26)}-${a(27, "b")}-ba2df490`],
    [
      [["abcdefghijklmnopqrstuvwxyz-abcdefghijklmnopqrstuvwxyz-z", "q"], { hash: ["x"] }],
      "abcdefghijklmnopqrstuvwxyz-abcdefghijklmnopqrstuvwxy-q-ba2df490",
    ],
    [[["ab", "cd"], { hash: ["x"], max: 5 }], "a-c-ba2df490"],
    [[["x"], { hash: ["x"], hashLength: 0 }], "x"],
  ];
  for (const [input, name] of rows) assert.equal(derivedName(...input), name, JSON.stringify(input));
});

Deno.test("the hash is over JSON texts joined by a bar", () => {
  assert.match(hashOf(["ml-team"]), /^a04542d9/);
  assert.match(hashOf(["hf://Qwen/Qwen3-32B", null, ""]), /^c00b812b59/);
  // U+2028 and U+2029 are escaped as Go does it; every other character stays as it is.
  assert.equal(hashOf(["\u2028é\u2029", 2]), sha256('"\\u2028é\\u2029"|2'));
  // A lone surrogate is no character.
  assert.equal(hashOf(["\ud800"]), sha256('"\ufffd"'));
});

Deno.test("parts are sanitised character by character", () => {
  assert.equal(namePart("é"), "part");
  assert.equal(namePart("x€y"), "x-y");
  assert.equal(namePart("x😀y"), "x-y");
  assert.equal(namePart("--A--B--"), "a--b");
  assert.equal(namePart("İx"), "ix");
  assert.equal(namePart(`${a(62)}-b`), a(62));
});

Deno.test("impossible names are refused", () => {
  assert.throws(() => derivedName([]), RangeError);
  assert.throws(() => derivedName(["x"], { max: 0 }), RangeError);
  assert.throws(() => derivedName(["x"], { max: 64 }), RangeError);
});

Deno.test("label values are those of conventions.md §10.6", () => {
  assert.equal(labelValue("Qwen/Qwen3-32B"), "qwen_qwen3-32b");
  assert.equal(labelValue("A b"), "a_b");
  assert.equal(labelValue("__x--"), "x");
  assert.equal(labelValue("////"), undefined);
  assert.equal(cutLabelValue(`${a(62)}.-bcd`), a(62));
});

Deno.test("a raw label value changes only where it would be illegal", () => {
  assert.equal(rawLabelValue("My.Service_1"), "My.Service_1");
  assert.equal(rawLabelValue(a(63)), a(63));
  assert.match(rawLabelValue(a(64)), /^a{54}-[0-9a-f]{8}$/);
  assert.match(rawLabelValue("a/b"), /^a_b-[0-9a-f]{8}$/);
  assert.match(rawLabelValue("///"), /^[0-9a-f]{8}$/);
  assert.notEqual(rawLabelValue(a(64)), rawLabelValue(a(65)));
});

const legalName = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const legalLabel = /^([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?$/;

Deno.test("property: a derived name with room for its parts is a DNS label within its limit", () => {
  const parts = fc.array(fc.string({ unit: "grapheme", maxLength: 80 }), { minLength: 1, maxLength: 6 });
  fc.assert(fc.property(parts, fc.integer({ min: 21, max: 63 }), (words, max) => {
    const name = derivedName(words, { hash: words, max });
    assert.match(name, legalName);
    assert.ok(name.length <= max, `${name} is longer than ${max}`);
    assert.equal(name, derivedName(words, { hash: [...words], max }), "same input, same name");
  }));
});

Deno.test("spec/README: label values of more than 63 characters are cut with a hash tail, and two never meet", () => {
  const [one, other] = [`${a(70)}/one`, `${a(70)}/other`];
  // sha256sum of the quoted text.
  assert.equal(labelValue(one), `${a(54)}-0f0f363d`);
  assert.notEqual(labelValue(one), labelValue(other));
  assert.equal(labelValue(a(63)), a(63));
  assert.equal(labelValue(one), rawLabelValue(one));
});

Deno.test("property: every text has a legal raw label value, and long names stay apart", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme", maxLength: 100 }), fc.string(), (one, other) => {
    assert.match(rawLabelValue(one), legalLabel);
    if (one !== other) assert.notEqual(rawLabelValue(`${a(60)}/${one}`), rawLabelValue(`${a(60)}/${other}`));
    for (const value of [labelValue(one), labelValue(`${one}${a(60)}`), cutLabelValue(one)]) {
      if (value !== undefined) assert.match(value, /^[a-z0-9]([a-z0-9_.-]{0,61}[a-z0-9])?$/);
    }
  }));
});

Deno.test("texts are ordered as their UTF-8 bytes are", () => {
  const bytes = new TextEncoder();
  const unit = fc.oneof(
    fc.constantFrom("a", "b", "\u{d7ff}", "\u{e000}", "\u{ffff}"),
    fc.constantFrom("\u{10000}", "\u{103ff}", "\u{10ffff}"),
  );
  const text = fc.array(unit, { maxLength: 6 }).map((units) => units.join(""));
  fc.assert(
    fc.property(text, text, (a, b) => {
      const expected = Buffer.compare(bytes.encode(a), bytes.encode(b));
      assert.equal(Math.sign(compareCodePoints(a, b)), expected, JSON.stringify([a, b]));
    }),
    { numRuns: 2_000 },
  );
});
