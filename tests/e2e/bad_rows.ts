/** Services that cannot work as they are, and what their users read (issue: bad input). */

import { clusterModel, clusterTemplate, service, template } from "./catalogue.ts";
import type { AnyObject } from "./user.ts";

/** A service that is accepted, and what its status says. */
export interface BadRow {
  readonly what: string;
  /** The service; `default` is its namespace unless it says another. */
  readonly name: string;
  readonly spec: AnyObject;
  /** What it needs beside it. */
  readonly beside?: readonly AnyObject[];
  /** A cluster template of `beside` that has been Ready, and is paused. */
  readonly wasReady?: string;
  readonly status: string;
  /** Condition type → reason, and what the message must say, piece by piece. */
  readonly says: Readonly<Record<string, readonly [reason: string, ...texts: string[]]>>;
  /** What to write to make it run. */
  readonly remedy?: readonly AnyObject[];
}

export const namespace = "ml-team";

const spec = (model: string, more: AnyObject = {}) => ({ model: { name: model }, ...more });

/** A template that a person has paused before it got ready. */
const paused = (object: AnyObject) => ({
  ...object,
  metadata: { ...object.metadata, annotations: { "aim.eai.amd.com/reconciliation-paused": "true" } },
});

export const rows: readonly BadRow[] = [
  {
    what: "an empty model name",
    name: "no-name",
    spec: spec(""),
    status: "Failed",
    says: {
      ModelReady: ["ModelNotFound", "no model specified in service spec"],
      ConfigValid: ["InvalidSpec", "Model", "no model specified"],
      Ready: ["InvalidSpec", "Configuration validation failed"],
    },
  },
  {
    what: "a model that is not there",
    name: "no-model",
    spec: spec("missing"),
    status: "Failed",
    says: {
      ModelReady: ["ModelNotFound", 'model "missing" not found in namespace ml-team or cluster scope'],
      TemplateReady: ["TemplateNotFound"],
      ConfigValid: ["ReferenceNotFound", "Referenced resource not found", 'model "missing"'],
      Ready: ["ReferenceNotFound", 'model "missing"'],
    },
    remedy: [clusterModel("missing"), clusterTemplate("missing-latency", "missing")],
  },
  {
    what: "a template that is not there",
    name: "no-template",
    spec: spec("good", { template: { name: "nowhere" } }),
    status: "Failed",
    says: {
      ModelReady: ["ModelResolved"],
      TemplateReady: ["TemplateNotFound", 'template "nowhere" not found'],
      Ready: ["ReferenceNotFound", 'template "nowhere"'],
    },
    remedy: [template("nowhere", namespace, "good")],
  },
  {
    what: "a model without templates",
    name: "untemplated",
    spec: spec("bare"),
    beside: [clusterModel("bare")],
    status: "Pending",
    says: { TemplateReady: ["TemplateNotFound", 'No templates found for model "bare"'] },
    remedy: [clusterTemplate("bare-latency", "bare")],
  },
  {
    what: "templates that are not ready: one paused, one for a GPU that no node has",
    name: "unready",
    spec: spec("unready"),
    beside: [
      clusterModel("unready"),
      paused(clusterTemplate("unready-paused", "unready")),
      clusterTemplate("unready-mi210", "unready", { hardware: { gpu: { requests: 1, model: "MI210" } } }),
    ],
    status: "Pending",
    says: {
      TemplateReady: [
        "TemplateNotReady",
        "Templates exist but are not ready yet",
        "unready-mi210: TemplateNotAvailable",
        "GPU MI210 is on no node (the cluster has MI300X, MI325X)",
        "unready-paused: Template",
      ],
    },
    remedy: [clusterTemplate("unready-paused", "unready")],
  },
  {
    what: "a template that was Ready and is paused, for a GPU that no node has any more",
    name: "gone",
    spec: spec("gone"),
    beside: [
      clusterModel("gone"),
      paused(clusterTemplate("gone-mi210", "gone", { hardware: { gpu: { requests: 1, model: "MI210" } } })),
    ],
    wasReady: "gone-mi210",
    status: "Pending",
    says: {
      TemplateReady: [
        "TemplateNotFound",
        'No available templates match requirements for model "gone"',
        "gone-mi210: RequiredGPUNotInCluster (GPU MI210 is on no node (the cluster has MI300X, MI325X))",
      ],
    },
    remedy: [clusterTemplate("gone-latency", "gone")],
  },
  {
    what: "templates that are not optimized",
    name: "untuned",
    spec: spec("untuned"),
    beside: [
      clusterModel("untuned"),
      clusterTemplate("untuned-plain", "untuned", { type: "unoptimized" }),
      clusterTemplate("untuned-preview", "untuned", { type: "preview" }),
    ],
    status: "Pending",
    says: {
      TemplateReady: [
        "TemplateNotFound",
        'No available templates match requirements for model "untuned"',
        "2 unoptimized template(s) filtered out. Set allowUnoptimized to use them.",
        "untuned-plain: UnoptimizedTemplateFiltered (profile type unoptimized",
        "untuned-preview: UnoptimizedTemplateFiltered (profile type preview",
      ],
    },
    remedy: [
      service("untuned", namespace, spec("untuned", { template: { allowUnoptimized: true } })),
    ],
  },
  {
    what: "two templates that tie",
    name: "tied",
    spec: spec("tied"),
    beside: [clusterModel("tied"), clusterTemplate("tied-a", "tied"), clusterTemplate("tied-b", "tied")],
    status: "Failed",
    says: {
      TemplateReady: [
        "TemplateSelectionAmbiguous",
        'Multiple templates (2) satisfy model "tied": tied-a, tied-b',
        "tied-a: TemplateSelectionAmbiguous (",
        "GPU MI300X",
        "rank the same as tied-b",
      ],
      Ready: ["TemplateSelectionAmbiguous", "tied-a, tied-b"],
    },
    remedy: [service("tied", namespace, spec("tied", { template: { name: "tied-b" } }))],
  },
  {
    what: "an explicit template for a GPU that no node has",
    name: "unavailable",
    spec: spec("unavailable", { template: { name: "unavailable-mi210" } }),
    beside: [
      clusterModel("unavailable"),
      clusterTemplate("unavailable-mi210", "unavailable", {
        hardware: { gpu: { requests: 1, model: "MI210" } },
      }),
    ],
    status: "Pending",
    says: {
      TemplateReady: ["TemplateNotReady", "unavailable-mi210 is not available: No node has GPU MI210"],
    },
  },
  {
    what: "a runtime config that is not there",
    name: "no-config",
    spec: spec("good", { runtimeConfigName: "nowhere" }),
    status: "Failed",
    says: {
      RuntimeConfigReady: [
        "ReferenceNotFound",
        "RuntimeConfig nowhere not found in namespace ml-team or cluster scope",
      ],
      Ready: ["ReferenceNotFound", "RuntimeConfig nowhere"],
    },
    remedy: [
      {
        apiVersion: "aim.eai.amd.com/v1alpha1",
        kind: "AIMRuntimeConfig",
        metadata: { name: "nowhere", namespace },
      },
    ],
  },
  {
    what: "routing without a gateway",
    name: "no-gateway",
    spec: spec("good", { routing: { enabled: true } }),
    status: "Failed",
    says: {
      HTTPRouteReady: [
        "GatewayNotConfigured",
        "Routing is enabled but no gatewayRef is configured in service or runtime config",
      ],
      ConfigValid: ["InvalidSpec", "HTTPRoute"],
      Ready: ["InvalidSpec", "gatewayRef"],
    },
    remedy: [
      service(
        "no-gateway",
        namespace,
        spec("good", { routing: { enabled: true, gatewayRef: { name: "g" } } }),
      ),
    ],
  },
  {
    what: "requestTimeout: soon",
    name: "soon",
    spec: spec("good", { routing: { enabled: true, gatewayRef: { name: "g" }, requestTimeout: "soon" } }),
    status: "Failed",
    says: {
      HTTPRouteReady: ["InvalidRequestTimeout", "soon"],
      ConfigValid: ["InvalidSpec", "HTTPRoute"],
    },
    remedy: [
      service(
        "soon",
        namespace,
        spec("good", { routing: { enabled: true, gatewayRef: { name: "g" }, requestTimeout: "90s" } }),
      ),
    ],
  },
  {
    what: "a request above its limit",
    name: "above",
    spec: spec("good", { resources: { requests: { memory: "64Gi" }, limits: { memory: "32Gi" } } }),
    status: "Failed",
    says: {
      InferenceServiceReady: ["InvalidResources", "64Gi", "memory", "32Gi"],
      ConfigValid: ["InvalidSpec", "64Gi"],
    },
    remedy: [
      service(
        "above",
        namespace,
        spec("good", { resources: { requests: { memory: "16Gi" }, limits: { memory: "32Gi" } } }),
      ),
    ],
  },
];
