/**
 * The fixed sets of words of the API (api.md §4), in the order in which error texts list them.
 */

/** What a runtime can be tuned for. */
export const metrics = ["latency", "throughput"] as const;
export type Metric = typeof metrics[number];

/** Numeric precisions of weights. */
export const precisions = ["auto", "fp4", "fp8", "fp16", "fp32", "bf16", "int4", "int8"] as const;
export type Precision = typeof precisions[number];

/** How far a profile can be tuned. */
export const profileTypes = ["optimized", "preview", "unoptimized"] as const;
export type ProfileType = typeof profileTypes[number];

/** Where a referenced object can live. */
export const referenceScopes = ["Namespace", "Cluster", "Merged", "Unknown"] as const;
export type ReferenceScope = typeof referenceScopes[number];

/** Where a cache looks for its template. */
export const templateScopes = ["Namespace", "Cluster", "Unknown"] as const;
export type TemplateScope = typeof templateScopes[number];

/** A service's caching modes; `Auto` and `Always` mean `Shared`, `Never` means `Dedicated`. */
export const cachingModes = ["Dedicated", "Shared", "Auto", "Always", "Never"] as const;
export type CachingMode = typeof cachingModes[number];

/** Modes of caches and artifacts. */
export const cacheModes = ["Dedicated", "Shared"] as const;
export type CacheMode = typeof cacheModes[number];

/** Whether a model is an image or has weights of its own. */
export const modelSourceTypes = ["Image", "Custom"] as const;
export type ModelSourceType = typeof modelSourceTypes[number];

/** Status words of models, templates and artifacts. */
export const objectStatuses = [
  "Pending",
  "Progressing",
  "Ready",
  "Degraded",
  "Failed",
  "NotAvailable",
] as const;
export type ObjectStatus = typeof objectStatuses[number];

/** The same set for template caches, in another order. */
export const cacheStatuses = [
  "Pending",
  "Progressing",
  "Ready",
  "Failed",
  "Degraded",
  "NotAvailable",
] as const;
export type CacheStatus = typeof cacheStatuses[number];

/** Status words of services. */
export const serviceStatuses = ["Pending", "Starting", "Running", "Degraded", "Failed"] as const;
export type ServiceStatus = typeof serviceStatuses[number];

/** Status words of model sources. */
export const sourceStatuses = [
  "Pending",
  "Starting",
  "Progressing",
  "Ready",
  "Running",
  "Degraded",
  "NotAvailable",
  "Failed",
] as const;
export type SourceStatus = typeof sourceStatuses[number];

/** Types of autoscaling metrics. */
export const metricSourceTypes = ["PodMetric"] as const;
/** Where autoscaling metrics are collected. */
export const metricBackends = ["opentelemetry"] as const;
/** Which value of a target counts. */
export const metricTargetTypes = ["Value", "AverageValue", "Utilization"] as const;
export type MetricTargetType = typeof metricTargetTypes[number];
