/** What the Jobs of an artifact have in common (caching-and-artifacts.md §5.2, §5.5, spec/README "Jobs of ours"). */

import type { AIMArtifact } from "../../../lib/api/mod.ts";
import { defaultDownloadImage } from "../../../lib/api/mod.ts";
import { jobs } from "../../../lib/cluster/kinds.ts";
import type { Container, Job, PodSpec } from "../../../lib/operator/objects.ts";
import { secretVersion, unreadableSecret } from "../../../lib/facts/secret_version.ts";
import type { Live } from "../../../lib/kube/object.ts";
import type { Child } from "../../../lib/operator/core/plan.ts";
import type { View } from "../../../lib/operator/core/view.ts";
import { label } from "../../../lib/operator/naming/labels.ts";
import { rawLabelValue, sha256 } from "../../../lib/operator/naming/naming.ts";
import { artifactChildName } from "../../../lib/operator/naming/object_names.ts";
import { sidecarOptOut } from "../../../lib/operator/naming/sidecars.ts";
import { childOf, type Context } from "../context.ts";

/** What a Job was made for and of, on the Job itself: it can be told from a Job of other circumstances. */
export const jobAnnotation = {
  /** Number of the attempt, from 1. */
  attempt: "aim.eai.amd.com/attempt",
  /** Hash of everything that the pods are made of. */
  inputs: "aim.eai.amd.com/inputs",
  /** UID of the claim that it fills. */
  claim: "aim.eai.amd.com/claim-uid",
} as const;

/** What a Job does; part of its name. */
export type Task = "download" | "check-size";

export function artifactJobName({ metadata }: Live<AIMArtifact>, task: Task): string {
  return artifactChildName(metadata.name, task, metadata.uid);
}

/** The artifact's Job for the task; one that is being deleted counts as gone. */
export function jobOf(artifact: Live<AIMArtifact>, task: Task, view: View): Live<Job> | undefined {
  const job = view.get(jobs, artifact.metadata.namespace, artifactJobName(artifact, task));
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

/** What one Job is, beside what all have in common. */
export interface JobParts {
  readonly task: Task;
  readonly attempt: number;
  readonly inputs: string;
  readonly pod: PodSpec;
  /** Seconds that it stays when it has ended, and that it may take. */
  readonly keep: number;
  readonly deadline: number;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** The Job to create while there is none; never updated. */
export function jobChild(context: Context, parts: JobParts): Child {
  const { name, namespace } = context.artifact.metadata;
  const jobName = artifactJobName(context.artifact, parts.task);
  const labels = {
    [label.cacheName]: rawLabelValue(name),
    [label.cacheType]: "artifact",
    [label.component]: parts.task,
  };
  const job: Job = {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      name: jobName,
      namespace,
      labels,
      annotations: {
        [jobAnnotation.attempt]: String(parts.attempt),
        [jobAnnotation.inputs]: parts.inputs,
        ...parts.annotations,
      },
    },
    spec: {
      backoffLimit: 2,
      ttlSecondsAfterFinished: parts.keep,
      activeDeadlineSeconds: parts.deadline,
      template: {
        metadata: { labels: { ...labels, ...sidecarOptOut.labels }, annotations: sidecarOptOut.annotations },
        spec: parts.pod,
      },
    },
  };
  return {
    how: "create",
    ref: { kind: jobs, namespace, name: jobName },
    desired: childOf(job, context, true),
  };
}

/** The pod of a Job: the artifact's image under the restricted Pod Security level. */
export function jobPod(
  { spec }: AIMArtifact,
  account: string,
  container: Pick<Container, "name" | "command" | "env">,
): PodSpec {
  const pullSecrets = spec?.imagePullSecrets ?? [];
  return {
    restartPolicy: "Never",
    serviceAccountName: account,
    ...(pullSecrets.length > 0 ? { imagePullSecrets: [...pullSecrets] } : {}),
    securityContext: {
      runAsUser: 1000,
      runAsGroup: 1000,
      runAsNonRoot: true,
      seccompProfile: { type: "RuntimeDefault" },
    },
    containers: [{
      ...container,
      // Empty, and equal to the schema's default, both mean that none was chosen (§5.6 Better).
      image: spec?.modelDownloadImage || defaultDownloadImage,
      imagePullPolicy: "IfNotPresent",
      args: [spec!.sourceUri],
      resources: { requests: { cpu: "100m", memory: "256Mi" } },
      securityContext: {
        runAsUser: 1000,
        runAsGroup: 1000,
        allowPrivilegeEscalation: false,
        capabilities: { drop: ["ALL"] },
      },
      // Where our downloader leaves its result; of one that leaves none the end of the log says the cause.
      terminationMessagePath: "/tmp/termination-log",
      terminationMessagePolicy: "FallbackToLogsOnError",
      volumeMounts: [{ name: "tmp", mountPath: "/tmp" }],
    }],
    volumes: [{ name: "tmp", emptyDir: {} }],
  };
}

/**
 * Eight digits that change whenever another Job would be made: with the pod, or with what is in a Secret that it
 * names. Undefined while a Secret is being asked for. The account only reports about the download.
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
    const isRead = known.state === "known" && known.value !== unreadableSecret;
    versions.push(`${name} ${isRead ? known.value : ""}`);
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
