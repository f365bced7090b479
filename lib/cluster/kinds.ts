/**
 * Everything of a cluster that the operator watches: one constant a kind, with the selector that keeps the
 * big kinds small and the projection that keeps heartbeats out. Indexes stand with the code that asks them.
 */

import { managerOf } from "../operator/naming/labels.ts";
import {
  type AIMArtifact,
  aimArtifact,
  type AIMClusterModel,
  aimClusterModel,
  type AIMClusterModelSource,
  aimClusterModelSource,
  type AIMClusterRuntimeConfig,
  aimClusterRuntimeConfig,
  type AIMClusterServiceTemplate,
  aimClusterServiceTemplate,
  type AIMModel,
  aimModel,
  type AIMRuntimeConfig,
  aimRuntimeConfig,
  type AIMService,
  aimService,
  type AIMServiceTemplate,
  aimServiceTemplate,
  type AIMTemplateCache,
  aimTemplateCache,
  type Kind,
} from "../api/mod.ts";
import { CachedKind, type Selector } from "../kube/cache/cached_kind.ts";
import type { KubeObject, Resource } from "../kube/object.ts";
import { eventSelector, isTold } from "../operator/inspect/causes.ts";
import { aimFields, inferenceServiceFields, routeFields } from "./field_rules.ts";
import type * as object from "../operator/objects.ts";

/** Our own kinds are required: without them there is nothing to operate on. */
function own<T extends KubeObject>(kind: Kind, managers: readonly string[] = []): CachedKind<T, false> {
  const { group, version, plural, scope } = kind;
  return new CachedKind<T, false>({
    resource: { group, version, kind: kind.kind, plural, namespaced: scope === "Namespaced" },
    optional: false,
    managers,
    fieldRules: aimFields,
  });
}

const service = managerOf("AIMService");
const model = managerOf("AIMModel");
const clusterModel = managerOf("AIMClusterModel");
const modelSource = managerOf("AIMClusterModelSource");
const template = managerOf("AIMServiceTemplate");
const clusterTemplate = managerOf("AIMClusterServiceTemplate");
const templateCache = managerOf("AIMTemplateCache");
const artifact = managerOf("AIMArtifact");

export const services = own<AIMService>(aimService);
export const models = own<AIMModel>(aimModel, [service]);
export const clusterModels = own<AIMClusterModel>(aimClusterModel, [modelSource]);
export const modelSources = own<AIMClusterModelSource>(aimClusterModelSource);
export const templates = own<AIMServiceTemplate>(aimServiceTemplate, [model, service, template]);
export const clusterTemplates = own<AIMClusterServiceTemplate>(aimClusterServiceTemplate, [
  clusterModel,
  clusterTemplate,
]);
export const templateCaches = own<AIMTemplateCache>(aimTemplateCache, [service, template]);
export const artifacts = own<AIMArtifact>(aimArtifact, [templateCache]);
export const runtimeConfigs = own<AIMRuntimeConfig>(aimRuntimeConfig);
export const clusterRuntimeConfigs = own<AIMClusterRuntimeConfig>(aimClusterRuntimeConfig);

const core = (kind: string, plural: string, namespaced = true): Resource => ({
  group: "",
  version: "v1",
  kind,
  plural,
  namespaced,
});

/** A node is its labels and GPU capacity: a heartbeat changes nothing and wakes nobody. */
export const nodes = new CachedKind<object.Node, false>({
  resource: core("Node", "nodes", false),
  optional: false,
  annotations: false,
  project: ({ status }) => {
    const gpus = Object.entries(status?.capacity ?? {}).filter(([name]) => name.startsWith("amd.com/"));
    return gpus.length === 0 ? {} : { status: { capacity: Object.fromEntries(gpus) } };
  },
});

/** Pods of endpoints (KServe's label), downloads and discovery (the pods of a Job that are labelled by template). */
export const podSelectors: readonly Selector[] = [
  { labelSelector: "serving.kserve.io/inferenceservice" },
  { labelSelector: "aim.eai.amd.com/cache.name" },
  { labelSelector: "aim.eai.amd.com/template,job-name" },
];

const slimContainer = ({ name, ready, restartCount, state, lastState }: object.ContainerStatus) => ({
  name,
  ready,
  restartCount,
  state,
  lastState,
});

