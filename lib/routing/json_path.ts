/** Evaluates Kubernetes JSONPath on an object as JSON knows it (services.md §9.1 rule 1). */
import { isObject } from "../kube/json/json.ts";
import type { Step } from "./json_path_syntax.ts";

export { JsonPathSyntaxError, parseJsonPath, type Step } from "./json_path_syntax.ts";

/** An expression that reads, but that this object has no answer to; a missing key is one. */
export class JsonPathError extends Error {
  override readonly name = "JsonPathError";
}

/**
 * How many values expressions may still visit, together. Ten characters can double the results of an
 * expression, so that without a limit a short one takes for ever.
 */
export interface Budget {
  values: number;
}

/**
 * The values that an expression finds in `data`, in order. Only an object's own fields are seen; one that is
 * undefined is absent. An object's fields come in their own order, where client-go's order is random. Unlike
 * there, an empty list ends nothing but itself, `1` equals `1.0`, and what is out of a list's bounds does not
 * exist for a filter.
 * @throws JsonPathError
 */
export function evaluateJsonPath(steps: readonly Step[], data: unknown, budget: Budget): unknown[] {
  return walk(steps, [data], budget);
}

function walk(steps: readonly Step[], from: readonly unknown[], budget: Budget): unknown[] {
  let values = [...from];
  for (const step of steps) {
    spend(budget, 1 + values.length);
    values = evaluateStep(step, values, budget);
  }
  return values;
}

function spend(budget: Budget, count: number): void {
  budget.values -= count;
  if (budget.values < 0) throw new JsonPathError("the expressions visit too many values");
}

function evaluateStep(step: Step, values: readonly unknown[], budget: Budget): unknown[] {
  switch (step.step) {
    case "field":
      return field(step.name, values);
    case "wildcard":
      return values.flatMap((value) => children(value, budget));
    case "descent":
      return values.flatMap((value) => containersIn(value, budget));
    case "slice":
      return values.filter(isPresent).flatMap((value) => sliced(step, list(value, "")));
    case "union":
      return step.branches.flatMap((branch) => walk(branch, values, budget));
    case "exists":
      return filtered(values, (item) => exists(step.what, item, budget));
    case "compare":
      return filtered(values, (item) => compares(step, item, budget));
    case "text":
      return [step.text];
    case "constant":
      return values.map(() => step.value);
  }
}

function isPresent(value: unknown): boolean {
  return value !== null && value !== undefined;
}

function field(name: string, values: readonly unknown[]): unknown[] {
  const found = values
    .filter((value) => isObject(value) && Object.hasOwn(value, name))
    .map((value) => (value as Record<string, unknown>)[name])
    .filter((value) => value !== undefined);
  if (found.length === 0 && values.length > 0) throw new JsonPathError(`${name} is not found`);
  return found;
}

/** What is in an object, a list or a text (its bytes). */
function children(value: unknown, budget: Budget): unknown[] {
  const found = typeof value === "string"
    ? [...new TextEncoder().encode(value)]
    : Array.isArray(value)
    ? value
    : isObject(value)
    ? Object.values(value).filter((child) => child !== undefined)
    : [];
  spend(budget, found.length);
  return found;
}

/** The value and everything in it, as far as it has something in it; parents before their children. */
function containersIn(value: unknown, budget: Budget): unknown[] {
  const found: unknown[] = [];
  const open = [value];
  while (open.length > 0) {
    const next = open.pop();
    const inside = children(next, budget);
    if (inside.length === 0) continue;
    found.push(next);
    for (let index = inside.length - 1; index >= 0; index--) open.push(inside[index]);
  }
  return found;
}

function list(value: unknown, use: string): unknown[] {
  if (Array.isArray(value)) return value;
  const kind = value === null ? "null" : typeof value;
  throw new JsonPathError(`${kind} is not array or slice${use}`);
}

function sliced(step: Step & { step: "slice" }, items: unknown[]): unknown[] {
  const { length } = items;
  const fromEnd = (position: number) => position < 0 ? position + length : position;
  const from = fromEnd(step.from ?? 0);
  const to = step.index ? from + 1 : fromEnd(step.to ?? length);
  if (from === to) return [];
  const outside = from < 0 || from >= length ? from : to < 0 || to > length ? to - 1 : undefined;
  if (outside !== undefined) {
    throw new JsonPathError(`array index out of bounds: index ${outside}, length ${length}`);
  }
  if (from > to) throw new JsonPathError(`starting index ${from} is greater than ending index ${to}`);
  const by = step.by ?? 1;
  if (by <= 0) throw new JsonPathError("step must be > 0");
  return items.slice(from, to).filter((_, index) => index % by === 0);
}

function filtered(values: readonly unknown[], passes: (item: unknown) => boolean): unknown[] {
  return values.flatMap((value) => list(value, " and cannot be filtered").filter(passes));
}

function exists(what: readonly Step[], item: unknown, budget: Budget): boolean {
  try {
    return evaluateJsonPath(what, item, budget).length > 0;
  } catch (error) {
    if (error instanceof JsonPathError && budget.values >= 0) return false;
    throw error;
  }
}

function compares(step: Step & { step: "compare" }, item: unknown, budget: Budget): boolean {
  const left = evaluateJsonPath(step.left, item, budget);
  const right = evaluateJsonPath(step.right, item, budget);
  if (left.length === 0 || right.length === 0) return false;
  if (left.length > 1 || right.length > 1) throw new JsonPathError("can only compare one element at a time");
  return holds(left[0], step.operator, right[0]);
}

type Comparable = string | number | boolean;

function holds(left: unknown, operator: string, right: unknown): boolean {
  if (!isComparable(left) || !isComparable(right)) throw new JsonPathError("invalid type for comparison");
  if (typeof left !== typeof right) throw new JsonPathError("incompatible types for comparison");
  if (operator === "==") return left === right;
  if (operator === "!=") return left !== right;
  if (!["<", "<=", ">", ">="].includes(operator)) {
    throw new JsonPathError(`unrecognized filter operator ${operator}`);
  }
  if (typeof left === "boolean") throw new JsonPathError("invalid type for comparison");
  if (operator === "<") return left < right;
  if (operator === "<=") return left <= right;
  return operator === ">" ? left > right : left >= right;
}

function isComparable(value: unknown): value is Comparable {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}
