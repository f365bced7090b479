/** The defaults of api.md §7 and §8, which the API server fills in where the parent is present (§1). */
import assert from "node:assert/strict";
import type { Server } from "./server.ts";

const source = { modelId: "a/b", sourceUri: "hf://a/b" };

const filled: [string, string, unknown, unknown][] = [
  ["replicas only", "AIMService", { model: { name: "m" } }, { model: { name: "m" }, replicas: 1 }],
  ["no spec from nothing", "AIMService", undefined, undefined],
  [
    "what stands in empty objects",
    "AIMService",
    {
      model: { name: "m" },
      caching: {},
      storage: {},
      routing: { gatewayRef: { name: "g" } },
      overrides: { hardware: { gpu: {} } },
      autoScaling: { metrics: [{ type: "PodMetric", podmetric: { metric: {}, target: { type: "Value" } } }] },
      imagePullSecrets: [{}],
      env: [{ name: "A", valueFrom: { secretKeyRef: { key: "k" } } }],
    },
    {
      model: { name: "m" },
      replicas: 1,
      caching: { mode: "Shared" },
      storage: { pvcHeadroomPercent: 10 },
      routing: { gatewayRef: { name: "g", group: "gateway.networking.k8s.io", kind: "Gateway" } },
      overrides: { hardware: { gpu: { resourceName: "amd.com/gpu" } } },
      autoScaling: {
        metrics: [{
          type: "PodMetric",
          podmetric: { metric: { backend: "opentelemetry" }, target: { type: "Value" } },
        }],
      },
      imagePullSecrets: [{ name: "" }],
      env: [{ name: "A", valueFrom: { secretKeyRef: { key: "k", name: "" } } }],
    },
  ],
  ["nothing in a plain model", "AIMModel", { image: "i" }, { image: "i" }],
  [
    "discovery and the type of custom templates",
    "AIMClusterModel",
    {
      image: "i",
      discovery: {},
      custom: {},
      customTemplates: [{ hardware: { gpu: {} } }],
      modelSources: [source],
    },
    {
      image: "i",
      discovery: { extractMetadata: true, createServiceTemplates: true },
      custom: {},
      customTemplates: [{ type: "unoptimized", hardware: { gpu: { resourceName: "amd.com/gpu" } } }],
      modelSources: [source],
    },
  ],
  ["nothing in a plain template", "AIMServiceTemplate", { modelName: "m" }, { modelName: "m" }],
  ["caching of a template", "AIMServiceTemplate", { modelName: "m", caching: {} }, {
    modelName: "m",
    caching: { enabled: false },
  }],
  ["nothing in a plain cluster template", "AIMClusterServiceTemplate", { modelName: "m" }, {
    modelName: "m",
  }],
  ["the mode of a cache", "AIMTemplateCache", { templateName: "t", templateScope: "Unknown" }, {
    templateName: "t",
    templateScope: "Unknown",
    mode: "Shared",
  }],
  ["the download image", "AIMArtifact", { sourceUri: "hf://a/b" }, {
    sourceUri: "hf://a/b",
    modelDownloadImage: "ghcr.io/silogen/aim-artifact-downloader:0.2.0",
  }],
  ["nothing in an empty configuration", "AIMRuntimeConfig", {}, {}],
  ["storage and label propagation", "AIMClusterRuntimeConfig", { storage: {}, labelPropagation: {} }, {
    storage: { pvcHeadroomPercent: 10 },
    labelPropagation: { enabled: false },
  }],
  ["registry, interval and limit of a source", "AIMClusterModelSource", { filters: [{ image: "a/b" }] }, {
    filters: [{ image: "a/b" }],
    registry: "docker.io",
    syncInterval: "1h",
    maxModels: 100,
  }],
];

export async function defaults(server: Server, test: Deno.TestContext): Promise<void> {
  for (const [what, kind, written, stored] of filled) {
    await test.step(`${kind}: ${what}`, async () => {
      const object = await server.created(kind, written);
      assert.deepEqual(object.spec, stored);
    });
  }
}
