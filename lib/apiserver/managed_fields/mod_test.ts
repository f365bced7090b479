import assert from "node:assert/strict";
import fc from "fast-check";
import { at, isObject, type JsonObject } from "../json.ts";
import { type KindSchema, schemaOfBuiltIn, schemaOfCrd } from "../schema/mod.ts";
import { decode, isEmpty, pathsOf } from "./field_set.ts";
import { apply, type Conflict, update } from "./mod.ts";

const text = { type: "string" };
const schema = schemaOfCrd({
  type: "object",
  properties: {
    spec: {
      type: "object",
      properties: {
        a: text,
        b: text,
        map: { type: "object", additionalProperties: text },
        inner: { type: "object", properties: { a: text, b: text } },
        set: { type: "array", items: text, "x-kubernetes-list-type": "set" },
        order: { type: "array", items: text },
        whole: { type: "object", additionalProperties: text, "x-kubernetes-map-type": "atomic" },
        list: {
          type: "array",
          "x-kubernetes-list-type": "map",
          "x-kubernetes-list-map-keys": ["name"],
          items: { type: "object", properties: { name: text, value: text, other: text } },
        },
        ports: {
          type: "array",
          "x-kubernetes-list-type": "map",
          "x-kubernetes-list-map-keys": ["port", "protocol"],
          items: {
            type: "object",
            properties: {
              port: { type: "integer" },
              protocol: { type: "string", default: "TCP" },
              name: text,
            },
          },
        },
      },
    },
    status: { type: "object", properties: { phase: text, at: text } },
  },
});

/** One write: who, how, and what the spec then says. */
type Step =
  | { apply: string; spec: JsonObject; force?: true; conflicts?: string[] }
  | { update: string; spec: JsonObject };

/** Steps, the spec after them, and who owns which fields of the spec: `manager operation: paths`. */
interface Case {
  readonly name: string;
  readonly steps: readonly Step[];
  readonly spec: JsonObject | undefined;
  readonly owners: readonly string[];
}

