/** Reads what room is counted in, with the user's own rights. */

import type {
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  ResourceQuota,
} from "kubernetes-types/core/v1";
import type { CSIStorageCapacity, StorageClass } from "kubernetes-types/storage/v1";
import { isStatus } from "../../kube/errors.ts";
import type { KubeObject, Resource } from "../../kube/object.ts";
import type { Transport } from "../../kube/transport.ts";
import { list } from "../../kube/watch/list.ts";
import type { Fleet } from "./room.ts";

/** A fleet with what volumes need. */
export interface ReadFleet extends Fleet {
  readonly claims: readonly PersistentVolumeClaim[];
  readonly volumes: readonly PersistentVolume[];
  readonly storageClasses: readonly StorageClass[];
  readonly capacities: readonly CSIStorageCapacity[];
  /** Kinds of which the user may not see all: the room may be less than is told. */
  readonly unseen: readonly string[];
}

const core = (kind: string, plural: string, namespaced = true): Resource => ({
  group: "",
  version: "v1",
  kind,
  plural,
  namespaced,
});
const storage = (kind: string, plural: string, namespaced = false): Resource => ({
  ...core(kind, plural, namespaced),
  group: "storage.k8s.io",
});

/** @throws ApiError, NetworkError, where it is something else than a missing right */
export async function readFleet(transport: Transport, namespace: string): Promise<ReadFleet> {
  const unseen: string[] = [];
  /** In one namespace where the whole cluster may not be listed. */
  const read = async <T>(resource: Resource, where?: string): Promise<readonly T[]> => {
    try {
      const { items } = await list<KubeObject>(
        transport,
        resource,
        where === undefined ? {} : { namespace: where },
      );
      return items as unknown as readonly T[];
    } catch (error) {
      if (isStatus(error, 404)) return [];
      if (!isStatus(error, 403)) throw error;
      const name = resource.group === "" ? resource.plural : `${resource.plural}.${resource.group}`;
      if (!unseen.includes(name)) unseen.push(name);
      return resource.namespaced && where === undefined ? await read(resource, namespace) : [];
    }
  };
  const [nodes, pods, quotas, claims, volumes, storageClasses, capacities] = await Promise.all([
    read<Node>(core("Node", "nodes", false)),
    read<Pod>(core("Pod", "pods")),
    read<ResourceQuota>(core("ResourceQuota", "resourcequotas"), namespace),
    read<PersistentVolumeClaim>(core("PersistentVolumeClaim", "persistentvolumeclaims"), namespace),
    read<PersistentVolume>(core("PersistentVolume", "persistentvolumes", false)),
    read<StorageClass>(storage("StorageClass", "storageclasses")),
    read<CSIStorageCapacity>(storage("CSIStorageCapacity", "csistoragecapacities", true)),
  ]);
  return { nodes, pods, quotas, claims, volumes, storageClasses, capacities, unseen };
}
