import assert from "node:assert/strict";
import { manifestsIn } from "./manifests.ts";
import { documentsOf, faultInWords } from "./yaml.ts";

Deno.test("YAML is read as kubectl reads it: version 1.1, with merge keys", () => {
  const { documents } = documentsOf("a.yaml", "a: yes\nb: 0644\nc: &base {x: 1}\nd: {<<: *base, z: 2}\n");
  assert.deepEqual(documents.map(({ value }) => value), [
    { a: true, b: 420, c: { x: 1 }, d: { x: 1, z: 2 } },
  ]);
});

// Line and column, counted by hand.
const text = `# a comment
---
kind: List
items:
- spec:
    env:
    - name: a
    - {name: b, value: 1}
---
other: 1
`;
const places: readonly (readonly [number, readonly PropertyKey[], number, number])[] = [
  [0, [], 3, 1],
  [0, ["kind"], 3, 1],
  [0, ["items"], 4, 1],
  [0, ["items", 0], 5, 3],
  [0, ["items", 0, "spec", "env"], 6, 5],
  [0, ["items", 0, "spec", "env", 1], 8, 7],
  [0, ["items", 0, "spec", "env", 1, "value"], 8, 17],
  [0, ["items", 0, "spec", "nothing", "below"], 5, 3],
  [0, ["items", 7], 4, 1],
  [0, ["kind", "below"], 3, 1],
  [1, ["other"], 10, 1],
];
for (const [n, path, line, column] of places) {
  Deno.test(`of document ${n} "${path.join(".")}" is at ${line}:${column}`, () => {
    assert.deepEqual(documentsOf("a.yaml", text).documents[n].placeOf(path), { line, column });
  });
}

const bomb = [
  "a: &a [x, x, x, x, x, x, x, x, x, x]",
  ..."bcdefg".split("").map((name, n) =>
    `${name}: &${name} [${Array(10).fill(`*${"abcdefg"[n]}`).join(", ")}]`
  ),
].join("\n");
for (
  const [what, broken, place] of [
    ["no YAML", "a: [b\n", "2:1"],
    ["a name twice", "a: 1\na: 2\n", "2:1"],
    ["an alias that leads nowhere", "---\na: 1\n---\nb: *none\n", "4:"],
    ["aliases that lead to too much", bomb, "1:1"],
    ["JSON that is none", '{"a": 1,,}', "1:"],
  ]
) {
  Deno.test(`${what}: told with its place, wherever it is read`, () => {
    const { faults } = documentsOf("a.yaml", broken);
    const told: string[] = [];
    manifestsIn("a.yaml", broken, (fault) => told.push(fault));
    assert(faultInWords(faults[0]).startsWith(`a.yaml:${place}`), faultInWords(faults[0]));
    assert.deepEqual(told.slice(0, faults.length), faults.map(faultInWords));
  });
}

Deno.test("a fault of one document leaves the others", () => {
  const { documents, faults } = documentsOf("a.yaml", "a: 1\n---\nb: *none\n---\nc: 3\n");
  assert.deepEqual(documents.map(({ value }) => value), [{ a: 1 }, { c: 3 }]);
  assert.equal(faults.length, 1);
});
