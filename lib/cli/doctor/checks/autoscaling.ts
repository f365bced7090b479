/** What autoscaling needs, where somebody wants it. */

import { isAutoscaled } from "../../../../controllers/service/endpoint/scaling.ts";
import { autoscalers, scaledObjects, services } from "../kinds.ts";
import { type Check, listed, nameOf } from "../survey.ts";

export const autoscaling: Check = (survey) => {
  const scaled = survey.all(services).filter(({ spec }) => isAutoscaled(spec));
  if (scaled.length === 0) return [];
  if (survey.lacks(scaledObjects)) {
    return [{
      check: "keda-missing",
      about: "KEDA",
      says: `AIMService ${
        listed(scaled.map(nameOf))
      } is to be scaled, and the cluster has no ScaledObjects: it stays at its minimum`,
      fix: "install KEDA, or set replicas instead of the autoscaling fields",
    }];
  }
  return survey.all(autoscalers).flatMap((autoscaler) => {
    const active = autoscaler.status?.conditions?.find(({ type }) => type === "ScalingActive");
    if (active?.status !== "False" || !/^FailedGet/.test(active.reason ?? "")) return [];
    return [{
      check: "metrics-missing",
      about: `HorizontalPodAutoscaler ${nameOf(autoscaler)}`,
      says: `it gets no metrics: ${active.message}`,
      fix:
        "look at KEDA's metrics server and at the source that the metric names (Prometheus, OpenTelemetry)",
    }];
  });
};
