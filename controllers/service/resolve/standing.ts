/** What a service stands on: which model and which template. Whether they are Ready is another question. */

import type { Live } from "../../../lib/kube/object.ts";
import type { AIMService } from "../../../lib/api/mod.ts";
import type { View } from "../../../lib/operator/core/view.ts";
import { isReady } from "../../../lib/operator/status/status_words.ts";
import type { Context } from "../context.ts";
import { resolveModel } from "./model.ts";
import {
  type Binding,
  type ModelResolution,
  refOf,
  type ResolvedTemplate,
  type TemplateRef,
  type TemplateResolution,
} from "./resolved.ts";
import { resolveTemplate } from "./template.ts";

export interface Standing {
  readonly model: ModelResolution;
  readonly template: TemplateResolution;
  /** The template, if it is Ready: what is made of a template waits for that. */
  readonly ready: ResolvedTemplate | undefined;
  /** The template by name, for whom it need not be Ready or there: the Ready one, else the recorded one. */
  readonly reference: TemplateRef | undefined;
}

/**
 * By the spec, and by what is recorded: loosely before there is an endpoint, for good once one was made (services.md
 * §3.1, §5.1; spec/README "What a service stands on while its template is gone or not Ready").
 */
export function resolve(context: Context, hasEndpoint: boolean, view: View): Standing {
  return standing(context, hasEndpoint ? "fixed" : "loose", view);
}

function standing(context: Context, binding: Binding, view: View): Standing {
  const model = resolveModel(context, binding, view);
  const template = resolveTemplate(context, model.found, binding, view);
  const ready = isReady(template.found?.object) ? template.found : undefined;
  return {
    model,
    template,
    ready,
    reference: ready === undefined ? recorded(context.service) : refOf(ready),
  };
}

function recorded({ status }: Live<AIMService>): TemplateRef | undefined {
  const { name, scope } = status?.resolvedTemplate ?? {};
  return name === undefined ? undefined : { name, scope: scope === "Cluster" ? "Cluster" : "Namespace" };
}
