/** Dedicated caches (services.md §7.1–§7.4, §11.3 "Cache") and the worked example with one (§14.2). */

import assert from "node:assert/strict";
import type { AIMModel, AIMService, AIMTemplateCache } from "../../../lib/api/mod.ts";
import type { InferenceService } from "../../../lib/operator/objects.ts";
import { liveObject } from "../../../lib/operator/runner/view_fixture.ts";
import {
  cache,
  endpoint,
  inferenceService,
  model,
  owner,
  pass,
  pod,
  service,
  template,
} from "../service_sample.ts";

const dedicated = { caching: { mode: "Dedicated" } } as const;
/** Vector of §1.1 for template `t1`, service `s` and the sample's UID. */
const name = "t1-s-16b81fda";
const own = (status = "Ready", parts: Partial<AIMTemplateCache["metadata"]> = {}) =>
  cache({
    metadata: { name, ownerReferences: [owner], ...parts },
    spec: { mode: "Dedicated" },
    status: { status: status as "Ready" },
  });

for (const mode of ["Dedicated", "Never"] as const) {
  Deno.test(`caching mode ${mode}: a cache of its own, owned by the service`, () => {
    const made = pass(service({ spec: { caching: { mode } } }), [model(), template(), cache()]);
    const desired = made.desired<AIMTemplateCache>("AIMTemplateCache")!;
    assert.equal(desired.metadata.name, name);
    assert.equal(desired.spec?.mode, "Dedicated");
    assert.deepEqual(desired.metadata.ownerReferences, [owner]);
  });
}

Deno.test("it is found by its name, mode and owner", () => {
  const found = (...caches: AIMTemplateCache[]) =>
    pass(service({ spec: dedicated }), [model(), template(), ...caches]).condition("CacheReady");
  assert.equal(found(own()), "True CacheReady");
  assert.equal(found(own("Progressing")), "False CacheNotReady");
  assert.equal(found(cache()), "False CacheCreating");
  assert.equal(
    found(own("Ready", { ownerReferences: [{ ...owner, uid: "former" }] })),
    "False CacheCreating",
  );
});

Deno.test("one that a backup brought back without its owner becomes the service's again, unless it is paused", () => {
  const labels = {
    "aim.eai.amd.com/service.name": "s",
    "app.kubernetes.io/managed-by": "aim-service-controller",
  };
  const adopted = (annotations?: Record<string, string>) => {
    const left = own("Ready", {
      ownerReferences: [],
      labels,
      ...(annotations === undefined ? {} : { annotations }),
    });
    const { plan, children } = pass(service({ spec: dedicated }), [model(), template(), left]);
    assert.ok(!children.some((child) => child.includes("AIMTemplateCache")), "none is made beside it");
    return (plan.edits ?? []).map(({ ref, patch }) => [ref.name, patch]);
  };
  assert.deepEqual(adopted(), [[name, { metadata: { ownerReferences: [owner] } }]]);
  assert.deepEqual(adopted({ "aim.eai.amd.com/reconciliation-paused": "true" }), []);
});

Deno.test("deleted under a running endpoint: Degraded, made again, the volumes stay", () => {
  const made = pass(service({ spec: dedicated }), [model(), template(), inferenceService(), pod()]);
  assert.equal(made.condition("CacheReady"), "False CacheCreating");
  assert.equal(made.message("CacheReady"), "Dedicated template cache is being recreated");
  assert.equal(made.status.status, "Degraded");
  assert.deepEqual(made.children.map((child) => child.split(" ").slice(1).join(" ")), [
    `AIMTemplateCache ${name}`,
    `InferenceService ${endpoint}`,
  ]);
  const { predictor } = made.desired<InferenceService>("InferenceService")!.spec!;
  assert.deepEqual(predictor!.volumes![1], { name: "a", persistentVolumeClaim: { claimName: "pvc-1" } });
});

