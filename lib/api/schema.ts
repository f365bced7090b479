/**
 * The words in which the ten kinds are written down. Each word returns a zod schema, which is the TypeScript
 * type (`z.infer`) and the validation at once, and notes beside it what only the CustomResourceDefinition can
 * say: descriptions, defaults, formats, list types, CEL rules (api.md §1). `crd.ts` reads both.
 *
 * A default is the API server's to fill in, so it stays out of the type: a field with a default is optional.
 * No word is stricter than what it writes into the CRD, so an object the API server takes always parses.
 */
import * as z from "zod";

/** A CEL rule of the CRD; the API server shows `message` to the user whose object breaks it. */
export interface Rule {
  readonly rule: string;
  readonly message: string;
}

/** What a schema node carries into the CRD beside its type. */
export interface Notes {
  readonly description?: string;
  readonly default?: unknown;
  readonly format?: "int32" | "int64" | "date-time";
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly listType?: "map" | "atomic";
  readonly listMapKeys?: readonly string[];
  readonly mapType?: "atomic";
  readonly rules?: readonly Rule[];
}

const registry = z.registry<Notes>();

/** The notes of a node; empty when it has none. */
export function notesOf(schema: z.core.$ZodType): Notes {
  return registry.get(schema) ?? {};
}

/** A copy of `schema` with `notes` laid over the ones it has. */
function annotate<T extends z.ZodType>(schema: T, notes: Notes): T {
  const copy = schema.clone(schema._zod.def, { parent: true }) as T;
  registry.add(copy, notes);
  return copy;
}

/** The same structure under another description: where a shared structure is a field. */
export function described<T extends z.ZodType>(description: string, schema: T): T {
  return annotate(schema, { description });
}

interface TextLimits {
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  /** The pattern in examples, for people. */
  readonly form?: string;
  readonly default?: string;
}

/** A string. Lengths count characters (code points), as the API server counts them. */
export function text(description: string, limits: TextLimits = {}): z.ZodString {
  let schema = z.string();
  const { form, ...written } = limits;
  const { minLength, maxLength, pattern } = written;
  if (minLength !== undefined) {
    schema = schema.refine((value) => characters(value) >= minLength, {
      error: `must have at least ${minLength} character${minLength === 1 ? "" : "s"}`,
      params: { remedy: "give it a value" },
    });
  }
  if (maxLength !== undefined) {
    schema = schema.refine((value) => characters(value) <= maxLength, {
      error: `must have at most ${maxLength} characters`,
      params: { remedy: `shorten it to ${maxLength} characters` },
    });
  }
  if (pattern !== undefined) {
    const expression = new RegExp(pattern);
    schema = schema.refine((value) => expression.test(value), {
      error: `must match ${pattern}`,
      params: { remedy: `write it in the form ${form ?? pattern}` },
    });
  }
  return annotate(schema, { description, ...written });
}

function characters(value: string): number {
  return [...value].length;
}

/** One of a fixed set of strings. */
export function oneOf<const Values extends readonly [string, ...string[]]>(
  values: Values,
  description: string,
  limits: { readonly default?: Values[number] } = {},
): z.ZodEnum<{ [Value in Values[number]]: Value }> {
  return annotate(z.enum(values), { description, ...limits }) as z.ZodEnum<
    { [Value in Values[number]]: Value }
  >;
}

/** `true` or `false`. */
export function bool(description: string, limits: { readonly default?: boolean } = {}): z.ZodBoolean {
  return annotate(z.boolean(), { description, ...limits });
}

interface IntegerLimits {
  readonly minimum?: number;
  readonly maximum?: number;
  readonly default?: number;
}

/** An integer without a format. */
export function integer(description: string, limits: IntegerLimits = {}): z.ZodNumber {
  return annotate(bounded(limits), { description, ...limits });
}

/** An integer of 32 bits, by its format; the API server does not hold it to that range. */
export function int32(description: string, limits: IntegerLimits = {}): z.ZodNumber {
  return annotate(bounded(limits), { description, format: "int32", ...limits });
}

/** An integer of 64 bits. Beyond 2^53 JavaScript reads it rounded. */
export function int64(description: string, limits: IntegerLimits = {}): z.ZodNumber {
  return annotate(bounded(limits), { description, format: "int64", ...limits });
}

function bounded({ minimum, maximum }: IntegerLimits): z.ZodNumber {
  let schema = z.number().refine(Number.isInteger, {
    error: "must be a whole number",
    params: { remedy: "round it to a whole number" },
  });
  if (minimum !== undefined) {
    schema = schema.refine((value) => value >= minimum, {
      error: `must be at least ${minimum}`,
      params: { remedy: `set it to ${minimum} or more` },
    });
  }
  if (maximum !== undefined) {
    schema = schema.refine((value) => value <= maximum, {
      error: `must be at most ${maximum}`,
      params: { remedy: `set it to ${maximum} or less` },
    });
  }
  return schema;
}

/** A point in time, RFC 3339. */
export function time(description: string): z.ZodString {
  const schema = z.string().refine((value) => rfc3339.test(value), {
    error: "must be a time as RFC 3339 writes it",
    params: { remedy: "write it like 2026-01-31T12:00:00Z" },
  });
  return annotate(schema, { description, format: "date-time" });
}

