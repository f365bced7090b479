import assert from "node:assert/strict";
import { decode, encode, type FieldSet, pathsOf } from "./field_set.ts";
import { merge, withoutFields } from "./merge.ts";
import { comparisonCases, fieldSetCases, mergeCases, removalCases, schemas } from "./set_cases_fixture.ts";
import { compare, fieldsOf } from "./typed.ts";

const paths = (set: FieldSet) => [...pathsOf(set)].sort();
const listed = (text: string) => text.split(" ").filter((path) => path !== "").sort();

for (const [schema, value, fields] of fieldSetCases) {
  Deno.test(`fields of a ${schema}: ${value}`, () => {
    const set = fieldsOf(schemas[schema], JSON.parse(value));
    assert.deepEqual(paths(set), listed(fields));
    assert.deepEqual(paths(decode(encode(set))), listed(fields));
  });
}

for (const [schema, before, after, removed, modified, added] of comparisonCases) {
  Deno.test(`a ${schema} from ${before} to ${after}`, () => {
    const node = schemas[schema];
    const there = compare(node, JSON.parse(before), JSON.parse(after));
    assert.deepEqual(paths(there.removed), listed(removed), "removed");
    assert.deepEqual(paths(there.modified), listed(modified), "modified");
    assert.deepEqual(paths(there.added), listed(added), "added");
    const back = compare(node, JSON.parse(after), JSON.parse(before));
    assert.deepEqual(paths(back.removed), listed(added), "removed on the way back");
    assert.deepEqual(paths(back.modified), listed(modified), "modified on the way back");
    assert.deepEqual(paths(back.added), listed(removed), "added on the way back");
  });
}

for (const [schema, live, said, merged] of mergeCases) {
  Deno.test(`a ${schema}: ${said} into ${live}`, () => {
    assert.deepEqual(merge(schemas[schema], JSON.parse(live), JSON.parse(said)), JSON.parse(merged));
  });
}

for (const [schema, value, gone, rest] of removalCases) {
  Deno.test(`a ${schema}: ${value} without ${gone}`, () => {
    assert.deepEqual(
      withoutFields(schemas[schema], JSON.parse(value), decode(JSON.parse(gone))),
      JSON.parse(rest),
    );
  });
}
