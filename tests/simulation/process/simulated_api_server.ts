/**
 * An API server in memory, as far as a controller can tell: one counter of versions, UIDs, generations,
 * server-side apply, merge patches, preconditions, finalizers, collection of what has lost its owner.
 */

import { thawed } from "../../../lib/apiserver/json.ts";
import { copyJson } from "../copy_json.ts";
import { apply as applyFields, update as updateFields } from "../../../lib/apiserver/managed_fields/mod.ts";
import { applyMergePatch } from "../../../lib/kube/json/merge_patch.ts";
import { equalJson } from "../../../lib/kube/json/equal.ts";
import { ApiError } from "../../../lib/kube/errors.ts";
import { keyOf, type KubeObject, type Live, type Resource } from "../../../lib/kube/object.ts";
import type { ManualClock } from "../../../lib/operator/core/clock_fixture.ts";

type Json = Record<string, unknown>;

/** One step in the history of a kind. `object` is the state after it, or the last one with the version of its end. */
export interface HistoryEvent {
  readonly type: "stored" | "deleted";
  readonly version: number;
  readonly object: Live<KubeObject>;
  readonly before: Live<KubeObject> | undefined;
}

/** Sees each object before it is stored; may change it (a webhook, pruning) or throw what the server answers. */
export type Admission = (resource: Resource, object: Live<KubeObject>) => void;

export class SimulatedApiServer {
  readonly #objects = new Map<string, Map<string, Live<KubeObject>>>();
  readonly #history = new Map<string, HistoryEvent[]>();
  readonly #installed = new Map<string, Resource>();
  #version = 100;
  #uids = 0;
  admission: Admission = () => {};

  constructor(resources: readonly Resource[], private readonly clock: ManualClock) {
    for (const resource of resources) this.install(resource);
  }

  /** The version of the last change. */
  get version(): number {
    return this.#version;
  }

