/** What is known of a cluster at one moment: its objects and kinds, from wherever they were read. */

import { Cluster } from "../../apiserver/cluster.ts";
import { shelfOf } from "../../apiserver/kinds/kind.ts";
import type { StoredObject } from "../../apiserver/store/store.ts";
import { crdOf } from "../../api/crd.ts";
import { kinds } from "../../api/mod.ts";
import { neighbourDefinitions } from "../../surroundings/mod.ts";
import type { JsonObject, Manifest } from "../files/manifests.ts";

export interface ClusterState {
  /** The objects as they stand, with the kinds that are served. */
  readonly cluster: Cluster;
  /** Objects that no cluster has stored yet: they are applied before anything else. */
  readonly manifests: readonly Manifest[];
  /** When it was so, in milliseconds since 1970. */
  readonly at: number;
  /** Kinds that could not be read, as kubectl writes them. */
  readonly unseen: readonly string[];
  /** What else is to be known of it, each in a sentence. */
  readonly remarks: readonly string[];
  /** Whether it is known which Secrets there are; of none anything but its name and version is. */
  readonly knowsSecrets: boolean;
  /** Where it is from, as a sentence goes on: `the cluster`, `folder x`. */
  readonly source: string;
}

/** Kinds that are served, beside the built-in ones. */
export type Definition = JsonObject & { readonly metadata: { readonly name: string } };

/** The operator's ten kinds, as this build has them. */
export function ownDefinitions(): Definition[] {
  return kinds.map(crdOf) as unknown as Definition[];
}

/** Others' kinds that the operator works with: KServe's, and those of the Gateway API. */
export async function othersDefinitions(): Promise<Definition[]> {
  return await neighbourDefinitions() as unknown as Definition[];
}

/** A cluster that holds these objects just as they are; what names a kind that is not served is left out and named. */
export function clusterOf(
  definitions: readonly Definition[],
  objects: readonly StoredObject[],
): { cluster: Cluster; strange: string[] } {
  const cluster = new Cluster({ token: "rehearsal" });
  for (const definition of definitions) cluster.kinds.define(definition);
  const shelves = new Map<string, string | undefined>();
  const strange = new Set<string>();
  for (const object of objects) {
    const type = `${object.apiVersion} ${object.kind}`;
    if (!shelves.has(type)) {
      const kind = cluster.kinds.byKind(object.apiVersion, object.kind);
      shelves.set(type, kind && shelfOf(kind));
    }
    const shelf = shelves.get(type);
    if (shelf === undefined) strange.add(`${object.kind} of ${object.apiVersion}`);
    else cluster.store.restore(shelf, object);
  }
  return { cluster, strange: [...strange].sort() };
}

/** Namespaces that something is in, and that were not read themselves. */
export function withNamespaces(cluster: Cluster, names: Iterable<string>, at: number): void {
  for (const name of names) {
    if (cluster.store.get("namespaces", undefined, name) !== undefined) continue;
    cluster.store.restore("namespaces", {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: {
        name,
        uid: cluster.newUid(),
        resourceVersion: "1",
        creationTimestamp: new Date(at).toISOString().replace(/\.\d+Z/, "Z"),
        labels: { "kubernetes.io/metadata.name": name },
      },
      spec: { finalizers: ["kubernetes"] },
      status: { phase: "Active" },
    });
  }
}
