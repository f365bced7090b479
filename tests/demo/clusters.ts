/** The two clusters that the demo can run on: one in memory, and one of real parts. */

import type { Cluster } from "../control_plane/cluster.ts";
import { threeNodes } from "../control_plane/gpu_cluster.ts";
import { exports } from "../control_plane/processes/shell.ts";
import { startEmbeddedCluster } from "../embedded/embedded_cluster.ts";
import { installManifests } from "../embedded/installation.ts";
import { embeddedExports } from "../embedded/reach.ts";
import { aimLabels } from "../catalogue/aim_image.ts";
import { type NodeAgent, type NodeAgentOptions, startNodeAgent } from "../node_agent/node_agent.ts";
import { serveRegistry } from "../registry/served_registry.ts";
import { deployments, imageName, modelId, pushedImage } from "./image.ts";
import { startInstalledCluster } from "./installed_cluster.ts";

/** A cluster with nodes, our manifests, and a registry that has the demo's image. */
export interface DemoCluster {
  readonly cluster: Cluster;
  /** The whole reference of the image. */
  readonly image: string;
  /** Variables for kubectl in another terminal; fetches kubectl where there is none. */
  exports(log: (line: string) => void): Promise<readonly string[]>;
}

export interface Setting {
  /** What of it is real, for the screen. */
  readonly says: readonly string[];
  /** By which rights the operator runs. */
  readonly rights: string;
  start(
    agentOptions: Omit<NodeAgentOptions, "nodes">,
    kept: AsyncDisposableStack,
    log: (line: string) => void,
  ): Promise<DemoCluster>;
}

/** Everything in this process, but for what the operator's program and the containers' are: those are as they are. */
export const embedded: Setting = {
  says: [
    "A cluster in memory: API server, controllers, scheduler, KServe, gateway and nodes are played here, for which Node is",
    "enough (--real takes Kubernetes' own parts). The operator, the downloader and the endpoint's pods are real processes.",
  ],
  rights: "with the permissions of its image. (Rights in the cluster are judged with --real only.)",
  async start(agentOptions, kept, log) {
    const cluster = kept.use(await startEmbeddedCluster({ log, runsElsewhere: () => true }));
    const [{ objects, kinds }] = await Promise.all([
      installManifests(cluster),
      startAgent(cluster, agentOptions).then((agent) => kept.use(agent)),
    ]);
    log(`Manifests installed: ${objects} objects, ${kinds} of them kinds.`);
    const registry = kept.use(serveRegistry());
    const { image } = await registry.push(imageName, aimLabels(modelId, deployments));
    return { cluster, image, exports: (log) => embeddedExports(cluster.adminKubeconfig, log) };
  },
};

/** Kubernetes' own parts, built from source. */
export const real: Setting = {
  says: [
    "A Kubernetes control plane of real parts: etcd, API server, controllers, scheduler, KServe.",
    "Its nodes have GPUs on paper. Containers run as processes of this machine: the real downloader, and a small",
    "program in place of the model's image. Hub and gateway are stand-ins on loopback. All else is as it is.",
  ],
  rights: "with the token of its own ServiceAccount and the rights of its Role, no others.",
  async start(agentOptions, kept, log) {
    let agent: NodeAgent | undefined;
    const plane = kept.use(
      await startInstalledCluster(log, {}, async (plane, nodes) => {
        agent = await startNodeAgent(plane, { ...agentOptions, nodes });
      }),
    );
    kept.use(agent!);
    await plane.want({ programs: ["oci-registry", "crane"] });
    const { registry, image } = await pushedImage();
    kept.use(registry);
    return { cluster: plane, image, exports: () => Promise.resolve(exports(plane)) };
  },
};

function startAgent(cluster: Cluster, options: Omit<NodeAgentOptions, "nodes">): Promise<NodeAgent> {
  return startNodeAgent(cluster, { ...options, nodes: threeNodes() });
}
