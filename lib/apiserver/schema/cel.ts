/** Rules in CEL (`x-kubernetes-validations`), with transition rules and ratcheting. */
import { evaluationProblem, optional, program } from "../cel/expression.ts";
import { equalJson } from "../../kube/json/equal.ts";
import { isRawNumber } from "../../kube/json/json.ts";
import { isObject, type JsonObject } from "../json.ts";
import { type FieldError, invalidValue, quoted } from "./field_error.ts";
import { itemNode, type KindSchema, listKeys, listType, memberNode, type SchemaNode } from "./schema.ts";

interface Rule {
  readonly rule: string;
  readonly message?: string;
  readonly messageExpression?: string;
  readonly reason?: FieldError["type"];
  readonly fieldPath?: string;
  readonly optionalOldSelf?: boolean;
}

/** What rules refuse. A rule about `oldSelf` is asked of updates only. */
export function ruleErrors(schema: KindSchema, object: JsonObject, old?: JsonObject): FieldError[] {
  const errors: FieldError[] = [];
  if (hasRules(schema.root)) walk(schema.root, object, old, "", errors);
  return errors;
}

const known = new WeakMap<SchemaNode, boolean>();

/** Whether there are rules at a node or below it. */
function hasRules(node: SchemaNode): boolean {
  let answer = known.get(node);
  if (answer === undefined) {
    const below = [
      ...isObject(node.properties) ? Object.values(node.properties) : [],
      node.additionalProperties,
      node.items,
    ].filter(isObject);
    answer = Array.isArray(node["x-kubernetes-validations"]) || below.some(hasRules);
    known.set(node, answer);
  }
  return answer;
}

function walk(node: SchemaNode, value: unknown, old: unknown, path: string, errors: FieldError[]): void {
  if (value === undefined || value === null || !hasRules(node)) return;
  const unchanged = old !== undefined && equalJson(old, value);
  for (const rule of (node["x-kubernetes-validations"] as Rule[] | undefined) ?? []) {
    const error = broken(rule, node, value, old, path, unchanged);
    if (error !== undefined) errors.push(error);
  }
  if (Array.isArray(value)) {
    const items = itemNode(node);
    if (items === undefined) return;
    value.forEach((item, i) => walk(items, item, oldItem(node, item, old), `${path}[${i}]`, errors));
  } else if (isObject(value)) {
    for (const [key, item] of Object.entries(value)) {
      const member = memberNode(node, key, false);
      const before = isObject(old) ? old[key] : undefined;
      if (member !== undefined) walk(member, item, before, path === "" ? key : `${path}.${key}`, errors);
    }
  }
}

/** Items of a list by key have the one of the same key before them; others are new each time. */
function oldItem(node: SchemaNode, item: unknown, old: unknown): unknown {
  if (listType(node) !== "map" || !Array.isArray(old) || !isObject(item)) return undefined;
  return old.find((other) => isObject(other) && listKeys(node).every((key) => other[key] === item[key]));
}

/** What a rule refuses; undefined where it holds, or has nothing to say. */
function broken(
  rule: Rule,
  node: SchemaNode,
  value: unknown,
  old: unknown,
  path: string,
  unchanged: boolean,
): FieldError | undefined {
  const transition = /\boldSelf\b/.test(rule.rule);
  if (transition && old === undefined && !rule.optionalOldSelf) return undefined;
  // What was so before is not blamed now (ratcheting).
  if (!transition && unchanged) return undefined;
  const variables = { self: typed(node, value), oldSelf: oldSelf(rule, node, old) };
  try {
    if (program(rule.rule)(variables) === true) return undefined;
  } catch (error) {
    const asked = (rule.message ?? rule.rule).trim();
    return invalidValue(path, node.type ?? "", evaluationProblem(error as Error, "rule", asked));
  }
  const type = rule.reason ?? "FieldValueInvalid";
  const prefix = prefixes[type] ?? "Invalid value";
  const said = messageOf(rule, variables);
  // What is wrong with a whole object is not repeated in the message.
  const shown = typeof value === "object" || prefix === "Required value" || prefix === "Forbidden"
    ? prefix
    : `${prefix}: ${quoted(value)}`;
  return { type, field: `${path}${rule.fieldPath ?? ""}`, detail: `${shown}: ${said}` };
}

function oldSelf(rule: Rule, node: SchemaNode, old: unknown): unknown {
  if (!rule.optionalOldSelf) return typed(node, old);
  return optional(old === undefined ? undefined : typed(node, old));
}

const prefixes: Partial<Record<FieldError["type"], string>> = {
  FieldValueRequired: "Required value",
  FieldValueForbidden: "Forbidden",
  FieldValueDuplicate: "Duplicate value",
};

function messageOf(rule: Rule, variables: Record<string, unknown>): string {
  if (rule.messageExpression !== undefined) {
    try {
      const text = program(rule.messageExpression)(variables);
      if (typeof text === "string" && text.trim() !== "") return text;
    } catch {
      // The message that stands there is said instead.
    }
  }
  return rule.message?.trim() ?? `failed rule: ${rule.rule.trim()}`;
}

/** A value as CEL sees it: whole numbers are integers where the schema says so, which plain JSON cannot tell. */
export function typed(node: SchemaNode | undefined, value: unknown): unknown {
  if (isRawNumber(value)) {
    return typed(node, /^-?\d+$/.test(value.rawJSON) ? BigInt(value.rawJSON) : Number(value.rawJSON));
  }
  if (typeof value === "number") {
    const whole = node?.type === "integer" || node?.["x-kubernetes-int-or-string"] === true ||
      node?.type === undefined && Number.isInteger(value);
    return whole && Number.isInteger(value) ? BigInt(value) : value;
  }
  if (Array.isArray(value)) return value.map((item) => typed(itemNode(node), item));
  if (!isObject(value)) return value;
  const members = Object.entries(value).filter(([, item]) => item !== null);
  return Object.fromEntries(members.map(([key, item]) => [key, typed(memberNode(node, key, false), item)]));
}
