import assert from "node:assert/strict";
import fc from "fast-check";
import { qualifiedNameProblem } from "../../kube/names.ts";
import { keyMatches, patternFault } from "./key_pattern.ts";

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
    ["*".repeat(100_000), undefined],
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
      const matched = keys.some((key) => keyMatches(pattern, key));
      assert.equal(patternFault(pattern) === undefined, matched, pattern);
    }),
    { numRuns: 2_000 },
  );
});
