/**
 * What the API server adds to objects of built-in kinds where they say nothing. Its defaults are code, not schema: this is
 * a table of them, by the definition they belong to, for the kinds that a cluster in memory runs.
 */
import { at, isObject, type JsonObject, thawed } from "../json.ts";

/** Adds to a value what is missing; the value belongs to the caller. */
type Defaults = (value: JsonObject) => void;

/** Adds members that are missing. */
function missing(value: JsonObject, members: JsonObject): void {
  for (const [key, member] of Object.entries(members)) {
    if (value[key] === undefined || value[key] === null) value[key] = thawed(member);
  }
}

const always = (members: JsonObject): Defaults => (value) => missing(value, members);

/** On the member `spec`, which is there once anything is. */
const inSpec = (defaults: Defaults): Defaults => (value) => {
  if (!isObject(value.spec)) value.spec = {};
  defaults(value.spec as JsonObject);
};

/** An image without a tag, or of the tag `latest`, may be another one tomorrow. */
function pullPolicy(image: unknown): string {
  const name = String(image ?? "");
  if (/\s/.test(name)) return "IfNotPresent"; // no name of an image
  if (name.includes("@")) return /:latest@/.test(name) ? "Always" : "IfNotPresent";
  const tag = /:([^/:]+)$/.exec(name)?.[1];
  return tag === undefined || tag === "latest" ? "Always" : "IfNotPresent";
}

const container: Defaults = (value) =>
  missing(value, {
    resources: {},
    terminationMessagePath: "/dev/termination-log",
    terminationMessagePolicy: "File",
    imagePullPolicy: pullPolicy(value.image),
  });

const podSpec: Defaults = (value) =>
  missing(value, {
    restartPolicy: "Always",
    dnsPolicy: "ClusterFirst",
    schedulerName: "default-scheduler",
    terminationGracePeriodSeconds: 30,
    securityContext: {},
  });

/** A pod's containers request what they are limited to. A template's get that when pods are made of it. */
const pod: Defaults = inSpec((spec) => {
  missing(spec, { enableServiceLinks: true });
  const containers = [
    ...(spec.containers ?? []) as JsonObject[],
    ...(spec.initContainers ?? []) as JsonObject[],
  ];
  for (const { resources } of containers) {
    const limits = at(resources, "limits");
    if (!isObject(limits)) continue;
    const { requests } = resources as JsonObject;
    if (isObject(requests) && Object.keys(limits).every((name) => requests[name] !== undefined)) continue;
    const own = { ...requests as JsonObject | undefined }; // what is there may be that of the stored pod
    missing(own, limits);
    (resources as JsonObject).requests = own;
  }
});

const volume: Defaults = (value) => {
  if (Object.keys(value).every((key) => key === "name")) value.emptyDir = {};
};

const service: Defaults = inSpec((spec) => {
  missing(spec, { sessionAffinity: "None", type: "ClusterIP" });
  if (spec.type !== "ExternalName") missing(spec, { internalTrafficPolicy: "Cluster" });
  const { externalIPs } = spec;
  const outside = spec.type === "ClusterIP" && Array.isArray(externalIPs) && externalIPs.length > 0;
  if (outside || spec.type === "NodePort" || spec.type === "LoadBalancer") {
    missing(spec, { externalTrafficPolicy: "Cluster" });
  }
  if (spec.type === "LoadBalancer") missing(spec, { allocateLoadBalancerNodePorts: true });
  if (spec.sessionAffinity === "None") delete spec.sessionAffinityConfig;
  if (spec.sessionAffinity === "ClientIP") {
    missing(spec, { sessionAffinityConfig: { clientIP: { timeoutSeconds: 10800 } } });
  }
});

const servicePort: Defaults = (value) => {
  missing(value, { protocol: "TCP" });
  if (value.targetPort === undefined || value.targetPort === 0 || value.targetPort === "") {
    value.targetPort = value.port;
  }
};

const deploymentStrategy: Defaults = (value) => {
  missing(value, { type: "RollingUpdate" });
  if (value.type !== "RollingUpdate") return;
  missing(value, { rollingUpdate: {} });
  missing(value.rollingUpdate as JsonObject, { maxUnavailable: "25%", maxSurge: "25%" });
};

const job: Defaults = (spec) => {
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1;
  missing(spec, {
    parallelism: 1,
    backoffLimit: 6,
    completionMode: "NonIndexed",
    suspend: false,
    manualSelector: false,
  });
  missing(spec, {
    podReplacementPolicy: spec.podFailurePolicy === undefined ? "TerminatingOrFailed" : "Failed",
  });
};

const subject: Defaults = (value) => {
  if (value.kind === "User" || value.kind === "Group") {
    missing(value, { apiGroup: "rbac.authorization.k8s.io" });
  }
};

const roleRef: Defaults = (value) => {
  if (!value.apiGroup) value.apiGroup = "rbac.authorization.k8s.io";
};

