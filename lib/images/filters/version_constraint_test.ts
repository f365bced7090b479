import assert from "node:assert/strict";
import fc from "fast-check";
// @ts-types="@types/semver"
import semver from "semver";
import { ConstraintError, parseConstraint, versionOfTag } from "./version_constraint.ts";

/** A constraint, the tags that meet it, and those that do not. */
type Row = readonly [constraint: string, meet: string, fail: string];

// Of the specification's own words (§3.4): its tables, and what its forms stand for.
const bySpecification: readonly Row[] = [
  // the table of tags
  [">=0.8.0", "0.8.1-rc1", "0.8.0-rc1 0.7.9"],
  [">=0.8.1", "0.8.1 0.8.2-rc1", "0.8.1-rc1"],
  [">=0.8.1-rc1", "0.8.1-rc1 0.8.1-rc2 0.8.1", "0.8.1-rc0 0.8.0"],
  ["<1.0.0", "1.0.0-rc1 0.9.9", "1.0.0 1.0.1-rc1"],
  ["0.8.4", "0.8.4 v0.8.4", "0.8.4-rc1 0.8.5"],
  ["<=0.9.0-rc2", "0.9.0-rc10 0.9.0-rc2", "0.9.0-rc3 0.9.0"],
  ["<=0.9.0-rc.2", "0.9.0-rc.2 0.9.0-rc.1", "0.9.0-rc.10"],
  // the table of forms
  ["=1.2.3", "1.2.3", "1.2.4 1.2.3-a"],
  ["==1.2.3", "1.2.3", "1.2.2"],
  ["!1.2.3", "1.2.4 1.2.3-a", "1.2.3"],
  ["!=1.2.3", "1.2.2", "1.2.3 v1.2.3"],
  ["< 1.2.3", "1.2.2", "1.2.3"],
  ["> 1.2.3", "1.2.4", "1.2.3"],
  ["= 1.2.3", "1.2.3", "1.2.4"],
  [">=1.0.0 <2.0.0", "1.0.0 1.9.9 2.0.0-rc1", "2.0.0 0.9.9"],
  [">=1.0.0 <1.1.0 || >=2.0.0", "1.0.5 2.0.0 3.0.0", "1.1.0 1.9.9"],
  ["1.0.0||2.0.0", "1.0.0 2.0.0", "1.5.0"],
  ["1.2.x", "1.2.0 1.2.9 1.3.0-rc1", "1.2.0-rc1 1.3.0 1.1.9"],
  [">1.2.x", "1.3.0 2.0.0", "1.2.9 1.3.0-rc1"],
  [">=1.2.x", "1.2.0 1.3.0", "1.1.9 1.2.0-rc1"],
  ["<1.2.x", "1.1.9 1.2.0-rc1", "1.2.0 1.3.0"],
  ["<=1.2.x", "1.2.9 1.3.0-rc1", "1.3.0"],
  ["!=1.2.x", "1.1.9 1.3.0 1.2.0-rc1", "1.2.0 1.2.5"],
  [">=0.9", "0.9.0 1.0.0", "0.8.9 0.9.0-rc1"],
  ["0.9", "0.9.0", "0.9.1 0.8.9"],
  [">0.9", "0.9.1", "0.9.0"],
  ["<=0.9", "0.9.0 0.8.9", "0.9.1"],
  // Better: tilde, caret, hyphen
  ["~1.2.0", "1.2.0 1.2.9", "1.3.0 1.3.0-rc1 1.3.0-0 1.1.9"],
  ["^1.2.0", "1.2.0 1.9.9", "2.0.0 2.0.0-rc1 2.0.0-0 1.1.9"],
  ["^0.8.1", "0.8.1 0.8.9", "0.9.0 0.9.0-rc1 0.8.0"],
  ["^0.0.3", "0.0.3", "0.0.4 0.0.4-rc1 0.0.2"],
  ["1.0.0 - 2.0.0", "1.0.0 1.5.0 2.0.0 2.0.0-rc1", "2.0.1 0.9.9 1.0.0-rc1"],
  // Better: wildcards in any place and letter, partial versions anywhere, v, comma
  ["1.x", "1.0.0 1.9.9", "0.9.9 2.0.0"],
  ["1.X", "1.5.0", "2.0.0"],
  ["1.*", "1.5.0", "2.0.0"],
  ["1.x.x", "1.5.0", "2.0.0"],
  ["*", "0.0.1 9.9.9-rc1", ""],
  ["x", "0.0.0", ""],
  [">=*", "0.0.0-a", ""],
  ["<*", "", "0.0.0-a 1.0.0"],
  [">*", "", "1.0.0"],
  ["!=*", "", "1.0.0"],
  [">=1", "1.0.0 2.0.0", "0.9.9 1.0.0-rc1"],
  [">=1.0 <2.0", "1.0.0 1.9.0", "2.0.0 0.9.0"],
  ["v1.0.0", "1.0.0 v1.0.0", "1.0.1"],
  [">=v1.0.0", "1.0.0", "0.9.9"],
  ["~v1.2.0", "1.2.5", "1.3.0"],
  [">=1.0.0, <2.0.0", "1.5.0", "2.0.0"],
  [">=1.0.0,<2.0.0,!=1.5.0", "1.4.0", "1.5.0 2.0.0"],
  [" >=1.0.0 ", "1.0.0", "0.9.9"],
  [">=1.0.0 1.0.0 - 1.2.0", "1.1.0", "1.3.0"],
  ["1.0 - 2.0", "1.0.0 2.0.0", "2.0.1"],
  ["~1.2", "1.2.0 1.2.9", "1.3.0"],
  ["~1", "1.0.0 1.9.9", "2.0.0 2.0.0-rc1"],
  ["~1.2.x", "1.2.9", "1.3.0"],
  ["~0.8.4-rc1", "0.8.4-rc1 0.8.4 0.8.9", "0.8.4-rc0 0.9.0"],
  ["^1.2.3-beta.2", "1.2.3-beta.2 1.2.3-beta.10 1.9.0", "1.2.3-beta.1 2.0.0"],
  ["^1", "1.0.0 1.9.0", "2.0.0 0.9.0"],
  ["^0.1", "0.1.0 0.1.9", "0.2.0"],
  ["^0.0", "0.0.0 0.0.9", "0.1.0"],
  ["^0", "0.0.0 0.9.9", "1.0.0"],
  ["^0.x", "0.0.0 0.9.9", "1.0.0"],
  ["^*", "0.0.0 5.0.0", ""],
  ["~x", "5.0.0", ""],
  ["1.2.3+build", "1.2.3", "1.2.4"],
];

