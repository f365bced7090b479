import assert from "node:assert/strict";
import { type Arrow, betweenEntries, inCircles } from "./circles.ts";

const arrowsOf = (text: string): Arrow[] =>
  text.split(/,\s*/).map((each) => {
    const [from, to] = each.split(" → ");
    return { from, to };
  });

const graphs: [what: string, arrows: string, circles: string[]][] = [
  ["a chain", "a → b, b → c", []],
  ["two ways to one file", "a → b, a → c, b → d, c → d", []],
  ["two files that know each other", "a → b, b → a, x → a, b → y", ["a → b", "b → a"]],
  ["a long circle", "a → b, b → c, c → a", ["a → b", "b → c", "c → a"]],
  ["a file that imports itself", "a → a", ["a → a"]],
];

for (const [what, arrows, circles] of graphs) {
  Deno.test(`circles of imports: ${what}`, () => assert.deepEqual(inCircles(arrowsOf(arrows)), circles));
}

Deno.test("a folder's subfolders count as one, and a file beside them is one of its own", () => {
  const arrows = arrowsOf("r/a/x.ts → r/b/y.ts, r/b/z.ts → r/a/w.ts, r/a/x.ts → r/a/w.ts, o.ts → r/a/x.ts");
  assert.deepEqual(inCircles(arrows), []);
  assert.deepEqual(inCircles(betweenEntries("r", arrows)), ["a → b", "b → a"]);
  assert.deepEqual(inCircles(betweenEntries("r/a", arrows)), []);
  // A file between two folders may use one and be used by the other.
  assert.deepEqual(
    inCircles(betweenEntries("r", arrowsOf("r/main.ts → r/a/x.ts, r/a/x.ts → r/base.ts"))),
    [],
  );
});
