import assert from "node:assert/strict";
import type { CustomTemplate, ModelSpec, RecommendedDeployment } from "../../lib/api/mod.ts";
import { clusterModel, image, model } from "./model_sample.ts";
import { clusterScope, namespaceScope } from "./scope.ts";
import { wantedTemplates } from "./templates.ts";

const sources = [{ modelId: "a/b", sourceUri: "hf://a/b" }];
const recommending = (...deployments: RecommendedDeployment[]): Partial<ModelSpec> => ({
  imageMetadata: { model: { recommendedDeployments: deployments } },
});
const wanted = (spec: Partial<ModelSpec>) => wantedTemplates(model(spec), namespaceScope);
const specs = (spec: Partial<ModelSpec>) => wanted(spec).templates.map((template) => template.spec);
const entry = (entry: CustomTemplate, spec: Partial<ModelSpec> = {}) =>
  specs({ imageMetadata: {}, ...spec, customTemplates: [entry] })[0];

Deno.test("a recommended deployment gives exactly these fields (§3.6)", () => {
  const deployment = {
    gpuModel: "MI300X",
    gpuCount: 2,
    metric: "latency",
    precision: "fp8",
    profileId: "p",
    description: "unread",
  };
  const spec = {
    ...recommending(deployment),
    imagePullSecrets: [{ name: "pull" }],
    serviceAccountName: "sa",
    env: [{ name: "A", value: "1" }],
    resources: { requests: { memory: "1Gi" } },
    custom: { type: "optimized" as const, hardware: { cpu: { requests: "1" } } },
  };
  assert.deepEqual(specs(spec), [{
    modelName: "m",
    imagePullSecrets: [{ name: "pull" }],
    serviceAccountName: "sa",
    metric: "latency",
    precision: "fp8",
    profileId: "p",
    hardware: { gpu: { requests: 2, model: "MI300X" } },
  }]);
});

const hardwareRows: [RecommendedDeployment, object | undefined][] = [
  [{ gpuModel: "MI300X", gpuCount: 1 }, { gpu: { requests: 1, model: "MI300X" } }],
  [{ gpuModel: "MI300X", gpuCount: 0 }, undefined],
  [{ gpuModel: "MI300X" }, undefined],
  [{ gpuCount: 8 }, undefined],
  [{ gpuModel: "", gpuCount: 8 }, undefined],
];
for (const [deployment, hardware] of hardwareRows) {
  Deno.test(`hardware of the deployment ${JSON.stringify(deployment)}`, () => {
    assert.deepEqual(specs(recommending(deployment))[0]!.hardware, hardware);
  });
}

Deno.test("Better (api.md §10.2): an unknown metric or precision is left out and said, the rest stays", () => {
  const { templates, flaws } = wanted(recommending({ metric: "speed", precision: "fp9", profileId: "p" }));
  assert.deepEqual(templates[0].spec, { modelName: "m", profileId: "p" });
  assert.equal(flaws.length, 2);
  assert.match(flaws[0], /metric "speed" is none of latency, throughput/);
  assert.match(flaws[1], /precision "fp9"/);
});

// §3.7 test vectors of recommended deployments
Deno.test("metadata written by hand makes no templates without number: a pass over them would hold up all others", () => {
  const many = Array.from({ length: 300 }, (_, n) => ({ gpuModel: "MI300X", gpuCount: n + 1 }));
  const { templates, flaws } = wanted(recommending(...many));
  assert.equal(templates.length, 256);
  assert.deepEqual(flaws, ["300 deployments are recommended, and templates are made of the first 256"]);
  assert.deepEqual(wanted(recommending(...many.slice(0, 256))).flaws, []);
});

