/**
 * `validate` against the API server: for any spec, both accept or both refuse. Specs are made from the written
 * schema, mostly valid, with a wrong value here and there.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { crdOf, type CrdSchema } from "../../lib/api/crd.ts";
import { type Kind, kinds, type KubeObject, validate } from "../../lib/api/mod.ts";
import type { Server } from "./server.ts";

/** More of them in a nightly run, by the environment variable. */
const specsPerKind = Number(Deno.env.get("AGREEMENT_RUNS") ?? 80);

export async function agreement(server: Server, test: Deno.TestContext): Promise<void> {
  let both = { accepted: 0, refused: 0 };
  for (const kind of kinds) {
    await test.step(`${kind.kind}: validate and the API server agree on ${specsPerKind} specs`, async () => {
      const seed = Date.now() & 0x7fffffff;
      const outcomes = { accepted: 0, refused: 0 };
      const property = fc.asyncProperty(specOf(kind), async (spec) => {
        const answer = await server.create(kind.kind, spec, { dryRun: true });
        const result = validate(kind, { metadata: { name: "x" }, spec } as unknown as KubeObject);
        outcomes[result.ok ? "accepted" : "refused"]++;
        assert.equal(
          result.ok,
          answer.refusal === undefined,
          `${answer.refusal} ${JSON.stringify(result.ok || result.issues)}`,
        );
      });
      await fc.assert(property, { numRuns: specsPerKind, seed });
      both = {
        accepted: both.accepted + outcomes.accepted,
        refused: both.refused + outcomes.refused,
      };
    });
  }
  await test.step("both outcomes were common", () => {
    assert.ok(both.accepted > 100 && both.refused > 100, JSON.stringify(both));
  });
}

function specOf(kind: Kind): fc.Arbitrary<unknown> {
  return valueOf(crdOf(kind).spec.versions[0].schema.openAPIV3Schema.properties!.spec, "");
}

const texts = [
  "",
  "a",
  "a/b",
  "a/b/c",
  "hf://a/b",
  "s3://b/k y",
  "latency",
  "\u{1F600}".repeat(60),
  "A".repeat(63),
  "A".repeat(64),
  "A".repeat(65),
  "b".repeat(254),
];
const quantities = ["1", "1Gi", "500m", "-1", "1e3", "1e", "1 Gi", ".5", "", 0, 7, 1.5, true];
const numbers = [-1, 0, 1, 2, 65535, 65536, 10001, 2 ** 31 - 1, 2 ** 31, 1.5, "1"];

/** Values for a node; about one in fifteen leaves is of another type altogether. */
function valueOf(schema: CrdSchema, name: string): fc.Arbitrary<unknown> {
  const good = goodValueOf(schema, name);
  if (schema.type === "object") return good;
  return fc.oneof({ weight: 60, arbitrary: good }, {
    weight: 1,
    arbitrary: fc.constantFrom<unknown>("x", 1, true, []),
  });
}

function goodValueOf(schema: CrdSchema, name: string): fc.Arbitrary<unknown> {
  if (schema["x-kubernetes-int-or-string"]) {
    return often(fc.constantFrom("1", "1Gi", 2), fc.constantFrom(...quantities));
  }
  if (schema.enum) return often(fc.constantFrom(...schema.enum), fc.constantFrom("", "other"));
  switch (schema.type) {
    case "string":
      return often(fc.constant(usualText(schema, name)), fc.constantFrom(...texts));
    case "boolean":
      return fc.boolean();
    case "integer":
      return often(fc.constantFrom(1, 2), fc.constantFrom<unknown>(...numbers));
    case "array":
      return often(
        fc.array(valueOf(schema.items!, name), { minLength: schema.minItems ?? 0, maxLength: 1 }),
        fc.array(valueOf(schema.items!, name), { maxLength: 3 }),
      );
    default:
      return schema.properties ? objectOf(schema) : fc.dictionary(
        fc.constantFrom("a", "b"),
        schema.additionalProperties ? valueOf(schema.additionalProperties, name) : fc.jsonValue(),
        { maxKeys: 2, noNullPrototype: true },
      );
  }
}

function often(usual: fc.Arbitrary<unknown>, rare: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 20, arbitrary: usual }, { weight: 1, arbitrary: rare });
}

function usualText(schema: CrdSchema, name: string): string {
  if (name === "sourceUri") return "hf://a/b";
  if (name === "modelId") return "a/b";
  return schema.pattern === undefined ? "text" : "a";
}

/** Required fields nearly always, others now and then; one way to find a model more often than by chance. */
function objectOf(schema: CrdSchema): fc.Arbitrary<unknown> {
  const required = schema.required ?? [];
  const fields = Object.entries(schema.properties!).map(([name, child]) =>
    fc.tuple(
      fc.integer({ min: 0, max: 99 }),
      valueOf(child, name),
    ).map(([dice, value]) => [name, value, required.includes(name) ? dice > 0 : dice > 75] as const)
  );
  return fc.tuple(...fields).map((list) =>
    Object.fromEntries(list.filter(([, , kept]) => kept).map(([name, value]) => [name, value]))
  );
}
