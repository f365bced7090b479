/** What an apply says that the schema does not declare, in the words of the original's typed values. */
import { isObject, type JsonObject } from "../json.ts";
import type { Kind } from "../kinds/kind.ts";
import { itemKey } from "../managed_fields/field_set.ts";
import { itemNode, keepsUnknown, listType, memberNode, type SchemaNode } from "../schema/schema.ts";

export function undeclared(kind: Kind, object: JsonObject): string | undefined {
  return kind.schema === undefined ? undefined : problemIn(kind.schema.root, object, "", true);
}

function problemIn(node: SchemaNode, value: unknown, path: string, root = false): string | undefined {
  if (value === null) return undefined;
  if (Array.isArray(value)) return inList(node, value, path);
  if (isObject(value)) return inMap(node, value, path, root);
  const numeric = typeof value === "number" || typeof value === "object";
  const got = typeof value === "number"
    ? Number.isInteger(value) ? "int" : "float"
    : typeof value === "boolean"
    ? "bool"
    : typeof value;
  if ((node.type === "integer" || node.type === "number") && !numeric) {
    return `${path}: expected numeric (int or float), got ${got}`;
  }
  if (node.type === "string" && typeof value !== "string") {
    return `${path}: expected string, got &value.valueUnstructured{Value:${value}}`;
  }
  if (node.type === "boolean" && typeof value !== "boolean") return `${path}: expected boolean, got ${got}`;
  if (node.type === "array") return `${path}: expected list, got &{${value}}`;
  if (node.type === "object") return `${path}: expected map, got &{${value}}`;
  return undefined;
}

function inMap(node: SchemaNode, value: JsonObject, path: string, root: boolean): string | undefined {
  for (const key of Object.keys(value).sort()) {
    const item = value[key];
    const member = memberNode(node, key, root);
    if (member === undefined) {
      if (keepsUnknown(node)) continue;
      return `${path}.${key}: field not declared in schema`;
    }
    const problem = problemIn(member, item, `${path}.${key}`);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function inList(node: SchemaNode, value: readonly unknown[], path: string): string | undefined {
  const items = itemNode(node);
  const seen = new Set<string>();
  for (const [i, item] of value.entries()) {
    if (listType(node) !== "atomic") {
      const key = itemKey(node, item);
      if (seen.has(key)) return `${path}: duplicate entries for key [${key.slice(2)}]`;
      seen.add(key);
    }
    const problem = items === undefined ? undefined : problemIn(items, item, `${path}[${i}]`);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
