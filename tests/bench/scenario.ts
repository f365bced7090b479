/** The objects of the bench: a catalogue that is Ready, and services as users write them. */

export const namespaces = Array.from({ length: 10 }, (_, i) => `bench-${i}`);
export const floorNamespaces = Array.from({ length: 10 }, (_, i) => `floor-${i}`);

const apiVersion = "aim.eai.amd.com/v1alpha1";
/** Paused: these stand for what other controllers have finished, and stay as they are. */
export const paused = { annotations: { "aim.eai.amd.com/reconciliation-paused": "true" } };

export const modelName = "bench-model";

export interface Given {
  readonly path: string;
  readonly object: Record<string, unknown>;
  readonly status?: Record<string, unknown>;
}

const clusterPath = (plural: string) => `/apis/${apiVersion}/${plural}`;
export const namespacedPath = (namespace: string, plural: string) =>
  `/apis/${apiVersion}/namespaces/${namespace}/${plural}`;

function template(metric: string, precision: string): Given {
  const source = { modelId: "bench/model", sourceUri: "hf://bench/model", size: "16Gi" };
  return {
    path: clusterPath("aimclusterservicetemplates"),
    object: {
      apiVersion,
      kind: "AIMClusterServiceTemplate",
      metadata: { name: `bench-${metric}-${precision}`, ...paused },
      spec: {
        modelName,
        metric,
        precision,
        hardware: { gpu: { requests: 1, model: "MI300X" } },
        modelSources: [source],
      },
    },
    status: {
      status: "Ready",
      modelSources: [source],
      resolvedHardware: { gpu: { requests: 1, model: "MI300X", resourceName: "amd.com/gpu" } },
      profile: { metadata: { type: "optimized", gpu: "MI300X", gpuCount: 1, metric, precision } },
    },
  };
}

/** One cluster model and three cluster templates, all Ready. */
export const catalogue: readonly Given[] = [
  {
    path: clusterPath("aimclustermodels"),
    object: {
      apiVersion,
      kind: "AIMClusterModel",
      metadata: { name: modelName, ...paused },
      spec: { image: "registry.example.com/bench/model:1.0" },
    },
    status: { status: "Ready" },
  },
  template("latency", "fp16"),
  template("latency", "fp8"),
  template("throughput", "fp16"),
];

/** The Ready Shared cache of one namespace for the template that wins. */
export function cacheOf(namespace: string): Given {
  return {
    path: namespacedPath(namespace, "aimtemplatecaches"),
    object: {
      apiVersion,
      kind: "AIMTemplateCache",
      metadata: { name: "bench-cache", namespace, ...paused },
      spec: { templateName: "bench-latency-fp8", templateScope: "Cluster", mode: "Shared" },
    },
    status: {
      status: "Ready",
      artifacts: {
        "bench-artifact": {
          name: "bench-artifact",
          uid: "00000000-0000-0000-0000-000000000000",
          model: "bench/model",
          status: "Ready",
          persistentVolumeClaim: "bench-artifact-cache",
        },
      },
    },
  };
}

/** The nth service, spread over the namespaces. */
export function service(
  n: number,
  model = modelName,
  prefix = "svc",
): { path: string; object: Record<string, unknown> } {
  const namespace = namespaces[n % namespaces.length];
  return {
    path: namespacedPath(namespace, "aimservices"),
    object: {
      apiVersion,
      kind: "AIMService",
      metadata: { name: `${prefix}-${n}`, namespace },
      spec: { model: { name: model }, replicas: 1 },
    },
  };
}
