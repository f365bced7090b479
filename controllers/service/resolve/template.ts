/** Which template a service runs its model with (services.md §5). */

import type { AIMService } from "../../../lib/api/mod.ts";
import { clusterTemplates, templates } from "../../../lib/cluster/kinds.ts";
import { gpusOf } from "../../../lib/cluster/queries.ts";
import { keyOf, type Live } from "../../../lib/kube/object.ts";
import { conditionOf } from "../../../lib/operator/status/conditions.ts";
import { type ComponentHealth, failing, ready } from "../../../lib/operator/status/health.ts";
import { label, labelText } from "../../../lib/operator/naming/labels.ts";
import { derivedTemplateName } from "../../../lib/operator/naming/object_names.ts";
import type { View } from "../../../lib/operator/core/view.ts";
import { choice, describe, select } from "../../../lib/selection/mod.ts";
import { causeOf } from "../status/cause.ts";
import type { Context } from "../context.ts";
import {
  nameOf,
  type ResolvedModel,
  type ResolvedTemplate,
  type Template,
  type TemplateResolution,
} from "./resolved.ts";
import { derivedTemplate, satisfies, traitsOf } from "./overrides.ts";

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
  context: Context,
  model: ResolvedModel | undefined,
  view: View,
): TemplateResolution {
  const { service } = context;
  const named = service.spec?.template?.name?.trim() ?? "";
  const before = stickyTemplate(service, named, view);
  if (before !== undefined) return { found: before };
  if (named !== "") return namedTemplate(context, named, model, view);
  return model === undefined ? {} : selectTemplate(context, model, view);
}

/**
 * The recorded template, if it is still that very object and Ready, and the service has not asked for another
 * since, by name or by overrides (§5.1 Better).
 */
function stickyTemplate(service: Live<AIMService>, named: string, view: View): ResolvedTemplate | undefined {
  const recorded = service.status?.resolvedTemplate;
  if (recorded?.name === undefined) return undefined;
  const traits = traitsOf(service);
  if (named !== "" && named !== recorded.name && derivedTemplateName(named, traits) !== recorded.name) {
    return undefined;
  }
  const scope = recorded.scope === "Cluster" ? "Cluster" : "Namespace";
  const object = scope === "Cluster"
    ? view.get(clusterTemplates, undefined, recorded.name)
    : view.get(templates, recorded.namespace ?? service.metadata.namespace, recorded.name);
  if (object === undefined || object.status?.status !== "Ready") return undefined;
  if (recorded.uid !== undefined && recorded.uid !== object.metadata.uid) return undefined;
  return satisfies(object, traits) ? { object, scope } : undefined;
}

/**
 * The derived template of that name if overrides ask for one, else the named one: of the namespace, else of
 * the cluster, whatever model it names (§5.2, §6 Better rule 2).
 */
function namedTemplate(
  context: Context,
  name: string,
  model: ResolvedModel | undefined,
  view: View,
): TemplateResolution {
  const { namespace } = context.service.metadata;
  const effective = derivedTemplateName(name, traitsOf(context.service));
  const derived = effective === name ? undefined : view.get(templates, namespace, effective);
  if (derived !== undefined) return { found: { object: derived, scope: "Namespace" } };
  const own = view.get(templates, namespace, name);
  const shared = own === undefined ? view.get(clusterTemplates, undefined, name) : undefined;
  const base: ResolvedTemplate | undefined = own !== undefined
    ? { object: own, scope: "Namespace" }
    : shared && { object: shared, scope: "Cluster" };
  if (base !== undefined) return effective === name ? { found: base } : derive(context, base, model);
  return {
    error: {
      category: "MissingUpstream",
      reason: "TemplateNotFound",
      message: `template "${effective}" not found`,
    },
  };
}

/** A base that is not Ready is only reported; a Ready one is the pattern of a derived template. */
function derive(
  context: Context,
  base: ResolvedTemplate,
  model: ResolvedModel | undefined,
): TemplateResolution {
  if (base.object.status?.status !== "Ready") return { found: base };
  return { deriving: derivedTemplate(context, base, model) };
}

