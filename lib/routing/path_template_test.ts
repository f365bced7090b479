import assert from "node:assert/strict";
import fc from "fast-check";
import { isOnePath, routePath, templateFault } from "./mod.ts";

const service = {
  apiVersion: "aim.eai.amd.com/v1alpha1",
  kind: "AIMService",
  metadata: {
    name: "my.svc",
    namespace: "ns",
    uid: "11111111-2222-3333-4444-555555555555",
    labels: { team: "NLP", "a/b": "C_d" },
    annotations: { x: "Y/z" },
  },
  spec: {
    model: { name: "m" },
    replicas: 2,
    runtimeConfigName: "fast",
    env: [{ name: "A", value: "1" }, { name: "B", value: "2" }],
  },
};

const vectors: readonly (readonly [template: string | undefined, path: string])[] = [
  [undefined, "/ns/11111111-2222-3333-4444-555555555555"],
  ["", "/ns/11111111-2222-3333-4444-555555555555"],
  ["/{.metadata.name}-{.metadata.namespace}", "/my-svc-ns"],
  ["/{.metadata.labels.team}", "/nlp"],
  ["/{.metadata.labels['a/b']}", "/c-d"],
  ['/{.metadata.annotations["x"]}', "/y/z"],
  ["/{.spec.model.name}", "/m"],
  ["/{.spec.replicas}", "/2"],
  ["{}", "/"],
  ["/V1.0/Foo_Bar//x/", "/v1-0/foo-bar/x"],
  ["no-slash", "/no-slash"],
  // Better: top-level spec fields resolve.
  ["/{.spec.runtimeConfigName}", "/fast"],
  ["/{.spec.env[0].name}/{.spec.env[-1].name}", "/a/b"],
  ["/{.spec.env[?(@.name=='B')].value}", "/2"],
  ["/{ .spec.env[1:].name }", "/b"],
  ["/{..replicas}", "/2"],
];
for (const [template, path] of vectors) {
  Deno.test(`services.md §9.1: the path template ${template} gives ${path}`, () => {
    assert.deepEqual(routePath(template, service), { path });
  });
}

const errors: readonly (readonly [template: string, error: string])[] = [
  [
    "/{.metadata.labels['k']}",
    `failed to evaluate route template ".metadata.labels['k']": jsonpath evaluation error: label "k" not found`,
  ],
  [
    '/{.metadata.annotations["k"]}',
    `failed to evaluate route template ".metadata.annotations["k"]": jsonpath evaluation error: annotation "k" not found`,
  ],
  [
    "/{.spec.env[*].name}",
    'failed to evaluate route template ".spec.env[*].name": jsonpath returned multiple results',
  ],
  [
    "/{.spec.env[?(@.name=='Z')].value}",
    `failed to evaluate route template ".spec.env[?(@.name=='Z')].value": jsonpath returned no results`,
  ],
  [
    "/{.spec.nothing}",
    'failed to evaluate route template ".spec.nothing": jsonpath evaluation error: nothing is not found',
  ],
  [
    "/{.spec.env}",
    'failed to evaluate route template ".spec.env": jsonpath returned a list, not a single value',
  ],
  [
    "/{.spec.model}",
    'failed to evaluate route template ".spec.model": jsonpath returned an object, not a single value',
  ],
  ["  ", "route template produced an empty path"],
  [`/${"a".repeat(200)}`, `route path "/${"a".repeat(200)}" exceeds 200 characters`],
];
for (const [template, error] of errors) {
  Deno.test(`services.md §9.1: the path template ${template.slice(0, 40)} is an error`, () => {
    assert.deepEqual(routePath(template, service), { error });
  });
}

Deno.test("services.md §9.1: bad syntax is named as such", () => {
  for (const bad of ["metadata.name", ".", ".spec.env[", ".spec['a", ".spec.env[x]", ".spec.env[?(@.a"]) {
    assert.match(routePath(`/{${bad}}`, service).error ?? "", /: invalid jsonpath expression: /, bad);
  }
});

const fragments = fc.constantFrom(
  "{",
  "}",
  ".",
  "[",
  "]",
  "'",
  '"',
  "*",
  "metadata",
  "labels",
  "spec",
  "env",
  "name",
  "..",
  "?(@.name=='A')",
  "/",
  "é",
  "-",
  "0",
  ":",
  ",",
  "$",
  "@",
);
Deno.test("services.md §9.1: any template gives a legal path or an error, and a path is its own template", () => {
  const template = fc.oneof(
    fc.string(),
    fc.array(fragments, { maxLength: 20 }).map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(template, (text) => {
      const result = routePath(text, service);
      if (result.error !== undefined) return;
      assert.match(result.path, /^\/[a-z0-9/-]*$/);
      assert.ok(new TextEncoder().encode(result.path).length <= 200);
      assert.deepEqual(routePath(result.path, service), result);
    }),
    { numRuns: 1000 * Number(Deno.env.get("AIM_PROPERTY_RUNS") ?? 1) },
  );
});

