/**
 * Fifty services of all shapes, and what becomes of each: made, changed, gone. In whatever order the acts of
 * different services fall, and whenever the operator looks, the end is the same: what is shared with others and
 * made by the first who needs it is made alike by all of them, and whoever goes leaves a user of it behind.
 */

import { apiVersion, clusterModel, clusterTemplate, model, service, template } from "../e2e/catalogue.ts";
import type { AnyObject } from "../e2e/user.ts";

export const namespaces = ["team-a", "team-b", "team-c"];

const gateway = { name: "inference", namespace: "gateways" };
const hardware = { gpu: { requests: 1, model: "MI300X" } };
const weights = (id: string) => [{ modelId: `example/${id}`, sourceUri: `hf://example/${id}`, size: "1Gi" }];
const metrics = [{
  type: "PodMetric",
  podmetric: {
    metric: { backend: "opentelemetry", metricNames: ["vllm:num_requests_running"], query: "q" },
    target: { type: "Value", value: "1" },
  },
}];

/** What stands in the cluster from the beginning. */
export const clusterCatalogue: readonly AnyObject[] = [
  clusterModel("chat"),
  clusterTemplate("chat-latency-fp16", "chat"),
  clusterTemplate("chat-latency-fp8", "chat", { precision: "fp8" }),
  clusterTemplate("chat-throughput-fp16", "chat", { metric: "throughput" }),
  clusterModel("imaged"),
  clusterTemplate("imaged-latency", "imaged"),
  {
    apiVersion,
    kind: "AIMClusterRuntimeConfig",
    metadata: { name: "default" },
    spec: {
      labelPropagation: { enabled: true, match: ["team"] },
      routing: { gatewayRef: gateway, requestTimeout: "90s" },
    },
  },
];

/** What stands in each namespace: a model with weights of its own, a template, a cache made by hand. */
export function catalogueOf(namespace: string): AnyObject[] {
  return [
    model("own-weights", namespace, {
      image: "registry.example.com/aim/base:1",
      modelSources: weights("own"),
      custom: { hardware },
    }),
    template("chat-own", namespace, "chat", { metric: "throughput", precision: "fp16" }),
    {
      apiVersion,
      kind: "AIMTemplateCache",
      metadata: { name: "by-hand", namespace },
      spec: { templateName: "chat-latency-fp8", templateScope: "Cluster", mode: "Shared" },
    },
  ];
}

/** One act of a user on one service. */
export type Act =
  | { readonly how: "create"; readonly object: AnyObject }
  | { readonly how: "patch"; readonly patch: AnyObject }
  | { readonly how: "delete" };

/** A service and all that is done to it, in this order. */
export interface Life {
  readonly namespace: string;
  readonly name: string;
  readonly acts: readonly Act[];
}

interface Shape {
  readonly spec: AnyObject;
  /** Merge patches, one after the other. */
  readonly changes?: readonly AnyObject[];
  /** `status.status` in the end. */
  readonly ends: "Running" | "Failed";
}

const chat = { model: { name: "chat" } };
// A named template keeps what is not auto-selected from the namespace's own, which auto-selection would prefer.
const fp8 = { ...chat, template: { name: "chat-latency-fp8" } };

