/** Worked example §14.1 of services.md: cluster model, explicit runtime config, routing, Shared cache. */

import assert from "node:assert/strict";
import type { AIMService } from "../../lib/api/mod.ts";
import type { Live } from "../../lib/kube/object.ts";
import type { KubeObject } from "../../lib/kube/object.ts";
import { liveObject } from "../../lib/operator/core/view_fixture.ts";
import { pass } from "./service_sample.ts";

const apiVersion = "aim.eai.amd.com/v1alpha1";
const uid = "11111111-2222-3333-4444-555555555555";
const hfToken = { name: "HF_TOKEN", valueFrom: { secretKeyRef: { name: "hf", key: "token" } } };

const service: Live<AIMService> = liveObject<AIMService>({
  apiVersion,
  kind: "AIMService",
  metadata: { name: "qwen-chat", namespace: "ml-team", uid, labels: { team: "nlp", "cost-center": "cc-1" } },
  spec: {
    model: { name: "qwen-qwen3-32b" },
    runtimeConfigName: "default",
    replicas: 2,
    env: [hfToken, { name: "AIM_ENGINE_ARGS", value: '{"max-model-len": 8192}' }],
    imagePullSecrets: [{ name: "regcred" }],
    resources: { limits: { memory: "96Gi" } },
  },
});

const resolvedNodeAffinity = {
  requiredDuringSchedulingIgnoredDuringExecution: {
    nodeSelectorTerms: [{
      matchExpressions: [{
        key: "amd.com/gpu.device-id",
        operator: "In",
        values: ["74a1", "74a9", "74b5", "74bd"],
      }],
    }],
  },
};

const cluster: KubeObject[] = [
  {
    apiVersion,
    kind: "AIMClusterModel",
    metadata: { name: "qwen-qwen3-32b" },
    spec: { image: "amdenterpriseai/aim-qwen-qwen3-32b:0.8.5" },
    status: { status: "Ready" },
  },
  {
    apiVersion,
    kind: "AIMClusterServiceTemplate",
    metadata: { name: "qwen3-32b-mi300x-fp16-latency" },
    spec: {
      modelName: "qwen-qwen3-32b",
      metric: "latency",
      precision: "fp16",
      profileId: "vllm-mi300x-fp16-tp1-latency",
      hardware: { gpu: { requests: 1, model: "MI300X" } },
      env: [{ name: "VLLM_LOG", value: "info" }],
    },
    status: {
      status: "Ready",
      modelSources: [{ modelId: "Qwen/Qwen3-32B", sourceUri: "hf://Qwen/Qwen3-32B", size: "65Gi" }],
      resolvedHardware: { gpu: { requests: 1, model: "MI300X", resourceName: "amd.com/gpu" } },
      resolvedNodeAffinity,
      profile: {
        metadata: { type: "optimized", gpu: "MI300X", gpuCount: 1, metric: "latency", precision: "fp16" },
      },
    },
  },
  {
    apiVersion,
    kind: "AIMClusterRuntimeConfig",
    metadata: { name: "default" },
    spec: {
      storage: { defaultStorageClassName: "fast" },
      env: [{ name: "AIM_ENGINE_ARGS", value: '{"gpu-memory-utilization":0.9}' }],
      labelPropagation: { enabled: true, match: ["team", "org.example/*"] },
      routing: {
        enabled: true,
        gatewayRef: {
          group: "gateway.networking.k8s.io",
          kind: "Gateway",
          name: "inference-gateway",
          namespace: "gateways",
        },
        pathTemplate: "/{.metadata.namespace}/{.metadata.name}",
        requestTimeout: "180s",
        annotations: { "example.com/rate": "100" },
      },
    },
  },
  { apiVersion: "v1", kind: "Node", metadata: { name: "node", labels: { "amd.com/gpu.device-id": "74a1" } } },
] as KubeObject[];

const ownerReferences = [{ apiVersion, kind: "AIMService", name: "qwen-chat", uid, controller: true }];

