/**
 * What Kubernetes' own programs say of why something of ours does not come up: one row a reason. Which events
 * are watched, and what a waiting container or a failed pod means, follows from these rows.
 */

import type { ErrorCategory } from "../errors/errors.ts";

/**
 * What follows if nobody does anything:
 * - `final`: it stays as it is until somebody changes what is written, or makes what is missing.
 * - `placeless`: it waits for a place: a node, a volume, a network.
 * - `passing`: it is tried again, or replaced, by itself.
 */
export type Outlook = "final" | "placeless" | "passing";

export type Source =
  | "kubelet"
  | "scheduler"
  | "volume binder"
  | "attach/detach controller"
  | "controller manager"
  | "provisioner"
  | "resizer"
  | "KServe";

/** A container that waits for this reason is in trouble; `ContainerCreating` and `PodInitializing` are none. */
export interface WaitingRow {
  readonly outlook: Outlook;
  /** The class of the error that it is; none where the reason alone says enough. */
  readonly category?: ErrorCategory;
  /** It is about getting the image. */
  readonly image?: true;
}

/** Reasons of waiting containers; all are the kubelet's. The text of a failed pull tells refused from absent. */
export const waitingReasons: Readonly<Record<string, WaitingRow>> = {
  ErrImagePull: { outlook: "passing", category: "Infrastructure", image: true },
  ImagePullBackOff: { outlook: "passing", category: "Infrastructure", image: true },
  RegistryUnavailable: { outlook: "passing", category: "Infrastructure", image: true },
  ImageInspectError: { outlook: "passing", category: "Infrastructure", image: true },
  ErrImageNeverPull: { outlook: "final", category: "MissingUpstream", image: true },
  InvalidImageName: { outlook: "final", category: "InvalidSpec", image: true },
  SignatureValidationFailed: { outlook: "final", category: "InvalidSpec", image: true },
  CrashLoopBackOff: { outlook: "final" },
  CreateContainerConfigError: { outlook: "final" },
  CreateContainerError: { outlook: "final" },
  ImageVolumeMountFailed: { outlook: "final" },
  PreCreateHookError: { outlook: "final" },
  PreStartHookError: { outlook: "final" },
  PostStartHookError: { outlook: "final" },
  RunContainerError: { outlook: "final" },
};

/** Reasons of pods that ended without having done their work; whoever made them makes others in their place. */
export const endedReasons: Readonly<Record<string, { readonly source: Source; readonly outlook: Outlook }>> =
  {
    Evicted: { source: "kubelet", outlook: "passing" },
    Preempting: { source: "kubelet", outlook: "passing" },
    NodeShutdown: { source: "kubelet", outlook: "passing" },
    Terminated: { source: "kubelet", outlook: "passing" },
    UnexpectedAdmissionError: { source: "kubelet", outlook: "passing" },
    NodeAffinity: { source: "kubelet", outlook: "passing" },
    TopologyAffinityError: { source: "kubelet", outlook: "passing" },
    NodeLost: { source: "controller manager", outlook: "passing" },
    AppArmor: { source: "kubelet", outlook: "final" },
    SysctlForbidden: { source: "kubelet", outlook: "final" },
    PodLevelResourcesNotSupported: { source: "kubelet", outlook: "final" },
    PodFeatureUnsupported: { source: "kubelet", outlook: "final" },
    PodOSNotSupported: { source: "kubelet", outlook: "final" },
    PodOSSelectorNodeLabelDoesNotMatch: { source: "kubelet", outlook: "final" },
    InitContainerRestartPolicyForbidden: { source: "kubelet", outlook: "final" },
    SupplementalGroupsPolicyNotSupported: { source: "kubelet", outlook: "final" },
    InvalidNodeInfo: { source: "kubelet", outlook: "passing" },
    UnexpectedPredicateFailureType: { source: "kubelet", outlook: "passing" },
    UnknownReason: { source: "kubelet", outlook: "passing" },
  };

/** A node that was full when the pod came: `OutOfcpu`, `OutOfmemory`, `OutOfamd.com/gpu`, … */
export const outOf = "OutOf";

/**
 * When an event says something:
 * - `starting`: of a pod that has not started yet, in place of a state that says nothing.
 * - `pulling`: beside an image that cannot be pulled.
 * - `running`: of a pod that runs and is not ready; only if it is younger than the run.
 * - `leaving`: of a pod that goes or should, while its replacement is not there.
 * - `unbound`: of a claim that is not bound.
 * - `growing`: of a claim that was to become larger and has not.
 * - `refused`: of a Job whose pods are refused.
 * - `unready`: of an InferenceService that is not Ready.
 */
export type Moment =
  | "starting"
  | "pulling"
  | "running"
  | "leaving"
  | "unbound"
  | "growing"
  | "refused"
  | "unready";

export interface EventRow {
  readonly kind: "Pod" | "PersistentVolumeClaim" | "Job" | "InferenceService";
  readonly reason: string;
  readonly source: Source;
  readonly moment: Moment;
  /** None: it tells what goes on, not what is wrong. */
  readonly outlook?: Outlook;
  /** All others come as `Warning`. */
  readonly normal?: true;
}

const rows = (
  kind: EventRow["kind"],
  moment: Moment,
  source: Source,
  outlook: Outlook | undefined,
  ...reasons: readonly string[]
): EventRow[] => reasons.map((reason) => ({ kind, reason, source, moment, ...(outlook && { outlook }) }));

