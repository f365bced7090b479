/** What limits, quotas, standards of pods and policies add to objects or refuse of them. No controller counts: the tests do. */
import type { Conversation, Row } from "../conversation.ts";
import { configMap, widget } from "./widget.ts";

type Fields = Record<string, unknown>;

const space = "/api/v1/namespaces/$ns";
const pods = `${space}/pods`;
const claims = `${space}/persistentvolumeclaims`;
const services = `${space}/services`;
const deployments = "/apis/apps/v1/namespaces/$ns/deployments";
const widgets = "/apis/conversation.test/v1/namespaces/$ns/widgets";

/** What is written a moment ago is known to admission then. */
const known = 700;

const post = (path: string, body: unknown, more: Partial<Row> = {}): Row => {
  return { request: `POST ${path}${path.includes("?") ? "&" : "?"}fieldManager=maker`, body, ...more };
};
const tried = (path: string, body: unknown, more: Partial<Row> = {}): Row => {
  return post(`${path}?dryRun=All`, body, more);
};
const merge = (path: string, body: unknown, more: Partial<Row> = {}): Row => {
  return { request: `PATCH ${path}`, body, type: "application/merge-patch+json", ...more };
};

const account = post(`${space}/serviceaccounts`, {
  apiVersion: "v1",
  kind: "ServiceAccount",
  metadata: { name: "default" },
});

const container = (resources?: Fields, more: Fields = {}) => ({ name: "c", image: "x:1", resources, ...more });
const resources = (requests?: Fields, limits?: Fields) => ({ requests, limits });

function pod(name: string, containers: readonly Fields[], more: Fields = {}): Fields {
  const spec = { containers, automountServiceAccountToken: false, ...more };
  return { apiVersion: "v1", kind: "Pod", metadata: { name }, spec };
}

function claim(name: string, storage: string, more: Fields = {}): Fields {
  const spec = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage } }, ...more };
  return { apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: { name }, spec };
}

function service(name: string, spec: Fields): Fields {
  return { apiVersion: "v1", kind: "Service", metadata: { name }, spec };
}

function range(name: string, limits: readonly Fields[]): Fields {
  return { apiVersion: "v1", kind: "LimitRange", metadata: { name }, spec: { limits } };
}

const limits: Conversation = {
  name: "limits",
  alone: true,
  rows: [
    account,
    post(
      `${space}/limitranges`,
      range("few", [
        {
          type: "Container",
          default: { cpu: "500m", memory: "1Gi" },
          defaultRequest: { cpu: "100m" },
          min: { cpu: "50m" },
          max: { cpu: "2", memory: "4Gi" },
          maxLimitRequestRatio: { cpu: "10" },
        },
        { type: "Pod", max: { memory: "5Gi" } },
        { type: "PersistentVolumeClaim", min: { storage: "1Gi" }, max: { storage: "5Gi" } },
      ]),
    ),
    tried(pods, pod("silent", [container()]), { pause: known }),
    tried(pods, pod("partly", [container(resources({ memory: "512Mi" }))])),
    tried(
      pods,
      pod("two", [container(), container(resources(undefined, { cpu: "1" }), { name: "d" })], {
        initContainers: [container(undefined, { name: "i" })],
      }),
    ),
    tried(pods, pod("large", [container(resources({ cpu: "1" }, { cpu: "3" }))])),
    tried(pods, pod("larger", [container(resources({ cpu: "1" }, { cpu: "3", memory: "4097Mi" }))])),
    tried(pods, pod("small", [container(resources({ cpu: "10m" }, { cpu: "40m" }))])),
    tried(pods, pod("steep", [container(resources({ cpu: "50m" }, { cpu: "2" }))])),
    tried(
      pods,
      pod("sum", [
        container(resources(undefined, { memory: "3Gi" })),
        container(resources(undefined, { memory: "3Gi" }), { name: "d" }),
      ]),
    ),
    tried(claims, claim("large", "10Gi")),
    tried(claims, claim("small", "500Mi")),
    tried(claims, claim("right", "5Gi")),
    post(
      `${space}/limitranges`,
      range("strict", [{ type: "Container", min: { "ephemeral-storage": "1Gi" }, max: { "example.com/gpu": "2" } }]),
    ),
    tried(pods, pod("strict", [container()]), { pause: known }),
  ],
};

function quota(name: string, hard: Fields, more: Fields = {}): Fields {
  return { apiVersion: "v1", kind: "ResourceQuota", metadata: { name }, spec: { hard, ...more } };
}

