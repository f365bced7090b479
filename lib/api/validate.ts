/**
 * Validation of objects that are already stored: an older CRD may have let in what today's refuses, and the API
 * server then refuses every later update of such an object too.
 */
import type * as z from "zod";
import type { KubeObject } from "./k8s.ts";
import type { Kind } from "./kind.ts";
import { isImmutable } from "./schema.ts";

/** One fault of an object. */
export interface Issue {
  /** The field, e.g. `spec.filters[0].image`. */
  readonly path: string;
  /** What stands there; `undefined` when nothing does. */
  readonly value: unknown;
  /** What must hold. */
  readonly message: string;
  /** What to do. */
  readonly remedy: string;
}

export type Validation<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly issues: readonly Issue[] };

/**
 * Whether `object` is what today's schema of its kind takes. It comes back as it is: nothing is stripped,
 * filled in or copied. Only the spec is looked at, since the operator writes the status anew. An object without
 * a spec is valid (api.md §2), and rules that compare with an earlier state do not apply.
 */
export function validate<T extends KubeObject>(kind: Kind<T>, object: T): Validation<T> {
  const { spec } = object as { spec?: unknown };
  if (spec === undefined) return { ok: true, value: object };
  const result = kind.spec.safeParse(spec);
  if (result.success) return { ok: true, value: object };
  return { ok: false, issues: result.error.issues.map((issue) => issueOf(issue, spec, kind.spec)) };
}

function issueOf(issue: z.core.$ZodIssue, spec: unknown, schema: z.core.$ZodType): Issue {
  const value = issue.path.reduce<unknown>(
    (parent, key) => (parent as Record<PropertyKey, unknown> | undefined)?.[key],
    spec,
  );
  const { message, remedy } = faultOf(issue, value);
  const present = value === undefined ? issue.path.slice(0, -1) : issue.path;
  const hint = immutableHint(present, schema);
  return {
    path: pathOf(issue.path),
    value,
    message,
    remedy: hint === undefined ? remedy : `${remedy} (${hint})`,
  };
}

function pathOf(keys: readonly PropertyKey[]): string {
  return keys.reduce<string>(
    (parent, key) => typeof key === "number" ? `${parent}[${key}]` : `${parent}.${String(key)}`,
    "spec",
  );
}

/** How to get past rule R-IMM, where it sits on the faulty field or on one that holds it. */
function immutableHint(keys: readonly PropertyKey[], spec: z.core.$ZodType): string | undefined {
  let node = spec;
  for (const [index, key] of keys.entries()) {
    const { def } = (node as z.core.$ZodTypes)._zod;
    if (def.type === "object") node = def.shape[String(key)];
    else if (def.type === "array") node = def.element;
    else if (def.type === "record") node = def.valueType;
    const inner = (node as z.core.$ZodTypes)._zod.def;
    const optional = inner.type === "optional";
    if (optional) node = inner.innerType;
    if (!isImmutable(node)) continue;
    const field = pathOf(keys.slice(0, index + 1));
    return optional
      ? `${field} cannot change in place: remove it, then add it again`
      : `${field} cannot change: delete the object and create it again`;
  }
  return undefined;
}

function faultOf(issue: z.core.$ZodIssue, value: unknown): { message: string; remedy: string } {
  if (value === undefined) return { message: "is required", remedy: "set it" };
  switch (issue.code) {
    case "invalid_value": {
      const words = issue.values.join(", ");
      return { message: `must be one of ${words}`, remedy: `set it to one of ${words}` };
    }
    case "invalid_type": {
      const type = typeNames[issue.expected] ?? issue.expected;
      return { message: `must be ${type}`, remedy: `replace it by ${type}` };
    }
    case "invalid_union":
      return { message: "must be a quantity", remedy: "replace it by a number or a string like 16Gi" };
    case "custom":
      return { message: issue.message, remedy: String(issue.params?.remedy) };
    default:
      throw new TypeError(`validation knows no issue of code ${issue.code}`);
  }
}

const typeNames: Record<string, string> = {
  string: "a string",
  number: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
};

const longestValue = 40;

/** An issue in one sentence, for a condition's message. Lists and objects are named but not shown. */
export function describeIssue({ path, value, message, remedy }: Issue): string {
  if (value === undefined) return `${path} ${message}; ${remedy}`;
  if (typeof value === "object") return `${path}: ${message}; ${remedy}`;
  const characters = [...JSON.stringify(value)];
  const shown = characters.slice(0, longestValue).join("") + (characters.length > longestValue ? "…" : "");
  return `${path} is ${shown} but ${message}; ${remedy}`;
}