const names: [string, string, RecommendedDeployment, string][] = [
  [
    "qwen-qwen3-32b",
    image,
    { gpuCount: 1, gpuModel: "MI300X", metric: "latency", precision: "fp16" },
    "amdenterpriseai-aim-qwen-qwen3-32b-0-8-1x-mi300x-lat-fp16-59b1",
  ],
  [
    "qwen-qwen3-32b",
    image,
    { gpuCount: 8, gpuModel: "MI300X", metric: "throughput", precision: "fp8" },
    "amdenterpriseai-aim-qwen-qwen3-32b-0-8-5-8x-mi300x-thr-fp8-c990",
  ],
  ["qwen-qwen3-32b", image, { gpuModel: "MI300X" }, "amdenterpriseai-aim-qwen-qwen3-32b-0-8-5-mi300x-2907"],
  ["qwen-qwen3-32b", image, { gpuCount: 2 }, "amdenterpriseai-aim-qwen-qwen3-32b-0-8-5-x2-6b5e"],
  ["qwen-qwen3-32b", image, {}, "amdenterpriseai-aim-qwen-qwen3-32b-0-8-5-part-e371"],
  [
    "m",
    "registry.example.com/some/deep/path/aim-mistralai-mixtral-8x22b-instruct-v0.1:0.8.5-rc1",
    { gpuCount: 8, gpuModel: "MI300X", metric: "throughput", precision: "fp8" },
    "registry-example-com-some-deep-path-aim-8x-mi300x-thr-fp8-eef9",
  ],
  [
    "test-model-auto-templates",
    "ghcr.io/silogen/aim-dummy:0.1.10",
    { gpuCount: 1, gpuModel: "MI300X", metric: "latency", precision: "fp16" },
    "ghcr-io-silogen-aim-dummy-0-1-10-1x-mi300x-lat-fp16-a16f",
  ],
];
for (const [name, image, deployment, expected] of names) {
  Deno.test(`deployment ${JSON.stringify(deployment)} of ${image} is named ${expected}`, () => {
    const object = model({ image, ...recommending(deployment) }, { metadata: { name } });
    assert.deepEqual(wantedTemplates(object, namespaceScope).templates.map((each) => each.metadata!.name), [
      expected,
    ]);
  });
}

Deno.test("custom templates have the names of the vectors, by index, also behind others (§3.7)", () => {
  const named = (spec: Partial<ModelSpec>) =>
    wantedTemplates(
      model({ modelSources: sources, ...spec }, { metadata: { name: "my-custom-qwen" } }),
      namespaceScope,
    )
      .templates.map((template) => template.metadata!.name);
  assert.deepEqual(named({}), ["my-custom-qwen-custom-4a20e66e"]);
  const entries = named({
    customTemplates: [
      { name: "high-memory", hardware: { gpu: { requests: 2 } } },
      { name: "standard" },
      {},
      {
        name: "latency-optimized",
        profile: { metric: "latency", precision: "fp16" },
        hardware: { gpu: { requests: 1, model: "MI300X" } },
      },
    ],
  });
  assert.equal(entries[0], "my-custom-qwen-custom-high-memory-2f79a15b");
  assert.equal(entries[1], "my-custom-qwen-custom-standard-ded887fd");
  assert.equal(entries[3], "my-custom-qwen-custom-latency-optimized-fp16-mi300x-fbee5f26");
});

Deno.test("Better: deployments that differ in their profile only get a template each, equal ones share one", () => {
  const same = { gpuModel: "MI300X", gpuCount: 1, metric: "latency", precision: "fp16" };
  const { templates } = wantedTemplates(
    model(
      recommending(
        { ...same, profileId: "p1" },
        { ...same, profileId: "p2" },
        { ...same, profileId: "p1", description: "again" },
        same,
      ),
      { metadata: { name: "qwen-qwen3-32b" } },
    ),
    namespaceScope,
  );
  assert.deepEqual(templates.map(({ spec }) => spec!.profileId), ["p1", "p2", undefined]);
  const made = templates.map(({ metadata }) => metadata!.name!);
  assert.equal(made[0], "amdenterpriseai-aim-qwen-qwen3-32b-0-8-1x-mi300x-lat-fp16-59b1");
  // sha256 of "qwen-qwen3-32b-amdenterpriseai/aim-qwen-qwen3-32b:0.8.5-MI300X-x1-latency-fp16-p2", quoted
  assert.equal(made[1], "amdenterpriseai-aim-qwen-qwen3-32b-0-8-1x-mi300x-lat-fp16-ea48");
  assert.equal(new Set(made).size, 3);
});

