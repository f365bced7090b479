/** The measuring of a source whose size nobody says (caching-and-artifacts.md §5.2, §6.3). */

import * as z from "zod";
import type { AIMArtifact } from "../../../lib/api/mod.ts";
import { podsByOwner } from "../../../lib/cluster/indexes.ts";
import type { Job, Pod, PodSpec } from "../../../lib/operator/objects.ts";
import { logsOf } from "../../../lib/facts/pod_log.ts";
import type { Live } from "../../../lib/kube/object.ts";
import type { Child } from "../../../lib/operator/core/plan.ts";
import type { View } from "../../../lib/operator/core/view.ts";
import { withoutBlockers } from "../../../lib/operator/inspect/pods/blocked_pod.ts";
import { mergeEnv } from "../../../lib/operator/naming/env.ts";
import type { ComponentError } from "../../../lib/operator/errors/errors.ts";
import { type ComponentHealth, failing } from "../../../lib/operator/status/health.ts";
import {
  type Attempt,
  attemptHealth,
  attemptsOf,
  type InputsNow,
  knownUnusable,
  unusable,
} from "./attempts.ts";
import type { Context } from "../context.ts";
import { artifactJobName, jobChild, jobOf, jobPod } from "./job.ts";
import type { JobSort } from "./job_pods.ts";
import { type Failure, jobError, memoryOf } from "../memory.ts";

const container = "check-size";

const sort: JobSort = {
  container,
  job: { component: "CheckSizeJob", dependency: "Downstream", role: "child" },
  pods: { component: "CheckSizeJobPods", dependency: "Downstream", role: "child" },
};
const aboutOutput = { component: "CheckSizeOutput", dependency: "Downstream", role: "child" } as const;

/** What was measured, and of which revision where the source has such. */
export interface Measured {
  readonly bytes: number;
  readonly revision?: string;
}

export type SizeCheck =
  | { readonly phase: "measured"; readonly measured: Measured }
  | Attempt;

export interface SizeCheckState {
  readonly check: SizeCheck;
  readonly outdated?: Live<Job>;
}

/** A pod that measures. */
export function sizeCheckPod({ artifact, config }: Context, account: string): PodSpec {
  const env = mergeEnv(config?.env, artifact.spec?.env);
  return jobPod(artifact, account, {
    name: container,
    command: ["/check-size.sh"],
    ...(env.length > 0 ? { env } : {}),
  });
}

/** Half an hour: a listing of very many objects takes its time. Seconds. */
const deadline = 1800;

export function sizeCheckJob(
  context: Context,
  made: { readonly pod: PodSpec; readonly inputs: string; readonly attempt: number },
): Child {
  return jobChild(context, { ...made, task: "check-size", keep: 300, deadline });
}

/**
 * How far the measuring is. The result counts once the Job is complete; one that is of no use is a failed attempt.
 * @param since Jobs that were made before that moment do not count
 */
export function sizeCheckOf(
  artifact: Live<AIMArtifact>,
  inputsNow: InputsNow,
  since: string | undefined,
  view: View,
): SizeCheckState {
  const job = jobOf(artifact, "check-size", view);
  if (job !== undefined && since !== undefined && isBefore(job, since)) {
    return { check: { phase: "absent", attempt: 1, inputs: inputsNow() }, outdated: job };
  }
  const context = { sort, before: memoryOf(artifact).sizeFailure, inputsNow, complete: false };
  const { attempt, outdated } = attemptsOf(job, context, view);
  if (attempt.phase !== "complete") return { check: attempt, ...(outdated && { outdated }) };
  const output = knownUnusable(attempt.job, context.before) ?? outputOf(attempt.job, view);
  if (output === "pending") return { check: attempt };
  if ("bytes" in output) {
    return { check: { phase: "measured", measured: output }, ...(outdated && { outdated }) };
  }
  const failed = unusable(attempt.job, output, context, view);
  return failed === undefined ? { check: attempt } : { check: failed.attempt, outdated: failed.outdated };
}

/** Both times are of the cluster's own clock, in whole seconds. */
function isBefore({ metadata }: Live<Job>, moment: string): boolean {
  return Date.parse(metadata.creationTimestamp ?? "") < Date.parse(moment);
}

/** `CheckSizeJobReady`, `CheckSizeJobPodsReady` and `CheckSizeOutputReady`. */
export function sizeCheckHealth(check: SizeCheck, artifact: Live<AIMArtifact>): ComponentHealth[] {
  if (check.phase === "measured") return [];
  if (check.phase === "complete") {
    const message = "The size check has ended; its result is being read";
    return [
      ...attemptHealth(check, sort, ""),
      { ...aboutOutput, state: "Progressing", reason: "SizeUnknown", message },
    ];
  }
  const health = attemptHealth(check, sort, artifactJobName(artifact, "check-size"));
  if (check.phase !== "failed") return health;
  const { failure } = check;
  if (outputReasons.includes(failure.job.reason as string)) {
    return [failing(aboutOutput, { ...failure.job, message: retryText(failure) })];
  }
  return health.map((each, at) =>
    at === 0 ? failing(sort.job, { ...jobError(failure), message: retryText(failure) }) : each
  );
}

export function retryText({ attempt, at, retryAt, job, pods }: Failure): string {
  return `Size check ${attempt} failed at ${at}; the next begins at ${retryAt}, or once the artifact, the runtime ` +
    `config or a Secret that they name changes: ${
      (pods ?? job).message
    }; or set spec.size (of an artifact made for ` +
    "a template: the size in the template's modelSources)";
}

const outputReasons: readonly string[] = ["InvalidSizeOutput", "SizeUnknown"];

const largest = 2 ** 50;
const outputSchema = z.object({
  sizeBytes: z.int().min(1).max(largest),
  revision: z.string().min(1).optional(),
});

/** What the Job's pod has left: in its termination message, else as the last line of its log. */
function outputOf(job: Live<Job>, view: View): Measured | "pending" | ComponentError {
  const made = view.list(podsByOwner, job.metadata.uid).map((pod) => withoutBlockers(pod, container));
  const done = made.find(({ status }) => status?.phase === "Succeeded");
  const message = done && ended(done)?.message;
  const told = message ? read(message) : undefined;
  if (told !== undefined) return told;
  const log = done && logsOf(view)(done, container);
  if (log === "pending") return "pending";
  const line = log?.trimEnd().split("\n").at(-1)?.trim();
  if (!line) {
    return {
      category: "MissingDownstream",
      reason: "SizeUnknown",
      message: "The result of the size check cannot be read: its pod or log is gone",
    };
  }
  return read(line) ?? {
    category: "Infrastructure",
    reason: "InvalidSizeOutput",
    message: `The size check's last line is no {"sizeBytes": n} with n from 1 to 2^50: ${line.slice(0, 200)}`,
  };
}

function ended({ status }: Pod) {
  return status?.containerStatuses?.find(({ name }) => name === container)?.state?.terminated;
}

function read(text: string): Measured | undefined {
  try {
    const { data } = outputSchema.safeParse(JSON.parse(text));
    return data && { bytes: data.sizeBytes, ...(data.revision && { revision: data.revision }) };
  } catch {
    return undefined;
  }
}
