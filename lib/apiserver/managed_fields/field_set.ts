/**
 * Sets of field paths, as `fieldsV1` writes them: `f:name` for a member, `k:{…}` for an item of a list by key, `v:…` for an
 * item of a set, `.` for the thing itself where there is more below it.
 */
import { frozen, isObject, type JsonObject } from "../json.ts";
import { defaultKey, isAtomicMap, itemNode, listKeys, listType, type SchemaNode } from "../schema/schema.ts";

export interface FieldSet {
  /** Whether the thing itself is in the set. */
  readonly member: boolean;
  /** What is in the set below it, by path element. No set in here is empty. */
  readonly below: ReadonlyMap<string, FieldSet>;
}

const noneBelow: ReadonlyMap<string, FieldSet> = new Map();
/** Only the thing itself. */
export const leaf: FieldSet = { member: true, below: noneBelow };
/** The empty set. */
export const nothing: FieldSet = { member: false, below: noneBelow };

const decoded = new WeakMap<JsonObject, FieldSet>();
/** How a set is stored; a write that changes none of an entry's fields finds it here. */
const encoded = new WeakMap<FieldSet, JsonObject>();

/** Reads the `fieldsV1` of an entry. An object that was read before is not read again. */
export function decode(fields: JsonObject): FieldSet {
  let set = decoded.get(fields);
  if (set === undefined) {
    set = { member: false, below: decodeBelow(fields) };
    decoded.set(fields, set);
    if (Object.isFrozen(fields)) encoded.set(set, fields);
  }
  return set;
}

function decodeBelow(fields: JsonObject): Map<string, FieldSet> {
  const below = new Map<string, FieldSet>();
  for (const key of Object.keys(fields)) {
    if (key === ".") continue;
    const inner = fields[key] as JsonObject;
    const more = decodeBelow(inner);
    below.set(key, more.size === 0 ? leaf : { member: "." in inner, below: more });
  }
  return below;
}

/** Writes `fieldsV1`. Objects of a kind have mostly the same fields, so equal parts (`f:spec` …) of all objects are one. */
export function encode(set: FieldSet): JsonObject {
  const known = encoded.get(set);
  if (known !== undefined) return known;
  const fields: JsonObject = {};
  const below = new Map<string, FieldSet>();
  for (const key of sortedKeysOf(set.below)) {
    const part = sharedPart(set.below.get(key)!);
    fields[key] = part.fields;
    below.set(key, part.set);
  }
  const shared = { member: false, below };
  decoded.set(fields, shared);
  encoded.set(set, fields);
  encoded.set(shared, fields);
  return frozen(fields);
}

interface Part {
  readonly set: FieldSet;
  readonly fields: JsonObject;
}

/** So many different parts are remembered before all are forgotten: those of deleted objects must not pile up. */
const mostParts = 500;
const partsByText = new Map<string, Part>();
const partsBySet = new WeakMap<FieldSet, Part>();

function sharedPart(set: FieldSet): Part {
  let part = partsBySet.get(set);
  if (part !== undefined) return part;
  const text = textOf(set);
  part = partsByText.get(text);
  if (part === undefined) {
    if (partsByText.size >= mostParts) partsByText.clear();
    partsByText.set(text, part = { set, fields: frozen(written(set)) });
  }
  partsBySet.set(set, part);
  return part;
}

/** A text that only equal sets have. */
function textOf({ member, below }: FieldSet): string {
  if (below.size === 0) return "{}";
  let text = member ? "{." : "{";
  for (const key of sortedKeysOf(below)) text += `${key.length}${key}${textOf(below.get(key)!)}`;
  return `${text}}`;
}

function sortedKeysOf(below: FieldSet["below"]): string[] {
  const keys = [...below.keys()];
  return keys.length === 1 ? keys : keys.sort();
}

const none: JsonObject = Object.freeze({});

function written({ member, below }: FieldSet): JsonObject {
  if (below.size === 0) return none;
  const fields: JsonObject = {};
  if (member) fields["."] = none;
  for (const key of sortedKeysOf(below)) fields[key] = written(below.get(key)!);
  return fields;
}

export function isEmpty(set: FieldSet): boolean {
  return !set.member && set.below.size === 0;
}

