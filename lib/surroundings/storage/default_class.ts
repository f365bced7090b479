/** A storage class for clusters in memory: its volumes are there at once, may grow, and can be mounted by many. */

import type { KubeObject } from "../../kube/object.ts";

export const defaultStorageClassName = "embedded-volume";

export const defaultStorageClass: KubeObject = {
  apiVersion: "storage.k8s.io/v1",
  kind: "StorageClass",
  metadata: {
    name: defaultStorageClassName,
    annotations: { "storageclass.kubernetes.io/is-default-class": "true" },
  },
  provisioner: "embedded.example.com/volume",
  allowVolumeExpansion: true,
  reclaimPolicy: "Delete",
  volumeBindingMode: "Immediate",
} as KubeObject;
