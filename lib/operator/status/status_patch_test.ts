import assert from "node:assert/strict";
import fc from "fast-check";
import { equalJson } from "../../kube/json/equal.ts";
import { holdGeneration, mergePatch, stampTransitions, startsWaiting, urgencyOf } from "./status_patch.ts";

const patches: [what: string, from: unknown, to: Record<string, unknown>, patch: unknown][] = [
  ["nothing differs", { a: 1, b: { c: 2 } }, { b: { c: 2 }, a: 1 }, undefined],
  ["there was no status", undefined, { a: 1 }, { a: 1 }],
  ["a value changed", { a: 1, b: 2 }, { a: 1, b: 3 }, { b: 3 }],
  ["a field is no longer wanted", { a: 1, b: 2 }, { a: 1 }, { b: null }],
  ["a field is undefined", { a: 1, b: 2 }, { a: 1, b: undefined }, { b: null }],
  ["one field of many below", { x: { a: 1, b: 2 } }, { x: { a: 1, b: 3 } }, { x: { b: 3 } }],
  ["a list changed by one item", { l: [1, 2] }, { l: [1, 3] }, { l: [1, 3] }],
  ["an object comes where there was none", {}, { x: { a: 1 } }, { x: { a: 1 } }],
  ["an object goes", { x: { a: 1 } }, {}, { x: null }],
];

for (const [what, from, to, patch] of patches) {
  Deno.test(`merge patch: ${what}`, () => assert.deepEqual(mergePatch(from, to), patch));
}

Deno.test("merge patch: fields named like what every object has come and go like others", () => {
  for (const name of ["__proto__", "constructor", "toString"]) {
    const [bare, named] = [{ l: { a: "1" } }, JSON.parse(`{"l":{"a":"1","${name}":"2"}}`)];
    assert.equal(JSON.stringify(mergePatch(bare, named)), `{"l":{"${name}":"2"}}`);
    assert.equal(JSON.stringify(mergePatch(named, bare)), `{"l":{"${name}":null}}`);
    assert.equal(mergePatch(named, structuredClone(named)), undefined);
  }
});

const status = fc.dictionary(
  fc.constantFrom("a", "b", "c"),
  fc.oneof(
    fc.integer(),
    fc.array(fc.integer(), { maxLength: 2 }),
    fc.dictionary(
      fc.constantFrom("x", "y"),
      fc.oneof(fc.integer(), fc.dictionary(fc.constant("z"), fc.nat(), { noNullPrototype: true })),
      {
        noNullPrototype: true,
      },
    ),
  ),
  { noNullPrototype: true },
);

Deno.test("a merge patch leads from one status to the other, and is absent only between equals", () => {
  fc.assert(fc.property(status, status, (from, to) => {
    const patch = mergePatch(from, to);
    assert.equal(patch === undefined, equalJson(from, to));
    assert.deepEqual(merged(from, patch ?? {}), to);
  }));
});

