import assert from "node:assert/strict";
import fc from "fast-check";
import { operatorNamespace } from "../../../lib/cluster/operator_namespace.ts";
import { watchedKinds } from "../../../lib/cluster/kinds.ts";
import type { KubeObject, Live } from "../../../lib/kube/object.ts";
import { annotation } from "../../../lib/operator/naming/labels.ts";
import { onView } from "../../../lib/operator/runner/view_fixture.ts";
import type { Template } from "../scope.ts";
import { clusterTemplate, condition, ended, model, storedJob, template } from "../template_sample.ts";
import { grant, lacksOnlyItsJob, mayDiscover, type Waiting } from "./job_slots.ts";

const waiting = (namespace: string, name: string, since = "2026-01-01T00:00:00Z"): Waiting => ({
  key: `${namespace}/${name}`,
  namespace,
  since,
});

const tables: [what: string, free: number, taken: string[], waiting: Waiting[], granted: string[]][] = [
  ["nobody waits", 3, [], [], []],
  ["no place is free", 0, ["a"], [waiting("a", "x")], []],
  ["more places than who wait", 5, [], [waiting("a", "x"), waiting("b", "y")], ["a/x", "b/y"]],
  ["the namespace with fewest first", 1, ["a", "a", "b"], [
    waiting("a", "x"),
    waiting("b", "y"),
    waiting("c", "z"),
  ], [
    "c/z",
  ]],
  ["places go round", 3, [], [waiting("a", "1"), waiting("a", "2"), waiting("a", "3"), waiting("b", "1")], [
    "a/1",
    "b/1",
    "a/2",
  ]],
  ["in a namespace the oldest first", 1, [], [
    waiting("a", "a", "2026-01-02T00:00:00Z"),
    waiting("a", "z", "2026-01-01T00:00:00Z"),
  ], ["a/z"]],
  ["of one age by name", 1, [], [waiting("a", "y"), waiting("a", "x")], ["a/x"]],
  ["of equal namespaces the one that has waited longest", 1, [], [
    waiting("a", "x", "2026-01-02T00:00:00Z"),
    waiting("b", "x", "2026-01-01T00:00:00Z"),
  ], ["b/x"]],
];
for (const [what, free, taken, all, granted] of tables) {
  Deno.test(`turns: ${what}`, () => {
    assert.deepEqual(grant(free, taken, all), granted);
    assert.deepEqual(grant(free, taken, all.toReversed()), granted, "in whatever order they come");
  });
}

const someNamespace = fc.constantFrom("a", "b", "c", "d");
const someWaiting = fc.uniqueArray(
  fc.record({
    namespace: someNamespace,
    name: fc.integer({ min: 0, max: 40 }),
    day: fc.integer({ min: 1, max: 9 }),
  })
    .map(({ namespace, name, day }) => waiting(namespace, `${name}`, `2026-01-0${day}T00:00:00Z`)),
  { selector: ({ key }) => key, maxLength: 60 },
);

Deno.test("all free places are given while somebody waits, never more, nobody twice", () => {
  fc.assert(
    fc.property(fc.nat(12), fc.array(someNamespace, { maxLength: 10 }), someWaiting, (free, taken, all) => {
      const granted = grant(free, taken, all);
      assert.equal(granted.length, Math.min(free, all.length));
      assert.equal(new Set(granted).size, granted.length);
    }),
  );
});

Deno.test("no namespace that still waits has two places fewer than one that was given one", () => {
  fc.assert(
    fc.property(fc.nat(12), fc.array(someNamespace, { maxLength: 10 }), someWaiting, (free, taken, all) => {
      const granted = new Set(grant(free, taken, all));
      const places = (namespace: string) =>
        taken.filter((each) => each === namespace).length +
        all.filter((each) => each.namespace === namespace && granted.has(each.key)).length;
      for (const left of all.filter(({ key }) => !granted.has(key))) {
        for (const given of all.filter(({ key }) => granted.has(key))) {
          assert.ok(places(given.namespace) <= places(left.namespace) + 1, `${given.key} before ${left.key}`);
        }
      }
    }),
  );
});

Deno.test("nobody starves: as Jobs end, whoever waits gets a place within as many rounds as wait before it", () => {
  fc.assert(fc.property(someWaiting, fc.infiniteStream(fc.nat(9)), (all, ends) => {
    let left: Waiting[] = [...all];
    const running: Waiting[] = [];
    for (let round = 0; left.length > 0; round++) {
      assert.ok(round <= 2 * all.length, "starved");
      const granted = grant(10 - running.length, running.map(({ namespace }) => namespace), left);
      running.push(...left.filter(({ key }) => granted.includes(key)));
      left = left.filter(({ key }) => !granted.includes(key));
      assert.ok(running.length <= 10);
      running.splice(ends.next().value! % running.length, 1);
    }
  }));
});

const conditions = [
  condition("RuntimeConfigReady", "True", "DefaultConfigNotFound"),
  condition("ModelReady", "True", "ModelFound"),
  condition("DiscoveryJobReady", "False", "JobNotCreated"),
  condition("Discovered", "False", "AwaitingDiscovery"),
  condition("Ready", "False", "Progressing"),
];
const waits = (more: Partial<Template> = {}, changed: typeof conditions = [], without: string[] = []) => {
  const kept = conditions.filter(({ type }) =>
    !without.includes(type) && !changed.some((each) => each.type === type)
  );
  return template({}, {
    status: { observedGeneration: 1, status: "Pending", conditions: [...kept, ...changed] as never },
    ...more,
  });
};

