import type { Conversation, Row } from "../conversation.ts";
import { configMap, widget } from "./widget.ts";

const maps = "/api/v1/namespaces/$ns/configmaps";
const widgets = "/apis/conversation.test/v1/namespaces/$ns/widgets";
const mine = "labelSelector=mine";
const labels = { mine: "yes" };
const table = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
const partial = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json";

const watch = (path: string, lines: number, more: Partial<Row> = {}): Row => {
  return { request: `GET ${path}&watch=true&timeoutSeconds=3`, lines, ...more };
};
const post = (path: string, body: unknown): Row => ({ request: `POST ${path}?fieldManager=maker`, body });
const merge = (path: string, body: unknown): Row => {
  return { request: `PATCH ${path}?fieldManager=p`, body, type: "application/merge-patch+json" };
};

export const watching: Conversation = {
  name: "watching",
  rows: [
    { request: `GET ${maps}?${mine}`, as: "empty" },
    post(maps, configMap("a", { a: "1" }, { labels })),
    post(maps, configMap("other", { a: "1" })),
    post(maps, configMap("b", { a: "1" }, { labels })),
    merge(`${maps}/a`, { data: { a: "2" } }),
    merge(`${maps}/a`, { metadata: { labels: { mine: null } } }),
    merge(`${maps}/a`, { metadata: { labels: { mine: "again" } } }),
    { request: `DELETE ${maps}/b` },
    watch(`${maps}?${mine}&resourceVersion=$(empty.metadata.resourceVersion)`, 6),
    watch(`${maps}?fieldSelector=metadata.name%3Db&resourceVersion=$(empty.metadata.resourceVersion)`, 2),
    watch(`${maps}?${mine}&resourceVersion=$(empty.metadata.resourceVersion)`, 6, { accept: table }),
    watch(`${maps}?${mine}&resourceVersion=$(empty.metadata.resourceVersion)`, 6, { accept: partial }),
    watch(`${maps}?${mine}&resourceVersion=0`, 1),
    watch(`${maps}?${mine}`, 1),
    watch(
      `${maps}?${mine}&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`,
      2,
    ),
    watch(`${maps}?${mine}&sendInitialEvents=true&resourceVersionMatch=NotOlderThan`, 1),
    watch(`${maps}?${mine}&sendInitialEvents=true&resourceVersionMatch=Exact&allowWatchBookmarks=true`, 2),
    watch(`${maps}?${mine}&resourceVersion=1`, 1),
    watch(`${maps}?sendInitialEvents=true`, 1),
    watch(`${maps}?resourceVersion=x`, 1),
    watch(`${maps}?${mine}&resourceVersion=99999999`, 1),
    watch(`${widgets}?resourceVersion=99999999`, 1),
    { request: `GET ${widgets}`, as: "none" },
    post(widgets, widget("a", { colour: "red" })),
    merge(`${widgets}/a`, { spec: { replicas: 2 } }),
    merge(`${widgets}/a/status`, { status: { phase: "x" } }),
    { request: `DELETE ${widgets}/a` },
    watch(`${widgets}?resourceVersion=$(none.metadata.resourceVersion)`, 4),
    watch(`${widgets}?resourceVersion=$(none.metadata.resourceVersion)`, 4, { accept: table }),
    { request: `GET ${maps}/a?watch=true&timeoutSeconds=1&resourceVersion=0`, lines: 1 },
    {
      request: `GET /api/v1/watch/namespaces/$ns/configmaps?${mine}&resourceVersion=0&timeoutSeconds=1`,
      lines: 1,
    },
  ],
};
