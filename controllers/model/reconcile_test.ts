import assert from "node:assert/strict";
import fc from "fast-check";
import type { CustomTemplate, ModelSpec } from "../../lib/api/mod.ts";
import type { KubeObject, Live } from "../../lib/kube/object.ts";
import { annotation, API_VERSION } from "../../lib/operator/naming/labels.ts";
import { createMergePatch } from "../../lib/kube/json/merge_patch.ts";
import { stampTransitions } from "../../lib/operator/status/status_changes.ts";
import { ClassifiedError } from "../../lib/operator/errors/errors.ts";
import {
  clusterModel,
  image,
  model,
  pass,
  type Registry,
  registry,
  shortConditions,
  template,
} from "./model_sample.ts";
import type { Model, Template } from "./scope.ts";

const known: Partial<ModelSpec> = { imageMetadata: { model: { canonicalName: "Qwen/Qwen3-32B" } } };
const config = (name: string, spec: object = {}, namespace?: string): KubeObject => ({
  apiVersion: API_VERSION,
  kind: namespace === undefined ? "AIMClusterRuntimeConfig" : "AIMRuntimeConfig",
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
  ...{ spec },
});

Deno.test("worked example §6.1 up to the templates, with the metadata in the spec", () => {
  const qwen = (more: Partial<Model> = {}) =>
    clusterModel({
      imageMetadata: {
        model: {
          canonicalName: "Qwen/Qwen3-32B",
          recommendedDeployments: [{
            gpuModel: "MI300X",
            gpuCount: 1,
            precision: "fp16",
            metric: "latency",
            profileId: "vllm-mi300x-fp16-tp1-latency",
          }],
        },
      },
    }, { ...more, metadata: { name: "qwen-qwen3-32b" } });
  const first = pass(qwen());
  const name = "amdenterpriseai-aim-qwen-qwen3-32b-0-8-1x-mi300x-lat-fp16-59b1";
  assert.deepEqual(first.applied, {
    [name]: {
      apiVersion: "aim.eai.amd.com/v1alpha1",
      kind: "AIMClusterServiceTemplate",
      metadata: {
        name,
        labels: {
          "aim.eai.amd.com/model": "qwen-qwen3-32b",
          "aim.eai.amd.com/origin": "auto-generated",
          "aim.eai.amd.com/cluster-model.name": "qwen-qwen3-32b",
          "app.kubernetes.io/managed-by": "aim-cluster-model-controller",
        },
        ownerReferences: [{
          apiVersion: "aim.eai.amd.com/v1alpha1",
          kind: "AIMClusterModel",
          name: "qwen-qwen3-32b",
          uid: "uid-AIMClusterModel--qwen-qwen3-32b",
          controller: true,
        }],
      },
      spec: {
        modelName: "qwen-qwen3-32b",
        metric: "latency",
        precision: "fp16",
        profileId: "vllm-mi300x-fp16-tp1-latency",
        hardware: { gpu: { requests: 1, model: "MI300X" } },
      },
    },
  });
  assert.equal(first.status!.status, "Pending");
  assert.deepEqual(first.conditions, [
    "RuntimeConfigReady=True/DefaultConfigNotFound",
    "ImageMetadataReady=True/ImageMetadataFound",
    "ClusterServiceTemplatesReady=False/CreatingTemplates",
    "Reconciling=True/Progressing",
    "Ready=False/Progressing",
  ]);
  const made = { ...first.applied[name], status: { status: "Ready" as const } };
  const last = pass(qwen({ status: first.status }), [made]);
  assert.equal(last.status!.status, "Ready");
  assert.deepEqual(last.conditions.slice(-2), [
    "ClusterServiceTemplatesReady=True/AllTemplatesReady",
    "Ready=True/AllComponentsReady",
  ]);
});

