/** A GPU cluster whose pods live as a test says, with the operator in it and a registry beside it. */

import type { Cluster } from "../control_plane/cluster.ts";
import type { ControlPlaneOptions } from "../control_plane/control_plane.ts";
import { startScenarioCluster, startScenarioRegistry } from "../e2e/half.ts";
import { type Installation, installInto, uninstall } from "../e2e/installation.ts";
import type { BehaviourOf } from "../../lib/surroundings/kubelet/behaviour.ts";
import { discoveryImages, type DryRun } from "../node_agent/discovery_images.ts";
import { type NodeAgent, startNodeAgent } from "../node_agent/node_agent.ts";
import type { ServedRegistry } from "../registry/served_registry.ts";

export interface PlayedCluster extends Installation {
  readonly agent: NodeAgent;
  readonly registry: ServedRegistry;
  /** What images do in a dry run, by their reference; changed by tests. */
  readonly dryRuns: Map<string, DryRun>;
}

/** A cluster without what only services need: it starts sooner. */
export const modelsOnly: ControlPlaneOptions = { kserve: undefined, gatewayApi: false, kwok: undefined };

/** Starts all of it. Nodes and their pods are the node agent's; kwok plays claims and routes. */
export async function installPlayed(
  env: Readonly<Record<string, string>> = {},
  options: ControlPlaneOptions = {},
): Promise<PlayedCluster> {
  const dryRuns = new Map<string, DryRun>();
  const { plane, agent } = await startPlayedCluster(discoveryImages(dryRuns), { auditLog: true, ...options });
  let registry: ServedRegistry | undefined;
  try {
    registry = await startScenarioRegistry();
    return { ...await installInto(plane, { env }), agent, registry, dryRuns };
  } catch (error) {
    await registry?.stop();
    await agent.stop();
    await plane.stop();
    throw error;
  }
}

/** Ends all of it; fails if the operator was refused anything for want of a right. */
export async function uninstallPlayed(cluster: PlayedCluster | undefined): Promise<void> {
  await cluster?.agent.stop();
  await cluster?.registry.stop();
  await uninstall(cluster);
}

/** A GPU cluster whose nodes are a node agent's. */
export async function startPlayedCluster(
  behaviourOf: BehaviourOf,
  options: ControlPlaneOptions = {},
): Promise<{ plane: Cluster; agent: NodeAgent }> {
  let agent: NodeAgent | undefined;
  const plane = await startScenarioCluster(options, async (plane, nodes) => {
    agent = await startNodeAgent(plane, { nodes, behaviourOf, log: (line) => console.error(line) });
  });
  return { plane, agent: agent! };
}
