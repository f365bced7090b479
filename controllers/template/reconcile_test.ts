import assert from "node:assert/strict";
import fc from "fast-check";
import type { ServiceTemplateSpec } from "../../lib/api/mod.ts";
import type { KubeObject, Live } from "../../lib/kube/object.ts";
import { annotation, API_VERSION } from "../../lib/operator/naming/labels.ts";
import { createMergePatch } from "../../lib/kube/json/merge_patch.ts";
import type { Template } from "./scope.ts";
import {
  clusterTemplate,
  condition,
  discovered,
  mi300x,
  model,
  node,
  pass,
  sources,
  stored,
  template,
} from "./template_sample.ts";

const onMi300x = { hardware: { gpu: { requests: 1, model: "MI300X", resourceName: "amd.com/gpu" } } };
const inline = { modelSources: sources, ...onMi300x };

Deno.test("worked example §6.3: the template of a custom model", () => {
  const spec: Partial<ServiceTemplateSpec> = {
    modelSources: [{ modelId: "test/valid", sourceUri: "hf://test/valid", size: "100Mi" }],
    type: "unoptimized",
    ...onMi300x,
  };
  const { status, conditions, children } = pass(template(spec), [model(), mi300x]);
  assert.equal(status!.status, "Ready");
  assert.deepEqual(status!.profile, { metadata: { gpu: "MI300X", gpuCount: 1, type: "unoptimized" } });
  assert.deepEqual(status!.modelSources, spec.modelSources);
  assert.equal(status!.hardwareSummary, "1 x MI300X");
  assert.deepEqual(status!.resolvedHardware, {
    gpu: { requests: 1, model: "MI300X", resourceName: "amd.com/gpu" },
  });
  assert.deepEqual(status!.resolvedNodeAffinity, {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [{
        matchExpressions: [{
          key: "amd.com/gpu.device-id",
          operator: "In",
          values: ["74a1", "74a9", "74b5", "74bd"],
        }],
      }],
    },
  });
  assert.deepEqual(conditions, [
    "RuntimeConfigReady=True/DefaultConfigNotFound",
    "ModelReady=True/ModelFound",
    "GPUReady=True/GPUAvailable",
    "Discovered=True/InlineModelSources",
    "Ready=True/AllComponentsReady",
  ]);
  assert.ok(!children.some((child) => child.includes("jobs/")), "no Job");
  const inlineTold = status!.conditions!.find(({ type }) => type === "Discovered")!.message;
  assert.equal(inlineTold, "Model sources provided in-line in spec");
});

Deno.test("worked example §6.3: a GPU that is not there leaves the results standing", () => {
  const { status, conditions } = pass(
    template({ modelSources: sources, hardware: { gpu: { requests: 1, model: "MI250X" } } }),
    [model(), mi300x],
  );
  assert.equal(status!.status, "NotAvailable");
  assert.equal(status!.hardwareSummary, "1 x MI250X");
  assert.deepEqual(status!.resolvedHardware, { gpu: { requests: 1, model: "MI250X" } });
  assert.ok(conditions.includes("GPUReady=False/GPUNotAvailable"));
  assert.ok(conditions.includes("Ready=False/GPUNotAvailable"));
});

// models-and-templates.md §5.9, inline row: the profile out of the spec
const profiles: [Partial<ServiceTemplateSpec>, object][] = [
  [{}, {}],
  [{ type: "optimized" }, { type: "optimized" }],
  [{ metric: "latency", precision: "fp8" }, { metric: "latency", precision: "fp8" }],
  [{ hardware: { gpu: { requests: 8, model: "amd_instinct_mi300x" } } }, {
    gpu: "amd_instinct_mi300x",
    gpuCount: 8,
  }],
  [{ hardware: { gpu: { requests: 0, model: "" } } }, {}],
  [{ hardware: { cpu: { requests: "1" } } }, {}],
];
for (const [spec, metadata] of profiles) {
  Deno.test(`profile of inline sources with ${JSON.stringify(spec)}`, () => {
    const { status } = pass(template({ modelSources: sources, ...spec }), [model(), mi300x]);
    assert.deepEqual(status!.profile, { metadata });
  });
}

Deno.test("inline sources clear what discovery had noted, and its conditions (§5.9 with Better)", () => {
  const before = {
    status: "Progressing" as const,
    discovery: { attempts: 3, lastFailureReason: "x", specHash: "y" },
    discoveryJob: { name: "discover-t", namespace: "ns" },
    conditions: [
      condition("DiscoveryJobReady", "False", "JobBackoffLimitExceeded"),
      condition("DiscoveryPodsReady", "False", "PodFailed"),
      condition("Discovered", "False", "AwaitingDiscovery"),
    ],
  };
  const { status, conditions } = pass(template(inline, { status: before }), [model(), mi300x]);
  assert.equal(status!.status, "Ready");
  assert.equal(status!.discovery, undefined);
  assert.deepEqual(status!.discoveryJob, before.discoveryJob);
  assert.ok(!conditions.some((each) => each.startsWith("Discovery")));
});

