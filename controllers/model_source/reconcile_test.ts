import assert from "node:assert/strict";
import type { AIMClusterModel, AIMClusterModelSourceStatus } from "../../lib/api/mod.ts";
import type { FilterFailure } from "../../lib/facts/source_listing.ts";
import type { Live } from "../../lib/kube/object.ts";
import type { Outcome } from "../../lib/operator/core/plan.ts";
import { API_VERSION } from "../../lib/operator/naming/labels.ts";
import { liveObject } from "../../lib/operator/runner/view_fixture.ts";
import { listing, madeBy, pass, source } from "./pass_fixture.ts";

const example = listing([
  ["docker.io", "amdenterpriseai/aim-deepseek-deepseek-r1", "0.8.5"],
  ["docker.io", "amdenterpriseai/aim-qwen-qwen3-32b", "0.8.5", "0.8.4"],
]);

// §8.1
Deno.test("every image gets its model, under the names of the specification", () => {
  const { names, made, status, short } = pass(source(), { listing: example });
  assert.deepEqual(names, [
    "amdenterpriseai-aim-deepseek-deepseek-r1-0-8-5-355166",
    "amdenterpriseai-aim-qwen-qwen3-32b-0-8-5-72f726",
    "amdenterpriseai-aim-qwen-qwen3-32b-0-8-4-c3c81a",
  ]);
  assert.deepEqual(made.map(({ spec }) => spec?.image)[1], "amdenterpriseai/aim-qwen-qwen3-32b:0.8.5");
  assert.deepEqual(
    [status?.status, status?.discoveredModels, status?.availableModels, status?.modelsLimitReached],
    ["Ready", 3, 3, false],
  );
  assert.deepEqual([status?.lastSyncTime, status?.observedGeneration], ["2026-01-01T00:00:00Z", 3]);
  assert.equal(short("MaxModelsLimitReached"), "False/WithinLimit/Created 3 models, within limit");
  assert.equal(short("ExistingModelsReady"), "True/Listed/Found 0 existing models");
  assert.equal(short("FiltersReady"), "True/AllFiltersSucceeded/All 1 filters succeeded");
  assert.equal(short("Ready"), "True/AllComponentsReady/All components are ready");
});

// §6.2
Deno.test("a model as the specification has it", () => {
  const { made: [model] } = pass(source({ imagePullSecrets: [{ name: "reg" }] }), {
    listing: listing([["ghcr.io", "silogen/aim-llama", "v1.2.0"]]),
  });
  assert.deepEqual(model, {
    apiVersion: API_VERSION,
    kind: "AIMClusterModel",
    metadata: {
      name: "silogen-aim-llama-v1-2-0-d7270a",
      labels: {
        "aim.eai.amd.com/model-source": "amd",
        "aim.eai.amd.com/origin": "auto-generated",
        "app.kubernetes.io/managed-by": "aim-cluster-model-source-controller",
        "aim.eai.amd.com/cluster-model-source.name": "amd",
      },
      annotations: {
        "aim.eai.amd.com/source-registry": "ghcr.io",
        "aim.eai.amd.com/source-repository": "silogen/aim-llama",
        "aim.eai.amd.com/source-tag": "v1.2.0",
        "aim.eai.amd.com/source-pull-secrets": "reg",
      },
      ownerReferences: [{
        apiVersion: API_VERSION,
        kind: "AIMClusterModelSource",
        name: "amd",
        uid: "uid-amd",
        controller: true,
      }],
    },
    spec: { image: "ghcr.io/silogen/aim-llama:v1.2.0", imagePullSecrets: [{ name: "reg" }] },
  });
});

Deno.test("a digest: image, name and annotation (§3.1)", () => {
  const digest = `sha256:${"0123456789abcdef".repeat(4)}`;
  const { made: [model] } = pass(source(), { listing: listing([["ghcr.io", "org/a", digest]]) });
  assert.equal(model.spec?.image, `ghcr.io/org/a@${digest}`);
  assert.match(model.metadata!.name!, /^org-a-012345-[0-9a-f]{6}$/);
  assert.equal(model.metadata!.annotations!["aim.eai.amd.com/source-tag"], digest);
});

