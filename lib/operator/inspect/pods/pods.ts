/** Health of the pods of a Job (conventions.md §6.7 "Pods"). */

import type { Pod } from "../../objects.ts";
import type { ComponentError } from "../../errors/errors.ts";
import { type About, type ComponentHealth, failing, ready } from "../../status/health.ts";
import { foreignReason } from "../../errors/reasons.ts";
import { readRefusalText } from "../../errors/refusal_text.ts";
import { blockersText, withoutBlockers } from "./blocked_pod.ts";
import { isLeaving, isOver, isReady, type LogOf } from "./pod.ts";
import { readPodFailure } from "./pod_failure.ts";
import {
  lastLife,
  type PodSources,
  pullOf,
  startTrouble,
  type Trouble,
  waitingTrouble,
} from "./pod_trouble.ts";

export interface PodsContext extends PodSources {
  /** Who refuses to let pods be made, and why: the Job's own words. */
  readonly refusal?: string;
  /** Our container in them. What others put beside it does not count. */
  readonly container?: string;
}

/** The first rule that matches any pod decides. The pods come in a stable order. */
export function inspectPods(
  given: readonly Pod[],
  about: About,
  context: PodsContext = {},
): ComponentHealth {
  const { container, refusal } = context;
  const own = container === undefined ? given : given.map((pod) => withoutBlockers(pod, container));
  const pods = withoutLeftovers(own);
  const holders = container === undefined ? "" : blockersText(given, container);
  const remark = [holders, pods.length > 0 && refusal && `more are refused: ${refusal}`].filter(Boolean)
    .join("; ");
  // Our own pods never keep us from applying what would repair them.
  const child: About = { ...about, role: "child" };
  const health = noPods(pods, child, refusal) ??
    first(pods, (pod) => failingBy(child, waitingTrouble(pod, context, { image: true }))) ??
    podFailure(pods, child, context) ??
    first(pods, (pod) => keepsFailing(child, lastLife(pod, context) ?? waitingTrouble(pod, context))) ??
    running(pods, child) ??
    pending(pods, child, context) ??
    { ...child, state: "Progressing", reason: "PodsProgressing", message: "Pods are progressing" };
  return remark === "" ? health : { ...health, message: `${health.message} (${remark})` };
}

/** As {@link inspectPods}, and whether a log that may tell more is still being read. */
export function inspectPodsAndLogs(
  pods: readonly Pod[],
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

/** Beside a pod that goes on, those that are going away, or were taken away by their node, say nothing. */
function withoutLeftovers(pods: readonly Pod[]): readonly Pod[] {
  const goesOn = (pod: Pod) => !isLeaving(pod) && !isOver(pod);
  if (!pods.some(goesOn)) return pods;
  return pods.filter((pod) => !isLeaving(pod) && !wasTaken(pod));
}

function wasTaken(pod: Pod): boolean {
  return pod.status?.phase === "Failed" && readPodFailure(pod).category === "Infrastructure";
}

/** Rule 1: there are none: refused, or not made yet. */
function noPods(
  pods: readonly Pod[],
  about: About,
  refusal: string | undefined,
): ComponentHealth | undefined {
  if (pods.length > 0) return undefined;
  if (refusal !== undefined) return failing(about, refusalError(refusal));
  return failing(about, { category: "MissingDownstream", reason: "NoPods", message: "No pods found" });
}

/** A quota that is used up may be enlarged; Pod Security or a webhook wants another spec. */
export function refusalError(refusal: string): ComponentError {
  const category = /exceeded quota/i.test(refusal) ? "ResourceExhaustion" : "InvalidSpec";
  const message = `Pods are refused: ${refusal}${remedyOf(refusal)}`;
  return { category, reason: "FailedCreate", message, code: readRefusalText(refusal) ?? "AIM-0804" };
}

/** What others make the pods of is not ours to change: who may label the namespace can let them in. */
function remedyOf(refusal: string): string {
  if (!/violates PodSecurity "restricted/.test(refusal)) return "";
  return "; label the namespace pod-security.kubernetes.io/enforce=baseline, or use a namespace that lets such pods in";
}

/** Rule 2: an image that cannot be had. */
function failingBy(about: About, trouble: Trouble | undefined): ComponentHealth | undefined {
  return trouble?.category && failing(about, { ...trouble, category: trouble.category });
}

/** Rule 3: a pod in phase Failed. */
function podFailure(
  pods: readonly Pod[],
  about: About,
  { logOf }: PodsContext,
): ComponentHealth | undefined {
  const failed = pods.find((pod) => pod.status?.phase === "Failed");
  return failed && failing(about, readPodFailure(failed, logOf));
}

/** A container that does not get going: no error, for the kubelet goes on trying, but shown for what it is. */
function keepsFailing(about: About, trouble: Trouble | undefined): ComponentHealth | undefined {
  if (trouble === undefined) return undefined;
  const { reason, message, code } = trouble;
  const state = trouble.outlook === "final" ? "Degraded" : "Starting";
  return { ...about, state, reason, message, ...(code && { code }) };
}

/** Rules 4 and 5. */
function running(pods: readonly Pod[], about: About): ComponentHealth | undefined {
  if (pods.some((pod) => isReady(pod) || pod.status?.phase === "Succeeded")) {
    return ready(about, "PodsReady", "Pods are ready");
  }
  if (pods.some((pod) => pod.status?.phase === "Running")) {
    const message = "Pods are running, waiting for readiness";
    return { ...about, state: "Starting", reason: "PodsStarting", message };
  }
  return undefined;
}

/** Rule 6: why pods are pending, from the first pod whose events say so. */
function pending(
  pods: readonly Pod[],
  about: About,
  context: PodsContext,
): ComponentHealth | undefined {
  const waiting = pods.filter((pod) => pod.status?.phase === "Pending");
  if (waiting.length === 0) return undefined;
  const told = first(waiting, (pod): ComponentHealth | undefined => {
    const trouble = startTrouble(pod, context);
    if (trouble !== undefined) {
      const { outlook: _, ...told } = trouble;
      return { ...about, ...told, state: "Pending" };
    }
    const pull = pullOf(pod, context);
    return pull &&
      { ...about, state: "Progressing", reason: foreignReason(pull.reason), message: pull.message ?? "" };
  });
  return told ?? { ...about, state: "Pending", reason: "PodsPending", message: "Pods are pending" };
}

/** The first answer that there is. */
function first<T, R>(items: readonly T[], ask: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const answer = ask(item);
    if (answer !== undefined) return answer;
  }
  return undefined;
}
