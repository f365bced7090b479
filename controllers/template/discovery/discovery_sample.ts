/** For tests: what a discovery prints, fails of, and is hindered by. */

import type { TemplateStatus } from "../../../lib/api/mod.ts";
import { readDiscoveryLog } from "../../../lib/images/mod.ts";
import { exampleLog as log61 } from "../../../lib/images/discovery_log_sample.ts";
import type { Job, Pod } from "../../../lib/operator/objects.ts";
import { podLog } from "../../../lib/facts/pod_log.ts";
import type { Live } from "../../../lib/kube/object.ts";
import {
  ended,
  mi300x,
  model,
  pass,
  podOf,
  printed,
  stored,
  storedJob,
  template,
} from "../template_sample.ts";

export const onMi300x = { hardware: { gpu: { requests: 1, model: "MI300X", resourceName: "amd.com/gpu" } } };
export const world = [model(), mi300x];
export const told = (status: TemplateStatus | undefined, type: string) =>
  status!.conditions!.find((each) => each.type === type);
export const textOf = (status: TemplateStatus | undefined, type: string) => told(status, type)?.message ?? "";

export { log61 };
export const known = (log: string) => ({ state: "known", value: readDiscoveryLog(log) }) as const;
export const succeeded: Pod["status"] = { phase: "Succeeded" };

/** A template with a failed Job (§6.2), the Job, and its pod. */
export function failing(before?: TemplateStatus) {
  const object = template(onMi300x, before && { status: before });
  const job = storedJob(template(onMi300x), world, {
    status: ended("Failed", "BackoffLimitExceeded", "Job has reached the specified backoff limit"),
  });
  const pod = podOf(job, {
    phase: "Failed",
    containerStatuses: [{ name: "discovery", state: { terminated: { exitCode: 1, reason: "Error" } } }],
  });
  const { namespace = "", name, uid } = pod.metadata;
  const run = { namespace, pod: name, uid, node: "", container: "discovery", restarts: 0, previous: false };
  const facts = {
    [`${podLog.name}|${podLog.keyOf(run)}`]: { state: "known", value: "one\ntwo\nthree\nfour" },
  } as const;
  return { object, job, pod, facts };
}

/** A pod whose image cannot be pulled. */
export const pulling = (job: Live<Job>, reason: string, message: string) =>
  podOf(job, {
    phase: "Pending",
    containerStatuses: [{ name: "discovery", state: { waiting: { reason, message } } }],
  });

/** What we have discovered, for the spec that `template(onMi300x)` has. */
export function ours(): TemplateStatus {
  const job = storedJob(template(onMi300x), world, { status: ended("Complete") });
  const pod = podOf(job, succeeded);
  const first = pass(template(onMi300x), [...world, job, pod], {}, { facts: printed(pod, known(log61)) });
  return stored(first.status!);
}
