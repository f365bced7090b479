/** Custom resource definitions: served once they are established, and emptied before they go. */
import type { Cluster } from "../cluster.ts";
import { type JsonObject, thawed } from "../json.ts";
import { update } from "../managed_fields/mod.ts";
import type { Change, StoredObject } from "../store/store.ts";
import type { KindSchema } from "../schema/mod.ts";
import { definitionCleanup as cleanup } from "../verbs/delete.ts";
import { removeAs } from "./removal.ts";

const shelf = "customresourcedefinitions.apiextensions.k8s.io";

export function definitionChanged(cluster: Cluster, { type, object }: Change): void {
  const { name } = object.metadata;
  if (type === "DELETED") {
    cluster.kinds.undefine(name);
    return cluster.endWatches(name); // a definition has the name of its resource
  }
  const live = cluster.store.get(shelf, undefined, name);
  if (live === undefined || live.metadata.resourceVersion !== object.metadata.resourceVersion) return;
  if (live.metadata.deletionTimestamp !== undefined) return empty(cluster, live);
  cluster.kinds.define(live);
  if (!isEstablished(live)) establish(cluster, live);
}

/** As much of a definition's schema as tells whose its conditions are. */
const schema: KindSchema = {
  root: {
    type: "object",
    "x-kubernetes-preserve-unknown-fields": true,
    properties: {
      status: {
        type: "object",
        "x-kubernetes-preserve-unknown-fields": true,
        properties: {
          conditions: {
            type: "array",
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["type"],
            items: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
          },
        },
      },
    },
  },
};

function isEstablished({ status }: StoredObject): boolean {
  const conditions = (status as JsonObject | undefined)?.conditions as { type: string }[] | null | undefined;
  return conditions?.some(({ type }) => type === "Established") ?? false;
}

function establish(cluster: Cluster, live: StoredObject): void {
  const now = cluster.now();
  const object = thawed(live) as StoredObject;
  const names = (object.spec as JsonObject).names as JsonObject;
  object.status = {
    ...object.status as JsonObject,
    acceptedNames: names,
    conditions: [
      condition("NamesAccepted", "NoConflicts", "no conflicts found", now),
      condition("Established", "InitialNamesAccepted", "the initial names have been accepted", now),
    ],
  };
  const [manager, apiVersion] = ["kube-apiserver", "apiextensions.k8s.io/v1"];
  cluster.store.put(
    shelf,
    update({ schema, live, updated: object, manager, apiVersion, subresource: "status", now }),
  );
}

function condition(type: string, reason: string, message: string, now: string): JsonObject {
  return { type, status: "True", lastTransitionTime: now, reason, message };
}

/** Nothing new is made of a kind that goes; what is there is deleted, and then the definition. */
function empty(cluster: Cluster, live: StoredObject): void {
  const { group, names } = live.spec as { group: string; names: { plural: string } };
  const kind = cluster.kinds.all().find((each) => each.group === group && each.plural === names.plural);
  const objects = kind === undefined ? [] : cluster.list(kind);
  for (const object of objects) removeAs("crd-finalizer", cluster, kind!, object);
  if (kind !== undefined && cluster.list(kind).length > 0) {
    cluster.clock.after(100, () => {
      const still = cluster.store.get(shelf, undefined, live.metadata.name);
      if (still?.metadata.uid === live.metadata.uid) empty(cluster, still);
    });
    return;
  }
  const finalizers = (live.metadata.finalizers ?? []).filter((name) => name !== cleanup);
  const metadata: JsonObject = { ...live.metadata };
  delete metadata.finalizers;
  if (finalizers.length === 0) cluster.store.remove(shelf, { ...live, metadata } as StoredObject);
  else if (finalizers.length < live.metadata.finalizers!.length) {
    cluster.store.put(shelf, { ...live, metadata: { ...live.metadata, finalizers } });
  }
}
