/** Reading `managedFields`: which leaves does a field manager own? */
import type { KubeObject, ManagedFieldsEntry } from "../../../kube/object.ts";
import { renderElement } from "./path.ts";

/** A decoded `fieldsV1`: path elements to subtrees; `.` says that the container itself is owned too. */
export interface FieldNode {
  readonly [element: string]: FieldNode;
}

/**
 * What `manager` owns by server-side apply at `apiVersion`, as compact JSON; `undefined` if it never
 * applied the object at this version. A cache needs to keep nothing else of `managedFields`; it may keep
 * the entry with this text as its `fieldsV1`.
 */
export function ownEntry(
  managedFields: readonly ManagedFieldsEntry[] | undefined,
  manager: string,
  apiVersion: string,
): string | undefined {
  const fields = fieldsOf(managedFields, manager, apiVersion);
  return fields === undefined || typeof fields === "string" ? fields : JSON.stringify(fields);
}

/** The fields that `live` says `manager` owns; `undefined` if it owns none. */
export function ownFields(live: KubeObject, manager: string, apiVersion: string): FieldNode | undefined {
  const fields = fieldsOf(live.metadata?.managedFields, manager, apiVersion);
  return typeof fields === "string" ? JSON.parse(fields) : fields as FieldNode | undefined;
}

/** Nothing is owned below this element: a scalar, an atomic container or an empty map. */
export function isLeaf(node: FieldNode): boolean {
  for (const element in node) if (element !== ".") return false;
  return true;
}

/** The owned path elements directly below a node. */
export function elementsOf(node: FieldNode): string[] {
  const elements: string[] = [];
  for (const element in node) if (element !== ".") elements.push(element);
  return elements;
}

/**
 * Who else owns the field at `path` (as `Difference.path` renders it): the manager that wrote last, if
 * several. Best effort, for messages: `managedFields` must be the full list, as a response carries it.
 */
export function contestedBy(
  managedFields: readonly ManagedFieldsEntry[] | undefined,
  path: string,
  { manager }: { readonly manager: string },
): string | undefined {
  const wanted = path.startsWith("[") ? path : `.${path}`;
  const owners = (managedFields ?? []).filter((entry) =>
    !isOwn(entry, manager) && typeof entry.fieldsV1 === "object" && entry.fieldsV1 !== null &&
    owns(entry.fieldsV1 as FieldNode, "", wanted)
  );
  owners.sort((a, b) => (b.time ?? "") < (a.time ?? "") ? -1 : 1);
  return owners[0]?.manager;
}

function fieldsOf(
  managedFields: readonly ManagedFieldsEntry[] | undefined,
  manager: string,
  apiVersion: string,
): unknown {
  return managedFields?.find((entry) => isOwn(entry, manager) && entry.apiVersion === apiVersion)?.fieldsV1;
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
