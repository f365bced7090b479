import assert from "node:assert/strict";
import type { JsonObject } from "../json.ts";
import { schemaOfBuiltIn, schemaOfCrd, validate } from "./mod.ts";

type Said = readonly string[];

const text = { type: "string" };
const unchecked =
  "<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; " +
  "correct the existing errors to complete validation";

/** `field: words`, as a message to the user has them. */
function said(schema: JsonObject, spec: unknown, old?: unknown): Said {
  const object = (value: unknown) => ({
    apiVersion: "t/v1",
    kind: "T",
    metadata: { name: "t" },
    spec: value,
  });
  const kind = schemaOfCrd({ type: "object", properties: { spec: schema } });
  return validate(kind, object(spec), old === undefined ? undefined : object(old)).map(({ field, detail }) =>
    `${field}: ${detail}`
  );
}

const of = (properties: JsonObject, more: JsonObject = {}) => ({ type: "object", properties, ...more });

/** Schema of `spec`, its value, what the API server says; the last line, that rules were not asked, is left out. */
const cases: readonly (readonly [string, JsonObject, unknown, Said])[] = [
  ["what fits", of({ a: text, n: { type: "integer" } }), { a: "x", n: 1 }, []],
  ["another type", of({ n: { type: "integer" } }), { n: "x" }, [
    `spec.n: Invalid value: "string": spec.n in body must be of type integer: "string"`,
  ]],
  ["a number for an integer", of({ n: { type: "integer" } }), { n: 1.5 }, [
    `spec.n: Invalid value: "number": spec.n in body must be of type integer: "number"`,
  ]],
  ["an integer for a number", of({ n: { type: "number" } }), { n: 1 }, []],
  ["a list for a map", of({ m: { type: "object" } }), { m: [] }, [
    `spec.m: Invalid value: "array": spec.m in body must be of type object: "array"`,
  ]],
  ["a missing field", of({ a: text }, { required: ["a"] }), {}, ["spec.a: Required value"]],
  ["a missing field of an item", of({ l: { type: "array", items: of({ a: text }, { required: ["a"] }) } }), {
    l: [{}],
  }, [
    "spec.l[0].a: Required value",
  ]],
  ["none of the words", of({ a: { ...text, enum: ["x", "y"] } }), { a: "z" }, [
    `spec.a: Unsupported value: "z": supported values: "x", "y"`,
  ]],
  ["too long", of({ a: { ...text, maxLength: 2 } }), { a: "xyz" }, [
    "spec.a: Too long: may not be more than 2 bytes",
  ]],
  ["as long as it may be, in characters", of({ a: { ...text, maxLength: 2 } }), { a: "éß" }, []],
  ["too many", of({ l: { type: "array", maxItems: 1, items: text } }), { l: ["a", "b"] }, [
    "spec.l: Too many: 2: must have at most 1 item",
  ]],
  [
    "an item that is there twice",
    of({ l: { type: "array", items: text, "x-kubernetes-list-type": "set" } }),
    { l: ["a", "a"] },
    [
      `spec.l[1]: Duplicate value: "a"`,
    ],
  ],
  [
    "a key that is there twice",
    of({
      l: {
        type: "array",
        items: of({ n: text, v: text }),
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["n"],
      },
    }),
    { l: [{ n: "a", v: "1" }, { n: "a", v: "2" }] },
    [`spec.l[1]: Duplicate value: {"n":"a"}`],
  ],
  ["too short", of({ a: { ...text, minLength: 2 } }), { a: "x" }, [
    `spec.a: Invalid value: "x": spec.a in body should be at least 2 chars long`,
  ]],
  ["no match", of({ a: { ...text, pattern: "^[a-z]+$" } }), { a: "X" }, [
    `spec.a: Invalid value: "X": spec.a in body should match '^[a-z]+$'`,
  ]],
  ["a pattern with an escape that Unicode mode refuses", of({ a: { ...text, pattern: "^\\-\\_$" } }), {
    a: "-_",
  }, []],
  ["a pattern with a flag", of({ a: { ...text, pattern: "(?i)^abc$" } }), { a: "ABC" }, []],
  ["too small", of({ n: { type: "integer", minimum: 1 } }), { n: 0 }, [
    "spec.n: Invalid value: 0: spec.n in body should be greater than or equal to 1",
  ]],
  ["too great", of({ n: { type: "integer", maximum: 1, exclusiveMaximum: true } }), { n: 1 }, [
    "spec.n: Invalid value: 1: spec.n in body should be less than 1",
  ]],
  ["no multiple", of({ n: { type: "integer", multipleOf: 2 } }), { n: 3 }, [
    "spec.n: Invalid value: 3: spec.n in body should be a multiple of 2",
  ]],
  ["too few", of({ l: { type: "array", minItems: 1, items: text } }), { l: [] }, [
    "spec.l: Invalid value: 0: spec.l in body should have at least 1 items",
  ]],
  ["no date", of({ a: { ...text, format: "date-time" } }), { a: "2026-02-30T00:00:00Z" }, [
    `spec.a: Invalid value: "2026-02-30T00:00:00Z": spec.a in body must be of type date-time: "2026-02-30T00:00:00Z"`,
  ]],
  ["a format that nobody checks", of({ a: { ...text, format: "colour" } }), { a: "blue" }, []],
  ["an integer or a text", of({ p: { "x-kubernetes-int-or-string": true } }), { p: "http" }, []],
  ["none of several schemas", of({ a: { ...text, anyOf: [{ pattern: "^a" }, { pattern: "^b" }] } }), {
    a: "c",
  }, [
    `<nil>: Invalid value: "": "spec.a" must validate at least one schema (anyOf)`,
  ]],
  ["two of one schema", of({ a: { ...text, oneOf: [{ pattern: "^a" }, { pattern: "b$" }] } }), { a: "ab" }, [
    `<nil>: Invalid value: "": "spec.a" must validate one and only one schema (oneOf). Found 2 valid alternatives`,
  ]],
  ["what must not be", of({ a: { ...text, not: { enum: ["a"] } } }), { a: "a" }, [
    `<nil>: Invalid value: "": "spec.a" must not validate the schema (not)`,
  ]],
  ["an allowed null", of({ a: { ...text, nullable: true } }), { a: null }, []],
];

