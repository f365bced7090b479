/** What stands in a catalogue, and services that use it, as people write them. */

import type { AnyObject } from "./user.ts";

export const apiVersion = "aim.eai.amd.com/v1alpha1";

/** A cluster model whose metadata is written down, so that no registry is asked. */
export function clusterModel(name: string, spec: AnyObject = {}): AnyObject {
  return {
    apiVersion,
    kind: "AIMClusterModel",
    metadata: { name },
    spec: {
      image: `registry.example.com/aim/${name}:1.0.0`,
      imageMetadata: { model: { canonicalName: `example/${name}`, title: name } },
      ...spec,
    },
  };
}

/** The same in a namespace. */
export function model(name: string, namespace: string, spec: AnyObject = {}): AnyObject {
  return { ...clusterModel(name, spec), kind: "AIMModel", metadata: { name, namespace } };
}

/** A tuned cluster template for one MI300X, with its weights and their size written down. */
export function clusterTemplate(name: string, modelName: string, spec: AnyObject = {}): AnyObject {
  return {
    apiVersion,
    kind: "AIMClusterServiceTemplate",
    metadata: { name },
    spec: {
      modelName,
      type: "optimized",
      metric: "latency",
      precision: "fp16",
      hardware: { gpu: { requests: 1, model: "MI300X" } },
      modelSources: [
        { modelId: `example/${modelName}`, sourceUri: `hf://example/${modelName}`, size: "16Gi" },
      ],
      ...spec,
    },
  };
}

/** The same in a namespace. */
export function template(
  name: string,
  namespace: string,
  modelName: string,
  spec: AnyObject = {},
): AnyObject {
  return {
    ...clusterTemplate(name, modelName, spec),
    kind: "AIMServiceTemplate",
    metadata: { name, namespace },
  };
}

/** A service; `more` is laid over its metadata. */
export function service(name: string, namespace: string, spec: AnyObject, more: AnyObject = {}): AnyObject {
  return { apiVersion, kind: "AIMService", metadata: { name, namespace, ...more }, spec };
}

/** A runtime config for all namespaces. */
export function clusterRuntimeConfig(name: string, spec: AnyObject): AnyObject {
  return { apiVersion, kind: "AIMClusterRuntimeConfig", metadata: { name }, spec };
}

/** A runtime config for one namespace. */
export function runtimeConfig(name: string, namespace: string, spec: AnyObject): AnyObject {
  return { apiVersion, kind: "AIMRuntimeConfig", metadata: { name, namespace }, spec };
}
