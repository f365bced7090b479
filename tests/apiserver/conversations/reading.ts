import type { Conversation, Row } from "../conversation.ts";
import { configMap, widget } from "./widget.ts";

const maps = "/api/v1/namespaces/$ns/configmaps";
const widgets = "/apis/conversation.test/v1/namespaces/$ns/widgets";
const table = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
const partial = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io";
const partialList = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io";

const get = (path: string, more: Partial<Row> = {}): Row => ({ request: `GET ${path}`, ...more });
const post = (path: string, body: unknown, more: Partial<Row> = {}): Row => {
  return { request: `POST ${path}`, body, ...more };
};

/** The same objects of a built-in and of a custom kind. */
const five: readonly Row[] = ["a", "b", "c", "d", "e"].flatMap((name, i) => {
  const labels = i < 3
    ? { tier: i % 2 ? "back" : "front", "conversation.test/set": "mine" }
    : { "conversation.test/set": "mine", ...i === 3 ? { number: "7" } : {} };
  return [
    post(`${maps}?fieldManager=maker`, configMap(name, { i: String(i) }, { labels })),
    post(
      `${widgets}?fieldManager=maker`,
      widget(name, { colour: ["red", "green", "blue"][i % 3], replicas: i }, { labels }),
    ),
  ];
});

const labelSelectors = [
  "conversation.test/set=mine",
  "conversation.test/set==mine,tier",
  "conversation.test/set,!tier",
  "conversation.test/set,tier!=front",
  "conversation.test/set,tier in (front,other)",
  "conversation.test/set,tier notin (front, other)",
  "conversation.test/set, number > 5",
  "conversation.test/set,number<5",
  "conversation.test/set,tier in ()",
  "conversation.test/set,tier=",
  "nothing=here",
  "a in b",
  "a=b=c",
  "=b",
  "a,",
  "!",
  "a in (b",
  "a notin",
  "-bad=x",
  "a=b c",
  "a=$$",
  "a>b",
  "a/b/c=d",
  "a in (b,,c)",
  ",",
  "a!b",
];

const fieldSelectors = [
  "metadata.name=b",
  "metadata.name==b",
  "metadata.name!=b",
  "metadata.name=nobody",
  "metadata.namespace=$ns",
  "metadata.namespace=other",
  "metadata.name=b,metadata.namespace=$ns",
  "spec.colour=red",
  "spec.colour!=red",
  "spec.replicas=1",
  "metadata.labels=x",
  "a",
  "=",
  "metadata.name",
  "metadata.name=a=b",
  "metadata.name=a,,",
];

export const reading: Conversation = {
  name: "reading",
  rows: [
    ...five,
    get(`${maps}/a`),
    get(`${widgets}/a`),
    get(`${maps}/nobody`),
    get(`${widgets}/nobody`),
    get("/api/v1/namespaces/nowhere/configmaps/a"),
    get("/api/v1/namespaces/nowhere/configmaps"),
    get("/api/v1/namespaces/$ns"),
    get("/api/v1/namespaces/nowhere"),
    get("/api/v1/nonsense"),
    get("/api/v1/namespaces/$ns/nonsense"),
    get("/api/v2/configmaps"),
    get("/apis/nowhere.test/v1/widgets"),
    get("/apis/conversation.test/v2/widgets"),
    get("/apis/conversation.test/v1/nonsense"),
    get("/nonsense"),
    get(`${maps}/a/status`),
    get(`${maps}/a/nonsense`),
    get(`${widgets}/a/nonsense`),
    get(`${widgets}/a/status`),
    get(`${widgets}/a/scale`),
    get(`${maps}/a?resourceVersion=0`),
    get(`${maps}/a?resourceVersion=99999999`),
    get(`${maps}/a?resourceVersion=x`),
    get(`${maps}/a`, { accept: "application/yaml" }),
    get(`${maps}/a`, { accept: "text/html" }),
    get(`${maps}/a`, { accept: partial }),
    get(`${widgets}/a`, { accept: partial }),
    get(`${maps}?labelSelector=conversation.test%2Fset`, { accept: partialList }),
    get(`${maps}/a`, { accept: table }),
    get(`${widgets}/b`, { accept: table }),
    get(`${widgets}/nobody`, { accept: table }),
    get(widgets, { accept: table }),
    get(`${widgets}?includeObject=None`, { accept: table }),
    get(`${widgets}?includeObject=Object`, { accept: table }),
    get(`${widgets}?includeObject=Everything`, { accept: table }),
    get(`${maps}?labelSelector=conversation.test%2Fset`, { accept: table }),
    get("/api/v1/namespaces/$ns", { accept: table }),
    ...labelSelectors.flatMap((selector) => [
      get(`${maps}?labelSelector=${encodeURIComponent(selector)}`, { accept: partialList }),
      get(`${widgets}?labelSelector=${encodeURIComponent(selector)}`, { accept: partialList }),
    ]),
    ...fieldSelectors.flatMap((selector) => {
      const query = encodeURIComponent(selector).replace("%24ns", "$ns");
      const mine = "labelSelector=conversation.test%2Fset";
      return [
        get(`${maps}?${mine}&fieldSelector=${query}`, { accept: partialList }),
        get(`${widgets}?${mine}&fieldSelector=${query}`, { accept: partialList }),
      ];
    }),
    get(`/api/v1/configmaps?labelSelector=conversation.test%2Fset`, { accept: partialList }),
    get(`${widgets}?limit=2`, { as: "page" }),
    get(`${widgets}?limit=2&continue=$(page.metadata.continue)`, { as: "page2" }),
    get(`${widgets}?limit=2&continue=$(page2.metadata.continue)`),
    get(`${widgets}?limit=5`),
    get(`${widgets}?limit=0`),
    get(`${widgets}?limit=-1`),
    get(`${widgets}?limit=x`),
    get(`${widgets}?continue=nonsense`),
    get(`${widgets}?limit=2&continue=$(page.metadata.continue)&resourceVersion=1`),
    get(`${widgets}?limit=2&labelSelector=tier`, { accept: partialList }),
    get(`${widgets}?resourceVersion=0&limit=2`, { accept: partialList }),
    get(`${widgets}?resourceVersion=99999999`),
    get(`${widgets}?resourceVersion=x`),
    get(`${widgets}?resourceVersionMatch=Exact`),
    get(`${widgets}?resourceVersion=0&resourceVersionMatch=Exact`),
    get(`${widgets}?resourceVersion=0&resourceVersionMatch=NotOlderThan`, { accept: partialList }),
    get(`${widgets}?resourceVersion=0&resourceVersionMatch=Nonsense`),
    get(`${widgets}?resourceVersion=$(page.metadata.resourceVersion)&resourceVersionMatch=Exact`, {
      accept: partialList,
    }),
    get(`${widgets}?sendInitialEvents=true`),

    get(`${widgets}?watch=true&resourceVersion=x&timeoutSeconds=1`),

    { request: `PUT ${maps}`, body: {} },
    { request: `PATCH ${maps}`, body: {}, type: "application/merge-patch+json" },
    { request: `POST ${maps}/a`, body: configMap("a") },
    { request: `DELETE ${widgets}/a/status` },
    { request: `OPTIONS ${maps}` },
    { request: `DELETE /api/v1/namespaces` },
    { request: `GET /version/nonsense` },
    { request: `GET /healthz` },
    { request: `GET /readyz` },
    { request: `GET /livez` },
  ],
};
