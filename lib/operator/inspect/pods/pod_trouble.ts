/** What is wrong with one pod: of endpoints and of Jobs alike (conventions.md §6.7 "Pods"). */

import type { ContainerStatus, Event, Pod } from "../../objects.ts";
import type { Code } from "../../errors/codes.ts";
import type { ErrorCategory } from "../../errors/errors.ts";
import { foreignReason, type Reason } from "../../errors/reasons.ts";
import { eventReasons, type Outlook, waitingReasons } from "../causes.ts";
import { newest, timeOf } from "../events.ts";
import { readImageText } from "../image_text.ts";
import { readSchedulingText } from "../scheduling_text.ts";
import { isReady, type LogOf } from "./pod.ts";
import { type EndedRun, readEnd, readPodFailure } from "./pod_failure.ts";

export interface Trouble {
  readonly outlook: Outlook;
  readonly reason: Reason;
  readonly message: string;
  /** The class of the error that it is; undefined where the reason alone says enough. */
  readonly category?: ErrorCategory;
  /** The cause, where more is known of it than the reason says. */
  readonly code?: Code;
}

/** What else is known of pods. */
export interface PodSources {
  /** Events about one pod, by its UID. */
  readonly eventsOf?: (pod: Pod) => readonly Event[];
  readonly logOf?: LogOf;
}

const starting = eventReasons("Pod", "starting");
const running = eventReasons("Pod", "running");
const pulling = eventReasons("Pod", "pulling");

/** What keeps a pod from being ready, by its containers first, then by its conditions and events. */
export function podTrouble(pod: Pod, sources: PodSources): Trouble | undefined {
  return waitingTrouble(pod, sources) ?? failureTrouble(pod, sources) ?? lastLife(pod, sources) ??
    startTrouble(pod, sources) ?? runTrouble(pod, sources);
}

/** A container (regular before init) that waits for something else than its start. */
export function waitingTrouble(
  pod: Pod,
  { eventsOf }: PodSources,
  only: { readonly image?: boolean } = {},
): Trouble | undefined {
  for (const { container: { name, state, lastState } } of titled(pod)) {
    const { reason = "", message } = state?.waiting ?? {};
    const row = Object.hasOwn(waitingReasons, reason) ? waitingReasons[reason] : undefined;
    if (row === undefined || (only.image && !row.image)) continue;
    // What its last run says is more than that it waits for the next one.
    if (reason === "CrashLoopBackOff" && lastState?.terminated !== undefined) continue;
    const text = `Container ${name}: ${withoutBackOff(message) || reason}`;
    if (!row.image) return { outlook: row.outlook, reason: foreignReason(reason), message: text };
    const secret = newest(eventsOf?.(pod) ?? [], pulling.telling);
    const noted = secret === undefined ? text : `${text} (${secret.reason}: ${secret.message ?? ""})`;
    if (reason !== "ErrImagePull" && reason !== "ImagePullBackOff") {
      return { ...row, reason: foreignReason(reason), message: noted };
    }
    const found = readImageText(message ?? "");
    const outlook = found.category === "Infrastructure" ? "passing" : "final";
    return { outlook, ...found, message: noted };
  }
  return undefined;
}

/**
 * A pull that fails alternates between the fault and the back-off that quotes it. Both tell the same, so that no status is
 * written for each try.
 */
function withoutBackOff(message: string | undefined): string | undefined {
  return message?.replace(/^Back-off pulling image.*?: ErrImagePull: /s, "");
}

/** A pod in phase Failed. */
function failureTrouble(pod: Pod, { logOf }: PodSources): Trouble | undefined {
  if (pod.status?.phase !== "Failed") return undefined;
  const error = readPodFailure(pod, logOf);
  return { outlook: error.category === "Infrastructure" ? "passing" : "final", ...error };
}

/**
 * What a container's last run says while it waits for its next one, or runs it and has not been ready in it yet:
 * the kubelet restarts containers of endpoints in place, and the cause must outlive the wait.
 */
export function lastLife(pod: Pod, { logOf }: PodSources): Trouble | undefined {
  for (const { title, container } of titled(pod)) {
    const { name, restartCount = 0, state, lastState } = container;
    const terminated = lastState?.terminated;
    if (terminated === undefined || state?.terminated !== undefined) continue;
    if (state?.running !== undefined && (container.ready || wasReadySince(pod, state.running.startedAt))) {
      continue;
    }
    // One restart may be chance; what waits for the next one, or is in its third run, keeps failing.
    const outlook = state?.waiting !== undefined || restartCount >= 2 ? "final" : "passing";
    return { outlook, ...readLife(pod, { title, name, terminated }, logOf) };
  }
  return undefined;
}

