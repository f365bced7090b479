/** AIMModel and AIMClusterModel: from an image's metadata to service templates (models-and-templates.md §3). */

import type { ModelStatus } from "../../lib/api/mod.ts";
import { runtimeConfigOf } from "../../lib/cluster/runtime_config.ts";
import { keyOf, type Live } from "../../lib/kube/object.ts";
import type { ComponentHealth } from "../../lib/operator/status/health.ts";
import { isPaused } from "../../lib/operator/naming/labels.ts";
import { nothing, type Plan } from "../../lib/operator/core/plan.ts";
import { foreignReason } from "../../lib/operator/errors/reasons.ts";
import { paused } from "../../lib/operator/status/paused.ts";
import { report, spokenForBy } from "../../lib/operator/status/report.ts";
import type { Controller } from "../../lib/operator/core/controller.ts";
import { applyGate } from "../../lib/operator/status/status.ts";
import { validated } from "../../lib/operator/stored_schema.ts";
import type { View } from "../../lib/operator/core/view.ts";
import { findMetadata, isCustom, metadataSource, templatesExpected } from "./metadata.ts";
import { keepTemplates, planTemplates, type TemplatesPlan } from "./plan.ts";
import { clusterScope, type Model, namespaceScope, type Scope } from "./scope.ts";
import { templatesHealth } from "./templates_health.ts";

export const modelController = controllerFor(namespaceScope);
export const clusterModelController = controllerFor(clusterScope);

function controllerFor(scope: Scope): Controller<Model, ModelStatus> {
  return validated<Model, ModelStatus>({
    name: scope.controller,
    kind: scope.cached,
    reconcile: (model, view) => reconcile(model, view, scope),
  }, scope.api);
}

/**
 * The steps of §3.2. What has just been read counts at once (step 4 would have it in the next pass): it is
 * stored before any template that follows from it is made.
 */
function reconcile(model: Live<Model>, view: View, scope: Scope): Plan<ModelStatus> {
  if (model.metadata.deletionTimestamp !== undefined) return nothing;
  if (isPaused(model)) return paused(model);
  const { name, namespace, generation } = model.metadata;
  const runtimeConfig = runtimeConfigOf(view, scope.kind, namespace, model.spec?.runtimeConfigName);
  const existing = view.list(scope.templatesOf, keyOf(namespace, name));
  const metadata = findMetadata(model, scope, view);
  const inputs = [
    ...specHealth(model),
    ...(runtimeConfig.health ? [runtimeConfig.health] : []),
    ...(metadata ? [metadata.health] : []),
  ];
  if (metadata?.asStored) {
    const { children, removals } = keepTemplates(model, existing, scope);
    return { children, removals };
  }
  const complete = applyGate(inputs).open && metadata?.complete === true;
  const { children, removals, ...told } = complete
    ? planTemplates(metadata.model, existing, scope, runtimeConfig.spec?.labelPropagation, view)
    : keepTemplates(model, existing, scope);
  const templates = templatesHealth(
    existing,
    templatesExpected(metadata?.model ?? model),
    { component: scope.templatesComponent, dependency: scope.dependency },
    complete ? "made" : "held back",
  );
  // Until the registry has answered, nothing was done for an edit of the image.
  const actedOn = metadata?.stale ? model.status?.observedGeneration : generation;
  const imageMetadata = (metadata?.model ?? model).status?.imageMetadata;
  return {
    children,
    removals,
    ...(imageMetadata && metadataSource(model) !== "spec" ? { sticky: { imageMetadata } } : {}),
    ...report<ModelStatus>({
      object: model,
      actedOn,
      components: [...inputs, withFindings(templates, told)],
      speaksFor: spokenForBy([scope.templates, scope.templatesComponent]),
      reached: view.reached,
      statusOf: ({ status, conditions }) => ({
        ...generationField(actedOn),
        status: status as ModelStatus["status"],
        conditions: [...conditions] as ModelStatus["conditions"],
        ...(runtimeConfig.reference && { resolvedRuntimeConfig: runtimeConfig.reference }),
        ...(imageMetadata && { imageMetadata }),
        sourceType: isCustom(model) ? "Custom" : "Image",
      }),
    }),
  };
}

function generationField(observedGeneration: number | undefined): Pick<ModelStatus, "observedGeneration"> {
  return observedGeneration === undefined ? {} : { observedGeneration };
}

/** An object without a spec passes the schema (api.md §2), but has no image. */
function specHealth({ spec }: Model): ComponentHealth[] {
  if (spec?.image) return [];
  const message = "spec.image is required; set it to the image of the model";
  return [{ component: "Spec", errors: [{ category: "InvalidSpec", reason: "InvalidSpec", message }] }];
}

/**
 * The templates' health with what kept some of them from being as the model wants them. Entries that cannot
 * become a template are a fault of the spec, which must not keep the others from being applied; a template
 * that cannot follow changes nothing in how ready the templates are.
 */
function withFindings(
  health: ComponentHealth,
  { flaws, refused, stuck }: Pick<TemplatesPlan, "flaws" | "refused" | "stuck">,
): ComponentHealth {
  const message = [...refused, ...stuck, health.message, ...flaws].join("; ");
  if (refused.length > 0) {
    const error = { category: "InvalidSpec", reason: "InvalidSpec", message: refused.join("; ") } as const;
    return {
      ...health,
      state: "Failed",
      reason: "InvalidSpec",
      message,
      errors: [{ ...error, role: "child" }],
    };
  }
  return {
    ...health,
    message,
    ...(stuck.length > 0 ? { reason: foreignReason("ImmutableFieldChanged") } : {}),
  };
}
