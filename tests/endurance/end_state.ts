/**
 * What is in the cluster, in a form in which two runs can be compared: spec, labels, annotations, owners,
 * finalizers and status of every object, without versions, times, and what hangs on them.
 *
 * UIDs are written as the objects that they belong to, also where a name or a path holds one, so that a
 * reference to something that is gone shows.
 */

import type { Cluster } from "../control_plane/cluster.ts";
import { dedicatedCacheName } from "../../lib/operator/naming/object_names.ts";
import type { AnyObject } from "../e2e/user.ts";
import { namespaces } from "./shapes.ts";

const aim = "/apis/aim.eai.amd.com/v1alpha1";

/** Every kind that the operator, or what it makes, leaves something of. */
const namespaced: readonly (readonly [group: string, plural: string])[] = [
  [aim, "aimservices"],
  [aim, "aimmodels"],
  [aim, "aimservicetemplates"],
  [aim, "aimtemplatecaches"],
  [aim, "aimartifacts"],
  ["/apis/serving.kserve.io/v1beta1", "inferenceservices"],
  ["/apis/gateway.networking.k8s.io/v1", "httproutes"],
  ["/apis/autoscaling/v2", "horizontalpodautoscalers"],
  ["/apis/batch/v1", "jobs"],
  ["/api/v1", "persistentvolumeclaims"],
  ["/api/v1", "pods"],
  ["/api/v1", "serviceaccounts"],
  ["/apis/rbac.authorization.k8s.io/v1", "rolebindings"],
];
const clusterWide: readonly (readonly [group: string, plural: string])[] = [
  [aim, "aimclustermodels"],
  [aim, "aimclusterservicetemplates"],
];

/** Every object of the story, as it is stored. */
export async function objectsIn(plane: Cluster, which = namespaces): Promise<AnyObject[]> {
  const lists = await Promise.all([...namespaced, ...clusterWide].map(async ([group, plural]) => {
    const { items, kind } = await plane.request("GET", `${group}/${plural}`);
    return (items as AnyObject[]).map((item): AnyObject => ({ ...item, kind: kind.replace(/List$/, "") }));
  }));
  return lists.flat().filter(({ metadata }) =>
    metadata.namespace === undefined || which.includes(metadata.namespace)
  );
}

/** Objects whose owner is not there, each in words. */
export function orphansIn(objects: readonly AnyObject[]): string[] {
  const uids = new Set(objects.map(({ metadata }) => metadata.uid));
  return objects.flatMap((object) =>
    (object.metadata.ownerReferences as AnyObject[] ?? [])
      .filter(({ uid, kind }) => kind !== "Node" && !uids.has(uid))
      .map(({ kind, name }) => `${titleOf(object)} of ${kind} ${name}, which is gone`)
  );
}

export function titleOf({ kind, metadata }: AnyObject): string {
  return `${kind} ${metadata.namespace ?? ""}/${metadata.name}`;
}

/** Of each status what is never put off: the word, `Ready`, and what was chosen for good. */
function essential(status: AnyObject): AnyObject {
  const { conditions, resolvedModel, resolvedTemplate, cache } = status;
  const ready = (conditions as AnyObject[] ?? []).filter(({ type }) => type === "Ready")
    .map(({ status, reason }) => ({ status, reason }));
  return { status: status.status, ready, resolvedModel, resolvedTemplate, cache };
}

/**
 * Title of each object → its normal form, as text of many lines.
 *
 * @param details whether details of a status count, which the operator may put off for half a minute
 */
export function normalForm(
  objects: readonly AnyObject[],
  everMade: readonly string[],
  { details }: { details: boolean },
): Map<string, string> {
  const spoken = speaker(objects);
  const forms = objects
    .filter(({ kind, metadata }) => kind !== "ServiceAccount" || metadata.name !== "default")
    .map((object) => {
      const { kind, status } = object;
      const told = details || !kind.startsWith("AIM") || status === undefined ? status : essential(status);
      const bare = JSON.stringify(
        withoutCreator(lasting({ ...object, status: told }), everMade),
        undefined,
        1,
      );
      return [spoken(titleOf(object)), spoken(bare)] as const;
    });
  return new Map(forms.sort(([a], [b]) => a < b ? -1 : 1));
}

