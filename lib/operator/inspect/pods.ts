/** Health of a set of pods (conventions.md §6.7 "Pods", services.md §11.3 InferenceServicePods). */

import type { ComponentError } from "../status/errors.ts";
import { type About, type ComponentHealth, failing, ready } from "../status/health.ts";
import { foreignReason, type KnownReason } from "../status/reasons.ts";
import { type EventObject, newest } from "./events.ts";
import { holdersText, withoutHolders } from "./held_pod.ts";
import { readImageText } from "./image_text.ts";
import { containersOf, isReady, type LogOf, type PodObject } from "./pod.ts";
import { readPodFailure } from "./pod_failure.ts";
import { podsThatCount } from "./pods_that_count.ts";

export interface PodsContext {
  /** Events about one pod, by its name and UID. */
  readonly eventsOf?: (pod: PodObject) => readonly EventObject[];
  readonly logOf?: LogOf;
  /** Who refuses to let pods be made, and why: the Deployment's or the Job's own words. */
  readonly refusal?: string;
  /** Set for the pods of a Job: our container in them. What others put beside it does not count. */
  readonly container?: string;
  /** Set for the pods of an InferenceService: how many replicas it wants at least. */
  readonly predictor?: { readonly minReplicas: number };
}

/** The first rule that matches any pod decides. The pods come in a stable order. */
export function inspectPods(
  given: readonly PodObject[],
  about: About,
  context: PodsContext = {},
): ComponentHealth {
  const { container, predictor, refusal } = context;
  const pods = container === undefined ? given : given.map((pod) => withoutHolders(pod, container));
  const holders = container === undefined ? "" : holdersText(given, container);
  const { counting, note } = predictor
    ? podsThatCount(pods, predictor.minReplicas)
    : { counting: pods, note: "" };
  // Our own pods never keep us from applying what would repair them.
  const child: About = { ...about, role: "child" };
  const remark = [note, holders, counting.length > 0 && refusal && `more are refused: ${refusal}`].filter(
    Boolean,
  )
    .join("; ");
  const health = noPods(counting, child, context) ??
    imageTrouble(counting, child) ??
    podFailure(counting, child, context) ??
    (predictor && crash(counting, child, context)) ??
    running(counting, child) ??
    pending(counting, child, context) ??
    { ...child, state: "Progressing", reason: "PodsProgressing", message: "Pods are progressing" };
  return remark === "" ? health : { ...health, message: `${health.message} (${remark})` };
}

/** As {@link inspectPods}, and whether a log that may tell more is still being read. */
export function inspectPodsAndLogs(
  pods: readonly PodObject[],
  about: About,
  context: PodsContext & { readonly logOf: LogOf },
): { readonly health: ComponentHealth; readonly unread: boolean } {
  let unread = false;
  const logOf: LogOf = (pod, container) => {
    const log = context.logOf(pod, container);
    unread ||= log === "pending";
    return log;
  };
  return { health: inspectPods(pods, about, { ...context, logOf }), unread };
}

/** Rule 1: there are none: none wanted, refused, or not made yet. */
function noPods(pods: readonly PodObject[], about: About, context: PodsContext): ComponentHealth | undefined {
  if (pods.length > 0) return undefined;
  if (context.predictor?.minReplicas === 0) return ready(about, "ScaledToZero", "No replicas are wanted");
  if (context.refusal !== undefined) return failing(about, refusalError(context.refusal));
  return failing(about, { category: "MissingDownstream", reason: "NoPods", message: "No pods found" });
}

/** A quota that is used up may be enlarged; Pod Security or a webhook wants another spec. */
function refusalError(refusal: string): ComponentError {
  const category = /exceeded quota/i.test(refusal) ? "ResourceExhaustion" : "InvalidSpec";
  return { category, reason: "FailedCreate", message: `Pods are refused: ${refusal}` };
}

/** Rule 2: an image that cannot be pulled. */
function imageTrouble(pods: readonly PodObject[], about: About): ComponentHealth | undefined {
  const found = waiting(pods, ["ImagePullBackOff", "ErrImagePull"]);
  if (found === undefined) return undefined;
  const { container, message } = found;
  return failing(about, { ...readImageText(message), message: `Container ${container}: ${message}` });
}

