import assert from "node:assert/strict";
import { lastLines } from "./log_server.ts";

const rows: [string, string | string[], number, string[]][] = [
  ["fewer than asked for", "a\nb\n", 3, ["a\n", "b\n"]],
  ["more than asked for", "a\nb\nc\n", 2, ["b\n", "c\n"]],
  ["the last line is not ended", "a\nb\nc", 2, ["b\n", "c"]],
  ["lines that pieces cut", ["a", "b\nc", "d\ne", "\n"], 2, ["cd\n", "e\n"]],
  ["none", "a\n", 0, []],
  ["nothing was said", "", 5, []],
];
for (const [what, log, count, expected] of rows) {
  Deno.test(`the last lines of a log: ${what}`, () => {
    assert.deepEqual(lastLines(typeof log === "string" ? log : () => log, count), expected);
  });
}
