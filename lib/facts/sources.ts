/** Every source of facts: what the program provides to its controllers. */

import type { Transport } from "../kube/transport.ts";
import type { AnyFactSource } from "../operator/runner/facts.ts";
import { noPauses, RegistryClient, type RegistryClientOptions, RegistryLister } from "../registry/mod.ts";
import { discoveryResultSource } from "./discovery_result.ts";
import { imageMetadataSource, type OwnDockerConfig } from "./image_metadata.ts";
import { ownDockerConfig } from "./own_docker_config.ts";
import { podLogSource } from "./pod_log.ts";
import { sourceListingSource } from "./source_listing.ts";
import { secretVersionSource } from "./secret_version.ts";

/** Three tries of this length, and the waits between them, fit into the time that a fact has. Milliseconds. */
const registryTimeout = 15_000;

/** What answers them in the cluster: logs come by way of kubelets, which may not answer. */
export interface FactTransports {
  readonly api: Transport;
  readonly logs: Transport;
}

/** How registries are asked; by default over the network, with the credentials of this machine. */
export interface RegistryAccess {
  readonly fetch?: RegistryClientOptions["fetch"];
  readonly own?: OwnDockerConfig;
}

/** @param onRegistryRequest told of every answer of a registry, and of every try without one */
export function factSources(
  { api, logs }: FactTransports,
  onRegistryRequest?: (registry: string, outcome: string) => void,
  { fetch, own = ownDockerConfig }: RegistryAccess = {},
): readonly AnyFactSource[] {
  const access = { observe: onRegistryRequest, fetch, pauses: noPauses() };
  const registry = new RegistryClient({ ...access, timeout: registryTimeout });
  const lister = new RegistryLister(access);
  return [
    podLogSource(logs),
    discoveryResultSource(logs),
    imageMetadataSource(api, registry, own),
    secretVersionSource(api),
    sourceListingSource(api, lister, own),
  ];
}
