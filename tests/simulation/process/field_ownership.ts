/**
 * Who owns which field, as an API server keeps it in `managedFields`, for objects without a schema: maps are
 * granular, lists atomic; finalizers are a set, owner references a list keyed by UID.
 */

import { isObject } from "../../../lib/kube/json/json.ts";
import { equalJson } from "../../../lib/kube/json/equal.ts";
import type { KubeObject, ManagedFieldsEntry, OwnerReference } from "../../../lib/kube/object.ts";
import { copyJson } from "./copy.ts";

/** Path elements (`f:spec`, `k:{"uid":"1"}`, `v:"x"`), joined by newlines. */
type Path = string;
type Json = Record<string, unknown>;
type Tree = { [element: string]: Tree };

const ownable = ["labels", "annotations", "ownerReferences", "finalizers"];

/** The leaves of an object that can be owned. `part` says which request writes them. */
export function leavesOf(object: KubeObject, part: "main" | "status"): Map<Path, unknown> {
  const leaves = new Map<Path, unknown>();
  const { metadata, status, apiVersion: _, kind: __, ...rest } = object as Json;
  if (part === "status") {
    collect(status, ["f:status"], leaves);
    return leaves;
  }
  for (const [key, value] of Object.entries(rest)) collect(value, [`f:${key}`], leaves);
  for (const key of ownable) {
    const value = (metadata as Json | undefined)?.[key];
    const at = ["f:metadata", `f:${key}`];
    if (key === "finalizers") {
      for (const name of (value ?? []) as string[]) {
        leaves.set([...at, `v:${JSON.stringify(name)}`].join("\n"), name);
      }
    } else if (key === "ownerReferences") {
      for (const owner of (value ?? []) as OwnerReference[]) {
        leaves.set([...at, `k:${JSON.stringify({ uid: owner.uid })}`].join("\n"), owner);
      }
    } else collect(value, at, leaves);
  }
  return leaves;
}

function collect(value: unknown, at: readonly string[], leaves: Map<Path, unknown>): void {
  if (value === undefined || value === null) return;
  const keys = isObject(value) ? Object.keys(value).filter((key) => value[key] !== undefined) : [];
  if (!isObject(value) || keys.length === 0) return void leaves.set(at.join("\n"), value);
  for (const key of keys) collect(value[key], [...at, `f:${key}`], leaves);
}

/** `live` after an apply by `manager`, with force; the ownership in its `managedFields` follows. */
export function applied(live: KubeObject, desired: KubeObject, manager: string, time: string): KubeObject {
  const next = copyJson(live) as Json;
  const wanted = leavesOf(desired, "main");
  const entries = live.metadata?.managedFields ?? [];
  const own = entries.find((entry) => entry.manager === manager && entry.operation === "Apply");
  const others = entries.filter((entry) => entry !== own);
  const othersOwn = new Set(others.flatMap((entry) => [...pathsOf(entry.fieldsV1 as Tree)]));
  for (const path of own === undefined ? [] : pathsOf(own.fieldsV1 as Tree)) {
    if (!wanted.has(path) && !othersOwn.has(path)) remove(next, path.split("\n"));
  }
  for (const [path, value] of wanted) set(next, path.split("\n"), value);
  const changed = changedPaths(live, next as KubeObject, "main");
  const mine = {
    manager,
    operation: "Apply",
    apiVersion: desired.apiVersion,
    fieldsType: "FieldsV1",
    fieldsV1: treeOf(wanted.keys()),
    time,
  };
  const unchanged = own !== undefined && equalJson(own.fieldsV1, mine.fieldsV1) &&
    own.apiVersion === mine.apiVersion && changed.size === 0;
  setEntries(next, [...without(others, changed), unchanged ? own : mine]);
  return next as KubeObject;
}

