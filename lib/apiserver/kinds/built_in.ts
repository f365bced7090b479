/** The built-in kinds, one line each: what discovery says of them. Their columns are in `tables/`. */
import { schemaOfBuiltIn } from "../schema/mod.ts";
import type { Kind } from "./kind.ts";

interface Line {
  readonly kind: string;
  readonly plural: string;
  readonly short?: readonly string[];
  readonly categories?: readonly string[];
  /** Of the whole cluster. */
  readonly cluster?: boolean;
  readonly status?: boolean;
  readonly generation?: boolean;
  readonly scale?: boolean;
  readonly createsOnPut?: boolean;
  readonly fields?: readonly string[];
}

const all = ["all"];

const core: readonly Line[] = [
  { kind: "ConfigMap", plural: "configmaps", short: ["cm"] },
  { kind: "Endpoints", plural: "endpoints", short: ["ep"], createsOnPut: true },
  {
    kind: "Event",
    plural: "events",
    short: ["ev"],
    createsOnPut: true,
    fields: [
      "involvedObject.kind",
      "involvedObject.namespace",
      "involvedObject.name",
      "involvedObject.uid",
      "involvedObject.apiVersion",
      "involvedObject.resourceVersion",
      "involvedObject.fieldPath",
      "reason",
      "reportingComponent",
      "source",
      "type",
    ],
  },
  { kind: "LimitRange", plural: "limitranges", short: ["limits"], createsOnPut: true },
  {
    kind: "Namespace",
    plural: "namespaces",
    short: ["ns"],
    cluster: true,
    status: true,
    fields: ["status.phase"],
  },
  {
    kind: "Node",
    plural: "nodes",
    short: ["no"],
    cluster: true,
    status: true,
    fields: ["spec.unschedulable"],
  },
  { kind: "PersistentVolumeClaim", plural: "persistentvolumeclaims", short: ["pvc"], status: true },
  { kind: "PersistentVolume", plural: "persistentvolumes", short: ["pv"], cluster: true, status: true },
  {
    kind: "Pod",
    plural: "pods",
    short: ["po"],
    categories: all,
    status: true,
    generation: true,
    fields: [
      "spec.nodeName",
      "spec.restartPolicy",
      "spec.schedulerName",
      "spec.serviceAccountName",
      "spec.hostNetwork",
      "status.phase",
      "status.podIP",
      "status.nominatedNodeName",
    ],
  },
  { kind: "ResourceQuota", plural: "resourcequotas", short: ["quota"], status: true },
  { kind: "Secret", plural: "secrets", fields: ["type"] },
  { kind: "ServiceAccount", plural: "serviceaccounts", short: ["sa"] },
  {
    kind: "Service",
    plural: "services",
    short: ["svc"],
    categories: all,
    status: true,
    createsOnPut: true,
    fields: ["spec.clusterIP", "spec.type"],
  },
];