/** What is in either; `a` itself where that is all of it. */
export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b || isEmpty(b)) return a;
  if (isEmpty(a)) return b;
  let below: Map<string, FieldSet> | undefined;
  for (const [key, child] of b.below) {
    const here = a.below.get(key);
    const both = here === undefined ? child : union(here, child);
    if (both === here) continue;
    below ??= new Map(a.below);
    below.set(key, both);
  }
  const member = a.member || b.member;
  return member === a.member && below === undefined ? a : { member, below: below ?? a.below };
}

/** What is in `a` and not in `b`; `a` itself where that is all of it. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  const member = a.member && !b.member;
  let below: Map<string, FieldSet> | undefined;
  for (const [key, other] of b.below) {
    const child = a.below.get(key);
    if (child === undefined) continue;
    const rest = difference(child, other);
    if (rest === child) continue;
    below ??= new Map(a.below);
    if (isEmpty(rest)) below.delete(key);
    else below.set(key, rest);
  }
  return member === a.member && below === undefined ? a : { member, below: below ?? a.below };
}

/** What is in `a` and neither in `b` nor below what is in `b`; `a` itself where that is all of it. */
export function differenceWithBelow(a: FieldSet, b: FieldSet): FieldSet {
  const member = a.member && !b.member;
  let below: Map<string, FieldSet> | undefined;
  for (const [key, other] of b.below) {
    const child = a.below.get(key);
    if (child === undefined) continue;
    const rest = other.member ? nothing : differenceWithBelow(child, other);
    if (rest === child) continue;
    below ??= new Map(a.below);
    if (isEmpty(rest)) below.delete(key);
    else below.set(key, rest);
  }
  return member === a.member && below === undefined ? a : { member, below: below ?? a.below };
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

/** Whether all of `a` is in `b`. */
export function isSubset(a: FieldSet, b: FieldSet): boolean {
  if (a === b) return true;
  if (a.member && !b.member) return false;
  for (const [key, child] of a.below) {
    const other = b.below.get(key);
    if (other === undefined || !isSubset(child, other)) return false;
  }
  return true;
}

export function equalSets(a: FieldSet, b: FieldSet): boolean {
  return isSubset(a, b) && isSubset(b, a);
}

/** The paths of a set, as messages write them: `.spec.parts[name="a"].weight`. */
export function* pathsOf(set: FieldSet, at = ""): Generator<string> {
  const keys = sortedKeysOf(set.below);
  for (const key of keys) if (set.below.get(key)!.member) yield at + elementText(key);
  for (const key of keys) yield* pathsOf(set.below.get(key)!, at + elementText(key));
}

/** A path element as messages write it. */
export function elementText(key: string): string {
  const rest = key.slice(2);
  if (key.startsWith("f:")) return `.${rest}`;
  const value: unknown = JSON.parse(rest);
  if (key.startsWith("v:")) return `[=${JSON.stringify(value)}]`;
  const parts = Object.entries(value as JsonObject);
  return `[${parts.map(([name, part]) => `${name}=${JSON.stringify(part)}`).join(",")}]`;
}

/** Whether a value is one thing for whoever owns it. */
export function isAtomic(node: SchemaNode | undefined, value: unknown): boolean {
  if (Array.isArray(value)) return listType(node) === "atomic";
  return !isObject(value) || isAtomicMap(node);
}

/** Kept, since objects have the same fields mostly: a text that is made anew has to be hashed anew too. */
const memberKeys = new Map<string, string>();

/** The path element of a member. */
export function memberKey(name: string): string {
  let key = memberKeys.get(name);
  if (key === undefined) {
    if (memberKeys.size >= mostParts) memberKeys.clear();
    memberKeys.set(name, key = `f:${name}`);
  }
  return key;
}

/** The path element of an item of a list: its keys by name with their defaults, or itself. */
export function itemKey(node: SchemaNode | undefined, item: unknown): string {
  if (listType(node) !== "map" || !isObject(item)) return `v:${JSON.stringify(item)}`;
  const parts: string[] = [];
  for (const key of sortedKeys(node!)) {
    const value = item[key] === undefined ? defaultKey(itemNode(node), key) : item[key];
    if (value !== undefined) parts.push(`${JSON.stringify(key)}:${JSON.stringify(value)}`);
  }
  return `k:{${parts.join(",")}}`;
}

const sorted = new WeakMap<SchemaNode, readonly string[]>();

function sortedKeys(node: SchemaNode): readonly string[] {
  let keys = sorted.get(node);
  if (keys === undefined) sorted.set(node, keys = [...listKeys(node)].sort());
  return keys;
}