/** `next` with the ownership that follows when `manager` made it out of `live` by an update or a patch. */
export function updated(
  live: KubeObject,
  next: KubeObject,
  manager: string,
  part: "main" | "status",
  time: string,
): KubeObject {
  const changed = changedPaths(live, next, part);
  const after = leavesOf(next, part);
  const entries = live.metadata?.managedFields ?? [];
  const subresource = part === "status" ? "status" : undefined;
  const isMine = (entry: ManagedFieldsEntry) =>
    entry.manager === manager && entry.operation === "Update" && entry.subresource === subresource;
  const mine = entries.find(isMine);
  const paths = new Set([
    ...(mine === undefined ? [] : pathsOf(mine.fieldsV1 as Tree)),
    ...changed,
  ]);
  const kept = [...paths].filter((path) => after.has(path));
  const rest = without(entries.filter((entry) => entry !== mine), changed);
  if (changed.size === 0) return next;
  const entry = {
    manager,
    operation: "Update",
    apiVersion: next.apiVersion,
    fieldsType: "FieldsV1",
    fieldsV1: treeOf(kept),
    time,
    ...(subresource === undefined ? {} : { subresource }),
  };
  setEntries(next as Json, kept.length === 0 ? rest : [...rest, entry]);
  return next;
}

/** The ownership of an object that `manager` created. */
export function created(object: KubeObject, manager: string, time: string): KubeObject {
  return updated({ apiVersion: object.apiVersion, kind: object.kind }, object, manager, "main", time);
}

function changedPaths(before: KubeObject, after: KubeObject, part: "main" | "status"): Set<Path> {
  const [old, now] = [leavesOf(before, part), leavesOf(after, part)];
  const changed = new Set<Path>();
  for (const [path, value] of old) if (!now.has(path) || !equalJson(value, now.get(path))) changed.add(path);
  for (const path of now.keys()) if (!old.has(path)) changed.add(path);
  return changed;
}

/** Entries that have lost the changed fields. */
function without(entries: readonly ManagedFieldsEntry[], changed: ReadonlySet<Path>): ManagedFieldsEntry[] {
  return entries.flatMap((entry) => {
    const paths = [...pathsOf(entry.fieldsV1 as Tree)];
    const kept = paths.filter((path) => !changed.has(path));
    if (kept.length === paths.length) return [entry];
    return kept.length === 0 ? [] : [{ ...entry, fieldsV1: treeOf(kept) }];
  });
}

function setEntries(object: Json, entries: readonly ManagedFieldsEntry[]): void {
  object.metadata = { ...object.metadata as Json, managedFields: entries };
}

function treeOf(paths: Iterable<Path>): Tree {
  const tree: Tree = {};
  for (const path of paths) {
    let node = tree;
    for (const element of path.split("\n")) node = node[element] ??= {};
  }
  return tree;
}

function* pathsOf(tree: Tree, at: readonly string[] = []): Generator<Path> {
  for (const [element, below] of Object.entries(tree)) {
    const path = [...at, element];
    if (Object.keys(below).length === 0) yield path.join("\n");
    else yield* pathsOf(below, path);
  }
}

function set(into: Json, path: readonly string[], value: unknown): void {
  let node = into;
  for (let i = 0; i < path.length; i++) {
    const [element, next] = [path[i], path[i + 1]];
    const name = element.slice(2);
    if (next === undefined) node[name] = copyJson(value);
    else if (next.startsWith("v:") || next.startsWith("k:")) {
      const list = (node[name] ?? []) as unknown[];
      const at = list.findIndex((item) => isItem(item, next));
      node[name] = at < 0 ? [...list, value] : list.map((item, j) => j === at ? value : item);
      return;
    } else node = (isObject(node[name]) ? node[name] : node[name] = {}) as Json;
  }
}

function remove(from: Json, path: readonly string[]): void {
  const [element, next] = path;
  const name = element.slice(2);
  if (next === undefined) return void delete from[name];
  if (next.startsWith("v:") || next.startsWith("k:")) {
    from[name] = ((from[name] ?? []) as unknown[]).filter((item) => !isItem(item, next));
    if ((from[name] as unknown[]).length === 0) delete from[name];
    return;
  }
  const below = from[name];
  if (!isObject(below)) return;
  remove(below, path.slice(1));
  if (Object.keys(below).length === 0) delete from[name];
}

function isItem(item: unknown, element: string): boolean {
  const key = JSON.parse(element.slice(2));
  return element.startsWith("v:") ? item === key : (item as OwnerReference).uid === key.uid;
}
