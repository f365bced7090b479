import type * as z from "zod";
import { int32, listOf, oneOf, structure, text } from "../schema.ts";
import { metricBackends, metricSourceTypes, metricTargetTypes } from "./words.ts";

/** The value of a metric that scaling aims at. */
export const metricTarget = structure("The value of the metric to aim at.", {
  type: oneOf(metricTargetTypes, "Which of the fields below counts."),
  value: text("Target value, as a quantity, for type Value.").optional(),
  averageValue: text("Target value per replica, as a quantity, for type AverageValue.").optional(),
  averageUtilization: int32("Target utilization in percent, for type Utilization.").optional(),
});
export type MetricTarget = z.infer<typeof metricTarget>;

/** A metric that the inference pods report. */
export const podMetric = structure("A metric that the inference pods report.", {
  backend: oneOf(metricBackends, "Where the metric is collected.", { default: "opentelemetry" }).optional(),
  serverAddress: text("Address of the metrics scaler; empty means the one KServe is configured with.")
    .optional(),
  metricNames: listOf("Metrics to collect, e.g. vllm:num_requests_running.", text("Name of a metric."))
    .optional(),
  query: text("Query over the collected metrics.").optional(),
  operationOverTime: text(
    "How values over time become one: last_one, avg, max, min, rate or count. Empty means last_one.",
  ).optional(),
});
export type PodMetric = z.infer<typeof podMetric>;

/** A metric and its target. */
export const podMetricSource = structure("A metric of the pods and its target.", {
  metric: podMetric,
  target: metricTarget,
});
export type PodMetricSource = z.infer<typeof podMetricSource>;

/** One metric that the number of replicas follows. */
export const autoScalingMetric = structure("One metric that the number of replicas follows.", {
  type: oneOf(metricSourceTypes, "Kind of the metric; PodMetric needs podmetric."),
  podmetric: podMetricSource.optional(),
});
export type AutoScalingMetric = z.infer<typeof autoScalingMetric>;

/** How the number of replicas follows the load. */
export const autoScaling = structure("How the number of replicas follows the load.", {
  metrics: listOf("Metrics to scale by; the one that asks for most replicas wins.", autoScalingMetric)
    .optional(),
});
export type AutoScaling = z.infer<typeof autoScaling>;
