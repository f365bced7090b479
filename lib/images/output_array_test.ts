import assert from "node:assert/strict";
import fc from "fast-check";
import { lastArray, likelyArray, placeOf } from "./output_array.ts";

/** Rule 3 of models-and-templates.md §5.8 word by word: every `[` before the last `]`, from the back. */
function byTrying(log: string): string | undefined {
  const end = log.lastIndexOf("]") + 1;
  for (let start = end; (start = log.lastIndexOf("[", start - 1)) >= 0 && start < end;) {
    try {
      JSON.parse(log.slice(start, end));
      return log.slice(start, end);
    } catch {
      if (start === 0) return undefined;
    }
  }
  return undefined;
}

function found(log: string): string | undefined {
  const slice = lastArray(log);
  return slice && log.slice(slice.start, slice.end);
}

const rows: [string, string, string | undefined][] = [
  ["nothing", "", undefined],
  ["no array", "hello", undefined],
  ["the array alone", "[1]", "[1]"],
  ["noise before", "x [y\n[1]", "[1]"],
  ["noise after", "[1] x [y {", "[1]"],
  ["two arrays", "[1]\n[2]", "[2]"],
  ["a nested array", "[[1],[2]]", "[[1],[2]]"],
  ["brackets in strings", `[{"a":"]["},"["]`, `[{"a":"]["},"["]`],
  ["quotes in strings", String.raw`["\"]","\\"]`, String.raw`["\"]","\\"]`],
  ["a quote in the noise", `it"s [\n["a"]`, `["a"]`],
  ["an array in noise after", `[{"a":1}]\n[INFO] done`, "[INFO]"],
  ["an end without start", `"a"]`, undefined],
  ["a dict that does not close", `[{"a":1]`, undefined],
  ["a quote at the start", `"]`, undefined],
  ["a quote alone before the end", `["]`, undefined],
];
for (const [what, log, slice] of rows) {
  Deno.test(`the array of a log with ${what}`, () => assert.equal(found(log), slice));
}

Deno.test("models-and-templates.md §5.8: the slice is the one that trying every bracket finds", () => {
  const part = fc.oneof(
    fc.constantFrom(
      "[",
      "]",
      "{",
      "}",
      '"',
      "\\",
      '\\"',
      ",",
      ":",
      "1",
      "[]",
      '["a"]',
      '"[":',
      " ",
      "\n",
      '"]"',
    ),
    fc.json({ maxDepth: 3 }),
    fc.array(fc.dictionary(fc.constantFrom("a", "[", '"', "\\"), fc.constantFrom("]", '"', "\\", "x")), {
      minLength: 1,
      maxLength: 2,
    }).map((list) => JSON.stringify(list)),
  );
  let compared = 0;
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
      const log = parts.join("");
      const wanted = byTrying(log);
      if (wanted === undefined) return;
      assert.equal(found(log), wanted, JSON.stringify(log));
      compared++;
    }),
    { numRuns: 4000 },
  );
  assert.ok(compared > 500, `${compared} logs were compared`);
});

Deno.test("hostile logs are read once from the back", () => {
  const many = 2_000_000;
  assert.equal(found("[".repeat(many)), undefined);
  assert.equal(found("]".repeat(many)), undefined);
  assert.equal(found("[".repeat(many) + "]"), "[]");
  assert.equal(found('"'.repeat(many) + "]"), undefined);
  assert.equal(found('"[' + "\\".repeat(many) + '"]'), undefined);
  assert.equal(found('["' + '\\"'.repeat(many) + '"]')?.length, 2 * many + 4);
  assert.equal(found("[1]" + "[".repeat(many)), "[1]");
  assert.equal(found("[" + "[1],".repeat(many / 10) + "[1]]")?.length, 4 * (many / 10) + 5);
});

Deno.test("where an array of objects seems to start", () => {
  assert.equal(likelyArray("[INFO] x\n[{"), 9);
  assert.equal(likelyArray("[ \n {"), 0);
  assert.equal(likelyArray("{[}"), undefined);
  assert.equal(likelyArray("[ ".repeat(500_000)), undefined);
});

Deno.test("line and column of a place count from 1, in characters", () => {
  assert.deepEqual(placeOf("", 0), { line: 1, column: 1 });
  assert.deepEqual(placeOf("abc", 2), { line: 1, column: 3 });
  assert.deepEqual(placeOf("a\nbc", 1), { line: 1, column: 2 });
  assert.deepEqual(placeOf("a\nbc", 2), { line: 2, column: 1 });
  assert.deepEqual(placeOf("a\n\n😀c", 5), { line: 3, column: 2 });
});
