/** A little GPU cluster with our manifests in it, as a person installs them: with kubectl. */

import { fileURLToPath } from "node:url";
import type { ControlPlane, ControlPlaneOptions } from "../control_plane/control_plane.ts";
import { startGpuCluster } from "../control_plane/gpu_cluster.ts";
import { kindsServed } from "../control_plane/kinds_served.ts";

/** All of `manifests/` with the Deployment at 0 replicas. */
const installation = fileURLToPath(new URL("installation", import.meta.url));

/**
 * Starts the control plane, installs the manifests and waits until their kinds are served.
 *
 * @param addNodes puts the nodes into the cluster; unless given, kwok runs them
 */
export async function startInstalledCluster(
  log: (line: string) => void,
  options: ControlPlaneOptions = {},
  addNodes?: Parameters<typeof startGpuCluster>[1],
): Promise<ControlPlane> {
  const plane = await startGpuCluster({ log, ...options }, addNodes);
  try {
    const applied = (await kubectl(plane, "apply", "-k", installation, "-o", "name")).split("\n");
    const crds = applied.filter((name) => name.startsWith("customresourcedefinition."));
    await kindsServed(plane);
    log(`Manifests installed with kubectl: ${applied.length} objects, ${crds.length} of them kinds.`);
    return plane;
  } catch (error) {
    await plane.stop();
    throw error;
  }
}

/** What kubectl prints; throws what it complains about. */
export async function kubectl(plane: ControlPlane, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await plane.kubectl(args);
  if (code !== 0) throw new Error(`kubectl ${args.join(" ")}: ${stderr.trim()}`);
  return stdout.trim();
}