/** Writes names that hang on a UID, and UIDs, as what they stand for. */
function speaker(objects: readonly AnyObject[]): (text: string) => string {
  const names: [string, string][] = [];
  const isDedicated = new Map<string, string>();
  for (const { kind, metadata, spec } of objects) {
    if (kind !== "AIMTemplateCache" || spec.mode !== "Dedicated") continue;
    const owner = metadata.ownerReferences?.[0];
    const expected = owner && dedicatedCacheName(spec.templateName, owner.name, owner.uid);
    if (metadata.name !== expected) continue;
    const spoken = `cache-of-${owner.name}`;
    isDedicated.set(metadata.uid, spoken);
    names.push([metadata.name, spoken]);
  }
  // What a Dedicated cache owns, and what that owns, has names made from its name or UID.
  for (let found = true; found;) {
    found = false;
    for (const { kind, metadata } of objects) {
      const [owner] = metadata.ownerReferences ?? [];
      const spoken = owner && isDedicated.get(owner.uid);
      if (spoken === undefined || isDedicated.has(metadata.uid)) continue;
      isDedicated.set(metadata.uid, `${kind.toLowerCase()}-of-${spoken}`);
      names.push([metadata.name, `${kind.toLowerCase()}-of-${spoken}`]);
      found = true;
    }
  }
  // Names of Shared artifacts' children may hold the artifact's UID, and so does the path of a route.
  for (const { kind, metadata } of objects) {
    const [owner] = metadata.ownerReferences ?? [];
    if (owner?.kind === "AIMArtifact" && !isDedicated.has(owner.uid)) {
      names.push([metadata.name, `${kind.toLowerCase()}-of-${owner.name}`]);
    }
  }
  for (const object of objects) names.push([object.metadata.uid, `<${titleOf(object)}>`]);
  names.sort(([a], [b]) => b.length - a.length);
  const pattern = new RegExp(
    names.map(([name]) => name.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|"),
    "g",
  );
  const table = new Map(names);
  const once = (text: string) => text.replace(pattern, (name) => table.get(name)!);
  return (text) => once(once(text));
}

const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

/** What of an object is compared. */
function lasting(object: AnyObject): AnyObject {
  const { kind, metadata, spec, status, ...rest } = object.kind === "Pod" ? withoutChance(object) : object;
  const { labels, annotations, finalizers, ownerReferences, deletionTimestamp } = metadata;
  return sorted({
    kind,
    labels,
    annotations,
    finalizers,
    ownerReferences,
    deleted: deletionTimestamp !== undefined,
    spec,
    status: typeof status === "object" ? { ...status, conditions: conditionsOf(status) } : status,
    rest: { ...rest, apiVersion: undefined },
  }) as AnyObject;
}

/** A pod is kwok's: its addresses and the name of its token's volume are what comes next. */
function withoutChance({ kind, metadata, spec, status }: AnyObject): AnyObject {
  return { kind, metadata, spec: spec.containers.map(({ image }: AnyObject) => image), status: status.phase };
}

/**
 * Sorted, since their order is no contract; without framework conditions that are True, since they stay from a
 * trouble that is over, which only an operator that was there has seen (services.md §11.4).
 */
function conditionsOf({ conditions }: AnyObject): AnyObject[] | undefined {
  const passed = ["DependenciesReachable", "AuthValid", "ConfigValid"];
  return (conditions as AnyObject[] | undefined)
    ?.filter(({ type, status }) => !(passed.includes(type) && status === "True"))
    .sort((a, b) => a.type < b.type ? -1 : 1);
}

/** Fields that hang on how often something was changed before somebody looked, or on a UID through a hash. */
const passing = ["observedGeneration", "aim.eai.amd.com/inputs"];

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value === "string") return time.test(value) ? "<time>" : value;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).filter(([key, field]) => field !== undefined && !passing.includes(key))
      .sort(([a], [b]) => a < b ? -1 : 1)
      .map(([key, field]) => [key, sorted(field)]),
  );
}

/**
 * What has no owner carries the name of the service that came first to need it (services.md §3.4, §4, §7.2): any
 * service of the story will do, and the copies of that label further down.
 */
function withoutCreator(object: AnyObject, everMade: readonly string[]): AnyObject {
  const shared = [
    "AIMModel",
    "AIMServiceTemplate",
    "AIMTemplateCache",
    "AIMArtifact",
    "PersistentVolumeClaim",
  ];
  if (![...shared, "Job", "RoleBinding", "ServiceAccount"].includes(object.kind)) return object;
  const text = JSON.stringify(
    object,
    (key, value) =>
      ["aim.eai.amd.com/service", "aim.eai.amd.com/service.name"].includes(key) && everMade.includes(value)
        ? "<who came first>"
        : value,
  );
  return JSON.parse(text);
}

/** What differs, a title a line, with the first lines that do. */
export function differences(
  wanted: ReadonlyMap<string, string>,
  found: ReadonlyMap<string, string>,
): string[] {
  const titles = [...new Set([...wanted.keys(), ...found.keys()])].sort();
  return titles.flatMap((title) => {
    const [a, b] = [wanted.get(title), found.get(title)];
    if (a === b) return [];
    if (a === undefined) return [`${title}: is there, and should not be`];
    if (b === undefined) return [`${title}: is missing`];
    const [left, right] = [a.split("\n"), b.split("\n")];
    const lacks = left.filter((line) => !right.includes(line)).slice(0, 4).map((line) =>
      `  - ${line.trim()}`
    );
    const more = right.filter((line) => !left.includes(line)).slice(0, 4).map((line) => `  + ${line.trim()}`);
    return [[`${title}:`, ...lacks, ...more].join("\n")];
  });
}
