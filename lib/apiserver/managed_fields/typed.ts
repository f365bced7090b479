/** Values as their schema sees them: which fields they say something about, and in which fields two of them differ. */
import { equalJson } from "../../kube/json/equal.ts";
import { isObject, type JsonObject } from "../json.ts";
import {
  isAtomicMap,
  isDeclared,
  itemNode,
  listType,
  memberNode,
  type SchemaNode,
} from "../schema/schema.ts";
import { type FieldSet, isAtomic, isEmpty, itemKey, leaf, memberKey, nothing, union } from "./field_set.ts";

/** The node of the schema at a value; undefined where the schema says nothing: then maps are granular, lists atomic. */
export type Node = SchemaNode | undefined;

/** How a value is walked. */
export type Form = "map" | "list" | "leaf";

/** A null is of the form that its schema wants. */
export function formOf(node: Node, value: unknown): Form {
  if (isObject(value)) return "map";
  if (Array.isArray(value)) return "list";
  if (value !== null) return "leaf";
  if (node?.type === "array") return "list";
  return isAtomicMap(node) && node?.type !== "object" ? "leaf" : "map";
}

export function asMap(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

export function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function isEmptyMap(value: unknown): boolean {
  for (const _ in asMap(value)) return false;
  return true;
}

/** The fields that a value says something about. */
export function fieldsOf(node: Node, value: unknown): FieldSet {
  if (value === null) return nothing;
  if (isAtomic(node, value)) return leaf;
  return {
    member: false,
    below: Array.isArray(value) ? itemsOf(node, value) : membersOf(node, value as JsonObject),
  };
}

function membersOf(node: Node, value: JsonObject): Map<string, FieldSet> {
  const below = new Map<string, FieldSet>();
  for (const key of Object.keys(value)) {
    const item = value[key];
    if (item === undefined) continue;
    const set = fieldsOf(memberNode(node, key), item);
    // What is there without content, or by a name of the user's own choice, is owned itself.
    const member = set.member || item === null || isObject(item) && isEmptyMap(item) ||
      !isDeclared(node, key);
    if (member || set.below.size > 0) {
      below.set(memberKey(key), set.below.size === 0 ? leaf : { member, below: set.below });
    }
  }
  return below;
}

function itemsOf(node: Node, value: readonly unknown[]): Map<string, FieldSet> {
  const below = new Map<string, FieldSet>();
  for (const item of value) {
    const key = itemKey(node, item);
    // Of those that are there twice only the key is owned.
    below.set(key, below.has(key) ? leaf : { member: true, below: fieldsOf(itemNode(node), item).below });
  }
  return below;
}

/** What differs between two values. */
export interface Comparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

const same: Comparison = { added: nothing, modified: nothing, removed: nothing };
const addedLeaf: Comparison = { ...same, added: leaf };
const modifiedLeaf: Comparison = { ...same, modified: leaf };
const removedLeaf: Comparison = { ...same, removed: leaf };

/** @param before undefined where there was nothing; null is something */
export function compare(node: Node, before: unknown, after: unknown): Comparison {
  if (before === after) return same;
  if (before === undefined) return { ...same, added: addedBy(node, after) };
  const form = formOf(node, after === undefined ? before : after);
  const result = compareAs(form, node, before, after);
  if (after === undefined) return result;
  // A list that becomes a map is both: its items go, and members come.
  const earlier = formOf(node, before);
  return earlier === form ? result : both(compareAs(earlier, node, before, after), result);
}

/** The fields of what was not there: all of them. */
function addedBy(node: Node, value: unknown): FieldSet {
  const form = formOf(node, value);
  if (form === "map" && !isAtomicMap(node) && !isEmptyMap(value)) {
    const below = new Map<string, FieldSet>();
    const members = asMap(value);
    for (const key of Object.keys(members)) {
      if (members[key] !== undefined) below.set(memberKey(key), addedBy(memberNode(node, key), members[key]));
    }
    return { member: true, below };
  }
  if (form === "list" && listType(node) !== "atomic" && asList(value).length > 0) {
    const below = new Map<string, FieldSet>();
    for (const [key, items] of byKey(node, asList(value))) {
      below.set(key, items.length > 1 ? leaf : addedBy(itemNode(node), items[0]));
    }
    return { member: true, below };
  }
  return leaf;
}

function compareAs(form: Form, node: Node, before: unknown, after: unknown): Comparison {
  if (form === "map" && !isAtomicMap(node) && !(isEmptyMap(before) && isEmptyMap(after))) {
    return around(before, after, compareMaps(node, asMap(before), asMap(after)));
  }
  if (form === "list" && listType(node) !== "atomic" && asList(before).length + asList(after).length > 0) {
    return around(before, after, compareLists(node, asList(before), asList(after)));
  }
  if (before === undefined) return addedLeaf;
  if (after === undefined) return removedLeaf;
  return equalJson(before, after) ? same : modifiedLeaf;
}

/** With the thing itself where it came or went. */
function around(before: unknown, after: unknown, inside: Comparison): Comparison {
  if (before === undefined) return { ...inside, added: { member: true, below: inside.added.below } };
  if (after === undefined) return { ...inside, removed: { member: true, below: inside.removed.below } };
  return inside;
}

function compareMaps(node: Node, before: JsonObject, after: JsonObject): Comparison {
  const found = new Gathered();
  for (const key of Object.keys(before)) {
    if (before[key] === undefined || before[key] === after[key]) continue;
    found.put(memberKey(key), compare(memberNode(node, key), before[key], after[key]));
  }
  for (const key of Object.keys(after)) {
    if (after[key] === undefined || before[key] !== undefined) continue;
    found.put(memberKey(key), compare(memberNode(node, key), undefined, after[key]));
  }
  return found.comparison();
}

function compareLists(node: Node, before: readonly unknown[], after: readonly unknown[]): Comparison {
  const [olds, news] = [byKey(node, before), byKey(node, after)];
  const found = new Gathered();
  for (const key of new Set([...olds.keys(), ...news.keys()])) {
    found.put(key, compareItems(itemNode(node), olds.get(key) ?? [], news.get(key) ?? []));
  }
  return found.comparison();
}

function byKey(node: Node, list: readonly unknown[]): Map<string, unknown[]> {
  const items = new Map<string, unknown[]>();
  for (const item of list) {
    const key = itemKey(node, item);
    const others = items.get(key);
    if (others === undefined) items.set(key, [item]);
    else others.push(item);
  }
  return items;
}

/** Items of one key. More than one of them are one thing together. */
function compareItems(node: Node, before: readonly unknown[], after: readonly unknown[]): Comparison {
  if (before.length <= 1 && after.length <= 1) return compare(node, before[0], after[0]);
  if (before.length > 1 && after.length > 1) return equalJson(before, after) ? same : modifiedLeaf;
  if (before.length > 1) {
    return both(removedLeaf, after.length === 1 ? compare(node, undefined, after[0]) : same);
  }
  return both(addedLeaf, before.length === 1 ? compare(node, before[0], undefined) : same);
}

function both(a: Comparison, b: Comparison): Comparison {
  return {
    added: union(a.added, b.added),
    modified: union(a.modified, b.modified),
    removed: union(a.removed, b.removed),
  };
}

/** The differences of the members of one thing. */
class Gathered {
  #added: Map<string, FieldSet> | undefined;
  #modified: Map<string, FieldSet> | undefined;
  #removed: Map<string, FieldSet> | undefined;

  put(key: string, found: Comparison): void {
    if (found === same) return;
    const { added, modified, removed } = found;
    if (!isEmpty(added)) (this.#added ??= new Map()).set(key, added);
    if (!isEmpty(modified)) (this.#modified ??= new Map()).set(key, modified);
    if (!isEmpty(removed)) (this.#removed ??= new Map()).set(key, removed);
  }

  comparison(): Comparison {
    const set = (below: Map<string, FieldSet> | undefined) =>
      below === undefined ? nothing : { member: false, below };
    const [added, modified, removed] = [set(this.#added), set(this.#modified), set(this.#removed)];
    return added === nothing && modified === nothing && removed === nothing
      ? same
      : { added, modified, removed };
  }
}
