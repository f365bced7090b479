/** For the tests of this folder: caches and what stands around them, on a view. */

import type {
  AIMArtifact,
  AIMArtifactStatus,
  AIMServiceTemplate,
  AIMTemplateCache,
  AIMTemplateCacheStatus,
  ModelSource,
} from "../../lib/api/mod.ts";
import { watchedKinds } from "../../lib/cluster/kinds.ts";
import type { KubeObject } from "../../lib/kube/object.ts";
import type { Plan } from "../../lib/operator/core/plan.ts";
import { liveObject, onView, outcomesOf } from "../../lib/operator/runner/view_fixture.ts";
import { templateCacheController } from "./reconcile.ts";

export const namespace = "ml";
const apiVersion = "aim.eai.amd.com/v1alpha1";

export function cache(
  spec: Partial<NonNullable<AIMTemplateCache["spec"]>> = {},
  metadata: Partial<AIMTemplateCache["metadata"]> = {},
  status?: AIMTemplateCacheStatus,
): AIMTemplateCache {
  return {
    apiVersion,
    kind: "AIMTemplateCache",
    metadata: { name: "c", namespace, uid: "cache-uid", generation: 2, ...metadata },
    spec: { templateName: "tpl", templateScope: "Namespace", ...spec },
    ...(status === undefined ? {} : { status }),
  };
}

export const qwen: ModelSource = {
  modelId: "Qwen/Qwen3-32B",
  sourceUri: "hf://Qwen/Qwen3-32B",
  size: "65Gi",
};
export const smol: ModelSource = {
  modelId: "org/SmolLM",
  sourceUri: "s3://models/SmolLM-135M",
  size: "500M",
};

/** A template in that state, with a `Ready` condition of that reason. */
export function template(
  modelSources: readonly ModelSource[],
  status: string | undefined = "Ready",
  reason: string | undefined = status === "Ready" ? "AllComponentsReady" : "SomeReason",
  kind: "AIMServiceTemplate" | "AIMClusterServiceTemplate" = "AIMServiceTemplate",
): AIMServiceTemplate {
  const conditions = reason === undefined ? [] : [{
    type: "Ready",
    status: status === "Ready" ? "True" : "False",
    reason,
    message: `said by the template: ${status}`,
    lastTransitionTime: "2025-12-31T00:00:00Z",
  }];
  return {
    apiVersion,
    kind,
    metadata: { name: "tpl", ...(kind === "AIMServiceTemplate" ? { namespace } : {}), uid: "template-uid" },
    spec: { modelName: "m" },
    status: { status, modelSources: [...modelSources], conditions },
  } as AIMServiceTemplate;
}

/** An artifact of a source in that state. */
export function artifact(
  source: ModelSource,
  status: string | undefined,
  more: {
    readonly metadata?: Partial<AIMArtifact["metadata"]>;
    readonly spec?: Partial<AIMArtifact["spec"]>;
    readonly status?: Partial<AIMArtifactStatus>;
  } = {},
): AIMArtifact {
  const name = more.metadata?.name ?? `made-of-${source.modelId.replace("/", "-").toLowerCase()}`;
  return {
    apiVersion,
    kind: "AIMArtifact",
    metadata: { name, namespace, uid: `uid-${name}`, ...more.metadata },
    spec: { sourceUri: source.sourceUri, ...more.spec },
    ...(status === undefined ? {} : {
      status: {
        status,
        persistentVolumeClaim: `${name}-cache`,
        conditions: [{
          type: "Ready",
          status: status === "Ready" ? "True" : "False",
          reason: status === "Ready" ? "AllComponentsReady" : `Artifact${status}`,
          message: `said by the artifact: ${status}`,
          lastTransitionTime: "2025-12-31T00:00:00Z",
        }],
        ...more.status,
      } as AIMArtifactStatus,
    }),
  };
}

export function ownedBy(uid: string): Partial<AIMArtifact["metadata"]> {
  return { ownerReferences: [{ apiVersion, kind: "AIMTemplateCache", name: "c", uid, controller: true }] };
}

export function runtimeConfig(spec: object, name = "default"): KubeObject {
  return { apiVersion, kind: "AIMRuntimeConfig", metadata: { name, namespace }, spec } as KubeObject;
}

export interface Seen {
  readonly plan: Plan<AIMTemplateCacheStatus>;
  readonly status: AIMTemplateCacheStatus | undefined;
  /** `type status reason` of each condition. */
  readonly conditions: readonly string[];
  readonly messages: Readonly<Record<string, string>>;
  /** The artifacts to make, in plan order. */
  readonly made: readonly AIMArtifact[];
}

/** One pass of the cache among the other objects. */
export function pass(subject: AIMTemplateCache, others: readonly KubeObject[] = []): Seen {
  const { result: plan } = onView(
    [subject, ...others],
    { kinds: watchedKinds },
    (view) => templateCacheController.reconcile(liveObject(subject), view),
  );
  const status = plan.status?.(outcomesOf(plan as Plan<object>));
  return {
    plan,
    status,
    conditions: (status?.conditions ?? []).map(({ type, status, reason }) => `${type} ${status} ${reason}`),
    messages: Object.fromEntries(
      (status?.conditions ?? []).map(({ type, message }) => [type, message ?? ""]),
    ),
    made: plan.children.flatMap((child) => child.how === "create" ? [child.desired as AIMArtifact] : []),
  };
}
