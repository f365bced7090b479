/** What random conversations (`../random_conversations.ts`) have found, each with what leads to it. */
import type { Conversation } from "../conversation.ts";
import { apply, core, group, object, patch, write } from "./requests.ts";

const template = {
  metadata: { labels: { a: "b" } },
  spec: { containers: [{ name: "c", image: "x:1" }], restartPolicy: "Never" },
};
const finalizers = ["example.com/one", "example.com/two"];
const claim = {
  accessModes: ["ReadWriteMany"],
  storageClassName: "fast",
  resources: { requests: { storage: "1Gi" } },
};
const involved = {
  involvedObject: { kind: "ConfigMap", name: "a", namespace: "$ns" },
  reason: "Tested",
  type: "Normal",
};

export const found: Conversation = {
  name: "found",
  alone: true,
  rows: [
    // A version that is no number, of what is not there.
    write("PUT", `${core}/events/e`, object("v1", "Event", "e", involved, { resourceVersion: "undefined" })),
    // Labels of a Job without labels are those of its pods, all of them.
    write("POST", `${group("batch/v1")}/jobs`, object("batch/v1", "Job", "j", { spec: { template } })),
    write(
      "POST",
      `${group("batch/v1")}/jobs`,
      object("batch/v1", "Job", "k", { spec: { template } }, { labels: { own: "1" } }),
    ),
    // Of a policy that says nothing the types are defaults too; an update is looked at twice.
    apply(
      `${group("networking.k8s.io/v1")}/networkpolicies/n`,
      "one",
      object("networking.k8s.io/v1", "NetworkPolicy", "n"),
    ),
    patch("merge", `${group("networking.k8s.io/v1")}/networkpolicies/n`, {
      spec: { podSelector: { matchLabels: { "not good": "x" } } },
    }),
    // What a strategic patch puts in the place of a map or a list.
    write("POST", `${core}/configmaps`, object("v1", "ConfigMap", "m", { data: { a: "1" } })),
    patch("strategic-merge", `${core}/configmaps/m`, { data: "text" }),
    write("POST", `${core}/serviceaccounts`, object("v1", "ServiceAccount", "s")),
    patch("strategic-merge", `${core}/serviceaccounts/s`, { imagePullSecrets: "pull" }),
    write("POST", `${core}/secrets`, object("v1", "Secret", "s", { data: { a: "MQ==" } })),
    patch("strategic-merge", `${core}/secrets/s`, { data: { a: 1 } }),
    // What is applied without what it needs.
    apply(
      `${group("autoscaling/v2")}/horizontalpodautoscalers/h`,
      "one",
      object("autoscaling/v2", "HorizontalPodAutoscaler", "h", { spec: { maxReplicas: 5 } }),
    ),
    apply(
      `${core}/services/s/status`,
      "one",
      object("v1", "Service", "s", { status: { loadBalancer: { ingress: [{ ip: "1.2.3.4" }] } } }),
    ),
    apply(
      `${group("rbac.authorization.k8s.io/v1")}/rolebindings/r`,
      "one",
      object("rbac.authorization.k8s.io/v1", "RoleBinding", "r"),
    ),
    // With a body of options those of the query count for nothing.
    write("POST", `${core}/configmaps`, object("v1", "ConfigMap", "held", {}, { finalizers })),
    { request: `DELETE ${core}/configmaps/held?dryRun=All`, body: { propagationPolicy: "Background" } },
    { request: `GET ${core}/configmaps/held` },
    // Both sources of a claim, and a claim that asks for nothing any more.
    apply(
      `${core}/persistentvolumeclaims/c`,
      "one",
      object("v1", "PersistentVolumeClaim", "c", { spec: claim }),
    ),
    patch("merge", `${core}/persistentvolumeclaims/c`, {
      spec: { dataSource: { kind: "PersistentVolumeClaim", name: "" } },
    }),
    apply(`${core}/persistentvolumeclaims/c`, "one", object("v1", "PersistentVolumeClaim", "c")),
    // Who applied nothing owns nothing, and what is always there has no owner.
    apply(
      `${group("policy/v1")}/poddisruptionbudgets/p`,
      "one",
      object("policy/v1", "PodDisruptionBudget", "p"),
    ),
    apply(
      `${group("policy/v1")}/poddisruptionbudgets/p`,
      "two",
      object("policy/v1", "PodDisruptionBudget", "p", {
        spec: { minAvailable: 1, selector: { matchLabels: { a: "b" } } },
      }),
    ),
    // The order in which conflicts are named.
    apply(
      `${core}/configmaps/order`,
      "one",
      object("v1", "ConfigMap", "order", {}, { labels: {}, annotations: { n: "1", m: "2" } }),
    ),
    apply(
      `${core}/configmaps/order`,
      "two",
      object("v1", "ConfigMap", "order", {}, { labels: { z: "2" }, annotations: { n: "2" } }),
    ),
    // Scopes of a quota stay.
    write(
      "POST",
      `${core}/resourcequotas`,
      object("v1", "ResourceQuota", "q", { spec: { hard: { pods: "2" } } }),
    ),
    patch("merge", `${core}/resourcequotas/q`, { spec: { scopes: ["BestEffort"] } }),
    // A write of the status changes no metadata, but who is recorded to own them.
    apply(
      `${group("conversation.test/v1")}/widgets/w`,
      "one",
      object("conversation.test/v1", "Widget", "w", { spec: { colour: "red" } }, { finalizers }),
    ),
    patch("merge", `${group("conversation.test/v1")}/widgets/w/status`, {
      metadata: { labels: { x: "1" }, finalizers: [] },
      status: null,
    }),
    patch("merge", `${group("conversation.test/v1")}/widgets/w`, { metadata: { finalizers: null } }),
    patch("merge", `${core}/configmaps/held`, { metadata: { finalizers: null } }),
    // The generation of a Deployment counts its annotations as well.
    write(
      "POST",
      `${group("apps/v1")}/deployments`,
      object("apps/v1", "Deployment", "counted", {
        spec: {
          replicas: 0,
          selector: { matchLabels: { a: "b" } },
          template: { ...template, spec: { containers: template.spec.containers } },
        },
      }),
    ),
    patch("merge", `${group("apps/v1")}/deployments/counted`, { metadata: { annotations: { n: "1" } } }),
    patch("merge", `${group("apps/v1")}/deployments/counted`, { metadata: { labels: { n: "1" } } }),
    // The mode of a claim stays.
    write(
      "POST",
      `${core}/persistentvolumeclaims`,
      object("v1", "PersistentVolumeClaim", "moded", { spec: claim }),
    ),
    patch("merge", `${core}/persistentvolumeclaims/moded`, { spec: { volumeMode: "Block" } }),
    // A pod keeps the class of its resources; whoever watches hears that it goes, and that it is gone.
    write("POST", `${core}/serviceaccounts`, object("v1", "ServiceAccount", "default")),
    { request: `GET ${core}/pods`, as: "podsBefore" },
    write("POST", `${core}/pods`, object("v1", "Pod", "brief", { spec: template.spec })),
    patch("merge", `${core}/pods/brief/status`, { status: null }),
    { request: `DELETE ${core}/pods/brief?gracePeriodSeconds=0` },
    {
      request:
        `GET ${core}/pods?watch=true&timeoutSeconds=5&resourceVersion=$(podsBefore.metadata.resourceVersion)`,
      lines: 1_000,
    },
  ],
};
