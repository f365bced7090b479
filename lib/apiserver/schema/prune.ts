/** Takes away what a schema does not know, and says where it was. */
import { isObject, type JsonObject } from "../json.ts";
import { itemNode, keepsUnknown, type KindSchema, memberNode, type SchemaNode, wasRead } from "./schema.ts";

/** `object` itself is changed: whoever calls has a copy of their own. */
export function prune(schema: KindSchema, object: JsonObject): { object: JsonObject; unknown: string[] } {
  const unknown: string[] = [];
  pruneObject(schema.root, object, "", unknown, true);
  return { object, unknown };
}

function pruneValue(node: SchemaNode | undefined, value: unknown, path: string, unknown: string[]): void {
  if (Array.isArray(value)) {
    const items = itemNode(node);
    if (items !== undefined) value.forEach((item, i) => pruneValue(items, item, `${path}[${i}]`, unknown));
    return;
  }
  if (!isObject(value) || node === undefined) return;
  pruneObject(node, value, path, unknown, node["x-kubernetes-embedded-resource"] === true);
}

function pruneObject(
  node: SchemaNode,
  value: JsonObject,
  path: string,
  unknown: string[],
  root: boolean,
): void {
  for (const key of Object.keys(value)) {
    const at = path === "" ? key : `${path}.${key}`;
    const member = memberNode(node, key, root);
    if (member !== undefined) {
      if (!wasRead(member, value[key])) pruneValue(member, value[key], at, unknown);
    } else if (!keepsUnknown(node)) {
      delete value[key];
      unknown.push(at);
    }
  }
}
