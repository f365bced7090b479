import assert from "node:assert/strict";
import { parseJson } from "../kube/json/json.ts";
import { goSource, goText } from "./go_text.ts";

// By Go's fmt: %v and %#v of what encoding/json decodes into an interface.
const rows: readonly (readonly [json: string, text: string, source: string])[] = [
  ["null", "<nil>", "interface {}(nil)"],
  ["true", "true", "true"],
  ['"a b"', "a b", '"a b"'],
  ["1.5", "1.5", "1.5"],
  ["1.0", "1", "1"],
  ["1.50", "1.5", "1.5"],
  [
    '{"b":1.0,"a":[1,"x",null]}',
    "map[a:[1 x <nil>] b:1]",
    'map[string]interface {}{"a":[]interface {}{1, "x", interface {}(nil)}, "b":1}',
  ],
];
for (const [json, text, source] of rows) {
  Deno.test(`${json} as Go prints it`, () => {
    assert.equal(goText(parseJson(json)), text);
    assert.equal(goSource(parseJson(json)), source);
  });
}
