/** Owners and dependents: what has no owner any more goes, and an owner may wait for its dependents, or let them be. */
import type { Cluster } from "../cluster.ts";
import type { JsonObject } from "../json.ts";
import { type Kind, shelfOf } from "../kinds/kind.ts";
import { type Change, keyOf, type StoredObject } from "../store/store.ts";
import { isHeld } from "../verbs/storing.ts";
import { removeAs } from "./removal.ts";

interface Place {
  readonly shelf: string;
  readonly key: string;
}

export class Dependents {
  /** Where the dependents of an owner are, by its UID. */
  readonly #of = new Map<string, Map<string, Place>>();

  constructor(private readonly cluster: Cluster) {}

  /** Keeps the record of who depends on whom. */
  learn(shelf: string, { type, object, before }: Change): void {
    const owners = object.metadata.ownerReferences;
    const isKnown = type !== "DELETED" && before?.metadata.ownerReferences === owners &&
      (owners ?? []).every(({ uid }) => this.#of.get(uid)?.size === 1); // among others it would move to the end
    if (isKnown) return;
    const key = keyOf(object.metadata);
    const id = `${shelf} ${key}`;
    for (const { uid } of before?.metadata.ownerReferences ?? []) {
      const places = this.#of.get(uid);
      places?.delete(id);
      if (places?.size === 0) this.#of.delete(uid);
    }
    if (type === "DELETED") return;
    for (const { uid } of owners ?? []) {
      let places = this.#of.get(uid);
      if (places === undefined) this.#of.set(uid, places = new Map());
      places.set(id, { shelf, key });
    }
  }

  /** Does what a change asks for. */
  follow({ type, object }: Change): void {
    const { uid, ownerReferences = [], finalizers = [], deletionTimestamp } = object.metadata;
    if (type === "DELETED") {
      for (const dependent of this.#dependentsOf(uid)) this.#collect(dependent);
      for (const owner of ownerReferences) this.#ownerMayGo(owner.uid, object);
      return;
    }
    if (deletionTimestamp !== undefined && finalizers.includes("orphan")) this.#orphan(object);
    else if (deletionTimestamp !== undefined && finalizers.includes("foregroundDeletion")) {
      this.#deleteFirst(object);
    } else if (ownerReferences.length > 0) {
      this.#collect(object);
      for (const owner of ownerReferences) this.#ownerMayGo(owner.uid, object);
    }
  }

  #dependentsOf(uid: string): StoredObject[] {
    return [...this.#of.get(uid)?.values() ?? []].flatMap(({ shelf, key }) => {
      const [namespace, name] = key.split("/");
      const object = this.cluster.store.get(shelf, namespace === "" ? undefined : namespace, name);
      return object === undefined ? [] : [object];
    });
  }

  /** Deletes what none of its owners is left of. */
  #collect(object: StoredObject): void {
    const kind = this.#kindOf(object);
    const live = kind && this.cluster.get(kind, object.metadata.namespace, object.metadata.name);
    if (live === undefined || live.metadata.uid !== object.metadata.uid) return;
    const owners = live.metadata.ownerReferences ?? [];
    if (owners.length === 0 || live.metadata.deletionTimestamp !== undefined) return;
    if (owners.some((owner) => this.#owner(owner, live) !== undefined)) return;
    this.#remove(kind!, live, "Background");
  }

  /** Takes the reference to an owner from all its dependents, then lets the owner go. */
  #orphan(owner: StoredObject): void {
    for (const dependent of this.#dependentsOf(owner.metadata.uid)) {
      const kind = this.#kindOf(dependent);
      if (kind === undefined) continue;
      const left = (dependent.metadata.ownerReferences ?? []).filter(({ uid }) => uid !== owner.metadata.uid);
      const metadata: JsonObject = { ...dependent.metadata, ownerReferences: left };
      if (left.length === 0) delete metadata.ownerReferences;
      this.cluster.store.put(shelfOf(kind), withoutOwned({ ...dependent, metadata }, owner.metadata.uid));
    }
    this.#release(owner, "orphan");
  }