Deno.test("results of inline sources are told whatever the health (§5.9)", () => {
  const { status } = pass(template({ ...inline, runtimeConfigName: "missing" }));
  assert.equal(status!.status, "Failed");
  assert.deepEqual(status!.modelSources, sources);
  assert.equal(status!.hardwareSummary, "1 x MI300X");
});

Deno.test("a template without sources gets a discovery Job, in both scopes, and is Pending until it runs", () => {
  for (
    const [object, found] of [[template(onMi300x), model()], [
      clusterTemplate(onMi300x),
      model("AIMClusterModel"),
    ]] as const
  ) {
    const { status, conditions, children } = pass(object, [found, mi300x]);
    assert.equal(status!.status, "Pending");
    assert.deepEqual(conditions.slice(2), [
      "DiscoveryJobReady=False/JobNotCreated",
      "GPUReady=True/GPUAvailable",
      "Discovered=False/AwaitingDiscovery",
      "Reconciling=True/Progressing",
      "Ready=False/Progressing",
    ]);
    assert.equal(status!.modelSources, undefined);
    assert.equal(status!.profile, undefined);
    assert.equal(children.length, 2);
    assert.match(children[1], /^create jobs\/discover-t-/);
  }
});

Deno.test("a template that waits stays NotAvailable without its GPU, and is not Ready once the GPU comes", () => {
  const first = pass(template(onMi300x), [model()]);
  assert.equal(first.status!.status, "NotAvailable");
  const second = pass(template(onMi300x, { status: stored(first.status!) }), [model(), mi300x]);
  assert.equal(second.status!.status, "Pending");
  assert.ok(second.conditions.includes("DiscoveryJobReady=False/JobNotCreated"));
});

Deno.test("a template that AIM Engine has discovered is served as Ready with what is stored (§5.9 Better)", () => {
  const { status, conditions } = pass(template(onMi300x, { status: discovered }), [model(), mi300x]);
  const { conditions: _, status: word, observedGeneration: __, resolvedModel: ___, ...results } = status!;
  const { conditions: ____, status: _____, resolvedModel: ______, ...before } = discovered;
  assert.equal(word, "Ready");
  const { discovery, ...others } = results;
  assert.deepEqual(others, before);
  assert.equal(discovery!.attempts, 0, "the present spec counts as discovered");
  assert.deepEqual(conditions, [
    "RuntimeConfigReady=True/DefaultConfigNotFound",
    "ModelReady=True/ModelFound",
    "GPUReady=True/GPUAvailable",
    "Discovered=True/DiscoveryComplete",
    "Ready=True/AllComponentsReady",
  ]);
});

Deno.test("a discovered template that loses its GPU and gets it back keeps its results", () => {
  const object = (status: Template["status"]) => template(onMi300x, { status });
  const without = pass(object(discovered), [model()]);
  assert.equal(without.status!.status, "NotAvailable");
  const back = pass(object(stored(without.status!)), [model(), mi300x]);
  assert.equal(back.status!.status, "Ready");
  assert.deepEqual(back.status!.profile, discovered.profile);
});

Deno.test("a template that AIM Engine calls Ready without a result stays in service", () => {
  const status = {
    status: "Ready" as const,
    conditions: [condition("Discovered", "False", "AwaitingDiscovery")],
  };
  const first = pass(template({}, { status }), [model()]);
  assert.equal(first.status!.status, "Ready");
  const modelGone = pass(template({}, { status: stored(first.status!) }));
  assert.equal(modelGone.status!.status, "Failed");
  assert.equal(pass(template({}, { status: stored(modelGone.status!) }), [model()]).status!.status, "Ready");
});

Deno.test("Better (weak 20): sources that are taken out of the spec are no result of a discovery", () => {
  const first = pass(template(inline), [model(), mi300x]);
  assert.equal(first.status!.status, "Ready");
  const second = pass(template(onMi300x, { status: stored(first.status!) }), [model(), mi300x]);
  assert.equal(second.status!.status, "Pending");
  assert.equal(second.status!.modelSources, undefined);
  const third = pass(template(onMi300x, { status: stored(second.status!) }), [model(), mi300x]);
  assert.equal(third.status!.status, "Pending");
});

Deno.test("what discovery had noted of failures is kept while it is awaited", () => {
  const discovery = { attempts: 2, lastAttemptTime: "2025-12-31T00:00:00Z", specHash: "60d303f1edba752b" };
  const { status } = pass(template({}, { status: { status: "Failed", discovery } }), [model()]);
  assert.deepEqual(status!.discovery, discovery);
});

Deno.test("a missing named runtime config fails both kinds with ConfigNotFound (§5.3)", () => {
  const spec = { ...inline, runtimeConfigName: "missing" };
  for (
    const [object, found] of [[template(spec), model()], [
      clusterTemplate(spec),
      model("AIMClusterModel"),
    ]] as const
  ) {
    const { status, conditions } = pass(object, [found, mi300x]);
    assert.equal(status!.status, "Failed");
    assert.equal(conditions[0], "RuntimeConfigReady=False/ConfigNotFound");
    assert.ok(conditions.includes("Ready=False/ReferenceNotFound"));
  }
});

