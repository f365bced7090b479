/** What a look at an installation reads, beside the ten kinds. */

import type * as admission from "kubernetes-types/admissionregistration/v1";
import type * as apps from "kubernetes-types/apps/v1";
import type * as autoscaling from "kubernetes-types/autoscaling/v2";
import type * as coordination from "kubernetes-types/coordination/v1";
import type * as core from "kubernetes-types/core/v1";
import type * as discovery from "kubernetes-types/discovery/v1";
import type * as rbac from "kubernetes-types/rbac/v1";
import type * as storage from "kubernetes-types/storage/v1";
import {
  type AIMArtifact,
  type AIMClusterModel,
  type AIMClusterModelSource,
  type AIMClusterRuntimeConfig,
  type AIMClusterServiceTemplate,
  type AIMModel,
  type AIMRuntimeConfig,
  type AIMService,
  type AIMServiceTemplate,
  type AIMTemplateCache,
  kinds,
} from "../../api/mod.ts";
import type { KubeObject, Resource } from "../../kube/object.ts";
import type { Selection } from "../../kube/path.ts";
import type { ObjectCondition } from "../../operator/objects.ts";

/** A kind, and which of its objects are read. */
export interface Surveyed<T extends KubeObject = KubeObject> {
  readonly resource: Resource;
  readonly selection?: Selection;
  /** A cluster without it is a normal one. */
  readonly optional?: true;
  /** Never set: it ties the type of the objects to the kind for the compiler. */
  readonly objectType?: T;
}

function own<T extends KubeObject>(kind: string): Surveyed<T> {
  const { group, version, plural, scope } = kinds.find((each) => each.kind === kind)!;
  return { resource: { group, version, kind, plural, namespaced: scope === "Namespaced" } };
}

const of = <T>(
  group: string,
  version: string,
  kind: string,
  plural: string,
  { clusterWide = false, optional, ...selection }: Selection & {
    readonly clusterWide?: boolean;
    readonly optional?: true;
  } = {},
): Surveyed<KubeObject & T> => ({
  resource: { group, version, kind, plural, namespaced: !clusterWide },
  selection,
  ...(optional && { optional }),
});

const clusterWide = true;
const optional = true;

export const services = own<AIMService>("AIMService");
export const models = own<AIMModel>("AIMModel");
export const clusterModels = own<AIMClusterModel>("AIMClusterModel");
export const modelSources = own<AIMClusterModelSource>("AIMClusterModelSource");
export const templates = own<AIMServiceTemplate>("AIMServiceTemplate");
export const clusterTemplates = own<AIMClusterServiceTemplate>("AIMClusterServiceTemplate");
export const templateCaches = own<AIMTemplateCache>("AIMTemplateCache");
export const artifacts = own<AIMArtifact>("AIMArtifact");
export const runtimeConfigs = own<AIMRuntimeConfig>("AIMRuntimeConfig");
export const clusterRuntimeConfigs = own<AIMClusterRuntimeConfig>("AIMClusterRuntimeConfig");

/** The Lease by which one operator acts at a time; AIM Engine has the same. */
export const leaseName = "3be10d2f.eai.amd.com";

