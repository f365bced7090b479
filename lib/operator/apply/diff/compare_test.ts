import assert from "node:assert/strict";
import type { KubeObject } from "../../../kube/object.ts";
import type { FieldRules } from "../../../kube/cache/field_rules.ts";
import { compare, type Difference, hashOf, ownEntry } from "./compare.ts";

const MANAGER = "aim";

type Json = Record<string, unknown>;

/** A stored object of which we own `fields` (in the form of `fieldsV1`); without, we own nothing. */
function stored(content: Json, fields: Json | undefined, apiVersion = "t.aim/v1"): KubeObject {
  const { metadata, ...rest } = content as { metadata?: Json };
  const entry = {
    manager: MANAGER,
    operation: "Apply",
    apiVersion,
    fieldsType: "FieldsV1",
    fieldsV1: fields,
  };
  return {
    apiVersion,
    kind: "Thing",
    metadata: {
      name: "x",
      uid: "u",
      resourceVersion: "1",
      ...metadata,
      managedFields: fields ? [entry] : [],
    },
    ...rest,
  };
}

function wanted(content: Json): Json {
  const { metadata, ...rest } = content as { metadata?: Json };
  return { apiVersion: "t.aim/v1", kind: "Thing", metadata: { name: "x", ...metadata }, ...rest };
}

interface Row {
  readonly rule: string;
  readonly d: Json;
  readonly l: Json;
  readonly f: Json | undefined;
  readonly rules?: FieldRules;
  /** `why path` of each difference; none: the same. */
  readonly gives: string[];
}

function brief(verdict: ReturnType<typeof compare>): string[] {
  return verdict.same ? [] : verdict.paths.map(({ why, path }: Difference) => `${why} ${path}`);
}

function check(rows: readonly Row[]): void {
  for (const { rule, d, l, f, rules, gives } of rows) {
    const verdict = compare(wanted(d), stored(l, f), { manager: MANAGER, apiVersion: "t.aim/v1", rules });
    assert.deepEqual(brief(verdict), gives, rule);
  }
}

Deno.test("ownership: leaves(D) = leaves(F)", () => {
  const f = { "f:spec": { "f:a": {}, "f:b": {} } };
  check([
    { rule: "equal and owned", d: { spec: { a: 1, b: "x" } }, l: { spec: { a: 1, b: "x" } }, f, gives: [] },
    {
      rule: "D ⊄ F is sent even at equal value",
      d: { spec: { a: 1, b: 2, c: 3 } },
      l: { spec: { a: 1, b: 2, c: 3 } },
      f,
      gives: ["unowned spec.c"],
    },
    {
      rule: "F ⊄ D is sent, it removes",
      d: { spec: { a: 1 } },
      l: { spec: { a: 1, b: 2 } },
      f,
      gives: ["released spec.b"],
    },
    {
      rule: "undefined is not wanted",
      d: { spec: { a: 1, b: undefined } },
      l: { spec: { a: 1, b: 2 } },
      f,
      gives: ["released spec.b"],
    },
    { rule: "no F", d: { spec: { a: 1 } }, l: { spec: { a: 1 } }, f: undefined, gives: ["unowned "] },
    { rule: "no F, no leaves", d: {}, l: { spec: { a: 1 } }, f: undefined, gives: [] },
    {
      rule: "what others own beside us is theirs",
      d: { spec: { a: 1, b: 2 } },
      l: { spec: { a: 1, b: 2, z: 9 }, status: { x: 1 } },
      f,
      gives: [],
    },
    {
      rule: "the whole subtree is named once",
      d: { spec: { a: 1, b: 2 }, other: { x: { y: 1 } } },
      l: { spec: { a: 1, b: 2 } },
      f,
      gives: ["unowned other"],
    },
    {
      rule: "a scalar where we own a map",
      d: { spec: 1 },
      l: { spec: { a: 1, b: 2 } },
      f,
      gives: ["value spec"],
    },
    {
      rule: "inherited names are no fields",
      d: { spec: {} },
      l: { spec: { constructor: "x" } },
      f: { "f:spec": { "f:constructor": {} } },
      gives: ["released spec.constructor"],
    },
  ]);
});

