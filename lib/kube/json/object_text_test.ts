import assert from "node:assert/strict";
import fc from "fast-check";
import { stringifyJson } from "./json.ts";
import { parseObject } from "./object_text.ts";

/** The same by the parser, and then without the others' entries. */
function oracle(text: string, managers: readonly string[]): unknown {
  const value = JSON.parse(text);
  const { metadata } = value.object ?? value;
  if (Array.isArray(metadata?.managedFields)) {
    metadata.managedFields = metadata.managedFields.filter(({ manager }: { manager: string }) =>
      managers.includes(manager)
    );
  }
  return value;
}

const entry = fc.record({
  apiVersion: fc.constantFrom("v1", "a/v1"),
  fieldsType: fc.constant("FieldsV1"),
  fieldsV1: fc.dictionary(
    fc.oneof(fc.constantFrom('k:{"type":"Ready"}', 'v:"a]}"', ".", "f:\\"), fc.string()),
    fc.json().map((text) => JSON.parse(text)),
  ),
  manager: fc.constantFrom("ours", "kubectl", 'our"s', "theirs"),
  operation: fc.constantFrom("Apply", "Update"),
}, { requiredKeys: ["manager"] });

const object = fc.record({
  metadata: fc.record({
    annotations: fc.dictionary(fc.string(), fc.string()),
    managedFields: fc.array(entry, { maxLength: 4 }),
    name: fc.string(),
    labels: fc.dictionary(fc.constantFrom("managedFields", "metadata", "a"), fc.string()),
  }, { requiredKeys: [] }),
  spec: fc.record({
    managedFields: fc.array(entry, { maxLength: 1 }),
    metadata: fc.record({ managedFields: fc.array(entry, { maxLength: 1 }) }),
  }, { requiredKeys: [] }),
  kind: fc.string(),
}, { requiredKeys: [] });

const keysInAnyOrder = (value: Record<string, unknown>) =>
  fc.shuffledSubarray(Object.entries(value), { minLength: Object.keys(value).length }).map(
    Object.fromEntries,
  );

Deno.test("of an object, and of an event with one, all is read but others' entries of its managed fields", () => {
  const objects = object.chain(keysInAnyOrder);
  const events = objects.map((each) => ({ type: "ADDED", object: each }));
  fc.assert(
    fc.property(fc.oneof(objects, events), fc.subarray(["ours", "theirs"]), (value, managers) => {
      const text = JSON.stringify(value);
      assert.deepEqual(parseObject(text, managers), oracle(text, managers));
    }),
    { numRuns: 1_000 },
  );
});

Deno.test("what is no object as an API server writes it is read as it is", () => {
  for (
    const text of [
      "[]",
      "1.0",
      '"metadata"',
      "{}",
      '{"metadata":null}',
      '{"metadata":{"managedFields":null}}',
    ]
  ) {
    assert.equal(stringifyJson(parseObject(text, [])), text);
  }
  const indented = '{\n  "metadata": {\n    "managedFields": [{ "manager": "kubectl" }]\n  }\n}';
  assert.deepEqual(parseObject(indented, []), JSON.parse(indented));
});

Deno.test("a text that is cut off, or broken, is no object", () => {
  const text =
    '{"type":"ADDED","object":{"metadata":{"managedFields":[{"manager":"a","fieldsV1":{"k:{\\"a\\"}":{}}}],"name":"x"}}}';
  for (let end = 0; end < text.length; end++) {
    assert.throws(() => parseObject(text.slice(0, end), []), SyntaxError, text.slice(0, end));
  }
  for (
    const broken of [
      text.replace("}]", "]"),
      text.replace("[{", "[{{"),
      text.replace("}],", "}]"),
      text.replace(":{}", ":{"),
    ]
  ) {
    assert.throws(() => parseObject(broken, []), SyntaxError, broken);
  }
});

Deno.test("numbers keep their text beside it", () => {
  const text = '{"metadata":{"managedFields":[]},"spec":{"a":1.0}}';
  assert.equal(stringifyJson(parseObject(text, [])), text);
});
