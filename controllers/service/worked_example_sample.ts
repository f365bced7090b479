/** For tests: the objects of worked example §14.1 of services.md, those that are given and those that are made of them. */

import type { AIMService } from "../../lib/api/mod.ts";
import type { Live } from "../../lib/kube/object.ts";
import { liveObject } from "../../lib/operator/runner/view_fixture.ts";

const apiVersion = "aim.eai.amd.com/v1alpha1";
const uid = "11111111-2222-3333-4444-555555555555";
export const hfToken = { name: "HF_TOKEN", valueFrom: { secretKeyRef: { name: "hf", key: "token" } } };

export const service: Live<AIMService> = liveObject<AIMService>({
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

export const resolvedNodeAffinity = {
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

export const clusterModel = {
  apiVersion,
  kind: "AIMClusterModel",
  metadata: { name: "qwen-qwen3-32b" },
  spec: { image: "amdenterpriseai/aim-qwen-qwen3-32b:0.8.5" },
  status: { status: "Ready" },
};

export const clusterTemplate = {
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
};

export const runtimeConfig = {
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
};

const ownerReferences = [{ apiVersion, kind: "AIMService", name: "qwen-chat", uid, controller: true }];

export const route = {
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

export const cache = {
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

export const endpoint = {
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
