/** Webhooks by URL: what they change and refuse, and what becomes of a request when one cannot be asked. */
import type { Conversation, Row } from "../conversation.ts";
import { configMap, widget } from "./widget.ts";

type Fields = Record<string, unknown>;

const space = "/api/v1/namespaces/$ns";
const maps = `${space}/configmaps`;
const widgets = "/apis/conversation.test/v1/namespaces/$ns/widgets";
const group = "admissionregistration.k8s.io/v1";
const mutating = `/apis/${group}/mutatingwebhookconfigurations`;
const validating = `/apis/${group}/validatingwebhookconfigurations`;

/** What is written a moment ago is known to admission then. */
const known = 1_500;

const post = (path: string, body: unknown, more: Partial<Row> = {}): Row => ({
  request: `POST ${path}${path.includes("?") ? "&" : "?"}fieldManager=maker`,
  body,
  ...more,
});
const merge = (path: string, body: unknown, more: Partial<Row> = {}): Row => ({
  request: `PATCH ${path}${path.includes("?") ? "&" : "?"}fieldManager=m`,
  body,
  type: "application/merge-patch+json",
  ...more,
});

/** A webhook that is told of objects with its name as their label. */
function hook(name: string, more: Fields = {}, rule: Fields = {}): Fields {
  return {
    name: `${name}.conversation.test`,
    clientConfig: { url: `$webhooks/${name}`, caBundle: "$bundle" },
    rules: [{
      apiGroups: ["", "conversation.test"],
      apiVersions: ["v1"],
      operations: ["*"],
      resources: ["configmaps", "widgets", "widgets/status"],
      ...rule,
    }],
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "$ns" } },
    objectSelector: { matchLabels: { hook: name } },
    sideEffects: "None",
    admissionReviewVersions: ["v1"],
    ...more,
  };
}

function configuration(kind: string, name: string, webhooks: readonly Fields[]): Fields {
  return { apiVersion: group, kind: `${kind}WebhookConfiguration`, metadata: { name }, webhooks };
}

const at = (url: string, more: Fields = {}) => ({ clientConfig: { url, caBundle: "$bundle" }, ...more });
const condition = (expression: string, more: Fields = {}) => ({
  matchConditions: [{ name: "one", expression }],
  ...more,
});
const closed = "https://127.0.0.1:3/closed";

const told = (name: string, more: Partial<Row> = {}): Row =>
  post(maps, configMap(name, { a: "1" }, { labels: { hook: name } }), more);
const toldWidget = (name: string, spec: Fields = {}): Row =>
  post(widgets, { ...widget(name, { colour: "red", ...spec }), metadata: { name, labels: { hook: name } } });