const groups: Readonly<Record<string, readonly Line[]>> = {
  "/v1": core,
  "apps/v1": [
    {
      kind: "DaemonSet",
      plural: "daemonsets",
      short: ["ds"],
      categories: all,
      status: true,
      generation: true,
    },
    {
      kind: "Deployment",
      plural: "deployments",
      short: ["deploy"],
      categories: all,
      status: true,
      generation: true,
      scale: true,
    },
    {
      kind: "ReplicaSet",
      plural: "replicasets",
      short: ["rs"],
      categories: all,
      status: true,
      generation: true,
      scale: true,
    },
    {
      kind: "StatefulSet",
      plural: "statefulsets",
      short: ["sts"],
      categories: all,
      status: true,
      generation: true,
      scale: true,
    },
  ],
  "batch/v1": [
    { kind: "CronJob", plural: "cronjobs", short: ["cj"], categories: all, status: true, generation: true },
    {
      kind: "Job",
      plural: "jobs",
      categories: all,
      status: true,
      generation: true,
      fields: ["status.successful"],
    },
  ],
  "autoscaling/v2": [
    {
      kind: "HorizontalPodAutoscaler",
      plural: "horizontalpodautoscalers",
      short: ["hpa"],
      categories: all,
      status: true,
    },
  ],
  "policy/v1": [
    {
      kind: "PodDisruptionBudget",
      plural: "poddisruptionbudgets",
      short: ["pdb"],
      status: true,
      generation: true,
    },
  ],
  "coordination.k8s.io/v1": [{ kind: "Lease", plural: "leases", createsOnPut: true }],
  "discovery.k8s.io/v1": [{ kind: "EndpointSlice", plural: "endpointslices", generation: true }],
  "storage.k8s.io/v1": [
    { kind: "StorageClass", plural: "storageclasses", short: ["sc"], cluster: true },
    { kind: "CSIDriver", plural: "csidrivers", cluster: true },
  ],
  "networking.k8s.io/v1": [
    { kind: "Ingress", plural: "ingresses", short: ["ing"], status: true, generation: true },
    { kind: "NetworkPolicy", plural: "networkpolicies", short: ["netpol"], generation: true },
  ],
  "rbac.authorization.k8s.io/v1": [
    { kind: "ClusterRole", plural: "clusterroles", cluster: true, createsOnPut: true },
    { kind: "ClusterRoleBinding", plural: "clusterrolebindings", cluster: true, createsOnPut: true },
    { kind: "Role", plural: "roles", createsOnPut: true },
    { kind: "RoleBinding", plural: "rolebindings", createsOnPut: true },
  ],
  "scheduling.k8s.io/v1": [{
    kind: "PriorityClass",
    plural: "priorityclasses",
    short: ["pc"],
    cluster: true,
    generation: true,
  }],
  "admissionregistration.k8s.io/v1": [
    {
      kind: "MutatingWebhookConfiguration",
      plural: "mutatingwebhookconfigurations",
      categories: ["api-extensions"],
      cluster: true,
      generation: true,
    },
    {
      kind: "ValidatingAdmissionPolicy",
      plural: "validatingadmissionpolicies",
      categories: ["api-extensions"],
      cluster: true,
      status: true,
      generation: true,
    },
    {
      kind: "ValidatingAdmissionPolicyBinding",
      plural: "validatingadmissionpolicybindings",
      categories: ["api-extensions"],
      cluster: true,
      generation: true,
    },
    {
      kind: "ValidatingWebhookConfiguration",
      plural: "validatingwebhookconfigurations",
      categories: ["api-extensions"],
      cluster: true,
      generation: true,
    },
  ],
  "apiextensions.k8s.io/v1": [
    {
      kind: "CustomResourceDefinition",
      plural: "customresourcedefinitions",
      short: ["crd", "crds"],
      categories: ["api-extensions"],
      cluster: true,
      status: true,
      generation: true,
    },
  ],
};

const builtInScale = {
  specReplicasPath: ".spec.replicas",
  statusReplicasPath: ".status.replicas",
  labelSelectorPath: ".status.selector",
};

export const builtInKinds: readonly Kind[] = Object.entries(groups).flatMap(([apiVersion, lines]) => {
  const [group, version] = apiVersion.split("/");
  return lines.map((line): Kind => ({
    group,
    version,
    kind: line.kind,
    listKind: `${line.kind}List`,
    plural: line.plural,
    singular: line.kind.toLowerCase(),
    shortNames: line.short ?? [],
    categories: line.categories ?? [],
    namespaced: line.cluster !== true,
    verbs: line.kind === "Namespace"
      ? ["create", "delete", "get", "list", "patch", "update", "watch"]
      : ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"],
    hasStatus: line.status === true,
    scale: line.scale ? builtInScale : undefined,
    selectableFields: line.fields ?? [],
    columns: [],
    custom: false,
    hasGeneration: line.generation === true,
    createsOnPut: line.createsOnPut,
    schema: schemaOfBuiltIn(group, version, line.kind),
  }));
});
