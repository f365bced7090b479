/** Claims and their volumes: made when the class can, grown when it may, let go when nobody mounts them. */

import type { PersistentVolume, PersistentVolumeClaim } from "kubernetes-types/core/v1";
import type { StorageClass } from "kubernetes-types/storage/v1";
import { compareQuantities, parseQuantity } from "../../api/mod.ts";
import { byAge, type KubeObject, type Live } from "../../kube/object.ts";
import { type Controller, type Index, keysOf, type View, type Write } from "../controller.ts";
import { claims, pods, storageClasses, volumes } from "../resources.ts";
import { selectedNodeAnnotation } from "../scheduling/scheduler.ts";
import { hasEnded, type LivePod } from "../workloads/pods_of_template.ts";

type LiveClaim = Live<KubeObject> & PersistentVolumeClaim;
type LiveVolume = Live<KubeObject> & PersistentVolume;
type LiveClass = Live<KubeObject> & StorageClass;

const volumeProtection = "kubernetes.io/pv-protection";
const claimProtection = "kubernetes.io/pvc-protection";
const noProvisioner = "kubernetes.io/no-provisioner";

/** Pods that keep a claim from going. */
const podsByClaim: Index = {
  resource: pods,
  valuesOf: (pod) => {
    const { spec, status, metadata } = pod as LivePod;
    if (hasEnded({ status })) return [];
    return (spec?.volumes ?? []).flatMap(({ persistentVolumeClaim: claim }) =>
      claim === undefined ? [] : [`${metadata.namespace}/${claim.claimName}`]
    );
  },
};

/** Claims by the class that they want, for when it comes. */
const claimsByClass: Index = {
  resource: claims,
  // Those without a class wait for a default one: any class may be it.
  valuesOf: (claim) => [(claim as LiveClaim).spec?.storageClassName ?? ""],
};

/** Claims by the volume that they name. */
const claimsByVolume: Index = {
  resource: claims,
  valuesOf: (claim) => {
    const { volumeName } = (claim as LiveClaim).spec ?? {};
    return volumeName === undefined ? [] : [volumeName];
  },
};

export const claimController: Controller<LiveClaim> = {
  name: "persistentvolume-controller",
  resource: claims,
  watches: [
    {
      resource: volumes,
      keysOf: ({ metadata }, view) => keysOf(view.by(claimsByVolume, metadata.name)),
    },
    {
      resource: storageClasses,
      keysOf: ({ metadata }, view) =>
        keysOf([...view.by(claimsByClass, metadata.name), ...view.by(claimsByClass, "")]),
    },
    {
      resource: pods,
      keysOf: (pod) =>
        podsByClaim.valuesOf({ ...pod, status: {} } as Live<KubeObject>).map((key) => {
          const [namespace, name] = key.split("/");
          return { namespace, name };
        }),
    },
  ],
  reconcile(claim, view) {
    if (claim.metadata.deletionTimestamp !== undefined) return release(claim, view);
    const { volumeName } = claim.spec ?? {};
    if (volumeName === undefined) return provision(claim, view);
    const volume = view.get<LiveVolume>(volumes, undefined, volumeName);
    const isBound = claim.status?.phase === "Bound";
    // A volume that was never there is on its way: the claim's watch may be ahead of the volumes' watch.
    if (volume === undefined) return isBound ? lost(claim) : [];
    return isBound ? grow(claim, volume, view) : [bound(claim, volume)];
  },
};

export const volumeController: Controller<LiveVolume> = {
  name: "persistentvolume-controller",
  resource: volumes,
  watches: [{
    resource: claims,
    keysOf: (claim) => {
      const { volumeName } = (claim as LiveClaim).spec ?? {};
      return volumeName === undefined ? [] : [{ name: volumeName }];
    },
  }],
  reconcile(volume, view) {
    const { claimRef, persistentVolumeReclaimPolicy } = volume.spec ?? {};
    if (claimRef === undefined) return leave(volume);
    const claim = view.get<LiveClaim>(claims, claimRef.namespace, claimRef.name!);
    if (claim?.metadata.uid === claimRef.uid) return [phase(volume, "Bound")].flat();
    if (volume.metadata.deletionTimestamp !== undefined) return leave(volume);
    return persistentVolumeReclaimPolicy === "Delete"
      ? [{ delete: volume, resource: volumes }]
      : phase(volume, "Released");
  },
};

/** Lets a deleted volume go that no claim has. */
function leave(volume: LiveVolume): Write[] {
  const { deletionTimestamp, finalizers = [] } = volume.metadata;
  if (deletionTimestamp === undefined || !finalizers.includes(volumeProtection)) return [];
  const left = finalizers.filter((each) => each !== volumeProtection);
  return [{ update: { ...volume, metadata: { ...volume.metadata, finalizers: left } }, resource: volumes }];
}

function phase(volume: LiveVolume, phase: string): Write[] {
  if (volume.status?.phase === phase) return [];
  return [{
    updateStatus: { ...volume, status: { ...volume.status, phase } } as Live<KubeObject>,
    resource: volumes,
  }];
}

