import assert from "node:assert/strict";
import fc from "fast-check";
import { equalJson, freezeJson } from "./equal.ts";

const different: [unknown, unknown][] = [
  [1, 2],
  [1, "1"],
  [null, undefined],
  [null, {}],
  [[], {}],
  [[1], [1, 2]],
  [[1, 2], [2, 1]],
  [{ a: 1 }, { a: 1, b: 1 }],
  [{ a: 1, b: 1 }, { a: 1 }],
  [{ a: undefined, b: 1 }, { a: 1, b: undefined }],
  [{ a: { b: [{ c: 1 }] } }, { a: { b: [{ c: 2 }] } }],
  [{ a: null }, {}],
];

for (const [a, b] of different) {
  Deno.test(`${Deno.inspect(a)} and ${Deno.inspect(b)} are different`, () => {
    assert.equal(equalJson(a, b), false);
    assert.equal(equalJson(b, a), false);
  });
}

Deno.test("the order of keys and keys that are undefined do not count", () => {
  assert.ok(equalJson({ a: 1, b: [2] }, { b: [2], a: 1 }));
  assert.ok(equalJson({ a: 1, b: undefined }, { a: 1 }));
  assert.ok(equalJson({ a: 1 }, { a: 1, b: undefined }));
});

Deno.test("a value equals its copy, and nothing whose text is another", () => {
  fc.assert(fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
    assert.ok(equalJson(a, structuredClone(a)));
    assert.equal(equalJson(a, b), sorted(a) === sorted(b));
  }));
});

Deno.test("frozen is all of it", () => {
  const value = freezeJson({ list: [{ a: { b: 1 } }], text: "x", nothing: null });
  assert.throws(() => value.list[0].a.b = 2, TypeError);
  assert.throws(() => value.list.push({ a: { b: 3 } }), TypeError);
  assert.throws(() => value.text = "y", TypeError);
});

/** Text that is the same for equal values only. JSON knows no -0. */
function sorted(value: unknown): string {
  return JSON.stringify(
    value,
    (_, each) =>
      typeof each === "object" && each !== null && !Array.isArray(each)
        ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => a < b ? -1 : 1))
        : each,
  );
}
