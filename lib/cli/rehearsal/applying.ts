/** Applies manifests to a rehearsal, as kubectl does to a cluster. */

import { apiVersionOf, type Kind } from "../../apiserver/kinds/kind.ts";
import type { Answer } from "../../apiserver/request.ts";
import { API_GROUP } from "../../operator/naming/labels.ts";
import { pathOf } from "../../kube/path.ts";
import { nearest } from "../faults.ts";
import type { Manifest } from "../files/manifests.ts";
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

/** Server-side apply in kubectl's name; another one's fields are taken over, as by a client-side apply. */
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
    const answer = rehearsal.ask("PATCH", path, query, body);
    faults.push(...refusalsIn(answer, manifest, within));
    if (asThere && answer.code < 400 && object.status !== undefined && kind.hasStatus) {
      rehearsal.ask("PATCH", `${path}/status`, query, { ...body, status: object.status });
    }
  }
  return { faults, remarks: [...remarks] };
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