/** The best template for the model among those of the namespace and of the cluster (§5.3). */
function selectTemplate(context: Context, model: ResolvedModel, view: View): TemplateResolution {
  const { service } = context;
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
  const awaited = discovering(model, candidates);
  if (awaited.length > 0) return { awaited };
  const chosen = { object: outcome.template, scope: outcome.scope };
  const traits = traitsOf(service);
  if (satisfies(chosen.object, traits)) return { found: chosen, selection };
  // The chosen one leaves open what the overrides ask for: one derived from it says it (§6 Better rule 1).
  const derived = view.get(
    templates,
    service.metadata.namespace,
    derivedTemplateName(chosen.object.metadata.name, traits),
  );
  if (derived !== undefined) return { found: { object: derived, scope: "Namespace" }, selection };
  return { ...derive(context, chosen, model), selection };
}

/**
 * Templates that a model has just made and that ask the image for their profiles. A choice is kept, so it is not made
 * among those that happened to be first; nothing is lost, since no endpoint comes before the model is Ready. Of a
 * model that has failed nothing is awaited: it says so itself.
 */
function discovering({ object: model }: ResolvedModel, candidates: readonly Live<Template>[]): string[] {
  if (!underway.includes(model.status?.status)) return [];
  return candidates.filter(({ metadata, spec, status }) =>
    metadata.labels?.[label.origin] === labelText.autoGenerated && !spec?.modelSources?.length &&
    underway.includes(status?.status)
  ).map(({ metadata }) => metadata.name);
}

const underway: readonly (string | undefined)[] = [undefined, "Pending", "Progressing"];

/** The row of services.md §11.3 "Template" that applies. */
export function templateHealth(
  resolution: TemplateResolution,
  service: Live<AIMService>,
  hasInferenceService: boolean,
): ComponentHealth {
  if (resolution.error !== undefined) return failing(about, resolution.error, "Failed");
  if (resolution.found !== undefined) return foundHealth(resolution.found, choiceOf(resolution, service));
  if (resolution.deriving !== undefined) {
    const message = `Derived template ${resolution.deriving.ref.name} is being created`;
    return { ...about, state: "Progressing", reason: "TemplateNotReady", message };
  }
  if (resolution.awaited !== undefined) {
    const [first, ...more] = resolution.awaited;
    const others = more.length === 0 ? "" : ` and ${more.length} more`;
    const message = `Templates exist but are not ready yet; the choice waits for ${first}${others}`;
    return { ...about, state: "Progressing", reason: "TemplateNotReady", message };
  }
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

/**
 * What `TemplateReady` says of a Ready template: its name and, if it was selected, why it was and which one comes
 * next. The pass that selects says so. Those after it go by the recorded template and do not select: they repeat
 * what stands in the condition, as long as that is about this template.
 */
function choiceOf({ found, selection }: TemplateResolution, service: Live<AIMService>): string {
  const plain = `${nameOf(found!)} is ready`;
  const chosen = selection?.evaluations.find(({ status }) => status === "chosen");
  if (selection !== undefined && chosen !== undefined) {
    const base = chosen.name === found!.object.metadata.name ? "" : `derived from ${chosen.name}, `;
    return `${plain}; ${base}${choice(selection)}`;
  }
  if (service.spec?.template?.name?.trim()) return plain;
  const before = conditionOf(service.status?.conditions, "TemplateReady")?.message;
  return before?.startsWith(`${plain}; `) ? before : plain;
}

function foundHealth(found: ResolvedTemplate, readyMessage: string): ComponentHealth {
  const who = nameOf(found);
  const { object } = found;
  const status = object.status?.status ?? "";
  const cause = causeOf(object.status?.conditions);
  const notReady = { ...about, reason: "TemplateNotReady" as const };
  switch (status) {
    case "Ready":
      return ready(about, "Resolved", readyMessage);
    case "Pending":
    case "Progressing":
      return { ...notReady, state: "Progressing", message: `${who} is not ready yet${cause}` };
    case "NotAvailable":
      return { ...notReady, state: "NotAvailable", message: `${who} is not available (no matching GPUs)` };
    case "Failed":
    case "Degraded":
      return { ...notReady, state: "Failed", message: `${who} is in failed state${cause}` };
    default:
      return { ...notReady, state: "Progressing", message: `${who} status: ${status}` };
  }
}
