/** The page from "Caching" to "Component Health". */

import { command, example, heading, type Row, shown } from "./row.ts";

const cacheTests = "controllers/service/cache/template_cache_test.ts";

export const running: readonly Row[] = [
  heading("Caching¶"),
  example(
    "AIMService supports model caching to avoid downloading model weights on every pod startup.",
    "a Shared cache pre-downloads",
  ),
  example(
    "Caching is configured via spec.caching.mode.",
    "a Shared cache pre-downloads",
    "a Dedicated cache goes with its service",
  ),
  heading("Caching Modes¶"),
  heading("| Mode | Behavior | |---|---|"),
  example(
    "Shared (default) | Reuses or creates shared cache assets. The template cache and artifacts persist " +
      "independently of the service and can be reused by other services referencing the same template. |",
    "a Shared cache pre-downloads",
  ),
  example(
    "Dedicated | Creates service-owned cache assets. The template cache and artifacts are owned by the service " +
      "and garbage-collected when the service is deleted. |",
    "a Dedicated cache goes with its service",
  ),
  example("When caching is omitted, mode defaults to Shared.", "a Shared cache pre-downloads"),
  heading("How Caching Works¶"),
  example(
    "- Template Cache: An AIMTemplateCachepre-downloads all model sources for a template to PVCs",
    "a Shared cache pre-downloads",
  ),
  example(
    "- Model Caches: Individual AIMArtifactresources manage per-model downloads",
    "a Shared cache pre-downloads",
  ),
  example(
    "- Cache ownership: In Sharedmode, the template cache has no owner references and persists after the " +
      "service is deleted, available for reuse.",
    "a Shared cache pre-downloads",
  ),
  example(
    "InDedicatedmode, the cache is owned by the service and deleted with it.",
    "a Dedicated cache goes with its service",
  ),
  heading("Resource Configuration¶"),
  example(
    "Configure compute resources for the inference container:",
    "resources and pull secrets reach the inference container",
  ),
  heading("Image Pull Secrets¶"),
  example("For private registries:", "resources and pull secrets reach the inference container"),
  heading("Status¶"),
  command("Service status reflects the health of all components:", "the status words"),
  heading("| Status | Meaning | |---|---|"),
  command("Pending | Waiting for upstream dependencies (model, template) |", "the status words"),
  command("Starting | Creating downstream resources (InferenceService, cache) |", "the status words"),
  command("Running | InferenceService is ready and serving traffic |", "the status words"),
  shown(
    "Degraded | Partially functional (e.g., cache failed but service running) |",
    `${cacheTests}: Better §11.3: a failed cache under a Ready endpoint degrades; its own message is appended`,
  ),
  command("Failed | Critical failure preventing deployment |", "the status words"),
  heading("Component Health¶"),
  heading("The status includes health for each component:"),
  command("- Model: Resolution and readiness of the AIMModel", "every component has its condition"),
  command(
    "- Template: Resolution and readiness of the AIMServiceTemplate",
    "every component has its condition",
  ),
  command("- InferenceService: KServe InferenceService status", "every component has its condition"),
  command("- Cache: Template cache or service PVC status", "every component has its condition"),
  command("Check conditions for detailed diagnostics:", "every component has its condition"),
];