Deno.test("a source with a name over 63 characters has labels that are legal (§6.2)", () => {
  const { made: [model] } = pass(source({}, undefined, "s".repeat(100)), { listing: example });
  for (const value of Object.values(model.metadata!.labels!)) assert.ok(value.length <= 63, value);
  const own = liveObject(model) as Live<AIMClusterModel>;
  assert.equal(
    pass(source({}, undefined, "s".repeat(100)), { listing: example, others: [own] }).made.length,
    2,
  );
});

Deno.test("the source's labels go to its models as the default cluster config says, others never (§12)", () => {
  const object = source();
  object.metadata.labels = { "team-a": "x", env: "y" };
  const config = {
    apiVersion: API_VERSION,
    kind: "AIMClusterRuntimeConfig",
    metadata: { name: "default" },
    spec: { labelPropagation: { enabled: true, match: ["team-*"] } },
  };
  const { made: [model] } = pass(object, { listing: example, others: [config] });
  assert.equal(model.metadata!.labels!["team-a"], "x");
  assert.equal(model.metadata!.labels!.env, undefined);
});

// §8.2
Deno.test("limit: the first by order become models, and the status says how many there would be", () => {
  const tags = Array.from({ length: 12 }, (_, i) => `1.0.${11 - i}`);
  const { made, status, short } = pass(source({ maxModels: 5 }), {
    listing: listing([["docker.io", "org/a", ...tags]]),
  });
  assert.deepEqual(made.map(({ spec }) => spec!.image), tags.slice(0, 5).map((tag) => `org/a:${tag}`));
  assert.deepEqual(
    [status?.status, status?.discoveredModels, status?.availableModels, status?.modelsLimitReached],
    ["Ready", 5, 12, true],
  );
  assert.equal(short("MaxModelsLimitReached"), "True/LimitReached/Limit reached: 5 created, 12 available");
});

Deno.test("append-only: models count though no filter finds them, and nothing is deleted or applied again", () => {
  const object = source({ maxModels: 3 });
  const models = madeBy(object, example);
  const after = pass(object, { listing: listing([["docker.io", "org/new", "1.0.0"]]), others: models });
  assert.deepEqual([after.made, after.plan.removals, after.plan.edits], [[], [], []]);
  assert.deepEqual([after.status?.discoveredModels, after.status?.modelsLimitReached], [3, true]);
  const same = pass(object, { listing: example, others: models });
  assert.deepEqual([same.made, same.status?.modelsLimitReached], [[], false]);
  assert.equal(same.short("ExistingModelsReady"), "True/Listed/Found 3 existing models");
  const lower = pass(source({ maxModels: 1 }), { listing: example, others: models });
  assert.deepEqual([lower.made, lower.plan.removals], [[], []]);
});

Deno.test("a model that was deleted by hand is made again from the last look", () => {
  const object = source();
  const [, ...others] = madeBy(object, example);
  assert.deepEqual(pass(object, { listing: example, others }).names, [
    "amdenterpriseai-aim-deepseek-deepseek-r1-0-8-5-355166",
  ]);
});

Deno.test("an image that has a model of this source under another name has its model", () => {
  const object = source();
  const [model] = madeBy(object, example);
  const renamed = { ...model, metadata: { ...model.metadata, name: "other", uid: "u" } };
  assert.equal(pass(object, { listing: example, others: [renamed] }).made.length, 2);
});

Deno.test("what a user edits on a model stays", () => {
  const object = source();
  const models = madeBy(object, example).map((model) => ({
    ...model,
    spec: {
      ...model.spec,
      image: "elsewhere/x:1",
      serviceAccountName: "mine",
      imagePullSecrets: [{ name: "mine" }],
    },
  }));
  const { made, plan } = pass(object, { listing: example, others: models });
  assert.deepEqual([made, plan.edits, plan.removals], [[], [], []]);
});

// §6.1 Better
Deno.test("two sources that match one image: the first keeps it, and the second counts it nowhere", () => {
  const first = source();
  const second = source({ maxModels: 1 }, undefined, "other");
  const models = madeBy(first, example);
  const { made, status, plan } = pass(second, { listing: example, others: models });
  assert.deepEqual([made, plan.edits, plan.removals], [[], [], []]);
  assert.deepEqual([status?.discoveredModels, status?.modelsLimitReached, status?.status], [
    0,
    false,
    "Ready",
  ]);
});

