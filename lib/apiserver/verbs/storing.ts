/** What every write does before it stores: the server's own fields, the rules of the kind, and what is left as it was. */
import { equalJson } from "../../kube/json/equal.ts";
import {
  type Attributes,
  book,
  completeByOthers,
  giveDefaults,
  hasMutating,
  judge,
  mutate,
} from "../admission/mod.ts";
import type { Cluster } from "../cluster.ts";
import { at, isObject, type JsonObject, thawed } from "../json.ts";
import {
  completeChanged,
  completeNew,
  defaultBuiltIn,
  provide,
  ruleErrorsOf,
} from "../kinds/built_in_rules.ts";
import { type Kind, shelfOf } from "../kinds/kind.ts";
import { applyDefaults, emptyObject, storeZeros, validate } from "../schema/mod.ts";
import { checkEscalation } from "../rights/escalation.ts";
import { type FieldError, invalidValue } from "../schema/field_error.ts";
import { alreadyExists, conflict, forbidden, invalid, notFound, Refusal, stale } from "../status.ts";
import type { Metadata, StoredObject } from "../store/store.ts";
import { decoded } from "./decode.ts";
import { builtInWarnings } from "../warnings/mod.ts";
import { metadataErrors, metadataUpdateErrors } from "./metadata_rules.ts";
import type { WriteOptions } from "./options.ts";

/** Of a request's options what storing asks for. */
export type StoreOptions = Pick<WriteOptions, "dryRun" | "said" | "unsaid" | "user" | "warnings">;

/** Refuses what is to be made in a namespace that is not there, or that goes. */
export function checkNamespace(
  cluster: Cluster,
  kind: Kind,
  namespace: string | undefined,
  name: string,
): void {
  if (!kind.namespaced || namespace === undefined) return;
  const found = cluster.store.get("namespaces", undefined, namespace);
  if (found === undefined) throw notFound({ group: "", plural: "namespaces" }, namespace);
  if (found.metadata.deletionTimestamp === undefined) return;
  throw forbidden(
    kind,
    name,
    `unable to create new content in namespace ${namespace} because it is being terminated`,
    [{
      reason: "NamespaceTerminating",
      message: `namespace ${namespace} is being terminated`,
      field: "metadata.namespace",
    }],
  );
}

/** Gives a new object what only the server gives: name, identity, time; takes what only it may set. */
export function prepareNew(
  cluster: Cluster,
  kind: Kind,
  namespace: string | undefined,
  object: JsonObject,
): void {
  const metadata = object.metadata as JsonObject;
  if (!metadata.name && metadata.generateName) {
    metadata.name = `${metadata.generateName}${cluster.newSuffix()}`;
  }
  if (kind.namespaced) metadata.namespace = namespace;
  else delete metadata.namespace;
  metadata.uid = cluster.newUid();
  metadata.creationTimestamp = cluster.now();
  for (
    const field of [
      "deletionTimestamp",
      "deletionGracePeriodSeconds",
      "selfLink",
      "managedFields",
      "resourceVersion",
    ]
  ) {
    delete metadata[field];
  }
  if (kind.hasGeneration) metadata.generation = 1;
  // A kubelet registers its node with what it has, in one request.
  const registers = kind.group === "" && kind.kind === "Node";
  if (!kind.hasStatus || registers) return;
  delete object.status;
  if (kind.schema === undefined) return;
  // A status begins as its kind's schema or structure has it.
  const begun = kind.custom ? applyDefaults(kind.schema, {}).status : emptyObject(kind.schema).status;
  if (begun !== undefined) object.status = begun;
}

/**
 * Checks a new object and stores it, unless it is only tried.
 * @param part whoever writes a status is given no more than was asked for
 */
