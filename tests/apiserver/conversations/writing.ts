import type { Conversation, Row } from "../conversation.ts";
import { configMap, widget } from "./widget.ts";

const maps = "/api/v1/namespaces/$ns/configmaps";
const widgets = "/apis/conversation.test/v1/namespaces/$ns/widgets";
const gadgets = "/apis/conversation.test/v1/gadgets";

const get = (path: string, more: Partial<Row> = {}): Row => ({ request: `GET ${path}`, ...more });
const post = (path: string, body: unknown, more: Partial<Row> = {}): Row => {
  return { request: `POST ${path}`, body, ...more };
};
const put = (path: string, body: unknown, more: Partial<Row> = {}): Row => {
  return { request: `PUT ${path}`, body, ...more };
};
const merge = (path: string, body: unknown, more: Partial<Row> = {}): Row => {
  return { request: `PATCH ${path}`, body, type: "application/merge-patch+json", ...more };
};
const json = (path: string, body: unknown, more: Partial<Row> = {}): Row => {
  return { request: `PATCH ${path}`, body, type: "application/json-patch+json", ...more };
};
const strategic = (path: string, body: unknown, more: Partial<Row> = {}): Row => {
  return { request: `PATCH ${path}`, body, type: "application/strategic-merge-patch+json", ...more };
};
const apply = (path: string, body: unknown, more: Partial<Row> = {}): Row => {
  return { request: `PATCH ${path}`, body, type: "application/apply-patch+yaml", ...more };
};
const remove = (path: string, body?: unknown, more: Partial<Row> = {}): Row => {
  return { request: `DELETE ${path}`, body, ...more };
};

const long = "a".repeat(254);
const badNames = ["Not A Name", long, "a..b", "-a", "a/b", "A", "a_b", "."];