const changing: Conversation = {
  name: "webhooks-mutating",
  alone: true,
  rows: [
    post(
      mutating,
      configuration("Mutating", "c-webhooks", [
        hook("allow"),
        hook("deny"),
        hook("deny-plain"),
        hook("deny-reason"),
        hook("warn"),
        hook("patch"),
        hook("patch-spec"),
        hook("patch-wrongly"),
        hook("patch-nowhere"),
        hook("patch-nothing"),
        hook("undecodable"),
        hook("untyped-patch"),
        hook("typed-nothing"),
        hook("wrong-type"),
        hook("wrong-uid"),
        hook("wrong-kind"),
        hook("no-response"),
        hook("garbage"),
        hook("error"),
        hook("missing"),
        hook("slow", { timeoutSeconds: 1 }),
        hook("slow-ignored", at("$webhooks/slow", { timeoutSeconds: 1, failurePolicy: "Ignore" })),
        hook("closed", at(closed)),
        hook("closed-ignored", at(closed, { failurePolicy: "Ignore" })),
        hook("service", {
          clientConfig: { service: { namespace: "$ns", name: "nobody", path: "/path" }, caBundle: "$bundle" },
        }),
        hook("untrusted", { clientConfig: { url: "$webhooks/allow" } }),
        hook("condition", at("$webhooks/deny", condition("object.metadata.name == 'condition'"))),
        hook("broken", at("$webhooks/deny", condition("object.nothing.here == 'x'"))),
        hook(
          "broken-ignored",
          at("$webhooks/deny", condition("object.nothing.here == 'x'", { failurePolicy: "Ignore" })),
        ),
        hook("creations", at("$webhooks/deny"), { operations: ["CREATE"] }),
        hook("once", at("$webhooks/count")),
        hook(
          "again",
          at("$webhooks/count", {
            objectSelector: { matchLabels: { hook: "once" } },
            reinvocationPolicy: "IfNeeded",
          }),
        ),
        hook("last", at("$webhooks/count", { objectSelector: { matchLabels: { hook: "once" } } })),
        hook("echo"),
      ]),
    ),
    { request: `GET ${mutating}/c-webhooks`, accept: "application/json;as=Table;v=v1;g=meta.k8s.io" },
    told("allow", { pause: known }),
    told("deny"),
    told("deny-plain"),
    told("deny-reason"),
    told("warn"),
    told("patch"),
    told("patch-wrongly"),
    told("patch-nowhere"),
    told("patch-nothing"),
    told("undecodable"),
    told("untyped-patch"),
    told("typed-nothing"),
    told("wrong-type"),
    told("wrong-uid"),
    told("wrong-kind"),
    told("no-response"),
    told("error"),
    told("missing"),
    told("slow"),
    told("slow-ignored"),
    told("closed"),
    told("closed-ignored"),
    told("service"),
    told("untrusted"),
    told("condition"),
    post(maps, configMap("other", {}, { labels: { hook: "condition" } })),
    told("broken"),
    told("broken-ignored"),
    told("creations"),
    told("once"),
    merge(`${maps}/once`, { data: { b: "2" } }),
    // What is asked.
    told("echo"),
    post(
      `${maps}?dryRun=All&fieldValidation=Strict`,
      configMap("echo", { a: "1" }, { labels: { hook: "echo" } }),
    ),
    merge(`${maps}/warn`, { metadata: { labels: { hook: "echo" } } }),
    { request: `PUT ${maps}/warn`, body: configMap("warn", { b: "2" }, { labels: { hook: "echo" } }) },
    {
      request: `PATCH ${maps}/applied?fieldManager=a&force=true`,
      body: configMap("applied", { a: "1" }, { labels: { hook: "echo" } }),
      type: "application/apply-patch+yaml",
    },
    {
      request: `PATCH ${maps}/warn?fieldManager=a`,
      body: configMap("warn", { a: "1" }, { labels: { hook: "echo" } }),
      type: "application/apply-patch+yaml",
    },
    post(maps, { ...configMap("made"), metadata: { name: "made-by-jane", labels: { hook: "echo" } } }, {
      who: { user: "root", groups: ["system:masters"] },
    }),
    post(maps, { ...configMap("x"), metadata: { generateName: "made-", labels: { hook: "echo" } } }),
    { request: `DELETE ${maps}/other?propagationPolicy=Background` },
    // Custom kinds.
    toldWidget("patch"),
    toldWidget("patch-spec"),
    toldWidget("patch-wrongly"),
    toldWidget("echo"),
    toldWidget("allow"),
    merge(`${widgets}/allow`, { metadata: { labels: { hook: "patch-spec" } } }),
    merge(`${widgets}/allow/status`, { status: { phase: "On" } }),
    post(widgets, { ...widget("plain", { colour: "red" }), metadata: { name: "plain" } }),
    merge(`${widgets}/plain`, { metadata: { labels: { hook: "echo" } } }),
    { request: `DELETE ${widgets}/allow` },
    { request: `DELETE ${mutating}/c-webhooks` },
  ],
};

