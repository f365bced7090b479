/** Found out anew, given up, taken over (models-and-templates.md §5.4, §5.9 Better). */

import assert from "node:assert/strict";
import type { TemplateStatus } from "../../../lib/api/mod.ts";
import { known, log61, onMi300x, ours, pulling, succeeded, textOf, world } from "./discovery_sample.ts";
import {
  discovered,
  ended,
  jobIn,
  mi300x,
  model,
  pass,
  podOf,
  printed,
  sources,
  stored,
  storedJob,
  template,
} from "../template_sample.ts";

Deno.test("re-discovery: another spec is found out while the earlier result serves (§5.4 Better)", () => {
  const before = ours();
  assert.equal(jobIn(pass(template(onMi300x, { status: before }), world)), undefined, "not without a change");
  const spec = { ...onMi300x, profileId: "other" };
  const object = (status: TemplateStatus) => template(spec, { status });

  const begun = pass(object(before), world);
  assert.ok(jobIn(begun));
  assert.equal(begun.status!.status, "Ready");
  assert.deepEqual(begun.status!.profile, before.profile);
  assert.ok(begun.conditions.includes("Discovered=False/AwaitingDiscovery"));
  assert.match(textOf(begun.status, "Discovered"), /the result of an earlier discovery serves until then/);

  const running = storedJob(object(before), world);
  const second = pass(object(stored(begun.status!)), [...world, running]);
  assert.equal(second.status!.status, "Ready");
  assert.ok(!second.conditions.some((each) => each.startsWith("DiscoveryJobReady")), "it does not count");

  const failed = { ...running, status: ended("Failed", "BackoffLimitExceeded", "told") };
  const third = pass(object(stored(second.status!)), [...world, failed]);
  assert.equal(third.status!.status, "Ready");
  assert.deepEqual(third.status!.profile, before.profile);
  assert.equal(third.status!.discovery!.attempts, 1);
  assert.ok(third.conditions.includes("Discovered=False/DiscoveryFailed"));
  const waits = pass(object(stored(third.status!)), world, {}, { now: "2026-01-01T00:01:09Z" });
  assert.equal(jobIn(waits), undefined);
  assert.equal(waits.status!.status, "Ready");
  // What a pass finds in the condition it does not add once more.
  const still = pass(object(stored(waits.status!)), world, {}, { now: "2026-01-01T00:01:09Z" });
  for (const { status } of [third, waits, still]) {
    const said = textOf(status, "Discovered");
    assert.equal(said.split("; the result of an earlier discovery serves until then").length, 2, said);
  }
  assert.ok(
    jobIn(pass(object(stored(waits.status!)), world, {}, { now: "2026-01-01T00:01:10Z" })),
    "tried again",
  );

  const done = { ...running, status: ended("Complete") };
  const pod = podOf(running, succeeded);
  const fourth = pass(object(stored(second.status!)), [...world, done, pod], {}, {
    facts: printed(pod, known(log61.replaceAll("Qwen3-32B", "Qwen4"))),
  });
  assert.equal(fourth.status!.modelSources![0].modelId, "Qwen/Qwen4");
  assert.ok(fourth.conditions.includes("Discovered=True/DiscoveryComplete"));
  assert.equal(jobIn(pass(object(stored(fourth.status!)), world)), undefined);
});

Deno.test("re-discovery: until the result is there, all that is said is of the generation before", () => {
  const before = pass(template(onMi300x, { status: ours() }), world).status!;
  const edited = (status: TemplateStatus) =>
    template({ ...onMi300x, profileId: "other" }, {
      metadata: { name: "t", generation: before.observedGeneration! + 1 },
      status: stored(status),
    });
  const generations = ({ observedGeneration, conditions }: TemplateStatus) =>
    new Set([observedGeneration, ...conditions!.map((each) => each.observedGeneration)]);
  const old = new Set([before.observedGeneration]);
  const begun = pass(edited(before), world).status!;
  assert.deepEqual([begun.status, generations(begun)], ["Ready", old]);
  const running = storedJob(edited(before), world);
  const failed = { ...running, status: ended("Failed", "BackoffLimitExceeded", "told") };
  assert.deepEqual(generations(pass(edited(begun), [...world, failed]).status!), old);
  const done = { ...running, status: ended("Complete") };
  const pod = podOf(running, succeeded);
  const found = pass(edited(begun), [...world, done, pod], {}, { facts: printed(pod, known(log61)) }).status!;
  assert.deepEqual(generations(found), new Set([before.observedGeneration! + 1]));
});