Deno.test("only our apply entry at this version counts", () => {
  const options = { manager: MANAGER, apiVersion: "t.aim/v1" };
  const desired = wanted({ spec: { a: 1 } });
  const fieldsV1 = { "f:spec": { "f:a": {} } };
  const entry = { manager: MANAGER, operation: "Apply", apiVersion: "t.aim/v1", fieldsV1 };
  const live = (entries: Json[]) => {
    const object = stored({ spec: { a: 1 } }, undefined);
    return { ...object, metadata: { ...object.metadata, managedFields: entries } };
  };
  assert.deepEqual(compare(desired, live([entry]), options), { same: true });
  for (
    const other of [
      { ...entry, apiVersion: "t.aim/v2" },
      { ...entry, operation: "Update" },
      { ...entry, subresource: "status" },
      { ...entry, manager: "someone" },
    ]
  ) {
    const object = live([other]);
    assert.equal(ownEntry(object.metadata.managedFields, MANAGER, "t.aim/v1"), undefined);
    assert.deepEqual(brief(compare(desired, object, options)), ["unowned "]);
  }
  const text = ownEntry([{ ...entry, manager: "someone" }, entry], MANAGER, "t.aim/v1");
  assert.equal(text, '{"f:spec":{"f:a":{}}}');
  assert.deepEqual(compare(desired, live([]), { ...options, owned: text }), { same: true });
  assert.deepEqual(compare(desired, live([{ ...entry, fieldsV1: text }]), options), { same: true });
  assert.deepEqual(brief(compare(desired, undefined, options)), ["unowned "]);
});

Deno.test("metadata: what names the object is no leaf, the rest is", () => {
  const owner = { apiVersion: "v1", kind: "ConfigMap", name: "o", uid: "o-uid", controller: true };
  const metadata = {
    labels: { "app.kubernetes.io/name": "a" },
    annotations: { n: "1" },
    finalizers: ["t.aim/f"],
    ownerReferences: [owner],
  };
  const f = {
    "f:metadata": {
      "f:annotations": { "f:n": {} },
      "f:finalizers": { 'v:"t.aim/f"': {} },
      "f:labels": { "f:app.kubernetes.io/name": {} },
      "f:ownerReferences": { 'k:{"uid":"o-uid"}': {} },
    },
  };
  const precondition = { namespace: "n", uid: "u", resourceVersion: "7" };
  check([
    {
      rule: "a uid in the body is a precondition",
      d: { metadata: { ...metadata, ...precondition } },
      l: { metadata },
      f,
      gives: [],
    },
    {
      rule: "nor does it make an F necessary",
      d: { metadata: precondition },
      l: {},
      f: undefined,
      gives: [],
    },
    {
      rule: "others' labels, finalizers and owners stay",
      d: { metadata },
      l: {
        metadata: {
          labels: { ...metadata.labels, z: "1" },
          annotations: { ...metadata.annotations, z: "1" },
          finalizers: ["z/z", ...metadata.finalizers],
          ownerReferences: [{ ...owner, uid: "z" }, owner],
        },
      },
      f,
      gives: [],
    },
    {
      rule: "each is compared",
      d: { metadata },
      l: {
        metadata: {
          labels: { "app.kubernetes.io/name": "b" },
          annotations: { n: "2" },
          finalizers: [],
          ownerReferences: [{ ...owner, controller: false }],
        },
      },
      f,
      gives: [
        'value metadata.labels["app.kubernetes.io/name"]',
        "value metadata.annotations.n",
        "value metadata.finalizers[=t.aim/f]",
        "value metadata.ownerReferences[uid=o-uid].controller",
      ],
    },
    {
      rule: "each is released",
      d: {},
      l: { metadata },
      f,
      gives: [
        "released metadata.annotations",
        "released metadata.finalizers",
        "released metadata.labels",
        "released metadata.ownerReferences",
      ],
    },
  ]);
});