const route = {
  apiVersion: "gateway.networking.k8s.io/v1",
  kind: "HTTPRoute",
  metadata: {
    name: "qwen-chat-a04542d9",
    namespace: "ml-team",
    labels: {
      "aim.eai.amd.com/service": "qwen-chat",
      "aim.eai.amd.com/service.name": "qwen-chat",
      "app.kubernetes.io/component": "routing",
      "app.kubernetes.io/managed-by": "aim-engine",
      team: "nlp",
    },
    annotations: { "example.com/rate": "100" },
    ownerReferences,
  },
  spec: {
    parentRefs: [{
      group: "gateway.networking.k8s.io",
      kind: "Gateway",
      namespace: "gateways",
      name: "inference-gateway",
    }],
    rules: [{
      matches: [{ path: { type: "PathPrefix", value: "/ml-team/qwen-chat" } }],
      filters: [{
        type: "URLRewrite",
        urlRewrite: { path: { type: "ReplacePrefixMatch", replacePrefixMatch: "/" } },
      }],
      // group and weight: the server's defaults inside the atomic list.
      backendRefs: [{
        group: "",
        kind: "Service",
        name: "qwen-chat-a04542d9-predictor",
        namespace: "ml-team",
        port: 80,
        weight: 1,
      }],
      timeouts: { request: "3m0s" },
    }],
  },
};

const cache = {
  apiVersion,
  kind: "AIMTemplateCache",
  metadata: {
    name: "qwen3-32b-mi300x-fp16-latency-a04542d9",
    namespace: "ml-team",
    labels: {
      "aim.eai.amd.com/service": "qwen-chat",
      "aim.eai.amd.com/service.name": "qwen-chat",
      "app.kubernetes.io/managed-by": "aim-service-controller",
      team: "nlp",
    },
  },
  spec: {
    templateName: "qwen3-32b-mi300x-fp16-latency",
    templateScope: "Cluster",
    mode: "Shared",
    storageClassName: "fast",
    runtimeConfigName: "default",
    env: [
      { name: "VLLM_LOG", value: "info" },
      hfToken,
      { name: "AIM_ENGINE_ARGS", value: '{"max-model-len": 8192}' },
    ],
  },
};

const endpoint = {
  apiVersion: "serving.kserve.io/v1beta1",
  kind: "InferenceService",
  metadata: {
    name: "qwen-chat-a04542d9",
    namespace: "ml-team",
    labels: {
      "aim.eai.amd.com/metric": "latency",
      "aim.eai.amd.com/model": "qwen-qwen3-32b",
      "aim.eai.amd.com/precision": "fp16",
      "aim.eai.amd.com/service": "qwen-chat",
      "aim.eai.amd.com/service.name": "qwen-chat",
      "aim.eai.amd.com/template": "qwen3-32b-mi300x-fp16-latency",
      "app.kubernetes.io/component": "inference",
      "app.kubernetes.io/managed-by": "aim-engine",
      team: "nlp",
    },
    annotations: { "serving.kserve.io/autoscalerClass": "none" },
    ownerReferences,
  },
  spec: {
    predictor: {
      minReplicas: 2,
      maxReplicas: 2,
      imagePullSecrets: [{ name: "regcred" }],
      affinity: { nodeAffinity: resolvedNodeAffinity },
      containers: [{
        name: "kserve-container",
        image: "amdenterpriseai/aim-qwen-qwen3-32b:0.8.5",
        ports: [{ name: "http", containerPort: 8000, protocol: "TCP" }],
        env: [
          { name: "AIM_CACHE_PATH", value: "/workspace/cache" },
          { name: "AIM_ENGINE_ARGS", value: '{"gpu-memory-utilization":0.9,"max-model-len":8192}' },
          { name: "AIM_METRIC", value: "latency" },
          { name: "AIM_PRECISION", value: "fp16" },
          { name: "AIM_PROFILE_ID", value: "vllm-mi300x-fp16-tp1-latency" },
          hfToken,
          { name: "VLLM_ENABLE_METRICS", value: "true" },
          { name: "VLLM_LOG", value: "info" },
        ],
        resources: {
          requests: { cpu: "4", memory: "32Gi", "amd.com/gpu": "1" },
          limits: { memory: "96Gi", "amd.com/gpu": "1" },
        },
        volumeMounts: [
          { name: "dshm", mountPath: "/dev/shm" },
          { name: "hf-qwen-qwen3-32b-0123456789", mountPath: "/workspace/cache/Qwen/Qwen3-32B" },
        ],
      }],
      volumes: [
        { name: "dshm", emptyDir: { medium: "Memory", sizeLimit: "8Gi" } },
        { name: "hf-qwen-qwen3-32b-0123456789", persistentVolumeClaim: { claimName: "pvc-1" } },
      ],
    },
  },
};

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
  assert.deepEqual(made.desired("AIMTemplateCache"), cache);
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
