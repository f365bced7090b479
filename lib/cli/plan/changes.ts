/** What differs between two moments of a rehearsal, as people compare objects: without what the server keeps for itself. */

import { structuredPatch } from "diff";
import { stringify } from "yaml";
import type { AIMTemplateCache } from "../../api/mod.ts";
import { artifactChildName } from "../../operator/naming/object_names.ts";
import { isObject } from "../../kube/json/json.ts";
import type { StoredObject } from "../../apiserver/store/store.ts";
import type { JsonObject } from "../files/manifests.ts";
import { lastApplied } from "../../kube/object.ts";
import type { Objects } from "../rehearsal/rehearsal.ts";

export interface Change {
  readonly how: "create" | "change" | "delete";
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  /** Lines of a unified diff, without its head; empty where something goes or comes that people do not read. */
  readonly diff: readonly string[];
}

/** What another run would make up otherwise, and what is shown for it. */
export type Made = ReadonlyMap<string, string>;

/** Objects that came, went or are another, in the order of the path from a model to its route. */
export function changesBetween(before: Objects, after: Objects): Change[] {
  const made = madeBetween(before, after);
  const changes: Change[] = [];
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    const [old, now] = [before.get(key), after.get(key)];
    if (old === now) continue;
    const diff = diffOf(old && plainOf(old, made), now && plainOf(now, made));
    if (diff.length === 0) continue;
    const { apiVersion, kind, metadata: { namespace, name } } = (now ?? old)!;
    changes.push({
      how: old === undefined ? "create" : now === undefined ? "delete" : "change",
      apiVersion,
      kind,
      ...(namespace !== undefined && { namespace }),
      name: made.get(name) ?? name,
      diff,
    });
  }
  return changes.sort(byPath);
}

/** Identities of what is new, and the names that are derived from them. */
function madeBetween(before: Objects, after: Objects): Made {
  const made = new Map<string, string>();
  for (const [key, object] of after) {
    if (before.get(key)?.metadata.uid !== object.metadata.uid) {
      for (const [word, shown] of madeOf(object)) made.set(word, shown);
    }
  }
  return made;
}

/**
 * What is made up of one object: its identity, and the names that are derived from identities: of a Dedicated cache, of its
 * artifacts, of an artifact's claim and Jobs.
 */
export function madeOf({ kind, metadata, spec }: StoredObject): [word: string, shown: string][] {
  const { name, uid, ownerReferences = [] } = metadata;
  const isDedicated = kind === "AIMTemplateCache"
    ? (spec as AIMTemplateCache["spec"])?.mode === "Dedicated"
    : kind === "AIMArtifact" && ownerReferences.some((owner) => owner.kind === "AIMTemplateCache");
  const shown = isDedicated ? name.replace(/[0-9a-f]+$/, "(of a UID)") : name;
  const children = kind === "AIMArtifact" ? ["cache", "download", "check-size"] as const : [];
  return [
    [uid, "(its UID)"],
    ...(isDedicated ? [[name, shown] as [string, string]] : []),
    ...children.map((child): [string, string] => [
      artifactChildName(name, child, uid),
      `${shown}-${child}-(of its UID)`,
    ]),
  ];
}

/** What a person compares. */
export function plainOf(object: StoredObject, made: Made): JsonObject {
  const { status: _, metadata, ...rest } = object;
  const {
    uid: __,
    resourceVersion: ___,
    generation: ____,
    creationTimestamp: _____,
    managedFields: ______,
    annotations,
    ownerReferences,
    ...kept
  } = metadata;
  const { [lastApplied]: _______, ...others } = annotations ?? {};
  return withoutMade({
    ...rest,
    metadata: {
      ...kept,
      ...(Object.keys(others).length > 0 && { annotations: others }),
      ...(ownerReferences && { ownerReferences: ownerReferences.map(({ uid: _, ...owner }) => owner) }),
    },
  }, made) as JsonObject;
}

/** An identity, also within a longer text. */
const identity = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

function withoutMade(value: unknown, made: Made): unknown {
  if (typeof value === "string") {
    return made.get(value) ?? value.replace(identity, (uid) => made.get(uid) ?? uid);
  }
  if (Array.isArray(value)) return value.map((each) => withoutMade(each, made));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withoutMade(each, made)]));
}

function diffOf(old: JsonObject | undefined, now: JsonObject | undefined): string[] {
  if (old !== undefined && now !== undefined && JSON.stringify(old) === JSON.stringify(now)) return [];
  const { hunks } = structuredPatch("", "", yamlOf(old), yamlOf(now), undefined, undefined, { context: 2 });
  return hunks.flatMap(({ lines }, n) => [...(n === 0 ? [] : ["…"]), ...lines]);
}

function yamlOf(object: JsonObject | undefined): string {
  return object === undefined ? "" : stringify(object, { sortMapEntries: true, lineWidth: 0 });
}

/** From what a service stands on to where it is reached. */
const path = [
  "Namespace",
  "Node",
  "AIMClusterRuntimeConfig",
  "AIMRuntimeConfig",
  "AIMClusterModelSource",
  "AIMClusterModel",
  "AIMModel",
  "AIMClusterServiceTemplate",
  "AIMServiceTemplate",
  "AIMService",
  "AIMTemplateCache",
  "AIMArtifact",
  "PersistentVolumeClaim",
  "ServiceAccount",
  "RoleBinding",
  "Job",
  "InferenceService",
  "HTTPRoute",
];

function byPath(a: Change, b: Change): number {
  const place = ({ kind }: Change) => path.includes(kind) ? path.indexOf(kind) : path.length;
  return place(a) - place(b) || compare(a.kind, b.kind) || compare(a.namespace ?? "", b.namespace ?? "") ||
    compare(a.name, b.name);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