export function storeNew(
  cluster: Cluster,
  kind: Kind,
  object: JsonObject,
  { dryRun, user, said, warnings }: StoreOptions,
  part: Part = "main",
): JsonObject {
  const metadata = object.metadata as Metadata;
  const name = String(metadata.name ?? "");
  const options = { kind: "CreateOptions", apiVersion: "meta.k8s.io/v1", ...said };
  const attributes = { kind, operation: "CREATE", object, dryRun, user, options } as const;
  if (!kind.custom) {
    giveDefaults(cluster, attributes);
    if (part === "main") completeNew(kind.kind, object, cluster);
    completeByOthers(cluster, attributes);
  }
  if (hasMutating(cluster)) changeNew(cluster, attributes, warnings);
  if (cluster.authorizer !== undefined) checkEscalation(cluster.authorizer, user, kind, object);
  if (!kind.custom && kind.schema !== undefined) storeZeros(kind.schema, object);
  const errors = errorsOf(kind, object, metadataErrors(kind, metadata));
  if (errors.length > 0) throw invalid(kind, name, errors);
  if (!kind.custom) warn(warnings, builtInWarnings(kind.kind, object));
  const charges = judge(cluster, attributes, warnings);
  const there = cluster.get(kind, metadata.namespace, name);
  if (there !== undefined) {
    const refusal = alreadyExists(kind, name);
    if (there.metadata.deletionTimestamp === undefined) throw refusal;
    throw new Refusal(
      409,
      "AlreadyExists",
      `object is being deleted: ${refusal.message}`,
      refusal.status.details,
    );
  }
  if (dryRun) return object;
  book(cluster, charges);
  const stored = cluster.store.put(shelfOf(kind), object);
  if (kind.custom && kind.hasStatus && stored.status !== undefined) storedOtherwise.add(stored);
  return stored;
}

/**
 * Objects of custom kinds that the original stores otherwise than it reads them: without the status that their kind gives
 * them, or with empty maps that were applied. The next write stores them anew, even if it changes nothing.
 */
const storedOtherwise = new WeakSet<object>();

/** Stores an object that was applied as `store` does, and notes that it is so: an apply of empty maps writes each time. */
export function storeApplied(
  kind: Kind,
  applied: JsonObject,
  object: JsonObject,
  live: StoredObject | undefined,
  store: () => JsonObject,
): JsonObject {
  const metadata = object.metadata as JsonObject;
  const hollow = kind.custom &&
    Object.entries(applied).some(([key, said]) =>
      typeof said === "object" && said !== null && Object.keys(said).length === 0 &&
      metadata[key] === undefined
    );
  if (!hollow) return store();
  if (live !== undefined) storedOtherwise.add(live);
  const stored = store();
  storedOtherwise.add(stored);
  return stored;
}

/** Of one and the same nobody is warned twice. */
function warn(warnings: string[], further: readonly string[]): void {
  warnings.push(...further.filter((each) => !warnings.includes(each)));
}

/** Lets webhooks change a new object; what only the server gives stays. */
function changeNew(cluster: Cluster, attributes: Attributes, warnings: string[]): void {
  const { kind, object } = attributes;
  const { status } = object;
  const own = object.metadata as Metadata;
  // What the server gives it comes later.
  const { generation, uid, creationTimestamp, ...said } = own;
  const given = { generation, uid, creationTimestamp, ...isGenerated(own) ? { name: own.name } : {} };
  const metadata: JsonObject = { ...said };
  if (isGenerated(own)) delete metadata.name;
  const before = { ...object, metadata };
  const after = mutate(
    cluster,
    { ...attributes, object: before },
    warnings,
    (changed) => readAgain(kind, changed),
  );
  if (after === before) return;
  for (const key of Object.keys(object)) delete object[key];
  Object.assign(object, after, status === undefined ? {} : { status });
  for (const [key, value] of Object.entries(given)) {
    if (value !== undefined) (object.metadata as JsonObject)[key] = value;
  }
}

/** The same of an update. @param unsaid what of its metadata is the server's, not the request's */
function changeLive(
  cluster: Cluster,
  attributes: Attributes & { readonly old: StoredObject },
  unsaid: readonly string[],
  warnings: string[],
): JsonObject {
  const { kind, object, old, subresource } = attributes;
  const metadata = { ...object.metadata as JsonObject };
  for (const key of unsaid) delete metadata[key];
  const before = { ...object, metadata };
  const after = mutate(
    cluster,
    { ...attributes, object: before },
    warnings,
    (changed) => readAgain(kind, changed),
  );
  if (after === before) return object;
  return prepareUpdate(kind, old, after, subresource === "status" ? "status" : "main");
}

function readAgain(kind: Kind, changed: JsonObject): JsonObject {
  decoded(kind, changed, { fieldValidation: "Ignore", warnings: [] });
  return changed;
}

/** Whether the server has made up a name. */
function isGenerated({ name = "", generateName }: Metadata): boolean {
  return typeof generateName === "string" && name.startsWith(generateName) &&
    name.length === generateName.length + 5;
}

