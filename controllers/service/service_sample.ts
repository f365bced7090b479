/** For tests: the world of one service out of the parts that a test cares about, and passes over it. */

import assert from "node:assert/strict";
import type {
  AIMClusterModel,
  AIMClusterRuntimeConfig,
  AIMClusterServiceTemplate,
  AIMModel,
  AIMRuntimeConfig,
  AIMService,
  AIMServiceSpec,
  AIMServiceStatus,
  AIMServiceTemplate,
  AIMTemplateCache,
  ObjectMeta,
  RuntimeConfigSpec,
} from "../../lib/api/mod.ts";
import { watchedKinds } from "../../lib/cluster/kinds.ts";
import type { HTTPRoute, InferenceService, Node, Pod } from "../../lib/operator/objects.ts";
import type { KubeObject, Live } from "../../lib/kube/object.ts";
import { assertAppliable } from "../../lib/operator/apply/diff/compare.ts";
import { API_VERSION } from "../../lib/operator/naming/labels.ts";
import type { Outcome, Plan } from "../../lib/operator/core/plan.ts";
import { liveObject, onView, outcomesOf } from "../../lib/operator/runner/view_fixture.ts";
import { serviceController } from "./reconcile.ts";

/** What a test says of an object; the rest is filled in. */
interface Parts<Spec = Record<string, unknown>, Status = Record<string, unknown>> {
  readonly metadata?: Partial<ObjectMeta>;
  readonly spec?: Partial<Spec>;
  readonly status?: Partial<Status>;
}

export const uid = "11111111-2222-3333-4444-555555555555";

/**
 * Service `s` in namespace `ns`: its InferenceService and route are called `s-e2c6bafc`, the cache of template
 * `t1` is `t1-e2c6bafc` (vectors of services.md §1.1).
 */
export function service(
  { metadata, spec, status }: Parts<AIMServiceSpec, AIMServiceStatus> = {},
): Live<AIMService> {
  return liveObject<AIMService>({
    apiVersion: API_VERSION,
    kind: "AIMService",
    metadata: { name: "s", namespace: "ns", uid, generation: 4, ...metadata },
    spec: { model: { name: "m" }, replicas: 1, ...spec } as AIMServiceSpec,
    ...(status === undefined ? {} : { status: status as AIMServiceStatus }),
  });
}

export const endpoint = "s-e2c6bafc";
export const cacheName = "t1-e2c6bafc";

/** Model `m` in `ns`, Ready. */
export function model({ metadata, spec, status }: Parts<AIMModel["spec"], AIMModel["status"]> = {}) {
  return {
    apiVersion: API_VERSION,
    kind: "AIMModel",
    metadata: { name: "m", namespace: "ns", ...metadata },
    spec: { image: "reg.io/m:1", ...spec },
    status: { status: "Ready", ...status },
  } as AIMModel;
}

/** The same in cluster scope. */
export function clusterModel(parts: Parts<AIMModel["spec"], AIMModel["status"]> = {}): AIMClusterModel {
  return { ...inCluster(model(parts)), kind: "AIMClusterModel" } as AIMClusterModel;
}

/** Template `t1` of `m` in `ns`: Ready, optimized, one source, no GPU. */
export function template(
  { metadata, spec, status }: Parts<AIMServiceTemplate["spec"], AIMServiceTemplate["status"]> = {},
) {
  return {
    apiVersion: API_VERSION,
    kind: "AIMServiceTemplate",
    metadata: { name: "t1", namespace: "ns", ...metadata },
    spec: { modelName: "m", ...spec },
    status: {
      status: "Ready",
      modelSources: [{ modelId: "org/m", sourceUri: "hf://org/m", size: "1Gi" }],
      profile: { metadata: { type: "optimized" } },
      ...status,
    },
  } as AIMServiceTemplate;
}

/** The same in cluster scope. */
export function clusterTemplate(
  parts: Parts<AIMServiceTemplate["spec"], AIMServiceTemplate["status"]> = {},
): AIMClusterServiceTemplate {
  return { ...inCluster(template(parts)), kind: "AIMClusterServiceTemplate" } as AIMClusterServiceTemplate;
}