export const creating: Conversation = {
  name: "creating",
  rows: [
    post(`${maps}?fieldManager=maker`, configMap("a", { x: "1" })),
    post(`${maps}?fieldManager=maker`, configMap("a", { x: "1" })),
    post(`${widgets}?fieldManager=maker`, widget("a", { colour: "red" })),
    post(`${widgets}?fieldManager=maker`, widget("a", { colour: "red" })),
    ...badNames.flatMap((name) => [
      post(maps, configMap(name)),
      post(widgets, widget(name, { colour: "red" })),
    ]),
    post(maps, { apiVersion: "v1", kind: "ConfigMap", metadata: {} }),
    post(maps, { apiVersion: "v1", kind: "ConfigMap" }),
    post(`${widgets}?fieldManager=maker`, {
      apiVersion: "conversation.test/v1",
      kind: "Widget",
      metadata: {},
    }),
    post(`${maps}?fieldManager=maker`, { ...configMap(""), metadata: { generateName: "made-" } }),
    post(`${widgets}?fieldManager=maker`, {
      ...widget("", { colour: "red" }),
      metadata: { generateName: "made-" },
    }),
    post(maps, { ...configMap(""), metadata: { generateName: "Made-" } }),
    post(maps, configMap("b", undefined, { namespace: "other" })),
    post(widgets, widget("b", { colour: "red" }, { namespace: "other" })),
    post("/api/v1/configmaps", configMap("b")),
    post("/api/v1/namespaces/nowhere/configmaps", configMap("b")),
    post("/apis/conversation.test/v1/namespaces/nowhere/widgets", widget("b", { colour: "red" })),
    post(maps, { ...configMap("b"), kind: "Secret" }),
    post(maps, { ...configMap("b"), apiVersion: "v2" }),
    post(widgets, { ...widget("b", { colour: "red" }), kind: "Wodget" }),
    post(widgets, { ...widget("b", { colour: "red" }), apiVersion: "conversation.test/v2" }),
    post(widgets, { ...widget("b", { colour: "red" }), apiVersion: "other.test/v1" }),
    post(`${maps}?fieldManager=maker`, { metadata: { name: "untyped" } }),
    post(`${widgets}?fieldManager=maker`, { metadata: { name: "untyped" }, spec: { colour: "red" } }),
    post(maps, "{"),
    post(maps, ""),
    post(maps, "[]"),
    post(maps, '"text"'),
    post(widgets, "{"),
    post(widgets, "[]"),
    post(
      `${maps}?fieldManager=maker`,
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: yaml}\ndata: {a: b}\n",
      {
        type: "application/yaml",
      },
    ),
    post(maps, configMap("b"), { type: "text/plain" }),
    post(widgets, widget("b", { colour: "red" }), { type: "text/plain" }),
    post(`${maps}?dryRun=All&fieldManager=maker`, configMap("dry", { a: "1" })),
    get(`${maps}/dry`),
    post(`${widgets}?dryRun=All&fieldManager=maker`, widget("dry", { colour: "red" })),
    get(`${widgets}/dry`),
    post(`${maps}?dryRun=Some`, configMap("dry")),
    post(`${maps}?fieldValidation=Nonsense`, configMap("dry")),
    post(`${maps}?fieldManager=${"m".repeat(129)}`, configMap("dry")),
    post(`${maps}?fieldManager=a%01b`, configMap("dry")),
    post(maps, configMap("versioned", undefined, { resourceVersion: "5" })),
    post(widgets, widget("versioned", { colour: "red" }, { resourceVersion: "5" })),
    post(
      `${maps}?fieldManager=maker`,
      configMap("with-uid", undefined, { uid: "11111111-1111-4111-8111-111111111111", generation: 7 }),
    ),
    post(
      `${widgets}?fieldManager=maker`,
      widget("with-uid", { colour: "red" }, { uid: "11111111-1111-4111-8111-111111111111", generation: 7 }),
    ),
    post(
      `${maps}?fieldManager=maker`,
      configMap("deleting", undefined, {
        deletionTimestamp: "2020-01-01T00:00:00Z",
        finalizers: ["a.test/b"],
      }),
    ),
    post(
      maps,
      configMap("labels", undefined, {
        labels: { "-bad": "x", good: "a b", ["l".repeat(64)]: "v".repeat(64) },
      }),
    ),
    post(widgets, widget("labels", { colour: "red" }, { labels: { "-bad": "x", good: "a b" } })),
    post(maps, configMap("annotations", undefined, { annotations: { "Not Good": "x" } })),
    post(maps, configMap("annotations", undefined, { annotations: { big: "x".repeat(262145) } })),
    post(maps, configMap("finalizers", undefined, { finalizers: ["bad"] })),
    post(widgets, widget("finalizers", { colour: "red" }, { finalizers: ["bad"] })),
    post(
      `${widgets}?fieldManager=maker`,
      widget("finalizers", { colour: "red" }, { finalizers: ["Not Good/x"] }),
    ),
    post(
      maps,
      configMap("owners", undefined, {
        ownerReferences: [{ apiVersion: "v1", kind: "ConfigMap", name: "a" }],
      }),
    ),
    post(
      maps,
      configMap("owners", undefined, {
        ownerReferences: [
          { apiVersion: "v1", kind: "ConfigMap", name: "a", uid: "u1", controller: true },
          { apiVersion: "v1", kind: "ConfigMap", name: "b", uid: "u2", controller: true },
        ],
      }),
    ),
    post(
      maps,
      configMap("owners", undefined, {
        ownerReferences: [{ apiVersion: "v1", kind: "Event", name: "a", uid: "u" }],
      }),
    ),
    post(maps, configMap("labels", undefined, { labels: { a: 5 } })),
    post(widgets, widget("labels", { colour: "red" }, { labels: { a: 5 } })),
    post(maps, configMap("typed", { a: 5 })),
    post(maps, configMap("typed", ["a"])),
    post(maps, configMap("key", { "not a key": "x" })),
    post(`${widgets}?fieldManager=maker`, {
      ...widget("status", { colour: "red" }),
      status: { phase: "Ready" },
    }),
    post(`${gadgets}?fieldManager=maker`, {
      apiVersion: "conversation.test/v1",
      kind: "Gadget",
      metadata: { name: "g1" },
      anything: { at: [1, 2.5, "x"] },
      status: { phase: "Kept" },
    }),
    get(`${gadgets}/g1`),
    remove(`${gadgets}/g1`),
    post(`${maps}?fieldManager=maker`, { ...configMap("immutable", { a: "1" }), immutable: true }),
    merge(`${maps}/immutable`, { data: { a: "2" } }),
    merge(`${maps}/immutable`, { immutable: false }),
  ],
};

