/** How many replicas an endpoint has, and who decides it (services.md §8.6, §11.6). */

import {
  type AIMService,
  type AIMServiceSpec,
  type AIMServiceStatus,
  type AutoScalingMetric,
  displayReplicas,
  isQuantity,
} from "../../../lib/api/mod.ts";
import { horizontalPodAutoscalers } from "../../../lib/cluster/kinds.ts";
import type { HorizontalPodAutoscaler, InferenceService } from "../../../lib/operator/objects.ts";
import type { Live } from "../../../lib/kube/object.ts";
import { conditionOf } from "../../../lib/operator/status/conditions.ts";
import type { ComponentError } from "../../../lib/operator/errors/errors.ts";
import { type ComponentHealth, failing } from "../../../lib/operator/status/health.ts";
import { inspectAutoscaler } from "../../../lib/operator/inspect/hpa.ts";
import { annotation } from "../../../lib/operator/naming/labels.ts";
import { autoscalerName, predictorServiceName } from "../../../lib/operator/naming/object_names.ts";
import type { View } from "../../../lib/operator/core/view.ts";

/** Autoscaling is on as soon as one of its fields is there. */
export function isAutoscaled(spec: AIMService["spec"]): boolean {
  return spec?.autoScaling !== undefined || spec?.minReplicas !== undefined ||
    spec?.maxReplicas !== undefined;
}

/** The predictor's replica fields: fixed, or a range that KEDA scales in. */
export function replicaFields(spec: AIMService["spec"]): Record<string, unknown> {
  if (spec === undefined || !isAutoscaled(spec)) {
    const count = spec?.replicas ?? 1;
    // Nothing wanted has a minimum of 0 and no maximum: KServe takes no maximum of 0.
    return count === 0 ? { minReplicas: 0 } : { minReplicas: count, maxReplicas: count };
  }
  const { minReplicas, maxReplicas, autoScaling } = spec;
  const metrics = autoScaling?.metrics?.map(metric) ?? [];
  return {
    minReplicas: minReplicas ?? 1,
    maxReplicas: maxReplicas ?? minReplicas ?? 1,
    ...(autoScaling === undefined ? {} : { autoScaling: metrics.length > 0 ? { metrics } : {} }),
  };
}

/** One to one, without what is empty. */
function metric({ type, podmetric }: AutoScalingMetric): Record<string, unknown> {
  if (podmetric === undefined) return { type };
  const { metric: source, target } = podmetric;
  return { type, podmetric: { metric: withoutEmpty(source), target: withoutEmpty(target) } };
}

function withoutEmpty(fields: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) =>
      value !== undefined && value !== "" && (value as unknown[]).length !== 0
    ),
  );
}

/** Annotations of the InferenceService that say who scales it. */
export function scalingAnnotations(
  spec: AIMService["spec"],
  inferenceService: string,
): Record<string, string> {
  if (!isAutoscaled(spec)) return { [annotation.autoscalerClass]: "none" };
  return {
    [annotation.autoscalerClass]: "keda",
    [annotation.otelInject]: predictorServiceName(inferenceService),
    [annotation.prometheusPort]: "8000",
  };
}

/** What is wrong with the wanted replicas: found before anything is sent (§8.6 Better). */
export function scalingError(spec: AIMServiceSpec | undefined): ComponentError | undefined {
  if (spec === undefined) return undefined;
  const { replicas = 1, minReplicas, maxReplicas } = spec;
  if (!isAutoscaled(spec)) {
    return replicas < 0 ? invalid(`spec.replicas is ${replicas}; set 0 or more`) : undefined;
  }
  if (minReplicas !== undefined && maxReplicas !== undefined && minReplicas > maxReplicas) {
    return invalid(
      `spec.minReplicas ${minReplicas} is above spec.maxReplicas ${maxReplicas}; lower it or raise the maximum`,
    );
  }
  const faults = (spec.autoScaling?.metrics ?? []).map((metric, i) =>
    metricFault(metric, `spec.autoScaling.metrics[${i}]`)
  );
  const fault = faults.find((each) => each !== undefined);
  return fault === undefined ? undefined : invalid(fault);
}

/** The field of a target that counts for its type. */
const targetField = {
  Value: "value",
  AverageValue: "averageValue",
  Utilization: "averageUtilization",
} as const;

