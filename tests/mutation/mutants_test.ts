import assert from "node:assert/strict";
import { mutantsOf } from "./mutants.ts";

Deno.test("each kind of change, alone; nothing of types, imports and names of fields", () => {
  const rows: readonly (readonly [source: string, ...changed: readonly string[]])[] = [
    ["a === b;", "a !== b;"],
    ["a < b;", "a <= b;", "a >= b;"],
    ["a && !b;", "a || !b;", "a && b;"],
    ["a ? 1 : b;", "true ? 1 : b;", "false ? 1 : b;", "a ? 2 : b;"],
    ["if (a) b();", "if (true) b();", "if (false) b();"],
    ["a.some(b);", "a.every(b);"],
    ["a.filter(b);", "a;"],
    ["f([a]);", "f([]);"],
    ["f([]);"],
    ["const f = (a) => a;", "const f = (a) => undefined;"],
    ["function f() { g(); }", "function f() {}"],
    ["f(`a${b}`);", 'f("mutant");'],
    ['f({ "a-b": true });', 'f({ "a-b": false });'],
    ['import a from "b";'],
    ['type A = "a" | 1;'],
    ['let a: "b" | 1;'],
  ];
  for (const [source, ...changed] of rows) {
    const found = mutantsOf(source).map(({ start, end, replacement }) =>
      source.slice(0, start) + replacement + source.slice(end)
    );
    assert.deepEqual(found, changed, source);
  }
});