const quotas = `${space}/resourcequotas`;
const counted = (name: string, hard: Fields, used: Fields): Row =>
  merge(`${quotas}/${name}/status?fieldManager=counter`, { status: { hard, used } });
const nothing = (hard: Fields) => Object.fromEntries(Object.keys(hard).map((name) => [name, "0"]));

const hard = {
  pods: "2",
  "requests.cpu": "1",
  "limits.memory": "2Gi",
  "requests.amd.com/gpu": "2",
  "count/configmaps": "2",
  services: "2",
  "services.nodeports": "1",
  "requests.storage": "10Gi",
  "fast.storageclass.storage.k8s.io/requests.storage": "1Gi",
  "count/widgets.conversation.test": "1",
};
const fit = resources({ cpu: "500m" }, { memory: "1Gi" });
const ports = (count: number) => Array.from({ length: count }, (_, i) => ({ name: `p${i}`, port: 80 + i }));

const quotasConversation: Conversation = {
  name: "quotas",
  alone: true,
  rows: [
    account,
    post(quotas, quota("all", hard)),
    tried(pods, pod("uncounted", [container()]), { pause: known }),
    counted("all", hard, nothing(hard)),
    tried(pods, pod("silent", [container(), container(undefined, { name: "d" })]), { pause: known }),
    tried(pods, pod("partly", [container(resources({ cpu: "1" }))])),
    tried(pods, pod("large", [container(resources({ cpu: "2" }, { memory: "1Gi" }))])),
    tried(pods, pod("larger", [container(resources({ cpu: "1500m" }, { memory: "3000Mi" }))])),
    tried(
      pods,
      pod("gpus", [container(resources({ cpu: "1" }, { memory: "1Gi", "amd.com/gpu": "4" }))]),
    ),
    tried(pods, pod("init", [container(fit)], { initContainers: [container(resources({ cpu: "3" }, { memory: "1Gi" }), { name: "i" })] })),
    post(pods, pod("one", [container(fit)])),
    { request: `GET ${quotas}/all` },
    post(pods, pod("two", [container(fit)])),
    post(pods, pod("three", [container(fit)]), { pause: known }),
    merge(`${pods}/one?dryRun=All`, { metadata: { labels: { a: "b" } } }),
    post(claims, claim("small", "6Gi")),
    post(claims, claim("large", "5Gi"), { pause: known }),
    post(claims, claim("fast", "2Gi", { storageClassName: "fast" })),
    post(services, service("open", { type: "NodePort", ports: ports(2) })),
    post(services, service("plain", { ports: ports(2) })),
    merge(`${services}/plain?fieldManager=m`, { spec: { type: "NodePort" } }, { pause: known }),
    post(services, service("second", { clusterIP: "None", ports: ports(1) })),
    post(services, service("third", { clusterIP: "None", ports: ports(1) }), { pause: known }),
    post(`${space}/configmaps`, configMap("a")),
    post(`${space}/configmaps`, configMap("b"), { pause: known }),
    post(`${space}/configmaps`, configMap("c"), { pause: known }),
    post(widgets, widget("a", { colour: "red" })),
    post(widgets, widget("b", { colour: "red" }), { pause: known }),
    post(widgets, widget("a", { colour: "red" })),
    { request: `GET ${quotas}/all` },
    { request: `DELETE ${quotas}/all` },
    post(quotas, quota("half", { pods: "5", secrets: "5" })),
    counted("half", { pods: "5", secrets: "5" }, { secrets: "0" }),
    tried(pods, pod("unknown", [container()]), { pause: known }),
    { request: `DELETE ${quotas}/half` },
    post(quotas, quota("lazy", { pods: "0" }, { scopes: ["BestEffort"] })),
    counted("lazy", { pods: "0" }, { pods: "0" }),
    tried(pods, pod("lazy", [container()]), { pause: known }),
    tried(pods, pod("busy", [container(resources({ cpu: "1" }))])),
    { request: `DELETE ${quotas}/lazy` },
    post(quotas, quota("short", { pods: "0" }, { scopes: ["Terminating"] })),
    counted("short", { pods: "0" }, { pods: "0" }),
    tried(pods, pod("short", [container()], { activeDeadlineSeconds: 5 }), { pause: known }),
    tried(pods, pod("long", [container()])),
  ],
};

const labels = (said: Readonly<Record<string, string | null>>, more: Partial<Row> = {}): Row =>
  merge(`${space}?fieldManager=m`, {
    metadata: {
      labels: Object.fromEntries(
        Object.entries(said).map(([name, value]) => [`pod-security.kubernetes.io/${name}`, value]),
      ),
    },
  }, more);

