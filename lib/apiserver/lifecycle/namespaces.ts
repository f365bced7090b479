/** Namespaces that go: their contents first, then they. */
import type { Cluster } from "../cluster.ts";
import type { JsonObject } from "../json.ts";
import type { Change, StoredObject } from "../store/store.ts";
import { removeAs } from "./removal.ts";

/**
 * How long a namespace that goes keeps its contents, in milliseconds: who deletes it along with what is in it finds that
 * still there. As long as the original waits.
 */
const pause = 5_000;

export function namespaceChanged(cluster: Cluster, { type, object }: Change): void {
  if (type !== "DELETED" && object.metadata.deletionTimestamp !== undefined) {
    empty(cluster, object.metadata.name);
  }
}

/** Something in a namespace has gone: it may have been the last that held it. */
export function somethingLeft(cluster: Cluster, namespace: string | undefined): void {
  if (namespace !== undefined) empty(cluster, namespace);
}

function empty(cluster: Cluster, name: string): void {
  const namespace = cluster.store.get("namespaces", undefined, name);
  const { deletionTimestamp } = namespace?.metadata ?? {};
  if (namespace === undefined || deletionTimestamp === undefined) return;
  const early = Date.parse(deletionTimestamp) + pause - cluster.clock.now();
  if (early > 0) {
    cluster.clock.after(early, () => empty(cluster, name));
    return;
  }
  const kinds = cluster.kinds.all().filter(({ namespaced }) => namespaced);
  for (const kind of kinds) {
    for (const object of cluster.list(kind, name)) {
      if (object.metadata.deletionTimestamp !== undefined) continue;
      removeAs("namespace-controller", cluster, kind, object, "Background");
    }
  }
  if (kinds.some((kind) => cluster.list(kind, name).length > 0)) return;
  const { finalizers = [] } = namespace.spec as { finalizers?: string[] };
  const left = finalizers.filter((finalizer) => finalizer !== "kubernetes");
  const object: JsonObject = { ...namespace, spec: left.length === 0 ? {} : { finalizers: left } };
  const held = left.length > 0 || (namespace.metadata.finalizers ?? []).length > 0;
  if (!held) cluster.store.remove("namespaces", object as StoredObject);
  else if (left.length < finalizers.length) cluster.store.put("namespaces", object);
}
