/** For tests: models and templates out of the parts that a test cares about, and one pass over them. */

import type { ImageMetadata, ModelSpec, ModelStatus, TemplateStatus } from "../../lib/api/mod.ts";
import { watchedKinds } from "../../lib/cluster/kinds.ts";
import { imageMetadata, type ImageQuestion } from "../../lib/facts/image_metadata.ts";
import type { KubeObject, Live } from "../../lib/kube/object.ts";
import type { StoredCondition } from "../../lib/operator/status/conditions.ts";
import { API_VERSION, label } from "../../lib/operator/naming/labels.ts";
import type { Outcome, Plan } from "../../lib/operator/core/plan.ts";
import type { Known } from "../../lib/operator/core/view.ts";
import { liveObject, onView, outcomesOf } from "../../lib/operator/runner/view_fixture.ts";
import { clusterModelController, modelController } from "./reconcile.ts";
import type { Model, Template } from "./scope.ts";

export const image = "amdenterpriseai/aim-qwen-qwen3-32b:0.8.5";

/** A model named `m` in namespace `ns`. */
export function model(spec: Partial<ModelSpec> = {}, more: Partial<Model> = {}): Live<Model> {
  return liveObject({
    apiVersion: API_VERSION,
    kind: "AIMModel",
    ...more,
    metadata: { name: "m", namespace: "ns", generation: 3, ...more.metadata },
    spec: { image, ...spec },
  });
}

/** The same as a cluster model. */
export function clusterModel(spec: Partial<ModelSpec> = {}, more: Partial<Model> = {}): Live<Model> {
  const { metadata: { namespace: _, uid: __, ...metadata }, ...rest } = model(spec, more);
  return liveObject({ ...rest, kind: "AIMClusterModel", metadata });
}

/** A template of model `m`, made by hand unless `parent` is given. */
export function template(
  name: string,
  status?: string,
  more: Partial<Template> = {},
  parent?: Live<Model>,
): Template {
  const namespace = parent === undefined ? "ns" : parent.metadata.namespace;
  const owner = parent && {
    labels: { [label.origin]: "auto-generated" },
    ownerReferences: [{
      apiVersion: API_VERSION,
      kind: parent.kind!,
      name: "m",
      uid: parent.metadata.uid,
      controller: true,
    }],
  };
  return {
    apiVersion: API_VERSION,
    kind: namespace === undefined ? "AIMClusterServiceTemplate" : "AIMServiceTemplate",
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), ...owner },
    spec: { modelName: "m" },
    ...(status === undefined ? {} : { status: { status: status as TemplateStatus["status"] } }),
    ...more,
  };
}

/** What registries answer, for the option `facts` of a pass. Without: they have not answered yet. */
export type Registry = Readonly<Record<string, Known<ImageMetadata>>>;

/** What the registry of `image` answers to a model without pull secrets, or to the question given. */
export function registry(
  answer: ImageMetadata | Error,
  { image: asked = image, namespace = "ns", pullSecrets = [] }: Partial<ImageQuestion> = {},
): Registry {
  const key = `${imageMetadata.name}|${imageMetadata.keyOf({ image: asked, namespace, pullSecrets })}`;
  return {
    [key]: answer instanceof Error ? { state: "failed", error: answer } : { state: "known", value: answer },
  };
}

/** One pass over the model among the given objects, all of whose children succeed unless `except` says so. */
export function pass(
  object: Live<Model>,
  others: readonly KubeObject[] = [],
  { except, facts, now }: { except?: Record<string, Outcome>; facts?: Registry; now?: string } = {},
) {
  const controller = object.kind === "AIMModel" ? modelController : clusterModelController;
  const { result: plan, reads } = onView(
    [object, ...others],
    { kinds: watchedKinds, facts, now },
    (view) => controller.reconcile(object, view),
  );
  const status = plan.status?.(outcomesOf(plan, except));
  const asked = reads.filter((read) => read.includes(imageMetadata.name));
  return { plan, status, asked, applied: appliedOf(plan), conditions: shortConditions(status) };
}

/** What the plan applies, by name. */
export function appliedOf(plan: Plan<ModelStatus>): Record<string, Template> {
  return Object.fromEntries(
    plan.children.flatMap((child) =>
      child.how === "apply" ? [[child.ref.name, child.desired as Template]] : []
    ),
  );
}

/** `Type=Status/Reason` of each condition, in order. */
export function shortConditions(status: { conditions?: readonly StoredCondition[] } | undefined): string[] {
  return (status?.conditions ?? []).map(({ type, status, reason }) => `${type}=${status}/${reason}`);
}
