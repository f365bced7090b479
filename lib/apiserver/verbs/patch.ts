/** PATCH: what is to change of an object; with server-side apply also what it is to be, so that it may be new. */
import { defaultBuiltIn } from "../kinds/built_in_rules.ts";
import { mediaType, valueOf } from "../body.ts";
import type { Cluster } from "../cluster.ts";
import { goText } from "../go_text.ts";
import { stringifyJson } from "../../kube/json/json.ts";
import { isObject, type JsonObject } from "../json.ts";
import { apiVersionOf, type Kind } from "../kinds/kind.ts";
import { apply as applyFields, type Conflict, typingProblem } from "../managed_fields/mod.ts";
import { jsonPatch, mergePatch, PatchError, strategicMergePatch } from "../patch/mod.ts";
import type { Request } from "../request.ts";
import { authorizeCreation } from "../rights/refusals.ts";
import { applyDefaults, emptyObject } from "../schema/mod.ts";
import { forbiddenValue, invalidValue, requiredValue } from "../schema/field_error.ts";
import { badRequest, conflict, notFound, Refusal, unsupportedMediaType, warning } from "../status.ts";
import type { StoredObject } from "../store/store.ts";
import { checkPlace, type Written } from "./create.ts";
import { decoded, knownParts, own } from "./decode.ts";
import { invalidOptions } from "./option_errors.ts";
import { type WriteOptions, writeOptions } from "./options.ts";
import { change, checkName } from "./replace.ts";
import {
  checkNamespace,
  checkVersion,
  copyOf,
  type Part,
  prepareNew,
  prepareUpdate,
  storeApplied,
  storeChanged,
  storeNew,
} from "./storing.ts";

export interface Where {
  readonly namespace?: string;
  readonly name: string;
}

const customTypes = [
  "application/json-patch+json",
  "application/merge-patch+json",
  "application/apply-patch+yaml",
];

export function patch(
  cluster: Cluster,
  kind: Kind,
  where: Where,
  request: Request,
  part: Part = "main",
): Written {
  const type = checkPatchType(kind, request);
  const options = writeOptions(request, "PatchOptions");
  if (type === "application/apply-patch+yaml") return apply(cluster, kind, where, request, options, part);
  if (request.query.has("force")) {
    const why = "may not be specified for non-apply patch";
    throw invalidOptions("PatchOptions", [forbiddenValue("force", why)]);
  }
  const patched = patchOf(request, type);
  const live = cluster.get(kind, where.namespace, where.name);
  if (live === undefined) throw notFound(kind, where.name);
  const object = patchedObject(kind, live, type, patched);
  fitting(type, patched, live, object, () => {
    if (!kind.custom && object.kind !== kind.kind) throw badRequest(notConvertible(kind, object));
    decoded(kind, object, options, live);
  });
  const { warnings } = options;
  const metadata = object.metadata as JsonObject;
  checkName(metadata, where.name);
  checkPlace(kind, where.namespace, metadata);
  checkVersion(kind, live, { resourceVersion: metadata.resourceVersion });
  return warning(
    warnings,
    () => ({ code: 200, object: change(cluster, kind, live, object, options, part), warnings }),
  );
}

/** A patched object that cannot be read is blamed on the patch: a strategic one is shown itself, else what came of it. */
function fitting(
  type: string,
  patch: unknown,
  live: StoredObject,
  object: JsonObject,
  read: () => void,
): void {
  const before = { ...object }; // reading completes it
  try {
    read();
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    const strategic = type === "application/strategic-merge-patch+json";
    const text = strategic ? goText(merged(patch, live)) : stringifyJson(before);
    const said = refusal.message.replace(/^\S+ in version "\S+" cannot be handled as an? \S+: /, "");
    const why = strategic ? convertersWords(said) : said;
    const { type: reason, field, detail } = invalidValue("patch", text, why);
    const causes = [{ reason, message: detail, field }];
    throw new Refusal(422, "Invalid", ` "" is invalid: ${field}: ${detail}`, { causes });
  }
}

/** A strategic patch is read by another part of the original, which says otherwise what does not fit. */
function convertersWords(message: string): string {
  if (message.startsWith("illegal base64 data")) return `error decoding from json: ${message}`;
  const [, said, amount = "", to] =
    /^json: cannot unmarshal (\w+)( \S+)? into .* of type (\S+)$/.exec(message) ?? [];
  if (to === undefined) return message;
  const number = amount.includes(".") ? "float64" : "int64";
  const from = { array: "slice", object: "map", number }[said] ?? said;
  if (to.startsWith("map[")) return `cannot restore map from ${from}`;
  if (to.startsWith("[]")) return `cannot restore slice from ${from}`;
  if (to.includes(".")) return `cannot restore struct from: ${from}`;
  // Go makes a text of a whole number, and numbers of numbers; that it may here but not does it says otherwise.
  const might = from === "int64" && to === "string" || from === "float64" && to.startsWith("int");
  return might ? `cannot convert ${from} to ${to}` : `unrecognized type: ${to}`;
}

