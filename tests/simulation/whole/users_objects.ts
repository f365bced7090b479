/** What the users of a simulated cluster want to have: objects of all ten kinds, and what is beside them. */

import { gpuNode } from "../../control_plane/nodes.ts";
import { aimLabels, deployment } from "../../catalogue/aim_image.ts";
import type { PlayedRegistry } from "./played_registry.ts";

export const namespace = "ml";
const aim = "aim.eai.amd.com/v1alpha1";

/** Where the objects of a kind are, by its plural. */
const kinds = {
  aimservices: { apiVersion: aim, kind: "AIMService" },
  aimmodels: { apiVersion: aim, kind: "AIMModel" },
  aimclustermodels: { apiVersion: aim, kind: "AIMClusterModel", cluster: true },
  aimservicetemplates: { apiVersion: aim, kind: "AIMServiceTemplate" },
  aimclusterservicetemplates: { apiVersion: aim, kind: "AIMClusterServiceTemplate", cluster: true },
  aimtemplatecaches: { apiVersion: aim, kind: "AIMTemplateCache" },
  aimartifacts: { apiVersion: aim, kind: "AIMArtifact" },
  aimruntimeconfigs: { apiVersion: aim, kind: "AIMRuntimeConfig" },
  aimclusterruntimeconfigs: { apiVersion: aim, kind: "AIMClusterRuntimeConfig", cluster: true },
  aimclustermodelsources: { apiVersion: aim, kind: "AIMClusterModelSource", cluster: true },
  inferenceservices: { apiVersion: "serving.kserve.io/v1beta1", kind: "InferenceService" },
  httproutes: { apiVersion: "gateway.networking.k8s.io/v1", kind: "HTTPRoute" },
  persistentvolumeclaims: { apiVersion: "v1", kind: "PersistentVolumeClaim" },
  serviceaccounts: { apiVersion: "v1", kind: "ServiceAccount" },
  pods: { apiVersion: "v1", kind: "Pod" },
  jobs: { apiVersion: "batch/v1", kind: "Job" },
  nodes: { apiVersion: "v1", kind: "Node", cluster: true },
  storageclasses: { apiVersion: "storage.k8s.io/v1", kind: "StorageClass", cluster: true },
} as const satisfies Record<string, { apiVersion: string; kind: string; cluster?: true }>;

export type Plural = keyof typeof kinds;
export const aimPlurals = (Object.keys(kinds) as Plural[]).filter((plural) =>
  kinds[plural].apiVersion === aim
);

/** The path of a kind's objects, those of the one namespace. */
export function pathOf(plural: Plural): string {
  const { apiVersion, cluster }: { apiVersion: string; cluster?: true } = kinds[plural];
  const root = apiVersion === "v1" ? "/api/v1" : `/apis/${apiVersion}`;
  return `${root}${cluster ? "" : `/namespaces/${namespace}`}/${plural}`;
}

/** The name of its resource, as the store and definitions have it. */
export function resourceOf(plural: Plural): string {
  const { apiVersion } = kinds[plural];
  return apiVersion === "v1" ? plural : `${plural}.${apiVersion.split("/")[0]}`;
}

export interface Wanted {
  readonly plural: Plural;
  readonly name: string;
  readonly object: Record<string, unknown>;
}

function wanted(plural: Plural, name: string, spec: object, labels?: Record<string, string>): Wanted {
  const { apiVersion, kind } = kinds[plural];
  return { plural, name, object: { apiVersion, kind, metadata: { name, labels }, spec } };
}

const registry = "registry.example.com";
export const images = { a1: `${registry}/org/a:1`, a2: `${registry}/org/a:2`, b1: `${registry}/org/b:1` };
const hardware = { gpu: { requests: 1, model: "MI300X" } };
const weights = (modelId: string) => ({ modelId, sourceUri: `hf://${modelId}`, size: "2Gi" });
const node = gpuNode("n1", { model: "MI300X", count: 64, pods: 500 });

export const everything: readonly Wanted[] = [
  { plural: "nodes", name: "n1", object: node },
  wanted("aimclusterruntimeconfigs", "default", { storage: { pvcHeadroomPercent: 10 } }),
  wanted("aimruntimeconfigs", "default", { env: [{ name: "TEAM", value: "ml" }] }),
  wanted("aimmodels", "m", { image: images.a1 }),
  wanted("aimclustermodels", "cm", {
    image: `${registry}/org/base:1`,
    discovery: { extractMetadata: false },
    modelSources: [weights("org/c")],
    custom: { hardware, type: "optimized" },
  }),
  wanted("aimclustermodels", "bare", {
    image: `${registry}/org/base:1`,
    discovery: { extractMetadata: false, createServiceTemplates: false },
  }),
  wanted("aimservicetemplates", "by-hand", { modelName: "m", hardware, modelSources: [weights("org/a")] }),
  wanted("aimclusterservicetemplates", "by-hand-too", {
    modelName: "bare",
    hardware,
    modelSources: [weights("org/e")],
  }),
  wanted("aimtemplatecaches", "warm", { templateName: "by-hand", templateScope: "Namespace" }),
  wanted("aimartifacts", "alone", { sourceUri: "hf://org/alone", size: "1Gi" }),
  wanted("aimclustermodelsources", "src", {
    registry,
    filters: [{ image: "team/x:1" }],
    syncInterval: "100h",
  }),
  wanted("aimservices", "by-name", { model: { name: "m" }, replicas: 1 }),
  wanted("aimservices", "by-image", { model: { image: images.b1 }, replicas: 1 }),
  wanted("aimservices", "by-template", { model: { name: "m" }, template: { name: "by-hand" } }),
  wanted("aimservices", "routed", {
    model: { name: "cm" },
    replicas: 2,
    routing: { enabled: true, gatewayRef: { name: "public", namespace: "gateways" } },
  }, { team: "a" }),
  wanted("aimservices", "custom", {
    model: { custom: { baseImage: `${registry}/org/base:2`, modelSources: [weights("org/w")], hardware } },
    template: { allowUnoptimized: true },
  }),
  wanted("aimservices", "dedicated", { model: { name: "cm" }, caching: { mode: "Dedicated" } }),
];

/** The images that they name. */
export function pushImages(to: PlayedRegistry): void {
  to.push("org/a", "1", aimLabels("org/a", [deployment("latency", "fp8")]));
  to.push("org/a", "2", aimLabels("org/a", [deployment("throughput", "fp16")]));
  to.push("org/b", "1", aimLabels("org/b", [deployment("latency", "fp16")]));
  to.push("org/base", "2", {});
  to.push("team/x", "1", aimLabels("team/x", [deployment("latency", "fp8")]));
}
