/** DELETE of one object or of many: finalizers, grace and what happens to dependents. */
import { judge, mutate } from "../admission/mod.ts";
import type { Cluster } from "../cluster.ts";
import { mediaType, valueOf } from "../body.ts";
import { isObject, type JsonObject } from "../json.ts";
import { type Kind, shelfOf } from "../kinds/kind.ts";
import type { Request } from "../request.ts";
import { administrator, type UserInfo } from "../user.ts";
import { type FieldError, invalidValue, unsupportedValue } from "../schema/field_error.ts";
import { badRequest, conflict, notFound, Refusal } from "../status.ts";
import type { StoredObject } from "../store/store.ts";
import { invalidOptions } from "./option_errors.ts";
import { dryRunErrors } from "./options.ts";
import { isHeld } from "./storing.ts";

export interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: "Background" | "Foreground" | "Orphan";
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly dryRun: boolean;
  /** Who deletes; unless said, an administrator. */
  readonly user?: UserInfo;
  /** Whether it is a controller of the server's own: no webhook is told, for it waits for none. */
  readonly byServer?: boolean;
  /** All that the request says of how it is to be done. */
  readonly said?: JsonObject;
  /** What whoever asks is warned of; grows while the request is answered. */
  readonly warnings?: string[];
}

/** Keeps a definition until the objects of its kind are gone. */
export const definitionCleanup = "customresourcecleanup.apiextensions.k8s.io";

/** Whose deletion is answered with what was deleted. */
const answersObject = new Set([
  "persistentvolumeclaims",
  "persistentvolumes",
  "pods",
  "resourcequotas",
  "serviceaccounts",
  "services",
  "storageclasses.storage.k8s.io",
]);

const policies = ["Foreground", "Background", "Orphan"];

/** What whoever deletes a Job without a word on its pods is told. */
export function deletionWarnings(kind: Kind, request: Request): string[] {
  if (!keepsDependents(kind)) return [];
  const body = hasBody(request) ? valueOf(request, mediaType(request.contentType)) : {};
  const { propagationPolicy, orphanDependents } = isObject(body) ? body : {};
  if (propagationPolicy !== undefined || orphanDependents !== undefined) return [];
  if (
    !hasBody(request) && ["propagationPolicy", "orphanDependents"].some((name) => request.query.has(name))
  ) {
    return [];
  }
  return [
    "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set " +
    "propagationPolicy=Orphan to suppress this warning",
  ];
}

/** With a body of options those of the query count for nothing. */
function hasBody({ body }: Request): boolean {
  return body !== undefined && body !== "";
}

/** A Job's pods stay unless it is said that they go, as they did before there were policies. */
function keepsDependents({ kind, group }: Kind): boolean {
  return kind === "Job" && group === "batch";
}