const specs: Record<string, unknown>[] = [
  {},
  { colour: 5 },
  { colour: "pink" },
  { colour: null },
  { colour: "red", replicas: "many" },
  { colour: "red", replicas: 1.5 },
  { colour: "red", replicas: -1 },
  { colour: "red", replicas: 11 },
  { colour: "red", name: "toolong" },
  { colour: "red", name: "UP" },
  { colour: "red", name: "bad" },
  { colour: "red", on: "yes" },
  { colour: "red", size: true },
  { colour: "red", size: 5 },
  { colour: "red", size: "5Gi" },
  { colour: "red", tags: ["a", "a"] },
  { colour: "red", tags: "a" },
  { colour: "red", tags: [1] },
  { colour: "red", parts: [{ name: "a" }, { name: "a" }] },
  { colour: "red", parts: [{}] },
  { colour: "red", parts: [{ name: "a" }, { name: "b" }, { name: "c" }, { name: "d" }] },
  { colour: "red", plain: { a: "b" } },
  { colour: "red", free: { a: { b: [1, null] } } },
  { colour: "red", free: "text" },
  { colour: "red", labels: { a: 1 } },
  { colour: "red", ratio: "x" },
  { colour: "red", ratio: 1 },
  { colour: "red", parts: [{ name: "a", weight: 2, extra: 1 }] },
  { colour: "red", unknown: 1, plain: [{ a: "x", b: "y" }] },
  { colour: "pink", replicas: "many", name: "TOOLONG", unknown: 1 },
];

export const schemas: Conversation = {
  name: "schemas",
  rows: [
    ...specs.map((spec, i) => post(`${widgets}?fieldManager=maker`, widget(`w${i}`, spec))),
    ...specs.slice(-3).flatMap((spec, i) => [
      post(`${widgets}?fieldManager=maker&fieldValidation=Strict`, widget(`s${i}`, spec)),
      post(`${widgets}?fieldManager=maker&fieldValidation=Ignore`, widget(`i${i}`, spec)),
    ]),
    post(`${widgets}?fieldManager=maker`, { ...widget("top", { colour: "red" }), extra: 1 }),
    post(`${widgets}?fieldManager=maker&fieldValidation=Strict`, {
      ...widget("top2", { colour: "red" }),
      extra: 1,
      metadata: { name: "top2", foo: "bar" },
    }),
    post(`${maps}?fieldManager=maker`, {
      ...configMap("top", { a: "1" }),
      extra: 1,
      metadata: { name: "top", foo: "bar" },
    }),
    post(`${maps}?fieldManager=maker&fieldValidation=Strict`, {
      ...configMap("top2", { a: "1" }),
      extra: 1,
      metadata: { name: "top2", foo: "bar" },
    }),
    post(`${maps}?fieldManager=maker&fieldValidation=Ignore`, { ...configMap("top3", { a: "1" }), extra: 1 }),
    post(
      `${maps}?fieldManager=maker`,
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"twice"},"data":{"a":"1","a":"2"}}',
    ),
    post(
      `${maps}?fieldManager=maker&fieldValidation=Strict`,
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"twice2"},"data":{"a":"1","a":"2"}}',
    ),
    post(`${widgets}?fieldManager=maker`, widget("rules", { colour: "red", name: "a" })),
    merge(`${widgets}/rules?fieldManager=p`, { spec: { colour: "green" } }),
    merge(`${widgets}/rules?fieldManager=p`, { spec: { name: "bad" } }),
    merge(`${widgets}/rules?fieldManager=p`, { spec: { replicas: 11 } }),
    merge(`${widgets}/rules?fieldManager=p`, { spec: { unknown: 11 } }),
    merge(`${widgets}/rules?fieldManager=p&fieldValidation=Strict`, { spec: { unknown: 11 } }),
    merge(`${widgets}/rules?fieldManager=p&fieldValidation=Strict`, {
      spec: { parts: [{ name: "a", extra: 1 }] },
    }),
    apply(`${widgets}/rules?fieldManager=ap&force=true`, widget("rules", { unknown: 1 })),
    apply(`${widgets}/rules?fieldManager=ap&force=true`, widget("rules", { replicas: "x" })),
    put(`${widgets}/rules?fieldManager=p`, widget("rules", { colour: "red", unknown: 1 })),
  ],
};