export const shapes: Readonly<Record<string, Shape>> = {
  "by-name": {
    spec: fp8,
    changes: [
      { spec: { replicas: 2, env: [{ name: "LEVEL", value: "1" }] } },
      { metadata: { labels: { team: "blue" } } },
    ],
    ends: "Running",
  },
  "selected": { spec: { ...chat, resources: { limits: { memory: "96Gi" } } }, ends: "Running" },
  "by-image": {
    spec: { model: { image: "registry.example.com/aim/imaged:1.0.0" } },
    changes: [{ spec: { replicas: 3 } }],
    ends: "Running",
  },
  // Nobody knows that registry: its models are made, and Degraded once that has held for ten seconds.
  "by-new-image": { spec: { model: { image: "registry.example.com/aim/new:2.0" } }, ends: "Failed" },
  "custom": {
    spec: {
      model: {
        custom: { baseImage: "registry.example.com/aim/base:1", modelSources: weights("own"), hardware },
      },
      template: { allowUnoptimized: true },
    },
    ends: "Running",
  },
  "custom-new": {
    spec: {
      model: {
        custom: { baseImage: "registry.example.com/aim/base:2", modelSources: weights("new"), hardware },
      },
      template: { allowUnoptimized: true },
    },
    ends: "Failed",
  },
  "dedicated": {
    spec: { ...chat, template: { name: "chat-latency-fp16" }, caching: { mode: "Dedicated" } },
    changes: [{ spec: { replicas: 2 } }],
    ends: "Running",
  },
  "routed": {
    spec: { ...fp8, routing: { enabled: true } },
    changes: [
      {
        spec: { routing: { pathTemplate: "/{.metadata.namespace}/{.metadata.name}", requestTimeout: "3m" } },
      },
      { spec: { routing: { annotations: { "example.com/rate": "5" } } } },
    ],
    ends: "Running",
  },
  "unrouted": {
    spec: { ...fp8, routing: { enabled: true } },
    changes: [{ spec: { routing: { enabled: false } } }],
    ends: "Running",
  },
  "autoscaled": {
    spec: { ...fp8, minReplicas: 1, maxReplicas: 3, autoScaling: { metrics } },
    ends: "Running",
  },
  "switched": {
    spec: fp8,
    changes: [{ spec: { minReplicas: 2, maxReplicas: 4 } }],
    ends: "Running",
  },
  "derived": {
    spec: { ...chat, template: { name: "chat-latency-fp16" }, overrides: { metric: "throughput" } },
    ends: "Running",
  },
  "narrowed": { spec: { ...chat, overrides: { metric: "throughput" } }, ends: "Running" },
  "explicit": { spec: { ...chat, template: { name: "chat-own" } }, ends: "Running" },
  "lost": { spec: { model: { name: "nowhere" } }, ends: "Failed" },
  "torn": { spec: { ...fp8, minReplicas: 4, maxReplicas: 2 }, ends: "Failed" },
};

/** Shapes of those who go again, or go and come back under the same name; all but the shared things go with them. */
const passing = ["by-name", "by-image", "dedicated", "routed", "derived", "autoscaled", "custom"];

/** Fifty lives. */
export function lives(): Life[] {
  const staying = namespaces.flatMap((namespace) =>
    Object.keys(shapes).slice(0, namespace === "team-c" ? 9 : undefined).map((shape) =>
      lifeOf(namespace, shape, shape)
    )
  );
  const going = Array.from({ length: 50 - staying.length }, (_, n) => {
    const shape = passing[n % passing.length];
    const namespace = namespaces[n < passing.length ? 0 : 1];
    const { name, acts } = lifeOf(namespace, shape, `${shape}-again`);
    const goes: Act = { how: "delete" };
    return { namespace, name, acts: n % 3 === 0 ? [...acts, goes, ...acts] : [...acts, goes] };
  });
  return [...staying, ...going];
}

function lifeOf(namespace: string, shape: string, name: string): Life {
  const { spec, changes = [] } = shapes[shape];
  const object = service(name, namespace, spec);
  return {
    namespace,
    name,
    acts: [{ how: "create", object }, ...changes.map((patch): Act => ({ how: "patch", patch }))],
  };
}

/** `namespace/name` of every service that is there in the end, and its status then. */
export function endsOf(all: readonly Life[]): Map<string, string> {
  return new Map(
    all.filter(({ acts }) => acts.at(-1)?.how !== "delete").map(({ namespace, name }) => [
      `${namespace}/${name}`,
      shapes[name.replace(/-again$/, "")].ends,
    ]),
  );
}
