/** The kinds of others that we read or make, as far as we look at them. Those of Kubernetes' own have
 * the types of `kubernetes-types`, which is looked at by the type checker only. */

import type * as apps from "kubernetes-types/apps/v1";
import type * as autoscaling from "kubernetes-types/autoscaling/v2";
import type * as batch from "kubernetes-types/batch/v1";
import type * as core from "kubernetes-types/core/v1";
import type * as meta from "kubernetes-types/meta/v1";
import type * as rbac from "kubernetes-types/rbac/v1";
import type * as storage from "kubernetes-types/storage/v1";
import type { EnvVar, LocalObjectReference, ResourceRequirements } from "../api/mod.ts";
import type { KubeObject } from "../kube/object.ts";

/** Part of a kind of Kubernetes' own: its type comes from `kubernetes-types`. */
type Part<T, Required extends keyof T, Optional extends keyof T = never> =
  & Pick<T, Required>
  & Partial<Pick<T, Optional>>;

/** A condition of any kind. */
export type ObjectCondition = Part<
  meta.Condition,
  "type" | "status",
  "reason" | "message" | "lastTransitionTime" | "observedGeneration"
>;

interface WithConditions {
  conditions?: ObjectCondition[];
}

export interface Node extends KubeObject {
  status?: Pick<core.NodeStatus, "capacity">;
}

export type ContainerState = core.ContainerState;

export type Terminated = Part<core.ContainerStateTerminated, "exitCode", "reason" | "message" | "finishedAt">;

export type ContainerStatus = Part<
  core.ContainerStatus,
  "name",
  "ready" | "restartCount" | "state" | "lastState"
>;

export interface Pod extends KubeObject {
  spec?: Partial<Pick<core.PodSpec, "nodeName">>;
  status?: Pick<core.PodStatus, "phase" | "reason" | "message"> & WithConditions & {
    containerStatuses?: ContainerStatus[];
    initContainerStatuses?: ContainerStatus[];
  };
}

export interface Container extends
  Pick<
    core.Container,
    | "name"
    | "image"
    | "imagePullPolicy"
    | "command"
    | "args"
    | "ports"
    | "volumeMounts"
    | "securityContext"
    | "terminationMessagePath"
    | "terminationMessagePolicy"
  > {
  // Users write these two in our own kinds.
  env?: EnvVar[];
  resources?: ResourceRequirements;
}

export type Volume = Pick<core.Volume, "name" | "emptyDir" | "persistentVolumeClaim">;

export interface PodSpec
  extends Pick<core.PodSpec, "restartPolicy" | "serviceAccountName" | "securityContext"> {
  imagePullSecrets?: LocalObjectReference[];
  containers: Container[];
  volumes?: Volume[];
}

export interface Job extends KubeObject {
  spec?:
    & Pick<batch.JobSpec, "backoffLimit" | "ttlSecondsAfterFinished" | "activeDeadlineSeconds" | "suspend">
    & { template?: { metadata?: Pick<meta.ObjectMeta, "labels" | "annotations">; spec?: PodSpec } };
  status?:
    & Pick<batch.JobStatus, "active" | "succeeded" | "failed" | "startTime" | "completionTime">
    & WithConditions;
}

export interface Deployment extends KubeObject {
  spec?: Pick<apps.DeploymentSpec, "replicas">;
  status?: Pick<apps.DeploymentStatus, "observedGeneration"> & WithConditions;
}

/** A revision of a Deployment. */
export interface ReplicaSet extends KubeObject {
  spec?: { template?: { spec?: Partial<PodSpec> } };
}

export interface PersistentVolumeClaim extends KubeObject {
  spec?:
    & Pick<core.PersistentVolumeClaimSpec, "accessModes" | "storageClassName" | "volumeName">
    & { resources?: Pick<core.VolumeResourceRequirements, "requests"> };
  status?: Pick<core.PersistentVolumeClaimStatus, "phase" | "capacity"> & WithConditions;
}

export interface StorageClass extends KubeObject, Pick<storage.StorageClass, "allowVolumeExpansion"> {}

/** core/v1 Event. A recorder of today leaves the times of yesterday's null, and the other way round. */
export interface Event extends KubeObject, Pick<core.Event, "type" | "reason" | "message"> {
  involvedObject?: Pick<core.ObjectReference, "kind" | "namespace" | "name" | "uid">;
  firstTimestamp?: string | null;
  lastTimestamp?: string | null;
  eventTime?: string | null;
  series?: Pick<core.EventSeries, "lastObservedTime"> | null;
}

export interface HorizontalPodAutoscaler extends KubeObject {
  spec?: Partial<Pick<autoscaling.HorizontalPodAutoscalerSpec, "minReplicas" | "maxReplicas">>;
  status?:
    & Partial<Pick<autoscaling.HorizontalPodAutoscalerStatus, "currentReplicas" | "desiredReplicas">>
    & WithConditions;
}

export interface RoleBinding extends KubeObject, Partial<Pick<rbac.RoleBinding, "subjects" | "roleRef">> {}

export type ServiceAccount = KubeObject;

/** KServe's InferenceService, as far as our builder writes and our inspector reads it. */
export interface InferenceService extends KubeObject {
  spec?: {
    predictor?: {
      minReplicas?: number;
      maxReplicas?: number;
      autoScaling?: unknown;
      serviceAccountName?: string;
      imagePullSecrets?: LocalObjectReference[];
      affinity?: { nodeAffinity?: unknown };
      containers?: Container[];
      volumes?: Volume[];
    };
  };
  status?: { observedGeneration?: number; conditions?: ObjectCondition[]; url?: string };
}

export interface HTTPRoute extends KubeObject {
  spec?: { parentRefs?: unknown[]; rules?: unknown[] };
  status?: {
    parents?: {
      parentRef?: Record<string, unknown>;
      controllerName?: string;
      conditions?: ObjectCondition[];
    }[];
  };
}
