/** The Job that downloads the weights (caching-and-artifacts.md §5.5, §5.6, §5.8). */

import { type AIMArtifact, defaultDownloadImage, type EnvVar } from "../../lib/api/mod.ts";
import { jobs } from "../../lib/cluster/kinds.ts";
import type { Job, PodSpec } from "../../lib/cluster/objects.ts";
import { secretVersion } from "../../lib/facts/secret_version.ts";
import type { Live } from "../../lib/kube/object.ts";
import { mergeEnv } from "../../lib/operator/naming/env.ts";
import { label } from "../../lib/operator/naming/labels.ts";
import { rawLabelValue, sha256 } from "../../lib/operator/naming/naming.ts";
import { sidecarOptOut } from "../../lib/operator/naming/sidecars.ts";
import { artifactChildName } from "../../lib/operator/naming/object_names.ts";
import type { Child } from "../../lib/operator/core/plan.ts";
import type { View } from "../../lib/operator/core/view.ts";
import { type Claim, claimName } from "./claim.ts";
import { childOf, type Context } from "./context.ts";

/** What a Job was made for and of, on the Job itself: it can be told from a Job of other circumstances. */
const jobAnnotation = {
  /** Number of the attempt, from 1. */
  attempt: "aim.eai.amd.com/attempt",
  /** Hash of everything that the pods are made of. */
  inputs: "aim.eai.amd.com/inputs",
  /** UID of the claim that it fills. */
  claim: "aim.eai.amd.com/claim-uid",
} as const;

/** Name of our container in its pods. */
export const downloadContainer = "model-download";

export function jobName({ metadata }: Live<AIMArtifact>): string {
  return artifactChildName(metadata.name, "download", metadata.uid);
}

/** The download Job; one that is being deleted counts as gone. */
export function jobOf(artifact: Live<AIMArtifact>, view: View): Live<Job> | undefined {
  const job = view.get(jobs, artifact.metadata.namespace, jobName(artifact));
  return job?.metadata.deletionTimestamp === undefined ? job : undefined;
}

/** The number of the attempt that a Job is; 1 for a Job of AIM Engine. */
export function attemptOf({ metadata }: Job): number {
  return Number(metadata?.annotations?.[jobAnnotation.attempt] ?? 1);
}

/** Hash of what the Job's pods are made of; undefined for a Job of AIM Engine. */
export function inputsOf({ metadata }: Job): string | undefined {
  return metadata?.annotations?.[jobAnnotation.inputs];
}

/** Whether the Job fills this very claim, not a former one of its name. */
export function fills(job: Live<Job>, claim: Claim): boolean {
  const uid = job.metadata.annotations?.[jobAnnotation.claim];
  if (uid !== undefined) return uid === claim.metadata.uid;
  // A Job of AIM Engine. Both times are the API server's: no two clocks are compared.
  return Date.parse(job.metadata.creationTimestamp ?? "") >=
    Date.parse(claim.metadata.creationTimestamp ?? "");
}

/** The Job to create while there is none; never updated. */
export function newJob(
  context: Context,
  made: {
    readonly pod: PodSpec;
    readonly inputs: string;
    readonly bytes: bigint;
    readonly claim: Claim;
    readonly attempt: number;
  },
): Child {
  const { name, namespace } = context.artifact.metadata;
  const labels = {
    [label.cacheName]: rawLabelValue(name),
    [label.cacheType]: "artifact",
    [label.component]: "download",
  };
  const job: Job = {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      name: jobName(context.artifact),
      namespace,
      labels,
      annotations: {
        [jobAnnotation.attempt]: String(made.attempt),
        [jobAnnotation.inputs]: made.inputs,
        [jobAnnotation.claim]: made.claim.metadata.uid,
      },
    },
    spec: {
      backoffLimit: 2,
      ttlSecondsAfterFinished: 600,
      activeDeadlineSeconds: deadline(made.bytes),
      template: {
        metadata: { labels: { ...labels, ...sidecarOptOut.labels }, annotations: sidecarOptOut.annotations },
        spec: made.pod,
      },
    },
  };
  return {
    how: "create",
    ref: { kind: jobs, namespace, name: jobName(context.artifact) },
    desired: childOf(job, context, true),
  };
}

