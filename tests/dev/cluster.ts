/**
 * The cluster of `deno task dev --cluster`: nodes with GPUs on paper, the manifests, up until its standard input ends or a
 * signal comes. It is in memory, or with `--real` of Kubernetes' own parts. It prints one line of JSON on standard output
 * once it is up.
 */

import type { Cluster } from "../control_plane/cluster.ts";
import { exports } from "../control_plane/processes/shell.ts";
import { startInstalledCluster } from "../demo/installed_cluster.ts";
import { startEmbeddedGpuCluster } from "../embedded/gpu_cluster.ts";
import { installManifests } from "../embedded/installation.ts";
import { embeddedExports } from "../embedded/reach.ts";

/** What the launcher must know of the cluster. */
export interface ClusterUp {
  /** Kubeconfig of the operator's own ServiceAccount. */
  readonly operatorKubeconfig: string;
  /** The lines that a shell needs to reach it. */
  readonly exports: readonly string[];
}

const log = (line: string) => console.error(line);

async function startInMemory(): Promise<Cluster> {
  const cluster = await startEmbeddedGpuCluster({ log });
  const { objects, kinds } = await installManifests(cluster);
  log(`Manifests installed: ${objects} objects, ${kinds} of them kinds.`);
  return cluster;
}

if (import.meta.main) {
  const real = Deno.args.includes("--real");
  try {
    await using cluster = real ? await startInstalledCluster(log) : await startInMemory();
    const up: ClusterUp = {
      operatorKubeconfig: await cluster.kubeconfigFor("aim-system", "aim-engine-controller-manager"),
      exports: real ? exports(cluster) : await embeddedExports(cluster.adminKubeconfig, log),
    };
    console.log(JSON.stringify(up));
    for await (const _ of Deno.stdin.readable) { /* until it ends */ }
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    Deno.exit(1);
  }
}
