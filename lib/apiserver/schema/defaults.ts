/** Adds what a schema says where an object says nothing. */
import { isObject, type JsonObject, thawed } from "../json.ts";
import { itemNode, type KindSchema, memberNode, type SchemaNode } from "./schema.ts";

/** `object` itself is changed: whoever calls has a copy of their own. */
export function applyDefaults(schema: KindSchema, object: JsonObject): JsonObject {
  defaultMembers(schema.root, object);
  return object;
}

function defaultMembers(node: SchemaNode, value: JsonObject): void {
  if (isObject(node.properties)) {
    for (const [key, member] of Object.entries(node.properties)) {
      if (!isObject(member)) continue;
      const fallback = member.default;
      const missing = value[key] === undefined || value[key] === null && member.nullable !== true;
      if (missing && fallback !== undefined) value[key] = thawed(fallback);
      // A null that the schema does not allow is as good as nothing.
      else if (value[key] === null && member.nullable !== true) delete value[key];
    }
  }
  for (const [key, item] of Object.entries(value)) {
    const member = memberNode(node, key, false);
    if (member !== undefined) defaultValue(member, item);
  }
}

function defaultValue(node: SchemaNode, value: unknown): void {
  if (Array.isArray(value)) {
    const items = itemNode(node);
    if (items !== undefined) { for (const item of value) defaultValue(items, item); }
  } else if (isObject(value)) defaultMembers(node, value);
}