Deno.test("constraints: the specification's tables and forms", () => {
  let cases = 0;
  for (const [constraint, meet, fail] of bySpecification) {
    const accepts = parseConstraint(constraint);
    for (const [tags, wanted] of [[meet, true], [fail, false]] as const) {
      for (const tag of tags.split(" ").filter(Boolean)) {
        assert.equal(accepts(versionOfTag(tag)!), wanted, `${tag} against ${constraint}`);
        cases++;
      }
    }
  }
  assert.ok(cases >= 150, `${cases} cases`);
});

Deno.test("constraints that do not parse are refused, and the entry is named", () => {
  const wrong = [
    ...[
      "",
      " ",
      "abc",
      "latest",
      "1.2.3.4",
      "1.2.3 ||",
      "|| 1.2.3",
      "||",
      ">=1.0.0 || ",
      ">=",
      ">= ",
      "><1.0.0",
    ],
    ...[
      "=>1.0.0",
      "~>1.2.0",
      "01.2.3",
      "1.02.3",
      "1.2.3-01",
      ">=0.8-rc1",
      "1.x-rc1",
      "1.x.3",
      "x.1",
      "V1.0.0",
    ],
    ...[
      ">=1.0.0,",
      ",>=1.0.0",
      ">=1.0.0,,<2.0.0",
      "1.2.3-",
      "1..2",
      "-1.0.0",
      "1.0.0 -",
      "- 1.0.0",
      "1.0.0 - ",
      "^^1.0.0",
    ],
    ...[
      "1.0.0 - >2.0.0",
      "9007199254740991.0.0",
      "99999999999999999999.0.0",
      "1.2.3_4",
      "é",
      ">=1.0.0\u0000",
      "1".repeat(2000),
    ],
    ...[
      "~~1.2.0",
      "!!1.0.0",
      "> =1.0.0",
      "1.0.0 & 2.0.0",
      "1.0.0 | 2.0.0",
      "latest || 1.0.0",
      "vv1.0.0",
      "*.1.1",
    ],
  ];
  for (const entry of wrong) {
    assert.throws(() => parseConstraint(entry), (error) => {
      assert.ok(error instanceof ConstraintError, String(error));
      assert.ok(entry.length > 80 || error.message.includes(JSON.stringify(entry)), error.message);
      return true;
    }, entry);
  }
});

