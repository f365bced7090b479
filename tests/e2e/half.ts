/**
 * Which half of the suite this is. A scenario is written once: `deno task test` runs it on a cluster in memory,
 * `deno task test:real` (`AIM_CLUSTER=real`) on a control plane of Kubernetes' own parts.
 */

import { POLICY_FLAGS } from "../apply/policy.ts";
import type { Cluster } from "../control_plane/cluster.ts";
import { type ControlPlaneOptions, startControlPlane } from "../control_plane/control_plane.ts";
import { startGpuCluster } from "../control_plane/gpu_cluster.ts";
import type { gpuNode } from "../control_plane/nodes.ts";
import { startEmbeddedCluster } from "../embedded/embedded_cluster.ts";
import { startEmbeddedGpuCluster } from "../embedded/gpu_cluster.ts";
import { fittingKubectl } from "../embedded/kubectl.ts";
import { startRegistry } from "../registry/registry.ts";
import {
  type ServedRegistry,
  type ServedRegistryOptions,
  serveRegistry,
} from "../registry/served_registry.ts";
import type { onlyRealTests } from "./only_real.ts";

/** Whether scenarios run on Kubernetes' own parts. */
export const onRealCluster = Deno.env.get("AIM_CLUSTER") === "real";

/**
 * A test that a cluster in memory cannot judge: it is one of the other half only, and says so in this one.
 *
 * @param why what it needs that only Kubernetes' own parts have, of `only_real.ts`
 */
export function onlyReal(
  why: keyof typeof onlyRealTests,
  name: string,
  run: (t: Deno.TestContext) => Promise<void>,
): void {
  Deno.test({
    name: onRealCluster ? name : `${name} (test:real only: ${why})`,
    ignore: !onRealCluster,
    fn: run,
  });
}

/**
 * Starts the GPU cluster of this half: three nodes, KServe and Gateway API.
 *
 * @param options change single settings; in memory only which kinds there are can be chosen
 * @param addNodes puts the nodes into the cluster; unless given, their pods are played
 */
export async function startScenarioCluster(
  options: ControlPlaneOptions = {},
  addNodes?: (cluster: Cluster, nodes: readonly ReturnType<typeof gpuNode>[]) => Promise<void>,
): Promise<Cluster> {
  if (onRealCluster) return await startGpuCluster(options, addNodes);
  const { kserve, gatewayApi, auditLog } = { kserve: {}, gatewayApi: true, ...options };
  return await startEmbeddedGpuCluster({
    auditLog,
    rbac: true,
    kubectl: await fittingKubectl(),
    without: [...(kserve ? [] : ["serving.kserve.io"]), ...(gatewayApi ? [] : ["gateway.networking.k8s.io"])],
  }, addNodes);
}

/**
 * Starts an API server of this half that stands alone: no controllers, no nodes.
 *
 * @param neighbours whether it has the kinds of KServe and Gateway API
 */
export async function startScenarioServer({ neighbours = false } = {}): Promise<Cluster> {
  if (!onRealCluster) {
    const without = neighbours ? [] : ["serving.kserve.io", "gateway.networking.k8s.io"];
    return await startEmbeddedCluster({ kubectl: await fittingKubectl(), rbac: true, alone: true, without });
  }
  return await startControlPlane(
    neighbours ? { gatewayApi: true, kserve: {}, apiServerArgs: POLICY_FLAGS } : {},
  );
}

/** Starts the registry of this half: a real one, or one in this process. */
export function startScenarioRegistry(options: ServedRegistryOptions = {}): Promise<ServedRegistry> {
  if (!onRealCluster) return Promise.resolve(serveRegistry(options));
  const small = options.auth === undefined && options.tls === undefined;
  return startRegistry({ ...options, program: small ? "go-containerregistry" : "distribution" });
}
