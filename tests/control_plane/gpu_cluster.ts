/** A whole little GPU cluster, as the demo, `deno task dev --cluster` and end-to-end tests want it. */
import { type ControlPlane, type ControlPlaneOptions, startControlPlane } from "./control_plane.ts";
import { addNodes, gpuNode } from "./nodes.ts";
import { httpRouteAccepted } from "./servers/stages.ts";

/** Two nodes with eight MI300X and one with eight MI325X. */
export function threeNodes(): ReturnType<typeof gpuNode>[] {
  return [
    gpuNode("mi300x-0", { model: "MI300X" }),
    gpuNode("mi300x-1", { model: "MI300X" }),
    gpuNode("mi325x-0", { model: "MI325X" }),
  ];
}

/**
 * Starts a control plane with everything on: controller manager, scheduler, {@link threeNodes}, KServe with its own controller, Gateway API with a gateway that accepts every route.
 *
 * @param options change single settings
 * @param add puts the nodes into the cluster; unless given, kwok runs them
 */
export async function startGpuCluster(
  options: ControlPlaneOptions = {},
  add: (plane: ControlPlane, nodes: readonly ReturnType<typeof gpuNode>[]) => Promise<void> = addNodes,
): Promise<ControlPlane> {
  const plane = await startControlPlane({
    controllerManager: true,
    scheduler: true,
    kwok: { stages: [httpRouteAccepted()] },
    kserve: { controller: true },
    gatewayApi: true,
    ...options,
  });
  try {
    await add(plane, threeNodes());
  } catch (error) {
    await plane.stop();
    throw error;
  }
  return plane;
}