Deno.test("worked example §6.3: a custom model of a namespace, its image not inspected", () => {
  const custom = (more: Partial<Model> = {}) =>
    model({
      image: "amdenterpriseai/aim-base:0.9",
      discovery: { extractMetadata: false },
      modelSources: [{ modelId: "test/valid", sourceUri: "hf://test/valid", size: "100Mi" }],
      custom: { hardware: { gpu: { requests: 1, model: "MI300X", resourceName: "amd.com/gpu" } } },
      customTemplates: [{ name: "default", type: "unoptimized" }],
    }, more);
  const first = pass(custom());
  const [[name, made]] = Object.entries(first.applied);
  assert.equal(made.metadata!.labels!["aim.eai.amd.com/template.alias"], "default");
  assert.deepEqual(made.spec, {
    modelName: "m",
    type: "unoptimized",
    modelSources: [{ modelId: "test/valid", sourceUri: "hf://test/valid", size: "100Mi" }],
    hardware: { gpu: { requests: 1, model: "MI300X", resourceName: "amd.com/gpu" } },
  });
  const settled = (status: "Ready" | "NotAvailable", more: KubeObject[] = []) => {
    const live: Template = { ...made, metadata: { ...made.metadata, name }, status: { status } };
    return pass(custom({ status: first.status }), [live, ...more]);
  };
  const ready = settled("Ready");
  assert.equal(ready.status!.sourceType, "Custom");
  assert.equal(ready.status!.status, "Ready");
  assert.ok(ready.conditions.includes("ImageMetadataReady=True/ImageFound"));
  const mixed = settled("Ready", [template("by-hand", "NotAvailable")]);
  assert.equal(mixed.status!.status, "Ready");
  assert.ok(mixed.conditions.includes("ServiceTemplatesReady=True/SomeTemplatesReady"));
});

// §3.9, last paragraph, and §3.1: the model's status over its components, in both scopes
const outcomes: [templates: string, namespaced: string, cluster: string, ready: string][] = [
  ["", "Progressing", "Pending", "False/Progressing"],
  ["Ready", "Ready", "Ready", "True/AllComponentsReady"],
  ["Pending", "Progressing", "Pending", "False/Progressing"],
  ["NotAvailable", "NotAvailable", "NotAvailable", "False/NoTemplatesAvailable"],
  ["Failed", "Failed", "Failed", "False/AllTemplatesFailed"],
  ["Failed Ready", "Degraded", "Degraded", "False/SomeTemplatesDegraded"],
];
for (const [statuses, namespaced, cluster, ready] of outcomes) {
  Deno.test(`a model with templates ${statuses || "none"} is ${namespaced}, a cluster model ${cluster}`, () => {
    const spec = { ...known, customTemplates: [{}] };
    for (const [object, word] of [[model(spec), namespaced], [clusterModel(spec), cluster]] as const) {
      const words = statuses === "" ? [] : statuses.split(" ");
      const made = words.map((each, at) => template(`t${at}`, each, {}, object));
      const { status } = pass(object, made);
      assert.equal(status!.status, word);
      const { status: value, reason } = status!.conditions!.find(({ type }) => type === "Ready")!;
      assert.equal(`${value}/${reason}`, ready);
    }
  });
}

Deno.test("a model that waits for the registry makes nothing, keeps what is there and says why", () => {
  for (const spec of [{}, { modelSources: [{ modelId: "a/b", sourceUri: "hf://a/b" }] }]) {
    const object = model(spec);
    const { plan, status, conditions } = pass(object, [template("old", "Ready", {}, object)]);
    assert.deepEqual(plan.children.map(({ how, ref }) => [how, ref.name]), [["keep", "old"]]);
    assert.equal(status!.status, "Progressing");
    assert.ok(conditions.includes("ImageMetadataReady=False/AwaitingMetadata"));
    assert.ok(conditions.includes("Ready=False/Progressing"));
    assert.match(
      status!.conditions!.at(-1)!.message,
      /ImageMetadata: Waiting for the registry docker\.io to tell the labels of amdenterpriseai\/aim-qwen/,
    );
  }
  const { status, conditions } = pass(clusterModel());
  assert.equal(status!.status, "Pending");
  assert.ok(conditions.includes("ClusterServiceTemplatesReady=False/AwaitingMetadata"));
});

