/** What the bench needs in a cluster in memory before its services come. */

import { gpuNode } from "../control_plane/nodes.ts";
import type { WholeCluster } from "../simulation/whole/whole_cluster.ts";
import { cacheOf, catalogue, type Given, namespaces } from "./scenario.ts";

/** How many services a node takes. */
const gpus = 8;

/** The catalogue of the bench, its namespaces with their caches, and room for so many services. */
export function furnish(cluster: WholeCluster, count: number): void {
  for (let n = 0; n < Math.ceil(count / gpus); n++) {
    cluster.ask("POST", "/api/v1/nodes", gpuNode(`n${n}`, { model: "MI300X", count: gpus }));
  }
  for (const name of namespaces) {
    cluster.ask("POST", "/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name } });
    cluster.ask("POST", `/api/v1/namespaces/${name}/persistentvolumeclaims`, {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name: "bench-artifact-cache" },
      spec: { accessModes: ["ReadWriteMany"], resources: { requests: { storage: "16Gi" } } },
    });
  }
  for (const { path, object, status } of [...catalogue, ...namespaces.map(cacheOf)] as Given[]) {
    const { metadata: { name } } = cluster.ask("POST", path, object);
    if (status === undefined) continue;
    cluster.ask("PATCH", `${path}/${name}/status`, { status }, "application/merge-patch+json");
  }
}
