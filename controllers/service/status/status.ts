/** The status of a service (services.md §11). */

import type {
  AIMService,
  AIMServiceStatus,
  AIMTemplateCache,
  ResolvedReference,
} from "../../../lib/api/mod.ts";
import {
  httpRoutes,
  inferenceServices,
  models,
  templateCaches,
  templates,
} from "../../../lib/cluster/kinds.ts";
import type { HorizontalPodAutoscaler } from "../../../lib/operator/objects.ts";
import type { Live } from "../../../lib/kube/object.ts";
import { spokenForBy } from "../../../lib/operator/status/report.ts";
import type { Summary } from "../../../lib/operator/status/status.ts";
import { isReady, serviceStatus } from "../../../lib/operator/status/status_words.ts";
import { isUsable } from "../resolve/model.ts";
import type { ResolvedModel, ResolvedTemplate } from "../resolve/resolved.ts";
import { runtimeOf } from "../endpoint/scaling.ts";

/** References that are chosen for good (§3.1, §5.1, §7.3): stored before anything that depends on them. */
export type Sticky = Pick<AIMServiceStatus, "resolvedModel" | "resolvedTemplate" | "cache">;

/** What is recorded once it is Ready; what was recorded before is kept. */
export function stickyReferences(
  service: Live<AIMService>,
  model: ResolvedModel | undefined,
  template: ResolvedTemplate | undefined,
  cache: Live<AIMTemplateCache> | undefined,
): Sticky {
  const before = service.status;
  const sticky: Sticky = {};
  const settled = isReady(template?.object);
  const resolvedModel = model !== undefined && (isReady(model.object) || settled && isUsable(model))
    ? referenceTo(model)
    : before?.resolvedModel;
  const resolvedTemplate = settled ? referenceTo(template!) : before?.resolvedTemplate;
  if (resolvedModel !== undefined) sticky.resolvedModel = resolvedModel;
  if (resolvedTemplate !== undefined) sticky.resolvedTemplate = resolvedTemplate;
  if (isReady(cache)) {
    const { name, namespace, uid } = cache!.metadata;
    sticky.cache = { ...before?.cache, templateCacheRef: { name, namespace, uid } };
  } else if (before?.cache !== undefined) sticky.cache = before.cache;
  return sticky;
}

function referenceTo({ object, scope }: ResolvedModel | ResolvedTemplate): ResolvedReference {
  const { name, namespace, uid } = object.metadata;
  return { name, ...(scope === "Namespace" ? { namespace } : {}), scope, uid };
}

/** What a service's status says beside its conditions. */
export interface StatusParts {
  readonly service: Live<AIMService>;
  readonly sticky: Sticky;
  readonly resolvedRuntimeConfig: ResolvedReference | undefined;
  readonly routing: AIMServiceStatus["routing"];
  /** Whether the endpoint answers requests. */
  readonly serving: boolean;
  /** The generation that was acted on. */
  readonly observedGeneration: number | undefined;
  readonly autoscaler: HorizontalPodAutoscaler | undefined;
}

/** Which component speaks for a child that could not be applied. */
export const speaksFor = spokenForBy(
  [models, "Model"],
  [templates, "Template"],
  [inferenceServices, "InferenceService"],
  [httpRoutes, "HTTPRoute"],
  [templateCaches, "Cache"],
);

/** The whole status (§11.1). */
export function serviceStatusOf(parts: StatusParts, { status, conditions }: Summary): AIMServiceStatus {
  const { service, sticky, resolvedRuntimeConfig, routing, serving, observedGeneration, autoscaler } = parts;
  return {
    observedGeneration,
    status: serviceStatus(status, serving),
    conditions: [...conditions] as AIMServiceStatus["conditions"],
    ...sticky,
    ...(resolvedRuntimeConfig === undefined ? {} : { resolvedRuntimeConfig }),
    ...(routing === undefined ? {} : { routing }),
    runtime: runtimeOf(service, autoscaler),
  };
}