// §3.1 and §3.2 step 1: RuntimeConfigReady
Deno.test("a missing named runtime config fails both kinds, each with its own reason, and makes nothing", () => {
  const spec = { ...known, customTemplates: [{}], runtimeConfigName: "missing" };
  for (
    const [object, reason] of [[model(spec), "ConfigNotFound"], [
      clusterModel(spec),
      "ReferenceNotFound",
    ]] as const
  ) {
    const { plan, status, conditions } = pass(object);
    assert.deepEqual(plan.children, []);
    assert.equal(status!.status, "Failed");
    assert.equal(conditions[0], `RuntimeConfigReady=False/${reason}`);
    assert.ok(conditions.includes("ConfigValid=False/ReferenceNotFound"));
    assert.ok(conditions.includes("Ready=False/ReferenceNotFound"));
  }
});

Deno.test("the runtime config in use is named in the status; a cluster model sees the cluster's only", () => {
  const configs = [config("default", {}, "ns"), config("default")];
  assert.deepEqual(pass(model(known), configs).status!.resolvedRuntimeConfig, {
    name: "default",
    namespace: "ns",
    scope: "Merged",
    kind: "AIMRuntimeConfig",
    uid: "uid-AIMRuntimeConfig-ns-default",
  });
  assert.equal(
    pass(clusterModel(known), configs).status!.resolvedRuntimeConfig!.kind,
    "AIMClusterRuntimeConfig",
  );
  assert.equal(pass(model(known)).status!.resolvedRuntimeConfig, undefined);
});

Deno.test("status fields: generation, source type, metadata", () => {
  const { status } = pass(model(known));
  assert.equal(status!.observedGeneration, 3);
  assert.equal(status!.sourceType, "Image");
  assert.deepEqual(status!.imageMetadata, known.imageMetadata);
  assert.ok(status!.conditions!.every(({ observedGeneration }) => observedGeneration === 3));
});

Deno.test("deleted models are left alone, and paused ones but for saying so", () => {
  const spec = { ...known, customTemplates: [{}] };
  const gone = pass(model(spec, { metadata: { name: "m", deletionTimestamp: "2026-01-01T00:00:00Z" } }));
  assert.deepEqual(gone.plan, { children: [], removals: [] });
  const metadata = { name: "m", annotations: { [annotation.paused]: "true" } };
  const paused = pass(model(spec, { metadata }));
  assert.deepEqual([paused.plan.children, paused.plan.removals], [[], []]);
  assert.deepEqual(paused.conditions, ["Paused=True/Paused", "Ready=False/Paused"]);
  const later = pass(model(spec, { metadata, status: paused.status }));
  assert.deepEqual(later.plan, { children: [], removals: [] });
});

Deno.test("a model without a spec says what is missing", () => {
  const object = { ...model(), spec: undefined } as Live<Model>;
  const { plan, status } = pass(object);
  assert.deepEqual(plan.children, []);
  assert.equal(status!.status, "Failed");
  assert.match(status!.conditions!.at(-1)!.message, /spec\.image is required/);
});

Deno.test("a refused template fails the model and leaves the others in the plan", () => {
  const object = model({ ...known, customTemplates: [{ name: "a" }, { name: "b" }] });
  const [first, second] = Object.keys(pass(object).applied);
  const { plan, status, conditions } = pass(object, [], {
    except: {
      [`aimservicetemplates/ns/${first}`]: {
        result: "rejected",
        category: "InvalidSpec",
        reason: "Invalid",
        message: "spec.x is wrong",
      },
    },
  });
  assert.deepEqual(plan.children.map(({ ref }) => ref.name), [first, second]);
  assert.equal(status!.status, "Failed");
  assert.ok(conditions.includes("ServiceTemplatesReady=False/Invalid"));
  assert.match(status!.conditions!.at(-1)!.message, /spec\.x is wrong/);
});

Deno.test("a flaw of a deployment stands in the message and changes no state", () => {
  const object = model({ imageMetadata: { model: { recommendedDeployments: [{ metric: "speed" }] } } });
  const { status } = pass(object);
  const told = status!.conditions!.find(({ type }) => type === "ServiceTemplatesReady")!;
  assert.equal(told.reason, "CreatingTemplates");
  assert.match(told.message, /metric "speed" is none of/);
});