export const updating: Conversation = {
  name: "updating",
  rows: [
    post(`${maps}?fieldManager=maker`, configMap("a", { x: "1" }), { as: "a" }),
    put(`${maps}/a?fieldManager=up`, configMap("a", { x: "2", y: "3" })),
    put(
      `${maps}/a?fieldManager=up`,
      configMap("a", { x: "2" }, { resourceVersion: "$(a.metadata.resourceVersion)" }),
    ),
    put(`${maps}/a?fieldManager=up`, configMap("b")),
    put(
      `${maps}/a?fieldManager=up`,
      configMap("a", undefined, { uid: "22222222-2222-4222-8222-222222222222" }),
    ),
    put(`${maps}/nobody?fieldManager=up`, configMap("nobody", { made: "by put" })),
    put(
      `${maps}/nobody2?fieldManager=up`,
      configMap("nobody2", undefined, { uid: "22222222-2222-4222-8222-222222222222" }),
    ),
    put(`${maps}/nobody3?fieldManager=up`, configMap("nobody3", undefined, { resourceVersion: "5" })),
    put(`${maps}/a?fieldManager=up`, configMap("a", undefined, { namespace: "other" })),
    put(`${maps}/a?fieldManager=up`, configMap("a", undefined, { resourceVersion: "x" })),
    put(`${maps}/a?fieldManager=up`, { apiVersion: "v1", kind: "ConfigMap", metadata: {} }),
    put(`${maps}/a?fieldManager=up&dryRun=All`, configMap("a", { dry: "1" })),
    get(`${maps}/a`),
    post(`${widgets}?fieldManager=maker`, widget("a", { colour: "red" }), { as: "w" }),
    put(`${widgets}/a?fieldManager=up`, widget("a", { colour: "red", replicas: 2 })),
    put(
      `${widgets}/a?fieldManager=up`,
      widget("a", { colour: "red", replicas: 2 }, { resourceVersion: "$(w.metadata.resourceVersion)" }),
    ),
    put(`${widgets}/nobody?fieldManager=up`, widget("nobody", { colour: "red" })),
    put(`${widgets}/nobody?fieldManager=up`, widget("nobody", { colour: "red" }, { resourceVersion: "5" })),
    get(`${widgets}/a`, { as: "w" }),
    put(`${widgets}/a?fieldManager=up`, {
      ...widget("a", { colour: "red", replicas: 3 }, { resourceVersion: "$(w.metadata.resourceVersion)" }),
      status: { phase: "No" },
    }, { as: "w" }),
    put(`${widgets}/a/status?fieldManager=st`, {
      ...widget("a", { colour: "red", replicas: 9 }, {
        resourceVersion: "$(w.metadata.resourceVersion)",
        labels: { a: "b" },
      }),
      status: { phase: "Yes", replicas: 3, selector: "a=b" },
    }, { as: "w" }),
    put(`${widgets}/a/status?fieldManager=st`, {
      ...widget("a", { colour: "red" }, { resourceVersion: "$(w.metadata.resourceVersion)" }),
      status: { phase: 5 },
    }),
    put(`${widgets}/a/status?fieldManager=st`, {
      ...widget("a", { colour: "red" }, { resourceVersion: "1" }),
      status: { phase: "x" },
    }),
    put(`${widgets}/nothere/status?fieldManager=st`, {
      ...widget("nothere", { colour: "red" }),
      status: { phase: "x" },
    }),
    get(`${widgets}/a/scale`),
    put(`${widgets}/a/scale?fieldManager=sc`, {
      apiVersion: "autoscaling/v1",
      kind: "Scale",
      metadata: { name: "a", namespace: "$ns" },
      spec: { replicas: 5 },
    }),
    merge(`${widgets}/a/scale?fieldManager=sc`, { spec: { replicas: 6 } }),
    merge(`${widgets}/a/scale?fieldManager=sc`, { spec: { replicas: 60 } }),
    get(`${widgets}/a`),
    merge(`${maps}/a?fieldManager=p`, { data: { z: "1" }, metadata: { labels: { a: "b" } } }),
    merge(`${maps}/a?fieldManager=p`, { data: { z: null } }),
    merge(`${maps}/a?fieldManager=p`, {}),
    merge(`${maps}/a?fieldManager=p`, { metadata: { resourceVersion: "1" } }),
    merge(`${maps}/a?fieldManager=p`, { metadata: { name: "b" } }),
    merge(`${maps}/a?fieldManager=p`, { metadata: { uid: "22222222-2222-4222-8222-222222222222" } }),
    merge(`${maps}/a?fieldManager=p`, { metadata: { namespace: "other" } }),
    merge(`${maps}/a?fieldManager=p`, { kind: "Secret" }),
    merge(`${maps}/a?fieldManager=p`, { data: { a: 5 } }),
    merge(`${maps}/a?fieldManager=p`, "["),
    merge(`${maps}/a?fieldManager=p`, "[]"),
    merge(`${maps}/nobody9?fieldManager=p`, { data: { a: "b" } }),
    merge(`${widgets}/nobody9?fieldManager=p`, { data: { a: "b" } }),
    merge(`${widgets}/a?fieldManager=p`, { metadata: { annotations: { a: "b" } } }),
    merge(`${widgets}/a?fieldManager=p`, { spec: { replicas: 7 } }),
    merge(`${widgets}/a?fieldManager=p`, { status: { phase: "No" } }),
    merge(`${widgets}/a/status?fieldManager=st`, { status: { phase: "Patched" }, spec: { replicas: 1 } }),
    merge(`${widgets}/a?fieldManager=p`, {
      metadata: { generation: 77, creationTimestamp: null, selfLink: "x" },
    }),
    json(`${maps}/a?fieldManager=j`, [{ op: "add", path: "/data/j", value: "1" }]),
    json(`${maps}/a?fieldManager=j`, [{ op: "replace", path: "/data/none", value: "1" }]),
    json(`${maps}/a?fieldManager=j`, [{ op: "remove", path: "/data/none" }]),
    json(`${maps}/a?fieldManager=j`, [{ op: "test", path: "/data/j", value: "2" }]),
    json(`${maps}/a?fieldManager=j`, [{ op: "test", path: "/data/j", value: "1" }, {
      op: "move",
      from: "/data/j",
      path: "/data/k",
    }, { op: "copy", from: "/data/k", path: "/data/l" }]),
    json(`${maps}/a?fieldManager=j`, { op: "add" }),
    json(`${maps}/a?fieldManager=j`, [{ op: "nonsense", path: "/data/j" }]),
    json(`${maps}/a?fieldManager=j`, [{ op: "add", path: "/x/y/z", value: 1 }]),
    json(`${widgets}/a?fieldManager=j`, [{ op: "replace", path: "/spec/replicas", value: 4 }]),
    json(`${widgets}/a?fieldManager=j`, [{ op: "add", path: "/spec/parts", value: [{ name: "a" }] }, {
      op: "add",
      path: "/spec/parts/-",
      value: { name: "b", weight: 3 },
    }]),
    json(`${widgets}/a?fieldManager=j`, [{ op: "remove", path: "/spec/parts/5" }]),
    json(`${widgets}/a?fieldManager=j`, [{ op: "remove", path: "/spec/parts/0" }]),
    strategic(`${maps}/a?fieldManager=s`, { data: { s: "1", x: null } }),
    strategic(`${maps}/a?fieldManager=s`, { data: { $patch: "replace", only: "this" } }),
    strategic(`${widgets}/a?fieldManager=s`, { spec: { replicas: 1 } }),
    { request: `PATCH ${maps}/a`, body: {}, type: "application/json" },
    { request: `PATCH ${widgets}/a`, body: {}, type: "application/json" },
    { request: `PATCH ${maps}/a`, body: {}, type: "text/plain" },
    merge(`${maps}/a?fieldManager=p&force=true`, { data: { z: "1" } }),
    put(`${maps}/a`, "x".repeat(100)),
  ],
};

