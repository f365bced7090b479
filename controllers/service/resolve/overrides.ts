/** What a service asks of its template beyond the model, and templates derived for it (services.md §6). */

import type { AIMService, AIMServiceTemplate, ServiceOverrides } from "../../../lib/api/mod.ts";
import { templates } from "../../../lib/cluster/kinds.ts";
import { withoutEmptyValue } from "../../../lib/operator/naming/env.ts";
import { API_VERSION, asChild, label, labelText } from "../../../lib/operator/naming/labels.ts";
import { rawLabelValue } from "../../../lib/operator/naming/naming.ts";
import { derivedTemplateName, type TemplateTraits } from "../../../lib/operator/naming/object_names.ts";
import type { Child } from "../../../lib/operator/core/plan.ts";
import { candidate, normalised } from "../../../lib/selection/mod.ts";
import type { Context } from "../context.ts";
import type { ResolvedModel } from "./resolved.ts";
import type { ResolvedTemplate, Template } from "./resolved.ts";

/** The overrides that count: a GPU model, a GPU count, a precision, a metric. */
export function traitsOf({ spec }: AIMService): TemplateTraits {
  const { metric, precision, hardware } = spec?.overrides ?? {};
  return {
    ...(hardware?.gpu?.model ? { gpuModel: hardware.gpu.model } : {}),
    ...(hardware?.gpu?.requests ? { gpuCount: hardware.gpu.requests } : {}),
    ...(precision ? { precision } : {}),
    ...(metric ? { metric } : {}),
  };
}

/** Whether a template is what the overrides ask for; something that it does not say is not. */
export function satisfies(template: Template, traits: TemplateTraits): boolean {
  const is = candidate(template);
  const same = (wanted: string | undefined, actual: string) =>
    wanted === undefined || wanted.toLowerCase() === actual.toLowerCase();
  return same(traits.metric, is.metric) && same(traits.precision, is.precision) &&
    (traits.gpuModel === undefined || normalised(traits.gpuModel) === is.gpuModel) &&
    (traits.gpuCount === undefined || traits.gpuCount === is.gpuCount);
}

/**
 * The derived template to create: the base's spec with the overrides in it. Without an owner, since all
 * services with the same overrides share it. Never applied onto the base.
 */
export function derivedTemplate(
  context: Context,
  base: ResolvedTemplate,
  model: ResolvedModel | undefined,
): Child {
  const { service, parent, propagation } = context;
  const { namespace } = service.metadata;
  const { metric, precision, hardware } = service.spec?.overrides ?? {} as ServiceOverrides;
  const { caching: _, ...spec } = (base.object.spec ?? {}) as NonNullable<AIMServiceTemplate["spec"]>;
  const name = derivedTemplateName(base.object.metadata.name, traitsOf(service));
  const { imagePullSecrets, resources } = service.spec ?? {};
  const desired: AIMServiceTemplate = {
    apiVersion: API_VERSION,
    kind: "AIMServiceTemplate",
    metadata: {
      name,
      namespace,
      labels: {
        [label.managedBy]: labelText.engine,
        [label.origin]: labelText.derived,
        [label.template]: rawLabelValue(base.object.metadata.name),
      },
    },
    spec: {
      ...spec,
      ...(spec.env === undefined ? {} : { env: spec.env.map(withoutEmptyValue) }),
      modelName: spec.modelName || model?.object.metadata.name || "",
      runtimeConfigName: service.spec?.runtimeConfigName?.trim() || spec.runtimeConfigName?.trim() ||
        "default",
      ...(metric ? { metric } : {}),
      ...(precision ? { precision } : {}),
      ...(hardware ? { hardware } : {}),
      ...(imagePullSecrets?.length ? { imagePullSecrets } : {}),
      ...(resources ? { resources } : {}),
    },
  };
  return {
    how: "create",
    ref: { kind: templates, namespace, name },
    desired: asChild(desired, parent, { owned: false, propagation }),
  };
}