const apiVersion = "aim.eai.amd.com/v1alpha1";
const uid = "22222222-3333-4444-5555-666666666666";
const modelSources = [{ modelId: "Qwen/Qwen2-0.5B", sourceUri: "hf://Qwen/Qwen2-0.5B" }];
const custom = liveObject<AIMService>({
  apiVersion,
  kind: "AIMService",
  metadata: { name: "my-custom", namespace: "ml-team", uid },
  spec: {
    model: {
      custom: {
        baseImage: "amdenterpriseai/aim-base:0.9",
        modelSources,
        // The CRD fills in the name of the resource.
        hardware: { gpu: { requests: 1, resourceName: "amd.com/gpu" } },
      },
    },
    template: { allowUnoptimized: true },
    caching: { mode: "Dedicated" },
  },
});
const modelName = "qwen-qwen2-0-5b-8cd3ca3d";
const templateName = `${modelName}-custom-b146a41e`;
const madeModel = {
  apiVersion,
  kind: "AIMModel",
  metadata: {
    name: modelName,
    namespace: "ml-team",
    labels: {
      "aim.eai.amd.com/origin": "auto-generated",
      "aim.eai.amd.com/custom-model": "true",
      "aim.eai.amd.com/service": "my-custom",
      "aim.eai.amd.com/service.name": "my-custom",
      "app.kubernetes.io/managed-by": "aim-service-controller",
    },
  },
  spec: {
    image: "amdenterpriseai/aim-base:0.9",
    modelSources,
    custom: { hardware: { gpu: { requests: 1, resourceName: "amd.com/gpu" } } },
  },
} satisfies AIMModel;

Deno.test("§14.2, first pass: the model", () => {
  const made = pass(custom, []);
  assert.deepEqual(made.desired("AIMModel"), madeModel);
  assert.equal(made.status.status, "Pending");
  assert.equal(made.condition("ModelReady"), "False CreatingModel");
  assert.equal(made.message("ModelReady"), "Custom model will be created for Qwen/Qwen2-0.5B");
});

const readyModel = { ...madeModel, status: { status: "Ready" } } as AIMModel;
const madeTemplate = {
  ...template({
    metadata: { name: templateName, namespace: "ml-team" },
    spec: { modelName, modelSources, type: "unoptimized", hardware: { gpu: { requests: 1 } } },
    status: {
      modelSources,
      profile: { metadata: { type: "unoptimized" } },
      resolvedHardware: { gpu: { requests: 1, resourceName: "amd.com/gpu" } },
    },
  }),
};

Deno.test("§14.2, next pass: the Dedicated cache, then the InferenceService", () => {
  const second = pass(custom, [readyModel, madeTemplate]);
  const made = second.desired<AIMTemplateCache>("AIMTemplateCache")!;
  assert.equal(made.metadata.name, "qwen-qwen2-0-5b-8cd3ca3d-custom-b146a41e-my-custom-6f048e9b");
  assert.equal(made.spec?.mode, "Dedicated");
  assert.equal(made.spec?.templateScope, "Namespace");
  assert.deepEqual(made.metadata.ownerReferences, [
    { apiVersion, kind: "AIMService", name: "my-custom", uid, controller: true },
  ]);

  const readyCache = {
    ...made,
    status: {
      status: "Ready",
      artifacts: {
        k: { name: "w", uid: "u", model: "Qwen/Qwen2-0.5B", status: "Ready", persistentVolumeClaim: "pvc" },
      },
    },
  } as AIMTemplateCache;
  const third = pass(custom, [readyModel, madeTemplate, readyCache]);
  const isvc = third.desired<InferenceService>("InferenceService")!;
  assert.equal(isvc.metadata!.name, "my-custom-a04542d9");
  assert.equal(isvc.metadata!.labels!["aim.eai.amd.com/metric"], undefined);
  assert.equal(isvc.metadata!.labels!["aim.eai.amd.com/precision"], undefined);
  const { minReplicas, maxReplicas, affinity, containers } = isvc.spec!.predictor!;
  assert.deepEqual([minReplicas, maxReplicas, affinity], [1, 1, undefined]);
  assert.deepEqual(containers![0].env, [
    { name: "AIM_CACHE_PATH", value: "/workspace/cache" },
    { name: "AIM_MODEL_ID", value: "Qwen/Qwen2-0.5B" },
    { name: "VLLM_ENABLE_METRICS", value: "true" },
  ]);
  assert.deepEqual(containers![0].resources, {
    requests: { cpu: "4", memory: "32Gi", "amd.com/gpu": "1" },
    limits: { memory: "48Gi", "amd.com/gpu": "1" },
  });
  assert.equal(containers![0].volumeMounts![1].mountPath, "/workspace/cache/Qwen/Qwen2-0.5B");
});