Deno.test("a model of that name that a user made is left alone", () => {
  const [{ metadata: { name } }] = madeBy(source(), example);
  const own = {
    apiVersion: API_VERSION,
    kind: "AIMClusterModel",
    metadata: { name },
    spec: { image: "x/y:1" },
  };
  const { made, plan } = pass(source(), { listing: example, others: [own] });
  assert.equal(made.length, 2);
  assert.deepEqual([plan.edits, plan.removals], [[], []]);
});

Deno.test("changed pull secrets reach the models that have those of their source, and only this field changes", () => {
  const before = source({ imagePullSecrets: [{ name: "old" }] });
  const [followed, ...others] = madeBy(before, example);
  const going = liveObject(followed);
  going.metadata.name += "-going";
  going.metadata.deletionTimestamp = "2026-01-01T00:00:00Z";
  const edited = { ...others[0], spec: { ...others[0].spec, imagePullSecrets: [{ name: "mine" }] } };
  const foreign = { ...others[1], metadata: { ...others[1].metadata, ownerReferences: [] } };
  const after = (secrets: { name: string }[]) =>
    pass(source({ imagePullSecrets: secrets }), {
      listing: example,
      others: [followed, edited, foreign, going],
    })
      .plan.edits!;
  const [edit, ...more] = after([{ name: "new" }]);
  assert.deepEqual(more, []);
  assert.equal(edit.ref.name, followed.metadata.name);
  assert.deepEqual(edit.patch, {
    metadata: { annotations: { "aim.eai.amd.com/source-pull-secrets": "new" } },
    spec: { imagePullSecrets: [{ name: "new" }] },
  });
  assert.deepEqual(after([])[0].patch, {
    metadata: { annotations: { "aim.eai.amd.com/source-pull-secrets": null } },
    spec: { imagePullSecrets: null },
  });
  assert.deepEqual(after([{ name: "old" }]), []);
});

Deno.test("models of AIM Engine follow too, as long as nobody else has set their pull secrets", () => {
  const before = source({ imagePullSecrets: [{ name: "old" }] });
  const [one, two, three] = madeBy(before, example).map((model) => {
    const { "aim.eai.amd.com/source-pull-secrets": _, ...annotations } = model.metadata.annotations!;
    return { ...model, metadata: { ...model.metadata, annotations } };
  });
  const owning = (spec: object) => [{
    manager: "aim-cluster-model-source-controller",
    operation: "Apply" as const,
    apiVersion: API_VERSION,
    fieldsV1: { "f:spec": spec },
  }];
  const owns = owning({ "f:image": {}, "f:imagePullSecrets": {} });
  const others = [
    { ...one, metadata: { ...one.metadata, managedFields: owns } },
    // A user has set them since: who applied them first does not own them any more.
    { ...two, metadata: { ...two.metadata, managedFields: owning({ "f:image": {} }) } },
    { ...three, metadata: { ...three.metadata, managedFields: undefined } },
  ];
  const after = source({ imagePullSecrets: [{ name: "new" }] });
  const { edits = [] } = pass(after, { listing: example, others }).plan;
  assert.deepEqual(edits.map(({ ref }) => ref.name), [one.metadata.name]);
  assert.deepEqual(edits[0].patch.spec, { imagePullSecrets: [{ name: "new" }] });
});

const failure = (image: string, message = "it went wrong; mend it"): FilterFailure => ({
  image,
  is: "NotFound",
  message,
});

// §8.6, §7.3
Deno.test("partial failure: the others' images are made, and the status says which filter, why and when next", () => {
  const found = listing([["docker.io", "org/a", "1", "2"]], {
    filters: 2,
    failures: [failure("org/gone")],
    incomplete: 1,
  });
  const { made, status, short } = pass(source(), { listing: found });
  assert.equal(made.length, 2);
  assert.equal(status?.status, "Degraded");
  const message =
    '1 of 2 filters had errors: "org/gone": NotFound: it went wrong; mend it; next try at 2026-01-01T01:00:00Z';
  assert.equal(short("FiltersReady"), `False/SomeFiltersFailed/${message}`);
  assert.equal(short("Ready"), `False/SomeFiltersFailed/Component Filters is not ready: ${message}`);
  for (const type of ["DependenciesReachable", "AuthValid", "ConfigValid"]) {
    assert.equal(short(type), undefined);
  }
  assert.equal(status?.lastSyncTime, found.at);
});