Deno.test("list-maps (k:) and sets (v:)", () => {
  const env = (...items: [string, string][]) => items.map(([name, value]) => ({ name, value }));
  const item = { ".": {}, "f:name": {}, "f:value": {} };
  const f = { "f:spec": { "f:env": { 'k:{"name":"a"}': item, 'k:{"name":"b"}': item } } };
  const row = (rule: string, d: unknown[], l: unknown[], gives: string[]): Row => ({
    rule,
    d: { spec: { env: d } },
    l: { spec: { env: l } },
    f,
    gives,
  });
  const two = env(["a", "1"], ["b", "2"]);
  check([
    row("others' items stand in between", two, env(["z", "9"], ["a", "1"], ["y", "8"], ["b", "2"]), []),
    row("a value", two, env(["a", "1"], ["b", "3"]), ["value spec.env[name=b].value"]),
    row("the server puts our items into our order", two, env(["b", "2"], ["a", "1"]), ["value spec.env"]),
    row("a broken list-map", two, env(["a", "1"], ["b", "2"], ["a", "5"]), ["value spec.env[name=a]"]),
    row("one more", env(["a", "1"], ["b", "2"], ["c", "3"]), two, ["unowned spec.env[name=c]"]),
    row("one less", env(["a", "1"]), two, ["released spec.env[name=b]"]),
    row("one field less", [{ name: "a" }, { name: "b", value: "2" }], two, [
      "released spec.env[name=a].value",
    ]),
    row("an item that L lost", two, env(["b", "2"]), ["value spec.env[name=a]"]),
  ]);

  const sets = { "f:spec": { "f:set": { 'v:"<b>"': {}, 'v:"a"': {} }, "f:numbers": { "v:1": {} } } };
  const set = (rule: string, d: Json, l: Json, gives: string[]): Row => ({
    rule,
    d: { spec: d },
    l: { spec: l },
    f: sets,
    gives,
  });
  const both = { set: ["<b>", "a"], numbers: [1] };
  check([
    set("members", both, { set: ["z", "<b>", "a"], numbers: [2, 1] }, []),
    set("order", both, { set: ["a", "<b>"], numbers: [1] }, ["value spec.set"]),
    set("text is no number", { ...both, numbers: ["1"] }, both, [
      "unowned spec.numbers[=1]",
      "released spec.numbers[=1]",
    ]),
    set("less", { set: ["a"], numbers: [1] }, both, ["released spec.set[=<b>]"]),
  ]);
});

Deno.test("list-map keys with defaults", () => {
  const tcp = { ".": {}, "f:containerPort": {} };
  const f = {
    "f:spec": {
      "f:ports": {
        'k:{"containerPort":80,"protocol":"TCP"}': tcp,
        'k:{"containerPort":80,"protocol":"UDP"}': { ...tcp, "f:protocol": {} },
      },
    },
  };
  const live = [{ containerPort: 80, protocol: "TCP" }, { containerPort: 80, protocol: "UDP" }];
  const row = (rule: string, ports: Json[], gives: string[]): Row => ({
    rule,
    d: { spec: { ports } },
    l: { spec: { ports: live } },
    f,
    gives,
  });
  check([
    row("the key that D leaves out", [{ containerPort: 80 }, { containerPort: 80, protocol: "UDP" }], []),
    row("a key that D says now is a leaf more", live, [
      "unowned spec.ports[containerPort=80,protocol=TCP].protocol",
    ]),
    row("the complete item chooses first", [{ containerPort: 80, protocol: "UDP" }, { containerPort: 80 }], [
      "value spec.ports",
    ]),
    row("a key that D no longer says", [{ containerPort: 80 }], [
      "released spec.ports[containerPort=80,protocol=UDP]",
    ]),
  ]);
});