/** Out of the stories of structured-merge-diff's own tests (`merge/*_test.go`), told with fields of ours. */
const cases: readonly Case[] = [
  {
    name: "an applier owns what it says",
    steps: [{ apply: "x", spec: { a: "1" } }],
    spec: { a: "1" },
    owners: ["x Apply: .a"],
  },
  {
    name: "two appliers of the same value both own it",
    steps: [{ apply: "x", spec: { a: "1" } }, { apply: "y", spec: { a: "1" } }],
    spec: { a: "1" },
    // A write that changes no value has no time, and comes first.
    owners: ["y Apply: .a", "x Apply: .a"],
  },
  {
    name: "two appliers of different fields",
    steps: [{ apply: "x", spec: { a: "1" } }, { apply: "y", spec: { b: "2" } }],
    spec: { a: "1", b: "2" },
    owners: ["x Apply: .a", "y Apply: .b"],
  },
  {
    name: "another value is a conflict",
    steps: [{ apply: "x", spec: { a: "1" } }, {
      apply: "y",
      spec: { a: "2" },
      conflicts: [`conflict with "x": .spec.a`],
    }],
    spec: { a: "1" },
    owners: ["x Apply: .a"],
  },
  {
    name: "force takes a field over",
    steps: [{ apply: "x", spec: { a: "1", b: "1" } }, { apply: "y", spec: { a: "2" }, force: true }],
    spec: { a: "2", b: "1" },
    owners: ["x Apply: .b", "y Apply: .a"],
  },
  {
    name: "an entry that has nothing left is gone",
    steps: [{ apply: "x", spec: { a: "1" } }, { apply: "y", spec: { a: "2" }, force: true }],
    spec: { a: "2" },
    owners: ["y Apply: .a"],
  },
  {
    name: "what an applier no longer says goes",
    steps: [{ apply: "x", spec: { a: "1", b: "2" } }, { apply: "x", spec: { a: "1" } }],
    spec: { a: "1" },
    owners: ["x Apply: .a"],
  },
  {
    name: "what another owns too stays",
    steps: [
      { apply: "x", spec: { a: "1", b: "2" } },
      { apply: "y", spec: { b: "2" } },
      { apply: "x", spec: { a: "1" } },
    ],
    spec: { a: "1", b: "2" },
    owners: ["y Apply: .b", "x Apply: .a"],
  },
  {
    name: "an update takes over what it changes, without conflict",
    steps: [{ apply: "x", spec: { a: "1", b: "2" } }, { update: "u", spec: { a: "2", b: "2" } }],
    spec: { a: "2", b: "2" },
    owners: ["x Apply: .b", "u Update: .a"],
  },
  {
    name: "an update that changes nothing owns nothing",
    steps: [{ apply: "x", spec: { a: "1" } }, { update: "u", spec: { a: "1" } }],
    spec: { a: "1" },
    owners: ["x Apply: .a"],
  },
  {
    name: "an update that removes a field takes it from all and owns nothing",
    steps: [{ apply: "x", spec: { a: "1", b: "2" } }, { update: "u", spec: { b: "2" } }],
    spec: { b: "2" },
    owners: ["x Apply: .b"],
  },
  {
    name: "a field of an updater is a conflict, with its version",
    steps: [
      { update: "u", spec: { a: "1" } },
      { apply: "x", spec: { a: "2" }, conflicts: [`conflict with "u" using t/v1: .spec.a`] },
    ],
    spec: { a: "1" },
    owners: ["u Update: . .a"],
  },
  {
    name: "an applier that says the updater's value shares it, and leaves it when it goes",
    steps: [{ update: "u", spec: { a: "1" } }, { apply: "x", spec: { a: "1" } }, { apply: "x", spec: {} }],
    spec: { a: "1" },
    owners: ["x Apply: .", "u Update: . .a"],
  },
  {
    name: "an applier after an updater of its own name has an entry of its own",
    steps: [{ update: "x", spec: { a: "1" } }, { apply: "x", spec: { a: "1", b: "2" } }],
    spec: { a: "1", b: "2" },
    owners: ["x Apply: .a .b", "x Update: . .a"],
  },
  {
    name: "items of a set have owners of their own",
    steps: [{ apply: "x", spec: { set: ["a", "b"] } }, { apply: "y", spec: { set: ["b", "c"] } }],
    spec: { set: ["a", "b", "c"] },
    owners: [`x Apply: .set[="a"] .set[="b"]`, `y Apply: .set[="b"] .set[="c"]`],
  },
  {
    name: "an item of a set goes when its only owner no longer says it",
    steps: [
      { apply: "x", spec: { set: ["a", "b"] } },
      { apply: "y", spec: { set: ["b", "c"] } },
      { apply: "x", spec: { set: [] } },
    ],
    spec: { set: ["b", "c"] },
    owners: [`y Apply: .set[="b"] .set[="c"]`],
  },
  {
    name: "a list as a whole is a conflict as a whole",
    steps: [
      { apply: "x", spec: { order: ["a"] } },
      { apply: "y", spec: { order: ["a", "b"] }, conflicts: [`conflict with "x": .spec.order`] },
    ],
    spec: { order: ["a"] },
    owners: ["x Apply: .order"],
  },
  {
    name: "a map as a whole is replaced as a whole",
    steps: [{ apply: "x", spec: { whole: { a: "1" } } }, {
      apply: "y",
      spec: { whole: { b: "2" } },
      force: true,
    }],
    spec: { whole: { b: "2" } },
    owners: ["y Apply: .whole"],
  },
  {
    name: "members of a map have owners of their own",
    steps: [{ apply: "x", spec: { map: { a: "1" } } }, { apply: "y", spec: { map: { b: "2" } } }],
    spec: { map: { a: "1", b: "2" } },
    owners: ["x Apply: .map.a", "y Apply: .map.b"],
  },
  {
    name: "the last member goes with its map",
    steps: [{ apply: "x", spec: { a: "1", map: { a: "1" } } }, { apply: "x", spec: { a: "1" } }],
    spec: { a: "1" },
    owners: ["x Apply: .a"],
  },
  {
    name: "items by key: each owner its fields",
    steps: [
      { apply: "x", spec: { list: [{ name: "a", value: "1" }] } },
      { apply: "y", spec: { list: [{ name: "a", other: "2" }, { name: "b" }] } },
    ],
    spec: { list: [{ name: "a", value: "1", other: "2" }, { name: "b" }] },
    owners: [
      `x Apply: .list[name="a"] .list[name="a"].name .list[name="a"].value`,
      `y Apply: .list[name="a"] .list[name="a"].name .list[name="a"].other .list[name="b"] .list[name="b"].name`,
    ],
  },
  {
    name: "an item that another owns loses only the fields of who leaves",
    steps: [
      { apply: "x", spec: { list: [{ name: "a", value: "1" }] } },
      { apply: "y", spec: { list: [{ name: "a", other: "2" }] } },
      { apply: "x", spec: { a: "1" } },
    ],
    spec: { a: "1", list: [{ name: "a", other: "2" }] },
    owners: [`y Apply: .list[name="a"] .list[name="a"].name .list[name="a"].other`, "x Apply: .a"],
  },
  {
    name: "an item goes with its applier, though an updater has added to it",
    steps: [
      { apply: "x", spec: { list: [{ name: "a" }] } },
      { update: "u", spec: { list: [{ name: "a", value: "1" }] } },
      { apply: "x", spec: { a: "1" } },
    ],
    spec: { a: "1", list: null },
    owners: ["x Apply: .a"],
  },
  {
    name: "the field of an item is a conflict with its key in the path",
    steps: [
      { apply: "x", spec: { list: [{ name: "a", value: "1" }] } },
      {
        apply: "y",
        spec: { list: [{ name: "a", value: "2" }] },
        conflicts: [`conflict with "x": .spec.list[name="a"].value`],
      },
    ],
    spec: { list: [{ name: "a", value: "1" }] },
    owners: [`x Apply: .list[name="a"] .list[name="a"].name .list[name="a"].value`],
  },
  {
    name: "a key that has a default is the same as one that says it",
    steps: [
      { apply: "x", spec: { ports: [{ port: 80, protocol: "TCP", name: "p" }] } },
      { apply: "y", spec: { ports: [{ port: 80, name: "p" }] } },
    ],
    spec: { ports: [{ port: 80, protocol: "TCP", name: "p" }] },
    owners: [
      `y Apply: .ports[port=80,protocol="TCP"] .ports[port=80,protocol="TCP"].name .ports[port=80,protocol="TCP"].port`,
      `x Apply: .ports[port=80,protocol="TCP"] .ports[port=80,protocol="TCP"].name .ports[port=80,protocol="TCP"].port ` +
      `.ports[port=80,protocol="TCP"].protocol`,
    ],
  },
  {
    name: "conflicts with several managers, each with its fields",
    steps: [
      { apply: "x", spec: { a: "1" } },
      { apply: "y", spec: { b: "1" } },
      {
        apply: "z",
        spec: { a: "2", b: "2" },
        conflicts: [`conflict with "x": .spec.a`, `conflict with "y": .spec.b`],
      },
    ],
    spec: { a: "1", b: "1" },
    owners: ["x Apply: .a", "y Apply: .b"],
  },
  {
    name: "who says nothing any more leaves nothing",
    steps: [{ apply: "x", spec: { a: "1", inner: { a: "1" } } }, { apply: "x", spec: {} }],
    spec: undefined,
    owners: ["x Apply: ."],
  },
];

