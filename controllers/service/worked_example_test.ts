/** Worked example §14.1 of services.md: cluster model, explicit runtime config, routing, Shared cache. */

import assert from "node:assert/strict";
import type { KubeObject } from "../../lib/kube/object.ts";
import { pass } from "./service_sample.ts";
import {
  cache,
  clusterModel,
  clusterTemplate,
  endpoint,
  route,
  runtimeConfig,
  service,
} from "./worked_example_sample.ts";

const cluster = [
  clusterModel,
  clusterTemplate,
  runtimeConfig,
  { apiVersion: "v1", kind: "Node", metadata: { name: "node", labels: { "amd.com/gpu.device-id": "74a1" } } },
] as KubeObject[];

const readyCache = {
  ...cache,
  metadata: { ...cache.metadata, uid: "uid-cache" },
  status: {
    status: "Ready",
    artifacts: {
      key: {
        name: "hf-qwen-qwen3-32b-0123456789",
        uid: "uid-artifact",
        model: "Qwen/Qwen3-32B",
        status: "Ready",
        persistentVolumeClaim: "pvc-1",
      },
    },
  },
};

Deno.test("§14.1, first pass: route and cache", () => {
  const made = pass(service, cluster);
  assert.deepEqual(made.children, [
    "apply HTTPRoute qwen-chat-a04542d9",
    "create AIMTemplateCache qwen3-32b-mi300x-fp16-latency-a04542d9",
  ]);
  assert.deepEqual(made.desired("HTTPRoute"), route);
  // Beside what the example says, the service's pull secrets reach the Jobs (caching-and-artifacts.md, weakness 17).
  const { imagePullSecrets } = service.spec!;
  assert.deepEqual(made.desired("AIMTemplateCache"), { ...cache, spec: { ...cache.spec, imagePullSecrets } });
});

Deno.test("§14.1, status after the first pass", () => {
  const made = pass(service, cluster);
  const { status, resolvedModel, resolvedTemplate, runtime, cache, routing } = made.status;
  assert.equal(status, "Starting");
  assert.deepEqual(resolvedModel, {
    name: "qwen-qwen3-32b",
    scope: "Cluster",
    uid: "uid-AIMClusterModel--qwen-qwen3-32b",
  });
  assert.deepEqual(resolvedTemplate, {
    name: "qwen3-32b-mi300x-fp16-latency",
    scope: "Cluster",
    uid: "uid-AIMClusterServiceTemplate--qwen3-32b-mi300x-fp16-latency",
  });
  assert.deepEqual(runtime, {
    currentReplicas: 2,
    desiredReplicas: 2,
    minReplicas: 2,
    maxReplicas: 2,
    replicas: "2",
  });
  assert.deepEqual([cache, routing], [undefined, undefined]);
  assert.deepEqual(made.conditions, [
    "ModelReady: True ModelResolved",
    "TemplateReady: True Resolved",
    "RuntimeConfigReady: True RuntimeConfigResolved",
    "InferenceServiceReady: False CreatingRuntime",
    "CacheReady: False CacheCreating",
    "HTTPRouteReady: False HTTPRouteCreating",
    "TemplateSelected: True BestMatch",
    "Reconciling: True Progressing",
    "Ready: False Progressing",
  ]);
  assert.equal(made.message("ModelReady"), "AIMClusterModel qwen-qwen3-32b is ready");
  assert.equal(made.message("CacheReady"), "Creating template cache");
});

Deno.test("§14.1, once the cache is Ready: the InferenceService", () => {
  const made = pass(service, [...cluster, route, readyCache]);
  assert.deepEqual(made.children, [
    "apply HTTPRoute qwen-chat-a04542d9",
    "apply InferenceService qwen-chat-a04542d9",
  ]);
  assert.deepEqual(made.desired("InferenceService"), endpoint);
  assert.deepEqual(made.status.cache?.templateCacheRef, {
    name: "qwen3-32b-mi300x-fp16-latency-a04542d9",
    namespace: "ml-team",
    uid: "uid-cache",
  });
  assert.deepEqual(made.status.routing, { path: "/ml-team/qwen-chat" });
});

Deno.test("§14.1: Running once KServe is Ready, both pods are ready, and the route is accepted", () => {
  const predictor = (name: string) =>
    ({
      apiVersion: "v1",
      kind: "Pod",
      metadata: {
        name,
        namespace: "ml-team",
        labels: { "serving.kserve.io/inferenceservice": "qwen-chat-a04542d9" },
      },
      status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }] },
    }) as KubeObject;
  const up: KubeObject[] = [
    ...cluster,
    readyCache,
    { ...route, status: { parents: [{ conditions: [{ type: "Accepted", status: "True" }] }] } } as KubeObject,
    { ...endpoint, status: { conditions: [{ type: "Ready", status: "True" }] } } as KubeObject,
    predictor("p"),
    predictor("q"),
  ];
  assert.equal(pass(service, up).status.status, "Running");
  for (const missing of ["AIMTemplateCache", "HTTPRoute", "InferenceService", "Pod"]) {
    const made = pass(service, up.filter(({ kind }) => kind !== missing));
    assert.notEqual(made.status.status, "Running", missing);
  }
});