/** All that is wrong with an object, after what is wrong with its metadata. */
function errorsOf(
  kind: Kind,
  object: JsonObject,
  found: readonly FieldError[],
  live?: StoredObject,
): FieldError[] {
  if (kind.custom) {
    const errors = kind.schema === undefined ? [...found] : validate(kind.schema, object, live, found);
    return [...errors, ...scaleErrors(kind, object)];
  }
  return [...found, ...ruleErrorsOf(kind.kind, object, live)];
}

/** What is wrong with the number of replicas that scaling writes. */
function scaleErrors({ scale }: Kind, object: JsonObject): FieldError[] {
  if (scale === undefined) return [];
  const { specReplicasPath: path } = scale;
  const value = at(object, ...path.split(".").slice(1));
  if (value === undefined) return [];
  if (!Number.isInteger(value)) {
    const type = typeof value === "number" ? "float64" : typeof value === "boolean" ? "bool" : typeof value;
    return [invalidValue(path, 0, `${path} accessor error: ${value} is of the type ${type}, expected int64`)];
  }
  return (value as number) < 0 ? [invalidValue(path, value, "should be a non-negative integer")] : [];
}

/** Which part of an object a request writes. */
export type Part = "main" | "status";

/** What an update leaves as it was: the other part, and what only the server sets. */
export function prepareUpdate(kind: Kind, live: StoredObject, object: JsonObject, part: Part): JsonObject {
  const metadata = { ...object.metadata as JsonObject };
  for (
    const field of ["uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"] as const
  ) {
    if (live.metadata[field] === undefined) delete metadata[field];
    else metadata[field] = field === "uid" ? metadata.uid || live.metadata.uid : live.metadata[field];
  }
  for (const field of ["generation", "selfLink"] as const) {
    if (live.metadata[field] === undefined) delete metadata[field];
    else metadata[field] = live.metadata[field];
  }
  metadata.name = live.metadata.name;
  if (live.metadata.namespace !== undefined) metadata.namespace = live.metadata.namespace;
  if (part === "status") {
    const kept = statusMetadata(kind, live, metadata);
    const { status: _, ...rest } = live;
    const status = statusSaid(kind, live, object);
    const next: JsonObject = { ...rest, metadata: kept, ...(status === undefined ? {} : { status }) };
    // What is stored is read with its defaults, as of the labels of a Job.
    if (!kind.custom) defaultBuiltIn(kind.kind, next);
    return next;
  }
  const next: JsonObject = { ...object, metadata };
  if (kind.hasStatus) {
    if (live.status === undefined) delete next.status;
    else next.status = live.status;
  }
  if (!kind.custom) completeChanged(kind.kind, next, live);
  if (kind.hasGeneration && !equalJson(wanted(kind, next), wanted(kind, live))) {
    metadata.generation = (live.metadata.generation ?? 0) + 1;
  }
  return next;
}

/** A pod keeps the class that its resources give it, unless another one is said. */
function statusSaid(kind: Kind, { status: before }: StoredObject, { status }: JsonObject): unknown {
  if (kind.kind !== "Pod" || kind.custom || !isObject(status) || !isObject(before)) return status;
  return "qosClass" in status || before.qosClass === undefined
    ? status
    : { ...status, qosClass: before.qosClass };
}

/** Metadata after a write of the status: of custom kinds as it was, of most built-in ones as it is said. */
function statusMetadata(kind: Kind, live: StoredObject, said: JsonObject): JsonObject {
  if (kind.custom || kind.kind === "CustomResourceDefinition") {
    return replacing(live.metadata, said, ["managedFields"]);
  }
  if (kind.kind === "Deployment") return replacing(said, live.metadata as unknown as JsonObject, ["labels"]);
  return said;
}

function replacing(metadata: object, by: JsonObject, names: readonly string[]): JsonObject {
  const next = { ...metadata } as JsonObject;
  for (const name of names) {
    if (by[name] === undefined) delete next[name];
    else next[name] = by[name];
  }
  return next;
}

/** The part of an object whose changes its generation counts. */
function wanted(kind: Kind, object: JsonObject): JsonObject {
  const { metadata, managedFields: _, ...rest } = object;
  if (!kind.custom) {
    // A Deployment hands its annotations on to its ReplicaSets.
    const annotations = kind.kind === "Deployment" ? (metadata as Metadata).annotations : undefined;
    return { spec: rest.spec, webhooks: rest.webhooks, annotations };
  }
  if (kind.hasStatus) delete rest.status;
  return rest;
}

