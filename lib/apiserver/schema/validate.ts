/** What is wrong with an object by its schema: types and limits first, then rules in CEL. */
import { equalJson } from "../../kube/json/equal.ts";
import { isRawNumber } from "../../kube/json/json.ts";
import { isObject, type JsonObject } from "../json.ts";
import { ruleErrors } from "./cel.ts";
import { type FieldError, invalidValue, requiredValue, tooLong, unsupportedValue } from "./field_error.ts";
import { hasFormat } from "./formats.ts";
import { itemNode, type KindSchema, listKeys, listType, memberNode, type SchemaNode } from "./schema.ts";

/** Errors that mean the rules could not be asked. */
const blocking = [
  "FieldValueRequired",
  "FieldValueTypeInvalid",
  "FieldValueNotSupported",
  "FieldValueTooLong",
  "FieldValueTooMany",
];

/**
 * What is wrong with an object of a custom kind; the API server's own kinds have their rules in code.
 *
 * @param old the object before an update: what did not change is not blamed anew (ratcheting)
 * @param found what is wrong already: it comes first, and may keep the rules from being asked
 */
export function validate(
  schema: KindSchema,
  object: JsonObject,
  old?: JsonObject,
  found: readonly FieldError[] = [],
): FieldError[] {
  if (schema.builtIn) return [...found];
  const errors: FieldError[] = [...found];
  validateMembers(schema.root, object, old, "", errors, true);
  if (hasRules(schema.root) && errors.some(({ type }) => blocking.includes(type))) {
    const why =
      "some validation rules were not checked because the object was invalid; correct the existing errors to complete validation";
    return [...errors, invalidValue("<nil>", undefined, why)];
  }
  return [...errors, ...ruleErrors(schema, object, old)];
}

const withRules = new WeakMap<SchemaNode, boolean>();

/** Whether a schema has rules anywhere. */
function hasRules(node: SchemaNode): boolean {
  let found = withRules.get(node);
  if (found === undefined) {
    found = "x-kubernetes-validations" in node ||
      Object.values(node).some((value) =>
        Array.isArray(value)
          ? value.some((each) => isObject(each) && hasRules(each))
          : isObject(value) && hasRules(value)
      );
    withRules.set(node, found);
  }
  return found;
}

function validateValue(
  node: SchemaNode,
  value: unknown,
  old: unknown,
  path: string,
  errors: FieldError[],
): void {
  if (old !== undefined && equalJson(old, value)) return;
  if (value === null && node.nullable === true) return;
  const type = typeOf(value);
  if (!typeFits(node, type)) {
    const wanted = node["x-kubernetes-int-or-string"] ? "integer,string" : node.type;
    // The original shortens it in updates of a status.
    const name = old === undefined || !path.startsWith("status.") ? path : path.replace(/^.*\./, "");
    const why = `${name} in body must be of type ${wanted}: ${JSON.stringify(type)}`;
    errors.push({ ...invalidValue(path, type, why), type: "FieldValueTypeInvalid" });
    if (node["x-kubernetes-int-or-string"]) {
      errors.push(
        invalidValue("<nil>", "", `${JSON.stringify(path)} must validate at least one schema (anyOf)`),
      );
      const first = `${path} in body must be of type integer: ${JSON.stringify(type)}`;
      errors.push({ ...invalidValue(path, type, first), type: "FieldValueTypeInvalid" });
    }
  }
  if (Array.isArray(node.enum) && !node.enum.some((each) => equalJson(each, value))) {
    errors.push(unsupportedValue(path, value, node.enum));
  }
  if (typeof value === "string") validateText(node, value, path, errors);
  else if (type === "integer" || type === "number") validateNumber(node, Number(value), path, errors);
  else if (Array.isArray(value)) validateList(node, value, old, path, errors);
  else if (isObject(value)) validateMembers(node, value, old, path, errors, false);
  validateCombinations(node, value, path, errors);
}

function validateMembers(
  node: SchemaNode,
  value: JsonObject,
  old: unknown,
  path: string,
  errors: FieldError[],
  root: boolean,
): void {
  const at = (key: string) => path === "" ? key : `${path}.${key}`;
  for (const key of (node.required as string[] | undefined) ?? []) {
    if (value[key] === undefined) errors.push(requiredValue(at(key)));
  }
  const count = Object.keys(value).length;
  if (typeof node.maxProperties === "number" && count > node.maxProperties) {
    errors.push({
      type: "FieldValueTooMany",
      field: path,
      detail: `Too many: ${count}: must have at most ${node.maxProperties} items`,
    });
  }
  if (typeof node.minProperties === "number" && count < node.minProperties) {
    errors.push(
      invalidValue(path, value, `${path} in body should have at least ${node.minProperties} properties`),
    );
  }
  for (const [key, item] of Object.entries(value)) {
    if (root && (key === "metadata" || key === "apiVersion" || key === "kind")) continue;
    const member = memberNode(node, key, false);
    if (member === undefined) continue;
    validateValue(member, item, isObject(old) ? old[key] : undefined, at(key), errors);
  }
}

function validateText(node: SchemaNode, value: string, path: string, errors: FieldError[]): void {
  // A text of a wrong length is not matched.
  if (typeof node.maxLength === "number" && [...value].length > node.maxLength) {
    errors.push(tooLong(path, node.maxLength));
  } else if (typeof node.minLength === "number" && [...value].length < node.minLength) {
    errors.push(
      invalidValue(path, value, `${path} in body should be at least ${node.minLength} chars long`),
    );
  } else if (typeof node.pattern === "string" && !patternOf(node.pattern).test(value)) {
    errors.push(invalidValue(path, value, `${path} in body should match '${node.pattern}'`));
  }
  if (typeof node.format === "string" && !hasFormat(node.format, value)) {
    errors.push(
      invalidValue(path, value, `${path} in body must be of type ${node.format}: ${JSON.stringify(value)}`),
    );
  }
}