/** Rule 3: a pod in phase Failed. */
function podFailure(
  pods: readonly PodObject[],
  about: About,
  context: PodsContext,
): ComponentHealth | undefined {
  const failed = pods.find((pod) => pod.status?.phase === "Failed");
  return failed && failing(about, readPodFailure(failed, context.logOf));
}

const crashes: readonly KnownReason[] = [
  "CrashLoopBackOff",
  "CreateContainerConfigError",
  "CreateContainerError",
  "RunContainerError",
];

/** A container that does not get going: not a wrong answer of ours, so no error, but shown for what it is. */
function crash(
  pods: readonly PodObject[],
  about: About,
  { logOf }: PodsContext,
): ComponentHealth | undefined {
  const found = waiting(pods, crashes);
  if (found === undefined) return undefined;
  const log = logOf?.(found.pod, found.container);
  const line = log === "pending" ? undefined : log?.trimEnd().split("\n").at(-1);
  return {
    ...about,
    state: "Degraded",
    reason: foreignReason(found.reason),
    message: `Container ${found.container}: ${found.message}${line ? `\n\nLast log line:\n${line}` : ""}`,
  };
}

/** The first container (regular before init) that waits for one of the reasons. */
function waiting(pods: readonly PodObject[], reasons: readonly string[]) {
  for (const pod of pods) {
    for (const { name, state } of containersOf(pod)) {
      const { reason = "", message = "" } = state?.waiting ?? {};
      if (reasons.includes(reason)) return { pod, container: name, reason, message: message || reason };
    }
  }
  return undefined;
}

/** Rules 4 and 5. */
function running(pods: readonly PodObject[], about: About): ComponentHealth | undefined {
  if (pods.some((pod) => isReady(pod) || pod.status?.phase === "Succeeded")) {
    return ready(about, "PodsReady", "Pods are ready");
  }
  if (pods.some((pod) => pod.status?.phase === "Running")) {
    return {
      ...about,
      state: "Starting",
      reason: "PodsStarting",
      message: "Pods are running, waiting for readiness",
    };
  }
  return undefined;
}

const stuck: readonly KnownReason[] = [
  "FailedScheduling",
  "FailedMount",
  "FailedAttachVolume",
  "FailedCreatePodSandBox",
];

/** Rule 6: why pods are pending, from the first pod whose events say so. */
function pending(
  pods: readonly PodObject[],
  about: About,
  context: PodsContext,
): ComponentHealth | undefined {
  const waitingPods = pods.filter((pod) => pod.status?.phase === "Pending");
  if (waitingPods.length === 0) return undefined;
  for (const pod of waitingPods) {
    const events = context.eventsOf?.(pod) ?? [];
    const scheduling = pod.status?.conditions?.find(({ type }) => type === "PodScheduled");
    // Once the pod has a node, what kept it from getting one is over.
    const reasons = scheduling?.status === "True"
      ? stuck.filter((each) => each !== "FailedScheduling")
      : stuck;
    const event = newest(events, reasons);
    if (event !== undefined) {
      return {
        ...about,
        state: "Pending",
        reason: foreignReason(event.reason),
        message: event.message ?? "",
      };
    }
    // Events are forgotten after an hour; the pod's own condition is not.
    if (scheduling?.status === "False" && scheduling.reason === "Unschedulable") {
      return { ...about, state: "Pending", reason: "FailedScheduling", message: scheduling.message ?? "" };
    }
    const pulling = newest(events, ["Pulling"]);
    if (pulling !== undefined) {
      return { ...about, state: "Progressing", reason: "Pulling", message: pulling.message ?? "" };
    }
  }
  return {
    ...about,
    state: "Pending",
    reason: "PodsPending",
    message: `Pods are pending${whyNotStarted(waitingPods)}`,
  };
}

/** What keeps a container from being made, in the node's words (`runAsNonRoot`, a missing ConfigMap, …). */
function whyNotStarted(pods: readonly PodObject[]): string {
  const found = waiting(pods, crashes);
  if (found === undefined) return "";
  const { container, reason, message } = found;
  return `: container ${container}: ${reason}${message === reason ? "" : `: ${message}`}`;
}
