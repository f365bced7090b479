/**
 * The cluster of `deno task dev --cluster`: control plane and manifests, up until its standard input ends or a
 * signal comes. It prints one line of JSON on standard output once it is up.
 */

import { startInstalledCluster } from "../demo/installed_cluster.ts";

/** What the launcher must know of the cluster. */
export interface ClusterUp {
  /** Of the operator's own ServiceAccount. */
  readonly operator: string;
  /** Of an administrator. */
  readonly admin: string;
  /** Folder of kubectl. */
  readonly tools: string;
}

if (import.meta.main) {
  try {
    await using plane = await startInstalledCluster((line) => console.error(line));
    const up: ClusterUp = {
      operator: await plane.kubeconfigFor("aim-system", "aim-engine-controller-manager"),
      admin: plane.adminKubeconfig,
      tools: plane.toolsFolder,
    };
    console.log(JSON.stringify(up));
    for await (const _ of Deno.stdin.readable) { /* until it ends */ }
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    Deno.exit(1);
  }
}