/** What the original leaves of a patch that it has merged: nothing is taken away where nothing was. */
function merged(patch: unknown, live: unknown): unknown {
  if (!isObject(patch)) return patch;
  return Object.fromEntries(
    Object.entries(patch).map(([key, said]) => {
      const before = isObject(live) ? live[key] : undefined;
      return [key, before === undefined ? withoutNulls(said) : merged(said, before)];
    }),
  );
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isObject(value)) return value;
  const said = Object.entries(value).filter(([, item]) => item !== null);
  return Object.fromEntries(said.map(([key, item]) => [key, withoutNulls(item)]));
}

function notConvertible({ kind, version }: Kind, object: JsonObject): string {
  return `unable to convert ${object.kind} to ${kind} in version ${version}`;
}

/** @throws Refusal 415 for a type that the kind does not take */
export function checkPatchType(kind: Kind, request: Request): string {
  const type = mediaType(request.contentType);
  if (customTypes.includes(type)) return type;
  if (!kind.custom && type === "application/strategic-merge-patch+json") return type;
  if (kind.custom) throw unsupportedMediaType(customTypes);
  throw new Refusal(415, "UnsupportedMediaType", "415: Unsupported Media Type", {});
}

/** What a body of that type says. @throws Refusal 400 */
export function patchOf(request: Request, type: string): unknown {
  let value: unknown;
  try {
    value = valueOf(request, type);
  } catch (refusal) {
    const { message } = refusal as Error;
    const said = /^couldn't get version\/kind; json parse error: /;
    const strategic = type === "application/strategic-merge-patch+json";
    throw badRequest(message.replace(said, strategic ? "" : "error decoding patch: "));
  }
  if (type === "application/json-patch+json") {
    if (Array.isArray(value)) return value;
    throw badRequest(
      "error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp",
    );
  }
  if (isObject(value)) return value;
  throw badRequest(
    "error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}",
  );
}

/** What an object is after a patch. @throws Refusal 422 if the patch does not fit it */
export function patchedObject(
  kind: Pick<Kind, "schema" | "kind">,
  live: JsonObject,
  type: string,
  patch: unknown,
): JsonObject {
  try {
    if (type === "application/json-patch+json") return jsonPatch(live, patch) as JsonObject;
    if (type === "application/merge-patch+json") return mergePatch(live, patch) as JsonObject;
    return strategicMergePatch(kind.schema, copyOf(live as StoredObject), patch as JsonObject);
  } catch (error) {
    if (!(error instanceof PatchError)) throw error;
    throw new Refusal(422, "Invalid", "the server rejected our request due to an error in our request", {});
  }
}

function apply(
  cluster: Cluster,
  kind: Kind,
  where: Where,
  request: Request,
  options: WriteOptions,
  part: Part,
): Written {
  if (!request.query.get("fieldManager")) {
    throw invalidOptions("PatchOptions", [requiredValue("fieldManager", "is required for apply patch")]);
  }
  const applied = appliedObject(kind, request);
  const live = cluster.get(kind, where.namespace, where.name);
  if (live === undefined && part === "status" && !kind.createsOnPut) throw notFound(kind, where.name);
  if (live === undefined) checkNamespace(cluster, kind, where.namespace, where.name);
  const metadata = applied.metadata as JsonObject;
  if (live === undefined && metadata.uid) {
    const why =
      `uid mismatch: the provided object specified uid ${metadata.uid}, and no existing object was found`;
    throw conflict(kind, where.name, why);
  }
  const said = live === undefined && part === "status" ? applied : restricted(kind, applied, part);
  const result = applyFields({
    schema: kind.schema,
    live,
    empty: !kind.custom && kind.schema !== undefined ? emptyObject(kind.schema) : undefined,
    applied: said,
    force: options.force,
    manager: options.manager,
    apiVersion: apiVersionOf(kind),
    subresource: part === "main" ? undefined : part,
    hasStatus: kind.hasStatus,
    now: cluster.now(),
  });
  if ("conflicts" in result) throw applyConflict(result.conflicts);
  const { object } = result;
  const { warnings } = options;
  return warning(
    warnings,
    () =>
      live === undefined
        ? {
          code: 201,
          object: createApplied(cluster, kind, where, metadata, object, options, part),
          warnings,
        }
        : {
          code: 200,
          object: changeApplied(cluster, kind, live, where, metadata, object, options, part),
          warnings,
        },
  );
}