Deno.test("tags: which are versions", () => {
  const rows: [tag: string, version: string | undefined][] = [
    ["0.8.4", "0.8.4"],
    ["v0.8.4", "0.8.4"],
    ["0.8.4-rc.1", "0.8.4-rc.1"],
    ["latest", undefined],
    ["1.0", undefined],
    ["V1.0.0", undefined],
    ["vv1.0.0", undefined],
    ["01.0.0", undefined],
    ["1.0.0-01", undefined],
    ["1.0.0-", undefined],
    ["1.0.0_1", undefined],
    ["=1.0.0", undefined],
    ["99999999999999999999.0.0", undefined],
    ["", undefined],
  ];
  for (const [tag, version] of rows) assert.equal(versionOfTag(tag)?.version, version, tag);
});

const small = fc.integer({ min: 0, max: 3 });
const prerelease = fc.constantFrom("", "-rc1", "-rc.2", "-rc.10", "-0", "-alpha", "-a.b-c");
const version = fc.tuple(small, small, small, prerelease).map(([a, b, c, pre]) => `${a}.${b}.${c}${pre}`);

Deno.test("comparisons, tilde and caret of whole versions are npm's with prereleases", () => {
  const operators = fc.constantFrom("", "=", "<", "<=", ">", ">=", "~", "^");
  const one = fc.tuple(operators, version).map(([operator, of]) => operator + of);
  const both = fc.array(one, { minLength: 1, maxLength: 3 }).map((parts) => parts.join(" "));
  const range = fc.array(both, { minLength: 1, maxLength: 3 })
    .map((sides) => sides.join(" || "));
  fc.assert(
    fc.property(range, version, (text, tag) => {
      // npm takes `^0.1.2` for `>=0.1.2-0`, but `^1.2.3` for `>=1.2.3`: the specification knows the second only (§3.4).
      const asSpecified = text.replace(/\^(0\.\d\.\d)(?!\S)/g, "^$1 >=$1");
      const wanted = semver.satisfies(tag, asSpecified, { includePrerelease: true });
      assert.equal(parseConstraint(text)(versionOfTag(tag)!), wanted, `${tag} against ${text}`);
    }),
    { numRuns: 3000, examples: [["^0.1.2 || 0.0.0", "0.1.2-rc1"]] },
  );
});

Deno.test("partial versions behind tilde and caret, and wildcards among releases, are npm's", () => {
  const partial = fc.tuple(fc.constantFrom("~", "^"), fc.array(small, { minLength: 1, maxLength: 3 }))
    .map(([operator, numbers]) => operator + numbers.join("."));
  const open = fc.tuple(
    fc.constantFrom("", "=", "<", "<=", ">", ">="),
    fc.array(small, { minLength: 1, maxLength: 2 }),
    fc.constantFrom("x", "X", "*"),
  ).map(([operator, numbers, wildcard]) => `${operator}${[...numbers, wildcard].join(".")}`);
  const release = fc.tuple(small, small, small).map((numbers) => numbers.join("."));
  fc.assert(
    fc.property(fc.oneof(partial, open), release, (text, tag) => {
      assert.equal(
        parseConstraint(text)(versionOfTag(tag)!),
        semver.satisfies(tag, text),
        `${tag} against ${text}`,
      );
    }),
    { numRuns: 2000 },
  );
});

Deno.test("a hyphen is at least the one and at most the other; npm adds the prereleases of the first", () => {
  fc.assert(fc.property(version, version, version, (from, to, tag) => {
    const accepted = [`${from} - ${to}`, `>=${from} <=${to}`].map((text) =>
      parseConstraint(text)(versionOfTag(tag)!)
    );
    assert.equal(accepted[0], accepted[1]);
  }));
});

Deno.test("what both sides of a comma, a space or || say is what the whole says", () => {
  const entry = fc.tuple(fc.constantFrom("<", ">=", "~", "^", "!="), version).map((parts) => parts.join(""));
  fc.assert(fc.property(entry, entry, version, (a, b, tag) => {
    const [left, right] = [a, b].map((each) => parseConstraint(each)(versionOfTag(tag)!));
    const whole = (text: string) => parseConstraint(text)(versionOfTag(tag)!);
    assert.equal(whole(`${a}, ${b}`), left && right);
    assert.equal(whole(`${a} ${b}`), left && right);
    assert.equal(whole(`${a} || ${b}`), left || right);
  }));
});
