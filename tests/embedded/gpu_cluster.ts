/** The little GPU cluster of tests and `deno task dev --cluster`, in memory. */

import type { Cluster } from "../control_plane/cluster.ts";
import { threeNodes } from "../control_plane/gpu_cluster.ts";
import type { gpuNode } from "../control_plane/nodes.ts";
import {
  type EmbeddedCluster,
  type EmbeddedClusterOptions,
  startEmbeddedCluster,
} from "./embedded_cluster.ts";

/** @param addNodes puts the nodes into the cluster and runs their pods; unless given, those are played */
export async function startEmbeddedGpuCluster(
  options: EmbeddedClusterOptions = {},
  addNodes?: (cluster: Cluster, nodes: readonly ReturnType<typeof gpuNode>[]) => Promise<void>,
): Promise<EmbeddedCluster> {
  const cluster = await startEmbeddedCluster({
    ...(addNodes && { runsElsewhere: () => true }),
    ...options,
  });
  try {
    const nodes = threeNodes();
    if (addNodes) await addNodes(cluster, nodes);
    else for (const node of nodes) await cluster.request("POST", "/api/v1/nodes", node);
  } catch (error) {
    await cluster.stop();
    throw error;
  }
  return cluster;
}