Deno.test("values: what counts as equal", () => {
  const rules: FieldRules = { quantities: ["spec.q", "spec.requests.*"] };
  const cases: [unknown, unknown, boolean][] = [
    ["1024Mi", "1Gi", true],
    ["0.5", "500m", true],
    ["1e3", "1k", true],
    ["1E", "1000P", true],
    ["1Ei", "1024Pi", true],
    [2, "2", true],
    ["+.5", "500m", true],
    ["0.1n", "1n", true],
    ["-1024Ki", "-1Mi", true],
    ["1Gi", "1G", false],
    ["500m", "501m", false],
    ["1e999999", "1k", false],
    ["", "0", false],
    ["x", "0", false],
    ["1", undefined, false],
  ];
  for (const [d, l, same] of cases) {
    const differences = same ? [] : ["value spec.q"];
    const f = { "f:spec": { "f:q": {} } };
    check([{
      rule: `quantity ${d} ~ ${l}`,
      d: { spec: { q: d } },
      l: { spec: { q: l } },
      f,
      rules,
      gives: differences,
    }]);
  }
  const texts: [unknown, unknown, boolean][] = [
    ["1000m", "1", false],
    ["1.0", "1", false],
    [80, "80", false],
    ["true", true, false],
    [1, 1.0, true],
    [JSON.parse("2"), rawJSON("2.0"), true],
    [rawJSON("9007199254740993"), rawJSON("9007199254740993"), true],
    [rawJSON("9007199254740993"), rawJSON("9007199254740992"), false],
    ["", undefined, true],
    [0, undefined, true],
    [false, undefined, true],
    ["", "x", false],
    [true, undefined, false],
  ];
  for (const [d, l, same] of texts) {
    const f = { "f:spec": { "f:v": {} } };
    const gives = same ? [] : ["value spec.v"];
    check([{
      rule: `${JSON.stringify(d)} ~ ${JSON.stringify(l)}`,
      d: { spec: { v: d } },
      l: { spec: { v: l } },
      f,
      rules,
      gives,
    }]);
  }
});

Deno.test("atomic containers: D's vocabulary is compared, what the server adds is not", () => {
  const f = { "f:spec": { "f:rules": {} } };
  const rules: FieldRules = {
    quantities: ["spec.rules.*.size"],
    defaults: { "spec.rules.*.kind": "Service", "spec.rules.*.path": { type: "Prefix", value: "/" } },
    emits: { "spec.rules.*.open": ["a", "b"] },
  };
  const row = (rule: string, d: unknown, l: unknown, gives: string[]): Row => ({
    rule,
    d: { spec: { rules: d } },
    l: { spec: { rules: l } },
    f,
    rules,
    gives,
  });
  check([
    row("deeply equal", [{ a: { b: [1] } }, 2], [{ a: { b: [1] } }, 2], []),
    row("a value deep inside", [{ a: { b: [1] } }], [{ a: { b: [2] } }], ["value spec.rules[0].a.b[0]"]),
    row("order", [1, 2], [2, 1], ["value spec.rules[0]", "value spec.rules[1]"]),
    row("length", [1], [1, 2], ["value spec.rules"]),
    row("a missing field", [{ a: 1 }], [{}], ["value spec.rules[0].a"]),
    row("a field more", [{ a: 1 }], [{ a: 1, b: 2 }], ["value spec.rules[0].b"]),
    row(
      "a server default",
      [{ a: 1 }],
      [{ a: 1, kind: "Service", path: { value: "/", type: "Prefix" } }],
      [],
    ),
    row("another value than the default", [{ a: 1 }], [{ a: 1, kind: "X" }], ["value spec.rules[0].kind"]),
    row("a field that we can emit", [{ open: { a: 1 } }], [{ open: { a: 1, b: 2 } }], [
      "value spec.rules[0].open.b",
    ]),
    row("a field that we cannot emit", [{ open: { a: 1 } }], [{ open: { a: 1, hook: 2 } }], []),
    row("a quantity", [{ size: "1024Mi" }], [{ size: "1Gi" }], []),
    row("an empty map", [{ a: {} }], [{ a: {} }], []),
    row("an empty map filled", [{ a: {} }], [{ a: { b: 1 } }], ["value spec.rules[0].a.b"]),
    row("a map that is a list", [{ a: { b: 1 } }], [{ a: [1] }], ["value spec.rules[0].a"]),
    row("a list that is gone", [1], undefined, ["value spec.rules"]),
    row("an atomic map", { a: { b: 1 } }, { a: { b: 2 } }, ["value spec.rules.a.b"]),
  ]);
});

