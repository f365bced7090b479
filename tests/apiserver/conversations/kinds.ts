/** Each verb, patch type and subresource on each kind, with bodies that are taken and bodies that are refused. */
import { mergePatch } from "../../../lib/apiserver/patch/mod.ts";
import type { Conversation, Row } from "../conversation.ts";
import { builtIn, type Subject } from "./subjects.ts";
import { customSubjects } from "./custom_subjects.ts";

type Fields = Record<string, unknown>;

const table = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
const partial = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io";
const mine = "labelSelector=set%3Dmine";

function pathOf({ apiVersion, plural, cluster }: Subject): string {
  const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return cluster ? `${root}/${plural}` : `${root}/namespaces/$ns/${plural}`;
}

function bodyOf({ apiVersion, kind, good }: Subject, name: string, more: Fields = {}): Fields {
  const body = { apiVersion, kind, metadata: { name, labels: { set: "mine" } }, ...good };
  return mergePatch(structuredClone(body), more) as Fields;
}

function patchRow(path: string, type: string, body: unknown, more: Partial<Row> = {}): Row {
  const suffix = type === "apply" ? "application/apply-patch+yaml" : `application/${type}-patch+json`;
  return { request: `PATCH ${path}`, body, type: suffix, ...more };
}

/** The subject's own name for objects: those of the whole cluster share no namespace. */
function conversationOf(subject: Subject): Conversation {
  const path = pathOf(subject);
  const name = subject.cluster ? `${subject.plural}-one` : "one";
  const one = `${path}/${name}`;
  const { plural, kind, apiVersion, status, scale, custom, change, json, bad, fixed = [], before = [] } =
    subject;
  const typed = { apiVersion, kind };
  const maker = "fieldManager=maker";
  const rows: Row[] = [
    ...before.map(([at, body]): Row => ({ request: `POST ${at}`, body })),
    { request: `POST ${path}?${maker}&dryRun=All`, body: bodyOf(subject, name) },
    { request: `GET ${one}` },
    { request: `POST ${path}?${maker}`, body: bodyOf(subject, name), as: "made" },
    { request: `POST ${path}?${maker}`, body: bodyOf(subject, name) },
    { request: `GET ${one}` },
    { request: `GET ${one}`, accept: table },
    { request: `GET ${one}`, accept: partial },
    { request: `GET ${path}?${mine}` },
    { request: `GET ${path}?${mine}`, accept: table },
    { request: `GET ${path}?fieldSelector=metadata.name%3D${name}`, accept: partial },
    { request: `GET ${path}?fieldSelector=spec.nonsense%3Dx` },
    { request: `GET ${path}?${mine}&limit=1&resourceVersion=0`, accept: partial },

    // What changes it.
    {
      request: `PUT ${one}?fieldManager=putter`,
      body: bodyOf(subject, name, { metadata: { labels: { put: "1" } } }),
    },
    { request: `GET ${one}`, as: "now" },
    {
      request: `PUT ${one}?fieldManager=putter`,
      body: bodyOf(subject, name, {
        metadata: { labels: { put: "2" }, resourceVersion: "$(now.metadata.resourceVersion)" },
      }),
    },
    {
      request: `PUT ${one}?fieldManager=putter`,
      body: bodyOf(subject, name, {
        metadata: { labels: { put: "3" }, resourceVersion: "$(made.metadata.resourceVersion)" },
      }),
    },
    { request: `PUT ${one}`, body: bodyOf(subject, "other") },
    { request: `PUT ${path}/nobody?dryRun=All`, body: bodyOf(subject, "nobody") },
    { request: `PUT ${one}`, body: { ...bodyOf(subject, name), kind: "Nonsense" } },
    patchRow(`${one}?fieldManager=merger`, "merge", change),
    patchRow(`${one}?fieldManager=merger`, "merge", change),
    patchRow(`${one}?fieldManager=merger&dryRun=All`, "merge", { metadata: { labels: { dry: "1" } } }),
    patchRow(`${path}/nobody`, "merge", change),
    patchRow(`${one}?fieldManager=strategist`, "strategic-merge", { metadata: { labels: { s: "1" } } }),
    patchRow(`${one}?fieldManager=jason`, "json", [
      { op: "test", path: "/metadata/name", value: name },
      { op: "add", path: json[0], value: json[1] },
    ]),
    patchRow(one, "json", [{ op: "test", path: "/metadata/name", value: "other" }]),
    patchRow(one, "json", [{ op: "remove", path: "/metadata/nonsense" }]),
    patchRow(one, "json", [{ op: "replace", path: "/metadata/name", value: "other" }]),
    patchRow(`${one}?fieldManager=applier`, "apply", { ...typed, metadata: { labels: { applied: "1" } } }),
    patchRow(`${one}?fieldManager=applier`, "apply", {
      ...typed,
      metadata: { name, labels: { set: "theirs" } },
    }),
    patchRow(`${one}?fieldManager=applier&force=true`, "apply", {
      ...typed,
      metadata: { name, labels: { put: "4", applied: "2" } },
    }),
    patchRow(`${one}?fieldManager=applier`, "apply", { ...typed, metadata: { name } }),
    patchRow(`${one}`, "apply", { ...typed, metadata: { name } }),
    patchRow(`${one}?fieldManager=applier`, "apply", { apiVersion, kind: "Nonsense", metadata: { name } }),
    patchRow(`${path}/applied-${plural}?fieldManager=applier`, "apply", bodyOf(subject, `applied-${plural}`)),
    // Nothing but what is unknown: of two unknown fields the original names one or both, as it walks its maps.
    patchRow(`${path}/applied-${plural}?fieldManager=applier`, "apply", {
      ...typed,
      metadata: { name: `applied-${plural}` },
      nonsense: 1,
    }),

    // Its parts.
    ...status === undefined ? [] : [
      patchRow(`${one}/status?fieldManager=teller`, "merge", { status }),
      { request: `GET ${one}/status` },
      { request: `GET ${one}`, accept: table },
      patchRow(`${one}?fieldManager=merger`, "merge", { status: null }),
      patchRow(`${one}/status?fieldManager=teller`, "merge", { metadata: { labels: { told: "1" } } }),
      patchRow(`${one}/status?fieldManager=teller2`, "apply", { ...typed, metadata: { name }, status }),
    ],
    ...scale === undefined ? [] : [
      { request: `GET ${one}/scale` },
      patchRow(`${one}/scale?fieldManager=scaler`, "merge", { spec: { replicas: 7 } }),
      patchRow(`${one}/scale?fieldManager=scaler`, "merge", { spec: { replicas: -7 } }),
      { request: `GET ${one}/scale` },
    ],
    { request: `GET ${one}/nonsense` },

    // What is refused.
    ...bad.map((fragment): Row => ({
      request: `POST ${path}?${maker}&dryRun=All`,
      body: bodyOf(subject, "bad", fragment),
    })),
    ...fixed.map((fragment): Row => patchRow(`${one}?fieldManager=merger&dryRun=All`, "merge", fragment)),
    {
      request: `POST ${path}?${maker}&fieldValidation=Strict&dryRun=All`,
      body: bodyOf(subject, "s", { nonsense: 1 }),
    },
    {
      request: `POST ${path}?${maker}&fieldValidation=Strict&dryRun=All`,
      body: bodyOf(subject, "s", { metadata: { nonsense: { deep: 1 } } }),
    },
    {
      request: `POST ${path}?${maker}&fieldValidation=Warn&dryRun=All`,
      body: bodyOf(subject, "w", { nonsense: 1 }),
    },
    {
      request: `POST ${path}?${maker}&fieldValidation=Ignore&dryRun=All`,
      body: bodyOf(subject, "i", { nonsense: 1 }),
    },
    patchRow(`${one}?fieldManager=merger&fieldValidation=Strict&dryRun=All`, "merge", { nonsense: 1 }),
    {
      request: `POST ${path}?${maker}&fieldValidation=Strict&dryRun=All`,
      body:
        `{"apiVersion":"${apiVersion}","apiVersion":"${apiVersion}","kind":"${kind}","metadata":{"name":"twice"}}`,
    },

    // Seen from outside, and gone.
    ...custom || subject.cluster ? [] : [{
      request:
        `GET ${path}?watch=true&timeoutSeconds=3&${mine}&resourceVersion=$(made.metadata.resourceVersion)`,
      lines: 3,
      accept: partial,
    } as Row],
    { request: `DELETE ${one}?dryRun=All&propagationPolicy=Background` },
    { request: `DELETE ${one}`, body: { preconditions: { uid: "11111111-1111-4111-8111-111111111111" } } },
    { request: `DELETE ${one}?propagationPolicy=Nonsense` },
    { request: `DELETE ${path}/nobody` },
    ...subject.kind === "Namespace" ? [] : [
      { request: `DELETE ${one}?propagationPolicy=Background` },
      { request: `GET ${one}` },
      { request: `DELETE ${path}?${mine}&propagationPolicy=Background` },
      { request: `GET ${path}?${mine}`, accept: partial },
    ],
  ];
  return { name: `kind-${plural}`, rows, alone: true };
}

export const kindConversations: readonly Conversation[] = [...builtIn, ...customSubjects].map(conversationOf);
