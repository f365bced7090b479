/** What is gone is put once more as it was read, and an object is made of what another one was: by which kinds that is taken. */
import type { Conversation, Row } from "../conversation.ts";
import { customSubjects } from "./custom_subjects.ts";
import { builtIn, type Subject } from "./subjects.ts";

type Fields = Record<string, unknown>;

function rowsOf({ plural, kind, apiVersion, good, before = [], status }: Subject): Row[] {
  const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const path = `${root}/namespaces/$ns/${plural}`;
  const gone = `gone-${plural}`;
  const body = (metadata: Fields): Fields => ({
    apiVersion,
    kind,
    metadata: { name: gone, ...metadata },
    ...good,
  });
  const remove: Row = { request: `DELETE ${path}/${gone}?propagationPolicy=Background&gracePeriodSeconds=0` };
  const version = `$(${plural}.metadata.resourceVersion)`;
  const put = (metadata: Fields): Row => ({
    request: `PUT ${path}/${gone}?fieldManager=putter`,
    body: body(metadata),
  });
  return [
    ...before.map(([at, object]): Row => ({ request: `POST ${at}`, body: object })),
    { request: `POST ${path}?fieldManager=maker`, body: body({}), as: plural },
    remove,
    { request: `POST ${path}?fieldManager=maker`, body: body({ resourceVersion: version }) },
    put({ resourceVersion: "nonsense" }),
    put({ uid: `$(${plural}.metadata.uid)`, resourceVersion: version }),
    // A Service is made by a PUT of its status, without an address: `found_later.ts` has it.
    ...status === undefined || kind === "Service"
      ? []
      : [{ ...put({ resourceVersion: version }), request: `PUT ${path}/${gone}/status?dryRun=All` }],
    put({ resourceVersion: version }),
    { request: `GET ${path}/${gone}` },
    put({ resourceVersion: version }),
    remove,
    put({ resourceVersion: "0" }),
    remove,
    {
      request: `PATCH ${path}/${gone}?fieldManager=applier`,
      body: body({ resourceVersion: version }),
      type: "application/apply-patch+yaml",
    },
    remove,
  ];
}

export const anew: Conversation = {
  name: "anew",
  alone: true,
  rows: [
    ...builtIn.filter(({ cluster }) => !cluster),
    ...customSubjects.filter(({ cluster }) => !cluster),
  ]
    .flatMap(rowsOf),
};

const jobs = "/apis/batch/v1/namespaces/$ns/jobs";
const labelled = (labels: Fields, more: Fields = {}) => ({
  spec: {
    template: {
      metadata: { labels },
      spec: { containers: [{ name: "c", image: "x:1" }], restartPolicy: "Never" },
    },
    ...more,
  },
});
const job = (name: string, spec: Fields, metadata: Fields = {}): Fields => ({
  apiVersion: "batch/v1",
  kind: "Job",
  metadata: { name, ...metadata },
  ...spec,
});
const prefixed = "batch.kubernetes.io/";

/** The labels by which a Job finds its pods: what may be said of them when it is made and later. */
export const jobLabels: Conversation = {
  name: "job-labels",
  alone: true,
  rows: [
    ...([
      { "job-name": "own" },
      { "job-name": "j" },
      { [`${prefixed}job-name`]: "own" },
      { "controller-uid": "own" },
      { [`${prefixed}controller-uid`]: "own", "job-name": "own" },
    ] as Fields[]).map((labels): Row => ({
      request: `POST ${jobs}?dryRun=All`,
      body: job("j", labelled(labels)),
    })),
    ...([
      { selector: { matchLabels: { "job-name": "j" } } },
      { selector: { matchLabels: { "job-name": "other" } } },
      { selector: { matchLabels: { "controller-uid": "own" } } },
      { selector: { matchLabels: { [`${prefixed}controller-uid`]: "own" } } },
      { selector: { matchExpressions: [{ key: "job-name", operator: "Exists" }] } },
      { selector: { matchLabels: { a: "b" } }, manualSelector: true },
      { selector: { matchLabels: { a: "c" } }, manualSelector: true },
      { manualSelector: true },
    ] as Fields[]).map((more): Row => ({
      request: `POST ${jobs}?dryRun=All`,
      body: job("j", labelled({ a: "b" }, more)),
    })),
    { request: `POST ${jobs}`, body: job("j", labelled({ a: "b" })), as: "j" },
    ...[
      labelled({ a: "b" }),
      labelled({ x: "y" }, { selector: { matchLabels: { a: "b" } } }),
      labelled({ "job-name": "other" }, { selector: { matchLabels: { a: "b" } }, manualSelector: true }),
    ].map((spec): Row => ({ request: `PUT ${jobs}/j?dryRun=All`, body: job("j", spec) })),
    ...([
      { "job-name": "other" },
      { "controller-uid": null },
      { [`${prefixed}controller-uid`]: "other", [`${prefixed}job-name`]: null },
      {
        "job-name": null,
        "controller-uid": null,
        [`${prefixed}job-name`]: null,
        [`${prefixed}controller-uid`]: null,
      },
    ] as Fields[]).map((labels): Row => ({
      request: `PATCH ${jobs}/j?dryRun=All`,
      type: "application/merge-patch+json",
      body: { spec: { template: { metadata: { labels } } } },
    })),
  ],
};