Deno.test("an entry gives exactly these fields (§3.6)", () => {
  const spec = entry({
    name: "fast",
    type: "preview",
    env: [{ name: "B", value: "2" }, { name: "A", value: "3" }],
    hardware: { gpu: { requests: 1, model: "MI300X", resourceName: "amd.com/gpu" }, cpu: { requests: 4 } },
    profile: { metric: "throughput", precision: "bf16" },
  }, {
    modelSources: [{ ...sources[0], size: "1024Mi", env: [{ name: "E", value: "" }] }],
    imagePullSecrets: [{ name: "pull" }],
    serviceAccountName: "sa",
    env: [{ name: "A", value: "1" }, { name: "C", value: "" }],
    resources: { limits: { memory: "1Gi" } },
    custom: { hardware: { cpu: { requests: "1", limits: "8" } } },
  });
  assert.deepEqual(spec, {
    modelName: "m",
    imagePullSecrets: [{ name: "pull" }],
    serviceAccountName: "sa",
    modelSources: [{ ...sources[0], size: "1Gi", env: [{ name: "E" }] }],
    type: "preview",
    env: [{ name: "A", value: "3" }, { name: "C" }, { name: "B", value: "2" }],
    hardware: {
      gpu: { requests: 1, model: "MI300X", resourceName: "amd.com/gpu" },
      cpu: { requests: "4", limits: "8" },
    },
    resources: { requests: { cpu: "4" }, limits: { cpu: "8" } },
    metric: "throughput",
    precision: "bf16",
  });
});

Deno.test("an empty entry of an image-based model asks for nothing but discovery", () => {
  assert.deepEqual(entry({}), { modelName: "m" });
});

// §3.6 row `type`; a stored `unoptimized` is the schema's default and counts as unset
const types: [ModelSpec["custom"], CustomTemplate["type"], string][] = [
  [undefined, undefined, "unoptimized"],
  [undefined, "optimized", "optimized"],
  [{ type: "preview" }, "optimized", "optimized"],
  [{ type: "preview" }, undefined, "preview"],
  [{ type: "preview" }, "unoptimized", "preview"],
  [{}, "unoptimized", "unoptimized"],
];
for (const [custom, type, expected] of types) {
  Deno.test(`type ${type} of an entry over ${custom?.type} of the model is ${expected}`, () => {
    assert.equal(entry({ type }, { custom, modelSources: sources })!.type, expected);
    // The type of a template wins over discovery (api.md): none is given where the user asked for none.
    const asked = expected === "unoptimized" ? undefined : expected;
    assert.equal(entry({ type }, { custom })!.type, asked);
  });
}

Deno.test("a custom model's deployments are not used; without entries one template is made (§3.6)", () => {
  const spec = {
    ...recommending({ gpuModel: "MI300X", gpuCount: 1 }),
    modelSources: sources,
    env: [{ name: "A", value: "1" }],
    custom: { hardware: { gpu: { requests: 1 } }, type: "optimized" as const },
  };
  assert.deepEqual(specs(spec), [{
    modelName: "m",
    modelSources: sources,
    type: "optimized",
    env: [{ name: "A", value: "1" }],
    hardware: { gpu: { requests: 1 } },
  }]);
});

Deno.test("an image-based model has its deployments and its entries", () => {
  const all = specs({
    ...recommending({ gpuModel: "MI300X", gpuCount: 1 }),
    customTemplates: [{ name: "mine" }],
  });
  assert.deepEqual(all, [
    { modelName: "m", hardware: { gpu: { requests: 1, model: "MI300X" } } },
    { modelName: "m" },
  ]);
});

