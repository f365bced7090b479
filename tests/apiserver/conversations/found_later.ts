/**
 * What random conversations with begun objects, writes of a status and other seeds have found: words of refusals, warnings,
 * what is typed, and what a write leaves that says nothing new.
 */
import type { Conversation, Row } from "../conversation.ts";
import { apply, core, type Fields, group, object, patch, write } from "./requests.ts";

const pods = `${core}/pods`;
const services = `${core}/services`;
const jobs = `${group("batch/v1")}/jobs`;
const deployments = `${group("apps/v1")}/deployments`;
const configs = `${group("aim.eai.amd.com/v1alpha1")}/aimruntimeconfigs`;
const templates = `${group("aim.eai.amd.com/v1alpha1")}/aimservicetemplates`;
const gateways = `${group("gateway.networking.k8s.io/v1")}/gateways`;
const widgets = `${group("conversation.test/v1")}/widgets`;

const container = { name: "c", image: "x:1" };
const labels = { a: "b" };
const template = { metadata: { labels }, spec: { containers: [container] } };
const deployment = { replicas: 0, selector: { matchLabels: labels }, template };
const service = { selector: labels, ports: [{ name: "http", port: 80 }] };
const listeners = [{ name: "http", port: 80, protocol: "HTTP" }];
const config = (name: string, spec: unknown, metadata: Fields = {}): Fields =>
  object("aim.eai.amd.com/v1alpha1", "AIMRuntimeConfig", name, { spec }, metadata);
const gateway = (more: Fields, metadata: Fields = {}): Fields =>
  object("gateway.networking.k8s.io/v1", "Gateway", "g", {
    spec: { gatewayClassName: "c", listeners, ...more },
  }, metadata);
const account = (name: string, more: Fields): Fields => object("v1", "ServiceAccount", name, more);
/** What has happened to a kind since the answer of that name. */
const happened = (path: string, since: string): Row => ({
  request: `GET ${path}?watch=true&timeoutSeconds=5&resourceVersion=$(${since}.metadata.resourceVersion)`,
  lines: 1_000,
});

