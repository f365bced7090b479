/** For tests: templates, models and nodes out of the parts that a test cares about, and one pass over them. */

import type { AIMModel, ModelStatus, ServiceTemplateSpec, TemplateStatus } from "../../lib/api/mod.ts";
import { watchedKinds } from "../../lib/cluster/kinds.ts";
import type { KubeObject, Live } from "../../lib/kube/object.ts";
import type { StoredCondition } from "../../lib/operator/status/conditions.ts";
import { API_VERSION } from "../../lib/operator/naming/labels.ts";
import type { Outcome } from "../../lib/operator/core/plan.ts";
import { liveObject, onView, outcomesOf } from "../../lib/operator/core/view_fixture.ts";
import { clusterTemplateController, templateController } from "./reconcile.ts";
import type { Template } from "./scope.ts";

export const sources = [{ modelId: "Qwen/Qwen3-32B", sourceUri: "hf://Qwen/Qwen3-32B", size: "62976Mi" }];

/** A template named `t` of model `m` in namespace `ns`. */
export function template(
  spec: Partial<ServiceTemplateSpec> = {},
  more: Partial<Template> = {},
): Live<Template> {
  return liveObject({
    apiVersion: API_VERSION,
    kind: "AIMServiceTemplate",
    ...more,
    metadata: { name: "t", namespace: "ns", generation: 2, ...more.metadata },
    spec: { modelName: "m", ...spec },
  });
}

/** The same as a cluster template. */
export function clusterTemplate(spec: Partial<ServiceTemplateSpec> = {}, more: Partial<Template> = {}) {
  const { metadata: { namespace: _, uid: __, ...metadata }, ...rest } = template(spec, more);
  return liveObject<Template>({ ...rest, kind: "AIMClusterServiceTemplate", metadata });
}

/** Model `m`, Ready unless told otherwise. */
export function model(
  kind: "AIMModel" | "AIMClusterModel" = "AIMModel",
  status?: Partial<ModelStatus>,
): AIMModel {
  return {
    apiVersion: API_VERSION,
    kind,
    metadata: { name: "m", ...(kind === "AIMModel" ? { namespace: "ns" } : {}) },
    spec: { image: "reg.example/m:1" },
    status: { status: "Ready", ...status },
  };
}

/** A node with that device, as an AMD labeller marks it. */
export function node(deviceId: string, vram = "192G"): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name: `node-${deviceId}`,
      labels: { "amd.com/gpu.device-id": deviceId, "amd.com/gpu.vram": vram },
    },
  };
}
export const mi300x = node("74a1");

/** One pass over the template among the given objects, all of whose children succeed unless `except` says so. */
export function pass(
  object: Live<Template>,
  others: readonly KubeObject[] = [],
  except?: Record<string, Outcome>,
) {
  const controller = object.kind === "AIMServiceTemplate" ? templateController : clusterTemplateController;
  const { result: plan } = onView(
    [object, ...others],
    { kinds: watchedKinds },
    (view) => controller.reconcile(object, view),
  );
  const status = plan.status?.(outcomesOf(plan, except));
  return { plan, status, conditions: shortConditions(status), children: childrenOf(plan.children) };
}

function childrenOf(children: ReturnType<typeof templateController.reconcile>["children"]): string[] {
  return children.map(({ how, ref }) => `${how} ${ref.kind.resource.plural}/${ref.name}`);
}

/** `Type=Status/Reason` of each condition, in order. */
export function shortConditions(status: { conditions?: readonly StoredCondition[] } | undefined): string[] {
  return (status?.conditions ?? []).map(({ type, status, reason }) => `${type}=${status}/${reason}`);
}

/** A stored condition. */
export function condition(type: string, status: "True" | "False", reason: string) {
  return { type, status, reason, message: "told", lastTransitionTime: "2026-01-01T00:00:00Z" };
}

/** The status of a template that AIM Engine has discovered (§6.1). */
export const discovered: TemplateStatus = {
  status: "Ready",
  resolvedModel: { name: "m" },
  discoveryJob: { name: "discover-t-60d303f1", namespace: "aim-system" },
  hardwareSummary: "1 x MI300X",
  resolvedHardware: { gpu: { requests: 1, model: "MI300X", resourceName: "amd.com/gpu" } },
  resolvedNodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [{
        matchExpressions: [{
          key: "amd.com/gpu.device-id",
          operator: "In",
          values: ["74bd", "74a1", "74b5", "74a9"],
        }],
      }],
    },
  },
  modelSources: sources,
  profile: {
    engine_args: { "tensor-parallel-size": 1 },
    env_vars: { VLLM_USE_V1: "1" },
    metadata: {
      engine: "vllm",
      gpu: "MI300X",
      gpuCount: 1,
      metric: "latency",
      precision: "fp16",
      type: "optimized",
    },
  },
  conditions: [
    condition("DiscoveryJobReady", "True", "Ready"),
    condition("DiscoveryPodsReady", "True", "PodsReady"),
    condition("Discovered", "False", "AwaitingDiscovery"),
    condition("Ready", "True", "AllComponentsReady"),
  ],
};
