/** Merging what a manager says into what is there, and taking fields away. What does not change stays the same object. */
import { isObject, type JsonObject } from "../json.ts";
import { isAtomicMap, itemNode, listType, memberNode } from "../schema/schema.ts";
import { type FieldSet, itemKey, memberKey } from "./field_set.ts";
import { asList, asMap, formOf, isEmptyMap, type Node } from "./typed.ts";
import { equalJson } from "../../kube/json/equal.ts";

/** What a value is after somebody has said something about it. A null empties no map and no list that others may own a part of. */
export function merge(node: Node, live: unknown, said: unknown): unknown {
  if (live === undefined) return said;
  if (said === undefined || live === said) return live;
  const form = formOf(node, said);
  if (form === "map" && !isAtomicMap(node) && !(isEmptyMap(live) && isEmptyMap(said))) {
    return mergeMaps(node, live, asMap(said));
  }
  if (form === "list" && listType(node) !== "atomic" && asList(live).length + asList(said).length > 0) {
    const merged = mergeLists(node, asList(live), asList(said));
    return equalJson(live, merged) ? live : merged;
  }
  return equalJson(live, said) ? live : said;
}

function mergeMaps(node: Node, live: unknown, said: JsonObject): unknown {
  if (!isObject(live)) return said;
  let merged: JsonObject | undefined;
  for (const key of Object.keys(said)) {
    const value = merge(memberNode(node, key), live[key], said[key]);
    if (value === live[key]) continue;
    merged ??= { ...live };
    merged[key] = value;
  }
  return merged ?? live;
}

/**
 * The items of `said` in their order. An item that only `live` has stays before the shared item that it stood before,
 * or else before what is new there.
 */
function mergeLists(node: Node, live: readonly unknown[], said: readonly unknown[]): unknown[] {
  const liveKeys = live.map((item) => itemKey(node, item));
  const saidKeys = said.map((item) => itemKey(node, item));
  const [liveItems, wanted] = [new Map<string, unknown>(), new Set(saidKeys)];
  // Of what is there twice nothing is kept once somebody says what it is.
  liveKeys.forEach((key, i) => liveItems.set(key, liveItems.has(key) ? undefined : live[i]));
  const shared = saidKeys.filter((key) => liveItems.has(key));
  const merged: unknown[] = [];
  const taken = new Set<string>();
  let nextShared = 0;
  let [l, s] = [0, 0];
  const take = () => {
    const key = saidKeys[s];
    merged.push(merge(itemNode(node), liveItems.get(key), said[s]));
    taken.add(key);
    if (shared[nextShared] === key) nextShared++;
    s++;
  };
  while (l < live.length || s < said.length) {
    const key = liveKeys[l];
    if (l < live.length && s < said.length) {
      if (key === saidKeys[s]) {
        take();
        l++;
        continue;
      }
      // It comes later, where `said` has it.
      if (wanted.has(key) && nextShared < shared.length && shared[nextShared] !== key) {
        l++;
        continue;
      }
    }
    if (l < live.length) {
      if (!wanted.has(key)) {
        merged.push(live[l++]);
        continue;
      }
      if (taken.has(key)) l++;
    }
    if (s < said.length) take();
  }
  return merged;
}

/** A value without the fields of a set. What has nothing left is null, and so is a list or map that is one thing. */
export function withoutFields(node: Node, value: unknown, gone: FieldSet): unknown {
  if (Array.isArray(value)) {
    if (value.length === 0 || listType(node) === "atomic") return null;
    const items = value.flatMap((item) => {
      const set = gone.below.get(itemKey(node, item));
      if (set === undefined) return [item];
      return set.member ? [] : [withoutFields(itemNode(node), item, set)];
    });
    return items.length === 0 ? null : items;
  }
  if (!isObject(value)) return value;
  if (isEmptyMap(value) || isAtomicMap(node)) return null;
  const rest: JsonObject = {};
  for (const key of Object.keys(value)) {
    const set = gone.below.get(memberKey(key));
    if (set === undefined) rest[key] = value[key];
    else if (!set.member) rest[key] = withoutFields(memberNode(node, key), value[key], set);
  }
  return isEmptyMap(rest) ? null : rest;
}
