import assert from "node:assert/strict";
import fc from "fast-check";
import { coloured } from "./colours.ts";
import { table, wrapped } from "./table.ts";

const head = ["NAME", "WHY"];

Deno.test("columns are as wide as what stands in them, and a line has no space at its end", () => {
  assert.deepEqual(table(head, [["a", "short"], ["longer-name", ""]]), [
    "NAME         WHY",
    "a            short",
    "longer-name",
  ]);
});

Deno.test("a colour takes no room", () => {
  const [, first, second] = table(head, [[coloured.red("a"), "x"], ["bb", "y"]]);
  assert.equal(first, `${coloured.red("a")}     x`);
  assert.equal(second, "bb    y");
});

Deno.test("on a terminal of 60 columns the last column goes on below itself", () => {
  const why = "GPU MI300X ranks below MI325X of the other template of this model";
  assert.deepEqual(table(head, [["a", why]], { width: 40 }), [
    "NAME  WHY",
    "a     GPU MI300X ranks below MI325X of",
    "      the other template of this model",
  ]);
});

Deno.test("where the last column has no room at all, each cell has a line of its own", () => {
  const name = "a-name-of-a-template-that-takes-all-the-room-there-is";
  assert.deepEqual(table(head, [[name, "status Failed, and more than fits"], ["b", ""]], { width: 60 }), [
    `NAME  ${name}`,
    "WHY   status Failed, and more than fits",
    "",
    "NAME  b",
  ]);
});

Deno.test("whatever the width: no word is lost or cut, and only a long word makes a long line", () => {
  const word = fc.stringMatching(/^[a-z]{1,20}$/);
  fc.assert(fc.property(fc.array(word, { minLength: 1 }), fc.integer({ min: 1, max: 40 }), (words, width) => {
    const lines = wrapped(words.join(" "), width);
    assert.deepEqual(lines.join(" ").split(" "), words);
    for (const line of lines) assert(line.length <= width || !line.includes(" "), line);
  }));
});
