/**
 * The cluster of `deno task dev --cluster`: control plane and manifests, up until its standard input ends or a
 * signal comes. It prints one line of JSON on standard output once it is up.
 */

import type { Reach } from "../control_plane/shell.ts";
import { startInstalledCluster } from "../demo/installed_cluster.ts";

/** What the launcher must know of the cluster. */
export interface ClusterUp extends Reach {
  /** Kubeconfig of the operator's own ServiceAccount. */
  readonly operatorKubeconfig: string;
}

if (import.meta.main) {
  try {
    await using plane = await startInstalledCluster((line) => console.error(line));
    const up: ClusterUp = {
      operatorKubeconfig: await plane.kubeconfigFor("aim-system", "aim-engine-controller-manager"),
      adminKubeconfig: plane.adminKubeconfig,
      toolsFolder: plane.toolsFolder,
    };
    console.log(JSON.stringify(up));
    for await (const _ of Deno.stdin.readable) { /* until it ends */ }
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    Deno.exit(1);
  }
}