/** Refuses a version that is no number. */
export function checkVersionText(version: string): void {
  if (/^\d*$/.test(version)) return;
  throw new Refusal(500, undefined, `strconv.ParseUint: parsing ${JSON.stringify(version)}: invalid syntax`);
}

/** Refuses a version or an identity that is not the stored one's. */
export function checkVersion(kind: Kind, live: StoredObject, metadata: JsonObject): void {
  const { resourceVersion, uid } = metadata as { resourceVersion?: string; uid?: string };
  if (resourceVersion !== undefined && resourceVersion !== "") {
    checkVersionText(resourceVersion);
    if (resourceVersion !== live.metadata.resourceVersion && resourceVersion !== "0") {
      throw stale(kind, live.metadata.name);
    }
  }
  checkIdentity(kind, live.metadata, { uid }, live.metadata.uid);
}

/** Refuses an identity that is not the stored one's, or any where nothing is stored. */
export function checkIdentity(
  kind: Kind,
  { namespace, name }: { readonly namespace?: string; readonly name: string },
  { uid }: { readonly uid?: unknown },
  there = "",
): void {
  if (!uid || uid === there) return;
  const key = `/registry/${registryOf(kind)}/${namespace === undefined ? "" : `${namespace}/`}${name}`;
  throw conflict(
    kind,
    name,
    `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: ` +
      `UID in precondition: ${uid}, UID in object meta: ${there}`,
  );
}

/** Where the original keeps a kind's objects. */
function registryOf({ group, plural, custom }: Kind): string {
  if (custom || group === "apiextensions.k8s.io") return `${group}/${plural}`;
  return { services: "services/specs", endpoints: "services/endpoints", nodes: "minions" }[plural] ?? plural;
}

/**
 * Checks a changed object and stores it, unless it is only tried or nothing has changed. One that is being deleted and
 * that no finalizer holds any more goes.
 */
export function storeChanged(
  cluster: Cluster,
  kind: Kind,
  live: StoredObject,
  object: JsonObject,
  { dryRun, user, said, unsaid = [], warnings }: StoreOptions,
  subresource?: string,
): JsonObject {
  const options = { kind: "UpdateOptions", apiVersion: "meta.k8s.io/v1", ...said };
  const attributes = { kind, operation: "UPDATE", subresource, old: live, dryRun, user, options } as const;
  if (hasMutating(cluster)) object = changeLive(cluster, { ...attributes, object }, unsaid, warnings);
  if (!kind.custom && subresource === undefined) provide(kind.kind, object, live, cluster);
  const metadata = object.metadata as JsonObject;
  if (cluster.authorizer !== undefined) checkEscalation(cluster.authorizer, user, kind, object, live);
  if (!kind.custom && kind.schema !== undefined) storeZeros(kind.schema, object);
  const found = [
    ...metadataUpdateErrors(metadata, live.metadata),
    ...metadataErrors(kind, metadata, live.metadata),
  ];
  const errors = errorsOf(kind, object, found, live);
  if (errors.length > 0) throw invalid(kind, live.metadata.name, errors);
  if (!kind.custom && subresource !== "status") warn(warnings, builtInWarnings(kind.kind, object, live));
  const charges = judge(cluster, { ...attributes, object }, warnings);
  metadata.resourceVersion = live.metadata.resourceVersion;
  if (equalJson(object, live) && !storedOtherwise.has(live)) return live;
  if (dryRun) return object;
  book(cluster, charges);
  const held = isHeld(kind, object);
  if (metadata.deletionTimestamp !== undefined && !held && metadata.deletionGracePeriodSeconds === 0) {
    return cluster.store.remove(shelfOf(kind), object as StoredObject);
  }
  return cluster.store.put(shelfOf(kind), object);
}

/** Whether finalizers keep an object that is to go. */
export function isHeld(kind: Kind, object: JsonObject): boolean {
  const { finalizers = [] } = object.metadata as Metadata;
  if (finalizers.length > 0) return true;
  const spec = object.spec as { finalizers?: string[] } | undefined;
  return kind.kind === "Namespace" && (spec?.finalizers?.length ?? 0) > 0;
}

/** A copy of what is stored that a patch may change. */
export function copyOf(live: StoredObject): JsonObject {
  return thawed(live);
}