const podConditions = new Set(["Ready", "PodScheduled", "DisruptionTarget"]);

export const pods = new CachedKind<object.Pod, false>({
  resource: core("Pod", "pods"),
  optional: false,
  annotations: false,
  selectors: podSelectors,
  project: ({ spec, status }) => ({
    spec: { nodeName: spec?.nodeName },
    status: {
      phase: status?.phase,
      reason: status?.reason,
      message: status?.message,
      conditions: status?.conditions?.filter(({ type }) => podConditions.has(type)).map(
        ({ type, status, reason, message, lastTransitionTime }) => ({
          type,
          status,
          reason,
          message,
          lastTransitionTime,
        }),
      ),
      containerStatuses: status?.containerStatuses?.map(slimContainer),
      initContainerStatuses: status?.initContainerStatuses?.map(slimContainer),
    },
  }),
});

/** Download, check-size (label `cache.name`) and discovery Jobs; annotations say what a Job was made of. */
export const jobs = new CachedKind<object.Job, false>({
  resource: { group: "batch", version: "v1", kind: "Job", plural: "jobs", namespaced: true },
  optional: false,
  selectors: [
    { labelSelector: "aim.eai.amd.com/cache.name" },
    { labelSelector: "app.kubernetes.io/component=discovery" },
  ],
  managers: [artifact, template, clusterTemplate],
  project: ({ spec, status }) => ({
    spec: { suspend: spec?.suspend },
    status: {
      active: status?.active,
      succeeded: status?.succeeded,
      failed: status?.failed,
      startTime: status?.startTime,
      completionTime: status?.completionTime,
      conditions: status?.conditions,
    },
  }),
});

/** The predictor Deployments that KServe makes: they say why a pod was refused before it existed. */
export const deployments = new CachedKind<object.Deployment, false>({
  resource: { group: "apps", version: "v1", kind: "Deployment", plural: "deployments", namespaced: true },
  optional: false,
  annotations: false,
  selectors: [{ labelSelector: "serving.kserve.io/inferenceservice" }],
  project: ({ status }) => ({
    status: { conditions: status?.conditions?.filter(({ type }) => type === "ReplicaFailure") },
  }),
});

/** The revisions of those Deployments: what each is made of, and which is the newest. */
export const replicaSets = new CachedKind<object.ReplicaSet, false>({
  resource: { group: "apps", version: "v1", kind: "ReplicaSet", plural: "replicasets", namespaced: true },
  optional: false,
  selectors: [{ labelSelector: "serving.kserve.io/inferenceservice" }],
  project: ({ spec }) => ({ spec: { template: { spec: podSpecParts(spec?.template?.spec) } } }),
});

const podSpecParts = (
  { serviceAccountName, imagePullSecrets, containers, volumes }: Partial<object.PodSpec> = {},
) => ({
  serviceAccountName,
  imagePullSecrets,
  containers: containers?.map(({ name, image, env, resources }) => ({ name, image, env, resources })),
  volumes: volumes?.map(({ name, persistentVolumeClaim }) => ({ name, persistentVolumeClaim })),
});

export const persistentVolumeClaims = new CachedKind<object.PersistentVolumeClaim, false>({
  resource: core("PersistentVolumeClaim", "persistentvolumeclaims"),
  optional: false,
  annotations: false,
  selectors: [{ labelSelector: "aim.eai.amd.com/cache.name" }],
  managers: [artifact],
  project: ({ spec, status }) => ({
    spec,
    status: { phase: status?.phase, capacity: status?.capacity, conditions: status?.conditions },
  }),
});

/** They say whose claims may be made larger. */
export const storageClasses = new CachedKind<object.StorageClass, false>({
  resource: {
    group: "storage.k8s.io",
    version: "v1",
    kind: "StorageClass",
    plural: "storageclasses",
    namespaced: false,
  },
  optional: false,
  annotations: false,
  project: ({ allowVolumeExpansion }) => ({ allowVolumeExpansion }),
});