Deno.test("Better (model-sources-and-config.md §10.1): templates go by the model's runtime config", () => {
  const spec = { ...recommending({}), customTemplates: [{}], runtimeConfigName: "mine" };
  assert.deepEqual(specs(spec).map((each) => each!.runtimeConfigName), ["mine", "mine"]);
});

Deno.test("labels and owner of templates in both scopes (§3.8)", () => {
  const labels = {
    team: "a",
    other: "b",
    "aim.eai.amd.com/custom": "kept",
    "aim.eai.amd.com/origin": "mine",
  };
  const spec = { modelSources: sources, customTemplates: [{ name: "My.Alias" }, {}] };
  const propagation = { enabled: true, match: ["team"] };
  const own = model(spec, { metadata: { name: "m", labels } });
  const [aliased, nameless] = wantedTemplates(own, namespaceScope, propagation).templates;
  assert.deepEqual(aliased.metadata, {
    name: aliased.metadata!.name,
    namespace: "ns",
    labels: {
      team: "a",
      "aim.eai.amd.com/custom": "kept",
      "aim.eai.amd.com/model": "m",
      "aim.eai.amd.com/origin": "auto-generated",
      "aim.eai.amd.com/template.alias": "My.Alias",
      "app.kubernetes.io/managed-by": "aim-model-controller",
      "aim.eai.amd.com/model.name": "m",
    },
    ownerReferences: [{
      apiVersion: "aim.eai.amd.com/v1alpha1",
      kind: "AIMModel",
      name: "m",
      uid: own.metadata.uid,
      controller: true,
    }],
  });
  assert.equal(nameless.metadata!.labels!["aim.eai.amd.com/template.alias"], undefined);

  const shared = clusterModel(spec);
  const [cluster] = wantedTemplates(shared, clusterScope).templates;
  assert.equal(cluster.kind, "AIMClusterServiceTemplate");
  assert.deepEqual(cluster.metadata, {
    name: cluster.metadata!.name,
    labels: {
      "aim.eai.amd.com/model": "m",
      "aim.eai.amd.com/origin": "auto-generated",
      "aim.eai.amd.com/template.alias": "My.Alias",
      "app.kubernetes.io/managed-by": "aim-cluster-model-controller",
      "aim.eai.amd.com/cluster-model.name": "m",
    },
    ownerReferences: [{
      apiVersion: "aim.eai.amd.com/v1alpha1",
      kind: "AIMClusterModel",
      name: "m",
      uid: shared.metadata.uid,
      controller: true,
    }],
  });
});

Deno.test("Better (§3.1): a cluster model's templates get its env as a namespace's do", () => {
  const object = clusterModel({ modelSources: sources, env: [{ name: "A", value: "1" }] });
  assert.deepEqual(wantedTemplates(object, clusterScope).templates[0].spec!.env, [{ name: "A", value: "1" }]);
});

Deno.test("Better (§3.8, weak 14): a model's name of 253 characters still makes legal labels", () => {
  const name = "n".repeat(253);
  const [made] =
    wantedTemplates(model({ modelSources: sources }, { metadata: { name } }), namespaceScope).templates;
  assert.equal(made.spec!.modelName, name);
  for (const value of Object.values(made.metadata!.labels!)) assert.ok(value.length <= 63);
});

Deno.test("Better (api.md §10.2): a name that is no label value stops its own entry only", () => {
  const { templates, refused } = wanted({
    modelSources: sources,
    customTemplates: [{ name: "no/label" }, { name: "b" }],
  });
  assert.deepEqual(templates.map((each) => each.metadata!.labels!["aim.eai.amd.com/template.alias"]), ["b"]);
  assert.equal(refused.length, 1);
  assert.match(refused[0], /spec\.customTemplates\[0\]\.name is "no\/label"/);
});