const apiVersion = "t/v1";

interface Outcome {
  object: JsonObject | undefined;
  conflicts: Conflict[];
}

function take(live: JsonObject | undefined, step: Step, now: string, kind: KindSchema = schema): Outcome {
  const object = { apiVersion, kind: "T", metadata: { name: "t" }, spec: step.spec };
  if ("update" in step) {
    const metadata = live?.metadata as JsonObject | undefined;
    const updated = { ...object, metadata: { ...object.metadata, ...metadata } };
    return {
      object: update({ schema: kind, live, manager: step.update, apiVersion, now, updated }),
      conflicts: [],
    };
  }
  const write = { schema: kind, live, manager: step.apply, apiVersion, now, force: step.force === true };
  const result = apply({ ...write, applied: object });
  return "conflicts" in result
    ? { object: live, conflicts: result.conflicts }
    : { object: result.object, conflicts: [] };
}

function entriesOf(object: JsonObject | undefined): JsonObject[] {
  return (at(object, "metadata", "managedFields") ?? []) as JsonObject[];
}

/** `manager operation: paths`, of the spec alone. */
function ownersOf(object: JsonObject | undefined): string[] {
  return entriesOf(object).map(({ manager, operation, fieldsV1 }) => {
    const paths = [...pathsOf(decode(fieldsV1 as JsonObject))].sort().map((path) =>
      path.replace(/^\.spec/, "") || "."
    );
    return `${manager} ${operation}: ${paths.join(" ")}`;
  });
}

