/**
 * The bench with a mix of shapes (`--mix`): by image, custom, Dedicated, routed, autoscaled, a fifth each. What
 * has no controller here is played by the bench: autoscalers, the gateway, and the downloads of Dedicated caches.
 */

import type { KubeObject, Live, Resource } from "../../lib/kube/object.ts";
import type { Transport } from "../../lib/kube/transport.ts";
import { create, patch } from "./bare_client.ts";
import { observe } from "./progress.ts";
import { type Given, modelName, namespacedPath, namespaces, paused } from "./scenario.ts";

const apiVersion = "aim.eai.amd.com/v1alpha1";
const image = "registry.example.com/bench/model:1.0";
const baseImage = "registry.example.com/bench/base:1.0";
const hardware = { gpu: { requests: 1, model: "MI300X" } };
const weights = [{ modelId: "bench/own", sourceUri: "hf://bench/own", size: "16Gi" }];

const shapes: readonly Record<string, unknown>[] = [
  { model: { image }, replicas: 1 },
  {
    model: { custom: { baseImage, modelSources: weights, hardware } },
    template: { allowUnoptimized: true },
    replicas: 1,
  },
  { model: { name: modelName }, caching: { mode: "Dedicated" }, replicas: 1 },
  {
    model: { name: modelName },
    routing: {
      enabled: true,
      gatewayRef: { name: "inference", namespace: "gateways" },
      pathTemplate: "/{.metadata.namespace}/{.metadata.name}",
      requestTimeout: "90s",
    },
    replicas: 1,
  },
  {
    model: { name: modelName },
    minReplicas: 1,
    maxReplicas: 3,
    autoScaling: {
      metrics: [{
        type: "PodMetric",
        podmetric: {
          metric: { backend: "opentelemetry", metricNames: ["vllm:num_requests_running"], query: "q" },
          target: { type: "Value", value: "1" },
        },
      }],
    },
  },
];

/** The nth service; every namespace gets all shapes. */
export function mixedService(n: number): { path: string; object: Record<string, unknown> } {
  const namespace = namespaces[Math.floor(n / shapes.length) % namespaces.length];
  const spec = shapes[n % shapes.length];
  return {
    path: namespacedPath(namespace, "aimservices"),
    object: { apiVersion, kind: "AIMService", metadata: { name: `svc-${n}`, namespace }, spec },
  };
}

/** In each namespace the model, the template and the Ready cache that the custom services find. */
export function mixedCatalogue(namespace: string): Given[] {
  const metadata = (name: string) => ({ name, namespace, ...paused });
  return [
    {
      path: namespacedPath(namespace, "aimmodels"),
      object: {
        apiVersion,
        kind: "AIMModel",
        metadata: metadata("bench-own"),
        spec: { image: baseImage, modelSources: weights, custom: { hardware } },
      },
      status: { status: "Ready" },
    },
    {
      path: namespacedPath(namespace, "aimservicetemplates"),
      object: {
        apiVersion,
        kind: "AIMServiceTemplate",
        metadata: metadata("bench-own-template"),
        spec: { modelName: "bench-own", type: "unoptimized", hardware, modelSources: weights },
      },
      status: {
        status: "Ready",
        modelSources: weights,
        resolvedHardware: { gpu: { ...hardware.gpu, resourceName: "amd.com/gpu" } },
        profile: { metadata: { type: "unoptimized", gpu: "MI300X", gpuCount: 1 } },
      },
    },
    {
      path: namespacedPath(namespace, "aimtemplatecaches"),
      object: {
        apiVersion,
        kind: "AIMTemplateCache",
        metadata: metadata("bench-own-cache"),
        spec: { templateName: "bench-own-template", templateScope: "Namespace", mode: "Shared" },
      },
      status: {
        status: "Ready",
        artifacts: {
          "bench-own": {
            name: "bench-own",
            uid: "00000000-0000-0000-0000-000000000001",
            model: "bench/own",
            status: "Ready",
            persistentVolumeClaim: "bench-own-cache",
          },
        },
      },
    },
  ];
}

const jobs: Resource = { group: "batch", version: "v1", kind: "Job", plural: "jobs", namespaced: true };
const claims: Resource = {
  group: "",
  version: "v1",
  kind: "PersistentVolumeClaim",
  plural: "persistentvolumeclaims",
  namespaced: true,
};

const routes: Resource = {
  group: "gateway.networking.k8s.io",
  version: "v1",
  kind: "HTTPRoute",
  plural: "httproutes",
  namespaced: true,
};

/** Binds every claim and completes every Job as it comes. */
export function playDownloads(transport: Transport, signal: AbortSignal): void {
  each(
    transport,
    claims,
    signal,
    (claim) => setStatus(transport, "/api/v1", claims, claim, { phase: "Bound" }),
  );
  each(transport, jobs, signal, (job) => {
    const now = new Date().toISOString();
    const condition = (type: string) => ({
      type,
      status: "True",
      lastTransitionTime: now,
      lastProbeTime: now,
    });
    return setStatus(transport, "/apis/batch/v1", jobs, job, {
      succeeded: 1,
      startTime: now,
      completionTime: now,
      uncountedTerminatedPods: {},
      conditions: [condition("SuccessCriteriaMet"), condition("Complete")],
    });
  });
}

/** Stands for a gateway that accepts every route. */
export function playGateway(transport: Transport, signal: AbortSignal): void {
  each(transport, routes, signal, (route) => {
    const { metadata: { generation }, spec } = route as Live<KubeObject> & {
      spec: { parentRefs: readonly Record<string, unknown>[] };
    };
    const condition = (type: string) => ({
      type,
      status: "True",
      reason: type,
      message: "",
      observedGeneration: generation,
      lastTransitionTime: new Date().toISOString(),
    });
    return setStatus(transport, "/apis/gateway.networking.k8s.io/v1", routes, route, {
      parents: spec.parentRefs.map((parentRef) => ({
        parentRef,
        controllerName: "example.com/bench-gateway",
        conditions: [condition("Accepted"), condition("ResolvedRefs")],
      })),
    });
  });
}

/** Acts once for each generation of each object. */
function each(
  transport: Transport,
  resource: Resource,
  signal: AbortSignal,
  act: (object: Live<KubeObject>) => Promise<unknown>,
): void {
  const seen = new Set<string>();
  observe(transport, resource, (object) => {
    const { uid, generation } = object.metadata;
    if (seen.has(`${uid} ${generation}`)) return;
    seen.add(`${uid} ${generation}`);
    act(object).catch((error) => console.error(`  ${resource.kind} ${object.metadata.name}: ${error}`));
  }, signal);
}

function setStatus(
  transport: Transport,
  group: string,
  { plural }: Resource,
  { metadata: { namespace, name } }: Live<KubeObject>,
  status: Record<string, unknown>,
): Promise<unknown> {
  return patch(transport, `${group}/namespaces/${namespace}/${plural}/${name}/status`, { status });
}

/** Puts the catalogue of the mix in place. */
export async function prepareMix(transport: Transport): Promise<void> {
  for (const { path, object, status } of namespaces.flatMap(mixedCatalogue)) {
    await create(transport, path, object);
    const { name } = object.metadata as { name: string };
    await patch(transport, `${path}/${name}/status`, { status });
  }
}
