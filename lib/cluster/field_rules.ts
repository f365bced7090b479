/** What a comparison knows of the kinds that we apply (`CachedKind.fieldRules`). */

import type { FieldRules } from "../kube/cache/field_rules.ts";

/** Containers, init containers and volumes of a pod, wherever a kind keeps its pod specification. */
export function podRules(
  at: string,
): FieldRules & { quantities: string[]; defaults: Record<string, unknown> } {
  const quantities = [`${at}.volumes.*.emptyDir.sizeLimit`, `${at}.overhead.*`];
  const defaults: Record<string, unknown> = {
    [`${at}.volumes.*.projected.sources.*.serviceAccountToken.expirationSeconds`]: 3600,
    [`${at}.volumes.*.projected.sources.*.downwardAPI.items.*.fieldRef.apiVersion`]: "v1",
    [`${at}.volumes.*.downwardAPI.items.*.fieldRef.apiVersion`]: "v1",
  };
  for (const list of [`${at}.containers.*`, `${at}.initContainers.*`]) {
    quantities.push(`${list}.resources.requests.*`, `${list}.resources.limits.*`);
    quantities.push(`${list}.env.*.valueFrom.resourceFieldRef.divisor`);
    defaults[`${list}.env.*.valueFrom.fieldRef.apiVersion`] = "v1";
    defaults[`${list}.env.*.valueFrom.resourceFieldRef.divisor`] = "0";
    defaults[`${list}.ports.*.protocol`] = "TCP";
    defaults[`${list}.resources`] = {};
  }
  return { quantities, defaults };
}

const predictor = podRules("spec.predictor");

/** Quantities of AIM kinds (api.md §7, §8): hardware, model sources, container resources, sizes. */
export const aimFields: FieldRules = {
  quantities: [
    ...["spec.hardware", "spec.custom.hardware", "spec.customTemplates.*.hardware"].flatMap((at) => [
      `${at}.gpu.minVram`,
      `${at}.cpu.requests`,
      `${at}.cpu.limits`,
    ]),
    "spec.modelSources.*.size",
    "spec.resources.requests.*",
    "spec.resources.limits.*",
    "spec.size",
  ],
};

export const routeFields: FieldRules = {
  defaults: {
    "spec.parentRefs.*.group": "gateway.networking.k8s.io",
    "spec.parentRefs.*.kind": "Gateway",
    "spec.rules.*.matches": [{ path: { type: "PathPrefix", value: "/" } }],
    "spec.rules.*.matches.*.path": { type: "PathPrefix", value: "/" },
    "spec.rules.*.matches.*.path.type": "PathPrefix",
    "spec.rules.*.matches.*.path.value": "/",
    "spec.rules.*.backendRefs.*.group": "",
    "spec.rules.*.backendRefs.*.kind": "Service",
    "spec.rules.*.backendRefs.*.weight": 1,
  },
};

/**
 * KServe's full CRD keeps containers, volumes and metrics as atomic lists, its minimal CRD the whole spec as one atomic
 * map; its webhook completes both. So the vocabulary of services.md §8.3 is listed.
 */
export const inferenceServiceFields: FieldRules = {
  quantities: [
    ...predictor.quantities,
    "spec.predictor.autoScaling.metrics.*.*.target.value",
    "spec.predictor.autoScaling.metrics.*.*.target.averageValue",
  ],
  defaults: predictor.defaults,
  emits: {
    "spec": ["predictor"],
    "spec.predictor": [
      "imagePullSecrets",
      "serviceAccountName",
      "containers",
      "volumes",
      "affinity",
      "minReplicas",
      "maxReplicas",
      "autoScaling",
    ],
    "spec.predictor.containers.*": ["name", "image", "ports", "env", "resources", "volumeMounts"],
    "spec.predictor.containers.*.ports.*": ["name", "containerPort", "protocol"],
    "spec.predictor.containers.*.resources": ["requests", "limits"],
    "spec.predictor.containers.*.volumeMounts.*": ["name", "mountPath", "readOnly", "subPath"],
    "spec.predictor.volumes.*": ["name", "emptyDir", "persistentVolumeClaim"],
    "spec.predictor.volumes.*.persistentVolumeClaim": ["claimName", "readOnly"],
  },
};
