/** Deletion by the server's own controllers: what a policy refuses them is tried again. */
import type { Cluster } from "../cluster.ts";
import type { Kind } from "../kinds/kind.ts";
import { accountName, userOf } from "../user.ts";
import { Refusal } from "../status.ts";
import type { StoredObject } from "../store/store.ts";
import { remove } from "../verbs/delete.ts";

/** After so many milliseconds. */
const pause = 1_000;

/** The UIDs of objects that wait for another try. */
const waiting = new WeakMap<Cluster, Set<string>>();

/**
 * Deletes an object as the controller of that name. As long as that is refused it is tried again, unless somebody else has
 * deleted it by then.
 */
export function removeAs(
  controller: string,
  cluster: Cluster,
  kind: Kind,
  { metadata: { namespace, name, uid } }: StoredObject,
  propagationPolicy?: "Background" | "Foreground",
): void {
  const refused = waiting.get(cluster) ?? new Set();
  if (refused.has(uid)) return;
  const user = userOf(accountName("kube-system", controller));
  try {
    remove(cluster, kind, { namespace, name }, { dryRun: false, propagationPolicy, user, byServer: true });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    waiting.set(cluster, refused.add(uid));
    cluster.clock.after(pause, () => {
      refused.delete(uid);
      const live = cluster.get(kind, namespace, name);
      if (live?.metadata.uid !== uid || live.metadata.deletionTimestamp !== undefined) return;
      removeAs(controller, cluster, kind, live, propagationPolicy);
    });
  }
}
