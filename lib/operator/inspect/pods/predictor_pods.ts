/** Health of the pods behind an InferenceService (services.md §11.3, spec/README "Degraded of a service"). */

import type { Pod } from "../../objects.ts";
import { type About, type ComponentHealth, failing, ready } from "../../status/health.ts";
import { foreignReason } from "../../errors/reasons.ts";
import type { StatusWord } from "../../status/status_words.ts";
import type { Outlook } from "../causes.ts";
import { isLeaving, isOver, isReady } from "./pod.ts";
import { leavingNote, type PodSources, podTrouble, pullOf, runNote, type Trouble } from "./pod_trouble.ts";
import { refusalError } from "./pods.ts";

export interface PredictorContext extends PodSources {
  /** How many replicas the InferenceService wants at least. */
  readonly minReplicas: number;
  /** Whether a pod is of the newest revision; where no revision is known, all are. */
  readonly isNewest?: (pod: Pod) => boolean;
  /** Why the Deployment may not make pods, in the words of who refuses them. */
  readonly refusal?: string;
}

/** The pods that answer requests, of whatever revision. */
export function servingPods(pods: readonly Pod[]): readonly Pod[] {
  return pods.filter((pod) => isReady(pod) && !isLeaving(pod));
}

/**
 * Ready once the wanted number of pods of the newest revision is. Before that the worst trouble of those pods is
 * told: as `Degraded` while something serves, else by what follows if nobody does anything.
 */
export function inspectPredictorPods(
  pods: readonly Pod[],
  about: About,
  context: PredictorContext,
): ComponentHealth {
  // Our own pods never keep us from applying what would repair them.
  const child: About = { ...about, role: "child" };
  if (context.minReplicas === 0 && pods.every((pod) => isLeaving(pod) || isOver(pod))) {
    return ready(child, "ScaledToZero", "No replicas are wanted");
  }
  const wanted = Math.max(1, context.minReplicas);
  const newest = seats(pods.filter(context.isNewest ?? (() => true)), wanted);
  const count = newest.filter(isReady).length;
  const troubles = newest.filter((pod) => !isReady(pod)).flatMap((pod) => podTrouble(pod, context) ?? []);
  if (count >= wanted) {
    return ready(child, "PodsReady", `Pods are ready${surplus(troubles, context.refusal)}`);
  }
  const serving = servesText(pods, newest, count, wanted);
  const trouble = worst([...troubles, ...refused(context.refusal)]);
  const told = trouble === undefined
    ? onTheWay(pods, newest, child, context, serving)
    : troubled(trouble, child, serving);
  return serving === "" ? told : { ...told, message: `${told.message}; ${serving}` };
}

/**
 * The pods that say something: those that go on, and of those that are over the youngest, as long as nobody
 * stands in their place. What is leaving, or was replaced, says nothing.
 */
function seats(pods: readonly Pod[], wanted: number): readonly Pod[] {
  const staying = pods.filter((pod) => !isLeaving(pod));
  const alive = staying.filter((pod) => !isOver(pod));
  const over = staying.filter(isOver).sort((a, b) => createdAt(b).localeCompare(createdAt(a)));
  return [...alive, ...over.slice(0, Math.max(0, wanted - alive.length))];
}

function createdAt({ metadata }: Pod): string {
  return metadata?.creationTimestamp ?? "";
}

/** Enough pods serve; those that an autoscaler wants besides may still be in trouble. */
function surplus(troubles: readonly Trouble[], refusal: string | undefined): string {
  if (refusal !== undefined) return ` (more are refused: ${refusal})`;
  const trouble = worst(troubles);
  return trouble === undefined ? "" : ` (more are wanted: ${trouble.reason}: ${trouble.message})`;
}

function refused(refusal: string | undefined): Trouble[] {
  return refusal === undefined ? [] : [{ outlook: "final", ...refusalError(refusal) }];
}

/** What answers requests meanwhile; empty if nothing does. */
function servesText(
  pods: readonly Pod[],
  newest: readonly Pod[],
  count: number,
  wanted: number,
): string {
  if (servingPods(pods).some((pod) => !newest.includes(pod))) {
    return count === 0
      ? "the previous revision serves"
      : `${count} of ${wanted} replicas are ready; the previous revision serves beside them`;
  }
  return count === 0 ? "" : `${count} of ${wanted} replicas are ready`;
}

const order: readonly Outlook[] = ["final", "placeless", "passing"];

/** The first of those that pass least by themselves. */
function worst(troubles: readonly Trouble[]): Trouble | undefined {
  return troubles.toSorted((a, b) => order.indexOf(a.outlook) - order.indexOf(b.outlook))[0];
}

const words: Readonly<Record<Outlook, StatusWord>> = {
  final: "Failed",
  placeless: "Pending",
  passing: "Starting",
};

/** While something serves there is no error: the service is Degraded, whatever class the trouble has. */
function troubled(trouble: Trouble, about: About, serving: string): ComponentHealth {
  const { outlook, category, reason, code } = trouble;
  const remedy = reason === "PodOOMKilled" ? "; give it more by spec.resources.limits.memory" : "";
  const message = trouble.message + remedy;
  const finer = code && { code };
  if (serving !== "") return { ...about, state: "Degraded", reason, message, ...finer };
  // What is tried again by itself is no error either: the service is on its way, and `Ready` has the reason.
  return outlook === "final" && category !== undefined
    ? failing(about, { category, reason, message, ...finer }, "Failed")
    : { ...about, state: words[outlook], reason, message, retries: outlook !== "final", ...finer };
}

/** Nothing is wrong (§11.3 from "any Running" on). */
function onTheWay(
  pods: readonly Pod[],
  newest: readonly Pod[],
  about: About,
  context: PredictorContext,
  serving: string,
): ComponentHealth {
  const waiting = newest.filter((pod) => !isReady(pod));
  if (waiting.length === 0) {
    if (serving !== "") {
      return { ...about, state: "Starting", reason: "PodsStarting", message: "More pods are yet to be made" };
    }
    const leaving = pods.filter(isLeaving).map((pod) => leavingNote(pod, context));
    const message = ["No pods found", ...leaving].join("; ");
    return failing(about, { category: "MissingDownstream", reason: "NoPods", message });
  }
  if (waiting.some(({ status }) => status?.phase === "Running")) {
    const note = waiting.map((pod) => runNote(pod, context)).find((each) => each !== undefined);
    const told = note?.message === undefined ? "" : `: ${note.message}`;
    const message = `Pods are running, waiting for readiness${told}`;
    const code = note?.reason === "Unhealthy" ? { code: "AIM-0416" } as const : {};
    return { ...about, state: "Starting", reason: "PodsStarting", message, ...code };
  }
  const pulls = waiting.filter(({ status }) => status?.phase === "Pending");
  const pull = pulls.map((pod) => pullOf(pod, context)).find((each) => each !== undefined);
  if (pull !== undefined) {
    return {
      ...about,
      state: "Progressing",
      reason: foreignReason(pull.reason),
      message: pull.message ?? "",
    };
  }
  if (pulls.length > 0) {
    const state = serving === "" ? "Pending" : "Starting";
    return { ...about, state, reason: "PodsPending", message: "Pods are pending" };
  }
  return { ...about, state: "Progressing", reason: "PodsProgressing", message: "Pods are progressing" };
}
