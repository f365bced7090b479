/** What a service stands on: which model and which template. Whether they are Ready is another question. */

import type { AIMService } from "../../../lib/api/mod.ts";
import { services } from "../../../lib/cluster/kinds.ts";
import type { Live } from "../../../lib/kube/object.ts";
import { type Edit, editOf } from "../../../lib/operator/core/plan.ts";
import type { View } from "../../../lib/operator/core/view.ts";
import { annotation } from "../../../lib/operator/naming/labels.ts";
import { isReady } from "../../../lib/operator/status/status_words.ts";
import type { Context } from "../context.ts";
import { isUsable, modelHealth, resolveModel } from "./model.ts";
import {
  type Binding,
  type ModelResolution,
  refOf,
  type ResolvedTemplate,
  type TemplateRef,
  type TemplateResolution,
} from "./resolved.ts";
import { resolveTemplate, templateHealth } from "./template.ts";

export interface Standing {
  readonly model: ModelResolution;
  readonly template: TemplateResolution;
  /** The template, if it is Ready: what is made of a template waits for that. */
  readonly ready: ResolvedTemplate | undefined;
  /** The template by name, for whom it need not be Ready or there: the Ready one, else the recorded one. */
  readonly reference: TemplateRef | undefined;
  /** The user has asked to resolve both anew. */
  readonly rebinding?: Rebinding;
}

/** A value of the annotation `force-rebind` that is to be carried out. */
export interface Rebinding {
  readonly value: string;
  /** Why it cannot be done yet: then the service stands on what it stood on. */
  readonly waitsFor?: string;
}

/**
 * By the spec, and by what is recorded: loosely before there is an endpoint, for good once one was made (services.md
 * §3.1, §5.1; spec/README "What a service stands on while its template is gone or not Ready"). A new value of
 * `force-rebind` sets the record aside, once there is something Ready to stand on instead.
 */
export function resolve(context: Context, hasEndpoint: boolean, view: View): Standing {
  const binding = hasEndpoint ? "fixed" : "loose";
  const value = rebindAsked(context.service);
  if (value === undefined) return standing(context, binding, view);
  const anew = standing(context, "none", view);
  if (anew.ready !== undefined && anew.model.found !== undefined && isUsable(anew.model.found)) {
    return { ...anew, rebinding: { value } };
  }
  return {
    ...withMakings(standing(context, binding, view), anew),
    rebinding: { value, waitsFor: obstacle(anew) },
  };
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

function recorded({ status }: AIMService): TemplateRef | undefined {
  const { name, scope } = status?.resolvedTemplate ?? {};
  return name === undefined ? undefined : { name, scope: scope === "Cluster" ? "Cluster" : "Namespace" };
}

/** The value that was not carried out yet. */
function rebindAsked({ metadata }: Live<AIMService>): string | undefined {
  const { [annotation.forceRebind]: asked, [annotation.rebound]: done } = metadata.annotations ?? {};
  return asked === done ? undefined : asked;
}

/** What has to be there first is made, though the service does not stand on it yet. */
function withMakings(kept: Standing, { template: { deriving } }: Standing): Standing {
  return deriving === undefined ? kept : { ...kept, template: { ...kept.template, deriving } };
}

function obstacle({ model, template }: Standing): string {
  const health = model.found !== undefined && isUsable(model.found)
    ? templateHealth(template)
    : modelHealth(model, undefined);
  return health.message ?? "";
}

/** The note on the service itself that its wish was carried out; sent once what was resolved is stored. */
export function reboundEdit(service: Live<AIMService>, { rebinding }: Standing): Edit[] {
  if (rebinding === undefined || rebinding.waitsFor !== undefined) return [];
  const annotations = { [annotation.rebound]: rebinding.value };
  return [editOf(services, service, { metadata: { annotations } })];
}