export const applying: Conversation = {
  name: "applying",
  rows: [
    apply(`${maps}/a?fieldManager=one`, configMap("a", { x: "1", y: "1" })),
    apply(`${maps}/a?fieldManager=one`, configMap("a", { x: "1", y: "1" })),
    apply(`${maps}/a?fieldManager=one`, configMap("a", { x: "1" })),
    apply(`${maps}/a?fieldManager=two`, configMap("a", { x: "2" })),
    apply(`${maps}/a?fieldManager=two`, configMap("a", { x: "1", z: "1" })),
    apply(`${maps}/a?fieldManager=two`, configMap("a", { x: "2", z: "2" })),
    apply(`${maps}/a?fieldManager=two&force=true`, configMap("a", { x: "2", z: "2" })),
    apply(`${maps}/a?fieldManager=one`, configMap("a", { x: "3" })),
    merge(`${maps}/a?fieldManager=three`, { data: { x: "4", w: "1" } }),
    apply(`${maps}/a?fieldManager=two`, configMap("a", { x: "5", w: "2" })),
    apply(`${maps}/a?fieldManager=two`, configMap("a", { z: "2" })),
    apply(`${maps}/a?fieldManager=two&force=true&dryRun=All`, configMap("a", { x: "dry" })),
    get(`${maps}/a`),
    apply(`${maps}/a`, configMap("a", { x: "1" })),
    apply(`${maps}/a?fieldManager=one`, configMap("b", { x: "1" })),
    apply(`${maps}/a?fieldManager=one`, { ...configMap("a"), kind: "Secret" }),
    apply(`${maps}/a?fieldManager=one`, { metadata: { name: "a" } }),
    apply(
      `${maps}/a?fieldManager=one`,
      configMap("a", { x: "1" }, {
        managedFields: [{
          manager: "me",
          operation: "Apply",
          apiVersion: "v1",
          fieldsType: "FieldsV1",
          fieldsV1: {},
        }],
      }),
    ),
    apply(`${maps}/a?fieldManager=one`, configMap("a", { x: "1" }, { resourceVersion: "1" })),
    apply(
      `${maps}/a?fieldManager=one&force=true`,
      configMap("a", { x: "1" }, { uid: "22222222-2222-4222-8222-222222222222" }),
    ),
    apply(
      `${maps}/new-uid?fieldManager=one&force=true`,
      configMap("new-uid", { x: "1" }, { uid: "22222222-2222-4222-8222-222222222222" }),
    ),
    apply(
      `${maps}/as-new?fieldManager=one&force=true`,
      configMap("as-new", { x: "1" }, { resourceVersion: "1" }),
    ),
    apply(
      `${maps}/as-new?fieldManager=one&force=true`,
      configMap("as-new", { x: "1" }, { resourceVersion: "1" }),
    ),
    apply(
      `${maps}/yaml?fieldManager=one`,
      "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: yaml\ndata:\n  a: 'b'\n",
    ),
    apply(`${maps}/yaml?fieldManager=one`, "apiVersion: v1\n  kind: [x"),
    apply(`${maps}/yaml?fieldManager=one&fieldValidation=Strict`, {
      ...configMap("yaml", { a: "b" }),
      extra: 1,
    }),
    apply(`${maps}/yaml?fieldManager=one`, { ...configMap("yaml", { a: "b" }), extra: 1 }),
    apply("/api/v1/namespaces/nowhere/configmaps/a?fieldManager=one", configMap("a")),
    apply(
      `${widgets}/a?fieldManager=one`,
      widget("a", {
        colour: "red",
        tags: ["a", "b"],
        parts: [{ name: "p", weight: 2 }, { name: "q" }],
        plain: [{ a: "x" }],
      }, { labels: { a: "1" }, finalizers: ["a.test/hold"] }),
    ),
    apply(
      `${widgets}/a?fieldManager=one`,
      widget("a", {
        colour: "red",
        tags: ["a", "b"],
        parts: [{ name: "p", weight: 2 }, { name: "q" }],
        plain: [{ a: "x" }],
      }, { labels: { a: "1" }, finalizers: ["a.test/hold"] }),
    ),
    apply(
      `${widgets}/a?fieldManager=two`,
      widget("a", { tags: ["c"], parts: [{ name: "r" }, { name: "p", weight: 3 }] }),
    ),
    apply(
      `${widgets}/a?fieldManager=two&force=true`,
      widget("a", { tags: ["c"], parts: [{ name: "r" }, { name: "p", weight: 3 }] }),
    ),
    apply(
      `${widgets}/a?fieldManager=one&force=true`,
      widget("a", { colour: "red", tags: ["b"], parts: [{ name: "q" }] }),
    ),
    apply(`${widgets}/a?fieldManager=two&force=true`, widget("a", {})),
    apply(`${widgets}/a/status?fieldManager=st&force=true`, {
      apiVersion: "conversation.test/v1",
      kind: "Widget",
      metadata: { name: "a" },
      status: { phase: "Ready", conditions: [{ type: "Ready", status: "True" }] },
    }),
    apply(`${widgets}/a/status?fieldManager=st&force=true`, {
      apiVersion: "conversation.test/v1",
      kind: "Widget",
      metadata: { name: "a" },
      status: { phase: "Ready", conditions: [{ type: "Ready", status: "True" }] },
    }),
    apply(`${widgets}/a/status?fieldManager=st2`, {
      apiVersion: "conversation.test/v1",
      kind: "Widget",
      metadata: { name: "a" },
      status: { phase: "Other" },
      spec: { colour: "green" },
    }),
    apply(`${widgets}/nobody/status?fieldManager=st`, {
      apiVersion: "conversation.test/v1",
      kind: "Widget",
      metadata: { name: "nobody" },
      status: { phase: "Ready" },
    }),
    apply(`${widgets}/a?fieldManager=kubectl`, widget("a", { colour: "red", replicas: 3 })),
    merge(`${widgets}/a/scale?fieldManager=sc`, { spec: { replicas: 6 } }),
    apply(`${widgets}/a?fieldManager=kubectl`, widget("a", { colour: "red", replicas: 3 })),
    put(
      `${widgets}/a?fieldManager=up`,
      widget("a", { colour: "red", replicas: 6 }, { managedFields: [], finalizers: [] }),
    ),
    get(`${widgets}/a`),
  ],
};

