/** The model of a template and its health as the template sees it (models-and-templates.md §5.3 "Model"). */

import { type AIMModel, pullSecretNames, type ResolvedReference } from "../../lib/api/mod.ts";
import { clusterModels, models } from "../../lib/cluster/kinds.ts";
import { missingOrOutOfReach } from "../../lib/cluster/reach.ts";
import type { Live } from "../../lib/kube/object.ts";
import type { Code } from "../../lib/operator/errors/codes.ts";
import type { KnownReason } from "../../lib/operator/errors/reasons.ts";
import { type ComponentHealth, ready } from "../../lib/operator/status/health.ts";
import { codeWithin } from "../../lib/operator/status/code_within.ts";
import { defineQuery, type View } from "../../lib/operator/core/view.ts";
import type { Scope, Template } from "./scope.ts";

/** What templates look at of their model: nothing in it changes while the model's templates become ready. */
export interface FoundModel {
  readonly kind: "AIMModel" | "AIMClusterModel";
  readonly name: string;
  readonly namespace?: string;
  readonly uid: string;
  readonly hasImage: boolean;
  /** What a discovery Job is made of: empty without an image. */
  readonly image: string;
  /** Names of the model's pull secrets. */
  readonly pullSecrets: readonly string[];
  readonly serviceAccount: string;
  /** The model failed for a reason of its own (rule M). */
  readonly failed?: {
    readonly state: "Failed" | "Degraded";
    readonly why: string;
    readonly code: Code | undefined;
  };
}

/** By namespace (empty for cluster templates) and name: that namespace's model, else the cluster's. */
const modelOf = defineQuery<readonly [string, string], FoundModel | undefined>(
  "modelOfTemplate",
  (view, [namespace, name]) => {
    const own = namespace === "" ? undefined : view.get(models, namespace, name);
    if (own !== undefined) return summary(own, "AIMModel");
    const shared = view.get(clusterModels, undefined, name);
    return shared && summary(shared, "AIMClusterModel");
  },
);

export function findModel({ metadata, spec }: Live<Template>, view: View): FoundModel | undefined {
  return view.query(modelOf, [metadata.namespace ?? "", spec?.modelName ?? ""]);
}

function summary(model: Live<AIMModel>, kind: FoundModel["kind"]): FoundModel {
  const { name, namespace, uid } = model.metadata;
  const failed = ownFailure(model);
  return {
    kind,
    name,
    ...(namespace !== undefined ? { namespace } : {}),
    uid,
    hasImage: !!model.spec?.image,
    image: model.spec?.image ?? "",
    pullSecrets: pullSecretNames(model.spec),
    serviceAccount: model.spec?.serviceAccountName ?? "",
    ...(failed && { failed }),
  };
}

/** Conditions that follow from the model's templates; counting them would let the two fail each other for ever. */
const fromTemplates = ["Ready", "ServiceTemplatesReady", "ClusterServiceTemplatesReady"];
/** What is only waited for has not failed: counted, model and template would fail and forgive each other for ever. */
const waiting: KnownReason = "AwaitingMetadata";

/** Rule M: Failed or Degraded, and not only because of the model's templates. */
function ownFailure({ status }: AIMModel): FoundModel["failed"] {
  const state = status?.status;
  if (state !== "Failed" && state !== "Degraded") return undefined;
  const cause = status?.conditions?.find((condition) =>
    condition.type.endsWith("Ready") && condition.status === "False" &&
    condition.reason !== waiting && !fromTemplates.includes(condition.type)
  );
  // Not what the model tells of itself: that may be of its templates.
  return cause && {
    state,
    why: `${cause.type} is False (${cause.reason}): ${cause.message}`,
    code: codeWithin([cause]),
  };
}

/** A model that is on its way, or not available, is fine: its templates come first. */
export function modelHealth(
  template: Live<Template>,
  model: FoundModel | undefined,
  scope: Scope,
  view: View,
): ComponentHealth {
  const about = { component: scope.modelComponent, dependency: "Upstream" } as const;
  if (model === undefined) {
    return missingOrOutOfReach(view, clusterModels, about, whatWasLookedFor(template));
  }
  const who = `${model.kind} ${model.name}`;
  if (!model.hasImage) {
    return { ...about, state: "Failed", reason: "ImageNotSpecified", message: `${who} has no spec.image` };
  }
  if (model.failed !== undefined) {
    const { state, why, code } = model.failed;
    return { ...about, state, reason: scope.modelFailed, message: `${who} is ${state}: ${why}`, code };
  }
  return ready(about, scope.modelFound, `${who} is found`);
}

function whatWasLookedFor({ metadata, spec }: Live<Template>): string {
  const shared = `AIMClusterModel ${spec?.modelName}`;
  return metadata.namespace === undefined
    ? shared
    : `AIMModel ${spec?.modelName} in namespace ${metadata.namespace}, nor ${shared}`;
}

/** `status.resolvedModel`. */
export function referenceTo({ kind, name, namespace, uid }: FoundModel): ResolvedReference {
  return {
    name,
    ...(namespace !== undefined ? { namespace } : {}),
    scope: kind === "AIMModel" ? "Namespace" : "Cluster",
    kind,
    uid,
  };
}