export const foundLater: Conversation = {
  name: "found-later",
  alone: true,
  rows: [
    // A strategic patch that fits no object is told without what it took away where nothing was, in its reader's words.
    write("POST", `${core}/configmaps`, object("v1", "ConfigMap", "m", { data: { a: "1" } })),
    patch("strategic-merge", `${core}/configmaps/m`, { binaryData: { b: "not base64" } }),
    patch("strategic-merge", `${core}/configmaps/m`, { metadata: { labels: { x: null } }, immutable: "yes" }),
    write("POST", `${core}/secrets`, object("v1", "Secret", "s", { data: { a: "MQ==" } }, { labels })),
    patch("strategic-merge", `${core}/secrets/s`, { metadata: { labels: { a: null } }, data: { a: 1 } }),

    // Metadata that are none, and none at all.
    ...[[], "text", 7, true, null].flatMap((metadata) => [
      write("POST", `${core}/secrets`, { apiVersion: "v1", kind: "Secret", metadata }),
      write("POST", configs, { ...config("s", {}), metadata }),
      patch("merge", `${core}/secrets/s`, { metadata }),
      patch("strategic-merge", `${core}/secrets/s`, { metadata }),
    ]),
    apply(`${core}/secrets/s`, "one", { apiVersion: "v1", kind: "Secret", metadata: [] }),

    // A pod keeps its tolerations and gets those of all pods again; other seconds, and a nearer end, are taken.
    write("POST", `${core}/serviceaccounts`, account("default", {})),
    write("POST", pods, object("v1", "Pod", "p", { spec: { ...template.spec, activeDeadlineSeconds: 60 } })),
    patch("strategic-merge", `${pods}/p`, { spec: { tolerations: [{ key: "k", operator: "Nonsense" }] } }),
    patch("merge", `${pods}/p`, { spec: { tolerations: [{ key: "k", operator: "Exists" }] } }),
    patch("merge", `${pods}/p`, { spec: { tolerations: [] } }),
    patch("merge", `${pods}/p`, {
      spec: {
        tolerations: [
          { key: "k", operator: "Exists", effect: "NoExecute", tolerationSeconds: 5 },
          {
            key: "node.kubernetes.io/not-ready",
            operator: "Exists",
            effect: "NoExecute",
            tolerationSeconds: 9,
          },
        ],
      },
    }),
    patch("merge", `${pods}/p`, { spec: { activeDeadlineSeconds: 90 } }),
    patch("merge", `${pods}/p`, { spec: { activeDeadlineSeconds: null } }),
    patch("merge", `${pods}/p`, { spec: { activeDeadlineSeconds: 30, terminationGracePeriodSeconds: 5 } }),
    patch("merge", `${pods}/p`, { spec: { activeDeadlineSeconds: 30 } }),

    // What is taken, and most likely not meant.
    write("POST", pods, object("v1", "Pod", "with.dots", { spec: template.spec })),
    write(
      "POST",
      deployments,
      object("apps/v1", "Deployment", "warned", {
        spec: {
          ...deployment,
          template: {
            metadata: { labels },
            spec: {
              containers: [
                {
                  ...container,
                  env: [{ name: "A", value: "1" }, { name: "A", value: "2" }, { name: "A", value: "$(A)3" }],
                  ports: [{ name: "p", containerPort: 80 }],
                  resources: { requests: { memory: "1500m" } },
                },
                {
                  name: "d",
                  image: "x",
                  ports: [{ name: "p", containerPort: 80 }, { containerPort: 80, hostPort: 80 }],
                },
              ],
              imagePullSecrets: [{ name: "a" }, { name: "a" }, { name: "" }],
              hostAliases: [{ ip: "1.2.3.4" }, { ip: "1.2.3.4" }],
              nodeSelector: { "beta.kubernetes.io/os": "linux" },
              topologySpreadConstraints: [
                { maxSkew: 1, topologyKey: "kubernetes.io/hostname", whenUnsatisfiable: "DoNotSchedule" },
              ],
              affinity: {
                podAffinity: {
                  requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: "kubernetes.io/hostname" }],
                },
                nodeAffinity: {
                  preferredDuringSchedulingIgnoredDuringExecution: [{
                    weight: 1,
                    preference: {
                      matchExpressions: [{ key: "beta.kubernetes.io/arch", operator: "Exists" }],
                    },
                  }],
                },
              },
              terminationGracePeriodSeconds: -1,
            },
          },
        },
      }),
    ),
    patch("merge", `${deployments}/warned`, { metadata: { labels: { x: "1" } } }),
    patch("merge", `${deployments}/warned`, { spec: { replicas: 1 } }),
    patch("merge", `${deployments}/warned/status`, { status: { replicas: 1 } }),
    write(
      "POST",
      services,
      object("v1", "Service", "warned", {
        spec: { ...service, clusterIP: "None", sessionAffinity: "ClientIP", externalName: "x.test" },
      }),
    ),
    write(
      "POST",
      `${core}/resourcequotas`,
      object("v1", "ResourceQuota", "warned", {
        spec: { hard: { "requests.cpu": "3", "limits.cpu": "2", memory: "2Gi", "limits.memory": "1Gi" } },
      }),
    ),

    // Values as the original's inner structures print them.
    write("POST", deployments, object("apps/v1", "Deployment", "d", { spec: deployment })),
    patch("merge", `${deployments}/d`, { spec: { strategy: { type: "Nonsense" } } }),
    write("POST", jobs, object("batch/v1", "Job", "j", { spec: { template: { spec: template.spec } } })),
    apply(
      `${jobs}/applied`,
      "one",
      object("batch/v1", "Job", "applied", {
        spec: { template: { ...template, spec: { ...template.spec, restartPolicy: "Never" } } },
      }),
    ),
    apply(`${jobs}/applied`, "one", object("batch/v1", "Job", "applied")),

    // A Job that runs has begun when it began.
    patch("merge", `${jobs}/applied/status`, { status: { startTime: "2026-01-01T00:00:00Z", active: 1 } }),
    patch("merge", `${jobs}/applied/status`, { status: null }),
    patch("merge", `${jobs}/applied/status`, { status: { startTime: "2026-01-02T00:00:00Z" } }),
    patch("merge", `${jobs}/applied/status`, { status: { active: 0 } }),

    // One that loses its labels has those of its pods.
    { request: `GET ${jobs}/applied`, as: "applied" },
    write(
      "PUT",
      `${jobs}/applied/status`,
      object("batch/v1", "Job", "applied", { spec: {}, status: { startTime: "2026-01-01T00:00:00Z" } }, {
        resourceVersion: "$(applied.metadata.resourceVersion)",
      }),
    ),

    // A Service that a write of its status makes has no address, and gets none; who made it owns the status.
    write(
      "PUT",
      `${services}/by-put/status`,
      object("v1", "Service", "by-put", {
        spec: service,
        status: { loadBalancer: { ingress: [{ ip: "1.2.3.4" }] } },
      }),
    ),
    write("PUT", `${services}/empty/status`, object("v1", "Service", "empty")),
    write(
      "PUT",
      `${services}/headless/status`,
      object("v1", "Service", "headless", { spec: { ...service, clusterIP: "None" } }),
    ),
    apply(`${services}/by-apply/status`, "one", object("v1", "Service", "by-apply", { spec: service })),
    patch("merge", `${services}/by-put`, { metadata: { labels: { x: "1" } } }),
    { request: `GET ${services}?fieldSelector=metadata.name!%3Dwarned` },

    // A status that is taken away is gone, also where it would have a part by default.
    write(
      "POST",
      templates,
      object("aim.eai.amd.com/v1alpha1", "AIMServiceTemplate", "t", { spec: { modelName: "m" } }),
    ),
    apply(
      `${templates}/t/status`,
      "one",
      object("aim.eai.amd.com/v1alpha1", "AIMServiceTemplate", "t", { status: {} }),
    ),
    patch("merge", `${templates}/t/status`, { status: null }),

    // What is applied and is empty, and a status that a kind gives, are stored otherwise than they are read: the next write
    // stores them anew, though it says nothing new.
    { request: `GET ${configs}`, as: "configsBefore" },
    apply(`${configs}/hollow`, "one", config("hollow", {}, { labels: {}, finalizers: [] })),
    patch("merge", `${configs}/hollow/status`, { status: null }),
    patch("merge", `${configs}/hollow/status`, { status: null }),
    apply(`${configs}/full`, "one", config("full", {}, { labels })),
    patch("merge", `${configs}/full/status`, { status: null }),
    apply(`${configs}/again`, "one", config("again", {}, { labels: {} })),
    apply(`${configs}/again`, "one", config("again", {}, { labels: {} })),
    apply(`${configs}/again`, "one", config("again", {}, { labels: {} })),
    happened(configs, "configsBefore"),
    write("POST", gateways, gateway({})),
    { request: `GET ${gateways}/g`, as: "gateway" },
    patch("merge", `${gateways}/g/status`, { status: {} }),
    patch("merge", `${gateways}/g/status`, { status: {} }),
    write(
      "PUT",
      `${gateways}/g`,
      gateway({ listeners: [...listeners, ...listeners] }, {
        resourceVersion: "$(gateway.metadata.resourceVersion)",
      }),
    ),
    happened(gateways, "gateway"),

    // Who owns the status comes before who owns the rest.
    write("POST", deployments, object("apps/v1", "Deployment", "owned", { spec: deployment })),
    {
      ...patch("merge", "", { metadata: { annotations: { n: "2" } } }),
      request: `PATCH ${deployments}/owned/status?fieldManager=writer`,
    },
    apply(
      `${deployments}/owned`,
      "two",
      object("apps/v1", "Deployment", "owned", { spec: { replicas: 3 } }, { annotations: { n: "1" } }),
    ),

    // What is of no type is owned by nobody: an apply of it is refused, a status with it forgets who owned what.
    apply(`${configs}/typed`, "one", config("typed", { env: [{ value: "x" }] })),
    apply(
      `${configs}/typed`,
      "one",
      config("typed", { env: [{ name: "a", value: "x" }, { name: "a", value: "y" }] }),
    ),
    apply(`${configs}/typed`, "one", config("typed", { env: ["x"] })),
    apply(`${configs}/typed`, "one", config("typed", { env: [null] })),
    apply(`${configs}/typed`, "one", config("typed", { env: {} })),
    apply(`${configs}/typed`, "one", config("typed", [])),
    apply(`${configs}/typed`, "one", config("typed", { routing: { pathTemplate: {} } })),
    apply(`${configs}/typed`, "one", config("typed", { routing: { enabled: "x" } })),
    apply(`${core}/serviceaccounts/typed`, "one", account("typed", { secrets: [{}] })),
    apply(`${core}/serviceaccounts/typed`, "one", account("typed", { imagePullSecrets: [{}] })),
    write("POST", configs, config("forgets", { routing: { enabled: true } })),
    { request: `GET ${configs}/forgets`, as: "forgets" },
    write(
      "PUT",
      `${configs}/forgets/status`,
      config("forgets", { env: {} }, { resourceVersion: "$(forgets.metadata.resourceVersion)" }),
    ),
    patch("merge", `${configs}/forgets`, { metadata: { labels } }),
    patch("merge", `${configs}/forgets/status`, { status: {} }),
    apply(`${configs}/forgets`, "one", config("forgets", {}, { annotations: { n: "1" } })),

    // What is only tried, by a PUT of what is gone, keeps the version that was said.
    {
      request: `PUT ${core}/limitranges/gone?dryRun=All`,
      body: object("v1", "LimitRange", "gone", { spec: { limits: [{ type: "Pod" }] } }, {
        resourceVersion: "$(forgets.metadata.resourceVersion)",
      }),
    },

    // Whoever watches is told what was stored of what goes, not what its last write made of it.
    {
      ...write(
        "POST",
        widgets,
        object("conversation.test/v1", "Widget", "goes", { spec: { colour: "red" } }, {
          finalizers: ["example.com/one"],
        }),
      ),
      as: "goes",
    },
    { request: `DELETE ${widgets}/goes` },
    patch("merge", `${widgets}/goes`, { metadata: { finalizers: null }, spec: { colour: "green" } }),
    happened(widgets, "goes"),
  ],
};
