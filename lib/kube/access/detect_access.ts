import { join } from "node:path";
import { type Access, ConfigurationError } from "./access.ts";
import { inClusterAccess, isInCluster } from "./in_cluster.ts";

/**
 * Finds the cluster to talk to (conventions §1.1): the `--kubeconfig` flag, else `KUBECONFIG` (a list of
 * files), else the service account of the pod, else `~/.kube/config`.
 *
 * @throws ConfigurationError
 */
export async function detectAccess(kubeconfigFlag = "", context?: string): Promise<Access> {
  const named = kubeconfigFlag || Deno.env.get("KUBECONFIG") || "";
  if (named === "" && isInCluster()) return await inClusterAccess();
  // Loaded only where there is a file to read: YAML has no place in the memory of an operator in a pod.
  const { kubeconfigAccess } = await import("./kubeconfig.ts");
  if (kubeconfigFlag) return await kubeconfigAccess([kubeconfigFlag], context);
  if (named) return await kubeconfigAccess(named.split(":").filter(Boolean), context);
  const home = Deno.env.get("HOME");
  if (!home) {
    throw new ConfigurationError(
      "no cluster: no --kubeconfig, no KUBECONFIG, not in a pod, and HOME is not set",
    );
  }
  return await kubeconfigAccess([join(home, ".kube", "config")], context);
}
