import assert from "node:assert/strict";
import fc from "fast-check";
import { qualifiedNameProblem } from "../../kube/names.ts";
import { anyMatches, patternFault, patternLimits } from "./key_pattern.ts";

Deno.test("patterns that match no label key, and why", () => {
  const rows: [pattern: string, fault: RegExp | undefined][] = [
    ["team", undefined],
    ["team-*", undefined],
    ["*", undefined],
    ["*/*", undefined],
    ["*.*", undefined],
    ["cost.example.com/*", undefined],
    ["compliance.*/severity", undefined],
    ["[a-z]*", undefined],
    ["[^a]", undefined],
    ["a[^a]b", undefined],
    ["\\a", undefined],
    ["?", undefined],
    ["a".repeat(63), undefined],
    ["a".repeat(64) + "/b", undefined],
    ["*".repeat(patternLimits.characters), undefined],
    ["a*".repeat(200), /longer than a label key; write at most 316 characters/],
    ["[", /malformed/],
    ["[]", /malformed/],
    ["a-[z", /malformed/],
    ["team\\", /malformed/],
    ["", /no label key/],
    ["a".repeat(64), /no label key/],
    [`${"a".repeat(254)}/b`, /no label key/],
    ["team *", /no label key/],
    ["-team", /no label key/],
    ["team-", /no label key/],
    ["team/", /no label key/],
    ["/team", /no label key/],
    ["*/", /no label key/],
    ["a/b/c", /no label key/],
    ["*/*/*", /no label key/],
    ["Team.example.com/x", /no label key/],
    ["a..b/c", /no label key/],
    ["é*", /no label key/],
    ["[é]", /no label key/],
    ["[/]x", /no label key/],
    ["a=b", /no label key/],
  ];
  for (const [pattern, fault] of rows) {
    const found = patternFault(pattern);
    if (fault === undefined) assert.equal(found, undefined, pattern.slice(0, 70));
    else assert.match(found ?? "", fault, pattern.slice(0, 70));
  }
});

/** All legal keys of up to four of these characters. */
function shortKeys(): string[] {
  let keys = [""];
  const all: string[] = [];
  for (let length = 1; length <= 4; length++) {
    keys = keys.flatMap((key) => [..."abB-./"].map((char) => key + char));
    all.push(...keys);
  }
  return all.filter((key) => qualifiedNameProblem(key) === undefined);
}

Deno.test("property: a pattern with a fault matches no key, one without matches some key", () => {
  const keys = shortKeys();
  const piece = fc.constantFrom("a", "B", "-", ".", "/", "?", "*", "[^a]", "[/]", "[B-a]", "\\-", "[", "é");
  const pattern = fc.array(piece, { maxLength: 4 }).map((pieces) => pieces.join(""));
  // What is not literal is matched by one of these characters already, so that a key of four is enough.
  fc.assert(
    fc.property(pattern, (pattern) => {
      const matched = keys.some((key) => anyMatches([pattern], key));
      assert.equal(patternFault(pattern) === undefined, matched, pattern);
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("property: a list matches what one of its patterns matches", () => {
  const piece = fc.constantFrom("a", "B", "/", "?", "*", "[^a]", "\\-", "[", "-");
  const pattern = fc.array(piece, { maxLength: 5 }).map((pieces) => pieces.join(""));
  const key = fc.array(fc.constantFrom("a", "B", "-", "/"), { maxLength: 5 }).map((chars) => chars.join(""));
  fc.assert(
    fc.property(fc.array(pattern, { maxLength: 4 }), key, (patterns, key) => {
      const one = patterns.some((pattern) => anyMatches([pattern], key));
      assert.equal(anyMatches(patterns, key), one, `${patterns} on ${key}`);
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("the first 64 patterns of a list count, and 316 characters of each", () => {
  const others = Array<string>(patternLimits.patterns - 1).fill("other");
  assert.equal(anyMatches([...others, "team"], "team"), true);
  assert.equal(anyMatches([...others, "other", "team"], "team"), false);
  assert.equal(anyMatches(["*".repeat(316)], "team"), true);
  assert.equal(anyMatches(["*".repeat(317)], "team"), false);
});

Deno.test("what a list costs a label stays small, whatever its patterns are", () => {
  const patterns = Array.from({ length: 1_000 }, (_, i) => "*[^!]*[^!]".repeat(31) + i);
  const before = performance.now();
  for (let i = 0; i < 500; i++) anyMatches(patterns, `${"a".repeat(250)}${i % 10}/${"a".repeat(60)}`);
  // 0.4 s; followed one by one they take minutes.
  assert.ok(performance.now() - before < 5_000);
});
