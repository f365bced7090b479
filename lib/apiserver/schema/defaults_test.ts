import assert from "node:assert/strict";
import type { JsonObject } from "../json.ts";
import { applyDefaults, schemaOfBuiltIn, schemaOfCrd } from "./mod.ts";

/** Properties of a custom kind, what an object says, what it is then. */
const customCases: readonly (readonly [string, JsonObject, JsonObject, JsonObject])[] = [
  ["a missing field", { a: { type: "integer", default: 1 } }, {}, { a: 1 }],
  ["a field that is there", { a: { type: "integer", default: 1 } }, { a: 0 }, { a: 0 }],
  ["a null that is not allowed", { a: { type: "integer", default: 1 } }, { a: null }, { a: 1 }],
  ["a null that is allowed", { a: { type: "integer", default: 1, nullable: true } }, { a: null }, {
    a: null,
  }],
  ["a null without default", { a: { type: "integer" } }, { a: null }, {}],
  [
    "a null in a map",
    { m: { type: "object", additionalProperties: { type: "string" } } },
    { m: { a: null } },
    { m: {} },
  ],
  [
    "a default in a default",
    { a: { type: "object", default: {}, properties: { b: { type: "string", default: "x" } } } },
    {},
    { a: { b: "x" } },
  ],
  [
    "no default in what is missing",
    { a: { type: "object", properties: { b: { type: "string", default: "x" } } } },
    {},
    {},
  ],
  [
    "items of a list",
    { l: { type: "array", items: { type: "object", properties: { b: { type: "string", default: "x" } } } } },
    { l: [{}, { b: "y" }] },
    { l: [{ b: "x" }, { b: "y" }] },
  ],
  [
    "members of a map",
    {
      m: {
        type: "object",
        additionalProperties: { type: "object", properties: { b: { default: 1, type: "integer" } } },
      },
    },
    { m: { k: {} } },
    { m: { k: { b: 1 } } },
  ],
];

for (const [name, properties, said, wanted] of customCases) {
  Deno.test(`defaults of a custom kind: ${name}`, () => {
    assert.deepEqual(
      applyDefaults(schemaOfCrd({ type: "object", properties }), structuredClone(said)),
      wanted,
    );
  });
}

Deno.test("a default is a copy: changing one object changes no other", () => {
  const schema = schemaOfCrd({ type: "object", properties: { a: { type: "object", default: { b: [] } } } });
  const first = applyDefaults(schema, {}) as { a: { b: unknown[] } };
  first.a.b.push(1);
  assert.deepEqual(applyDefaults(schema, {}), { a: { b: [] } });
});

const images: Readonly<Record<string, string>> = {
  "a": "Always",
  "a:latest": "Always",
  "r:5000/a": "Always",
  "a:1": "IfNotPresent",
  "r:5000/a:1": "IfNotPresent",
  "a@sha256:00": "IfNotPresent",
  "": "Always",
};

for (const [image, policy] of Object.entries(images)) {
  Deno.test(`the image ${JSON.stringify(image)} is pulled ${policy}`, () => {
    const object = { spec: { containers: [{ name: "c", image }] } };
    const [container] =
      (applyDefaults(schemaOfBuiltIn("", "v1", "Pod")!, object) as typeof object).spec.containers;
    assert.equal((container as { imagePullPolicy?: string }).imagePullPolicy, policy);
  });
}
