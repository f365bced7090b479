import assert from "node:assert/strict";
import { holdGeneration, stampTransitions, startsWaiting, urgencyOf } from "./status_changes.ts";

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
  ["from one way of not being ready yet to another", of("Starting"), of("Pending"), "word"],
  ["Ready turns", of("Failed", ["False", "A"]), of("Failed", ["True", "A"]), "now"],
  ["Ready has another reason", of("Failed", ["False", "A"]), of("Failed", ["False", "B"]), "now"],
  ["Ready comes", of("Pending"), of("Pending", ["False", "A"]), "now"],
  ["an edit is seen", of("Running"), of("Running", undefined, { observedGeneration: 2 }), "now"],
  [
    "an artifact has its claim",
    of("Pending"),
    of("Pending", undefined, { persistentVolumeClaim: "a" }),
    "soon",
  ],
  [
    "a cache has another artifact",
    of("Pending", undefined, { artifacts: { a: {} } }),
    of("Pending", undefined, {
      artifacts: { a: {}, b: {} },
    }),
    "soon",
  ],
  [
    "an artifact of a cache is another",
    of("Pending", undefined, { artifacts: { a: { status: "Pending" } } }),
    of(
      "Pending",
      undefined,
      { artifacts: { a: { status: "Ready" } } },
    ),
    "later",
  ],
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

Deno.test("another cause in Ready is written soon; another sentence about the same one is a detail", () => {
  const because = (reason: string, message: string) => ({
    status: "Pending",
    conditions: [
      { type: "Reconciling", status: "True", reason, message },
      { type: "Ready", status: "False", reason: "Progressing", message },
    ],
  });
  const waits = because("Progressing", "Waiting for components to become ready: Cache");
  const [one, same, other] = [because("AIM0401", "m"), because("AIM0401", "n"), because("AIM0402", "m")];
  assert.equal(urgencyOf(waits, one), "soon");
  assert.equal(urgencyOf(one, other), "soon");
  assert.equal(urgencyOf(one, waits), "soon");
  assert.equal(urgencyOf(one, same), "later");
});

Deno.test("what begins the grace period is written soon, since the stored transition counts", () => {
  const unreachable = { type: "DependenciesReachable", status: "False", reason: "InfrastructureError" };
  const before = of("Running", ["True", "AllComponentsReady"]);
  const after = { ...before, conditions: [...before.conditions, unreachable] };
  assert.equal(urgencyOf(before, after), "soon");
  assert.equal(urgencyOf(after, after), "later");
});