function appliedObject(kind: Kind, request: Request): JsonObject {
  let object: unknown;
  try {
    object = valueOf(request, "application/yaml");
  } catch (refusal) {
    throw badRequest(`error decoding YAML: ${(refusal as Error).message.split("error: ").pop()}`);
  }
  if (!isObject(object)) {
    throw badRequest(
      "error decoding YAML: json: cannot unmarshal array into Go value of type map[string]interface {}",
    );
  }
  object.metadata ??= {};
  const { apiVersion = "", kind: saidKind = "" } = object as { apiVersion?: string; kind?: string };
  if (apiVersion !== apiVersionOf(kind) || saidKind !== kind.kind) {
    const named = apiVersion.includes("/") ? apiVersion : `/${apiVersion}`;
    throw badRequest(`invalid object type: ${named}, Kind=${saidKind}`);
  }
  if ((object.metadata as JsonObject).managedFields !== undefined) {
    throw badRequest("metadata.managedFields must be nil");
  }
  const problem = typingProblem(kind.schema, object, { doubles: false });
  if (problem !== undefined) {
    const name = String((object.metadata as JsonObject).name ?? "");
    const version = kind.group === "" ? `/${kind.version}` : apiVersionOf(kind);
    throw new Refusal(
      500,
      undefined,
      `failed to create typed patch object (/${name}; ${version}, Kind=${kind.kind}): ${problem}`,
    );
  }
  return object;
}

/** An apply of one part says nothing about the other. */
function restricted(kind: Kind, applied: JsonObject, part: Part): JsonObject {
  const { apiVersion, kind: name, metadata, status } = applied;
  if (part === "status") {
    return { apiVersion, kind: name, metadata, ...(status === undefined ? {} : { status }) };
  }
  if (!kind.hasStatus) return applied;
  const { status: _, ...rest } = applied;
  return rest;
}

function createApplied(
  cluster: Cluster,
  kind: Kind,
  where: Where,
  said: JsonObject,
  object: JsonObject,
  options: WriteOptions,
  part: Part,
): JsonObject {
  const copy = { ...object };
  own(copy, {});
  const { managedFields, ...metadata } = copy.metadata as JsonObject;
  copy.metadata = { name: where.name, ...metadata };
  checkPlace(kind, where.namespace, copy.metadata as JsonObject);
  authorizeCreation(cluster, kind, where, options.user);
  if (!kind.custom) defaultBuiltIn(kind.kind, copy);
  if (kind.schema !== undefined) applyDefaults(kind.schema, copy);
  prepareNew(cluster, kind, where.namespace, copy);
  (copy.metadata as JsonObject).managedFields = managedFields;
  const store = () => storeNew(cluster, kind, copy, options, part);
  return options.dryRun ? store() : storeApplied(kind, said, copy, undefined, store);
}

function changeApplied(
  cluster: Cluster,
  kind: Kind,
  live: StoredObject,
  where: Where,
  said: JsonObject,
  object: JsonObject,
  options: WriteOptions,
  part: Part,
): JsonObject {
  const copy = { ...object };
  const known = knownParts(kind, live);
  own(copy, known);
  if (!kind.custom) defaultBuiltIn(kind.kind, copy);
  if (kind.schema !== undefined) applyDefaults(kind.schema, copy, known);
  const { name = where.name, namespace = where.namespace } = said as { name?: string; namespace?: string };
  if (name !== where.name) {
    throw badRequest(`the name of the object (${name}) does not match the name on the URL (${where.name})`);
  }
  checkPlace(kind, where.namespace, { namespace });
  checkVersion(kind, live, { resourceVersion: said.resourceVersion });
  const next = prepareUpdate(kind, live, copy, part);
  const subresource = part === "main" ? undefined : part;
  const store = () => storeChanged(cluster, kind, live, next, options, subresource);
  return options.dryRun || part === "status" ? store() : storeApplied(kind, said, next, live, store);
}

/** Names every field that somebody else owns, and who. */
export function applyConflict(conflicts: readonly Conflict[]): Refusal {
  const causes = conflicts.map(({ field, message }) => ({ reason: "FieldManagerConflict", message, field }));
  const count = conflicts.length;
  if (count === 1) {
    const [{ field, message }] = conflicts;
    return new Refusal(409, "Conflict", `Apply failed with 1 conflict: ${message}: ${field}`, { causes });
  }
  const owners = [...new Set(conflicts.map(({ owner }) => owner))];
  const lists = owners.map((owner) => {
    const fields = conflicts.filter((each) => each.owner === owner).map(({ field }) => `- ${field}`);
    return `conflicts with ${owner}:\n${fields.join("\n")}`;
  });
  return new Refusal(409, "Conflict", `Apply failed with ${count} conflicts: ${lists.join("\n")}`, {
    causes,
  });
}