for (const { name, steps, spec, owners } of cases) {
  Deno.test(`fields: ${name}`, () => {
    let live: JsonObject | undefined;
    steps.forEach((step, i) => {
      const { object, conflicts } = take(live, step, `2026-01-01T00:00:0${i}Z`);
      const said = conflicts.map(({ message, field }) => `${message}: ${field}`);
      assert.deepEqual(said, "conflicts" in step ? step.conflicts : [], `conflicts of step ${i + 1}`);
      live = object;
    });
    assert.deepEqual(live?.spec ?? undefined, spec);
    assert.deepEqual(ownersOf(live), owners);
  });
}

Deno.test("times: kept where nothing changed, new where something did", () => {
  const timeOf = (object: JsonObject | undefined) => entriesOf(object).map(({ time }) => time);
  const first = take(undefined, { apply: "x", spec: { a: "1" } }, "2026-01-01T00:00:00Z").object;
  const again = take(first, { apply: "x", spec: { a: "1" } }, "2026-01-01T00:00:09Z").object;
  assert.deepEqual(again, first);
  const changed = take(again, { apply: "x", spec: { a: "2" } }, "2026-01-01T00:00:10Z").object;
  assert.deepEqual(timeOf(changed), ["2026-01-01T00:00:10Z"]);
  const updated = take(changed, { update: "u", spec: { a: "2" } }, "2026-01-01T00:00:11Z").object;
  assert.deepEqual(updated, changed);
});

Deno.test("an object that nobody tracked is of one manager before the first apply", () => {
  const live = { apiVersion, kind: "T", metadata: { name: "t", uid: "1" }, spec: { a: "1" } };
  const { object } = take(live, { apply: "x", spec: { b: "2" } }, "2026-01-01T00:00:00Z");
  assert.deepEqual(ownersOf(object), ["x Apply: .b", "before-first-apply Update: . .a"]);
});

Deno.test("an empty list of managed fields forgets who owned what", () => {
  const live = take(undefined, { apply: "x", spec: { a: "1" } }, "2026-01-01T00:00:00Z").object!;
  const metadata = { ...live.metadata as JsonObject, managedFields: [] };
  const write = { schema, live, manager: "u", apiVersion, now: "2026-01-01T00:00:01Z" };
  assert.deepEqual(entriesOf(update({ ...write, updated: { ...live, metadata } })), []);
});

Deno.test("status is owned by who writes the subresource, and nothing else is", () => {
  const live = take(undefined, { apply: "x", spec: { a: "1" } }, "2026-01-01T00:00:00Z").object!;
  const write = { schema, live, manager: "u", apiVersion, now: "2026-01-01T00:00:01Z" };
  const updated = { ...live, spec: { a: "2" }, status: { phase: "P" } };
  const [, byStatus] = entriesOf(update({ ...write, subresource: "status", updated }));
  assert.deepEqual(byStatus.fieldsV1, { "f:status": { ".": {}, "f:phase": {} } });
  assert.equal(byStatus.subresource, "status");
});

Deno.test("a conflict with a subresource's manager names the subresource", () => {
  const live = take(undefined, { update: "u", spec: {} }, "2026-01-01T00:00:00Z").object!;
  const write = {
    schema,
    live,
    manager: "s",
    apiVersion,
    subresource: "status",
    now: "2026-01-01T00:00:01Z",
  };
  const withStatus = update({ ...write, updated: { ...live, status: { phase: "P" } } });
  const applied = { apiVersion, kind: "T", metadata: { name: "t" }, status: { phase: "Q" } };
  const result = apply({ ...write, live: withStatus, manager: "x", applied, force: false });
  assert.ok("conflicts" in result);
  assert.deepEqual(result.conflicts.map(({ message }) => message), [
    `conflict with "s" with subresource "status" using t/v1`,
  ]);
});

Deno.test("a field that nobody owns stays in an item that another owns", () => {
  const item = { name: "a", value: "1" };
  const first = take(undefined, { apply: "x", spec: { list: [item] } }, "2026-01-01T00:00:00Z").object;
  const both = take(first, { apply: "y", spec: { list: [{ name: "a" }] } }, "2026-01-01T00:00:01Z").object!;
  const defaulted = { ...both, spec: { list: [{ ...item, other: "of nobody" }] } };
  const { object } = take(defaulted, { apply: "x", spec: { a: "1" } }, "2026-01-01T00:00:02Z");
  assert.deepEqual(object?.spec, { a: "1", list: [{ name: "a", other: "of nobody" }] });
});

