/** For tests: templates, models and nodes out of the parts that a test cares about, and one pass over them. */

import type { AIMModel, ModelStatus, ServiceTemplateSpec, TemplateStatus } from "../../lib/api/mod.ts";
import { watchedKinds } from "../../lib/cluster/kinds.ts";
import type { DiscoveryResult } from "../../lib/images/mod.ts";
import type { Job, Pod } from "../../lib/operator/objects.ts";
import { discoveryResult } from "../../lib/facts/discovery_result.ts";
import type { KubeObject, Live } from "../../lib/kube/object.ts";
import { stampTransitions } from "../../lib/operator/status/status_changes.ts";
import type { Known } from "../../lib/operator/core/view.ts";
import type { StoredCondition } from "../../lib/operator/status/conditions.ts";
import { API_VERSION } from "../../lib/operator/naming/labels.ts";
import type { Outcome } from "../../lib/operator/core/plan.ts";
import {
  type FixtureOptions,
  liveObject,
  onView,
  outcomesOf,
} from "../../lib/operator/runner/view_fixture.ts";
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
  circumstances: Pick<FixtureOptions, "now" | "facts" | "outOfReach"> = {},
) {
  const controller = object.kind === "AIMServiceTemplate" ? templateController : clusterTemplateController;
  const { result: plan } = onView(
    [object, ...others],
    { kinds: watchedKinds, ...circumstances },
    (view) => controller.reconcile(object, view),
  );
  const status = plan.status?.(outcomesOf(plan, except));
  return { plan, status, conditions: shortConditions(status), children: childrenOf(plan.children) };
}

/** The Job that a plan wants created. */
export function jobIn({ plan }: ReturnType<typeof pass>): Job | undefined {
  const child = plan.children.find(({ ref }) => ref.kind.resource.plural === "jobs");
  return child !== undefined && "desired" in child ? child.desired as Job : undefined;
}

/** The Job that the template's plan wants, as it is stored once the Job controller has it. */
export function storedJob(
  object: Live<Template>,
  others: readonly KubeObject[],
  more: { readonly metadata?: Partial<Job["metadata"]>; readonly status?: Job["status"] } = {},
): Live<Job> {
  const job = jobIn(pass(object, others))!;
  const metadata = { creationTimestamp: "2026-01-01T00:00:00Z", ...job.metadata, ...more.metadata };
  return liveObject<Job>({ ...job, ...more, metadata: { ...metadata, uid: "uid-job" } as Job["metadata"] });
}

/** A terminal condition of a Job. */
export function ended(type: "Complete" | "Failed", reason = "", message = ""): Job["status"] {
  return {
    conditions: [{ type, status: "True", reason, message, lastTransitionTime: "2026-01-01T00:00:10Z" }],
  };
}

/** A pod of the Job. */
export function podOf(job: Live<Job>, status: Pod["status"]): Live<Pod> {
  const { name, namespace, uid } = job.metadata;
  return liveObject<Pod>({
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: `${name}-x`,
      namespace,
      labels: { ...job.spec?.template?.metadata?.labels, "job-name": name },
      ownerReferences: [{ apiVersion: "batch/v1", kind: "Job", name, uid, controller: true }],
    },
    status,
  });
}

/** What is known of the output of a pod, for `pass`. */
export function printed({ metadata: { namespace, name, uid } }: Live<Pod>, known: Known<DiscoveryResult>) {
  return {
    [`${discoveryResult.name}|${discoveryResult.keyOf({ namespace: namespace!, pod: name, uid, node: "" })}`]:
      known,
  };
}

/** As the server has a status once the runner has stamped it. */
export function stored(
  status: NonNullable<Template["status"]>,
  before: Template["status"] = undefined,
  now = "2026-01-01T00:00:00Z",
): NonNullable<Template["status"]> {
  return stampTransitions(before, status, Date.parse(now));
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