  install(resource: Resource): void {
    if (this.#installed.has(resource.plural)) return;
    this.#installed.set(resource.plural, resource);
    this.#objects.set(resource.plural, new Map());
    this.#history.set(resource.plural, this.#history.get(resource.plural) ?? []);
  }

  /** Removes a kind with all its objects. */
  uninstall(resource: Resource): void {
    for (const object of this.list(resource, undefined)) this.#end(resource, object);
    this.#installed.delete(resource.plural);
  }

  installed(resource: Resource): boolean {
    return this.#installed.has(resource.plural);
  }

  history(resource: Resource): readonly HistoryEvent[] {
    return this.#history.get(resource.plural) ?? [];
  }

  get(resource: Resource, namespace: string | undefined, name: string): Live<KubeObject> | undefined {
    return this.#of(resource, "GET").get(keyOf(namespace, name));
  }

  list(resource: Resource, namespace: string | undefined): Live<KubeObject>[] {
    return [...this.#of(resource, "LIST").values()]
      .filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace);
  }

  /** All objects of all kinds, in no particular order. */
  everything(): { resource: Resource; object: Live<KubeObject> }[] {
    return [...this.#installed.values()].flatMap((resource) =>
      this.list(resource, undefined).map((object) => ({ resource, object }))
    );
  }

  apply(resource: Resource, desired: KubeObject, manager: string): Live<KubeObject> {
    const { namespace, name, uid } = identityOf(resource, desired);
    const live = this.#of(resource, "PATCH").get(keyOf(namespace, name));
    if (uid !== undefined && live?.metadata.uid !== uid) {
      throw conflict("PATCH", name, `uid mismatch: the provided object specified uid ${uid}`);
    }
    const { uid: _, resourceVersion, ...metadata } = desired.metadata ?? {};
    // As the real one does: a version counts for what there is only.
    if (
      resourceVersion !== undefined && live !== undefined && live.metadata.resourceVersion !== resourceVersion
    ) {
      throw conflict("PATCH", name, "the object has been modified");
    }
    const result = applyFields({
      ...this.#write(desired, manager),
      live: live as unknown as Json | undefined,
      applied: copyJson({ ...desired, metadata }) as unknown as Json,
      force: true,
    });
    const next = (result as { object: unknown }).object as KubeObject;
    return live === undefined ? this.#begin(resource, next) : this.#store(resource, live, next);
  }

  create(resource: Resource, object: KubeObject, manager: string): Live<KubeObject> {
    const { namespace, name } = identityOf(resource, object);
    if (this.#of(resource, "POST").has(keyOf(namespace, name))) {
      throw apiError("POST", 409, "AlreadyExists", `${resource.plural} "${name}" already exists`);
    }
    const { status: _, ...rest } = copyJson(object) as unknown as Json;
    return this.#begin(resource, this.#updated(undefined, rest as unknown as KubeObject, manager));
  }

  patch(
    resource: Resource,
    namespace: string | undefined,
    name: string,
    patch: unknown,
    { manager, subresource }: { manager: string; subresource?: "status" },
  ): Live<KubeObject> {
    const live = this.#existing(resource, namespace, name, "PATCH");
    const wanted = (patch as KubeObject).metadata ?? {};
    if (wanted.uid !== undefined && wanted.uid !== live.metadata.uid) {
      throw conflict("PATCH", name, "Precondition failed: UID in precondition");
    }
    if (wanted.resourceVersion !== undefined && wanted.resourceVersion !== live.metadata.resourceVersion) {
      throw conflict("PATCH", name, "the object has been modified");
    }
    const merged = applyMergePatch(live, patch) as Json;
    const next = subresource === "status"
      ? { ...copyJson(live), status: merged.status }
      : { ...merged, status: (live as { status?: unknown }).status };
    return this.#store(resource, live, this.#updated(live, next as KubeObject, manager, subresource));
  }

  delete(
    resource: Resource,
    namespace: string | undefined,
    name: string,
    preconditions: { uid?: string; resourceVersion?: string } = {},
  ): void {
    const live = this.#existing(resource, namespace, name, "DELETE");
    for (const field of ["uid", "resourceVersion"] as const) {
      if (preconditions[field] !== undefined && preconditions[field] !== live.metadata[field]) {
        throw conflict("DELETE", name, `Precondition failed: ${field}`);
      }
    }
    if ((live.metadata.finalizers ?? []).length === 0) return this.#end(resource, live);
    if (live.metadata.deletionTimestamp !== undefined) return;
    const generation = (live.metadata.generation ?? 0) + 1;
    const metadata = { ...live.metadata, deletionTimestamp: this.#time(), generation };
    this.#record(resource, live, { ...live, metadata });
  }

  /** Somebody else's update of an object. Returns false if there is none. */
  edit<T extends KubeObject>(
    resource: Resource,
    namespace: string | undefined,
    name: string,
    change: (draft: Live<T>) => void,
    manager = "kubectl-edit",
  ): boolean {
    const live = this.installed(resource) ? this.get(resource, namespace, name) : undefined;
    if (live === undefined) return false;
    const draft = thawed(live) as Live<T>;
    change(draft);
    const { status } = draft as { status?: unknown };
    const main = this.#updated(live, { ...draft, status: (live as { status?: unknown }).status }, manager);
    this.#store(
      resource,
      live,
      this.#updated(main, { ...main, status } as KubeObject, manager, "status"),
    );
    return true;
  }

  /** Deletes what has owners of which none is left. Returns how many objects that were. */
  collectGarbage(): number {
    const all = this.everything();
    const uids = new Set(all.map(({ object }) => object.metadata.uid));
    let collected = 0;
    for (const { resource, object } of all) {
      const owners = object.metadata.ownerReferences ?? [];
      if (owners.length === 0 || owners.some(({ uid }) => uids.has(uid))) continue;
      if (object.metadata.deletionTimestamp !== undefined) continue;
      this.delete(resource, object.metadata.namespace, object.metadata.name);
      collected++;
    }
    return collected;
  }

  /** An object with the ownership that follows when `manager` makes it out of `live`, by other means than apply. */
  #updated(
    live: KubeObject | undefined,
    next: KubeObject,
    manager: string,
    subresource?: "status",
  ): KubeObject {
    const write = { ...this.#write(next, manager), live: live as unknown as Json | undefined, subresource };
    return updateFields({ ...write, updated: copyJson(next) as unknown as Json }) as unknown as KubeObject;
  }

  /** What a record of fields holds of every write. Kinds have no schema here: lists are owned as a whole. */
  #write({ apiVersion }: KubeObject, manager: string) {
    return { schema: undefined, manager, apiVersion: apiVersion!, now: this.#time() };
  }

  #of(resource: Resource, method: string): Map<string, Live<KubeObject>> {
    const objects = this.#installed.has(resource.plural) ? this.#objects.get(resource.plural) : undefined;
    if (objects === undefined) {
      throw apiError(method, 404, "", "the server could not find the requested resource");
    }
    return objects;
  }

