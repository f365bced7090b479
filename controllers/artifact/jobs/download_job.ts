/** The Job that downloads the weights (caching-and-artifacts.md §5.5, §5.8). */

import type { EnvVar } from "../../../lib/api/mod.ts";
import type { Job, PodSpec } from "../../../lib/operator/objects.ts";
import type { Live } from "../../../lib/kube/object.ts";
import type { Child } from "../../../lib/operator/core/plan.ts";
import { mergeEnv } from "../../../lib/operator/naming/env.ts";
import type { Claim } from "../claim.ts";
import type { Context } from "../context.ts";
import { jobAnnotation, jobChild, jobPod } from "./job.ts";
import { memoryOf } from "../memory.ts";

/** Name of our container in its pods. */
export const downloadContainer = "model-download";

/** Whether the Job fills this very claim, not a former one of its name. */
export function fills(job: Live<Job>, claim: Claim): boolean {
  const uid = job.metadata.annotations?.[jobAnnotation.claim];
  if (uid !== undefined) return uid === claim.metadata.uid;
  // A Job of AIM Engine. Both times are the API server's: no two clocks are compared.
  return Date.parse(job.metadata.creationTimestamp ?? "") >=
    Date.parse(claim.metadata.creationTimestamp ?? "");
}

/** The Job of an attempt on a claim. */
export function downloadJob(
  context: Context,
  made: {
    readonly pod: PodSpec;
    readonly inputs: string;
    readonly bytes: bigint;
    readonly claim: Claim;
    readonly attempt: number;
  },
): Child {
  return jobChild(context, {
    task: "download",
    attempt: made.attempt,
    inputs: made.inputs,
    pod: made.pod,
    keep: 600,
    deadline: deadline(made.bytes),
    annotations: { [jobAnnotation.claim]: made.claim.metadata.uid },
  });
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

/** The pod of a download of `bytes` bytes. */
export function downloadPod(context: Context, bytes: bigint, account: string): PodSpec {
  const { artifact } = context;
  const pod = jobPod(artifact, account, { name: downloadContainer, env: environment(context, bytes) });
  const [container] = pod.containers;
  return {
    ...pod,
    securityContext: { ...pod.securityContext, fsGroup: 1000 },
    containers: [{
      ...container,
      volumeMounts: [{ name: "cache", mountPath: "/cache" }, ...container.volumeMounts ?? []],
    }],
    volumes: [
      { name: "cache", persistentVolumeClaim: { claimName: context.claimName } },
      ...pod.volumes ?? [],
    ],
  };
}

/** Defaults under the runtime config under the artifact's own (§5.8). */
function environment({ artifact, config }: Context, bytes: bigint): EnvVar[] {
  const { name, namespace } = artifact.metadata;
  const { revision } = memoryOf(artifact);
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
    // What was measured is what is downloaded, whatever the source becomes meanwhile (§6.4 Better).
    ...(revision === undefined ? [] : [{ name: "AIM_DOWNLOADER_REVISION", value: revision }]),
  ];
  return mergeEnv(mergeEnv(defaults, config?.env), artifact.spec?.env);
}
