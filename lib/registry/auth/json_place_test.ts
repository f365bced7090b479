import assert from "node:assert/strict";
import fc from "fast-check";
import { placeOfJsonError } from "./json_place.ts";

Deno.test("the place of a JSON error is where the text stops being JSON", () => {
  const rows: [text: string, place: string][] = [
    ["", "line 1 column 1"],
    ["  ", "line 1 column 3"],
    ["x", "line 1 column 1"],
    ["{} x", "line 1 column 4"],
    ['{"a":1,}', "line 1 column 8"],
    ['{"a" 1}', "line 1 column 6"],
    ['{"a":}', "line 1 column 6"],
    ["[1 2]", "line 1 column 4"],
    ["[1,]", "line 1 column 4"],
    ["[}", "line 1 column 2"],
    ["{1:2}", "line 1 column 2"],
    ['{\n "a": "b\n"}', "line 2 column 7"],
    ['["\\x"]', "line 1 column 2"],
    ["[01]", "line 1 column 3"],
    ["{'a': 1}", "line 1 column 2"],
    ["[[[", "line 1 column 4"],
    ["]", "line 1 column 1"],
    ["1,2", "line 1 column 2"],
    ["\u00a0{}", "line 1 column 1"],
  ];
  for (const [text, place] of rows) {
    assert.throws(() => JSON.parse(text), SyntaxError);
    assert.equal(placeOfJsonError(text), place, text);
  }
});

Deno.test("what JSON.parse takes has no error before its end", () => {
  fc.assert(fc.property(fc.json(), fc.constantFrom(undefined, 2), (text, indent) => {
    const written = JSON.stringify(JSON.parse(text), undefined, indent);
    const lines = written.split("\n");
    assert.equal(placeOfJsonError(written), `line ${lines.length} column ${lines.at(-1)!.length + 1}`);
  }));
});
