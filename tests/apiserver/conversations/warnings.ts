/** What the original warns of in objects that it takes: a row for each of its words. */
import type { Conversation, Row } from "../conversation.ts";

type Fields = Record<string, unknown>;

const space = "/api/v1/namespaces/$ns";
const apps = "/apis/apps/v1/namespaces/$ns";
const batch = "/apis/batch/v1/namespaces/$ns";

const tried = (path: string, body: Fields): Row => ({
  request: `POST ${path}?dryRun=All&fieldManager=maker`,
  body,
});

const container = { name: "c", image: "x:1" };

function pod(spec: Fields, name = "p"): Row {
  const all = { containers: [container], automountServiceAccountToken: false, ...spec };
  return tried(`${space}/pods`, { apiVersion: "v1", kind: "Pod", metadata: { name }, spec: all });
}

const ports = (...lists: readonly (readonly Fields[])[]) =>
  pod({ containers: lists.map((ports, i) => ({ ...container, name: `c${i}`, ports })) });

const labels = { matchLabels: { a: "b" } };
const expressions = (...keys: readonly string[]) => ({
  matchExpressions: keys.map((key) => ({ key, operator: "Exists" })),
});

function service(spec: Fields): Row {
  return tried(`${space}/services`, {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "s" },
    spec: { ports: [{ port: 80 }], ...spec },
  });
}

function quota(hard: Fields): Row {
  return tried(`${space}/resourcequotas`, {
    apiVersion: "v1",
    kind: "ResourceQuota",
    metadata: { name: "q" },
    spec: { hard },
  });
}

const template = (spec: Fields = {}) => ({
  metadata: { labels: labels.matchLabels },
  spec: { containers: [container], nodeSelector: { "beta.kubernetes.io/arch": "amd64" }, ...spec },
});
const job = template({ restartPolicy: "Never" });

const deployment = (replicas: number, old = "beta.kubernetes.io/arch"): Fields => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "d" },
  spec: { replicas, selector: labels, template: template({ nodeSelector: { [old]: "amd64" } }) },
});

