/** From a body to an object of the kind that the path names. */
import { duplicateFields } from "../duplicate_fields.ts";
import { at, isObject, type JsonObject, ownCopy } from "../json.ts";
import { defaultBuiltIn } from "../kinds/built_in_rules.ts";
import { apiVersionOf, type Kind } from "../kinds/kind.ts";
import { applyDefaults, definitionName, prune } from "../schema/mod.ts";
import { memberNode, metadataNode, noteRead, type SchemaNode, wasRead } from "../schema/schema.ts";
import { badRequest, invalid } from "../status.ts";
import type { StoredObject } from "../store/store.ts";
import { invalidValue } from "../schema/field_error.ts";
import type { WriteOptions } from "./options.ts";
import { typeProblem } from "./types.ts";

/** Checks what an object says it is. One of a built-in kind that says nothing is taken for what the path names. */
export function checkType(kind: Kind, object: JsonObject): void {
  const apiVersion = apiVersionOf(kind);
  const [saidVersion, saidKind] = [object.apiVersion ?? "", object.kind ?? ""] as string[];
  if (saidVersion === apiVersion && saidKind === kind.kind) return;
  if (kind.custom) {
    if (saidKind === "") {
      throw unrecognized(kind, `Object 'Kind' is missing in '${JSON.stringify(object)}'`, object);
    }
    if (saidVersion !== apiVersion) {
      throw badRequest(
        `the API version in the data (${saidVersion}) does not match the expected API version (${apiVersion})`,
      );
    }
    const name = String((object.metadata as JsonObject | undefined)?.name ?? "");
    throw invalid({ ...kind, kind: saidKind }, name, [
      invalidValue("kind", saidKind, `must be ${kind.kind}`),
    ]);
  }
  if (saidKind === "" && saidVersion === "") {
    object.apiVersion = apiVersion;
    object.kind = kind.kind;
    return;
  }
  const why = saidVersion === apiVersion && definitionName(kind.group, kind.version, saidKind) !== undefined
    ? `converting (${saidVersion}.${saidKind}) to (core.${kind.kind}): unknown conversion`
    : `no kind "${saidKind}" is registered for version "${saidVersion}" in scheme "pkg/runtime/scheme.go:111"`;
  throw cannotBeHandled(kind, why, { version: saidVersion.split("/").pop()!, kind: saidKind });
}

function unrecognized(kind: Kind, why: string, object: JsonObject): Error {
  const text = JSON.stringify(object);
  return badRequest(
    `the object provided is unrecognized (must be of type ${kind.kind}): ${why} (${text.slice(0, 30)} ...)`,
  );
}

function cannotBeHandled(kind: Kind, why: string, said: { version: string; kind: string }): Error {
  return badRequest(`${said.kind} in version "${said.version}" cannot be handled as a ${kind.kind}: ${why}`);
}

/**
 * The parts of a stored object that are as they are read: typed, pruned, with their defaults. What was stored under an older
 * definition of its kind is not.
 */
export function knownParts({ schema }: Kind, live: StoredObject): JsonObject {
  const known: JsonObject = { metadata: live.metadata };
  for (const key of Object.keys(live)) {
    if (key === "metadata") continue;
    const node = memberNode(schema?.root, key);
    if (node === undefined || wasRead(node, live[key])) known[key] = live[key];
  }
  return known;
}

/**
 * Of a new object that makes pods the spec of its template, where that is the very one of another stored object: of a
 * ReplicaSet that of its Deployment.
 */
function knownTemplate(kind: Kind, object: JsonObject): JsonObject {
  const node = templateSpecNode(kind);
  const spec = node && at(object, "spec", "template", "spec");
  return node !== undefined && wasRead(node, spec) ? { spec: { template: { spec } } } : {};
}

/** One and the same node in all built-in kinds whose template is that of pods. */
function templateSpecNode({ custom, schema }: Kind): SchemaNode | undefined {
  if (custom) return undefined;
  const template = memberNode(memberNode(schema?.root, "spec"), "template");
  return template && memberNode(template, "spec");
}

