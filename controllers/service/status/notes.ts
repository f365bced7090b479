/** What a service tells in events beside its conditions: choices made, and what was hardly meant as it was written. */

import type { AIMService, AIMServiceStatus, ResolvedReference } from "../../../lib/api/mod.ts";
import type { Note } from "../../../lib/operator/core/plan.ts";
import { annotation } from "../../../lib/operator/naming/labels.ts";
import type { ExtraCondition } from "../../../lib/operator/status/conditions.ts";
import { nameOf } from "../resolve/resolved.ts";
import type { Standing } from "../resolve/standing.ts";
import { templateName } from "../resolve/template.ts";

export interface Told {
  readonly service: AIMService;
  readonly standing: Standing;
  readonly selected: ExtraCondition | undefined;
}

/** The events when this status follows that one; each is said once. */
export function notesOf(before: AIMServiceStatus | undefined, after: AIMServiceStatus, told: Told): Note[] {
  return [
    ...choice(before, after, told),
    ...mismatch(before, after, told),
    ...deprecated(before, after, told.service),
    ...captured(before, after),
  ];
}

/** Model and template in one: the first milestone of a service, or the answer to `force-rebind` (spec/README). */
function choice(
  before: AIMServiceStatus | undefined,
  after: AIMServiceStatus,
  { service, standing, selected }: Told,
): Note[] {
  const { resolvedModel: model, resolvedTemplate: template } = after;
  const { resolvedModel: oldModel, resolvedTemplate: oldTemplate } = before ?? {};
  if (model === undefined || template === undefined) return [];
  if (oldModel?.uid === model.uid && oldTemplate?.uid === template.uid) return [];
  const decided = selected?.status === "True"
    ? selected.message
    : templateName(service) !== ""
    ? "spec.template.name names the template"
    : "the template of that name was made anew";
  const { rebinding } = standing;
  if (rebinding === undefined || rebinding.waitsFor !== undefined) {
    const message = `${worded("Model", model)} and ${
      worded("ServiceTemplate", template)
    } are resolved; ${decided}`;
    return [{ type: "Normal", reason: "Resolved", message }];
  }
  const message = `${annotation.forceRebind} ${rebinding.value}: ${moved("Model", oldModel, model)}, ` +
    `${moved("ServiceTemplate", oldTemplate, template)}; ${decided}`;
  return [{ type: "Normal", reason: "Rebound", message }];
}

type Kind = "Model" | "ServiceTemplate";

function worded(kind: Kind, { name, scope }: ResolvedReference): string {
  return `AIM${scope === "Cluster" ? "Cluster" : ""}${kind} ${name}`;
}

function moved(kind: Kind, from: ResolvedReference | undefined, to: ResolvedReference): string {
  if (from === undefined) return worded(kind, to);
  return from.uid === to.uid
    ? `${worded(kind, to)} as before`
    : `${worded(kind, from)} -> ${worded(kind, to)}`;
}

/** Services.md §5.2 Better. */
function mismatch(
  before: AIMServiceStatus | undefined,
  after: AIMServiceStatus,
  { standing: { model, ready } }: Told,
): Note[] {
  const name = model.found?.object.metadata.name;
  if (ready === undefined || name === undefined || ready.object.spec?.modelName === name) return [];
  if (after.resolvedTemplate?.uid === before?.resolvedTemplate?.uid) return [];
  const message = `${nameOf(ready)} is made for model ${ready.object.spec?.modelName}, but runs ${name}`;
  return [{ type: "Warning", reason: "TemplateModelMismatch", message }];
}

/** What replaces a deprecated caching mode (services.md §7.1). */
const modes: Readonly<Record<string, string>> = { Always: "Shared", Auto: "Shared", Never: "Dedicated" };

/** Deprecated fields, once for each generation that has them (api.md "Where the reference is weak", 10). */
function deprecated(
  before: AIMServiceStatus | undefined,
  after: AIMServiceStatus,
  { metadata, spec }: AIMService,
): Note[] {
  if (after.observedGeneration !== metadata?.generation) return [];
  if (before?.observedGeneration === after.observedGeneration) return [];
  const mode = spec?.caching?.mode ?? "";
  const fields = [
    ...(modes[mode] === undefined
      ? []
      : [`spec.caching.mode ${mode} means ${modes[mode]}; write that in new services`]),
    ...(spec?.cacheModel === undefined
      ? []
      : ["spec.cacheModel has no effect: every service has a cache; remove it, and see spec.caching.mode"]),
  ];
  if (fields.length === 0) return [];
  return [{ type: "Warning", reason: "DeprecatedFields", message: `Deprecated: ${fields.join("; ")}` }];
}

/** Services.md §9.1 Better. */
function captured(before: AIMServiceStatus | undefined, after: AIMServiceStatus): Note[] {
  if (after.routing?.path !== "/" || before?.routing?.path === "/") return [];
  const message = "routing.pathTemplate renders to /, so this service takes all requests of the gateway";
  return [{ type: "Warning", reason: "PathCapturesGateway", message }];
}