export const deployments = of<apps.Deployment>("apps", "v1", "Deployment", "deployments");
/** Pods of operators. */
export const operatorPods = of<core.Pod>("", "v1", "Pod", "pods", {
  labelSelector: "control-plane=controller-manager",
});
/** Pods that measure and download. */
export const downloadPods = of<core.Pod>("", "v1", "Pod", "pods", {
  labelSelector: "aim.eai.amd.com/cache.name",
});
export const leases = of<coordination.Lease>("coordination.k8s.io", "v1", "Lease", "leases", {
  fieldSelector: `metadata.name=${leaseName}`,
});
const rbacGroup = "rbac.authorization.k8s.io";
export const clusterRoles = of<rbac.ClusterRole>(rbacGroup, "v1", "ClusterRole", "clusterroles", {
  clusterWide,
});
export const clusterRoleBindings = of<rbac.ClusterRoleBinding>(
  rbacGroup,
  "v1",
  "ClusterRoleBinding",
  "clusterrolebindings",
  { clusterWide },
);
export const roles = of<rbac.Role>(rbacGroup, "v1", "Role", "roles");
export const roleBindings = of<rbac.RoleBinding>(rbacGroup, "v1", "RoleBinding", "rolebindings");
export const nodes = of<core.Node>("", "v1", "Node", "nodes", { clusterWide });
export const storageClasses = of<storage.StorageClass>(
  "storage.k8s.io",
  "v1",
  "StorageClass",
  "storageclasses",
  {
    clusterWide,
  },
);
export const kserveSettings = of<core.ConfigMap>("", "v1", "ConfigMap", "configmaps", {
  fieldSelector: "metadata.name=inferenceservice-config",
});
export const inferenceServices = of<{ readonly status?: object }>(
  "serving.kserve.io",
  "v1beta1",
  "InferenceService",
  "inferenceservices",
  { labelSelector: "aim.eai.amd.com/service.name", optional },
);

interface WithConditions {
  readonly status?: { readonly conditions?: readonly ObjectCondition[] };
}
const gatewayGroup = "gateway.networking.k8s.io";
export const httpRoutes = of<WithConditions>(gatewayGroup, "v1", "HTTPRoute", "httproutes", {
  labelSelector: "aim.eai.amd.com/service.name",
  optional,
});
export const gatewayClasses = of<WithConditions>(gatewayGroup, "v1", "GatewayClass", "gatewayclasses", {
  clusterWide,
  optional,
});
export const gateways = of<WithConditions & { readonly spec?: { readonly gatewayClassName?: string } }>(
  gatewayGroup,
  "v1",
  "Gateway",
  "gateways",
  { optional },
);
/** KEDA's. */
export const scaledObjects = of<object>("keda.sh", "v1alpha1", "ScaledObject", "scaledobjects", {
  labelSelector: "aim.eai.amd.com/service",
  optional,
});
export const autoscalers = of<autoscaling.HorizontalPodAutoscaler>(
  "autoscaling",
  "v2",
  "HorizontalPodAutoscaler",
  "horizontalpodautoscalers",
  { labelSelector: "aim.eai.amd.com/service" },
);
const admissionGroup = "admissionregistration.k8s.io";
export const validatingWebhooks = of<admission.ValidatingWebhookConfiguration>(
  admissionGroup,
  "v1",
  "ValidatingWebhookConfiguration",
  "validatingwebhookconfigurations",
  { clusterWide },
);
export const mutatingWebhooks = of<admission.MutatingWebhookConfiguration>(
  admissionGroup,
  "v1",
  "MutatingWebhookConfiguration",
  "mutatingwebhookconfigurations",
  { clusterWide },
);
export const endpointSlices = of<discovery.EndpointSlice>(
  "discovery.k8s.io",
  "v1",
  "EndpointSlice",
  "endpointslices",
);
/** Why pods of Jobs and of endpoints are refused before they exist. */
export const refusals = of<core.Event>("", "v1", "Event", "events", {
  fieldSelector: "type=Warning,reason=FailedCreate",
});

/** All of them. */
export const surveyed: readonly Surveyed[] = [
  services,
  models,
  clusterModels,
  modelSources,
  templates,
  clusterTemplates,
  templateCaches,
  artifacts,
  runtimeConfigs,
  clusterRuntimeConfigs,
  deployments,
  operatorPods,
  downloadPods,
  leases,
  clusterRoles,
  clusterRoleBindings,
  roles,
  roleBindings,
  nodes,
  storageClasses,
  kserveSettings,
  inferenceServices,
  httpRoutes,
  gatewayClasses,
  gateways,
  scaledObjects,
  autoscalers,
  validatingWebhooks,
  mutatingWebhooks,
  endpointSlices,
  refusals,
] as readonly Surveyed[];

/** Those of ours. */
export const ownKinds: readonly Surveyed[] = surveyed.filter(({ resource }) =>
  resource.group === kinds[0].group
);