/** RFC 7396, as a server does it. */
function merged(target: unknown, patch: unknown): unknown {
  if (!isMap(patch)) return patch;
  const result: Record<string, unknown> = isMap(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = merged(result[key], value);
  }
  return result;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const now = Date.parse("2026-03-04T05:06:07.890Z");
const stored = {
  conditions: [{ type: "Ready", status: "False", reason: "Old", lastTransitionTime: "2026-01-01T00:00:00Z" }],
};

function stampOf(
  condition: { type: string; status: string; reason?: string },
  from: unknown = stored,
): string {
  const { conditions } = stampTransitions(from, { conditions: [condition] }, now);
  return (conditions[0] as { lastTransitionTime?: string }).lastTransitionTime!;
}

Deno.test("a condition's time is that of its last change of status, in whole seconds", () => {
  const old = "2026-01-01T00:00:00Z";
  const fresh = "2026-03-04T05:06:07Z";
  assert.equal(stampOf({ type: "Ready", status: "False", reason: "New" }), old);
  assert.equal(stampOf({ type: "Ready", status: "True" }), fresh);
  assert.equal(stampOf({ type: "Other", status: "False" }), fresh);
  assert.equal(stampOf({ type: "Ready", status: "False" }, {}), fresh);
  assert.equal(
    stampOf({ type: "Ready", status: "False" }, { conditions: [{ type: "Ready", status: "False" }] }),
    fresh,
  );
});

Deno.test("a status without conditions stays as it is", () => {
  const wanted = { status: "Ready" };
  assert.equal(stampTransitions(stored, wanted, now), wanted);
});

function of(overall: string | undefined, ready?: [status: string, reason: string], more: object = {}) {
  const conditions = ready === undefined
    ? []
    : [{ type: "Ready", status: ready[0], reason: ready[1], message: "m" }];
  return { status: overall, conditions, ...more };
}

const urgency: [what: string, before: unknown, after: unknown, urgency: string][] = [
  ["the first status", undefined, of("Pending"), "now"],
  ["another overall status", of("Pending"), of("Running"), "now"],
  ["trouble", of("Starting"), of("Failed"), "now"],
  ["the end of trouble", of("Degraded"), of("Starting"), "now"],
  ["from one way of not being ready yet to another", of("Starting"), of("Pending"), "soon"],
  ["Ready turns", of("Failed", ["False", "A"]), of("Failed", ["True", "A"]), "now"],
  ["Ready has another reason", of("Failed", ["False", "A"]), of("Failed", ["False", "B"]), "now"],
  ["Ready comes", of("Pending"), of("Pending", ["False", "A"]), "now"],
  ["an edit is seen", of("Running"), of("Running", undefined, { observedGeneration: 2 }), "now"],
  ["a number changes", of("Running", ["True", "A"]), of("Running", ["True", "A"], { replicas: 3 }), "later"],
];

for (const [what, before, after, wanted] of urgency) {
  Deno.test(`core.md "Storms": ${what} is written ${wanted}`, () => {
    assert.equal(urgencyOf(before, after), wanted);
  });
}

Deno.test("a grace period begins with the first status that says a dependency is out of reach", () => {
  const reachable = (status: string) => ({ conditions: [{ type: "DependenciesReachable", status }] });
  assert.equal(startsWaiting(undefined, reachable("False")), true);
  assert.equal(startsWaiting(reachable("True"), reachable("False")), true);
  assert.equal(startsWaiting(reachable("False"), reachable("False")), false);
  assert.equal(startsWaiting(reachable("False"), reachable("True")), false);
  assert.equal(startsWaiting(undefined, {}), false);
  // The patience with an image that cannot be pulled (models-and-templates.md §5.7) counts from these.
  for (const type of ["AuthValid", "ConfigValid"]) {
    const failing = { conditions: [{ type, status: "False" }] };
    assert.equal(startsWaiting(undefined, failing), true);
    assert.equal(startsWaiting(failing, failing), false);
  }
});

const ofGeneration = (observedGeneration: number | undefined, ...types: string[]) => ({
  observedGeneration,
  conditions: types.map((type) => ({ type, status: "True", observedGeneration })),
});

Deno.test("a status with something owed claims the generation before, in itself and in its conditions", () => {
  const held = holdGeneration(ofGeneration(3, "Ready"), ofGeneration(4, "CacheReady", "Ready"));
  assert.deepEqual(held, ofGeneration(3, "CacheReady", "Ready"));
});

Deno.test("a first status claims the object's own generation, and one of the same generation stays", () => {
  for (const stored of [undefined, {}, ofGeneration(undefined, "Ready"), ofGeneration(4, "Ready")]) {
    assert.deepEqual(holdGeneration(stored, ofGeneration(4, "Ready")), ofGeneration(4, "Ready"));
  }
});

Deno.test("a condition of somebody else keeps the generation that it claims", () => {
  const foreign = { type: "example.com/Audited", status: "True", observedGeneration: 4 };
  const stored = { ...ofGeneration(3, "Ready"), conditions: [foreign] };
  const wanted = ofGeneration(4, "Ready");
  const held = holdGeneration(stored, { ...wanted, conditions: [foreign, ...wanted.conditions] });
  assert.deepEqual(held.conditions.map(({ observedGeneration }) => observedGeneration), [4, 3]);
});

Deno.test("that an object is paused, and that it goes on, is written at once", () => {
  const ready = { observedGeneration: 1, status: "Ready", conditions: [] };
  const frozen = { ...ready, conditions: [{ type: "Paused", status: "True" }] };
  assert.deepEqual([urgencyOf(ready, frozen), urgencyOf(frozen, ready)], ["now", "now"]);
});