/** Makes the parts of an object nobody else's, but for what is equal in `known`: that is shared with it. */
export function own(object: JsonObject, known: JsonObject): void {
  for (const key of Object.keys(object)) {
    const part = object[key];
    if (part === undefined) delete object[key];
    else if (key === "metadata" && isObject(part)) {
      const before = known.metadata as JsonObject | undefined;
      const metadata: JsonObject = object.metadata = {}; // it is written to, whatever is in it
      for (const name of Object.keys(part)) {
        if (part[name] !== undefined) metadata[name] = ownCopy(part[name], before?.[name]);
      }
    } else object[key] = ownCopy(part, known[key]);
  }
}

/**
 * Takes unknown fields away, as the request wants to hear of it; adds defaults.
 * @param object only itself has to be the caller's: its parts are copied
 * @param live what is stored: of what stays as it was nothing is looked at again
 * @param text what the object was read from, if it was text
 */
export function decoded(
  kind: Kind,
  object: JsonObject,
  options: Pick<WriteOptions, "fieldValidation" | "warnings">,
  live?: StoredObject,
  text?: unknown,
): void {
  const { metadata } = object;
  if (metadata !== undefined && metadata !== null && !isObject(metadata)) {
    const type = Array.isArray(metadata) ? "array" : typeof metadata === "boolean" ? "bool" : typeof metadata;
    const where = kind.custom ? "value" : `struct field ${kind.kind}.metadata`;
    throw cannotBeHandled(
      kind,
      `json: cannot unmarshal ${type} into Go ${where} of type v1.ObjectMeta`,
      kind,
    );
  }
  const known = live === undefined ? knownTemplate(kind, object) : knownParts(kind, live);
  own(object, known);
  if (!isObject(object.metadata)) object.metadata = {};
  dropEmpty(object.metadata as JsonObject, ["labels", "annotations", "finalizers", "ownerReferences"]);
  if (!kind.custom) {
    dropEmpty(object, ["data", "binaryData"]);
  }
  const problem = typeProblem(kind, object, known);
  if (problem !== undefined) throw cannotBeHandled(kind, problem, kind);
  if (!kind.custom) defaultBuiltIn(kind.kind, object);
  const unknown = kind.schema === undefined
    ? unknownMetadata(object.metadata as JsonObject)
    : prune(kind.schema, object, known).unknown;
  const named = kind.custom ? inOrder(unknown) : unknown;
  const twice = typeof text === "string" && options.fieldValidation !== "Ignore" ? duplicateFields(text) : [];
  const said = [
    ...twice.map((path) => `duplicate field "${path}"`),
    ...named.map((path) => `unknown field "${path}"`),
  ];
  if (said.length > 0 && options.fieldValidation === "Strict") {
    throw cannotBeHandled(kind, `strict decoding error: ${said.join(", ")}`, kind);
  }
  if (kind.schema !== undefined) applyDefaults(kind.schema, object, known);
  const templateNode = templateSpecNode(kind);
  if (templateNode !== undefined) noteRead(templateNode, at(object, "spec", "template", "spec"));
  if (kind.custom) said.push(...plainFinalizers(object.metadata as JsonObject));
  if (options.fieldValidation !== "Ignore") options.warnings.push(...said);
}

/** What metadata does not know comes first, and the rest by name. */
function inOrder(paths: readonly string[]): string[] {
  const inMetadata = (path: string) => path.startsWith("metadata.");
  return [...paths.filter(inMetadata), ...paths.filter((path) => !inMetadata(path)).sort()];
}

/** What is empty is as good as not there. */
function dropEmpty(object: JsonObject, keys: readonly string[]): void {
  for (const key of keys) {
    const value = object[key];
    if (value === null || typeof value === "object" && Object.keys(value).length === 0) delete object[key];
  }
}

/** Custom kinds may have finalizers that name no domain. */
function plainFinalizers({ finalizers }: JsonObject): string[] {
  if (!Array.isArray(finalizers)) return [];
  return finalizers.filter((name) => !String(name).includes("/")).map((name) =>
    `metadata.finalizers: ${
      JSON.stringify(name)
    }: prefer a domain-qualified finalizer name to avoid accidental conflicts with ` +
    "other finalizer writers"
  );
}

function unknownMetadata(metadata: JsonObject): string[] {
  const properties = metadataNode.properties as JsonObject;
  const unknown = Object.keys(metadata).filter((key) => !(key in properties));
  for (const key of unknown) delete metadata[key];
  return unknown.map((key) => `metadata.${key}`);
}
