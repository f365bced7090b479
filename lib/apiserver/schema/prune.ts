/** Takes away what a schema does not know, and says where it was. */
import { isObject, type JsonObject } from "../json.ts";
import { itemNode, keepsUnknown, type KindSchema, memberNode, type SchemaNode } from "./schema.ts";

/**
 * `object` itself is changed: whoever calls has a copy of their own.
 * @param known what is in it of this is pruned already, and stays as it is
 */
export function prune(
  schema: KindSchema,
  object: JsonObject,
  known: JsonObject = {},
): { object: JsonObject; unknown: string[] } {
  const unknown: string[] = [];
  pruneObject(schema.root, object, unknown, true, known);
  return { object, unknown: unknown.map((path) => path.slice(1)) };
}

/** @param unknown gets what was taken away, by its path from this value */
function pruneValue(
  node: SchemaNode | undefined,
  value: unknown,
  unknown: string[],
  known: unknown,
): void {
  if (typeof value !== "object" || value === null || value === known) return;
  if (Array.isArray(value)) {
    const items = itemNode(node);
    if (items === undefined) return;
    const before = Array.isArray(known) ? known : undefined;
    value.forEach((item, i) => {
      const count = unknown.length;
      pruneValue(items, item, unknown, before?.[i]);
      if (unknown.length > count) placeIn(`[${i}]`, unknown, count);
    });
    return;
  }
  if (!isObject(value) || node === undefined) return;
  pruneObject(node, value, unknown, node["x-kubernetes-embedded-resource"] === true, known);
}

function pruneObject(
  node: SchemaNode,
  value: JsonObject,
  unknown: string[],
  root: boolean,
  known: unknown,
): void {
  const before = isObject(known) ? known : undefined;
  for (const key of Object.keys(value)) {
    const member = memberNode(node, key, root);
    if (member !== undefined) {
      const count = unknown.length;
      pruneValue(member, value[key], unknown, before?.[key]);
      if (unknown.length > count) placeIn(`.${key}`, unknown, count);
    } else if (!keepsUnknown(node)) {
      delete value[key];
      unknown.push(`.${key}`);
    }
  }
}

/** Puts a place before the paths from there on: most objects have nothing unknown, and need no path. */
function placeIn(place: string, paths: string[], from: number): void {
  for (let i = from; i < paths.length; i++) paths[i] = place + paths[i];
}