const lacking: [what: string, template: Live<Template>, lacks: boolean][] = [
  ["all but its Job", waits(), true],
  ["its pods of before", waits({}, [condition("DiscoveryPodsReady", "False", "PodFailed")]), true],
  [
    "its cache too, which comes later",
    waits({}, [condition("CacheReady", "False", "WaitingForCache")]),
    true,
  ],
  ["what only others look at", waits({}, [condition("Audited", "False", "No")]), true],
  [
    "nothing that discovery needs, its model failed",
    waits({}, [condition("ModelReady", "False", "ModelFailed")]),
    true,
  ],
  ["its model", waits({}, [condition("ModelReady", "False", "ReferenceNotFound")]), false],
  ["its GPU", waits({}, [condition("GPUReady", "False", "GPUNotAvailable")]), false],
  ["a valid configuration", waits({}, [condition("ConfigValid", "False", "InvalidSpec")]), false],
  ["nothing, its Job runs", waits({}, [condition("DiscoveryJobReady", "False", "JobRunning")]), false],
  ["patience, it failed", waits({}, [condition("Discovered", "False", "DiscoveryFailed")]), false],
  ["nothing, it is discovered", waits({}, [condition("Discovered", "True", "DiscoveryComplete")]), false],
  ["a new discovery while it serves", waits({}, [], ["DiscoveryJobReady"]), true],
  ["our first look", waits({ status: { conditions: conditions as never } }), false],
  [
    "a reconcile, it is paused",
    waits({ metadata: { name: "t", annotations: { [annotation.paused]: "true" } } }),
    false,
  ],
  ["life", waits({ metadata: { name: "t", deletionTimestamp: "2026-01-01T00:00:00Z" } }), false],
];
for (const [what, object, lacks] of lacking) {
  Deno.test(`a template lacks ${what}`, () => assert.equal(lacksOnlyItsJob(object), lacks));
}

/** So many templates that wait in a namespace, the first the oldest. */
const queue = (namespace: string, count: number) =>
  Array.from({ length: count }, (_, n) => {
    const creationTimestamp = `2025-12-31T00:00:${String(n).padStart(2, "0")}Z`;
    return waits({ metadata: { name: `t${n}`, namespace, creationTimestamp, generation: 2 } });
  });
/** So many Jobs that run in a namespace, owned by nobody of the test. */
const running = (namespace: string, count: number, status = {}) =>
  Array.from({ length: count }, (_, n) => {
    const job = storedJob(template(), [model()], { status });
    return { ...job, metadata: { ...job.metadata, namespace, name: `j${n}`, ownerReferences: [] } };
  });
/** @param namespaces those of scoped mode */
const asked = (objects: readonly KubeObject[], object: Live<Template>, namespaces?: readonly string[]) =>
  onView(objects, { kinds: watchedKinds, namespaces }, (view) => mayDiscover(object, view)).result;

Deno.test("ten places: who waits is granted one in its turn, who does not wait yet only a spare one", () => {
  const all = queue("a", 3);
  assert.ok(asked([...all, ...running("b", 8)], all[0]));
  assert.ok(asked([...all, ...running("b", 8)], all[1]));
  assert.ok(!asked([...all, ...running("b", 8)], all[2]), "the third of two places");
  const fresh = template({}, { metadata: { name: "fresh", namespace: "c" } });
  assert.ok(!asked([...all, ...running("b", 7)], fresh), "three places for three that wait");
  assert.ok(asked([...all, ...running("b", 6)], fresh), "one to spare");
});

Deno.test("Jobs that have ended or are being deleted hold no place, and who has a Job waits for none", () => {
  const [one] = queue("a", 1);
  const leaving = running("b", 10).map((job) => ({
    ...job,
    metadata: { ...job.metadata, deletionTimestamp: "2026-01-01T00:00:00Z" },
  }));
  assert.ok(!asked([one, ...running("b", 10)], one));
  assert.ok(asked([one, ...running("b", 10, ended("Failed"))], one));
  assert.ok(asked([one, ...leaving], one));
  const [own] = running("a", 1);
  const { name, uid } = one.metadata;
  const owned = {
    ...own,
    metadata: {
      ...own.metadata,
      ownerReferences: [{
        apiVersion: "aim.eai.amd.com/v1alpha1",
        kind: "AIMServiceTemplate",
        name,
        uid,
        controller: true,
      }],
    },
  };
  const other = template({}, { metadata: { name: "fresh", namespace: "c" } });
  assert.ok(
    asked([one, owned, ...running("b", 8)], other),
    "the one place left is not kept for one that runs",
  );
  const going = { ...owned, metadata: { ...owned.metadata, deletionTimestamp: "2026-01-01T00:00:00Z" } };
  assert.ok(
    asked([one, going, ...running("b", 9)], other),
    "nor for one whose Job's name is not free before the Job has gone",
  );
});

Deno.test("cluster templates wait under the namespace in which their Jobs run", () => {
  const { metadata: _, ...status } = waits();
  const shared = clusterTemplate({}, { status: status.status });
  const [one] = queue("a", 1);
  assert.ok(!asked([one, shared, ...running(operatorNamespace, 9)], shared), "the other namespace has fewer");
  assert.ok(asked([one, shared, ...running("a", 9)], shared));
});

Deno.test("in scoped mode cluster templates get no turn, read or not: another operator makes their Jobs", () => {
  const { metadata: _, ...status } = waits();
  const shared = clusterTemplate({}, { status: status.status });
  const [one] = queue("a", 1);
  const all = [one, shared, ...running("a", 9)];
  assert.ok(!asked(all, one), "elsewhere the one place left is for the namespace that has fewer");
  assert.ok(asked(all, one, ["a"]));
});
