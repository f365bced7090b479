/** Which model a service runs (services.md §3). */

import type { AIMService } from "../../../lib/api/mod.ts";
import { clusterModels, models } from "../../../lib/cluster/kinds.ts";
import type { Live } from "../../../lib/kube/object.ts";
import { type ComponentHealth, failing, ready } from "../../../lib/operator/status/health.ts";
import type { View } from "../../../lib/operator/core/view.ts";
import { causeOf } from "../status/cause.ts";
import type { Context } from "../context.ts";
import { customModel } from "./custom_model.ts";
import { modelOfImage } from "./model_of_image.ts";
import type { ModelResolution, ResolvedModel } from "./resolved.ts";

const about = { component: "Model", dependency: "Upstream" } as const;

/** Resolves the model: the one that was resolved before while it is Ready, else by what the service says. */
export function resolveModel(context: Context, view: View): ModelResolution {
  const { service } = context;
  const before = stickyModel(service, view);
  if (before !== undefined) return { found: before };
  const { name, image, custom } = service.spec?.model ?? {};
  if (custom !== undefined) return customModel(context, custom, view);
  if (image !== undefined) return modelOfImage(context, image, view);
  return modelByName(service, name?.trim() ?? "", view);
}

/** The recorded model, if it is still that very object and Ready (§3.1). */
function stickyModel(service: Live<AIMService>, view: View): ResolvedModel | undefined {
  const recorded = service.status?.resolvedModel;
  if (recorded?.name === undefined) return undefined;
  const scope = recorded.scope === "Cluster" ? "Cluster" : "Namespace";
  const object = scope === "Cluster"
    ? view.get(clusterModels, undefined, recorded.name)
    : view.get(models, service.metadata.namespace, recorded.name);
  if (object === undefined || object.status?.status !== "Ready") return undefined;
  // A recreated object (a restored backup, say) counts as deleted: its UID is new.
  if (recorded.uid !== undefined && recorded.uid !== object.metadata.uid) return undefined;
  return { object, scope };
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
    error: {
      category: "MissingUpstream",
      reason: "ModelNotFound",
      message: `model "${name}" not found in namespace ${namespace} or cluster scope`,
    },
  };
}

/** The row of services.md §11.3 "Model" that applies. */
export function modelHealth(resolution: ModelResolution): ComponentHealth {
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
  const status = object.status?.status ?? "";
  const cause = causeOf(object.status?.conditions);
  switch (status) {
    case "Ready":
      return ready(about, "ModelResolved", `${who} is ready`);
    case "Pending":
    case "Progressing":
      return {
        ...about,
        state: "Progressing",
        reason: "ModelNotReady",
        message: `${who} is not ready yet${cause}`,
      };
    case "Failed":
    case "Degraded":
      return {
        ...about,
        state: "Failed",
        reason: "ModelNotReady",
        message: `${who} is in failed state${cause}`,
      };
    default:
      return {
        ...about,
        state: "Progressing",
        reason: "ModelNotReady",
        message: `${who} status: ${status}${cause}`,
      };
  }
}