const hour = 3600n;
/** Bytes a second: slower than any link over which somebody wants to have weights. */
const slowest = 1_000_000n;

/**
 * After how many seconds a Job that neither starts nor ends is given up, and the next attempt begins where it stood:
 * six hours, and the time that the bytes take over a very slow link (spec/README "Jobs of ours").
 */
function deadline(bytes: bigint): number {
  return Number(6n * hour + bytes / slowest);
}

/**
 * Eight digits that change whenever another download would be made: with the pod, or with what is in a Secret that
 * it names. Undefined while a Secret is being asked for. The account only reports about the download.
 */
export function inputsHash(
  { serviceAccountName: _, ...pod }: PodSpec,
  namespace: string,
  view: View,
): string | undefined {
  const versions: string[] = [];
  for (const name of secretsOf(pod)) {
    const known = view.fact(secretVersion, { namespace, name });
    if (known.state === "pending") return undefined;
    versions.push(`${name} ${known.state === "known" ? known.value : ""}`);
  }
  return sha256([JSON.stringify(pod), ...versions].join("\n")).slice(0, 8);
}

function secretsOf({ imagePullSecrets = [], containers }: PodSpec): string[] {
  const inEnv = containers.flatMap(({ env = [] }) =>
    env.map(({ valueFrom }) => valueFrom?.secretKeyRef?.name)
  );
  const names = [...imagePullSecrets.map(({ name }) => name), ...inEnv];
  return [...new Set(names.filter((name) => name !== undefined && name !== ""))].sort() as string[];
}

/** The pod of a download of `bytes` bytes, by §5.5. */
export function downloadPod(context: Context, bytes: bigint, account: string): PodSpec {
  const { artifact } = context;
  const pullSecrets = artifact.spec?.imagePullSecrets ?? [];
  return {
    restartPolicy: "Never",
    serviceAccountName: account,
    ...(pullSecrets.length > 0 ? { imagePullSecrets: [...pullSecrets] } : {}),
    securityContext: {
      runAsUser: 1000,
      runAsGroup: 1000,
      fsGroup: 1000,
      runAsNonRoot: true,
      seccompProfile: { type: "RuntimeDefault" },
    },
    containers: [{
      name: downloadContainer,
      image: imageOf(artifact),
      imagePullPolicy: "IfNotPresent",
      args: [artifact.spec!.sourceUri],
      env: environment(context, bytes),
      resources: { requests: { cpu: "100m", memory: "256Mi" } },
      securityContext: {
        runAsUser: 1000,
        runAsGroup: 1000,
        allowPrivilegeEscalation: false,
        capabilities: { drop: ["ALL"] },
      },
      // A downloader that writes no result leaves the end of its log there, so that the cause is told.
      terminationMessagePolicy: "FallbackToLogsOnError",
      volumeMounts: [{ name: "cache", mountPath: "/cache" }, { name: "tmp", mountPath: "/tmp" }],
    }],
    volumes: [
      { name: "cache", persistentVolumeClaim: { claimName: claimName(artifact) } },
      { name: "tmp", emptyDir: {} },
    ],
  };
}

/** Empty, and equal to the schema's default, both mean that none was chosen (§5.6 Better). */
function imageOf({ spec }: AIMArtifact): string {
  return spec?.modelDownloadImage || defaultDownloadImage;
}

/** Defaults under the runtime config under the artifact's own (§5.8). */
function environment({ artifact, config }: Context, bytes: bigint): EnvVar[] {
  const { name, namespace } = artifact.metadata;
  const defaults: EnvVar[] = [
    { name: "AIM_DOWNLOADER_PROTOCOL", value: "XET,HF_TRANSFER" },
    { name: "TMPDIR", value: "/tmp/" },
    { name: "HF_HOME", value: "/tmp/.hf" },
    { name: "EXPECTED_SIZE_BYTES", value: String(bytes) },
    { name: "MOUNT_PATH", value: "/cache" },
    { name: "ARTIFACT_NAME", value: name },
    { name: "ARTIFACT_NAMESPACE", value: namespace },
    { name: "STALL_TIMEOUT", value: "120" },
    { name: "TARGET_DIR", value: "/cache" },
  ];
  return mergeEnv(mergeEnv(defaults, config?.env), artifact.spec?.env);
}