Deno.test("empty metadata of an update is not stored and owned by nobody", () => {
  const metadata = { name: "t", labels: {}, finalizers: [] };
  const updated = { apiVersion, kind: "T", metadata, spec: { a: "1" } };
  const object = update({
    schema,
    live: undefined,
    manager: "u",
    apiVersion,
    now: "2026-01-01T00:00:00Z",
    updated,
  });
  assert.deepEqual(Object.keys(object.metadata as JsonObject).sort(), ["managedFields", "name"]);
  assert.deepEqual(entriesOf(object)[0].fieldsV1, { "f:spec": { ".": {}, "f:a": {} } });
});

const annotation = "kubectl.kubernetes.io/last-applied-configuration";

/** An object that kubectl applied on the client side: it wrote `a`, and what it wrote is in the annotation. */
function clientApplied(a: string, said = a): JsonObject {
  const last = { apiVersion, kind: "T", metadata: { name: "t" }, spec: { a: said } };
  const metadata = { name: "t", annotations: { [annotation]: JSON.stringify(last) } };
  const updated = { apiVersion, kind: "T", metadata, spec: { a } };
  const manager = "kubectl-client-side-apply";
  return update({ schema, live: undefined, manager, apiVersion, now: "2026-01-01T00:00:00Z", updated });
}

Deno.test("kubectl takes over what it applied on the client side, and its annotation follows", () => {
  const result = take(clientApplied("1"), { apply: "kubectl", spec: { a: "<2>" } }, "2026-01-01T00:00:01Z");
  assert.deepEqual(result.conflicts, []);
  assert.equal(at(result.object, "spec", "a"), "<2>");
  assert.equal(
    at(result.object, "metadata", "annotations", annotation),
    `{"apiVersion":"t/v1","kind":"T","metadata":{"name":"t"},"spec":{"a":"\\u003c2\\u003e"}}\n`,
  );
});

Deno.test("kubectl takes nothing over that was changed since it applied it, and nobody else takes anything over", () => {
  const changed = take(
    clientApplied("1", "0"),
    { apply: "kubectl", spec: { a: "2" } },
    "2026-01-01T00:00:01Z",
  );
  assert.deepEqual(changed.conflicts.map(({ field }) => field), [".spec.a"]);
  const other = take(clientApplied("1"), { apply: "x", spec: { a: "2" } }, "2026-01-01T00:00:01Z");
  assert.deepEqual(other.conflicts.map(({ message }) => message), [
    `conflict with "kubectl-client-side-apply" using t/v1`,
  ]);
});

Deno.test("of more than ten updaters the oldest become one", () => {
  let live: JsonObject | undefined;
  for (let i = 0; i < 13; i++) {
    const map = { ...at(live, "spec", "map") as JsonObject | undefined, [`k${i}`]: "1" };
    live =
      take(live, { update: `u${i}`, spec: { map } }, new Date(Date.UTC(2026, 0, 1, 0, 0, i)).toISOString())
        .object;
  }
  const names = entriesOf(live).map(({ manager }) => manager);
  assert.deepEqual(names, ["ancient-changes", "u4", "u5", "u6", "u7", "u8", "u9", "u10", "u11", "u12"]);
});

Deno.test("without a schema maps are owned by member and lists as a whole", () => {
  const write = {
    schema: undefined,
    live: undefined,
    manager: "x",
    apiVersion,
    now: "2026-01-01T00:00:00Z",
    force: false,
  };
  const applied = {
    apiVersion,
    kind: "T",
    metadata: { name: "t", finalizers: ["t/a"] },
    spec: { list: [{ a: 1 }], map: { b: 2 } },
  };
  const result = apply({ ...write, applied });
  assert.ok("object" in result);
  assert.deepEqual(entriesOf(result.object)[0].fieldsV1, {
    "f:metadata": { "f:finalizers": { 'v:"t/a"': {} } },
    "f:spec": { ".": {}, "f:list": {}, "f:map": { ".": {}, "f:b": {} } },
  });
});