const rfc3339 = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}([.,]\d+)?)?([Zz]|[+-]\d{2}:?\d{2})?$/;

/** What a Kubernetes quantity looks like as text. */
export const quantityPattern =
  "^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))))?$";

/** A Kubernetes quantity as it stands in an object: `16Gi`, `"500m"`, or a bare whole number. */
export type QuantityValue = string | number;

/** A Kubernetes quantity (api.md §6): an integer or a string. `quantity.ts` computes with them. */
export function quantity(description: string): z.ZodUnion<readonly [z.ZodNumber, z.ZodString]> {
  const expression = new RegExp(quantityPattern);
  const schema = z.union([z.number(), z.string()]).refine(
    (value) => typeof value === "number" ? Number.isInteger(value) : expression.test(value),
    { error: "must be a quantity", params: { remedy: "write it like 4, 500m, 16Gi or 2.5G" } },
  );
  return annotate(schema, { description, pattern: quantityPattern }) as z.ZodUnion<
    readonly [z.ZodNumber, z.ZodString]
  >;
}

/** Any JSON, stored as it comes. */
export function anything(description: string): z.ZodUnknown {
  return annotate(z.unknown(), { description });
}

/** An object with fixed fields. Fields that are not in `shape` are left alone by validation. */
export function structure<Shape extends z.core.$ZodLooseShape>(
  description: string,
  shape: Shape,
  notes: { readonly mapType?: "atomic" } = {},
): z.ZodObject<Shape, z.core.$strip> {
  return annotate(z.object(shape), { description, ...notes });
}

/** An object with free keys. */
export function mapOf<Value extends z.ZodType>(
  description: string,
  value: Value,
): z.ZodRecord<z.ZodString, Value> {
  return annotate(z.record(z.string(), value), { description });
}

interface ListLimits {
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly listType?: "map" | "atomic";
  readonly listMapKeys?: readonly string[];
}

/** A list. With `listMapKeys` no two items may agree in those fields. */
export function listOf<Item extends z.ZodType>(
  description: string,
  item: Item,
  limits: ListLimits = {},
): z.ZodArray<Item> {
  const { minItems, maxItems, listMapKeys } = limits;
  let schema = z.array(item);
  if (minItems !== undefined) {
    schema = schema.refine((list) => list.length >= minItems, {
      error: `must have at least ${minItems} item${minItems === 1 ? "" : "s"}`,
      params: { remedy: "add an item" },
    });
  }
  if (maxItems !== undefined) {
    schema = schema.refine((list) => list.length <= maxItems, {
      error: `must have at most ${maxItems} item${maxItems === 1 ? "" : "s"}`,
      params: { remedy: `keep ${maxItems} of them` },
    });
  }
  if (listMapKeys !== undefined) {
    schema = schema.refine((list) => firstDuplicate(list, listMapKeys) === undefined, {
      error: (issue) =>
        `has more than one item with ${
          listMapKeys.join(", ")
        } ${(firstDuplicate(issue.input as unknown[], listMapKeys) ?? "")}`,
      params: { remedy: "keep one of them" },
    });
  }
  return annotate(schema, { description, ...limits });
}

function firstDuplicate(list: readonly unknown[], keys: readonly string[]): string | undefined {
  const seen = new Set<string>();
  for (const item of list) {
    const key = JSON.stringify(keys.map((name) => (item as Record<string, unknown>)[name]));
    if (seen.has(key)) return key.slice(1, -1);
    seen.add(key);
  }
  return undefined;
}

/** A list that server-side apply merges by the `name` of its items. */
export function listByName<Item extends z.ZodType>(
  description: string,
  item: Item,
  limits: { readonly minItems?: number; readonly maxItems?: number } = {},
): z.ZodArray<Item> {
  return listOf(description, item, { ...limits, listType: "map", listMapKeys: ["name"] });
}

/** A rule over a whole structure: the same condition as CEL for the API server and as code for `validate`. */
export interface StructureRule<Value> extends Rule {
  readonly remedy: string;
  readonly holds: (value: Value) => boolean;
}

/** `schema` with one more rule. */
export function withRule<T extends z.ZodType>(schema: T, rule: StructureRule<z.infer<T>>): T {
  const checked = schema.refine(rule.holds, {
    error: rule.message,
    params: { remedy: rule.remedy },
  }) as T;
  return addRule(checked, rule);
}

const immutableRule = "self == oldSelf";

/** Whether rule R-IMM sits on the node itself. */
export function isImmutable(schema: z.core.$ZodType): boolean {
  return notesOf(schema).rules?.some(({ rule }) => rule === immutableRule) ?? false;
}

/** Rule R-IMM (api.md §5): a value that is there cannot become another one. `name` is what the user reads. */
export function immutable<T extends z.ZodType>(name: string, schema: T): T {
  return addRule(schema, {
    rule: immutableRule,
    message: `${name} cannot change after creation; create a new object instead`,
  });
}

function addRule<T extends z.ZodType>(schema: T, { rule, message }: Rule): T {
  return annotate(schema, { rules: [...notesOf(schema).rules ?? [], { rule, message }] });
}
