/** Services with a custom model: which model is theirs, and which is made (services.md §4). */

import assert from "node:assert/strict";
import type { AIMModel, AIMServiceSpec, Hardware, ModelSource } from "../../../lib/api/mod.ts";
import { config, model, pass, service } from "../service_sample.ts";

const baseImage = "amdenterpriseai/aim-base:0.9";
const source: ModelSource = { modelId: "Qwen/Qwen2-0.5B", sourceUri: "hf://Qwen/Qwen2-0.5B" };
const hardware: Hardware = { gpu: { requests: 1, resourceName: "amd.com/gpu" } };
/** Vector of §1.1. */
const name = "qwen-qwen2-0-5b-8cd3ca3d";

const custom = (
  parts: { source?: Partial<ModelSource>; hardware?: Hardware; spec?: Partial<AIMServiceSpec> } = {},
) =>
  service({
    spec: {
      ...parts.spec,
      model: {
        custom: {
          baseImage,
          modelSources: [{ ...source, ...parts.source }],
          hardware: parts.hardware ?? hardware,
        },
      },
    },
  });
const existing = (spec: Partial<AIMModel["spec"]> = {}, metadata: Partial<AIMModel["metadata"]> = {}) =>
  model({
    metadata: { name, ...metadata },
    spec: { image: baseImage, modelSources: [source], custom: { hardware }, ...spec },
  });

Deno.test("a model with the same image, weights and hardware is reused, whoever made it", () => {
  const found = pass(custom(), [existing({}, { name: "by-hand" })]);
  assert.equal(found.message("ModelReady"), "AIMModel by-hand is ready");
});

Deno.test("Better: where the runtime config wants no discovery, the base image is not inspected", () => {
  const made = (autoDiscovery: boolean) =>
    pass(custom(), [config({ model: { autoDiscovery } })]).desired<AIMModel>("AIMModel")!.spec!.discovery;
  assert.deepEqual(made(false), { extractMetadata: false });
  assert.equal(made(true), undefined);
});

const same: [title: string, service: ReturnType<typeof custom>, spec: Partial<AIMModel["spec"]>][] = [
  ["size", custom({ source: { size: "1Gi" } }), {}],
  ["env other than the S3 endpoint", custom({ source: { env: [{ name: "HF_TOKEN", value: "x" }] } }), {}],
  ["pull secrets", custom({ spec: { imagePullSecrets: [{ name: "x" }] } }), {}],
  ["the notation of a quantity", custom({ hardware: { cpu: { requests: "1" } } }), {
    custom: { hardware: { cpu: { requests: "1000m" } } },
  }],
  ["the default resource name", custom({ hardware: { gpu: { requests: 1 } } }), {}],
];
for (const [title, wanting, spec] of same) {
  Deno.test(`not compared: ${title}`, () => {
    assert.equal(pass(wanting, [existing(spec)]).condition("ModelReady"), "True ModelResolved");
  });
}

const endpoint = (value: string) => [{ name: "AWS_ENDPOINT_URL", value }];
const different: [title: string, service: ReturnType<typeof custom>, spec: Partial<AIMModel["spec"]>][] = [
  ["model id", custom({ source: { modelId: "org/other" } }), {}],
  ["place", custom({ source: { sourceUri: "hf://org/other" } }), {}],
  ["S3 endpoint", custom({ source: { env: endpoint("http://minio") } }), {}],
  ["image", custom(), { image: "amdenterpriseai/aim-base:1.0" }],
];
for (const [title, wanting, spec] of different) {
  Deno.test(`compared: ${title}`, () => {
    const other = existing(spec, { name: "other" });
    assert.equal(pass(wanting, [other]).condition("ModelReady"), "False CreatingModel");
  });
}

Deno.test("Better §4: other hardware makes a model of its own, whose name hashes the hardware", () => {
  const two = { gpu: { requests: 2, resourceName: "amd.com/gpu" } };
  const made = pass(custom({ hardware: two }), [existing()]).desired<AIMModel>("AIMModel")!;
  assert.notEqual(made.metadata.name, name);
  assert.match(made.metadata.name, /^qwen-qwen2-0-5b-[0-9a-f]{8}$/);
  assert.deepEqual(made.spec?.custom?.hardware, two);
  const again = pass(custom({ hardware: two }), [
    existing(),
    { ...made, status: { status: "Ready" } } as AIMModel,
  ]);
  assert.equal(again.message("ModelReady"), `AIMModel ${made.metadata.name} is ready`);
});

Deno.test("Better §4: of several the oldest, then by name", () => {
  const [young, old] = ["2025-01-02T00:00:00Z", "2025-01-01T00:00:00Z"];
  const pick = (...models: AIMModel[]) => pass(custom(), models).status.resolvedModel?.name;
  assert.equal(
    pick(
      existing({}, { name: "a", creationTimestamp: young }),
      existing({}, { name: "b", creationTimestamp: old }),
    ),
    "b",
  );
  assert.equal(
    pick(
      existing({}, { name: "b", creationTimestamp: old }),
      existing({}, { name: "a", creationTimestamp: old }),
    ),
    "a",
  );
});

Deno.test("Better §4: the service's label holds its sanitized name", () => {
  const long = service({ metadata: { name: "x".repeat(80) }, spec: custom().spec });
  const { labels } = pass(long, []).desired<AIMModel>("AIMModel")!.metadata;
  // With a tail of eight digits of SHA-256 of the name as JSON.
  assert.equal(labels?.["aim.eai.amd.com/service"], `${"x".repeat(54)}-9d79e0a3`);
});

Deno.test("env, runtime config, secrets and account of the service go into the model", () => {
  const spec = {
    env: [{ name: "A", value: "1" }],
    imagePullSecrets: [{ name: "x" }],
    serviceAccountName: "sa",
  };
  const made = pass(custom({ spec }), []).desired<AIMModel>("AIMModel")!;
  assert.deepEqual(made.spec, { image: baseImage, modelSources: [source], custom: { hardware }, ...spec });
});

Deno.test("a model of the wanted name with other weights is told, not waited for", () => {
  const taken = existing({ modelSources: [{ ...source, sourceUri: "hf://org/other" }] });
  const failed = pass(custom(), [taken]);
  assert.equal(failed.status.status, "Failed");
  assert.match(failed.message("ModelReady")!, new RegExp(name));
  assert.deepEqual(failed.children, []);
});

Deno.test("§1.3: an env entry with an empty value is written with its name only", () => {
  const env = [{ name: "A", value: "" }, { name: "B", value: "b" }];
  const written = [{ name: "A" }, { name: "B", value: "b" }];
  const made = pass(custom({ source: { env }, spec: { env } }), []).desired<AIMModel>("AIMModel")!;
  assert.deepEqual(made.spec?.env, written);
  assert.deepEqual(made.spec?.modelSources?.[0].env, written);
});