Deno.test("the runtime config in use is named in the status", () => {
  const config = {
    apiVersion: API_VERSION,
    kind: "AIMRuntimeConfig",
    metadata: { name: "rc", namespace: "ns" },
    spec: {},
  };
  const { status, conditions } = pass(template({ ...inline, runtimeConfigName: "rc" }), [
    model(),
    mi300x,
    config,
  ]);
  assert.equal(conditions[0], "RuntimeConfigReady=True/ConfigFound");
  assert.equal(status!.resolvedRuntimeConfig!.scope, "Namespace");
});

Deno.test("CPU needs that cannot be met as written fail the template (api.md §10.2)", () => {
  const spec = { modelSources: sources, hardware: { cpu: { requests: "2", limits: "1" } } };
  const { status, conditions } = pass(template(spec), [model()]);
  assert.equal(status!.status, "Failed");
  assert.ok(conditions.includes("ConfigValid=False/InvalidSpec"));
  assert.match(status!.conditions!.at(-1)!.message, /limits is 1, less than the request of 2/);
});

Deno.test("a template without a spec, or stored under an older CRD, says what is wrong", () => {
  const empty = pass({ ...template(), spec: undefined } as Live<Template>, [model()]);
  assert.match(empty.status!.conditions!.at(-1)!.message, /spec\.modelName is required/);
  const old = pass(template({ metric: "speed" as "latency" }), [model()]);
  assert.equal(old.status!.status, "Failed");
  assert.match(old.status!.conditions!.at(-1)!.message, /spec\.metric is "speed"/);
});

Deno.test("deleted templates are left alone, and paused ones but for saying so", () => {
  const nothing = { children: [], removals: [] };
  const gone = { name: "t", deletionTimestamp: "2026-01-01T00:00:00Z" };
  assert.deepEqual(pass(template(inline, { metadata: gone }), [model()]).plan, nothing);
  const metadata = { name: "t", annotations: { [annotation.paused]: "true" } };
  const paused = pass(template(inline, { metadata }), [model()]);
  assert.deepEqual([paused.plan.children, paused.plan.removals], [[], []]);
  assert.deepEqual(paused.conditions, ["Paused=True/Paused", "Ready=False/Paused"]);
  assert.deepEqual(pass(template(inline, { metadata, status: paused.status }), [model()]).plan, nothing);
});

const anySpec: fc.Arbitrary<Partial<ServiceTemplateSpec>> = fc.record({
  modelSources: fc.constantFrom(sources, []),
  metric: fc.constantFrom("latency", "throughput"),
  type: fc.constantFrom("optimized", "preview"),
  hardware: fc.constantFrom(
    { gpu: { requests: 1, model: "MI300X" } },
    { gpu: { requests: 1, minVram: "64Gi" } },
    { gpu: { requests: 2, model: "MI325X" }, cpu: { requests: 2 } },
    { cpu: { requests: 2, limits: 1 } },
  ),
  runtimeConfigName: fc.constantFrom("default", "missing"),
  caching: fc.constantFrom({ enabled: true }, { enabled: false }),
  env: fc.constant([{ name: "A", value: "" }]),
}, { requiredKeys: [] });
const anyWorld: fc.Arbitrary<KubeObject[]> = fc.record({
  own: fc.boolean(),
  shared: fc.boolean(),
  nodes: fc.subarray([mi300x, node("740f", "64G"), node("74b9", "junk")]),
}).map(({ own, shared, nodes }) => [
  ...(own ? [model()] : []),
  ...(shared ? [model("AIMClusterModel")] : []),
  ...nodes,
]);
const anyBefore = fc.constantFrom(undefined, discovered, { status: "Ready" as const }, {
  status: "Failed" as const,
});

Deno.test("over its own outcome a second pass wants the same, in both scopes", () => {
  const seen = new Set<string>();
  fc.assert(fc.property(anySpec, anyWorld, anyBefore, fc.boolean(), (spec, world, before, cluster) => {
    const object = (status: Template["status"]) =>
      cluster ? clusterTemplate(spec, status && { status }) : template(spec, status && { status });
    const first = pass(object(before), world);
    const second = pass(object(stored(first.status!)), world);
    seen.add(first.status!.status!);
    assert.deepEqual(second.plan.children, first.plan.children);
    assert.equal(createMergePatch(stored(first.status!), stored(second.status!)), undefined);
  }));
  assert.ok(seen.size >= 3, [...seen].join());
});

Deno.test("the order of nodes and the ids' order of before make no difference twice", () => {
  const object = (status?: Template["status"]) =>
    template(
      { modelSources: sources, hardware: { gpu: { requests: 1, minVram: "64Gi" } } },
      status && { status },
    );
  const some = [node("740f", "64G"), mi300x, node("74a5", "256G")];
  const first = pass(object(), [model(), ...some]);
  const second = pass(object(stored(first.status!)), [model(), ...some.toReversed()]);
  assert.equal(createMergePatch(stored(first.status!), stored(second.status!)), undefined);
});
