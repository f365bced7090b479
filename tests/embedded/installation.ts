/** Our manifests on a cluster in memory, as `kubectl apply -k manifests` would have them, without a pod of the operator. */

import type { Cluster } from "../control_plane/cluster.ts";
import { kindsServed } from "../control_plane/kinds_served.ts";
import { type Document, documentsBelow } from "../manifests/documents.ts";

/** The folders that `manifests/kustomization.yaml` names; none of them changes what lies below it. */
const folders = ["crds", "operator", "rbac"];

/**
 * Resolves once the kinds are served.
 *
 * @returns how many objects there are, and how many of them are kinds
 */
export async function installManifests(cluster: Cluster): Promise<{ objects: number; kinds: number }> {
  const objects = (await Promise.all(folders.map(documentsBelow))).flat().map(withoutPods);
  // A namespace before what is in it.
  objects.sort((a, b) => Number(b.kind === "Namespace") - Number(a.kind === "Namespace"));
  await cluster.apply(objects);
  await kindsServed(cluster);
  return {
    objects: objects.length,
    kinds: objects.filter(({ kind }) => kind === "CustomResourceDefinition").length,
  };
}

/** The operator runs as a process beside the cluster. */
function withoutPods(object: Document): Document {
  return object.kind === "Deployment" ? { ...object, spec: { ...object.spec, replicas: 0 } } : object;
}
