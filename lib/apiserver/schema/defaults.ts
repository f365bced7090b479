/** Adds what a schema says where an object says nothing. */
import { isObject, type JsonObject, thawed } from "../json.ts";
import { addDefinitionDefaults } from "./built_in_defaults.ts";
import { addZeros, dropZeros } from "./built_in_zeros.ts";
import { itemNode, type KindSchema, memberNode, noteRead, type SchemaNode } from "./schema.ts";

/**
 * Adds the defaults of a kind. A null where the schema allows none is as good as nothing: the default comes in its place, or it
 * goes.
 *
 * @param object is changed and returned: whoever calls has a copy of their own
 * @param known what is in it of this has its defaults, and stays as it is
 */
export function applyDefaults(schema: KindSchema, object: JsonObject, known: JsonObject = {}): JsonObject {
  defaultMembers(schema.root, object, known);
  for (const key in object) {
    if (object[key] === known[key]) continue;
    const member = memberNode(schema.root, key);
    if (member !== undefined) noteRead(member, object[key]);
  }
  return object;
}

function defaultMembers(node: SchemaNode, value: JsonObject, known: unknown): void {
  const before = isObject(known) ? known : undefined;
  const { definition } = node;
  if (typeof definition === "string") {
    dropZeros(node, value);
    addDefinitionDefaults(definition, value);
  }
  for (const [key, fallback] of defaultsOf(node)) {
    if (value[key] === undefined) value[key] = thawed(fallback);
  }
  for (const key of Object.keys(value)) {
    const item = value[key];
    if (item !== null && (typeof item !== "object" || item === before?.[key])) continue;
    const member = memberNode(node, key);
    if (member === undefined) continue;
    if (item !== null) defaultValue(member, item, before?.[key]);
    else if (member.nullable === true) continue;
    else if (member.default !== undefined) value[key] = thawed(member.default);
    else delete value[key];
  }
  if (definition !== undefined) addZeros(node, value);
}

/** Kept, since most members have no default and objects are many. */
const known = new WeakMap<SchemaNode, readonly (readonly [key: string, fallback: unknown])[]>();

/** The members of an object that have a default. */
function defaultsOf(node: SchemaNode): readonly (readonly [key: string, fallback: unknown])[] {
  let defaults = known.get(node);
  if (defaults === undefined) {
    defaults = isObject(node.properties)
      ? Object.entries(node.properties).flatMap(([key, member]) => {
        const fallback = (member as SchemaNode).default;
        return fallback === undefined ? [] : [[key, fallback] as const];
      })
      : [];
    known.set(node, defaults);
  }
  return defaults;
}

function defaultValue(node: SchemaNode, value: unknown, known: unknown): void {
  if (value === known) return;
  if (Array.isArray(value)) {
    const items = itemNode(node);
    if (items === undefined) return;
    const before = Array.isArray(known) ? known : undefined;
    value.forEach((item, i) => defaultValue(items, item, before?.[i]));
  } else if (isObject(value)) defaultMembers(node, value, known);
}
