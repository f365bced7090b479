/** Warnings about what is done as it was asked for, but was hardly meant. Each is said once. */

import type { AIMServiceStatus } from "../../../lib/api/mod.ts";
import type { Note } from "../../../lib/operator/core/plan.ts";
import type { ResolvedModel } from "../resolve/resolved.ts";
import type { ResolvedTemplate } from "../resolve/resolved.ts";

export interface Chosen {
  readonly model: ResolvedModel | undefined;
  readonly template: ResolvedTemplate | undefined;
}

/** What to warn of when this status follows that one (services.md §5.2 Better, §9.1 Better). */
export function warnings(
  before: AIMServiceStatus | undefined,
  after: AIMServiceStatus,
  { model, template }: Chosen,
): Note[] {
  const notes: Note[] = [];
  if (
    template !== undefined && model !== undefined &&
    template.object.spec?.modelName !== model.object.metadata.name &&
    after.resolvedTemplate?.uid !== before?.resolvedTemplate?.uid
  ) {
    notes.push({
      type: "Warning",
      reason: "TemplateModelMismatch",
      message: `template ${template.object.metadata.name} is made for model ` +
        `${template.object.spec?.modelName}, but runs ${model.object.metadata.name}`,
    });
  }
  if (after.routing?.path === "/" && before?.routing?.path !== "/") {
    notes.push({
      type: "Warning",
      reason: "PathCapturesGateway",
      message: "routing.pathTemplate renders to /, so this service takes all requests of the gateway",
    });
  }
  return notes;
}
