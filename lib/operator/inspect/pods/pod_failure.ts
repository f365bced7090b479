/** Why a pod is in phase Failed (conventions.md §6.7 Pods rule 3, services.md §11.3). */

import type { ContainerStatus, Pod, Terminated } from "../../objects.ts";
import type { ComponentError, ErrorCategory } from "../../errors/errors.ts";
import { foreignReason, type KnownReason } from "../../errors/reasons.ts";
import { endedReasons, outOf } from "../causes.ts";
import { readLog } from "../log_patterns.ts";
import type { LogOf } from "./pod.ts";

/** By the log of the container that failed, else by the reason that Kubernetes gives. */
export function readPodFailure(pod: Pod, logOf?: LogOf): ComponentError {
  const failed = failedContainer(pod);
  if (failed === undefined) {
    return { ...byReason([pod.status?.reason]), message: pod.status?.message || "Pod failed" };
  }
  const { exitCode, reason, message } = failed.terminated;
  if (exitCode === 0) return { ...byReason([reason, pod.status?.reason]), message: message || "Pod failed" };
  return readEnd(pod, failed, logOf);
}

/** How one run of a container ended. */
export interface EndedRun {
  /** `Container` or `Init container`. */
  readonly title: string;
  readonly name: string;
  readonly terminated: Terminated;
}

/** Why a run ended with another exit code than 0. */
export function readEnd(
  pod: Pod,
  { title, name, terminated: { exitCode, reason, message } }: EndedRun,
  logOf?: LogOf,
): ComponentError {
  const text = `${title} ${name} failed with exit code ${exitCode}: ${message || reason || "unknown"}`;
  const log = reason === "OOMKilled" ? undefined : logOf?.(pod, name);
  if (!log || log === "pending") return { ...byReason([reason, pod.status?.reason]), message: text };

  const finding = readLog(log);
  const quoted = finding.excerpt === "" ? text : `${text}\n\nLog excerpt:\n${finding.excerpt}`;
  const code = finding.code && { code: finding.code };
  if (finding.category === undefined || finding.reason === undefined) {
    return { ...byReason([reason, pod.status?.reason]), message: quoted, ...code };
  }
  return {
    category: finding.category,
    reason: finding.reason,
    message: `${finding.title}: ${quoted}`,
    ...code,
  };
}

/** The first container (regular before init) that ended badly, else the first that ended. */
function failedContainer(pod: Pod): EndedRun | undefined {
  const ended = (title: string, containers: readonly ContainerStatus[] = []) =>
    containers.flatMap(({ name, state }) =>
      state?.terminated ? [{ title, name, terminated: state.terminated }] : []
    );
  const all = [
    ...ended("Container", pod.status?.containerStatuses),
    ...ended("Init container", pod.status?.initContainerStatuses),
  ];
  return all.find(({ terminated }) => terminated.exitCode !== 0) ?? all[0];
}

const verdicts: Readonly<Record<string, { category: ErrorCategory; reason: KnownReason }>> = {
  OOMKilled: { category: "ResourceExhaustion", reason: "PodOOMKilled" },
  DeadlineExceeded: { category: "ResourceExhaustion", reason: "PodDeadlineExceeded" },
  Evicted: { category: "Infrastructure", reason: "PodEvicted" },
};

/** The first reason that says something: an evicted pod's containers end with a mere `Error`. */
function byReason(
  reasons: readonly (string | undefined)[],
): Pick<ComponentError, "category" | "reason" | "code"> {
  for (const reason of reasons) {
    if (!reason) continue;
    if (Object.hasOwn(verdicts, reason)) return verdicts[reason];
    const row = Object.hasOwn(endedReasons, reason) ? endedReasons[reason] : undefined;
    if (row?.outlook === "final") return { category: "InvalidSpec", reason: foreignReason(reason) };
    // A full node may be named by a resource such as `amd.com/gpu`, which no reason of a condition can hold.
    const told = foreignReason(reason.replaceAll(/[^A-Za-z0-9_]/g, "_"));
    if (row !== undefined) return { category: "Infrastructure", reason: told };
    if (reason.startsWith(outOf)) return { category: "Infrastructure", reason: told, code: "AIM-0424" };
  }
  return { category: "InvalidSpec", reason: "PodFailed" };
}