Deno.test("total failure: Failed, and the time of the last look that gave something stays", () => {
  const old = { lastSyncTime: "2025-12-31T00:00:00Z", status: "Ready" } as const;
  const all = listing([], { filters: 1, answered: 0, failures: [failure("org/*")], incomplete: 3 });
  const { status, short } = pass(source({}, old), { listing: all });
  assert.deepEqual([status?.status, status?.lastSyncTime], ["Failed", old.lastSyncTime]);
  assert.match(short("FiltersReady")!, /^False\/AllFiltersFailed\/All 1 filters failed: "org\/\*"/);
  assert.equal(pass(source(), { listing: all }).status?.lastSyncTime, undefined);
});

Deno.test("many failures: five are explained, and all fit into a message", () => {
  const failures = Array.from(
    { length: 100 },
    (_, i) => failure(`${"o".repeat(200)}/${i}`, "😀".repeat(400)),
  );
  const { status, short } = pass(source(), { listing: listing([], { filters: 100, answered: 0, failures }) });
  assert.match(short("FiltersReady")!, /; and 95 more; next try at 2026/);
  for (const { message } of status!.conditions!) {
    assert.ok(message!.length <= 1024 && message!.isWellFormed());
  }
});

Deno.test("no filters, and remarks on pull secrets", () => {
  const none = pass(source(), { listing: listing([], { filters: 0 }) });
  assert.equal(none.short("FiltersReady"), "False/NoFilters/No filters configured");
  assert.equal(none.status?.status, "Progressing");
  const remarked = pass(source(), {
    listing: listing([], { remarks: ["there is no pull secret aim-system/x"] }),
  });
  assert.equal(remarked.status?.status, "Ready");
  assert.match(remarked.short("FiltersReady")!, /succeeded; there is no pull secret aim-system\/x/);
});

Deno.test("models that are refused: the others count, the status names what is missing, and the look counts", () => {
  const [refused] = pass(source(), { listing: example }).names;
  const except: Record<string, Outcome> = {
    [`aimclustermodels//${refused}`]: {
      result: "rejected",
      category: "Infrastructure",
      reason: "Timeout",
      message: "no",
    },
  };
  const { status, short } = pass(source(), { listing: example, except });
  assert.deepEqual([status?.discoveredModels, status?.availableModels], [2, 3]);
  assert.match(short("DependenciesReachable")!, /^False\/InfrastructureError\/Failed to apply resources: .*/);
  assert.equal(status?.lastSyncTime, example.at);
});

Deno.test("the look is not stored while a model that follows from it is still to be made", () => {
  const [first] = pass(source(), { listing: example }).names;
  const except: Record<string, Outcome> = { [`aimclustermodels//${first}`]: { result: "waiting" } };
  const { status, short } = pass(source(), { listing: example, except });
  assert.equal(status?.lastSyncTime, undefined);
  assert.equal(status?.discoveredModels, 3, "who is killed now leaves fewer than that to the next process");
  assert.match(short("MaxModelsLimitReached")!, /Created 2 models/);
});

Deno.test("until the registries answer: Progressing at first, later nothing is said or done", () => {
  const first = pass(source());
  assert.deepEqual([first.status?.status, first.status?.lastSyncTime, first.made], [
    "Progressing",
    undefined,
    [],
  ]);
  const later = pass(source({}, { status: "Ready", observedGeneration: 2 }));
  assert.deepEqual([later.plan.status, later.made], [undefined, []]);
  const failed = pass(source(), { listing: new Error("no answer within 7200000 ms") });
  assert.equal(failed.status?.status, "Failed");
  assert.match(failed.short("Ready")!, /no answer within/);
});