Deno.test("services.md §9.1: nothing is left of a value or a segment that has no letter or digit", () => {
  const labelled = { ...service, metadata: { ...service.metadata, labels: { none: "", dashes: "__" } } };
  assert.deepEqual(routePath("/a{.metadata.labels['none']}/{.metadata.labels['dashes']}/é", labelled), {
    path: "/a",
  });
  assert.deepEqual(routePath("{.metadata.labels['none']}", labelled), {
    error: "route template produced an empty path",
  });
});

Deno.test("services.md §9.1: slashes of a label are dashes, those of an annotation stay; a segment has 63", () => {
  const long = { ...service, spec: { model: { name: `Org/${"M".repeat(70)}` } } };
  assert.equal(routePath("/{.spec.model.name}", long).path, `/org-${"m".repeat(59)}`);
  assert.equal(routePath("/{.metadata.annotations.x}", service).path, "/y/z");
});

Deno.test("services.md §9.1: the type of a service from a list is known", () => {
  const listed = { metadata: service.metadata };
  assert.equal(routePath("/{.kind}/{.apiVersion}", listed).path, "/aimservice/aim-eai-amd-com-v1alpha1");
});

Deno.test("services.md §9.1: without a UID there is no default path, which others would share", () => {
  assert.match(routePath("", { metadata: { namespace: "ns" } }).error ?? "", /UID/);
});

Deno.test("services.md §9.1: the message of a long template fits into a status", () => {
  for (
    const template of ["/".repeat(100_000) + "x", `{${".a".repeat(50_000)}}`, `{[${"x".repeat(50_000)}]}`]
  ) {
    const { error } = routePath(template, service);
    assert.ok(error !== undefined && error.length < 3000, error);
  }
});

Deno.test("templates that give no service a path, and those that give one to some", () => {
  const long = "a".repeat(201);
  const rows: [template: string, fault: RegExp | undefined][] = [
    ...vectors.map(([template]): [string, undefined] => [template ?? "", undefined]),
    ["/{.metadata.labels['not there']}", undefined],
    ["/{.metadata.annotations.other}", undefined],
    ["/{.status.resolvedModel.name}", undefined],
    ["/{.spec.env[0].name}", undefined],
    ["{.metadata.labels.team}", undefined],
    [`/${"a".repeat(199)}{.metadata.labels.team}`, undefined],
    ["/{.metadata.nam}", /no AIMService has a field \.metadata\.nam$/],
    ["/{.metadata.name}/{.spec.modell.name}", /"\.spec\.modell\.name".*no AIMService has a field/],
    ["/{.spec.model.name.first}", /no AIMService has a field/],
    ["/{.spec.model}", /an object, not a single value/],
    ["/{.spec.env}", /a list, not a single value/],
    ["/{.spec.envs[0].name}", /no AIMService has a field \.spec\.envs/],
    ["/{.metadata.name", undefined],
    ["/{metadata.name}", /invalid jsonpath expression: unrecognized identifier/],
    ["/{.metadata.labels[}", /invalid jsonpath expression/],
    ["/{.metadata..}/{...}", /invalid jsonpath expression/],
    ["   ", /empty path/],
    [long, /exceeds 200 characters/],
    [`/{.metadata.name}/${long}`, /exceeds 200 characters/],
  ];
  for (const [template, fault] of rows) {
    const found = templateFault(template);
    if (fault === undefined) assert.equal(found, undefined, template);
    else assert.match(found ?? "", fault, template);
  }
  assert.deepEqual(["", "/a", "{}", "/{.metadata.name}"].map(isOnePath), [false, true, true, false]);
});

Deno.test("property: what is called a fault of a template is one for every service", () => {
  const word = fc.constantFrom("a", "B/c", "", "é", "x".repeat(70));
  const some = fc.record({
    kind: fc.constant("AIMService"),
    metadata: fc.record({
      name: word,
      namespace: fc.constant("ns"),
      uid: fc.constant("u"),
      labels: fc.dictionary(fc.constantFrom("team", "a/b", "name"), word),
      annotations: fc.dictionary(fc.constantFrom("x", "y"), word),
    }),
    spec: fc.record({
      model: fc.record({ name: word }, { requiredKeys: [] }),
      replicas: fc.nat(),
      env: fc.array(fc.record({ name: word, value: word })),
    }, { requiredKeys: [] }),
  });
  const template = fc.array(
    fc.oneof(
      fragments,
      fc.constantFrom("{.metadata.name}", "{.spec.model}", "{.spec.x}", "{.spec.env[0].name}", "{.kind}"),
      fc.constantFrom("x".repeat(150), "/".repeat(150), " "),
    ),
    { maxLength: 6 },
  ).map((parts) => parts.join(""));
  fc.assert(
    fc.property(template, some, (template, service) => {
      const fault = templateFault(template);
      if (fault !== undefined) assert.notEqual(routePath(template, service).error, undefined, fault);
    }),
    { numRuns: 2000 * Number(Deno.env.get("AIM_PROPERTY_RUNS") ?? 1) },
  );
});
