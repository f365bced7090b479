/** Health of the autoscaler that KEDA makes (services.md §11.3 HPA). */

import type { HorizontalPodAutoscaler } from "../objects.ts";
import { type About, type ComponentHealth, ready } from "../status/health.ts";
import type { Reason } from "../errors/reasons.ts";
import type { StatusWord } from "../status/status_words.ts";

/** Without metrics a service that answers is Degraded: it serves, but does not scale. */
export function inspectAutoscaler(
  autoscaler: HorizontalPodAutoscaler | undefined,
  about: About,
  { inferenceServiceReady }: { readonly inferenceServiceReady: boolean },
): ComponentHealth {
  const child: About = { ...about, role: "child" };
  const not = (state: StatusWord, reason: Reason, message: string): ComponentHealth => ({
    ...child,
    state,
    reason,
    message,
  });
  if (autoscaler === undefined) {
    return not("Progressing", "HPANotFound", "Waiting for KEDA to create HorizontalPodAutoscaler");
  }
  const find = (type: string) => autoscaler.status?.conditions?.find((each) => each.type === type);
  const active = find("ScalingActive");
  // Scaled to zero by hand or by KEDA: nothing to measure, and nothing wrong.
  const disabled = active?.status === "False" && active.reason === "ScalingDisabled";
  if (active?.status !== "True" && !disabled) {
    if (!inferenceServiceReady) {
      const message = "Waiting for InferenceService to be ready before metrics are available";
      return not("Progressing", "WaitingForMetrics", message);
    }
    const message = active === undefined
      ? "HPA ScalingActive condition not found"
      : `HPA cannot get metrics: ${active.message ?? ""}`;
    return not("Degraded", "MetricsFailed", message);
  }
  const able = find("AbleToScale");
  if (able !== undefined && able.status !== "True") {
    return not("Progressing", "ScaleTargetNotReady", `HPA cannot update scale target: ${able.message ?? ""}`);
  }
  return ready(child, "HPAOperational", "HorizontalPodAutoscaler is actively scaling");
}
