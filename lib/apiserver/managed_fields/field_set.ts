/**
 * Sets of field paths, as `fieldsV1` writes them: `f:name` for a member, `k:{…}` for an item of a list by key, `v:…` for an item
 * of a set, `.` for the thing itself where there is more below it.
 */
import { equalJson } from "../../kube/json/equal.ts";
import { isObject, type JsonObject } from "../json.ts";
import { isAtomicMap, itemNode, listKeys, listType, memberNode, type SchemaNode } from "../schema/schema.ts";

export interface FieldSet {
  /** Whether the thing itself is in the set. */
  readonly member: boolean;
  readonly below: ReadonlyMap<string, FieldSet>;
}

export const leaf: FieldSet = { member: true, below: new Map() };
export const nothing: FieldSet = { member: false, below: new Map() };

const decoded = new WeakMap<JsonObject, FieldSet>();

/** Reads `fieldsV1`. */
export function decode(fields: JsonObject): FieldSet {
  let set = decoded.get(fields);
  if (set === undefined) {
    const below = new Map<string, FieldSet>();
    for (const key of Object.keys(fields)) if (key !== ".") below.set(key, decode(fields[key] as JsonObject));
    set = below.size === 0 ? leaf : { member: "." in fields, below };
    decoded.set(fields, set);
  }
  return set;
}

/** Writes `fieldsV1`. */
export function encode(set: FieldSet): JsonObject {
  const fields: JsonObject = {};
  if (set.member && set.below.size > 0) fields["."] = {};
  for (const [key, child] of [...set.below].sort(([a], [b]) => a < b ? -1 : 1)) fields[key] = encode(child);
  return fields;
}

export function isEmpty(set: FieldSet): boolean {
  return !set.member && set.below.size === 0;
}

/** What is in either. */
export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmpty(a)) return b;
  if (isEmpty(b)) return a;
  const below = new Map(a.below);
  for (const [key, child] of b.below) {
    const here = below.get(key);
    below.set(key, here === undefined ? child : union(here, child));
  }
  return { member: a.member || b.member, below };
}

/** What is in `a` and not in `b`. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmpty(b)) return a;
  const below = new Map<string, FieldSet>();
  for (const [key, child] of a.below) {
    const other = b.below.get(key);
    const rest = other === undefined ? child : difference(child, other);
    if (!isEmpty(rest)) below.set(key, rest);
  }
  return { member: a.member && !b.member, below };
}

/** What is in both. */
export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  const below = new Map<string, FieldSet>();
  for (const [key, child] of a.below) {
    const other = b.below.get(key);
    if (other === undefined) continue;
    const both = intersection(child, other);
    if (!isEmpty(both)) below.set(key, both);
  }
  return { member: a.member && b.member, below };
}

export function equalSets(a: FieldSet, b: FieldSet): boolean {
  if (a === b) return true;
  if (a.member !== b.member || a.below.size !== b.below.size) return false;
  for (const [key, child] of a.below) {
    const other = b.below.get(key);
    if (other === undefined || !equalSets(child, other)) return false;
  }
  return true;
}

/** The paths of a set, as messages write them: `.spec.parts[name="a"].weight`. */
export function* pathsOf(set: FieldSet, at = ""): Generator<string> {
  if (set.member) yield at;
  for (const [key, child] of set.below) yield* pathsOf(child, at + step(key));
}

function step(key: string): string {
  const rest = key.slice(2);
  if (key.startsWith("f:")) return `.${rest}`;
  const value: unknown = JSON.parse(rest);
  if (key.startsWith("v:")) return `[=${JSON.stringify(value)}]`;
  return `[${
    Object.entries(value as JsonObject).map(([name, part]) => `${name}=${JSON.stringify(part)}`).join(",")
  }]`;
}

/** Whether a value is one thing for whoever owns it. */
export function isAtomic(node: SchemaNode | undefined, value: unknown): boolean {
  if (Array.isArray(value)) return listType(node) === "atomic";
  return !isObject(value) || isAtomicMap(node);
}

/** The members or items of a value that can be owned one by one, by their keys in `fieldsV1`. */
export function parts(node: SchemaNode | undefined, value: unknown, root = false): Map<string, Part> {
  const found = new Map<string, Part>();
  if (Array.isArray(value)) {
    const items = itemNode(node);
    for (const item of value) found.set(itemKey(node, item), { value: item, node: items });
  } else if (isObject(value)) {
    for (const key of Object.keys(value)) {
      found.set(`f:${key}`, { value: value[key], node: memberNode(node, key, root) });
    }
  }
  return found;
}

export interface Part {
  readonly value: unknown;
  readonly node: SchemaNode | undefined;
}

/** The key of a list's item: its keys by name, or itself. */
export function itemKey(node: SchemaNode | undefined, item: unknown): string {
  if (listType(node) !== "map" || !isObject(item)) return `v:${JSON.stringify(item)}`;
  const keys = [...listKeys(node)].sort();
  return `k:${
    JSON.stringify(Object.fromEntries(keys.map((key) => [key, item[key] ?? defaultOf(node, key)])))
  }`;
}

function defaultOf(node: SchemaNode | undefined, key: string): unknown {
  return memberNode(itemNode(node), key, false)?.default;
}

/** The fields that a value says something about. */
export function fieldsOf(
  node: SchemaNode | undefined,
  value: unknown,
  root = false,
  isItem = false,
): FieldSet {
  if (isAtomic(node, value)) return leaf;
  const all = parts(node, value, root);
  if (all.size === 0) return leaf;
  const below = new Map<string, FieldSet>();
  for (const [key, part] of all) {
    below.set(key, fieldsOf(part.node, part.value, false, !key.startsWith("f:")));
  }
  return { member: isItem, below };
}

export interface Comparison {
  /** New, or of another value. */
  readonly changed: FieldSet;
  readonly removed: FieldSet;
}

/** What differs between two values. */
export function compare(
  node: SchemaNode | undefined,
  before: unknown,
  after: unknown,
  root = false,
): Comparison {
  const [old, now] = [before ?? undefined, after ?? undefined];
  if (old === now || old !== undefined && now !== undefined && equalJson(old, now)) {
    if (before === after || (before === undefined) === (after === undefined)) return same;
  }
  const whole = (before !== undefined && isAtomic(node, before)) ||
    (after !== undefined && isAtomic(node, after));
  if (whole) {
    return before !== undefined && after === undefined
      ? { ...same, removed: leaf }
      : { ...same, changed: leaf };
  }
  const [olds, news] = [parts(node, before, root), parts(node, after, root)];
  const [changed, removed] = [new Map<string, FieldSet>(), new Map<string, FieldSet>()];
  for (const key of new Set([...olds.keys(), ...news.keys()])) {
    const [one, other] = [olds.get(key), news.get(key)];
    const difference = compare((other ?? one)!.node, one?.value, other?.value);
    if (!isEmpty(difference.changed)) changed.set(key, difference.changed);
    if (!isEmpty(difference.removed)) removed.set(key, difference.removed);
  }
  return {
    changed: { member: before === undefined, below: changed },
    removed: { member: after === undefined, below: removed },
  };
}

const same: Comparison = { changed: nothing, removed: nothing };