function readLife(pod: Pod, run: EndedRun, logOf: LogOf | undefined) {
  const said = "The container is restarted. Its last run:";
  if (run.terminated.exitCode === 0) {
    const message = `${said} ${run.title} ${run.name} ended with exit code 0, though it is to go on`;
    return { reason: "CrashLoopBackOff", message } as const;
  }
  const { category, reason, message, code } = readEnd({ ...pod, status: { phase: "Running" } }, run, logOf);
  const text = `${said} ${message}`;
  const finer = code && { code };
  return reason === "PodFailed"
    ? { reason: "CrashLoopBackOff", message: text, ...finer } as const
    : { category, reason, message: text, ...finer };
}

/** Whether the pod has been Ready in a run that began then: it can have turned unready only afterwards. */
function wasReadySince({ status }: Pod, startedAt: string | undefined): boolean {
  const ready = status?.conditions?.find(({ type }) => type === "Ready");
  if (ready?.status === "True") return true;
  return Date.parse(ready?.lastTransitionTime ?? "") > Date.parse(startedAt ?? "");
}

/** What keeps a pod from starting, by its newest event; the pod's own condition where events are forgotten. */
export function startTrouble(pod: Pod, { eventsOf }: PodSources): Trouble | undefined {
  if (pod.status?.phase !== "Pending") return undefined;
  const scheduling = pod.status.conditions?.find(({ type }) => type === "PodScheduled");
  // Once the pod has a node, what kept it from getting one is over.
  const reasons = starting.wrong.filter((each) =>
    each !== "FailedScheduling" || scheduling?.status !== "True"
  );
  const event = newest(eventsOf?.(pod) ?? [], reasons);
  if (event !== undefined) {
    return placeless(event.reason, event.message);
  }
  // Events are forgotten after an hour; the pod's own condition is not.
  return scheduling?.status === "False" && scheduling.reason === "Unschedulable"
    ? placeless("FailedScheduling", scheduling.message)
    : undefined;
}

function placeless(reason: string | undefined, message = ""): Trouble {
  const code = reason === "FailedScheduling" ? readSchedulingText(message) : undefined;
  return { outlook: "placeless", reason: foreignReason(reason), message, ...(code && { code }) };
}

/** That the image is being pulled. */
export function pullOf(pod: Pod, { eventsOf }: PodSources): Event | undefined {
  return newest(eventsOf?.(pod) ?? [], starting.telling);
}

/** A pod that runs on a node that does not answer. */
function runTrouble(pod: Pod, sources: PodSources): Trouble | undefined {
  if (pod.status?.phase !== "Running" || isReady(pod)) return undefined;
  const event = sinceStart(pod, sources, running.wrong);
  return event && { outlook: "passing", reason: foreignReason(event.reason), message: event.message ?? "" };
}

/** What its node says of a pod that runs and is not ready: a probe that fails, for one. */
export function runNote(pod: Pod, sources: PodSources): Event | undefined {
  if (pod.status?.phase !== "Running" || isReady(pod)) return undefined;
  return sinceStart(pod, sources, running.telling);
}

/** The newest event that is not about a former run of the pod's containers. */
function sinceStart(pod: Pod, { eventsOf }: PodSources, reasons: readonly string[]) {
  const starts = (pod.status?.containerStatuses ?? []).flatMap(({ state }) =>
    state?.running?.startedAt === undefined ? [] : [Date.parse(state.running.startedAt)]
  );
  const since = Math.max(0, ...starts);
  return newest((eventsOf?.(pod) ?? []).filter((event) => timeOf(event) >= since), reasons);
}

const leaving = eventReasons("Pod", "leaving");

/** Why a pod goes away, or does not get away. */
export function leavingNote(pod: Pod, { eventsOf }: PodSources): string {
  const name = `pod ${pod.metadata?.name} is going away`;
  const event = newest(eventsOf?.(pod) ?? [], leaving.wrong);
  if (event !== undefined) return `${name}: ${event.reason}: ${event.message ?? ""}`;
  const target = pod.status?.conditions?.find(({ type, status }) =>
    type === "DisruptionTarget" && status === "True"
  );
  return target === undefined ? name : `${name}: ${target.reason}: ${target.message ?? ""}`;
}

function titled({ status }: Pod): { readonly title: string; readonly container: ContainerStatus }[] {
  return [
    ...(status?.containerStatuses ?? []).map((container) => ({ title: "Container", container })),
    ...(status?.initContainerStatuses ?? []).map((container) => ({ title: "Init container", container })),
  ];
}
