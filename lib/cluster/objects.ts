/** The kinds of others that we read or make, as far as we look at them. Field by field as their APIs have it. */

import type { EnvVar, LocalObjectReference, ResourceRequirements } from "../api/mod.ts";
import type { KubeObject } from "../kube/object.ts";

export interface ObjectCondition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  lastTransitionTime?: string;
  observedGeneration?: number;
}

export interface Node extends KubeObject {
  status?: { capacity?: Record<string, string> };
}

export interface ContainerState {
  waiting?: { reason?: string; message?: string };
  running?: { startedAt?: string };
  terminated?: { exitCode: number; reason?: string; message?: string; finishedAt?: string };
}

export interface ContainerStatus {
  name: string;
  ready?: boolean;
  restartCount?: number;
  state?: ContainerState;
  lastState?: ContainerState;
}

export interface Pod extends KubeObject {
  spec?: { nodeName?: string };
  status?: {
    phase?: string;
    reason?: string;
    message?: string;
    conditions?: ObjectCondition[];
    containerStatuses?: ContainerStatus[];
    initContainerStatuses?: ContainerStatus[];
  };
}

export interface Container {
  name: string;
  image?: string;
  imagePullPolicy?: string;
  command?: string[];
  args?: string[];
  ports?: { name?: string; containerPort: number; protocol?: string }[];
  env?: EnvVar[];
  resources?: ResourceRequirements;
  volumeMounts?: { name: string; mountPath: string; readOnly?: boolean }[];
  securityContext?: Record<string, unknown>;
  terminationMessagePath?: string;
  terminationMessagePolicy?: string;
}

export interface Volume {
  name: string;
  emptyDir?: { medium?: string; sizeLimit?: string };
  persistentVolumeClaim?: { claimName: string; readOnly?: boolean };
}

export interface PodSpec {
  restartPolicy?: string;
  serviceAccountName?: string;
  imagePullSecrets?: LocalObjectReference[];
  securityContext?: Record<string, unknown>;
  containers: Container[];
  volumes?: Volume[];
}

export interface Job extends KubeObject {
  spec?: {
    backoffLimit?: number;
    ttlSecondsAfterFinished?: number;
    activeDeadlineSeconds?: number;
    suspend?: boolean;
    template?: {
      metadata?: { labels?: Record<string, string>; annotations?: Record<string, string> };
      spec?: PodSpec;
    };
  };
  status?: {
    active?: number;
    succeeded?: number;
    failed?: number;
    startTime?: string;
    completionTime?: string;
    conditions?: ObjectCondition[];
  };
}

export interface Deployment extends KubeObject {
  spec?: { replicas?: number };
  status?: { observedGeneration?: number; conditions?: ObjectCondition[] };
}

/** A revision of a Deployment. */
export interface ReplicaSet extends KubeObject {
  spec?: { template?: { spec?: Partial<PodSpec> } };
}

export interface PersistentVolumeClaim extends KubeObject {
  spec?: {
    accessModes?: string[];
    storageClassName?: string;
    resources?: { requests?: Record<string, string> };
    volumeName?: string;
  };
  status?: { phase?: string; capacity?: Record<string, string>; conditions?: ObjectCondition[] };
}

export interface StorageClass extends KubeObject {
  allowVolumeExpansion?: boolean;
}

/** core/v1 Event. */
export interface Event extends KubeObject {
  type?: string;
  reason?: string;
  message?: string;
  involvedObject?: { kind?: string; namespace?: string; name?: string; uid?: string };
  firstTimestamp?: string;
  lastTimestamp?: string;
  eventTime?: string;
  series?: { lastObservedTime?: string };
}

export interface HorizontalPodAutoscaler extends KubeObject {
  spec?: { minReplicas?: number; maxReplicas?: number };
  status?: { currentReplicas?: number; desiredReplicas?: number; conditions?: ObjectCondition[] };
}

export interface RoleBinding extends KubeObject {
  subjects?: { kind: string; name: string; namespace?: string; apiGroup?: string }[];
  roleRef?: { apiGroup: string; kind: string; name: string };
}

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
