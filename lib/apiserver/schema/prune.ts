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
  pruneObject(schema.root, object, "", unknown, true, known);
  return { object, unknown };
}

function pruneValue(
  node: SchemaNode | undefined,
  value: unknown,
  path: string,
  unknown: string[],
  known: unknown,
): void {
  if (typeof value !== "object" || value === null || value === known) return;
  if (Array.isArray(value)) {
    const items = itemNode(node);
    if (items === undefined) return;
    const before = Array.isArray(known) ? known : undefined;
    value.forEach((item, i) => pruneValue(items, item, `${path}[${i}]`, unknown, before?.[i]));
    return;
  }
  if (!isObject(value) || node === undefined) return;
  pruneObject(node, value, path, unknown, node["x-kubernetes-embedded-resource"] === true, known);
}

function pruneObject(
  node: SchemaNode,
  value: JsonObject,
  path: string,
  unknown: string[],
  root: boolean,
  known: unknown,
): void {
  const before = isObject(known) ? known : undefined;
  for (const key of Object.keys(value)) {
    const at = path === "" ? key : `${path}.${key}`;
    const member = memberNode(node, key, root);
    if (member !== undefined) {
      pruneValue(member, value[key], at, unknown, before?.[key]);
    } else if (!keepsUnknown(node)) {
      delete value[key];
      unknown.push(at);
    }
  }
}