Deno.test("an empty map in D asks for presence", () => {
  const row = (rule: string, field: string, l: unknown, gives: string[], f: Json = {}): Row => ({
    rule,
    d: { spec: { [field]: {} } },
    l: { spec: { [field]: l } },
    f: { "f:spec": { [`f:${field}`]: f } },
    gives,
  });
  check([
    row("there, empty", "autoScaling", {}, []),
    row("there, filled by others", "autoScaling", { metrics: [1] }, []),
    row("there, with a field of ours", "autoScaling", { a: 1 }, ["released spec.autoScaling.a"], {
      "f:a": {},
    }),
    row("gone", "autoScaling", undefined, ["value spec.autoScaling"]),
    row("no map any more", "autoScaling", "x", ["value spec.autoScaling"]),
    row("a map of text that the server drops", "labels", undefined, []),
    row("a selector is atomic: empty", "podSelector", {}, []),
    row("a selector is atomic: full", "podSelector", { matchLabels: {} }, ["value spec.podSelector"]),
  ]);
});

Deno.test("a difference carries both values", () => {
  const verdict = compare(
    wanted({ spec: { a: 1 } }),
    stored({ spec: { a: 2 } }, { "f:spec": { "f:a": {} } }),
    {
      manager: MANAGER,
      apiVersion: "t.aim/v1",
    },
  );
  assert.deepEqual(verdict, { same: false, paths: [{ path: "spec.a", why: "value", desired: 1, live: 2 }] });
});

Deno.test("hashOf: key order, undefined and preconditions do not count, all else does", () => {
  const base = {
    kind: "X",
    metadata: { name: "x", labels: { a: "1", b: "2" } },
    spec: { list: [1, "1", { a: true }] },
  };
  const same = [
    { spec: { list: [1, "1", { a: true }] }, metadata: { labels: { b: "2", a: "1" }, name: "x" }, kind: "X" },
    { ...base, metadata: { ...base.metadata, uid: "u", resourceVersion: "5" } },
    { ...base, status: undefined },
  ];
  const other = [
    { ...base, kind: "Y" },
    { ...base, metadata: { name: "x", labels: { a: "2", b: "1" } } },
    { ...base, spec: { list: ["1", 1, { a: true }] } },
    { ...base, spec: { list: [1, "1"] } },
    { ...base, spec: { list: [1, "1", { a: "true" }] } },
    { ...base, spec: { list: [1, "1", { a: true }], uid: "u" } },
    { ...base, spec: {} },
    { ...base, spec: { list: { 0: 1, 1: "1", 2: { a: true } } } },
  ];
  for (const variant of same) assert.equal(hashOf(variant), hashOf(base), JSON.stringify(variant));
  const hashes = new Set([base, ...other].map(hashOf));
  assert.equal(hashes.size, other.length + 1);
  assert.match(hashOf(base), /^[0-9a-f]{16}$/);
});

/** A number as text that a double may not hold; the proposal is not in TypeScript's library yet. */
function rawJSON(text: string): unknown {
  return (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(text);
}
