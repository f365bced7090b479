/** Applies manifests to a rehearsal, as kubectl does to a cluster. */

import { apiVersionOf, type Kind } from "../../apiserver/kinds/kind.ts";
import type { Answer } from "../../apiserver/request.ts";
import { API_GROUP } from "../../operator/naming/labels.ts";
import { isObject } from "../../kube/json/json.ts";
import { lastApplied } from "../../kube/object.ts";
import { pathOf } from "../../kube/path.ts";
import { nearest } from "../faults.ts";
import type { JsonObject, Manifest } from "../files/manifests.ts";
import type { Rehearsal } from "./rehearsal.ts";

export interface Applied {
  /** What was refused, each with its place. */
  readonly faults: readonly string[];
  /** What was left out, each in a sentence. */
  readonly remarks: readonly string[];
}

export interface ApplyOptions {
  /** Of objects that name none. */
  readonly namespace: string;
  /** Whether they are what is there already: with their status, and however they came to be. */
  readonly asThere?: boolean;
}

/**
 * What was applied on the client side is so again; all else by server-side apply in kubectl's name, which takes another
 * one's fields over.
 */
export function applyAll(
  rehearsal: Rehearsal,
  manifests: readonly Manifest[],
  { namespace, asThere = false }: ApplyOptions,
): Applied {
  const faults: string[] = [];
  const remarks = new Set<string>();
  for (const manifest of manifests) {
    const { object, file, line } = manifest;
    const kind = kindOf(rehearsal, manifest);
    if (kind === undefined) {
      const unknown = unknownKind(rehearsal, manifest);
      if (unknown === undefined) {
        remarks.add(
          `${object.kind} of ${object.apiVersion} plays no part: the operator does not work with it`,
        );
      } else faults.push(`${file}:${line}: ${unknown}`);
      continue;
    }
    const within = kind.namespaced ? object.metadata.namespace ?? namespace : undefined;
    const path = pathOf(kind, within, object.metadata.name);
    const body = bodyOf(manifest, within);
    const query = { fieldManager: "kubectl", force: "true", fieldValidation: asThere ? "Ignore" : "Strict" };
    const patch = asThere ? undefined : clientSidePatch(rehearsal, kind, path, body);
    const answer = patch === undefined ? rehearsal.ask("PATCH", path, query, body) : rehearsal.ask(
      "PATCH",
      path,
      { fieldManager: "kubectl-client-side-apply", fieldValidation: "Strict" },
      patch,
      "application/merge-patch+json",
    );
    faults.push(...refusalsIn(answer, manifest, within));
    if (asThere && answer.code < 400 && object.status !== undefined && kind.hasStatus) {
      rehearsal.ask("PATCH", `${path}/status`, query, { ...body, status: object.status });
    }
  }
  return { faults, remarks: [...remarks] };
}

/**
 * What `kubectl apply` would send for an object that it has applied before without `--server-side`: that takes away what the
 * file said then and says no more. Undefined for other objects, and for built-in kinds, whose lists it would merge.
 */
function clientSidePatch(rehearsal: Rehearsal, kind: Kind, path: string, body: JsonObject) {
  if (!kind.custom) return undefined;
  const live = rehearsal.ask("GET", path, {});
  const { annotations } = live.code < 400 && "body" in live
    ? (live.body as { metadata: { annotations?: Record<string, string> } }).metadata
    : {};
  const said = annotations?.[lastApplied];
  if (said === undefined) return undefined;
  try {
    const metadata = body.metadata as JsonObject;
    const text = `${JSON.stringify(body)}\n`;
    const marked = { ...metadata.annotations as JsonObject | undefined, [lastApplied]: text };
    return withoutUnsaid(JSON.parse(said), { ...body, metadata: { ...metadata, annotations: marked } });
  } catch {
    return undefined;
  }
}

/** A merge patch to what is wanted that takes away what was wanted before and is no more. */
function withoutUnsaid(before: JsonObject, wanted: JsonObject): JsonObject {
  const patch = { ...wanted };
  for (const [key, value] of Object.entries(before)) {
    const now = wanted[key];
    if (now === undefined) patch[key] = null;
    else if (isObject(value) && isObject(now)) {
      patch[key] = withoutUnsaid(value as JsonObject, now as JsonObject);
    }
  }
  return patch;
}

/** The kind of a manifest; undefined if nobody serves it here. */
export function kindOf({ server }: Rehearsal, { object }: Manifest): Kind | undefined {
  return server.cluster.kinds.byKind(object.apiVersion, object.kind);
}

function bodyOf({ object }: Manifest, namespace: string | undefined) {
  const { managedFields: _, resourceVersion: __, uid: ___, namespace: ____, ...metadata } = object.metadata;
  return { ...object, metadata: { ...metadata, ...(namespace !== undefined && { namespace }) } };
}

/** What is wrong with a kind that is not served; undefined where it may well be somebody else's. */
function unknownKind({ server }: Rehearsal, { object: { apiVersion, kind } }: Manifest): string | undefined {
  const all = server.cluster.kinds.all();
  const [group] = apiVersion.includes("/") ? apiVersion.split("/") : [""];
  const ofGroup = all.filter((each) => each.group === group);
  if (group !== API_GROUP && ofGroup.every(({ custom }) => custom)) return undefined;
  const versions = [...new Set(ofGroup.map(apiVersionOf))];
  if (!versions.includes(apiVersion)) {
    return `${kind} of ${apiVersion}: this program knows ${versions.join(", ")} of that group`;
  }
  const near = nearest(kind, ofGroup.map((each) => each.kind));
  return `there is no kind ${kind} in ${apiVersion}${
    near.length === 0 ? "" : `: did you mean ${near.join(", or ")}?`
  }`;
}

/** A refusal in the words of the API server, one for each field that it names. */
function refusalsIn(answer: Answer, manifest: Manifest, namespace: string | undefined): string[] {
  if (answer.code < 400) return [];
  const { file, object } = manifest;
  const about = `${object.kind} ${namespace === undefined ? "" : `${namespace}/`}${object.metadata.name}`;
  const at = (field: string, message: string) => `${file}:${manifest.lineOf(field)}: ${about}: ${message}`;
  if (!("body" in answer)) return [at("", "text" in answer ? answer.text.trim() : `answered ${answer.code}`)];
  const { message, details } = answer.body as {
    message: string;
    details?: { causes?: { field?: string; message?: string }[] };
  };
  const causes = details?.causes ?? [];
  if (causes.length > 0) {
    return causes.map(({ field = "", message = "" }) =>
      at(field, field === "" ? message : `${field}: ${message}`)
    );
  }
  // Of what does not fit a schema the original names the fields in its text only.
  const named = [...message.matchAll(/(?:^|[\s:])\.([a-zA-Z][^\s:]*): ([^\n]+)/g)];
  return named.length > 0 ? named.map(([, field, why]) => at(field, `${field}: ${why}`)) : [at("", message)];
}