export const deleting: Conversation = {
  name: "deleting",
  rows: [
    post(`${maps}?fieldManager=maker`, configMap("a"), { as: "a" }),
    remove(`${maps}/a`, { preconditions: { uid: "22222222-2222-4222-8222-222222222222" } }),
    remove(`${maps}/a`, { preconditions: { resourceVersion: "1" } }),
    remove(`${maps}/a?dryRun=All`),
    remove(`${maps}/a`, { dryRun: ["All"] }),
    remove(`${maps}/a`, { dryRun: ["Some"] }),
    remove(`${maps}/a`, { propagationPolicy: "Nonsense" }),
    remove(`${maps}/a`, { propagationPolicy: "Background", orphanDependents: true }),
    remove(`${maps}/a?propagationPolicy=Nonsense`),
    remove(`${maps}/a?gracePeriodSeconds=x`),
    remove(`${maps}/a`, { kind: "DeleteOptions", apiVersion: "v1", gracePeriodSeconds: -5 }),
    remove(`${maps}/a`),
    remove(`${maps}/a`, "{"),
    post(`${widgets}?fieldManager=maker`, widget("a", { colour: "red" })),
    remove(`${widgets}/a`),
    remove(`${widgets}/a`),
    post(
      `${widgets}?fieldManager=maker`,
      widget("held", { colour: "red" }, { finalizers: ["a.test/hold", "b.test/hold"] }),
    ),
    remove(`${widgets}/held`),
    remove(`${widgets}/held`),
    merge(`${widgets}/held?fieldManager=p`, {
      metadata: { finalizers: ["a.test/hold", "b.test/hold", "c.test/new"] },
    }),
    merge(`${widgets}/held?fieldManager=p`, { spec: { replicas: 4 } }),
    merge(`${widgets}/held?fieldManager=p`, { metadata: { finalizers: ["b.test/hold"] } }),
    merge(`${widgets}/held?fieldManager=p`, { metadata: { deletionTimestamp: null } }),
    post(`${widgets}?fieldManager=maker`, widget("held", { colour: "red" })),
    apply(`${widgets}/held?fieldManager=ap`, widget("held", { colour: "red" })),
    merge(`${widgets}/held?fieldManager=p`, { metadata: { finalizers: null } }),
    get(`${widgets}/held`),
    post(`${widgets}?fieldManager=maker`, widget("fg", { colour: "red" })),
    remove(`${widgets}/fg`, { propagationPolicy: "Foreground" }),
    get(`${widgets}/fg`, { until: 404 }),
    post(`${widgets}?fieldManager=maker`, widget("owner", { colour: "red" }), { as: "owner" }),
    post(
      `${maps}?fieldManager=maker`,
      configMap("owned", undefined, {
        ownerReferences: [{
          apiVersion: "conversation.test/v1",
          kind: "Widget",
          name: "owner",
          uid: "$(owner.metadata.uid)",
          blockOwnerDeletion: true,
        }],
      }),
    ),
    // The collector has to know of the dependent by then: else it is not orphaned, but collected.
    remove(`${widgets}/owner`, { propagationPolicy: "Orphan" }, { pause: 1_000 }),
    get(`${widgets}/owner`, { until: 404 }),
    get(`${maps}/owned`),
    post(`${widgets}?fieldManager=maker`, widget("owner", { colour: "red" }), { as: "owner" }),
    put(
      `${maps}/owned?fieldManager=maker`,
      configMap("owned", undefined, {
        ownerReferences: [{
          apiVersion: "conversation.test/v1",
          kind: "Widget",
          name: "owner",
          uid: "$(owner.metadata.uid)",
          blockOwnerDeletion: true,
        }],
      }),
    ),
    remove(`${widgets}/owner`, { propagationPolicy: "Background" }),
    get(`${maps}/owned`, { until: 404 }),
    post(`${widgets}?fieldManager=maker`, widget("owner", { colour: "red" }), { as: "owner" }),
    post(
      `${maps}?fieldManager=maker`,
      configMap("owned", undefined, {
        finalizers: ["a.test/hold"],
        ownerReferences: [{
          apiVersion: "conversation.test/v1",
          kind: "Widget",
          name: "owner",
          uid: "$(owner.metadata.uid)",
          blockOwnerDeletion: true,
        }],
      }),
    ),
    remove(`${widgets}/owner`, { propagationPolicy: "Foreground" }),
    get(`${widgets}/owner`),
    merge(`${maps}/owned`, { metadata: { finalizers: null } }, { pause: 100 }),
    get(`${widgets}/owner`, { until: 404 }),
    get(`${maps}/owned`, { until: 404 }),
    ...["x", "y", "z"].map((name) =>
      post(`${widgets}?fieldManager=maker`, widget(name, { colour: "red" }, { labels: { name } }))
    ),
    { request: `DELETE ${widgets}?labelSelector=name%20in%20(x,y)` },
    get(widgets),
    { request: `DELETE ${widgets}?dryRun=All` },
    { request: `DELETE ${widgets}` },
    get(widgets),
    post("/api/v1/namespaces?fieldManager=maker", {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: "c-going" },
    }),
    post(
      "/api/v1/namespaces/c-going/configmaps?fieldManager=maker",
      configMap("held", undefined, { finalizers: ["a.test/hold"] }),
    ),
    post("/api/v1/namespaces/c-going/configmaps?fieldManager=maker", configMap("free")),
    remove("/api/v1/namespaces/c-going"),
    get("/api/v1/namespaces/c-going/configmaps/free", { until: 404 }),
    post("/api/v1/namespaces/c-going/configmaps", configMap("late")),
    apply("/api/v1/namespaces/c-going/configmaps/late?fieldManager=a", configMap("late")),
    merge("/api/v1/namespaces/c-going/configmaps/held", { metadata: { finalizers: null } }),
    get("/api/v1/namespaces/c-going", { until: 404 }),
    remove("/api/v1/namespaces/c-going"),
  ],
};
