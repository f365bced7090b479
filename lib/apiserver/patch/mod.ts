/** The three patches that change an object from outside: JSON patch, merge patch, strategic merge patch. */
import { equalJson } from "../../kube/json/equal.ts";
import { isObject, type JsonObject, thawed } from "../json.ts";
import { itemNode, type KindSchema, memberNode, type SchemaNode } from "../schema/schema.ts";

/** A patch that cannot be read (`malformed`), or that does not fit the object. */
export class PatchError extends Error {
  override readonly name = "PatchError";

  constructor(message: string, readonly malformed = false) {
    super(message);
  }
}

/** RFC 7386. */
export function mergePatch(object: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  const merged: JsonObject = isObject(object) ? { ...object } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else merged[key] = mergePatch(merged[key], value);
  }
  return merged;
}

interface Operation {
  readonly op: string;
  readonly path: string;
  readonly from?: string;
  readonly value?: unknown;
}

/** RFC 6902. @throws PatchError */
export function jsonPatch(object: unknown, operations: unknown): unknown {
  if (!Array.isArray(operations)) {
    const type = isObject(operations) ? "object" : typeof operations;
    throw new PatchError(`json: cannot unmarshal ${type} into Go value of type jsonpatch.Patch`, true);
  }
  const document = thawed(object);
  for (const operation of operations as Operation[]) operate(document, operation);
  return document;
}

function operate(document: unknown, { op, path, from, value }: Operation): void {
  switch (op) {
    case "add":
      return add(document, path, thawed(value), op);
    case "remove":
      return void take(document, path, op);
    case "replace": {
      const { holder, key } = placeOf(document, path, op);
      if (read(holder, key) === undefined) throw missingKey(op, path, key);
      return write(holder, key, thawed(value));
    }
    case "move":
      return add(document, path, take(document, from ?? "", op), op);
    case "copy": {
      const { holder, key } = placeOf(document, from ?? "", op);
      return add(document, path, thawed(read(holder, key)), op);
    }
    case "test": {
      const { holder, key } = placeOf(document, path, op);
      if (!equalJson(read(holder, key), value)) {
        throw new PatchError(`testing value ${path} failed: test failed`);
      }
      return;
    }
    default:
      throw new PatchError(`Unexpected kind: ${op}`);
  }
}

interface Place {
  readonly holder: JsonObject | unknown[];
  readonly key: string;
}

function placeOf(document: unknown, path: string, op: string): Place {
  const steps = path.split("/").slice(1).map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
  const key = steps.pop() ?? "";
  let at = document;
  for (const step of steps) at = Array.isArray(at) ? at[Number(step)] : isObject(at) ? at[step] : undefined;
  if (!Array.isArray(at) && !isObject(at)) {
    throw new PatchError(`${op} operation does not apply: doc is missing path: "${path}": missing value`);
  }
  return { holder: at, key };
}

function read(holder: Place["holder"], key: string): unknown {
  return Array.isArray(holder) ? holder[Number(key)] : holder[key];
}

function write(holder: Place["holder"], key: string, value: unknown): void {
  if (Array.isArray(holder)) holder[Number(key)] = value;
  else holder[key] = value;
}

function add(document: unknown, path: string, value: unknown, op: string): void {
  const { holder, key } = placeOf(document, path, op);
  if (!Array.isArray(holder)) return void (holder[key] = value);
  const index = key === "-" ? holder.length : Number(key);
  if (!(index >= 0 && index <= holder.length)) {
    throw new PatchError(`${op} operation does not apply: doc is missing path: "${path}": missing value`);
  }
  holder.splice(index, 0, value);
}

function take(document: unknown, path: string, op: string): unknown {
  const { holder, key } = placeOf(document, path, op);
  const value = read(holder, key);
  if (Array.isArray(holder)) {
    if (!(Number(key) < holder.length)) {
      throw new PatchError(
        `${op} operation does not apply: error in remove for path: '${path}': Unable to access invalid index: ${key}: invalid index referenced`,
      );
    }
    holder.splice(Number(key), 1);
  } else {
    if (value === undefined) throw missingKey(op, path, key);
    delete holder[key];
  }
  return value;
}

function missingKey(op: string, path: string, key: string): PatchError {
  return op === "replace"
    ? new PatchError(`replace operation does not apply: doc is missing key: ${path}: missing value`)
    : new PatchError(
      `error in remove for path: '${path}': Unable to remove nonexistent key: ${key}: missing value`,
    );
}

/** Kubernetes' own patch for built-in kinds: lists with a merge key are merged by it. */
export function strategicMergePatch(
  schema: KindSchema | undefined,
  object: JsonObject,
  patch: JsonObject,
): JsonObject {
  return strategic(schema?.root, object, patch, true) as JsonObject;
}

function strategic(node: SchemaNode | undefined, value: unknown, patch: JsonObject, root: boolean): unknown {
  if (patch.$patch === "replace") return withoutDirectives(patch);
  if (patch.$patch === "delete") return undefined;
  const merged: JsonObject = isObject(value) ? { ...value } : {};
  const kept = patch.$retainKeys;
  if (Array.isArray(kept)) {
    for (const key of Object.keys(merged)) if (!kept.includes(key)) delete merged[key];
  }
  for (const [key, said] of Object.entries(patch)) {
    if (key.startsWith("$deleteFromPrimitiveList/")) {
      const list = key.slice("$deleteFromPrimitiveList/".length);
      const gone = said as unknown[];
      if (Array.isArray(merged[list])) merged[list] = merged[list].filter((item) => !gone.includes(item));
    } else if (key.startsWith("$")) continue;
    else if (said === null) delete merged[key];
    else if (isObject(said)) {
      const member = strategic(memberNode(node, key, root), merged[key], said, false);
      if (member === undefined) delete merged[key];
      else merged[key] = member;
    } else if (Array.isArray(said)) {
      merged[key] = strategicList(memberNode(node, key, root), merged[key], said);
    } else merged[key] = said;
  }
  return merged;
}

function strategicList(node: SchemaNode | undefined, value: unknown, patch: readonly unknown[]): unknown[] {
  const key = node?.["x-kubernetes-patch-merge-key"];
  const merges = String(node?.["x-kubernetes-patch-strategy"] ?? "").includes("merge");
  const replaces = patch.some((item) =>
    isObject(item) && item.$patch === "replace" && Object.keys(item).length === 1
  );
  if (!merges || replaces || !Array.isArray(value)) {
    return patch.filter((item) => !(isObject(item) && item.$patch !== undefined)).map(withoutDirectives);
  }
  if (typeof key !== "string") return [...new Set([...value, ...patch])];
  const merged = [...value];
  for (const item of patch as JsonObject[]) {
    const at = merged.findIndex((other) => isObject(other) && other[key] === item[key]);
    if (item.$patch === "delete") {
      if (at >= 0) merged.splice(at, 1);
    } else if (at < 0) merged.push(withoutDirectives(item));
    else merged[at] = strategic(itemNode(node), merged[at], item, false);
  }
  return merged;
}

function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDirectives);
  if (!isObject(value)) return value;
  const members = Object.entries(value).filter(([key, item]) => !key.startsWith("$") && item !== null);
  return Object.fromEntries(members.map(([key, item]) => [key, withoutDirectives(item)]));
}