/** @throws Refusal 400 or 422 */
export function deleteOptions(request: Request, kind?: Kind): DeleteOptions {
  const body = hasBody(request) ? valueOf(request, mediaType(request.contentType)) : {};
  const said = isObject(body) ? body : {};
  const query = hasBody(request) ? new URLSearchParams() : request.query;
  const grace = query.get("gracePeriodSeconds");
  if (grace !== null && !/^-?\d+$/.test(grace)) {
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(grace)}: invalid syntax`);
  }
  const dryRun = (said.dryRun as string[] | undefined) ?? query.getAll("dryRun");
  const policy = (said.propagationPolicy ?? query.get("propagationPolicy") ?? undefined) as
    | string
    | undefined;
  const silent = kind !== undefined && keepsDependents(kind) && said.orphanDependents === undefined;
  const errors: FieldError[] = dryRunErrors(dryRun);
  if (policy !== undefined && said.orphanDependents !== undefined) {
    const why = "orphanDependents and deletionPropagation cannot be both set";
    errors.push(invalidValue("propagationPolicy", policy, why));
  } else if (policy !== undefined && !policies.includes(policy)) {
    errors.push(unsupportedValue("propagationPolicy", policy, [...policies, "nil"]));
  }
  if (errors.length > 0) throw invalidOptions("DeleteOptions", errors);
  return {
    gracePeriodSeconds: (said.gracePeriodSeconds as number | undefined) ??
      (grace === null ? undefined : Number(grace)),
    propagationPolicy: (policy ?? (said.orphanDependents === true || silent ? "Orphan" : undefined)) as
      | DeleteOptions["propagationPolicy"]
      | undefined,
    preconditions: said.preconditions as DeleteOptions["preconditions"],
    dryRun: dryRun.length > 0,
    user: request.user,
    said: {
      kind: "DeleteOptions",
      apiVersion: "meta.k8s.io/v1",
      ...said,
      ...(grace === null ? {} : { gracePeriodSeconds: Number(grace) }),
      ...(dryRun.length > 0 ? { dryRun } : {}),
      ...(policy === undefined ? {} : { propagationPolicy: policy }),
    },
  };
}

/** What is left: the object while something holds it, else the news that it is gone. */
export function remove(
  cluster: Cluster,
  kind: Kind,
  where: { readonly namespace?: string; readonly name: string },
  options: DeleteOptions,
): { readonly object?: JsonObject; readonly success?: JsonObject } {
  const live = cluster.get(kind, where.namespace, where.name);
  if (live === undefined) throw notFound(kind, where.name);
  checkPreconditions(kind, live, options);
  const { dryRun, user = administrator, said, byServer, warnings = [] } = options;
  const attributes = {
    kind,
    operation: "DELETE",
    object: live,
    old: live,
    dryRun,
    user,
    options: said,
    byServer,
  } as const;
  mutate(cluster, attributes, warnings, (object) => object);
  judge(cluster, attributes, warnings);
  const going = marked(cluster, kind, live, options);
  if (going === undefined) {
    const last = kind.kind === "Pod" ? ended(cluster, live) : live;
    const removed = options.dryRun ? last : takeAway(cluster, kind, live, last);
    return answersObject.has(shelfOf(kind)) ? { object: removed } : { success: success(kind, live) };
  }
  if (going === live || options.dryRun) return { object: going };
  return { object: cluster.store.put(shelfOf(kind), going) };
}

/** Whoever watches hears of a pod's end twice: that it goes, and that it is gone. */
function takeAway(cluster: Cluster, kind: Kind, live: StoredObject, last: StoredObject): StoredObject {
  const shelf = shelfOf(kind);
  return cluster.store.remove(shelf, last === live ? live : cluster.store.put(shelf, last));
}

/** A pod that goes at once says when. */
function ended(cluster: Cluster, live: StoredObject): StoredObject {
  const { generation = 0, deletionTimestamp } = live.metadata;
  if (deletionTimestamp !== undefined) return live;
  const metadata = {
    ...live.metadata,
    generation: generation + 1,
    deletionTimestamp: cluster.now(),
    deletionGracePeriodSeconds: 0,
  };
  return { ...live, metadata };
}

/**
 * The object as it is while it goes; undefined if nothing holds it. A second deletion changes nothing, but that it may
 * shorten the grace.
 */
function marked(
  cluster: Cluster,
  kind: Kind,
  live: StoredObject,
  options: DeleteOptions,
): JsonObject | undefined {
  const finalizers = finalizersFor(kind, live, options);
  const changedFinalizers = finalizers.length !== (live.metadata.finalizers ?? []).length ||
    finalizers.some((name) => !live.metadata.finalizers?.includes(name));
  const held = isHeld(kind, { ...live, metadata: { ...live.metadata, finalizers } });
  const grace = kind.kind === "Pod" ? graceOf(live, options) : 0;
  const before = live.metadata.deletionTimestamp;
  if (!held && grace === 0) return undefined;
  if (
    before !== undefined && !changedFinalizers && (live.metadata.deletionGracePeriodSeconds ?? 0) <= grace
  ) return live;
  const metadata: JsonObject = {
    ...live.metadata,
    deletionTimestamp: before ?? timeOf(cluster, grace),
    ...(kind.kind === "Namespace" || kind.kind === "CustomResourceDefinition"
      ? {}
      : { deletionGracePeriodSeconds: grace }),
  };
  if (finalizers.length > 0) metadata.finalizers = finalizers;
  else delete metadata.finalizers;
  if (kind.hasGeneration && before === undefined && kind.kind !== "CustomResourceDefinition") {
    metadata.generation = (live.metadata.generation ?? 0) + 1;
  }
  const going: JsonObject = { ...live, metadata };
  if (kind.kind === "CustomResourceDefinition") going.status = terminating(cluster, live);
  if (kind.kind === "Namespace") going.status = { ...live.status as JsonObject, phase: "Terminating" };
  return going;
}

/** A definition says that it goes. */
function terminating(cluster: Cluster, { status }: StoredObject): JsonObject {
  const { conditions = [], ...rest } = (status ?? {}) as { conditions?: { type: string }[] };
  const condition = {
    type: "Terminating",
    status: "True",
    lastTransitionTime: cluster.now(),
    reason: "InstanceDeletionPending",
    message: "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon",
  };
  const others = (conditions ?? []).filter(({ type }) => type !== "Terminating");
  return { ...rest, conditions: [...others, condition] };
}

function timeOf(cluster: Cluster, graceSeconds: number): string {
  const then = cluster.clock.now() + graceSeconds * 1000;
  return new Date(then).toISOString().replace(/\.\d+Z$/, "Z");
}

/** A pod that no node runs has nothing to end gracefully. */
function graceOf(live: StoredObject, { gracePeriodSeconds }: DeleteOptions): number {
  const spec = live.spec as { nodeName?: string; terminationGracePeriodSeconds?: number } | undefined;
  const phase = (live.status as { phase?: string } | undefined)?.phase;
  if (!spec?.nodeName || phase === "Succeeded" || phase === "Failed") return 0;
  return Math.max(0, gracePeriodSeconds ?? spec.terminationGracePeriodSeconds ?? 30);
}

function finalizersFor(kind: Kind, live: StoredObject, { propagationPolicy }: DeleteOptions): string[] {
  if (kind.kind === "CustomResourceDefinition") {
    const there = live.metadata.finalizers ?? [];
    // Once it goes it has the finalizer already, or waits for nothing more.
    return live.metadata.deletionTimestamp === undefined
      ? [...new Set([...there, definitionCleanup])]
      : there;
  }
  const others = (live.metadata.finalizers ?? []).filter((name) =>
    name !== "orphan" && name !== "foregroundDeletion"
  );
  if (propagationPolicy === "Orphan") return [...others, "orphan"];
  if (propagationPolicy === "Foreground") return [...others, "foregroundDeletion"];
  return propagationPolicy === "Background" ? others : [...live.metadata.finalizers ?? []];
}

function checkPreconditions(kind: Kind, live: StoredObject, { preconditions = {} }: DeleteOptions): void {
  const { name, uid, resourceVersion } = live.metadata;
  if (kind.kind === "Namespace" && preconditions.uid !== undefined && preconditions.uid !== uid) {
    const why = `Precondition failed: UID in precondition: ${preconditions.uid}, UID in object meta: ${uid}`;
    throw conflict(kind, name, why);
  }
  const refuse = (why: string) => {
    const details = { name, ...(kind.group === "" ? {} : { group: kind.group }), kind: kind.kind };
    const full = kind.group === "" ? kind.kind : `${kind.kind}.${kind.group}`;
    return new Refusal(
      409,
      "Conflict",
      `Operation cannot be fulfilled on ${full} "${name}": ${why}`,
      details,
    );
  };
  if (preconditions.uid !== undefined && preconditions.uid !== uid) {
    throw refuse(
      `the UID in the precondition (${preconditions.uid}) does not match the UID in record (${uid}). ` +
        "The object might have been deleted and then recreated",
    );
  }
  if (preconditions.resourceVersion !== undefined && preconditions.resourceVersion !== resourceVersion) {
    throw refuse(
      `the ResourceVersion in the precondition (${preconditions.resourceVersion}) does not match the ResourceVersion in record ` +
        `(${resourceVersion}). The object might have been modified`,
    );
  }
}

function success(kind: Kind, { metadata: { name, uid } }: StoredObject): JsonObject {
  return {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Success",
    details: { name, ...(kind.group === "" ? {} : { group: kind.group }), kind: kind.plural, uid },
  };
}