export const warnings: Conversation = {
  name: "warnings",
  alone: true,
  rows: [
    {
      request: `POST ${space}/serviceaccounts`,
      body: { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default" } },
    },
    // Of several the original warns in any order.
    ...["app.kubernetes.io/created-by", "beta.kubernetes.io/instance-type"].map((name) =>
      pod({ nodeSelector: { [name]: "x" } })
    ),
    pod({
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [
              expressions("beta.kubernetes.io/os", "kubernetes.io/os"),
              expressions("failure-domain.beta.kubernetes.io/region"),
            ],
          },
          preferredDuringSchedulingIgnoredDuringExecution: [
            { weight: 1, preference: expressions("failure-domain.beta.kubernetes.io/zone") },
            { weight: 1, preference: expressions("node-role.kubernetes.io/master") },
          ],
        },
      },
    }),
    pod({
      topologySpreadConstraints: [
        { maxSkew: 1, topologyKey: "beta.kubernetes.io/arch", whenUnsatisfiable: "DoNotSchedule" },
        { maxSkew: 1, topologyKey: "zone", whenUnsatisfiable: "DoNotSchedule", labelSelector: labels },
        { maxSkew: 1, topologyKey: "region", whenUnsatisfiable: "ScheduleAnyway" },
      ],
    }),
    ...["podAffinity", "podAntiAffinity"].map((name) =>
      pod({
        affinity: {
          [name]: {
            requiredDuringSchedulingIgnoredDuringExecution: [
              { topologyKey: "zone", labelSelector: labels },
              { topologyKey: "zone" },
            ],
            preferredDuringSchedulingIgnoredDuringExecution: [
              { weight: 1, podAffinityTerm: { topologyKey: "zone" } },
            ],
          },
        },
      })
    ),
    pod({
      hostAliases: [
        { ip: "10.0.0.1", hostnames: ["a"] },
        { ip: "10.0.0.2", hostnames: ["b"] },
        { ip: "10.0.0.1", hostnames: ["c"] },
      ],
    }),
    pod({ imagePullSecrets: [{ name: "a" }, { name: "a" }] }),
    pod({ imagePullSecrets: [{}, { name: "" }] }),
    pod({
      initContainers: [{
        ...container,
        name: "i",
        resources: { requests: { "ephemeral-storage": "1500m" } },
      }],
      containers: [{
        ...container,
        resources: { limits: { memory: "1100m" }, requests: { memory: "100m" } },
      }],
    }),
    pod({
      containers: [{
        ...container,
        env: [
          { name: "A", value: "1" },
          { name: "A", value: "2" },
          { name: "A", value: "$(A) and more" },
          { name: "A", value: "$(A)" },
          { name: "A", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
        ],
      }],
    }),
    ports([{ containerPort: 80 }], [{ containerPort: 80 }]),
    ports([{ containerPort: 80 }, { containerPort: 80, protocol: "UDP" }]),
    ports([{ containerPort: 80 }], [{ containerPort: 80, hostPort: 80 }]),
    ports([{ containerPort: 80, hostPort: 80 }], [{ containerPort: 80, hostPort: 80, hostIP: "10.0.0.1" }]),
    ports(
      [{ containerPort: 80, hostPort: 80, hostIP: "10.0.0.2" }],
      [{ containerPort: 80, hostPort: 80, hostIP: "10.0.0.1" }],
    ),
    ports([{ containerPort: 80, name: "web" }], [{ containerPort: 81, name: "web" }]),
    ports([{ containerPort: 80 }, { containerPort: 80 }]),
    pod({ terminationGracePeriodSeconds: -5 }),
    pod({}, "with.dots"),
    pod({}, "n".repeat(64)),
    service({ clusterIP: "None", loadBalancerIP: "10.1.1.1" }),
    service({ clusterIP: "None", externalIPs: ["192.0.2.1"] }),
    service({ clusterIP: "None", sessionAffinity: "ClientIP" }),
    service({ type: "ExternalName", externalName: "example.com", externalIPs: ["192.0.2.1"] }),
    service({ externalName: "example.com" }),
    service({ trafficDistribution: "PreferClose" }),
    service({ trafficDistribution: "PreferSameZone" }),
    tried(`${space}/persistentvolumeclaims`, {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name: "c" },
      spec: {
        accessModes: ["ReadWriteOnce"],
        resources: { requests: { storage: "1500m" }, limits: { storage: "2500m" } },
      },
    }),
    quota({ "requests.ephemeral-storage": "3Gi", "limits.ephemeral-storage": "2Gi" }),
    quota({ storage: "3Gi" }),
    quota({ "requests.storage": "3Gi", "limits.storage": "2Gi" }),
    tried(`${apps}/statefulsets`, {
      apiVersion: "apps/v1",
      kind: "StatefulSet",
      metadata: { name: "s" },
      spec: { revisionHistoryLimit: -1, selector: labels, serviceName: "s", template: template() },
    }),
    tried(`${apps}/replicasets`, {
      apiVersion: "apps/v1",
      kind: "ReplicaSet",
      metadata: { name: "r.s" },
      spec: { selector: labels, template: template() },
    }),
    tried(`${batch}/cronjobs`, {
      apiVersion: "batch/v1",
      kind: "CronJob",
      metadata: { name: "c.j" },
      spec: { schedule: "@daily", jobTemplate: { spec: { template: job } } },
    }),
    tried(`${batch}/jobs`, {
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: { name: "j.b" },
      spec: { template: job },
    }),
    { request: `POST ${apps}/deployments`, body: deployment(0) },
    // Of an update only where something is wanted otherwise.
    { request: `PUT ${apps}/deployments/d`, body: deployment(0) },
    { request: `PUT ${apps}/deployments/d`, body: deployment(1) },
    { request: `PUT ${apps}/deployments/d`, body: deployment(1, "beta.kubernetes.io/os") },
  ],
};