const normal = (each: EventRow): EventRow => ({ ...each, normal: true });

export const eventRows: readonly EventRow[] = [
  ...rows("Pod", "starting", "scheduler", "placeless", "FailedScheduling"),
  ...rows("Pod", "starting", "attach/detach controller", "placeless", "FailedAttachVolume"),
  ...rows(
    "Pod",
    "starting",
    "kubelet",
    "placeless",
    "FailedMount",
    "FailedMapVolume",
    "FailedMountOnFilesystemMismatch",
    "FailedPrepareDynamicResources",
    "FailedNodeDeclaredFeaturesCheck",
    "FailedCreatePodSandBox",
    "FailedPodSandBoxStatus",
    "FailedCreatePodContainer",
    "FailedSync",
    "NetworkNotReady",
  ),
  ...rows(
    "Pod",
    "starting",
    "controller manager",
    "placeless",
    "FailedBinding",
    "FailedResourceClaimCreation",
  ),
  ...rows("Pod", "starting", "kubelet", undefined, "Pulling").map(normal),
  // The owner of every file of a large volume is being set: the pod starts late.
  ...rows("Pod", "starting", "kubelet", undefined, "VolumePermissionChangeInProgress"),
  ...rows("Pod", "pulling", "kubelet", undefined, "FailedToRetrieveImagePullSecret"),
  ...rows("Pod", "running", "kubelet", undefined, "Unhealthy", "FailedPostStartHook"),
  ...rows("Pod", "running", "controller manager", "passing", "NodeNotReady"),
  ...rows("Pod", "leaving", "kubelet", "passing", "Evicted", "Preempting", "ExceededGracePeriod"),
  ...rows("Pod", "leaving", "kubelet", "passing", "FailedKillPod", "FailedPreStopHook"),
  ...rows("PersistentVolumeClaim", "unbound", "volume binder", "final", "FailedBinding", "VolumeMismatch"),
  // The binder says it as Normal of a claim without class in a cluster without a default one.
  ...rows("PersistentVolumeClaim", "unbound", "volume binder", "final", "FailedBinding").map(normal),
  ...rows("PersistentVolumeClaim", "unbound", "volume binder", "final", "ClaimLost", "ClaimMisbound"),
  ...rows("PersistentVolumeClaim", "unbound", "provisioner", "final", "ProvisioningFailed"),
  ...rows(
    "PersistentVolumeClaim",
    "unbound",
    "volume binder",
    undefined,
    "ExternalProvisioning",
    "WaitForFirstConsumer",
    "WaitForPodScheduled",
  ).map(normal),
  ...rows("PersistentVolumeClaim", "growing", "resizer", "passing", "VolumeResizeFailed"),
  ...rows("PersistentVolumeClaim", "growing", "kubelet", "passing", "FileSystemResizeFailed"),
  ...rows("Job", "refused", "controller manager", "final", "FailedCreate"),
  ...rows("InferenceService", "unready", "KServe", "final", "InternalError", "ServerlessModeRejected"),
];

/** Reasons of events about a kind at that moment, those that say what is wrong apart from those that only tell. */
export function eventReasons(
  kind: EventRow["kind"],
  moment: Moment,
): { readonly wrong: readonly string[]; readonly telling: readonly string[] } {
  const found = eventRows.filter((row) => row.kind === kind && row.moment === moment);
  return {
    wrong: found.filter(({ outlook }) => outlook !== undefined).map(({ reason }) => reason),
    telling: found.filter(({ outlook }) => outlook === undefined).map(({ reason }) => reason),
  };
}

const told = new Set(eventRows.map(({ kind, reason }) => `${kind} ${reason}`));

/** Whether a status may quote an event about that kind with that reason. */
export function isTold(kind: string | undefined, reason: string | undefined): boolean {
  return told.has(`${kind} ${reason}`);
}

/**
 * Kinds and reasons of which there are many events, and none that a status quotes: the API server need not send them.
 * What else comes and is not {@link isTold told} is dropped on arrival.
 */
const unwatched: Readonly<Record<string, readonly string[]>> = {
  "involvedObject.kind": [
    ...["Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "CronJob", "HorizontalPodAutoscaler"],
    ...["Node", "Lease", "Service", "Endpoints", "Ingress", "Certificate", "PodDisruptionBudget"],
    ...["AIMService", "AIMModel", "AIMClusterModel", "AIMServiceTemplate", "AIMClusterServiceTemplate"],
    ...["AIMTemplateCache", "AIMArtifact"],
  ],
  reason: [
    ...["Scheduled", "Pulled", "Created", "Started", "Killing", "BackOff", "SuccessfulAttachVolume"],
    ...["SuccessfulCreate", "SuccessfulDelete", "Completed", "SawCompletedJob", "ProvisioningSucceeded"],
  ],
};

/**
 * The one watch of events. They have neither a cache at the API server nor bookmarks: each watch of them costs the server
 * something with every event that is made, whatever it selects. A field selector knows "and" and "not", but no "or", so
 * it says what is not wanted.
 */
export const eventSelector: { readonly fieldSelector: string } = {
  fieldSelector: Object.entries(unwatched)
    .flatMap(([field, values]) => values.map((value) => `${field}!=${value}`)).join(","),
};
