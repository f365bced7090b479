/** Health of a service's InferenceService (services.md §11.3). */

import type { KubeObject } from "../../kube/object.ts";
import { type About, type ComponentHealth, ready } from "../status/health.ts";
import { type EventObject, eventsAbout, timeOf } from "./events.ts";

export interface InferenceServiceObject extends KubeObject {
  readonly status?: {
    readonly observedGeneration?: number;
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason?: string;
      readonly message?: string;
      readonly lastTransitionTime?: string;
    }[];
  };
}

/** Texts of InternalError events that only say that somebody else was faster. */
const harmless = ["the object has been modified", "Operation cannot be fulfilled"];

/** Whether it answers with its present spec: KServe has seen this generation (spec/README). */
export function isServing(service: InferenceServiceObject): boolean {
  return readyCondition(service)?.status === "True" && isObserved(service);
}

/** Health by its own `Ready`; events count only since that last changed. */
export function inspectInferenceService(
  service: InferenceServiceObject | undefined,
  about: About,
  events: readonly EventObject[] = [],
): ComponentHealth {
  const child: About = { ...about, role: "child" };
  const creating = (message: string): ComponentHealth => ({
    ...child,
    state: "Progressing",
    reason: "CreatingRuntime",
    message,
  });
  if (service === undefined) return creating("InferenceService not found");
  if (isServing(service)) return ready(child, "RuntimeReady", "InferenceService is ready");

  const since = Date.parse(readyCondition(service)?.lastTransitionTime ?? "") || 0;
  const recent = eventsAbout(service, events).filter((event) => timeOf(event) >= since);
  if (recent.some((event) => event.reason === "ServerlessModeRejected")) {
    return {
      ...child,
      state: "Failed",
      reason: "ServerlessModeRejected",
      message: "Knative is not available. Configure KServe to use RawDeployment mode.",
    };
  }
  const refused = recent.filter(isRefusal).sort((a, b) => timeOf(b) - timeOf(a))[0];
  if (refused !== undefined) {
    return { ...child, state: "Failed", reason: "InternalError", message: refused.message ?? "" };
  }
  return creating(`InferenceService is not ready${cause(service)}`);
}

function isRefusal({ type, reason, message = "" }: EventObject): boolean {
  return type === "Warning" && reason === "InternalError" && !harmless.some((text) => message.includes(text));
}

function readyCondition(service: InferenceServiceObject) {
  return service.status?.conditions?.find((each) => each.type === "Ready");
}

function isObserved({ status, metadata }: InferenceServiceObject): boolean {
  const seen = status?.observedGeneration;
  return seen === undefined || metadata?.generation === undefined || seen >= metadata.generation;
}

/** The InferenceService's own words: those of `Ready`, else of the first other condition that is not True. */
function cause(service: InferenceServiceObject): string {
  if (readyCondition(service)?.status === "True") return ": KServe has not seen its newest spec yet";
  const own = readyCondition(service);
  const others =
    service.status?.conditions?.filter((each) => each.type !== "Ready" && each.status !== "True") ?? [];
  const telling = [own, ...others].find((each) => each?.reason || each?.message);
  return telling === undefined ? "" : `: ${[telling.reason, telling.message].filter(Boolean).join(": ")}`;
}
