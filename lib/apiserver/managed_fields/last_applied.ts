/**
 * kubectl's way from client-side to server-side apply: it owns what its annotation says that it applied last, as long as that
 * is still so, and the annotation follows what it applies.
 */
import { lastApplied } from "../../kube/object.ts";
import { parseJson } from "../../kube/json/json.ts";
import { at, isObject, type JsonObject } from "../json.ts";
import { difference, type FieldSet, nothing } from "./field_set.ts";
import { compare, fieldsOf, type Node } from "./typed.ts";

/** The only manager that this is about. */
const kubectl = "kubectl";

function lastAppliedText(object: JsonObject): string | undefined {
  const text = at(object, "metadata", "annotations", lastApplied);
  return typeof text === "string" && text !== "" ? text : undefined;
}

/** The fields that kubectl applied on the client side and that nobody has changed since; nothing for any other manager. */
export function appliedByClient(node: Node, live: JsonObject, manager: string, apiVersion: string): FieldSet {
  const text = manager === kubectl ? lastAppliedText(live) : undefined;
  if (text === undefined) return nothing;
  let last: unknown;
  try {
    last = parseJson(text);
  } catch {
    return nothing;
  }
  if (!isObject(last) || last.apiVersion !== apiVersion) return nothing;
  const { added, modified, removed } = compare(node, last, live);
  return [added, modified, removed].reduce(difference, fieldsOf(node, last));
}

/** An object that kubectl applied, with the annotation that says so if there is one. */
export function withLastApplied(object: JsonObject, applied: JsonObject, manager: string): JsonObject {
  if (manager !== kubectl || lastAppliedText(object) === undefined) return object;
  const metadata = object.metadata as JsonObject;
  const annotations = {
    ...metadata.annotations as JsonObject,
    [lastApplied]: `${goJson(withoutAnnotation(applied))}\n`,
  };
  return { ...object, metadata: { ...metadata, annotations } };
}

function withoutAnnotation(applied: JsonObject): JsonObject {
  const annotations = at(applied, "metadata", "annotations");
  if (!isObject(annotations) || annotations[lastApplied] === undefined) return applied;
  const { [lastApplied]: _, ...others } = annotations;
  const { annotations: __, ...metadata } = applied.metadata as JsonObject;
  const left = Object.keys(others).length === 0 ? metadata : { ...metadata, annotations: others };
  return { ...applied, metadata: left };
}

/** JSON as Go writes it: members by name, and nothing in it that HTML would take for its own. */
function goJson(value: unknown): string {
  const text = JSON.stringify(
    value,
    (_, each) =>
      isObject(each) ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => a < b ? -1 : 1)) : each,
  );
  return text.replace(
    /[<>&\u2028\u2029]/g,
    (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
