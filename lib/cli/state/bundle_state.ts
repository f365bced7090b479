/** The state in a support bundle: one list of objects that a person can read. */

import type { StoredObject } from "../../apiserver/store/store.ts";
import { isObject } from "../../kube/json/json.ts";
import type { KubeObject } from "../../kube/object.ts";
import { CommandFault } from "../faults.ts";
import { clusterOf, type ClusterState, othersDefinitions, ownDefinitions, withNamespaces } from "./state.ts";

export interface Bundle {
  readonly apiVersion: "v1";
  readonly kind: "List";
  /** What is known beside the objects; it tells a bundle from a list. */
  readonly snapshot: {
    readonly by: string;
    readonly at: string;
    readonly unseen: readonly string[];
    /** Kinds that the operator works with and that the cluster does not have. */
    readonly uninstalled: readonly string[];
    /** Versions of Secrets by namespace and name; absent where they could not be listed. */
    readonly secrets?: Readonly<Record<string, string>>;
  };
  readonly items: readonly KubeObject[];
}

/** Whether a list is a bundle. */
export function isBundle(value: unknown): value is Bundle {
  return isObject(value) && isObject(value.snapshot) && Array.isArray(value.items);
}

export async function bundleState({ snapshot, items }: Bundle, file: string): Promise<ClusterState> {
  const at = Date.parse(snapshot.at);
  if (Number.isNaN(at)) {
    throw new CommandFault(`${file} is no snapshot: it does not say of which moment it is`);
  }
  const uninstalled = new Set(snapshot.uninstalled);
  const others = (await othersDefinitions()).filter(({ metadata }) => !uninstalled.has(metadata.name));
  const objects = items as unknown as StoredObject[];
  const { cluster, strange } = clusterOf([...ownDefinitions(), ...others], objects);
  for (const [key, resourceVersion] of Object.entries(snapshot.secrets ?? {})) {
    const [namespace, name] = key.split("/");
    const metadata = { name, namespace, uid: key, resourceVersion, creationTimestamp: snapshot.at };
    cluster.store.restore("secrets", { apiVersion: "v1", kind: "Secret", metadata });
  }
  withNamespaces(cluster, objects.flatMap(({ metadata: { namespace } }) => namespace ?? []), at);
  return {
    cluster,
    manifests: [],
    at,
    unseen: snapshot.unseen,
    remarks: strange.map((kind) => `${kind} plays no part`),
    knowsSecrets: snapshot.secrets !== undefined,
    source: `snapshot ${file}`,
  };
}