const strict = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
  runAsNonRoot: true,
  seccompProfile: { type: "RuntimeDefault" },
};

/** Pods each of which breaks one rule or a few. */
const loosePods: readonly Fields[] = [
  pod("plain", [container()]),
  pod("two", [container(), container(undefined, { name: "d", securityContext: strict })], {
    initContainers: [container(undefined, { name: "i" })],
  }),
  pod("host", [container(undefined, { ports: [{ containerPort: 80, hostPort: 80 }, { containerPort: 9, hostPort: 9 }] })], {
    hostNetwork: true,
    hostPID: true,
    volumes: [{ name: "v", hostPath: { path: "/" } }, { name: "n", nfs: { server: "s", path: "/" } }],
  }),
  pod("privileged", [
    container(undefined, {
      securityContext: { privileged: true, capabilities: { add: ["SYS_ADMIN", "CHOWN", "NET_BIND_SERVICE"] } },
    }),
  ]),
  pod("root", [container(undefined, { securityContext: { ...strict, runAsNonRoot: false, runAsUser: 0 } })], {
    securityContext: { runAsUser: 0, runAsNonRoot: false },
  }),
  pod("profiles", [
    container(undefined, {
      securityContext: {
        ...strict,
        seccompProfile: { type: "Unconfined" },
        appArmorProfile: { type: "Unconfined" },
        seLinuxOptions: { type: "spc_t", user: "u", role: "r" },
      },
    }),
  ], {
    securityContext: {
      sysctls: [{ name: "kernel.msgmax", value: "1" }, { name: "net.ipv4.tcp_rmem", value: "1" }],
      seccompProfile: { type: "Unconfined" },
    },
  }),
  pod("probes", [
    container(undefined, {
      securityContext: strict,
      livenessProbe: { httpGet: { host: "example.com", port: 80 } },
      lifecycle: { preStop: { httpGet: { host: "example.org", port: 80, path: "/" } } },
    }),
  ]),
  pod("mounts", [container(undefined, { securityContext: { ...strict, procMount: "Unmasked" } })], {
    hostUsers: false,
  }),
  pod("apart", [container(undefined, { securityContext: { ...strict, runAsNonRoot: undefined } })], {
    hostUsers: false,
  }),
  pod("good", [container(undefined, { securityContext: strict })]),
];

const deployment = (name: string, { spec }: Fields): Fields => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name },
  spec: { selector: { matchLabels: { a: "b" } }, template: { metadata: { labels: { a: "b" } }, spec } },
});

const podSecurity: Conversation = {
  name: "pod-security",
  alone: true,
  rows: [
    account,
    labels({ enforce: "restricted" }),
    ...loosePods.map((each, i) => tried(pods, each, i === 0 ? { pause: known } : {})),
    tried(deployments, deployment("plain", loosePods[0])),
    tried(deployments, deployment("good", loosePods[9])),
    tried("/apis/batch/v1/namespaces/$ns/jobs", {
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: { name: "plain" },
      spec: { template: { spec: { restartPolicy: "Never", containers: [container()] } } },
    }),
    labels({ enforce: "baseline" }),
    ...loosePods.map((each, i) => tried(pods, each, i === 0 ? { pause: known } : {})),
    labels({ enforce: "restricted", "enforce-version": "v1.20" }),
    ...loosePods.map((each, i) => tried(pods, each, i === 0 ? { pause: known } : {})),
    labels({ enforce: null, "enforce-version": null, warn: "restricted" }),
    ...[0, 4, 9].map((each, i) => tried(pods, loosePods[each], i === 0 ? { pause: known } : {})),
    post(pods, loosePods[0]),
    post(pods, loosePods[3]),
    post(pods, pod("plain2", [container()])),
    labels({ enforce: "nonsense" }),
    labels({ "enforce-version": "1.20", warn: "much" }),
    labels({ enforce: "restricted", warn: null }),
    labels({ enforce: "baseline" }),
    labels({ enforce: "restricted", "enforce-version": "v1.30" }),
    merge(`${pods}/plain?fieldManager=m`, { metadata: { labels: { a: "b" } } }, { pause: known }),
    merge(`${pods}/plain?fieldManager=m`, { spec: { containers: [{ name: "c", image: "x:2" }] } }),
    post("/api/v1/namespaces?dryRun=All", {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: "security-other", labels: { "pod-security.kubernetes.io/enforce": "nonsense" } },
    }),
  ],
};

export const admission: readonly Conversation[] = [limits, quotasConversation, podSecurity];
