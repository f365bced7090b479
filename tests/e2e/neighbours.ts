/** KServe and Gateway API, as they come to a cluster that began without them. */

import type { Cluster } from "../control_plane/cluster.ts";
import { ControlPlane } from "../control_plane/control_plane.ts";
import { installGatewayApi } from "../control_plane/servers/gateway_api.ts";
import { installKServe } from "../control_plane/servers/kserve.ts";
import { playStages } from "../control_plane/servers/kwok.ts";
import { httpRouteAccepted } from "../control_plane/servers/stages.ts";
import { neighbourDefinitions } from "../../lib/surroundings/mod.ts";

/** Installs both; their controllers work from then on. */
export async function installNeighbours(cluster: Cluster): Promise<void> {
  if (!(cluster instanceof ControlPlane)) return await cluster.apply(await neighbourDefinitions());
  await Promise.all([installKServe(cluster, { controller: true }), installGatewayApi(cluster)]);
  await playStages(cluster, [httpRouteAccepted()]);
}
