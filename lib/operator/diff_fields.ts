/** Reading `managedFields`: which leaves does a field manager own? */
import type { KubeObject, ManagedFieldsEntry } from "../kube/object.ts";
import { renderElement } from "./diff_path.ts";

/** A decoded `fieldsV1`: path elements to subtrees; `.` says that the container itself is owned too. */
export interface FieldNode {
  readonly [element: string]: FieldNode;
}

/** Marks a leaf of ours below which others own something: it is a granular container, not an atomic. */
const GRANULAR = "+";

/**
 * What `manager` owns by server-side apply at `apiVersion`, as compact JSON; `undefined` if it never
 * applied the object at this version. A cache needs to keep nothing else of `managedFields`: `compare`
 * takes it as `options.owned`.
 *
 * It is the entry's `fieldsV1` with one addition: a leaf below which another manager owns fields carries
 * the key `+`. There the leaf means an owned map without owned keys, while an unmarked leaf over a
 * container is an atomic one; `fieldsV1` alone does not tell these apart.
 */
export function ownEntry(
  managedFields: readonly ManagedFieldsEntry[] | undefined,
  manager: string,
  apiVersion: string,
): string | undefined {
  if (managedFields === undefined) return undefined;
  const own = managedFields.find((entry) => isOwn(entry, manager) && entry.apiVersion === apiVersion);
  if (own?.fieldsV1 === undefined) return undefined;
  if (typeof own.fieldsV1 === "string") return own.fieldsV1;
  let fields = own.fieldsV1 as FieldNode;
  for (const other of managedFields) {
    if (other === own || other.subresource || typeof other.fieldsV1 !== "object") continue;
    fields = markGranular(fields, other.fieldsV1 as FieldNode);
  }
  return JSON.stringify(fields);
}

/** The fields that `live` says `manager` owns; `undefined` if it owns none. */
export function ownFields(live: KubeObject, manager: string, apiVersion: string): FieldNode | undefined {
  const owned = ownEntry(live.metadata?.managedFields, manager, apiVersion);
  return owned === undefined ? undefined : JSON.parse(owned) as FieldNode;
}

/** Nothing is owned below this element: a scalar, an atomic container or an empty map. */
export function isLeaf(node: FieldNode): boolean {
  for (const element in node) if (element !== ".") return false;
  return true;
}

/** The owned path elements directly below a node. */
export function elementsOf(node: FieldNode): string[] {
  const elements: string[] = [];
  for (const element in node) if (element !== "." && element !== GRANULAR) elements.push(element);
  return elements;
}

/**
 * Who else owns the field at `path` (as `Difference.path` renders it): the manager that wrote last, if
 * several. Best effort, for messages: `managedFields` must be the full list, as a response carries it.
 */
export function contestedBy(
  managedFields: readonly ManagedFieldsEntry[] | undefined,
  path: string,
  manager: string,
): string | undefined {
  const wanted = path.startsWith("[") ? path : `.${path}`;
  const owners = (managedFields ?? []).filter((entry) =>
    !isOwn(entry, manager) && typeof entry.fieldsV1 === "object" && entry.fieldsV1 !== null &&
    owns(entry.fieldsV1 as FieldNode, "", wanted)
  );
  owners.sort((a, b) => (b.time ?? "") < (a.time ?? "") ? -1 : 1);
  return owners[0]?.manager;
}

function isOwn(entry: ManagedFieldsEntry, manager: string): boolean {
  return entry.manager === manager && entry.operation === "Apply" && !entry.subresource;
}

function owns(node: FieldNode, prefix: string, wanted: string): boolean {
  return elementsOf(node).some((element) => {
    const path = prefix + renderElement(element);
    if (path === wanted) return true;
    if (!wanted.startsWith(path) || !".[".includes(wanted[path.length])) return false;
    return isLeaf(node[element]) || owns(node[element], path, wanted);
  });
}

/** A copy of `own` in which leaves that `other` goes below are marked; `own` itself if there are none. */
function markGranular(own: FieldNode, other: FieldNode): FieldNode {
  let copy: Record<string, FieldNode> | undefined;
  for (const element in own) {
    if (element === "." || element === GRANULAR) continue;
    const theirs = other[element];
    if (theirs === undefined || isLeaf(theirs)) continue;
    const marked = isLeaf(own[element])
      ? { ...own[element], [GRANULAR]: {} }
      : markGranular(own[element], theirs);
    if (marked !== own[element]) (copy ??= { ...own })[element] = marked;
  }
  return copy ?? own;
}
