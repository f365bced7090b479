/** Which model a service runs (services.md §3). */

import type { AIMService } from "../../../lib/api/mod.ts";
import { clusterModels, models } from "../../../lib/cluster/kinds.ts";
import { unlessOutOfReach } from "../../../lib/cluster/reach.ts";
import type { Live } from "../../../lib/kube/object.ts";
import { conditionOf } from "../../../lib/operator/status/conditions.ts";
import { type ComponentHealth, failing, ready } from "../../../lib/operator/status/health.ts";
import { codeWithin } from "../../../lib/operator/status/code_within.ts";
import { isReady } from "../../../lib/operator/status/status_words.ts";
import type { View } from "../../../lib/operator/core/view.ts";
import { causeOf } from "../cause.ts";
import type { Context } from "../context.ts";
import { customModel } from "./custom_model.ts";
import { amongSeveral, modelOfImage } from "./model_of_image.ts";
import {
  type Binding,
  isStill,
  type ModelResolution,
  nameOf,
  type ResolvedModel,
  type ResolvedTemplate,
} from "./resolved.ts";

const about = { component: "Model", dependency: "Upstream" } as const;

/** Resolves the model: the recorded one as far as it binds, else by what the service says. */
export function resolveModel(context: Context, binding: Binding, view: View): ModelResolution {
  const { service } = context;
  const { name, image, custom } = service.spec?.model ?? {};
  const before = recordedModel(service, binding, view);
  if (before !== undefined) return { found: before, ...amongSeveral(context, image, view) };
  if (custom !== undefined) return customModel(context, custom, view);
  if (image !== undefined) return modelOfImage(context, image, view);
  return modelByName(service, name?.trim() ?? "", view);
}

/**
 * The recorded model, if it is still that very object and Ready (§3.1). Under an endpoint it counts in any state, and
 * one that was made anew under its name takes its place.
 */
function recordedModel(service: Live<AIMService>, binding: Binding, view: View): ResolvedModel | undefined {
  const recorded = service.status?.resolvedModel;
  if (binding === "none" || recorded?.name === undefined) return undefined;
  const scope = recorded.scope === "Cluster" ? "Cluster" : "Namespace";
  const object = scope === "Cluster"
    ? view.get(clusterModels, undefined, recorded.name)
    : view.get(models, service.metadata.namespace, recorded.name);
  if (object === undefined) return undefined;
  return binding === "fixed" || isStill(object, recorded) ? { object, scope } : undefined;
}

/** The namespace's model of that name, else the cluster's (§3.2). */
function modelByName(service: Live<AIMService>, name: string, view: View): ModelResolution {
  if (name === "") {
    return {
      error: {
        category: "InvalidSpec",
        reason: "ModelNotFound",
        message: "no model specified in service spec",
      },
    };
  }
  const { namespace } = service.metadata;
  const own = view.get(models, namespace, name);
  if (own !== undefined) return { found: { object: own, scope: "Namespace" } };
  const shared = view.get(clusterModels, undefined, name);
  if (shared !== undefined) return { found: { object: shared, scope: "Cluster" } };
  return {
    error: unlessOutOfReach(view, clusterModels, `model "${name}" is not in namespace ${namespace}`, {
      category: "MissingUpstream",
      reason: "ModelNotFound",
      message: `model "${name}" not found in namespace ${namespace} or cluster scope`,
    }),
  };
}

/** Conditions of a model that tell how its templates fare. */
const ofTemplates: readonly string[] = ["ServiceTemplatesReady", "ClusterServiceTemplatesReady"];

/**
 * Whether an endpoint may be made of a model with a template that is Ready: the model is Ready, or nothing but other
 * templates of it keeps it from being so (spec/README "A template that is not Ready, beside a Ready one").
 */
export function isUsable({ object }: ResolvedModel): boolean {
  if (isReady(object)) return true;
  const components = (object.status?.conditions ?? []).filter(({ type }) => /.Ready$/.test(type));
  const unready = components.filter(({ status }) => status !== "True");
  return conditionOf(components, "ImageMetadataReady") !== undefined &&
    unready.length > 0 && unready.every(({ type }) => ofTemplates.includes(type));
}

/**
 * The row of services.md §11.3 "Model" that applies.
 *
 * @param template the template that the service stands on
 */
export function modelHealth(
  resolution: ModelResolution,
  template: ResolvedTemplate | undefined,
): ComponentHealth {
  if (resolution.error !== undefined) return failing(about, resolution.error, "Failed");
  if (resolution.creating !== undefined) {
    const { message } = resolution.creating;
    return {
      component: "Model",
      dependency: "Downstream",
      state: "Pending",
      reason: "CreatingModel",
      message,
    };
  }
  const { object, scope } = resolution.found;
  const who = `${scope === "Cluster" ? "AIMClusterModel" : "AIMModel"} ${object.metadata.name}`;
  const note = resolution.amongSeveral === undefined ? "" : `; ${resolution.amongSeveral}`;
  if (isReady(object)) return ready(about, "ModelResolved", `${who} is ready${note}`);
  if (isReady(template?.object) && isUsable(resolution.found)) {
    return ready(
      about,
      "ModelResolved",
      `${who} can be used: ${nameOf(template!)} is ready, others of it are not${note}`,
    );
  }
  const status = object.status?.status ?? "";
  const cause = causeOf(object.status?.conditions);
  const code = codeWithin(object.status?.conditions);
  const notReady = { ...about, reason: "ModelNotReady", code: code ?? "none" } as const;
  switch (status) {
    case "Pending":
    case "Progressing":
      return { ...notReady, state: "Progressing", message: `${who} is not ready yet${cause}` };
    case "Failed":
    case "Degraded":
      return {
        ...notReady,
        state: "Failed",
        message: `${who} is in failed state${cause}`,
        code: code ?? "AIM-0103",
      };
    default:
      return { ...notReady, state: "Progressing", message: `${who} status: ${status}${cause}` };
  }
}
