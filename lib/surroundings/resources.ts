/** The kinds that the surroundings watch and write. */

import type { Resource } from "../kube/object.ts";

function resource(group: string, version: string, kind: string, plural: string, namespaced = true): Resource {
  return { group, version, kind, plural, namespaced };
}

export const namespaces = resource("", "v1", "Namespace", "namespaces", false);
export const nodes = resource("", "v1", "Node", "nodes", false);
export const pods = resource("", "v1", "Pod", "pods");
export const quotas = resource("", "v1", "ResourceQuota", "resourcequotas");
export const services = resource("", "v1", "Service", "services");
export const serviceAccounts = resource("", "v1", "ServiceAccount", "serviceaccounts");
export const configMaps = resource("", "v1", "ConfigMap", "configmaps");
export const claims = resource("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims");
export const volumes = resource("", "v1", "PersistentVolume", "persistentvolumes", false);
export const storageClasses = resource("storage.k8s.io", "v1", "StorageClass", "storageclasses", false);
export const deployments = resource("apps", "v1", "Deployment", "deployments");
export const replicaSets = resource("apps", "v1", "ReplicaSet", "replicasets");
export const jobs = resource("batch", "v1", "Job", "jobs");
export const endpointSlices = resource("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices");
export const autoscalers = resource(
  "autoscaling",
  "v2",
  "HorizontalPodAutoscaler",
  "horizontalpodautoscalers",
);
export const inferenceServices = resource(
  "serving.kserve.io",
  "v1beta1",
  "InferenceService",
  "inferenceservices",
);
export const httpRoutes = resource("gateway.networking.k8s.io", "v1", "HTTPRoute", "httproutes");
export const gateways = resource("gateway.networking.k8s.io", "v1", "Gateway", "gateways");
