/** Which template a service runs its model with (services.md §5). */

import type { AIMClusterServiceTemplate, AIMService, AIMServiceTemplate } from "../../lib/api/mod.ts";
import { clusterTemplates, templates } from "../../lib/cluster/kinds.ts";
import { gpusOf } from "../../lib/cluster/queries.ts";
import { keyOf, type Live } from "../../lib/kube/object.ts";
import type { ComponentError } from "../../lib/operator/errors.ts";
import { type ComponentHealth, failing, ready } from "../../lib/operator/health.ts";
import type { View } from "../../lib/operator/view.ts";
import { describe, select, type Selection } from "../../lib/selection/mod.ts";
import type { ResolvedModel, Scope } from "./model.ts";

export type Template = AIMServiceTemplate | AIMClusterServiceTemplate;

export interface ResolvedTemplate {
  readonly object: Live<Template>;
  readonly scope: Scope;
}

export interface TemplateResolution {
  readonly found?: ResolvedTemplate;
  /** An explicit template that is not there. */
  readonly error?: ComponentError;
  /** How the choice fell, if this pass had to choose. */
  readonly selection?: Selection<Live<Template>>;
}

const templatesByModel = templates.index(
  "namespace and model",
  ({ metadata, spec }) => spec === undefined ? [] : [keyOf(metadata.namespace, spec.modelName)],
);
const clusterTemplatesByModel = clusterTemplates.index(
  "model",
  ({ spec }) => spec === undefined ? [] : [spec.modelName],
);

const about = { component: "Template", dependency: "Upstream" } as const;

/** Resolves the template: the sticky one, else the named one, else by auto-selection (§5.1). */
export function resolveTemplate(
  service: Live<AIMService>,
  model: ResolvedModel | undefined,
  view: View,
): TemplateResolution {
  const named = service.spec?.template?.name?.trim() ?? "";
  const before = stickyTemplate(service, named, view);
  if (before !== undefined) return { found: before };
  if (named !== "") return templateByName(service, named, view);
  return model === undefined ? {} : selectTemplate(service, model, view);
}

/**
 * The recorded template, if it is still that very object and Ready, and the service has not named another
 * since (§5.1 Better).
 */
function stickyTemplate(service: Live<AIMService>, named: string, view: View): ResolvedTemplate | undefined {
  const recorded = service.status?.resolvedTemplate;
  if (recorded?.name === undefined || (named !== "" && named !== recorded.name)) return undefined;
  const scope = recorded.scope === "Cluster" ? "Cluster" : "Namespace";
  const object = scope === "Cluster"
    ? view.get(clusterTemplates, undefined, recorded.name)
    : view.get(templates, recorded.namespace ?? service.metadata.namespace, recorded.name);
  if (object === undefined || object.status?.status !== "Ready") return undefined;
  if (recorded.uid !== undefined && recorded.uid !== object.metadata.uid) return undefined;
  return { object, scope };
}

/** The namespace's template of that name, else the cluster's, whatever model it names (§5.2). */
function templateByName(service: Live<AIMService>, name: string, view: View): TemplateResolution {
  const own = view.get(templates, service.metadata.namespace, name);
  if (own !== undefined) return { found: { object: own, scope: "Namespace" } };
  const shared = view.get(clusterTemplates, undefined, name);
  if (shared !== undefined) return { found: { object: shared, scope: "Cluster" } };
  return {
    error: {
      category: "MissingUpstream",
      reason: "TemplateNotFound",
      message: `template "${name}" not found`,
    },
  };
}

/** The best template for the model among those of the namespace and of the cluster (§5.3). */
function selectTemplate(service: Live<AIMService>, model: ResolvedModel, view: View): TemplateResolution {
  const { name } = model.object.metadata;
  const candidates: Live<Template>[] = [
    ...view.list(templatesByModel, keyOf(service.metadata.namespace, name)),
    ...view.list(clusterTemplatesByModel, name),
  ];
  const selection = select(
    {
      modelName: name,
      allowUnoptimized: service.spec?.template?.allowUnoptimized,
      overrides: service.spec?.overrides,
      defaultTemplate: model.object.spec?.defaultServiceTemplate,
    },
    candidates,
    gpusOf(view),
  );
  const { outcome } = selection;
  if (outcome.kind !== "selected") return { selection };
  return { found: { object: outcome.template, scope: outcome.scope }, selection };
}

/** The row of services.md §11.3 "Template" that applies. */
export function templateHealth(
  resolution: TemplateResolution,
  service: Live<AIMService>,
  hasInferenceService: boolean,
): ComponentHealth {
  if (resolution.error !== undefined) return failing(about, resolution.error, "Failed");
  if (resolution.found !== undefined) return foundHealth(resolution.found);
  const before = service.status?.resolvedTemplate;
  const why = resolution.selection && describe(resolution.selection);
  if (why?.reason === "TemplateNotReady") return { ...about, ...why };
  if (hasInferenceService && before?.name !== undefined) {
    return ready(about, "Resolved", `${before.scope ?? "Namespace"} ${before.name} is ready`);
  }
  if (why === undefined) {
    return {
      ...about,
      state: "Pending",
      reason: "TemplateNotFound",
      message: "No template found for service",
    };
  }
  return { ...about, ...why };
}

function foundHealth({ object, scope }: ResolvedTemplate): ComponentHealth {
  const who = `${
    scope === "Cluster" ? "AIMClusterServiceTemplate" : "AIMServiceTemplate"
  } ${object.metadata.name}`;
  const status = object.status?.status ?? "";
  const notReady = { ...about, reason: "TemplateNotReady" as const };
  switch (status) {
    case "Ready":
      return ready(about, "Resolved", `${who} is ready`);
    case "Pending":
    case "Progressing":
      return { ...notReady, state: "Progressing", message: `${who} is not ready yet` };
    case "NotAvailable":
      return { ...notReady, state: "NotAvailable", message: `${who} is not available (no matching GPUs)` };
    case "Failed":
    case "Degraded":
      return { ...notReady, state: "Failed", message: `${who} is in failed state` };
    default:
      return { ...notReady, state: "Progressing", message: `${who} status: ${status}` };
  }
}