const core = "io.k8s.api.core.v1.";
const apps = "io.k8s.api.apps.v1.";
const admission = "io.k8s.api.admissionregistration.v1.";
const webhook = {
  failurePolicy: "Fail",
  matchPolicy: "Equivalent",
  namespaceSelector: {},
  objectSelector: {},
  timeoutSeconds: 10,
};

/** A definition's defaults are added before those of what it holds. */
const table: Readonly<Record<string, Defaults>> = {
  [`${core}Pod`]: pod,
  [`${core}PodSpec`]: podSpec,
  [`${core}Container`]: container,
  [`${core}EphemeralContainer`]: container,
  [`${core}Probe`]: always({
    timeoutSeconds: 1,
    periodSeconds: 10,
    successThreshold: 1,
    failureThreshold: 3,
  }),
  [`${core}HTTPGetAction`]: always({ path: "/", scheme: "HTTP" }),
  [`${core}ObjectFieldSelector`]: always({ apiVersion: "v1" }),
  [`${core}Volume`]: volume,
  [`${core}SecretVolumeSource`]: always({ defaultMode: 420 }),
  [`${core}ConfigMapVolumeSource`]: always({ defaultMode: 420 }),
  [`${core}DownwardAPIVolumeSource`]: always({ defaultMode: 420 }),
  [`${core}ProjectedVolumeSource`]: always({ defaultMode: 420 }),
  [`${core}ServiceAccountTokenProjection`]: always({ expirationSeconds: 3600 }),
  [`${core}HostPathVolumeSource`]: always({ type: "" }),
  [`${core}Service`]: service,
  [`${core}ServicePort`]: servicePort,
  [`${core}PersistentVolumeClaim`]: (value) => {
    inSpec(always({ volumeMode: "Filesystem" }))(value);
    missing(value, { status: {} });
    missing(value.status as JsonObject, { phase: "Pending" });
  },
  [`${core}PersistentVolume`]: inSpec(
    always({ persistentVolumeReclaimPolicy: "Retain", volumeMode: "Filesystem" }),
  ),
  [`${core}Secret`]: always({ type: "Opaque" }),
  [`${apps}Deployment`]: inSpec(
    always({ replicas: 1, strategy: {}, revisionHistoryLimit: 10, progressDeadlineSeconds: 600 }),
  ),
  [`${apps}DeploymentStrategy`]: deploymentStrategy,
  [`${apps}ReplicaSet`]: inSpec(always({ replicas: 1 })),
  [`${apps}StatefulSet`]: inSpec(always({
    replicas: 1,
    podManagementPolicy: "OrderedReady",
    revisionHistoryLimit: 10,
    updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 0 } },
    persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
  })),
  [`${apps}DaemonSet`]: inSpec(always({
    revisionHistoryLimit: 10,
    updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
  })),
  [`${admission}ValidatingAdmissionPolicySpec`]: always({ failurePolicy: "Fail" }),
  [`${admission}MatchResources`]: always({
    matchPolicy: "Equivalent",
    namespaceSelector: {},
    objectSelector: {},
  }),
  [`${admission}MutatingWebhook`]: always({ ...webhook, reinvocationPolicy: "Never" }),
  [`${admission}ValidatingWebhook`]: always(webhook),
  [`${admission}RuleWithOperations`]: always({ scope: "*" }),
  [`${admission}ServiceReference`]: always({ port: 443 }),
  [`${admission}NamedRuleWithOperations`]: always({ scope: "*" }),
  "io.k8s.api.batch.v1.Job": inSpec(job),
  "io.k8s.api.batch.v1.CronJob": inSpec(
    always({
      concurrencyPolicy: "Allow",
      suspend: false,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 1,
    }),
  ),
  "io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler": inSpec(always({
    minReplicas: 1,
    metrics: [{
      type: "Resource",
      resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 80 } },
    }],
  })),
  "io.k8s.api.networking.v1.NetworkPolicy": inSpec((value) => {
    const types = isObject(value.egress) || Array.isArray(value.egress) ? ["Ingress", "Egress"] : ["Ingress"];
    missing(value, { policyTypes: types });
  }),
  "io.k8s.api.networking.v1.NetworkPolicyPort": always({ protocol: "TCP" }),
  "io.k8s.api.rbac.v1.Subject": subject,
  "io.k8s.api.rbac.v1.RoleRef": roleRef,
  "io.k8s.api.rbac.v1.RoleBinding": always({ roleRef: {} }),
  "io.k8s.api.rbac.v1.ClusterRoleBinding": always({ roleRef: {} }),
  "io.k8s.api.storage.v1.StorageClass": always({ reclaimPolicy: "Delete", volumeBindingMode: "Immediate" }),
  "io.k8s.api.scheduling.v1.PriorityClass": always({ preemptionPolicy: "PreemptLowerPriority" }),
};

/** Adds the defaults of a definition to one value of it; what the value holds is not looked at. */
export function addDefinitionDefaults(definition: string, value: JsonObject): void {
  if (Object.hasOwn(table, definition)) table[definition](value);
}
