/** The schemas of the built-in kinds, as the API server serves them at `/openapi/v3`. Read on first use. */
import { gunzipSync } from "node:zlib";
import { isObject, type JsonObject } from "../json.ts";
import { packedDefinitions } from "./built_in_definitions.ts";
import { emptyKey, type KindSchema, type SchemaNode } from "./schema.ts";

/** A schema of `/openapi/v3`, with its references and descriptions. */
export type Definition = JsonObject;

let definitions: Readonly<Record<string, Definition>> | undefined;

/** All definitions by name (`io.k8s.api.core.v1.Pod`), as they are served. */
export function builtInDefinitions(): Readonly<Record<string, Definition>> {
  definitions ??= JSON.parse(
    new TextDecoder().decode(gunzipSync(Uint8Array.fromBase64(packedDefinitions))),
  ) as Record<string, Definition>;
  return definitions;
}

let names: Map<string, string> | undefined;

/** The name of a kind's definition. */
export function definitionName(group: string, version: string, kind: string): string | undefined {
  if (names === undefined) {
    names = new Map();
    for (const [name, definition] of Object.entries(builtInDefinitions())) {
      const kinds = definition["x-kubernetes-group-version-kind"];
      // Options of requests are of many kinds' groups; a kind is of one.
      if (!Array.isArray(kinds) || kinds.length !== 1) continue;
      names.set(`${kinds[0].group}/${kinds[0].version}/${kinds[0].kind}`, name);
    }
  }
  return names.get(`${group}/${version}/${kind}`);
}

const schemas = new Map<string, KindSchema>();

/** The schema of a built-in kind; undefined where there is no such kind. */
export function schemaOfBuiltIn(group: string, version: string, kind: string): KindSchema | undefined {
  const name = definitionName(group, version, kind);
  if (name === undefined) return undefined;
  let schema = schemas.get(name);
  if (schema === undefined) schemas.set(name, schema = { root: nodeNamed(name), builtIn: true });
  return schema;
}

const nodes = new Map<string, SchemaNode>();

/** The node of a definition. It is known before it is complete, for some definitions hold themselves. */
function nodeNamed(name: string): SchemaNode {
  let node = nodes.get(name);
  if (node === undefined) {
    node = { definition: name };
    nodes.set(name, node);
    fill(node, builtInDefinitions()[name] ?? {});
  }
  return node;
}

const keptWords = [
  "type",
  "enum",
  "format",
  "required",
  "x-kubernetes-list-type",
  "x-kubernetes-list-map-keys",
  "x-kubernetes-map-type",
  "x-kubernetes-patch-strategy",
  "x-kubernetes-patch-merge-key",
  "x-kubernetes-preserve-unknown-fields",
  "x-kubernetes-embedded-resource",
];

function fill(node: SchemaNode, said: Definition): void {
  for (const word of keptWords) if (said[word] !== undefined) node[word] = said[word];
  // The defaults of Go's zero values are no defaults, but that the key of an item may be empty.
  if (said.default === "") node[emptyKey] = true;
  else if (typeof said.default === "string") node.default = said.default;
  if (said.format === "int-or-string") node["x-kubernetes-int-or-string"] = true;
  if (isObject(said.properties)) {
    node.properties = Object.fromEntries(
      Object.entries(said.properties).map(([key, member]) => [key, nodeOf(member as Definition)]),
    );
  }
  if (isObject(said.additionalProperties)) node.additionalProperties = nodeOf(said.additionalProperties);
  if (isObject(said.items)) node.items = nodeOf(said.items);
  // An object of which nothing is said may hold anything.
  if (said.type === "object" && said.properties === undefined && said.additionalProperties === undefined) {
    node["x-kubernetes-preserve-unknown-fields"] = true;
  }
}

/** A field's node: that of its type, with the field's own words before it. */
function nodeOf(said: Definition): SchemaNode {
  const [reference] = [said, ...(said.allOf ?? []) as Definition[]].flatMap(({ $ref }) =>
    $ref === undefined ? [] : [$ref]
  );
  const node: SchemaNode = reference === undefined
    ? {}
    : Object.create(nodeNamed((reference as string).split("/").pop()!));
  fill(node, said);
  return node;
}
