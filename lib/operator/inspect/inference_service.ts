/** Health of a service's InferenceService (services.md §11.3). */

import type { Event, InferenceService } from "../objects.ts";
import { type About, type ComponentHealth, ready } from "../status/health.ts";
import { foreignReason } from "../errors/reasons.ts";
import { eventReasons } from "./causes.ts";
import { eventsAbout, newest, timeOf } from "./events.ts";
import type { Rollout } from "./rollout.ts";

/** Texts of InternalError events that only say that somebody else was faster. */
const harmless = ["the object has been modified", "Operation cannot be fulfilled"];

/** KServe's words where an endpoint is to scale by KEDA, and there is none. */
const wantsKeda = /no matches for kind "ScaledObject"/;

/**
 * Whether KServe says that it answers with its present spec (spec/README). Without a rollout to go by, the
 * generation that KServe says it has seen decides.
 */
export function isServing(service: InferenceService, rollout?: Rollout): boolean {
  return readyCondition(service)?.status === "True" && behindText(service, rollout) === undefined;
}

export interface InferenceServiceContext {
  readonly events?: readonly Event[];
  readonly rollout?: Rollout;
  /** Whether any of its pods answers requests, of whatever revision. */
  readonly serves?: boolean;
}

/**
 * Health by its own `Ready`; events count only since that last changed. What keeps KServe from carrying an edit
 * out leaves a service that serves Degraded.
 */
export function inspectInferenceService(
  service: InferenceService | undefined,
  about: About,
  { events = [], rollout, serves = false }: InferenceServiceContext = {},
): ComponentHealth {
  const child: About = { ...about, role: "child" };
  const creating = (message: string): ComponentHealth => ({
    ...child,
    state: "Progressing",
    reason: "CreatingRuntime",
    message,
  });
  if (service === undefined) return creating("InferenceService not found");
  if (isServing(service, rollout)) return ready(child, "RuntimeReady", "InferenceService is ready");

  const since = Date.parse(readyCondition(service)?.lastTransitionTime ?? "") || 0;
  const recent = eventsAbout(service, events).filter((event) => timeOf(event) >= since);
  const state = serves ? "Degraded" : "Failed";
  if (newest(recent, ["ServerlessModeRejected"]) !== undefined) {
    const message = "Knative is not available. Configure KServe to use RawDeployment mode.";
    return { ...child, state, reason: "ServerlessModeRejected", message };
  }
  const refused = newest(recent.filter(isRefusal), eventReasons("InferenceService", "unready").wrong);
  if (refused !== undefined) {
    const { message = "" } = refused;
    const code = wantsKeda.test(message) ? "AIM-0702" : undefined;
    return { ...child, state, reason: foreignReason(refused.reason), message, code };
  }
  return creating(`InferenceService is not ready${cause(service, rollout)}`);
}

function isRefusal({ type, message = "" }: Event): boolean {
  return type === "Warning" && !harmless.some((text) => message.includes(text));
}

function readyCondition(service: InferenceService) {
  return service.status?.conditions?.find((each) => each.type === "Ready");
}

/** What of its spec nothing runs by yet; undefined if everything is carried out. */
function behindText(
  { status, metadata }: InferenceService,
  rollout: Rollout | undefined,
): string | undefined {
  if (rollout !== undefined) {
    return rollout.behind && `KServe has not rolled out its newest spec yet: ${rollout.behind} is missing`;
  }
  const seen = status?.observedGeneration;
  const isSeen = seen === undefined || metadata?.generation === undefined || seen >= metadata.generation;
  return isSeen ? undefined : "KServe has not seen its newest spec yet";
}

/** The InferenceService's own words: those of `Ready`, else of the first other condition that is not True. */
function cause(service: InferenceService, rollout: Rollout | undefined): string {
  if (readyCondition(service)?.status === "True") return `: ${behindText(service, rollout)}`;
  const own = readyCondition(service);
  const others =
    service.status?.conditions?.filter((each) => each.type !== "Ready" && each.status !== "True") ?? [];
  const telling = [own, ...others].find((each) => each?.reason || each?.message);
  return telling === undefined ? "" : `: ${[telling.reason, telling.message].filter(Boolean).join(": ")}`;
}