Deno.test("an entry that cannot become a template fails the model, and the other entries are applied", () => {
  const { applied, status, conditions } = pass(
    model({ ...known, customTemplates: [{ name: "a b" }, { name: "c" }] }),
  );
  assert.equal(Object.keys(applied).length, 1);
  assert.equal(status!.status, "Failed");
  assert.ok(conditions.includes("ConfigValid=False/InvalidSpec"));
});

Deno.test("a model stored under an older CRD says which field is wrong", () => {
  const object = model({ customTemplates: [{ type: "best" as CustomTemplate["type"] }] });
  const { status } = pass(object);
  assert.equal(status!.status, "Failed");
  assert.match(status!.conditions!.at(-1)!.message, /spec\.customTemplates\[0\]\.type is "best"/);
});

const anyEntry: fc.Arbitrary<CustomTemplate> = fc.record({
  name: fc.constantFrom("a", "b-c", "My.Alias", "not a label"),
  type: fc.constantFrom("optimized", "unoptimized"),
  env: fc.constant([{ name: "A", value: "1" }]),
  hardware: fc.constantFrom({ gpu: { requests: 1 } }, { cpu: { requests: 2 } }),
}, { requiredKeys: [] });
const anySpec: fc.Arbitrary<ModelSpec> = fc.record({
  image: fc.constant(image),
  imageMetadata: fc.constantFrom(
    { model: {} },
    {
      model: {
        canonicalName: "a/b",
        recommendedDeployments: [{ gpuModel: "MI300X", gpuCount: 1, metric: "speed" }],
      },
    },
  ),
  discovery: fc.constantFrom({}, { extractMetadata: false }, { createServiceTemplates: false }),
  modelSources: fc.constantFrom([], [{ modelId: "a/b", sourceUri: "hf://a/b" }]),
  custom: fc.constant({ hardware: { gpu: { requests: 1, model: "MI300X" } } }),
  customTemplates: fc.array(anyEntry, { maxLength: 3 }),
  env: fc.constant([{ name: "Z", value: "" }]),
  runtimeConfigName: fc.constantFrom("default", "missing"),
}, { requiredKeys: ["image", "custom"] });

const registries = [
  undefined,
  registry({ model: { recommendedDeployments: [{ gpuModel: "MI300X", gpuCount: 1 }] } }),
  registry(new ClassifiedError("Infrastructure", "ImageNotFound", `${image} is not there`)),
  registry(new ClassifiedError("MissingUpstream", "SecretNotFound", `${image}: no Secret`)),
];

Deno.test("over its own outcome a second pass wants the same, in both scopes", () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(
      anySpec,
      fc.boolean(),
      fc.constantFrom("Ready", "Failed", "Pending"),
      fc.constantFrom<Registry | undefined>(...registries),
      (spec, cluster, word, facts) => {
        const object = (status?: Model["status"]) =>
          cluster ? clusterModel(spec, status && { status }) : model(spec, status && { status });
        const first = pass(object(), [], { facts });
        const made = Object.values(first.applied).map((each) => ({
          ...each,
          status: { status: word as "Ready" },
        }));
        const second = pass(object(stored(first.status!)), made, { facts });
        const third = pass(object(stored(second.status!)), made, { facts });
        seen.add(`${second.status!.status}`);
        assert.deepEqual(third.plan.removals, []);
        assert.deepEqual(third.applied, first.applied);
        assert.equal(
          createMergePatch(stored(second.status!), stored(third.status!)),
          undefined,
        );
        assert.deepEqual(shortConditions(third.status), shortConditions(second.status));
      },
    ),
  );
  assert.ok(seen.size >= 3, [...seen].join());
});

/** As the server has it once the runner has stamped it. */
function stored(status: NonNullable<Model["status"]>): NonNullable<Model["status"]> {
  return stampTransitions(undefined, status, 0);
}