function inCluster<T extends KubeObject>(object: T): T {
  const { namespace: _, ...metadata } = object.metadata!;
  return { ...object, metadata };
}

/** The Shared cache of `t1`, Ready, with one artifact `a` on claim `pvc-1`. */
export function cache(
  { metadata, spec, status }: Parts<AIMTemplateCache["spec"], AIMTemplateCache["status"]> = {},
) {
  return {
    apiVersion: API_VERSION,
    kind: "AIMTemplateCache",
    metadata: { name: cacheName, namespace: "ns", ...metadata },
    spec: { templateName: "t1", templateScope: "Namespace", mode: "Shared", ...spec },
    status: {
      status: "Ready",
      artifacts: {
        "org/m": { name: "a", model: "org/m", status: "Ready", persistentVolumeClaim: "pvc-1", uid: "uid-a" },
      },
      ...status,
    },
  } as AIMTemplateCache;
}

/** A runtime config in `ns`. */
export function config(spec: RuntimeConfigSpec, name = "default"): AIMRuntimeConfig {
  return { apiVersion: API_VERSION, kind: "AIMRuntimeConfig", metadata: { name, namespace: "ns" }, spec };
}

/** A runtime config of the cluster. */
export function clusterConfig(spec: RuntimeConfigSpec, name = "default"): AIMClusterRuntimeConfig {
  return { apiVersion: API_VERSION, kind: "AIMClusterRuntimeConfig", metadata: { name }, spec };
}

/** A node with GPUs of that device id; `74a1` is an MI300X, `740f` an MI210. */
export function node(deviceId = "74a1"): Node {
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name: `node-${deviceId}`, labels: { "amd.com/gpu.device-id": deviceId } },
  };
}

export const owner = {
  apiVersion: API_VERSION,
  kind: "AIMService",
  name: "s",
  uid,
  controller: true,
} as const;

/** The service's InferenceService as somebody finds it, Ready, mounting `pvc-1` of artifact `a`. */
export function inferenceService(
  { metadata, spec, status }: Parts<InferenceService["spec"], InferenceService["status"]> = {},
) {
  return {
    apiVersion: "serving.kserve.io/v1beta1",
    kind: "InferenceService",
    metadata: {
      name: endpoint,
      namespace: "ns",
      uid: "uid-isvc",
      labels: {
        "aim.eai.amd.com/service.name": "s",
        "aim.eai.amd.com/service": "s",
        "app.kubernetes.io/component": "inference",
        "app.kubernetes.io/managed-by": "aim-engine",
      },
      annotations: { "serving.kserve.io/autoscalerClass": "none" },
      ownerReferences: [owner],
      ...metadata,
    },
    spec: {
      predictor: {
        minReplicas: 1,
        maxReplicas: 1,
        containers: [{
          name: "kserve-container",
          image: "reg.io/m:1",
          env: [
            { name: "AIM_CACHE_PATH", value: "/workspace/cache" },
            { name: "VLLM_ENABLE_METRICS", value: "true" },
          ],
          volumeMounts: [
            { name: "dshm", mountPath: "/dev/shm" },
            { name: "a", mountPath: "/workspace/cache/org/m" },
          ],
        }],
        volumes: [
          { name: "dshm", emptyDir: { medium: "Memory", sizeLimit: "8Gi" } },
          { name: "a", persistentVolumeClaim: { claimName: "pvc-1" } },
        ],
      },
      ...spec,
    },
    status: { conditions: [{ type: "Ready", status: "True" }], ...status },
  } as InferenceService;
}

/** A predictor pod, running and ready. */
export function pod(
  { metadata, status }: { metadata?: Partial<ObjectMeta>; status?: Pod["status"] } = {},
): Pod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: "p",
      namespace: "ns",
      labels: { "serving.kserve.io/inferenceservice": endpoint },
      ...metadata,
    },
    status: status ?? { phase: "Running", conditions: [{ type: "Ready", status: "True" }] },
  };
}

