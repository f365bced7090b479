/** Merging by schema, and taking away what nobody wants any more. */
import { isObject, type JsonObject } from "../json.ts";
import { listType, memberNode, type SchemaNode } from "../schema/schema.ts";
import { type FieldSet, isAtomic, itemKey, parts } from "./field_set.ts";

/** What an object is after somebody has said something about it. */
export function merge(node: SchemaNode | undefined, live: unknown, said: unknown, root = false): unknown {
  if (live === undefined || live === null || said === null || isAtomic(node, said)) return said;
  if (Array.isArray(said)) return Array.isArray(live) ? mergeLists(node, live, said) : said;
  if (!isObject(live)) return said;
  const merged: JsonObject = { ...live };
  for (const [key, value] of Object.entries(said as JsonObject)) {
    merged[key] = merge(memberNode(node, key, root), live[key], value);
  }
  return merged;
}

/** The order is that of what was said; what only the live list has keeps its place before what follows it there. */
function mergeLists(
  node: SchemaNode | undefined,
  live: readonly unknown[],
  said: readonly unknown[],
): unknown[] {
  const items = isObject(node?.items) ? node.items : undefined;
  const keys = live.map((item) => itemKey(node, item));
  const wanted = new Set(said.map((item) => itemKey(node, item)));
  const merged: unknown[] = [];
  let next = 0;
  for (const item of said) {
    const key = itemKey(node, item);
    const place = keys.indexOf(key);
    for (; next <= place; next++) if (!wanted.has(keys[next])) merged.push(live[next]);
    merged.push(place < 0 ? item : listType(node) === "map" ? merge(items, live[place], item) : live[place]);
  }
  for (; next < live.length; next++) if (!wanted.has(keys[next])) merged.push(live[next]);
  return merged;
}

/**
 * Takes away what a manager said before (`last`) and says no longer (`now`), where nobody else (`others`) owns it or
 * something in it.
 */
export function withoutForgotten(
  node: SchemaNode | undefined,
  value: unknown,
  last: FieldSet,
  now: FieldSet,
  others: readonly FieldSet[],
  root = false,
): unknown {
  if (last.below.size === 0 || isAtomic(node, value)) return value;
  const gone = new Set<string>();
  const changed = new Map<string, unknown>();
  for (const [key, part] of parts(node, value, root)) {
    const before = last.below.get(key);
    if (before === undefined) continue;
    const after = now.below.get(key);
    const owners = others.map(({ below }) => below.get(key)).filter((set) => set !== undefined);
    if (after === undefined && owners.length === 0) gone.add(key);
    else {
      const rest = withoutForgotten(
        part.node,
        part.value,
        before,
        after ?? { member: false, below: new Map() },
        owners,
      );
      if (rest !== part.value) changed.set(key, rest);
    }
  }
  if (gone.size === 0 && changed.size === 0) return value;
  if (Array.isArray(value)) {
    return value.filter((item) => !gone.has(itemKey(node, item)))
      .map((item) => changed.get(itemKey(node, item)) ?? item);
  }
  const rest: JsonObject = {};
  for (const [key, item] of Object.entries(value as JsonObject)) {
    if (!gone.has(`f:${key}`)) rest[key] = changed.has(`f:${key}`) ? changed.get(`f:${key}`) : item;
  }
  return rest;
}
