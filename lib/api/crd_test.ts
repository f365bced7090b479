/** The CRDs against the tables of api.md, which `testdata` repeats (§14.2, §14.3). */
import assert from "node:assert/strict";
import * as z from "zod";
import { crdOf, type CrdSchema, schemaOf } from "./crd.ts";
import { crdDirectory, crdFiles, driftedFiles } from "./manifest_files.ts";
import { kinds } from "./mod.ts";
import { columns, enums, names, patterns, rules } from "./testdata/tables.ts";

interface Table {
  readonly mark: string | undefined;
  readonly lines: readonly string[];
}

const tables = readTables(await Deno.readTextFile(new URL("testdata/structures.txt", import.meta.url)));

function readTables(text: string): Map<string, Table> {
  const found = new Map<string, Table>();
  let lines: string[] = [];
  for (const line of text.split("\n").filter((line) => line !== "" && !line.startsWith("#"))) {
    if (line.startsWith(" ")) lines.push(line.trim());
    else {
      const [, name, mark] = /^(\w+)(?: \((.*)\))?$/.exec(line)!;
      found.set(name, { mark, lines: lines = [] });
    }
  }
  return found;
}

/** The facts about one node; the properties of an object are nodes of their own. */
type Facts = Record<string, unknown>;
type Tree = Map<string, Facts>;

/** The tree that the tables describe. */
function expected(type: string, path: string, facts: Facts, tree: Tree): void {
  tree.set(path, facts);
  if (type.startsWith("list of ")) {
    facts.type = "array";
    return expected(type.slice("list of ".length), `${path}[]`, {}, tree);
  }
  const map = /^map\((.*)\)$/.exec(type);
  if (map) {
    facts.type = "object";
    return expected(map[1], `${path}{}`, {}, tree);
  }
  if (type in plainTypes) return void Object.assign(facts, plainTypes[type]);
  const { mark } = tables.get(type) ?? assert.fail(`no table ${type}`);
  facts.type = "object";
  if (mark === "atomic") facts.mapType = "atomic";
  // The rule of the structure comes before the rule of the field.
  else if (mark) facts.rules = [rules[mark], ...facts.rules as string[] ?? []];
  for (const line of linesOf(type)) {
    const [name, fieldType, ...rest] = line.split(", ");
    expected(fieldType, `${path}.${name}`, limitsOf(rest, fieldType), tree);
  }
}

function linesOf(type: string): string[] {
  return tables.get(type)!.lines.flatMap((line) =>
    line.startsWith("inline ") ? linesOf(line.slice("inline ".length)) : [line]
  );
}

const plainTypes: Record<string, Facts> = {
  string: { type: "string" },
  bool: { type: "boolean" },
  int: { type: "integer" },
  int32: { type: "integer", format: "int32" },
  int64: { type: "integer", format: "int64" },
  time: { type: "string", format: "date-time" },
  quantity: { anyOf: "integer string", intOrString: true, pattern: patterns["P-Quantity"] },
  any: { preserveUnknown: true },
};

function limitsOf(words: readonly string[], type: string): Facts {
  const facts: Facts = {};
  for (const word of words) {
    const [, key, value] = /^(\S+)(?: (.*))?$/.exec(word)!;
    if (key === "required") facts.required = true;
    else if (key === "default") {
      facts.default = type === "string" ? value.replace('""', "") : JSON.parse(value);
    } else if (key === "enum") facts.enum = enums[value];
    else if (key === "pattern") facts.pattern = patterns[value];
    else if (key === "min") facts.minimum = Number(value);
    else if (key === "max") facts.maximum = Number(value);
    else if (key === "listMap") Object.assign(facts, { listType: "map", listMapKeys: value });
    else if (key === "list") facts.listType = value;
    else if (key in rules) facts.rules = [...facts.rules as string[] ?? [], rules[key]];
    else facts[key] = Number(value);
  }
  for (const [key, value] of Object.entries(facts)) assert.ok(value !== undefined, `${words}: ${key}`);
  return facts;
}

/** The tree that a CRD has. */
function actual(schema: CrdSchema, path: string, required: boolean, tree: Tree): void {
  const { description, properties, items, additionalProperties, required: names = [], ...rest } = schema;
  assert.ok(description, `${path} has no description`);
  const facts: Facts = {};
  if (required) facts.required = true;
  for (const [key, value] of Object.entries(rest)) facts[factNames[key] ?? key] = plain(key, value);
  tree.set(path, facts);
  for (const [name, child] of Object.entries(properties ?? {})) {
    actual(child, `${path}.${name}`, names.includes(name), tree);
  }
  if (items) actual(items, `${path}[]`, false, tree);
  if (additionalProperties) actual(additionalProperties, `${path}{}`, false, tree);
}