/** What a value must be besides: schemas within the schema, which say nothing of their own. */
function validateCombinations(node: SchemaNode, value: unknown, path: string, errors: FieldError[]): void {
  const { anyOf, oneOf, allOf, not } = node;
  if (anyOf === undefined && oneOf === undefined && allOf === undefined && not === undefined) return;
  const wrong = (why: string) =>
    errors.push(invalidValue("<nil>", "", `${JSON.stringify(path)} must ${why}`));
  const holds = (schema: unknown) => valueErrors(schema as SchemaNode, value, path).length === 0;
  if (Array.isArray(anyOf) && node["x-kubernetes-int-or-string"] !== true && !anyOf.some(holds)) {
    wrong("validate at least one schema (anyOf)");
  }
  if (Array.isArray(oneOf)) {
    const valid = oneOf.filter(holds).length;
    if (valid !== 1) {
      wrong(
        `validate one and only one schema (oneOf). ${
          valid === 0 ? "Found none valid" : `Found ${valid} valid alternatives`
        }`,
      );
    }
  }
  if (Array.isArray(allOf) && !allOf.every(holds)) wrong("validate all the schemas (allOf)");
  if (isObject(not) && holds(not)) wrong("not validate the schema (not)");
}

function valueErrors(node: SchemaNode, value: unknown, path: string): FieldError[] {
  const errors: FieldError[] = [];
  validateValue(node, value, undefined, path, errors);
  return errors;
}

function validateNumber(node: SchemaNode, value: number, path: string, errors: FieldError[]): void {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = node;
  if (typeof minimum === "number" && (exclusiveMinimum === true ? value <= minimum : value < minimum)) {
    const than = exclusiveMinimum === true ? "greater than" : "greater than or equal to";
    errors.push(invalidValue(path, value, `${path} in body should be ${than} ${minimum}`));
  }
  if (typeof maximum === "number" && (exclusiveMaximum === true ? value >= maximum : value > maximum)) {
    const than = exclusiveMaximum === true ? "less than" : "less than or equal to";
    errors.push(invalidValue(path, value, `${path} in body should be ${than} ${maximum}`));
  }
  if (typeof multipleOf === "number" && value % multipleOf !== 0) {
    errors.push(invalidValue(path, value, `${path} in body should be a multiple of ${multipleOf}`));
  }
}

function validateList(
  node: SchemaNode,
  value: readonly unknown[],
  old: unknown,
  path: string,
  errors: FieldError[],
): void {
  if (typeof node.maxItems === "number" && value.length > node.maxItems) {
    errors.push({
      type: "FieldValueTooMany",
      field: path,
      detail: `Too many: ${value.length}: must have at most ${node.maxItems} item${
        node.maxItems === 1 ? "" : "s"
      }`,
    });
  }
  if (typeof node.minItems === "number" && value.length < node.minItems) {
    errors.push(
      invalidValue(path, value.length, `${path} in body should have at least ${node.minItems} items`),
    );
  }
  const items = itemNode(node);
  const olds = Array.isArray(old) ? correlated(node, old) : undefined;
  if (items !== undefined) {
    value.forEach((item, i) =>
      validateValue(items, item, olds?.get(identity(node, item)), `${path}[${i}]`, errors)
    );
  }
  if (listType(node) === "atomic" || value.length < 2) return;
  const seen = new Set<string>();
  value.forEach((item, i) => {
    const key = identity(node, item);
    if (seen.has(key)) {
      const detail = `Duplicate value: ${key}`;
      errors.push({ type: "FieldValueDuplicate", field: `${path}[${i}]`, detail });
    }
    seen.add(key);
  });
}

/** The old items by what makes them the same; those of an atomic list are not the same as any. */
function correlated(node: SchemaNode, old: readonly unknown[]): Map<string, unknown> | undefined {
  if (listType(node) === "atomic") return undefined;
  return new Map(old.map((item) => [identity(node, item), item]));
}

function identity(node: SchemaNode, item: unknown): string {
  if (listType(node) !== "map" || !isObject(item)) return JSON.stringify(item);
  return JSON.stringify(Object.fromEntries(listKeys(node).map((key) => [key, item[key]])));
}

const patterns = new Map<string, RegExp>();

/** Go's expressions are near enough to ours, save for flags in front, and for escapes that Unicode mode refuses. */
function patternOf(pattern: string): RegExp {
  let expression = patterns.get(pattern);
  if (expression === undefined) {
    const [flagged = "", flags = ""] = /^\(\?([ims]+)\)/.exec(pattern) ?? [];
    const source = pattern.slice(flagged.length);
    try {
      expression = new RegExp(source, `${flags}u`);
    } catch {
      expression = new RegExp(source, flags);
    }
    patterns.set(pattern, expression);
  }
  return expression;
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (isRawNumber(value)) return /^-?\d+$/.test(value.rawJSON) ? "integer" : "number";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value;
}

function typeFits(node: SchemaNode, type: string): boolean {
  if (node["x-kubernetes-int-or-string"] === true) return type === "integer" || type === "string";
  if (node.type === undefined) return true;
  return node.type === type || node.type === "number" && type === "integer";
}