/** Makes the volume and names it in the claim, unless there is no class that could, or it waits for a pod. */
function provision(claim: LiveClaim, view: View): Write[] {
  const name = claim.spec?.storageClassName ?? defaultClass(view);
  if (!name) {
    const message = "no persistent volumes available for this claim and no storage class is set";
    return pending(claim, "FailedBinding", message);
  }
  if (claim.spec?.storageClassName === undefined) {
    return [{
      update: { ...claim, spec: { ...claim.spec, storageClassName: name } } as LiveClaim,
      resource: claims,
    }];
  }
  const storageClass = view.get<LiveClass>(storageClasses, undefined, name);
  if (storageClass === undefined) {
    return pending(claim, "ProvisioningFailed", `storageclass.storage.k8s.io "${name}" not found`, "Warning");
  }
  const delayed = storageClass.volumeBindingMode === "WaitForFirstConsumer";
  if (delayed && claim.metadata.annotations?.[selectedNodeAnnotation] === undefined) {
    return pending(claim, "WaitForFirstConsumer", "waiting for first consumer to be created before binding");
  }
  if (storageClass.provisioner === noProvisioner) {
    return pending(claim, "ProvisioningFailed", "no volume plugin matched", "Warning");
  }
  const volume = `pvc-${claim.metadata.uid}`;
  return [
    {
      create: {
        apiVersion: "v1",
        kind: "PersistentVolume",
        metadata: {
          name: volume,
          annotations: { "pv.kubernetes.io/provisioned-by": storageClass.provisioner },
        },
        spec: {
          capacity: { storage: claim.spec?.resources?.requests?.storage },
          accessModes: claim.spec?.accessModes,
          volumeMode: claim.spec?.volumeMode ?? "Filesystem",
          storageClassName: name,
          persistentVolumeReclaimPolicy: storageClass.reclaimPolicy ?? "Delete",
          csi: { driver: storageClass.provisioner, volumeHandle: volume },
          claimRef: {
            apiVersion: "v1",
            kind: "PersistentVolumeClaim",
            namespace: claim.metadata.namespace,
            name: claim.metadata.name,
            uid: claim.metadata.uid,
          },
        },
      } as KubeObject,
      resource: volumes,
    },
    {
      update: { ...claim, spec: { ...claim.spec, volumeName: volume } } as Live<KubeObject>,
      resource: claims,
    },
    {
      event: {
        type: "Normal",
        reason: "ProvisioningSucceeded",
        message: `Successfully provisioned volume ${volume}`,
      },
      about: claim,
      resource: claims,
    },
  ];
}

/** The class of claims that name none; the youngest, where several say that they are it. */
export function defaultClass(view: View): string | undefined {
  return view.list<LiveClass>(storageClasses)
    .filter(({ metadata }) =>
      metadata.annotations?.["storageclass.kubernetes.io/is-default-class"] === "true"
    )
    .toSorted(byAge).at(-1)?.metadata.name;
}

/** Says once why there is no volume yet. */
function pending(
  claim: LiveClaim,
  reason: string,
  message: string,
  type: "Normal" | "Warning" = "Normal",
): Write[] {
  return [{ event: { type, reason, message }, about: claim, resource: claims }];
}

function bound(claim: LiveClaim, volume: LiveVolume): Write {
  const status = { phase: "Bound", accessModes: volume.spec?.accessModes, capacity: volume.spec?.capacity };
  return { updateStatus: { ...claim, status } as Live<KubeObject>, resource: claims };
}

function lost(claim: LiveClaim): Write[] {
  return [
    { updateStatus: { ...claim, status: { phase: "Lost" } } as Live<KubeObject>, resource: claims },
    {
      event: {
        type: "Warning",
        reason: "ClaimLost",
        message: "Bound claim has lost reference to PersistentVolume. Data on the volume is lost!",
      },
      about: claim,
      resource: claims,
    },
  ];
}

/** Gives a bound claim more room when it asks for more, if its class lets volumes grow. */
function grow(claim: LiveClaim, volume: LiveVolume, view: View): Write[] {
  const [asked, has] = [claim.spec?.resources?.requests?.storage, volume.spec?.capacity?.storage];
  if (asked === undefined || has === undefined) return [];
  if (compareQuantities(parseQuantity(asked), parseQuantity(has)) <= 0) {
    return claim.status?.capacity?.storage === has ? [] : [bound(claim, volume)];
  }
  const storageClass = view.get<LiveClass>(storageClasses, undefined, claim.spec?.storageClassName ?? "");
  if (!storageClass?.allowVolumeExpansion) return [];
  const grown = {
    ...volume,
    spec: { ...volume.spec, capacity: { ...volume.spec?.capacity, storage: asked } },
  };
  return [{ update: grown as LiveVolume, resource: volumes }, bound(claim, grown as LiveVolume)];
}

/** Lets a deleted claim go once no pod mounts it. */
function release(claim: LiveClaim, view: View): Write[] {
  const { finalizers = [], namespace, name } = claim.metadata;
  if (!finalizers.includes(claimProtection) || view.by(podsByClaim, `${namespace}/${name}`).length > 0) {
    return [];
  }
  const left = finalizers.filter((each) => each !== claimProtection);
  return [{ update: { ...claim, metadata: { ...claim.metadata, finalizers: left } }, resource: claims }];
}
