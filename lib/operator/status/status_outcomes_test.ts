import assert from "node:assert/strict";
import type { ComponentHealth } from "./health.ts";
import { summarize } from "./status.ts";
import { serviceStatus } from "./status_words.ts";

/** Components as services.md §11.3 reports them. */
const healthy = {
  model: { component: "Model", dependency: "Upstream", state: "Ready", reason: "ModelResolved" },
  template: { component: "Template", dependency: "Upstream", state: "Ready", reason: "Resolved" },
  isvc: { component: "InferenceService", dependency: "Downstream", state: "Ready", reason: "RuntimeReady" },
  pods: { component: "InferenceServicePods", role: "child", state: "Ready", reason: "PodsReady" },
  cache: { component: "Cache", dependency: "Downstream", state: "Ready", reason: "CacheReady" },
  route: { component: "HTTPRoute", dependency: "Downstream", state: "Ready", reason: "HTTPRouteAccepted" },
} as const satisfies Record<string, ComponentHealth>;

const fault = (
  about: ComponentHealth,
  category: NonNullable<ComponentHealth["errors"]>[number]["category"],
  reason: NonNullable<ComponentHealth["reason"]>,
): ComponentHealth => ({ ...about, state: "Failed", reason, errors: [{ category, reason, message: "why" }] });

const state = (
  about: ComponentHealth,
  word: ComponentHealth["state"],
  reason: ComponentHealth["reason"],
): ComponentHealth => ({ ...about, state: word, reason });

const { model, template, isvc, pods, cache, route } = healthy;
const noTemplate = state(template, "Pending", "TemplateNotFound");
const noIsvc = state(isvc, "Progressing", "CreatingRuntime");
const noCache = state(cache, "Progressing", "CacheCreating");

const rows: {
  situation: string;
  components: ComponentHealth[];
  status: string;
  conditions: Record<string, string>;
}[] = [
  {
    situation: "named model missing",
    components: [fault(model, "MissingUpstream", "ModelNotFound"), noTemplate, noIsvc, noCache],
    status: "Failed",
    conditions: {
      ModelReady: "False ModelNotFound",
      TemplateReady: "False TemplateNotFound",
      ConfigValid: "False ReferenceNotFound",
      Ready: "False ReferenceNotFound",
    },
  },
  {
    situation: "named template missing",
    components: [model, fault(template, "MissingUpstream", "TemplateNotFound"), noIsvc, noCache],
    status: "Failed",
    conditions: { TemplateReady: "False TemplateNotFound" },
  },
  {
    situation: "model Ready, no template",
    components: [model, noTemplate, noIsvc, noCache],
    status: "Pending",
    conditions: { ModelReady: "True ModelResolved", TemplateReady: "False TemplateNotFound" },
  },
  {
    situation: "model Ready, only a Failed template (auto)",
    components: [model, state(template, "Progressing", "TemplateNotReady"), noIsvc, noCache],
    status: "Pending",
    conditions: { TemplateReady: "False TemplateNotReady" },
  },
  {
    situation: "model Progressing, template Ready",
    components: [state(model, "Progressing", "ModelNotReady"), template, noIsvc, noCache],
    status: "Pending",
    conditions: { ModelReady: "False ModelNotReady" },
  },
  {
    situation: "model Failed",
    components: [state(model, "Failed", "ModelNotReady"), template, noIsvc, noCache],
    status: "Failed",
    conditions: { ModelReady: "False ModelNotReady" },
  },
  {
    situation: "model being created",
    components: [
      { ...state(model, "Pending", "CreatingModel"), dependency: "Downstream" },
      noTemplate,
      noIsvc,
      noCache,
    ],
    status: "Pending",
    conditions: { ModelReady: "False CreatingModel" },
  },
  {
    situation: "model and template Ready, cache downloading",
    components: [model, template, noIsvc, state(cache, "Progressing", "CacheNotReady")],
    status: "Starting",
    conditions: { CacheReady: "False CacheNotReady" },
  },
  {
    situation: "cache Failed, no ISVC",
    components: [model, template, noIsvc, state(cache, "Failed", "CacheFailed")],
    status: "Failed",
    conditions: { CacheReady: "False CacheFailed" },
  },
  {
    situation: "pod unschedulable",
    components: [model, template, noIsvc, { ...pods, state: "Pending", reason: "FailedScheduling" }, cache],
    status: "Pending",
    conditions: { InferenceServicePodsReady: "False FailedScheduling" },
  },
  {
    situation: "pull auth failure",
    components: [model, template, noIsvc, fault(pods, "Auth", "ImagePullAuthFailure"), cache],
    status: "Failed",
    conditions: {
      InferenceServicePodsReady: "False ImagePullAuthFailure",
      AuthValid: "False AuthError",
    },
  },
  {
    situation: "routing on, no gateway",
    components: [model, template, isvc, cache, fault(route, "InvalidSpec", "GatewayNotConfigured")],
    status: "Failed",
    conditions: { HTTPRouteReady: "False GatewayNotConfigured", ConfigValid: "False InvalidSpec" },
  },
  {
    situation: "Dedicated TC deleted under a running ISVC",
    components: [model, template, isvc, pods, state(cache, "Degraded", "CacheCreating")],
    status: "Degraded",
    conditions: { CacheReady: "False CacheCreating" },
  },
  {
    situation: "Shared TC deleted under a running ISVC",
    components: [model, template, isvc, pods, state(cache, "Degraded", "CacheLost")],
    status: "Degraded",
    conditions: { CacheReady: "False CacheLost" },
  },
  {
    situation: "template NotAvailable, nothing runs (conventions.md §6.4)",
    components: [model, state(template, "NotAvailable", "TemplateNotReady"), noIsvc, noCache],
    status: "Pending",
    conditions: { TemplateReady: "False TemplateNotReady", Ready: "False TemplateNotReady" },
  },
  {
    situation: "all up",
    components: [model, template, isvc, pods, cache, route],
    status: "Running",
    conditions: {
      ModelReady: "True ModelResolved",
      TemplateReady: "True Resolved",
      InferenceServiceReady: "True RuntimeReady",
      InferenceServicePodsReady: "True PodsReady",
      CacheReady: "True CacheReady",
      HTTPRouteReady: "True HTTPRouteAccepted",
      Ready: "True AllComponentsReady",
    },
  },
];

Deno.test("reference outcomes of services.md §11.5", () => {
  for (const { situation, components, status, conditions } of rows) {
    const summary = summarize({ components, reached: () => false });
    assert.equal(serviceStatus(summary.status, false), status, situation);
    for (const [type, expected] of Object.entries(conditions)) {
      const found = summary.conditions.find((condition) => condition.type === type);
      assert.equal(found && `${found.status} ${found.reason}`, expected, `${situation}: ${type}`);
    }
  }
});