// §2 Better: what another process found stands until its time
Deno.test("after a restart the registries are asked when it is time, and at once where all failed or after an edit", () => {
  const ready = (
    status: "True" | "False",
    observedGeneration = 3,
    reason = "AllFiltersFailed",
  ): AIMClusterModelSourceStatus => ({
    status: "Ready",
    observedGeneration,
    lastSyncTime: "2026-01-01T00:00:00Z",
    conditions: [{
      type: "Ready",
      status,
      reason,
      message: "",
      lastTransitionTime: "2026-01-01T00:00:00Z",
    }],
  });
  const due = (status?: AIMClusterModelSourceStatus) => pass(source({}, status)).question!.due;
  assert.equal(due(ready("True")), Date.parse("2026-01-01T01:00:00Z"));
  assert.equal(
    due(ready("False", 3, "SomeFiltersFailed")),
    due(ready("True")),
    "some filters gave something",
  );
  assert.equal(due(ready("False")), undefined);
  const partly = { ...ready("False"), availableModels: 3 };
  assert.equal(due(partly), due(ready("True")), "of the only filter a part was not to be had");
  assert.equal(due(ready("False", 2, "SomeFiltersFailed")), undefined);
  assert.equal(due(ready("True", 2)), undefined);
  assert.equal(due(), undefined);
  assert.equal(due({ ...ready("True"), discoveredModels: 1 }), undefined, "a model has gone");
  const [made] = madeBy(source(), example);
  const more = pass(source({}, ready("True")), { others: [made] });
  assert.equal(more.question!.due, undefined, "a model is there of which no status tells");
  for (
    const [status, isPartial] of [
      [ready("True"), false],
      [ready("False", 3, "SomeFiltersFailed"), true],
      [partly, true],
    ] as const
  ) {
    assert.equal(pass(source({}, status)).question!.isPartial, isPartial);
  }
});

Deno.test("the interval: an hour unless it is longer than nothing, at least 15 seconds (§2)", () => {
  const rows: [text: string | undefined, milliseconds: number][] = [
    [undefined, 3_600_000],
    ["0", 3_600_000],
    ["0s", 3_600_000],
    ["-5m", 3_600_000],
    ["1ms", 15_000],
    ["10s", 15_000],
    ["15s", 15_000],
    ["1h30m", 5_400_000],
    ["240h", 864_000_000],
  ];
  for (const [syncInterval, milliseconds] of rows) {
    assert.equal(pass(source({ syncInterval })).question!.interval, milliseconds, syncInterval);
  }
});

Deno.test("an interval that is none is told on the object, and nobody is asked", () => {
  for (const syncInterval of ["1d", "5 min", "", "often"]) {
    const { question, status, short, plan } = pass(source({ syncInterval }), { listing: example });
    assert.deepEqual([question, plan.children, status?.status], [undefined, [], "Failed"], syncInterval);
    assert.match(
      short("ConfigValid")!,
      /^False\/InvalidSpec\/.*spec\.syncInterval: .*(1h30m|is not a duration)/,
    );
  }
});

Deno.test("one that is too many filters for the schema is told on the object", () => {
  const filters = Array.from({ length: 101 }, () => ({ image: "org/a" }));
  const { question, short } = pass(source({ filters }), { listing: example });
  assert.equal(question, undefined);
  assert.match(short("ConfigValid")!, /^False\/InvalidSpec\/.*filters/);
});

Deno.test("going and paused sources do nothing", () => {
  const going = source();
  going.metadata.deletionTimestamp = "2026-01-01T00:00:00Z";
  const still = source();
  still.metadata.annotations = { "aim.eai.amd.com/reconciliation-paused": "true" };
  for (const object of [going, still]) {
    const { question, plan } = pass(object, { listing: example });
    assert.deepEqual([question, plan.children], [undefined, []]);
  }
});

Deno.test("10,000 models of 150,000 images", () => {
  const object = source({ maxModels: 10_000 });
  const tags = Array.from({ length: 50 }, (_, i) => `1.0.${i}`);
  const many = listing(Array.from({ length: 3_000 }, (_, i) => ["docker.io", `org/r${i}`, ...tags]));
  const { made, status } = pass(object, { listing: many });
  assert.deepEqual([made.length, status?.availableModels, status?.modelsLimitReached], [
    10_000,
    150_000,
    true,
  ]);
});
