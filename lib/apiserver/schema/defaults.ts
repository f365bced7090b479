/** Adds what a schema says where an object says nothing. */
import { isObject, type JsonObject, thawed } from "../json.ts";
import { addDefinitionDefaults } from "./built_in_defaults.ts";
import { dropZeros } from "./built_in_zeros.ts";
import { itemNode, type KindSchema, memberNode, type SchemaNode } from "./schema.ts";

/**
 * Adds the defaults of a kind. A null where the schema allows none is as good as nothing: the default comes in its place, or it
 * goes.
 *
 * @param object is changed and returned: whoever calls has a copy of their own
 */
export function applyDefaults(schema: KindSchema, object: JsonObject): JsonObject {
  defaultMembers(schema.root, object);
  return object;
}

function defaultMembers(node: SchemaNode, value: JsonObject): void {
  if (typeof node.definition === "string") addDefinitionDefaults(node.definition, value);
  const properties = node.properties;
  if (isObject(properties)) {
    for (const key in properties) {
      const fallback = (properties[key] as SchemaNode).default;
      if (value[key] === undefined && fallback !== undefined) value[key] = thawed(fallback);
    }
  }
  for (const key of Object.keys(value)) {
    const member = memberNode(node, key);
    if (member === undefined) continue;
    if (value[key] !== null) defaultValue(member, value[key]);
    else if (member.nullable === true) continue;
    else if (member.default !== undefined) value[key] = thawed(member.default);
    else delete value[key];
  }
  // Of a built-in kind, nothing is left of what is empty.
  if (node.definition !== undefined) dropZeros(node, value);
}

function defaultValue(node: SchemaNode, value: unknown): void {
  if (Array.isArray(value)) {
    const items = itemNode(node);
    if (items !== undefined) { for (const item of value) defaultValue(items, item); }
  } else if (isObject(value)) defaultMembers(node, value);
}