const word = fc.constantFrom("a", "b", "c");
const specs = fc.record({
  a: word,
  b: word,
  map: fc.dictionary(word, word, { noNullPrototype: true }),
  inner: fc.record({ a: word, b: word }, { requiredKeys: [] }),
  set: fc.uniqueArray(word),
  order: fc.array(word),
  whole: fc.dictionary(word, word, { noNullPrototype: true }),
  list: fc.uniqueArray(fc.record({ name: word, value: word, other: word }, { requiredKeys: ["name"] }), {
    selector: ({ name }) => name,
  }),
}, { requiredKeys: [] }) as fc.Arbitrary<JsonObject>;
const stepsOf = fc.array(
  fc.oneof(
    fc.record({ apply: word, spec: specs, force: fc.constant(true as const) }),
    fc.record({ update: word, spec: specs }),
  ) as fc.Arbitrary<Step>,
  { maxLength: 6 },
);

function after(steps: readonly Step[]): JsonObject | undefined {
  return steps.reduce<JsonObject | undefined>(
    (live, step, i) => take(live, step, `2026-01-01T00:00:${10 + i}Z`).object,
    undefined,
  );
}

Deno.test("an apply that is repeated changes nothing, and nothing that was shared", () => {
  fc.assert(fc.property(stepsOf, specs, (steps, spec) => {
    const once = take(after(steps), { apply: "z", spec, force: true }, "2026-01-01T00:01:00Z").object;
    const text = JSON.stringify(once);
    const twice = take(once, { apply: "z", spec, force: true }, "2026-01-01T00:02:00Z").object;
    assert.deepEqual(twice, once);
    assert.equal(JSON.stringify(once), text);
  }));
});

Deno.test("what an applier says is so, and is its own", () => {
  fc.assert(fc.property(stepsOf, specs, (steps, spec) => {
    const { object } = take(after(steps), { apply: "z", spec, force: true }, "2026-01-01T00:01:00Z");
    for (const [key, value] of Object.entries(spec)) {
      if (isObject(value) && Object.keys(value).length === 0 || Array.isArray(value) && value.length === 0) {
        continue;
      }
      if (typeof value === "string" || key === "order" || key === "whole") {
        assert.deepEqual(at(object, "spec", key), value);
      }
    }
    assert.ok(ownersOf(object).some((line) => line.startsWith("z Apply")));
  }));
});

Deno.test("an applier that came last and leaves restores what it only added", () => {
  fc.assert(
    fc.property(
      fc.dictionary(word, word, { noNullPrototype: true }),
      fc.dictionary(fc.constantFrom("x", "y"), word, { minKeys: 1, noNullPrototype: true }),
      (own, more) => {
        const before =
          take(undefined, { apply: "x", spec: { a: "1", map: own } }, "2026-01-01T00:00:00Z").object;
        const during = take(before, { apply: "z", spec: { map: more } }, "2026-01-01T00:00:01Z").object;
        const left = take(during, { apply: "z", spec: { a: "1" } }, "2026-01-01T00:00:02Z").object;
        const map = at(left, "spec", "map") as JsonObject | null | undefined;
        assert.deepEqual(map ?? {}, own);
      },
    ),
  );
});

Deno.test("every entry owns something, and only what is there", () => {
  fc.assert(fc.property(stepsOf, (steps) => {
    const object = after(steps);
    for (const entry of entriesOf(object)) assert.ok(!isEmpty(decode(entry.fieldsV1 as JsonObject)));
    const spec = at(object, "spec");
    for (const { fieldsV1 } of entriesOf(object)) {
      for (const name of Object.keys((fieldsV1 as JsonObject)["f:spec"] ?? {})) {
        if (name === ".") continue;
        assert.ok(isObject(spec) && name.slice(2) in spec, `${name} in ${JSON.stringify(spec)}`);
      }
    }
  }));
});

Deno.test("a deployment's containers are applied by name", () => {
  const deployment = schemaOfBuiltIn("apps", "v1", "Deployment")!;
  const spec = (image: string) => ({
    template: { spec: { containers: [{ name: "c", image, ports: [{ containerPort: 80 }] }] } },
  });
  const first = take(undefined, { apply: "x", spec: spec("1") }, "2026-01-01T00:00:00Z", deployment).object;
  const { conflicts } = take(first, { apply: "y", spec: spec("2") }, "2026-01-01T00:00:01Z", deployment);
  assert.deepEqual(conflicts.map(({ field }) => field), [`.spec.template.spec.containers[name="c"].image`]);
});