const factNames: Record<string, string> = {
  "x-kubernetes-int-or-string": "intOrString",
  "x-kubernetes-preserve-unknown-fields": "preserveUnknown",
  "x-kubernetes-list-type": "listType",
  "x-kubernetes-list-map-keys": "listMapKeys",
  "x-kubernetes-map-type": "mapType",
  "x-kubernetes-validations": "rules",
};

function plain(key: string, value: unknown): unknown {
  if (key === "x-kubernetes-validations") {
    for (const rule of value as { message: string }[]) assert.ok(rule.message);
    return (value as { rule: string }[]).map(({ rule }) => rule);
  }
  if (key === "anyOf") return (value as { type: string }[]).map(({ type }) => type).join(" ");
  if (key === "enum" || key === "x-kubernetes-list-map-keys") return (value as string[]).join(" ");
  return value;
}

Deno.test("there are ten kinds, in the order of the table", () => {
  assert.deepEqual(kinds.map(({ kind }) => kind), names.map(([kind]) => kind));
});

for (const [index, [kindName, scope, plural, singular, shortName, spec, status]] of names.entries()) {
  const crd = crdOf(kinds[index]);
  const [version] = crd.spec.versions;

  Deno.test(`${kindName}: names, scope and columns`, () => {
    assert.equal(crd.metadata.name, `${plural}.aim.eai.amd.com`);
    assert.equal(crd.spec.group, "aim.eai.amd.com");
    assert.deepEqual(crd.spec.names, {
      categories: ["aim", "all"],
      kind: kindName,
      listKind: `${kindName}List`,
      plural,
      shortNames: [shortName],
      singular,
    });
    assert.equal(crd.spec.scope, scope);
    assert.equal(crd.spec.versions.length, 1);
    const { name, served, storage, subresources } = version;
    assert.deepEqual({ name, served, storage, subresources }, {
      name: "v1alpha1",
      served: true,
      storage: true,
      subresources: { status: {} },
    });
    const shown = (version.additionalPrinterColumns ?? []).map(({ name, type, jsonPath, priority }) =>
      [name, type, jsonPath, ...priority ? [priority] : []].join(" ")
    );
    assert.deepEqual(shown, columns[kindName]);
  });

  for (const [part, table] of [["spec", spec], ["status", status]] as const) {
    Deno.test(`${kindName}: every field of ${part} as the tables have it`, () => {
      const wanted: Tree = new Map();
      expected(table, part, {}, wanted);
      const written: Tree = new Map();
      actual(version.schema.openAPIV3Schema.properties![part], part, false, written);
      assert.deepEqual([...written.keys()].sort(), [...wanted.keys()].sort());
      for (const [path, facts] of wanted) assert.deepEqual(written.get(path), facts, path);
    });
  }

  Deno.test(`${kindName}: nothing at the root is required`, () => {
    const root = version.schema.openAPIV3Schema;
    assert.deepEqual(Object.keys(root.properties!), ["apiVersion", "kind", "metadata", "spec", "status"]);
    assert.equal(root.required, undefined);
  });
}

Deno.test("each CRD fits into a client-side apply", () => {
  for (const [name, content] of crdFiles()) assert.ok(content.length < 200_000, name);
  for (const kind of kinds) assert.ok(JSON.stringify(crdOf(kind)).length < 200_000, kind.kind);
});

Deno.test("manifests/crds is what lib/api writes; if not, run `deno task crds`", async () => {
  assert.deepEqual(await driftedFiles(), []);
});

Deno.test("drift names files that differ, are missing or are too many", async () => {
  const directory = new URL(`file://${await Deno.makeTempDir()}/`);
  try {
    for (const [name, content] of crdFiles()) await Deno.writeTextFile(new URL(name, directory), content);
    assert.deepEqual(await driftedFiles(directory), []);
    await Deno.writeTextFile(new URL("aimservices.yaml", directory), "\n", { append: true });
    await Deno.remove(new URL("aimmodels.yaml", directory));
    await Deno.writeTextFile(new URL("stray.yaml", directory), "");
    assert.deepEqual(await driftedFiles(directory), ["aimmodels.yaml", "aimservices.yaml", "stray.yaml"]);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("the kustomization lists every CRD", async () => {
  const text = await Deno.readTextFile(new URL("kustomization.yaml", crdDirectory));
  for (const { plural } of kinds) assert.match(text, new RegExp(`- ${plural}\\.yaml$`, "m"));
});

Deno.test("a zod schema that a CRD cannot hold is refused", () => {
  assert.throws(() => schemaOf(z.date()), /type date/);
});