for (const [name, schema, spec, wanted] of cases) {
  Deno.test(`validation: ${name}`, () => {
    assert.deepEqual(said(schema, spec).filter((line) => line !== unchecked), wanted);
  });
}

Deno.test("a field of another type keeps the rules from being asked", () => {
  const schema = of({ n: { type: "integer" } }, { "x-kubernetes-validations": [{ rule: "self.n > 1" }] });
  assert.ok(said(schema, { n: "x" }).includes(unchecked));
});

Deno.test("what was wrong before and is as it was is not blamed again", () => {
  const schema = of({ a: { ...text, enum: ["x"] }, b: text });
  assert.deepEqual(said(schema, { a: "old", b: "2" }, { a: "old", b: "1" }), []);
  assert.equal(
    said(schema, { a: "other", b: "1" }, { a: "old", b: "1" }).filter((line) => line !== unchecked).length,
    1,
  );
});

const ruled = (properties: JsonObject, ...rules: JsonObject[]) =>
  of(properties, { "x-kubernetes-validations": rules });
const n = { n: { type: "integer" } };

/** Rules of `spec`, its value, its value before, what the API server says. */
const rules: readonly (readonly [string, JsonObject, unknown, unknown, Said])[] = [
  ["one that holds", ruled(n, { rule: "self.n > 1" }), { n: 2 }, undefined, []],
  ["one that does not", ruled(n, { rule: "self.n > 1", message: "too small" }), { n: 1 }, undefined, [
    "spec: Invalid value: too small",
  ]],
  ["without a message", ruled(n, { rule: "self.n > 1" }), { n: 1 }, undefined, [
    "spec: Invalid value: failed rule: self.n > 1",
  ]],
  [
    "with an expression for the message",
    ruled(n, { rule: "self.n > 1", messageExpression: "'n is ' + string(self.n)" }),
    { n: 1 },
    undefined,
    [
      "spec: Invalid value: n is 1",
    ],
  ],
  [
    "with a reason and a path",
    ruled(n, { rule: "has(self.n)", message: "say n", reason: "FieldValueRequired", fieldPath: ".n" }),
    {},
    undefined,
    [
      "spec.n: Required value: say n",
    ],
  ],
  [
    "forbidden",
    ruled(n, { rule: "!has(self.n)", message: "no n", reason: "FieldValueForbidden", fieldPath: ".n" }),
    { n: 1 },
    undefined,
    [
      "spec.n: Forbidden: no n",
    ],
  ],
  [
    "of a text",
    of({ a: { ...text, "x-kubernetes-validations": [{ rule: "self == 'x'", message: "be x" }] } }),
    { a: "y" },
    undefined,
    [
      `spec.a: Invalid value: "y": be x`,
    ],
  ],
  [
    "a number with a fraction",
    ruled({ n: { type: "number" } }, { rule: "self.n > 1.5" }),
    { n: 2 },
    undefined,
    [],
  ],
  ["an integer is divided as one", ruled(n, { rule: "self.n / 2 == 1" }), { n: 3 }, undefined, []],
  ["about the past, of a new object", ruled(n, { rule: "self.n >= oldSelf.n" }), { n: 1 }, undefined, []],
  ["about the past", ruled(n, { rule: "self.n >= oldSelf.n", message: "only up" }), { n: 1 }, { n: 2 }, [
    "spec: Invalid value: only up",
  ]],
  [
    "about a past that may be none",
    ruled(n, {
      rule: "!oldSelf.hasValue() || self.n > oldSelf.value().n",
      optionalOldSelf: true,
      message: "only up",
    }),
    { n: 1 },
    { n: 1 },
    ["spec: Invalid value: only up"],
  ],
  [
    "about a past that is none",
    ruled(n, { rule: "oldSelf.hasValue()", optionalOldSelf: true, message: "not at first" }),
    { n: 1 },
    undefined,
    ["spec: Invalid value: not at first"],
  ],
  ["that cannot be asked", ruled({}, { rule: "self.missing == 1", message: "m" }), {}, undefined, [
    `spec: Invalid value: "object": no such key: missing evaluating rule: m`,
  ]],
  ["that was broken before and is as it was", ruled(n, { rule: "self.n > 1" }), { n: 1 }, { n: 1 }, []],
  [
    "of the item that was there by its key",
    of({
      l: {
        type: "array",
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["k"],
        items: ruled({ k: text, v: { type: "integer" } }, {
          rule: "self.v >= oldSelf.v",
          message: "only up",
        }),
      },
    }),
    { l: [{ k: "b", v: 0 }, { k: "a", v: 1 }] },
    { l: [{ k: "a", v: 2 }] },
    ["spec.l[1]: Invalid value: only up"],
  ],
];

for (const [name, schema, spec, old, wanted] of rules) {
  Deno.test(`rule ${name}`, () => assert.deepEqual(said(schema, spec, old), wanted));
}

Deno.test("a built-in kind has its rules in code, not in its schema", () => {
  assert.deepEqual(validate(schemaOfBuiltIn("", "v1", "Pod")!, { spec: {} }), []);
});
