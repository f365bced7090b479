/** Strategic merge patch: Kubernetes' own for built-in kinds, whose schemas say which lists are merged, and by which key. */
import { equalJson } from "../../kube/json/equal.ts";
import { goText } from "../go_text.ts";
import { isObject, type JsonObject } from "../json.ts";
import {
  itemNode,
  type KindSchema,
  memberNode,
  mergesByStrategy,
  rootNode,
  type SchemaNode,
} from "../schema/schema.ts";
import { PatchError } from "./patch_error.ts";

type Node = SchemaNode | undefined;

const orderPrefix = "$setElementOrder/";
const deletionPrefix = "$deleteFromPrimitiveList/";

/** @throws PatchError, malformed where a directive is not of its form */
export function strategicMergePatch(
  schema: KindSchema | undefined,
  object: JsonObject,
  patch: JsonObject,
): JsonObject {
  return mergeMap(rootNode(schema), object, patch);
}

function mergeMap(node: Node, original: JsonObject, patch: JsonObject): JsonObject {
  if (patch.$patch !== undefined) return replaced(patch);
  const merged = retained(original, patch);
  const ordered = mergeOrderedLists(node, merged, patch);
  for (const [key, said] of Object.entries(patch)) {
    if (key === "$retainKeys" || key.startsWith(orderPrefix) || ordered.has(key)) continue;
    if (key.startsWith(deletionPrefix)) deleteItems(merged, key.slice(deletionPrefix.length), said);
    else if (said === null) delete merged[key];
    else put(merged, key, mergeValue(memberNode(node, key), merged[key], said));
  }
  return merged;
}

function put(merged: JsonObject, key: string, value: unknown): void {
  if (value === undefined) delete merged[key];
  else merged[key] = value;
}

/** A map that is not merged: the patch's in its place, or an empty one. */
function replaced(patch: JsonObject): JsonObject {
  const { $patch: directive, ...rest } = patch;
  if (directive === "replace") return rest;
  if (directive === "delete") return {};
  throw new PatchError(`unknown patch type: ${String(directive)} in map: ${goText(patch)}`);
}

/** The members that the patch retains. */
function retained(original: JsonObject, patch: JsonObject): JsonObject {
  const keys = patch.$retainKeys;
  if (keys === undefined) return { ...original };
  if (!Array.isArray(keys)) throw new PatchError("invalid patch format of retainKeys", true);
  const unlisted = Object.entries(patch).some(([key, value]) =>
    value !== null && !key.startsWith("$") && !keys.includes(key)
  );
  if (unlisted) throw new PatchError("invalid patch format of retainKeys", true);
  return Object.fromEntries(Object.entries(original).filter(([key]) => keys.includes(key)));
}

function deleteItems(merged: JsonObject, key: string, gone: unknown): void {
  const list = merged[key];
  if (Array.isArray(list) && Array.isArray(gone)) merged[key] = list.filter((item) => !gone.includes(item));
}

/** @returns undefined where the patch only deletes */
function mergeValue(node: Node, original: unknown, said: unknown): unknown {
  if (isObject(original) && isObject(said)) {
    return strategyOf(node).includes("replace") ? said : mergeMap(node, original, said);
  }
  if (Array.isArray(original) && Array.isArray(said)) {
    return mergesByStrategy(node) ? mergeList(node, original, said) : said;
  }
  return withoutDirectives(said);
}

function strategyOf(node: Node): readonly string[] {
  return String(node?.["x-kubernetes-patch-strategy"] ?? "").split(",");
}

/** Lists whose order the patch gives. @returns the members of the patch that are done with */
function mergeOrderedLists(node: Node, merged: JsonObject, patch: JsonObject): Set<string> {
  const done = new Set<string>();
  for (const [directive, order] of Object.entries(patch)) {
    if (!directive.startsWith(orderPrefix)) continue;
    const key = directive.slice(orderPrefix.length);
    const [original, said] = [merged[key], patch[key]];
    const bad = [original, said].some((list) => list !== undefined && !Array.isArray(list));
    if (!Array.isArray(order) || bad) {
      throw new PatchError("invalid patch format of setElementOrder list", true);
    }
    if (original === undefined && said === undefined) continue;
    const member = memberNode(node, key);
    checkOrder(member, (said ?? []) as unknown[], order);
    const items = said === undefined ? original : mergeValue(member, original, said);
    merged[key] = inOrder(member, items as unknown[], order, (original ?? []) as unknown[]);
    done.add(key);
  }
  return done;
}