/** What KEDA could not scale by (api.md §10.2). */
function metricFault({ type, podmetric }: AutoScalingMetric, field: string): string | undefined {
  if (podmetric === undefined) {
    return `${field} of type ${type} has no podmetric; add podmetric with a metric and a target, or remove the entry`;
  }
  const { target } = podmetric;
  const counts = targetField[target.type];
  if (target[counts] === undefined || target[counts] === "") {
    return `${field}.podmetric.target of type ${target.type} has no ${counts}; add ${counts}, or set the type of ` +
      "the field that you mean";
  }
  for (const name of ["value", "averageValue"] as const) {
    const value = target[name];
    if (value === undefined || value === "" || isQuantity(value)) continue;
    return `${field}.podmetric.target.${name} "${value}" is no quantity; write it like 10, 500m or 1.5`;
  }
  return undefined;
}

function invalid(message: string): ComponentError {
  return { category: "InvalidSpec", reason: "InvalidScaling", message };
}

/** The InferenceService's health where the wanted replicas make no sense: a fault of the spec. */
export function scalingHealth(spec: AIMServiceSpec | undefined): ComponentHealth | undefined {
  const error = scalingError(spec);
  return error && failing({ component: "InferenceService", dependency: "Downstream", role: "input" }, error);
}

/** The autoscaler that KEDA makes for the InferenceService; undefined while there is none. */
export function autoscalerOf(
  service: Live<AIMService>,
  inferenceService: string | undefined,
  view: View,
): Live<HorizontalPodAutoscaler> | undefined {
  if (inferenceService === undefined || !isAutoscaled(service.spec)) return undefined;
  return view.get(horizontalPodAutoscalers, service.metadata.namespace, autoscalerName(inferenceService));
}

/** What there is to be scaled. */
export interface Scaled {
  readonly service: AIMService;
  /** Undefined while there is none. */
  readonly inferenceService: Live<InferenceService> | undefined;
  readonly isServing: boolean;
}

/** The row of services.md §11.3 "HPA" that applies. */
export function autoscalerHealth(
  autoscaler: Live<HorizontalPodAutoscaler> | undefined,
  scaled: Scaled,
  view: View,
): ComponentHealth {
  const about = { component: "HPA", dependency: "Downstream" } as const;
  const health = inspectAutoscaler(autoscaler, about, { inferenceServiceReady: scaled.isServing });
  if (autoscaler !== undefined || !isOverdue(scaled, view)) return health;
  return {
    ...health,
    message:
      `${health.message}; KEDA may be missing or stuck: see whether its pods run, and kubectl describe ` +
      "scaledobject. Without KEDA, set spec.replicas and remove spec.autoScaling, spec.minReplicas and spec.maxReplicas",
  };
}

/** KEDA makes an autoscaler within seconds. */
const autoscalerPatience = 2 * 60_000;

/** Whether the autoscaler has been missed for a while, there being something to scale. */
function isOverdue({ service, inferenceService }: Scaled, view: View): boolean {
  const told = conditionOf(service.status?.conditions, "HPAReady");
  if (inferenceService === undefined || told?.status !== "False") return false;
  const since = [told.lastTransitionTime, inferenceService.metadata.creationTimestamp]
    .map((time) => Date.parse(time ?? "") || 0);
  return view.reached(Math.max(...since) + autoscalerPatience);
}

/** Replicas as the autoscaler has them, else as the user asked for them; zero values are left out. */
export function runtimeOf(
  { spec }: AIMService,
  autoscaler: HorizontalPodAutoscaler | undefined,
): AIMServiceStatus["runtime"] {
  const asked = spec?.minReplicas ?? spec?.replicas ?? 1;
  const count = autoscaler === undefined ? { min: asked, max: asked, current: asked, desired: asked } : {
    min: autoscaler.spec?.minReplicas ?? 0,
    max: autoscaler.spec?.maxReplicas ?? 0,
    current: autoscaler.status?.currentReplicas ?? 0,
    desired: autoscaler.status?.desiredReplicas ?? 0,
  };
  return {
    ...(count.min ? { minReplicas: count.min } : {}),
    ...(count.max ? { maxReplicas: count.max } : {}),
    ...(count.current ? { currentReplicas: count.current } : {}),
    ...(count.desired ? { desiredReplicas: count.desired } : {}),
    replicas: displayReplicas(count),
  };
}