export const horizontalPodAutoscalers = new CachedKind<object.HorizontalPodAutoscaler, false>({
  resource: {
    group: "autoscaling",
    version: "v2",
    kind: "HorizontalPodAutoscaler",
    plural: "horizontalpodautoscalers",
    namespaced: true,
  },
  optional: false,
  annotations: false,
  selectors: [{ labelSelector: "aim.eai.amd.com/service" }],
  project: ({ spec, status }) => ({
    spec: { minReplicas: spec?.minReplicas, maxReplicas: spec?.maxReplicas },
    status: {
      currentReplicas: status?.currentReplicas,
      desiredReplicas: status?.desiredReplicas,
      conditions: status?.conditions?.map(({ type, status, reason, message }) => ({
        type,
        status,
        reason,
        message,
      })),
    },
  }),
});

/** The events that say why something of ours does not come up; of the others nothing is kept. */
export const events = new CachedKind<object.Event, false>({
  resource: core("Event", "events"),
  optional: false,
  annotations: false,
  selectors: [eventSelector],
  keep: ({ involvedObject, reason }) => isTold(involvedObject?.kind, reason),
  project: ({ type, reason, message, involvedObject, lastTimestamp, eventTime, series }) => ({
    type,
    reason,
    message,
    involvedObject: { kind: involvedObject?.kind, name: involvedObject?.name, uid: involvedObject?.uid },
    lastTimestamp: lastTimestamp ?? series?.lastObservedTime ?? eventTime,
  }),
});

/** The one RoleBinding per namespace that lets download pods report (caching §5.9). */
export const roleBindings = new CachedKind<object.RoleBinding, false>({
  resource: {
    group: "rbac.authorization.k8s.io",
    version: "v1",
    kind: "RoleBinding",
    plural: "rolebindings",
    namespaced: true,
  },
  optional: false,
  annotations: false,
  selectors: [{ fieldSelector: "metadata.name=aim-engine-artifact-status-updater" }],
  managers: [artifact],
});

/** ServiceAccount of the pods that measure and download, in each namespace with an artifact (caching §5.9). */
export const downloaderAccount = "aim-engine-artifact-downloader";

export const serviceAccounts = new CachedKind<object.ServiceAccount, false>({
  resource: core("ServiceAccount", "serviceaccounts"),
  optional: false,
  annotations: false,
  selectors: [{ fieldSelector: `metadata.name=${downloaderAccount}` }],
  managers: [artifact],
  project: () => ({}),
});

/** KServe may be installed later, or never. */
export const inferenceServices = new CachedKind<object.InferenceService, true>({
  resource: {
    group: "serving.kserve.io",
    version: "v1beta1",
    kind: "InferenceService",
    plural: "inferenceservices",
    namespaced: true,
  },
  optional: true,
  selectors: [{ labelSelector: "aim.eai.amd.com/service.name" }],
  managers: [service],
  fieldRules: inferenceServiceFields,
  project: ({ spec, status }) => ({
    spec,
    status: {
      observedGeneration: status?.observedGeneration,
      url: status?.url,
      conditions: status?.conditions?.map(({ type, status, reason, message, lastTransitionTime }) => ({
        type,
        status,
        reason,
        message,
        lastTransitionTime,
      })),
    },
  }),
});

/** The Gateway API may be installed later, or never. */
export const httpRoutes = new CachedKind<object.HTTPRoute, true>({
  resource: {
    group: "gateway.networking.k8s.io",
    version: "v1",
    kind: "HTTPRoute",
    plural: "httproutes",
    namespaced: true,
  },
  optional: true,
  selectors: [{ labelSelector: "aim.eai.amd.com/service.name" }],
  managers: [service],
  fieldRules: routeFields,
  project: ({ spec, status }) => ({
    spec,
    status: {
      parents: status?.parents?.map(({ parentRef, controllerName, conditions }) => ({
        parentRef,
        controllerName,
        conditions: conditions?.map(({ type, status, reason, message, observedGeneration }) => ({
          type,
          status,
          reason,
          message,
          observedGeneration,
        })),
      })),
    },
  }),
});

/** All of them: what the program opens stores and watches for. */
export const watchedKinds: readonly CachedKind<KubeObject>[] = [
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
  nodes,
  pods,
  jobs,
  deployments,
  replicaSets,
  persistentVolumeClaims,
  storageClasses,
  horizontalPodAutoscalers,
  events,
  roleBindings,
  serviceAccounts,
  inferenceServices,
  httpRoutes,
] as unknown as readonly CachedKind<KubeObject>[];
