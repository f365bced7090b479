import assert from "node:assert/strict";
import fc from "fast-check";
import { equalJson } from "./equal.ts";
import { applyMergePatch, createMergePatch } from "./merge_patch.ts";

const patches: [what: string, from: unknown, to: Record<string, unknown>, patch: unknown][] = [
  ["nothing differs", { a: 1, b: { c: 2 } }, { b: { c: 2 }, a: 1 }, undefined],
  ["there was no status", undefined, { a: 1 }, { a: 1 }],
  ["a value changed", { a: 1, b: 2 }, { a: 1, b: 3 }, { b: 3 }],
  ["a field is no longer wanted", { a: 1, b: 2 }, { a: 1 }, { b: null }],
  ["a field is undefined", { a: 1, b: 2 }, { a: 1, b: undefined }, { b: null }],
  ["one field of many below", { x: { a: 1, b: 2 } }, { x: { a: 1, b: 3 } }, { x: { b: 3 } }],
  ["a list changed by one item", { l: [1, 2] }, { l: [1, 3] }, { l: [1, 3] }],
  ["an object comes where there was none", {}, { x: { a: 1 } }, { x: { a: 1 } }],
  ["an object goes", { x: { a: 1 } }, {}, { x: null }],
];

for (const [what, from, to, patch] of patches) {
  Deno.test(`merge patch: ${what}`, () => assert.deepEqual(createMergePatch(from, to), patch));
}

Deno.test("merge patch: fields named like what every object has come and go like others", () => {
  for (const name of ["__proto__", "constructor", "toString"]) {
    const [bare, named] = [{ l: { a: "1" } }, JSON.parse(`{"l":{"a":"1","${name}":"2"}}`)];
    assert.equal(JSON.stringify(createMergePatch(bare, named)), `{"l":{"${name}":"2"}}`);
    assert.equal(JSON.stringify(createMergePatch(named, bare)), `{"l":{"${name}":null}}`);
    assert.equal(createMergePatch(named, structuredClone(named)), undefined);
  }
});

const status = fc.dictionary(
  fc.constantFrom("a", "b", "c"),
  fc.oneof(
    fc.integer(),
    fc.array(fc.integer(), { maxLength: 2 }),
    fc.dictionary(
      fc.constantFrom("x", "y"),
      fc.oneof(fc.integer(), fc.dictionary(fc.constant("z"), fc.nat(), { noNullPrototype: true })),
      {
        noNullPrototype: true,
      },
    ),
  ),
  { noNullPrototype: true },
);

Deno.test("a merge patch leads from one status to the other, and is absent only between equals", () => {
  fc.assert(fc.property(status, status, (from, to) => {
    const patch = createMergePatch(from, to);
    assert.equal(patch === undefined, equalJson(from, to));
    assert.deepEqual(applyMergePatch(from, patch ?? {}), to);
  }));
});

// The examples of RFC 7396, appendix A.
const examples: [target: unknown, patch: unknown, result: unknown][] = [
  [{ a: "b" }, { a: "c" }, { a: "c" }],
  [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
  [{ a: "b" }, { a: null }, {}],
  [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
  [{ a: ["b"] }, { a: "c" }, { a: "c" }],
  [{ a: "c" }, { a: ["b"] }, { a: ["b"] }],
  [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
  [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
  [["a", "b"], ["c", "d"], ["c", "d"]],
  [{ a: "b" }, ["c"], ["c"]],
  [{ a: "foo" }, null, null],
  [{ a: "foo" }, "bar", "bar"],
  [{ e: null }, { a: 1 }, { e: null, a: 1 }],
  [[1, 2], { a: "b", c: null }, { a: "b" }],
  [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
];

for (const [target, patch, result] of examples) {
  Deno.test(`RFC 7396: ${JSON.stringify(patch)} to ${JSON.stringify(target)}`, () => {
    assert.deepEqual(applyMergePatch(target, patch), result);
  });
}

Deno.test("a field called __proto__ is a field", () => {
  const patch = JSON.parse('{"__proto__":{"a":1}}');
  assert.equal(JSON.stringify(applyMergePatch({ b: 2 }, patch)), '{"b":2,"__proto__":{"a":1}}');
});