const judging: Conversation = {
  name: "webhooks-validating",
  alone: true,
  rows: [
    post(
      validating,
      configuration("Validating", "c-webhooks", [
        hook("allow"),
        hook("deny"),
        hook("warn"),
        hook("patch"),
        hook("typed-nothing"),
        hook("error", { failurePolicy: "Ignore" }),
        hook("missing"),
        hook("slow", { timeoutSeconds: 1 }),
        hook("deletions", at("$webhooks/deny"), { operations: ["DELETE"] }),
        hook("echo"),
        hook("echo-deletion", at("$webhooks/echo"), { operations: ["DELETE"] }),
        hook("anywhere", at("$webhooks/deny"), { apiGroups: ["*"], apiVersions: ["*"], resources: ["*"] }),
        hook("parts", at("$webhooks/deny"), { resources: ["*/status"] }),
      ]),
    ),
    { request: `GET ${validating}/c-webhooks`, accept: "application/json;as=Table;v=v1;g=meta.k8s.io" },
    told("allow", { pause: known }),
    told("deny"),
    told("warn"),
    told("patch"),
    told("typed-nothing"),
    told("error"),
    told("missing"),
    told("slow"),
    told("deletions"),
    { request: `DELETE ${maps}/deletions` },
    { request: `DELETE ${maps}?labelSelector=hook%3Ddeletions` },
    told("echo-deletion"),
    { request: `DELETE ${maps}/echo-deletion?propagationPolicy=Background` },
    { request: `DELETE ${maps}/echo-deletion`, body: { gracePeriodSeconds: 0, dryRun: ["All"] } },
    told("echo"),
    merge(`${maps}/warn`, { metadata: { labels: { hook: "echo" } } }),
    told("anywhere"),
    post(`${space}/secrets`, {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "anywhere", labels: { hook: "anywhere" } },
    }),
    toldWidget("echo"),
    toldWidget("parts"),
    merge(`${widgets}/parts/status`, { status: { phase: "On" } }),
    merge(`${widgets}/parts`, { metadata: { labels: { hook: "warn" } } }),
    merge(`${widgets}/parts`, { metadata: { labels: { hook: "echo" } } }),
    { request: `DELETE ${validating}/c-webhooks` },
  ],
};

const bad = (hook: Fields): Row =>
  post(`${validating}?dryRun=All`, configuration("Validating", "c-webhooks-bad", [hook]));

const refused: Conversation = {
  name: "webhooks-refused",
  alone: true,
  rows: [
    bad(hook("good", { clientConfig: { url: "https://example.test/path" } })),
    post(
      `${mutating}?dryRun=All`,
      configuration("Mutating", "c-webhooks-good", [
        hook("good", { clientConfig: { service: { name: "s", namespace: "n" } } }),
      ]),
    ),
    bad(hook("bad", { name: "short" })),
    bad(hook("bad", { name: "" })),
    bad(hook("bad", { name: "Not.A.Name" })),
    bad(hook("bad", { clientConfig: {} })),
    bad(hook("bad", { clientConfig: { url: "http://example.test" } })),
    bad(hook("bad", { clientConfig: { url: "https://user@example.test/path?a=b#c" } })),
    bad(hook("bad", { clientConfig: { url: "https://" } })),
    bad(hook("bad", { clientConfig: { url: "https://x", service: { name: "s", namespace: "n" } } })),
    bad(hook("bad", { clientConfig: { service: { name: "", namespace: "n", port: 0 } } })),
    bad(hook("bad", { sideEffects: undefined })),
    bad(hook("bad", { sideEffects: "Some" })),
    bad(hook("bad", { failurePolicy: "Perhaps" })),
    bad(hook("bad", { matchPolicy: "Perhaps" })),
    bad(hook("bad", { timeoutSeconds: 31 })),
    bad(hook("bad", { timeoutSeconds: 0 })),
    bad(hook("bad", { admissionReviewVersions: [] })),
    bad(hook("bad", { admissionReviewVersions: ["v7"] })),
    bad(hook("bad", { objectSelector: { matchExpressions: [{ key: "a", operator: "Like" }] } })),
    bad(hook("bad", condition("1 +"))),
    bad(hook("bad", {}, { operations: [] })),
    bad(hook("bad", {}, { operations: ["READ"], scope: "World" })),
    post(
      `${mutating}?dryRun=All`,
      configuration("Mutating", "c-webhooks-bad", [
        hook("one", { reinvocationPolicy: "Always" }),
        hook("one"),
      ]),
    ),
  ],
};

/** Served only where a feature is switched on. */
const mutatingPolicies: Conversation = {
  name: "mutating-policies",
  alone: true,
  rows: [
    ...["v1", "v1beta1", "v1alpha1", "v9"].map((version) => ({
      request: `GET /apis/admissionregistration.k8s.io/${version}/mutatingadmissionpolicies`,
    })),
    { request: "GET /apis/apps/v1beta1/deployments" },
    { request: "GET /apis/batch/v9/jobs" },
    { request: "GET /apis/coordination.k8s.io/v1alpha2/leasecandidates" },
  ],
};

export const webhooks: readonly Conversation[] = [changing, judging, refused, mutatingPolicies];