/** The service's route as somebody finds it, with one parent that has said these conditions. */
export function route(
  conditions: Record<string, unknown>[] = [{ type: "Accepted", status: "True", reason: "Accepted" }],
  metadata: Partial<ObjectMeta> = {},
): HTTPRoute {
  return {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "HTTPRoute",
    metadata: {
      name: endpoint,
      namespace: "ns",
      labels: { "aim.eai.amd.com/service.name": "s" },
      ownerReferences: [owner],
      generation: 2,
      ...metadata,
    },
    spec: { rules: [{ matches: [{ path: { type: "PathPrefix", value: `/ns/${uid}` } }] }] },
    status: { parents: [{ conditions } as never] },
  };
}

/** Routing through a gateway, for `spec.routing`. */
export const routed = { enabled: true, gatewayRef: { name: "gw", namespace: "gateways" } } as const;

export interface PassOptions {
  readonly except?: Record<string, Outcome>;
  readonly uninstalled?: readonly string[];
  readonly now?: string;
}

/** What a pass came to. */
export class Pass {
  constructor(
    readonly service: Live<AIMService>,
    readonly plan: Plan<AIMServiceStatus>,
    readonly reads: readonly string[],
    readonly except: Record<string, Outcome>,
  ) {}

  /** The status that follows. */
  get status(): AIMServiceStatus {
    assert.ok(this.plan.status !== undefined, "the plan writes no status");
    return this.plan.status(outcomesOf(this.plan, this.except));
  }

  /** `True Reason` or `False Reason`; undefined where there is no such condition. */
  condition(type: string): string | undefined {
    const found = this.status.conditions?.find((each) => each.type === type);
    return found && `${found.status} ${found.reason}`;
  }

  message(type: string): string | undefined {
    return this.status.conditions?.find((each) => each.type === type)?.message;
  }

  /** `type: True Reason`, in the order of the list. */
  get conditions(): string[] {
    return (this.status.conditions ?? []).map(({ type, status, reason }) => `${type}: ${status} ${reason}`);
  }

  /** `how Kind name` of each child, in plan order. */
  get children(): string[] {
    return this.plan.children.map(({ how, ref }) => `${how} ${ref.kind.resource.kind} ${ref.name}`);
  }

  get removals(): string[] {
    return this.plan.removals.map(({ ref }) => `${ref.kind.resource.kind} ${ref.name}`);
  }

  /** What is to be applied or created of a kind; undefined if nothing is. */
  desired<T extends KubeObject = KubeObject>(kind: string): T | undefined {
    const child = this.plan.children.find(({ ref }) => ref.kind.resource.kind === kind);
    return child === undefined || child.how === "keep" ? undefined : child.desired as T;
  }

  /** `type reason: message` of the events that follow the status write. */
  events(before: AIMServiceStatus | undefined = this.service.status): string[] {
    const outcomes = outcomesOf(this.plan, this.except);
    return (this.plan.events?.(before, this.status, outcomes) ?? []).map(({ type, reason, message }) =>
      `${type} ${reason}: ${message}`
    );
  }
}

/** One pass over the service among the objects. Every pass is also checked for what must hold of all. */
export function pass(
  object: Live<AIMService>,
  objects: readonly KubeObject[] = [],
  { except = {}, uninstalled, now }: PassOptions = {},
): Pass {
  const options = { kinds: watchedKinds, uninstalled, now };
  const { result, reads } = onView(objects, options, (view) => serviceController.reconcile(object, view));
  for (const child of result.children) {
    if (child.how === "keep") continue;
    assertAppliable(child.desired);
    assert.equal(child.desired.metadata?.name, child.ref.name);
    assert.equal(child.desired.metadata?.namespace, child.ref.namespace);
  }
  return new Pass(object, result, reads, except);
}

/** A world in which everything is there and up, with the pass's own InferenceService and cache. */
export const ready: readonly KubeObject[] = [model(), template(), cache(), inferenceService(), pod()];

/** The Deployment of the endpoint, whose pods are refused before they exist. */
export const refusing = (message: string): KubeObject => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: {
    name: `${endpoint}-predictor`,
    namespace: "ns",
    labels: { "serving.kserve.io/inferenceservice": endpoint },
  },
  status: { conditions: [{ type: "ReplicaFailure", status: "True", reason: "FailedCreate", message }] },
} as KubeObject);
