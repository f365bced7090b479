/** Types of fields that the original's own structures fix: metadata of every kind, and the built-in kinds with a schema. */
import { isQuantity } from "../../api/values/quantity.ts";
import { isObject, type JsonObject } from "../json.ts";
import type { Kind } from "../kinds/kind.ts";
import { isAtomic } from "../managed_fields/field_set.ts";
import { itemNode, memberNode, metadataNode, type SchemaNode } from "../schema/schema.ts";

/** What does not fit, in the words of Go's JSON; undefined if all fits. @param known parts of it that fit for certain */
export function typeProblem(kind: Kind, object: JsonObject, known: JsonObject = {}): string | undefined {
  const place = kind.custom ? "" : ".metadata";
  const inMetadata = problemIn(metadataNode, object.metadata, "ObjectMeta", place, known.metadata);
  if (inMetadata !== undefined || kind.custom || kind.schema === undefined) return inMetadata;
  return problemIn(kind.schema.root, { ...object, metadata: undefined }, kind.kind, "", known);
}

/** @param holder the structure that has the field, as Go names it. @param path of the value, from the root */
function problemIn(
  node: SchemaNode,
  value: unknown,
  holder: string,
  path: string,
  known: unknown,
): string | undefined {
  if (!isObject(value)) return undefined;
  const before = isObject(known) ? known : undefined;
  for (const key of Object.keys(value)) {
    const item = value[key];
    if (item === undefined || item === null || item === before?.[key]) continue;
    const member = memberNode(node, key, false);
    if (member === undefined) continue;
    const problem = wrongOf(member, item, holder, path, key);
    if (problem !== undefined) return problem;
    if (typeof item !== "object") continue;
    const values = member.additionalProperties;
    if (isObject(values) && isObject(item)) {
      for (const each of Object.values(item)) {
        const wrong = wrongOf(values, each, holder, path, key);
        if (wrong !== undefined) return wrong;
      }
    }
    const place = `${path}.${key}`;
    const items = itemNode(member);
    if (items !== undefined && Array.isArray(item)) {
      const olds = before?.[key];
      for (const [i, each] of item.entries()) {
        const old = Array.isArray(olds) ? olds[i] : undefined;
        if (each === old) continue;
        const wrong = wrongOf(items, each, holder, path, key) ??
          problemIn(items, each, structureOf(items) ?? holder, place, old);
        if (wrong !== undefined) return wrong;
      }
    }
    if (isObject(item) && !isAtomic(member, item)) {
      const below = problemIn(member, item, structureOf(member) ?? holder, place, before?.[key]);
      if (below !== undefined) return below;
    }
  }
  return undefined;
}

/** By definition: few names, asked of every field of every write. */
const structures = new Map<string, string>();

function structureOf({ definition }: SchemaNode): string | undefined {
  if (typeof definition !== "string") return undefined;
  let structure = structures.get(definition);
  if (structure === undefined) {
    structure = definition.slice(definition.lastIndexOf(".") + 1);
    structures.set(definition, structure);
  }
  return structure;
}

/** What is wrong with one value, or with one that is in it; undefined if it fits. */
function wrongOf(
  node: SchemaNode,
  value: unknown,
  holder: string,
  path: string,
  key: string,
): string | undefined {
  if (value === null) return undefined;
  const structure = structureOf(node);
  if (structure === "Quantity") {
    if (isQuantity(value)) return undefined;
    return "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
  }
  if (!fits(node, value)) {
    const type = Array.isArray(value)
      ? "array"
      : typeof value === "boolean"
      ? "bool"
      : typeof value === "number" && node.type === "integer"
      ? `number ${value}`
      : typeof value;
    return `json: cannot unmarshal ${type} into Go struct field ${holder}${path}.${key} of type ${
      goType(node)
    }`;
  }
  if (typeof value !== "string") return undefined;
  if (node.format === "byte") return base64Problem(value);
  if (structure === "Time") {
    return timeProblem(value, "2006-01-02T15:04:05Z07:00", /^.{19}(\.\d+)?(Z|[+-]\d\d:\d\d)$/);
  }
  if (structure === "MicroTime") {
    return timeProblem(value, "2006-01-02T15:04:05.000000Z07:00", /^.{19}\.\d{6}(Z|[+-]\d\d:\d\d)$/);
  }
  return undefined;
}

function base64Problem(text: string): string | undefined {
  const bad = /[^A-Za-z0-9+/=\r\n]/.exec(text);
  if (bad !== null) return `illegal base64 data at input byte ${bad.index}`;
  return text.replace(/[\r\n]/g, "").length % 4 === 0
    ? undefined
    : `illegal base64 data at input byte ${text.length - text.length % 4}`;
}

function timeProblem(text: string, layout: string, form: RegExp): string | undefined {
  if (text === "" || form.test(text) && !Number.isNaN(Date.parse(text))) return undefined;
  const rest = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(.*)$/.exec(text)?.[1];
  const [what, wanted] = rest === undefined
    ? [text, "2006"]
    : [rest, layout.includes(".") ? ".000000" : "Z07:00"];
  return `parsing time ${JSON.stringify(text)} as ${JSON.stringify(layout)}: cannot parse ${
    JSON.stringify(what)
  } as ` +
    JSON.stringify(wanted);
}

/** A field's type as Go prints it. */
function goType(node: SchemaNode): string {
  const structure = structureOf(node);
  switch (node.type) {
    case "string":
      return node.format === "byte" ? "[]uint8" : "string";
    case "integer":
      return node.format === "int64" ? "int64" : node.format === "int32" ? "int32" : "int64";
    case "boolean":
      return "bool";
    case "array":
      return `[]${goType(itemNode(node) ?? {})}`;
    default:
      if (isObject(node.additionalProperties)) return `map[string]${goType(node.additionalProperties)}`;
      return structure === undefined ? "object" : `v1.${structure}`;
  }
}

function fits(node: SchemaNode, value: unknown): boolean {
  if (value === null || node["x-kubernetes-int-or-string"] === true) return true;
  switch (node.type) {
    case "string":
      return typeof value === "string";
    case "integer":
      return Number.isInteger(value) || isRawLike(value);
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