  /** Deletes the dependents of an owner that waits for them. */
  #deleteFirst(owner: StoredObject): void {
    const dependents = this.#dependentsOf(owner.metadata.uid);
    for (const dependent of dependents) {
      const kind = this.#kindOf(dependent);
      if (kind === undefined || dependent.metadata.deletionTimestamp !== undefined) continue;
      this.#remove(kind, dependent, "Foreground");
    }
    if (!this.#isAwaited(owner.metadata.uid)) this.#release(owner, "foregroundDeletion");
  }

  #isAwaited(uid: string): boolean {
    return this.#dependentsOf(uid).some(({ metadata }) =>
      metadata.ownerReferences?.some((owner) => owner.uid === uid && owner.blockOwnerDeletion === true)
    );
  }

  #ownerMayGo(uid: string, dependent: StoredObject): void {
    const reference = dependent.metadata.ownerReferences?.find((owner) => owner.uid === uid);
    const owner = reference && this.#owner(reference, dependent);
    if (owner?.metadata.finalizers?.includes("foregroundDeletion") && !this.#isAwaited(uid)) {
      this.#release(owner, "foregroundDeletion");
    }
  }

  #release(owner: StoredObject, finalizer: string): void {
    const kind = this.#kindOf(owner);
    const live = kind && this.cluster.get(kind, owner.metadata.namespace, owner.metadata.name);
    if (live === undefined || live.metadata.uid !== owner.metadata.uid) return;
    const finalizers = (live.metadata.finalizers ?? []).filter((name) => name !== finalizer);
    const metadata: JsonObject = { ...live.metadata, finalizers };
    if (finalizers.length === 0) delete metadata.finalizers;
    const left = { ...live, metadata } as StoredObject;
    // A namespace with something in it stays, and a pod whose kubelet has its grace.
    const stays = isHeld(kind!, left) || (live.metadata.deletionGracePeriodSeconds ?? 0) > 0;
    if (stays) this.cluster.store.put(shelfOf(kind!), left);
    else this.cluster.store.remove(shelfOf(kind!), left);
  }

  #remove(kind: Kind, object: StoredObject, propagationPolicy: "Background" | "Foreground") {
    removeAs("generic-garbage-collector", this.cluster, kind, object, propagationPolicy);
  }

  /** The owner itself, not another of its name. An owner of an unknown kind is taken to be there. */
  #owner(
    reference: { apiVersion: string; kind: string; name: string; uid: string },
    dependent: StoredObject,
  ) {
    const kind = this.cluster.kinds.byKind(reference.apiVersion, reference.kind);
    if (kind === undefined) return dependent;
    const owner = this.cluster.get(kind, dependent.metadata.namespace, reference.name);
    return owner?.metadata.uid === reference.uid ? owner : undefined;
  }

  #kindOf({ apiVersion, kind }: StoredObject): Kind | undefined {
    return this.cluster.kinds.byKind(apiVersion, kind);
  }
}

/** The record of who owns the reference goes with it. */
function withoutOwned(object: JsonObject, uid: string): JsonObject {
  const metadata = object.metadata as JsonObject;
  const entries = (metadata.managedFields as JsonObject[] | undefined)?.flatMap((entry) => {
    const fields = entry.fieldsV1 as Record<string, Record<string, JsonObject>>;
    const owners = fields["f:metadata"]?.["f:ownerReferences"];
    if (owners === undefined) return [entry];
    const left = Object.fromEntries(Object.entries(owners).filter(([key]) => !key.includes(`"${uid}"`)));
    const { "f:ownerReferences": _, ...others } = fields["f:metadata"];
    const below = Object.keys(left).some((key) => key !== ".")
      ? { ...others, "f:ownerReferences": left }
      : others;
    const { "f:metadata": __, ...rest } = fields;
    const now = Object.keys(below).length === 0 ? rest : { ...rest, "f:metadata": below };
    return Object.keys(now).length === 0 ? [] : [{ ...entry, fieldsV1: now }];
  });
  const { managedFields: _, ...others } = metadata;
  return {
    ...object,
    metadata: entries === undefined || entries.length === 0 ? others : { ...others, managedFields: entries },
  };
}