Deno.test("re-discovery: an image that cannot be pulled gives its place up after two minutes, too (§5.7 Better)", () => {
  const spec = { ...onMi300x, profileId: "other" };
  const job = storedJob(template(spec, { status: ours() }), world);
  const others = [...world, job, pulling(job, "ErrImagePull", "manifest unknown")];
  const first = pass(template(spec, { status: ours() }), others);
  const before = stored(first.status!, ours());
  const at = (now: string) => pass(template(spec, { status: before }), others, {}, { now });
  assert.deepEqual(at("2026-01-01T00:01:59Z").plan.removals, []);
  const given = at("2026-01-01T00:02:00Z");
  assert.deepEqual(given.plan.removals.map(({ ref }) => ref.name), [job.metadata.name]);
  assert.equal(given.status!.discovery!.attempts, 1);
  assert.match(given.status!.discovery!.lastFailureReason!, /ImageNotFound.*manifest unknown/);
  assert.equal(given.status!.status, "Ready", "the earlier result serves");

  const gone = { status: stored(given.status!, before) };
  assert.equal(jobIn(pass(template(spec, gone), world, {}, { now: "2026-01-01T00:02:59Z" })), undefined);
  assert.ok(jobIn(pass(template(spec, gone), world, {}, { now: "2026-01-01T00:03:00Z" })));
});

Deno.test("re-discovery: the model's new image counts as a change", () => {
  const other = { ...model(), spec: { image: "reg.example/m:2" } };
  assert.ok(jobIn(pass(template(onMi300x, { status: ours() }), [other, mi300x])));
});

Deno.test("re-discovery: a GPU that leaves and comes back is no reason, nor is a model that does (weak 30)", () => {
  const away = pass(template(onMi300x, { status: ours() }), [model()]);
  assert.equal(away.status!.status, "NotAvailable");
  const back = pass(template(onMi300x, { status: stored(away.status!) }), world);
  assert.equal(back.status!.status, "Ready");
  assert.equal(jobIn(back), undefined);
  const orphan = pass(template(onMi300x, { status: ours() }), [mi300x]);
  assert.equal(orphan.status!.status, "Failed");
  assert.equal(jobIn(pass(template(onMi300x, { status: stored(orphan.status!) }), world)), undefined);
});

Deno.test("re-discovery: the result of the Job before the change is not taken for the new one", () => {
  const old = storedJob(template(onMi300x), world, { status: ended("Complete") });
  const pod = podOf(old, succeeded);
  const changed = template({ ...onMi300x, profileId: "other" }, { status: ours() });
  const result = pass(changed, [...world, old, pod], {}, { facts: printed(pod, known(log61)) });
  assert.ok(jobIn(result));
  assert.deepEqual(result.plan.removals, [], "it is over, and goes by itself");
});

Deno.test("a Job that runs for an earlier spec is deleted: it holds a place for an answer that nobody wants", () => {
  const old = storedJob(template(onMi300x), world);
  const changed = template({ ...onMi300x, profileId: "other" });
  const result = pass(changed, [...world, old]);
  assert.deepEqual(result.plan.removals.map(({ ref }) => ref.name), [old.metadata.name]);
  assert.ok(jobIn(result));
  const leaving = { ...old, metadata: { ...old.metadata, deletionTimestamp: "2026-01-01T00:00:05Z" } };
  assert.deepEqual(pass(changed, [...world, leaving]).plan.removals, [], "it is on its way already");
});

Deno.test("a Job that runs while the sources are given inline is deleted, too; one that has ended is not", () => {
  const job = storedJob(template(onMi300x), world);
  const object = template({ ...onMi300x, modelSources: sources });
  assert.deepEqual(pass(object, [...world, job]).plan.removals.map(({ ref }) => ref.name), [
    job.metadata.name,
  ]);
  const complete = { ...job, status: ended("Complete") };
  assert.deepEqual(pass(object, [...world, complete]).plan.removals, []);
});

Deno.test("taking over: what AIM Engine left Ready is not discovered again, whatever hash a failure has left", () => {
  for (
    const discovery of [undefined, {
      attempts: 3,
      lastAttemptTime: "2025-01-01T00:00:00Z",
      specHash: "0123456789abcdef",
    }]
  ) {
    const taken = { ...discovered, ...(discovery && { discovery }) };
    const first = pass(template(onMi300x, { status: taken }), world);
    assert.equal(jobIn(first), undefined);
    assert.equal(first.status!.status, "Ready");
    const second = pass(template(onMi300x, { status: stored(first.status!) }), world);
    assert.equal(jobIn(second), undefined);
    const edited = template({ ...onMi300x, profileId: "other" }, { status: stored(first.status!) });
    assert.ok(jobIn(pass(edited, world)), "an edit after that is noticed");
  }
});

Deno.test("taking over: a Job of AIM Engine in flight is adopted, under the name that AIM Engine gave it", () => {
  const spec = { ...onMi300x, imagePullSecrets: [{ name: "own" }], serviceAccountName: "own" };
  const secrets = { imagePullSecrets: [{ name: "models" }], serviceAccountName: "models" };
  for (const more of [{}, secrets]) {
    const its = model();
    const there = [{ ...its, spec: { ...its.spec!, ...more } }, mi300x];
    // AIM Engine knew those of the model only.
    const engines = storedJob(template(onMi300x), there);
    const named = jobIn(pass(template(spec), there))!.metadata!.name;
    assert.notEqual(named, engines.metadata.name, "ours would be called otherwise");
    const { conditions, plan } = pass(template(spec), [...there, engines]);
    assert.ok(conditions.includes("DiscoveryJobReady=False/JobRunning"), JSON.stringify(more));
    assert.deepEqual(plan.removals, []);
  }
});