/** The items of a patch are in the order that it gives. */
function checkOrder(node: Node, said: readonly unknown[], order: readonly unknown[]): void {
  if (said.length === 0 || order.length === 0) return;
  const identity = identityOf(node);
  let next = 0;
  for (const item of said) {
    if (isObject(item) && item.$patch !== undefined) continue;
    while (next < order.length && !equalJson(identity(order[next]), identity(item))) next++;
    if (next++ === order.length) {
      throw new PatchError(
        `The order in patch list:\n${goText(said)}\n doesn't match $setElementOrder list:\n${
          goText(order)
        }\n`,
      );
    }
  }
}

function mergeList(node: Node, original: readonly unknown[], said: readonly unknown[]): unknown[] {
  const key = node?.["x-kubernetes-patch-merge-key"];
  const items = [...original, ...said].every(isObject) && original.length + said.length > 0;
  if (!items) return inOrder(node, [...new Set([...original, ...said])], said, original);
  if (typeof key !== "string") throw new PatchError("cannot merge lists without merge key");
  const { kept, patches } = withoutDeleted(key, original as JsonObject[], said as JsonObject[]);
  return inOrder(node, mergeItems(node, key, kept, patches), patches, kept);
}

interface Deletion {
  /** What is left of the original. */
  readonly kept: readonly JsonObject[];
  /** What is to be merged into it. */
  readonly patches: readonly JsonObject[];
}

function withoutDeleted(key: string, original: readonly JsonObject[], said: readonly JsonObject[]): Deletion {
  const patches = said.filter((item) => item.$patch === undefined);
  let kept = original;
  let replaces = false;
  for (const item of said) {
    if (item.$patch === "replace") replaces = true;
    else if (item.$patch === "delete") {
      const gone = keyOf(item, key);
      kept = kept.filter((other) => !equalJson(other[key], gone));
    } else if (item.$patch === "merge") {
      throw new PatchError("merging lists cannot yet be specified in the patch");
    } else if (item.$patch !== undefined) {
      throw new PatchError(`unknown patch type: ${String(item.$patch)} in map: ${goText(item)}`);
    }
  }
  return replaces ? { kept: patches, patches: [] } : { kept, patches };
}

function mergeItems(
  node: Node,
  key: string,
  original: readonly JsonObject[],
  patches: readonly JsonObject[],
): JsonObject[] {
  const merged = [...original];
  for (const patch of patches) {
    const value = keyOf(patch, key);
    const at = merged.findIndex((item) => equalJson(item[key], value));
    if (at < 0) merged.push(patch);
    else merged[at] = mergeMap(itemNode(node), merged[at], patch);
  }
  return merged;
}

function keyOf(item: JsonObject, key: string): unknown {
  if (item[key] === undefined) {
    throw new PatchError(`map: ${goText(item)} does not contain declared merge key: ${key}`);
  }
  return item[key];
}

/** What an item is known by. */
function identityOf(node: Node): (item: unknown) => unknown {
  const key = node?.["x-kubernetes-patch-merge-key"];
  return (item) => typeof key === "string" && isObject(item) ? item[key] : item;
}

/**
 * Items in the order that a patch gives. Those that it does not name stay in the server's order, each before the first named
 * one that the server has after it.
 */
function inOrder(
  node: Node,
  items: readonly unknown[],
  order: readonly unknown[],
  serverOrder: readonly unknown[],
): unknown[] {
  const identity = identityOf(node);
  const placeIn = (list: readonly unknown[]) => {
    const known = list.map(identity);
    return (item: unknown) => known.findIndex((other) => equalJson(other, identity(item)));
  };
  const [patchPlace, serverPlace] = [placeIn(order), placeIn(serverOrder)];
  const named = items.filter((item) => patchPlace(item) >= 0).sort((a, b) => patchPlace(a) - patchPlace(b));
  const others = items.filter((item) => patchPlace(item) < 0).sort((a, b) => serverPlace(a) - serverPlace(b));
  const sorted: unknown[] = [];
  for (const item of named) {
    const place = serverPlace(item);
    while (others.length > 0 && place >= 0 && serverPlace(others[0]) >= 0 && serverPlace(others[0]) < place) {
      sorted.push(others.shift());
    }
    sorted.push(item);
  }
  return [...sorted, ...others];
}

/** What a patch adds where nothing was: without nulls, and without what only deletes. */
function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDirectives).filter((item) => item !== undefined);
  if (!isObject(value)) return value;
  if (value.$patch !== undefined) return undefined;
  const members = Object.entries(value).filter(([, item]) => item !== null)
    .map(([key, item]): [string, unknown] => [key, withoutDirectives(item)]);
  return Object.fromEntries(members.filter(([, item]) => item !== undefined));
}
