import assert from "node:assert/strict";
import { jsonPatch, PatchError } from "./mod.ts";

type Operation = Record<string, unknown>;

/** Document, operations, document after. Out of RFC 6902, appendix A, and of what the API server adds to it. */
const applied: readonly (readonly [string, unknown, readonly Operation[], unknown])[] = [
  ["add a member", { foo: "bar" }, [{ op: "add", path: "/baz", value: "qux" }], { foo: "bar", baz: "qux" }],
  ["add an item", { l: ["a", "c"] }, [{ op: "add", path: "/l/1", value: "b" }], { l: ["a", "b", "c"] }],
  ["add at the end", { l: ["a"] }, [{ op: "add", path: "/l/-", value: "b" }], { l: ["a", "b"] }],
  ["add at the index after the last", { l: ["a"] }, [{ op: "add", path: "/l/1", value: "b" }], {
    l: ["a", "b"],
  }],
  ["add over a member", { a: 1 }, [{ op: "add", path: "/a", value: 2 }], { a: 2 }],
  ["add null", { a: 1 }, [{ op: "add", path: "/b", value: null }], { a: 1, b: null }],
  ["remove a member", { a: 1, b: 2 }, [{ op: "remove", path: "/b" }], { a: 1 }],
  ["remove an item", { l: [1, 2, 3] }, [{ op: "remove", path: "/l/1" }], { l: [1, 3] }],
  ["remove the last item", { l: [1, 2, 3] }, [{ op: "remove", path: "/l/-1" }], { l: [1, 2] }],
  ["replace a member", { a: 1 }, [{ op: "replace", path: "/a", value: [2] }], { a: [2] }],
  ["replace a member that is missing", {}, [{ op: "replace", path: "/a", value: 1 }], { a: 1 }],
  ["replace an item", { l: [1, 2] }, [{ op: "replace", path: "/l/0", value: 3 }], { l: [3, 2] }],
  ["replace all", { a: 1 }, [{ op: "replace", path: "", value: { b: 2 } }], { b: 2 }],
  ["move a member", { a: { b: 1 }, c: {} }, [{ op: "move", from: "/a/b", path: "/c/d" }], {
    a: {},
    c: { d: 1 },
  }],
  ["move an item", { l: [1, 2, 3] }, [{ op: "move", from: "/l/0", path: "/l/2" }], { l: [2, 3, 1] }],
  ["copy", { a: { b: 1 } }, [{ op: "copy", from: "/a", path: "/c" }], { a: { b: 1 }, c: { b: 1 } }],
  ["a test that holds", { a: [1, { b: 2 }] }, [{ op: "test", path: "/a", value: [1, { b: 2 }] }], {
    a: [1, { b: 2 }],
  }],
  ["a test for null of nothing", {}, [{ op: "test", path: "/a", value: null }], {}],
  [
    "~1 and ~0",
    { "a/b": 1, "c~d": 2 },
    [{ op: "remove", path: "/a~1b" }, { op: "remove", path: "/c~0d" }],
    {},
  ],
  ["a copy is another value", { a: [1] }, [
    { op: "copy", from: "/a", path: "/b" },
    { op: "add", path: "/b/-", value: 2 },
  ], { a: [1], b: [1, 2] }],
];

for (const [name, document, operations, wanted] of applied) {
  Deno.test(`JSON patch: ${name}`, () => {
    const before = structuredClone(document);
    assert.deepEqual(jsonPatch(document, operations), wanted);
    assert.deepEqual(document, before, "the document itself is not changed");
  });
}

/** Document, operation, the API server's words. */
const refused: readonly (readonly [unknown, Operation, string])[] = [
  [
    {},
    { op: "add", path: "/a/b", value: 1 },
    `add operation does not apply: doc is missing path: "/a/b": missing value`,
  ],
  [
    { l: [] },
    { op: "add", path: "/l/1", value: 1 },
    "error in add for path: '/l/1': Unable to access invalid index: 1: invalid index referenced",
  ],
  [
    { l: [] },
    { op: "add", path: "/l/x", value: 1 },
    `error in add for path: '/l/x': value was not a proper array index: 'x': strconv.Atoi: parsing "x": invalid syntax`,
  ],
  [
    {},
    { op: "remove", path: "/a" },
    "error in remove for path: '/a': Unable to remove nonexistent key: a: missing value",
  ],
  [
    {},
    { op: "remove", path: "/a/b" },
    `remove operation does not apply: doc is missing path: "/a/b": missing value`,
  ],
  [
    { l: [1] },
    { op: "remove", path: "/l/1" },
    "error in remove for path: '/l/1': Unable to access invalid index: 1: invalid index referenced",
  ],
  [
    {},
    { op: "replace", path: "/a/b", value: 1 },
    "replace operation does not apply: doc is missing path: /a/b: missing value",
  ],
  [{ a: 1 }, { op: "test", path: "/a", value: 2 }, "testing value /a failed: test failed"],
  [{}, { op: "test", path: "/a", value: 2 }, "testing value /a failed: test failed"],
  [
    {},
    { op: "test", path: "/a/b", value: 2 },
    "test operation does not apply: is missing path: /a/b: missing value",
  ],
  [
    {},
    { op: "move", from: "/a/b", path: "/c" },
    "move operation does not apply: doc is missing from path: /a/b: missing value",
  ],
  [
    {},
    { op: "copy", from: "/a/b", path: "/c" },
    "copy operation does not apply: doc is missing from path: /a/b: missing value",
  ],
  [
    { a: 1 },
    { op: "move", from: "/a", path: "/b/c" },
    "move operation does not apply: doc is missing destination path: /b/c: missing value",
  ],
  [{}, { op: "add" }, "add operation failed to decode path: missing value"],
  [
    {},
    { op: "replace", value: 1 },
    "replace operation failed to decode path: operation missing path field: missing value",
  ],
  [{}, { op: "spin", path: "/a" }, "Unexpected kind: spin"],
];

for (const [document, operation, message] of refused) {
  Deno.test(`JSON patch refuses ${JSON.stringify(operation)} on ${JSON.stringify(document)}`, () => {
    assert.throws(() => jsonPatch(document, [operation]), new PatchError(message));
  });
}

Deno.test("a JSON patch that is no list cannot be read", () => {
  assert.throws(() => jsonPatch({}, { op: "add" }), { malformed: true });
});

Deno.test("a name that objects inherit is a name like any other", () => {
  assert.throws(() => jsonPatch({}, [{ op: "remove", path: "/constructor" }]), PatchError);
  assert.throws(() => jsonPatch({}, [{ op: "add", path: "/__proto__/x", value: 1 }]), PatchError);
});