  #existing(resource: Resource, namespace: string | undefined, name: string, method: string) {
    const live = this.#of(resource, method).get(keyOf(namespace, name));
    if (live === undefined) {
      throw apiError(method, 404, "NotFound", `${resource.plural} "${name}" not found`);
    }
    return live;
  }

  #begin(resource: Resource, object: KubeObject): Live<KubeObject> {
    const metadata = {
      ...object.metadata!,
      name: object.metadata!.name!,
      uid: `uid-${++this.#uids}`,
      generation: 1,
      creationTimestamp: this.#time(),
      resourceVersion: "",
    };
    return this.#record(resource, undefined, { ...object, metadata });
  }

  #store(resource: Resource, live: Live<KubeObject>, next: KubeObject): Live<KubeObject> {
    const same = specOf(live) === specOf(next);
    const generation = (live.metadata.generation ?? 0) + (same ? 0 : 1);
    const { name, uid, resourceVersion, creationTimestamp, deletionTimestamp } = live.metadata;
    const metadata = {
      ...next.metadata,
      name,
      uid,
      resourceVersion,
      creationTimestamp,
      ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
      generation,
    };
    const stored = { ...next, metadata };
    if (deletionTimestamp !== undefined && (metadata.finalizers ?? []).length === 0) {
      this.#end(resource, live);
      return stored;
    }
    return this.#record(resource, live, stored);
  }

  #record(resource: Resource, before: Live<KubeObject> | undefined, object: Live<KubeObject>) {
    const admitted = thawed(object);
    this.admission(resource, admitted);
    if (before !== undefined && equalJson(before, admitted)) return before;
    admitted.metadata.resourceVersion = String(++this.#version);
    const { namespace, name } = admitted.metadata;
    this.#objects.get(resource.plural)!.set(keyOf(namespace, name), admitted);
    this.#history.get(resource.plural)!.push({
      type: "stored",
      version: this.#version,
      object: admitted,
      before,
    });
    return admitted;
  }

  #end(resource: Resource, live: Live<KubeObject>): void {
    const { namespace, name } = live.metadata;
    this.#objects.get(resource.plural)!.delete(keyOf(namespace, name));
    const object = copyJson(live);
    object.metadata.resourceVersion = String(++this.#version);
    const event = { type: "deleted" as const, version: this.#version, object, before: live };
    this.#history.get(resource.plural)!.push(event);
  }

  #time(): string {
    return new Date(this.clock.now()).toISOString().replace(/\.\d+Z$/, "Z");
  }
}

export function apiError(
  method: string,
  status: number,
  reason: string,
  message: string,
  retryAfterSeconds?: number,
): ApiError {
  return new ApiError({
    status,
    reason,
    message,
    retryAfterSeconds,
    method,
    path: "/apis/toy.test/v1/objects",
  });
}

function conflict(method: string, name: string, why: string): ApiError {
  return apiError(method, 409, "Conflict", `Operation cannot be fulfilled on "${name}": ${why}`);
}

function identityOf(resource: Resource, object: KubeObject) {
  const { name, namespace, uid } = object.metadata ?? {};
  if (name === undefined) throw apiError("POST", 422, "Invalid", "metadata.name is required");
  if (resource.namespaced !== (namespace !== undefined)) {
    throw apiError("POST", 400, "BadRequest", `${resource.kind} ${name}: wrong scope`);
  }
  return { name, namespace, uid };
}

function specOf(object: KubeObject): string {
  const { metadata: _, status: __, ...rest } = object as Json;
  return JSON.stringify(rest);
}
