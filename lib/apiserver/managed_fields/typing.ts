/** What of an object is of no type by which its fields could be owned, in the words of the original's typed values. */
import { goSource, goText } from "../go_text.ts";
import { isObject, type JsonObject } from "../json.ts";
import {
  itemNode,
  keepsUnknown,
  type KindSchema,
  listKeys,
  listType,
  memberNode,
  type SchemaNode,
} from "../schema/schema.ts";
import { elementText, itemKey } from "./field_set.ts";

/** Undefined if all of it can be typed. @param doubles whether items of a list may have the same key, as in an update */
export function typingProblem(
  schema: KindSchema | undefined,
  object: JsonObject,
  { doubles }: { readonly doubles: boolean },
): string | undefined {
  if (schema === undefined) return undefined;
  const problems = inMap(schema.root, object, { path: "", doubles }, true);
  return problems.length < 2 ? problems[0] : ["errors:", ...problems.map((each) => `  ${each}`)].join("\n");
}

interface Place {
  readonly path: string;
  readonly doubles: boolean;
}

function problemsIn(node: SchemaNode, value: unknown, place: Place): string[] {
  if (value === null) return [];
  const wrong = (wanted: string) => [`${place.path}: expected ${wanted}`];
  switch (node.type) {
    case "array":
      return Array.isArray(value) ? inList(node, value, place) : wrong(`list, got &{${goText(value)}}`);
    case "object":
      return isObject(value) ? inMap(node, value, place) : wrong(`map, got &{${goText(value)}}`);
    case "string":
      return typeof value === "string"
        ? []
        : wrong(`string, got &value.valueUnstructured{Value:${goSource(value)}}`);
    case "boolean":
      return typeof value === "boolean" ? [] : wrong(`boolean, got &{${goText(value)}}`);
    case "integer":
    case "number":
      return isNumber(value) ? [] : wrong(`numeric (int or float), got ${goType(value)}`);
    default:
      return isObject(value)
        ? inMap(node, value, place)
        : Array.isArray(value)
        ? inList(node, value, place)
        : [];
  }
}

function inMap(node: SchemaNode, value: JsonObject, { path, doubles }: Place, root = false): string[] {
  const problems: string[] = [];
  for (const key of Object.keys(value).sort()) {
    const member = memberNode(node, key, root);
    const place = { path: `${path}.${key}`, doubles };
    if (member !== undefined) problems.push(...problemsIn(member, value[key], place));
    // Nothing further is looked at.
    else if (!keepsUnknown(node)) return [...problems, `${place.path}: field not declared in schema`];
  }
  return problems;
}

function inList(node: SchemaNode, value: readonly unknown[], { path, doubles }: Place): string[] {
  const items = itemNode(node);
  const atomic = listType(node) === "atomic";
  const problems: string[] = [];
  const seen = new Set<string>();
  for (const [i, item] of value.entries()) {
    const keyless = atomic ? undefined : keyProblem(node, item);
    if (keyless !== undefined) return [...problems, `${path}: element ${i}: ${keyless}`];
    const key = atomic ? undefined : itemKey(node, item);
    const element = key === undefined ? `[${i}]` : elementText(key);
    if (key !== undefined && seen.has(key) && !doubles) {
      problems.push(`${path}: duplicate entries for key ${element}`);
    }
    if (key !== undefined) seen.add(key);
    if (items !== undefined) problems.push(...problemsIn(items, item, { path: path + element, doubles }));
  }
  return problems;
}

/** Why an item has no key by which it is owned. */
function keyProblem(node: SchemaNode, item: unknown): string | undefined {
  const keys = listKeys(node);
  if (listType(node) === "set" || keys.length === 0) {
    if (isObject(item)) return "associative list without keys has an element that's a map type";
    if (Array.isArray(item)) return "not supported: associative list with lists as elements";
    return item === null ? "associative list without keys has an element that's an explicit null" : undefined;
  }
  if (item === null) return "associative list with keys may not have a null element";
  if (!isObject(item)) return "associative list with keys may not have non-map elements";
  if (itemKey(node, item) !== "k:{}") return undefined;
  const named = keys.map((key) => JSON.stringify(key)).join(" ");
  return `associative list with keys has an element that omits all key fields [${named}] ` +
    "(and doesn't have default values for any key fields)";
}

function isNumber(value: unknown): boolean {
  return typeof value === "number" || typeof value === "object" && !Array.isArray(value) && !isObject(value);
}

function goType(value: unknown): string {
  if (Array.isArray(value)) return "[]interface {}";
  return isObject(value) ? "map[string]interface {}" : typeof value === "boolean" ? "bool" : typeof value;
}
