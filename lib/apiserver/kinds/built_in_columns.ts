/** The columns of built-in kinds, as far as they are fields. */
import type { Column } from "./kind.ts";

const nameDescription =
  "Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to " +
  "request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration " +
  "definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names";
const createdDescription =
  "CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in " +
  "happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in " +
  "UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata";

export const nameColumn = {
  name: "Name",
  type: "string",
  format: "name",
  description: nameDescription,
  priority: 0,
};

const age: Column = {
  name: "Age",
  type: "string",
  description: createdDescription,
  jsonPath: ".metadata.creationTimestamp",
};

const text = (name: string, jsonPath: string, description = ""): Column => {
  return { name, type: "string", jsonPath, description };
};

const columns: Readonly<Record<string, readonly Column[]>> = {
  ConfigMap: [
    {
      ...text("Data", "count(.data,.binaryData)"),
      description: "Data contains the configuration data. Each key must consist of " +
        "alphanumeric characters, '-', '_' or '.'. Values with non-UTF-8 byte sequences must use the BinaryData field. The keys stored " +
        "in Data must not overlap with the keys in the BinaryData field, this is enforced during validation process.",
    },
    age,
  ],
  Namespace: [text("Status", ".status.phase", "The status of the namespace"), age],
  Secret: [text("Type", ".type"), text("Data", "count(.data)"), age],
  ServiceAccount: [text("Secrets", "count(.secrets)"), age],
  Deployment: [
    text("Ready", "ratio(.status.readyReplicas,.spec.replicas)"),
    text("Up-to-date", "number(.status.updatedReplicas)"),
    text("Available", "number(.status.availableReplicas)"),
    age,
  ],
  Pod: [
    text("Ready", "ready(.status.containerStatuses,.spec.containers)"),
    text("Status", "phase()"),
    text("Restarts", "restarts(.status.containerStatuses)"),
    age,
  ],
  Service: [
    text("Type", ".spec.type"),
    text("Cluster-IP", ".spec.clusterIP"),
    text("External-IP", "none()"),
    text("Port(s)", "ports(.spec.ports)"),
    age,
  ],
  Job: [
    text("Status", "jobStatus()"),
    text("Completions", "ratio(.status.succeeded,.spec.completions)"),
    text("Duration", "duration()"),
    age,
  ],
  PersistentVolumeClaim: [
    text("Status", ".status.phase"),
    text("Volume", ".spec.volumeName"),
    text("Capacity", ".status.capacity.storage"),
    text("Access Modes", "accessModes(.status.accessModes)"),
    text("StorageClass", ".spec.storageClassName"),
    age,
  ],
  Node: [
    text("Status", "nodeStatus()"),
    text("Roles", "none()"),
    age,
    text("Version", ".status.nodeInfo.kubeletVersion"),
  ],
  Event: [
    text("Last Seen", "since(.lastTimestamp)"),
    text("Type", ".type"),
    text("Reason", ".reason"),
    text("Object", "involved()"),
    text("Message", ".message"),
  ],
  Lease: [text("Holder", ".spec.holderIdentity"), age],
  StorageClass: [text("Provisioner", ".provisioner"), text("ReclaimPolicy", ".reclaimPolicy"), age],
  CustomResourceDefinition: [text("Created At", ".metadata.creationTimestamp", createdDescription)],
};

export function columnsOf(kind: string): readonly Column[] {
  return columns[kind] ?? [age];
}
