/** Types of fields that the original's own structures fix: metadata of every kind, and the built-in kinds with a schema. */
import { isObject, type JsonObject } from "../json.ts";
import type { Kind } from "../kinds/kind.ts";
import { isAtomic } from "../managed_fields/field_set.ts";
import { itemNode, memberNode, metadataNode, type SchemaNode } from "../schema/schema.ts";

/** What does not fit, in the words of Go's JSON; undefined if all fits. */
export function typeProblem(kind: Kind, object: JsonObject): string | undefined {
  const prefix = kind.custom ? "ObjectMeta" : "ObjectMeta.metadata";
  const inMetadata = problemIn(metadataNode, object.metadata, prefix);
  if (inMetadata !== undefined || kind.custom || kind.schema === undefined) return inMetadata;
  return problemIn(kind.schema.root, { ...object, metadata: undefined }, kind.kind);
}

function problemIn(node: SchemaNode, value: unknown, path: string): string | undefined {
  if (!isObject(value)) return undefined;
  for (const [key, item] of Object.entries(value)) {
    const member = memberNode(node, key, false);
    if (member === undefined || item === undefined || item === null) continue;
    const at = `${path}.${key}`;
    if (!fits(member, item)) return message(item, at, goType(member));
    const values = member.additionalProperties;
    if (isObject(values) && isObject(item)) {
      const bad = Object.values(item).find((each) => !fits(values, each));
      if (bad !== undefined) return message(bad, at, goType(values));
    }
    const items = itemNode(member);
    if (items !== undefined && Array.isArray(item)) {
      const bad = item.find((each) => !fits(items, each));
      if (bad !== undefined) return message(bad, at, goType(items));
    }
    if (isObject(item) && !isAtomic(member, item)) {
      const below = problemIn(member, item, at);
      if (below !== undefined) return below;
    }
  }
  return undefined;
}

function message(value: unknown, path: string, wanted: string): string {
  const type = Array.isArray(value) ? "array" : typeof value === "boolean" ? "bool" : typeof value;
  return `json: cannot unmarshal ${type} into Go struct field ${path} of type ${wanted}`;
}

function goType(node: SchemaNode): string {
  switch (node.type) {
    case "string":
      return "string";
    case "integer":
      return "int64";
    case "boolean":
      return "bool";
    case "array":
      return `[]${goType(itemNode(node) ?? {})}`;
    default:
      return isObject(node.additionalProperties)
        ? `map[string]${goType(node.additionalProperties)}`
        : "object";
  }
}

function fits(node: SchemaNode, value: unknown): boolean {
  if (value === null || node["x-kubernetes-int-or-string"] === true) return true;
  switch (node.type) {
    case "string":
      return typeof value === "string";
    case "integer":
      return typeof value === "number" || isRawLike(value);
    case "boolean":
      return typeof value === "boolean";
    case "array":
      return Array.isArray(value);
    case "object":
      return isObject(value);
    default:
      return true;
  }
}

function isRawLike(value: unknown): boolean {
  return typeof value === "object" && value !== null && "rawJSON" in value;
}
