/**
 * Carries changes out on what a selection is made of, so that one can select again and see.
 *
 * @module
 */

import type { Template } from "./candidate.ts";
import type { Amendment, CandidateEdit, Change, ServiceEdit } from "./edit.ts";
import type { GpuModels, Overrides, SelectionRequest } from "./stages.ts";

/** All that an amendment can touch. */
export interface World<T extends Template = Template> {
  readonly request: SelectionRequest;
  /** The candidate's own template. */
  readonly template: T;
  readonly gpus: GpuModels;
}

/** What there is after a change. */
export interface Changed<T extends Template> {
  readonly request: SelectionRequest;
  readonly templates: readonly T[];
  readonly gpus: GpuModels;
  /** The candidate that the change is for, as it is now; undefined if it was not among the templates. */
  readonly target: T | undefined;
}

/** Makes a change. What is given stays as it is. The arguments are those of `select`. */
export function apply<T extends Template>(
  change: Change,
  request: SelectionRequest,
  templates: Iterable<T>,
  gpus: GpuModels,
): Changed<T> {
  const deleted = change.edits.filter((edit) => edit.of === "rival");
  const kept = [...templates].filter((template) => !deleted.some((one) => isCalled(template, one)));
  const place = kept.findIndex((template) => isCalled(template, change));
  if (place < 0) return { request, templates: kept, gpus, target: undefined };
  const amendments = change.edits.filter((edit) => edit.of !== "rival");
  const world = amendments.reduce<World<T>>(amend, { request, template: kept[place], gpus });
  return {
    request: world.request,
    templates: kept.with(place, world.template),
    gpus: world.gpus,
    target: world.template,
  };
}

function isCalled(template: Template, { name, namespace }: { name: string; namespace?: string }): boolean {
  const { metadata } = template;
  return metadata?.name === name && (metadata.namespace || undefined) === (namespace || undefined);
}

/** Makes one amendment. */
export function amend<T extends Template>(world: World<T>, edit: Amendment): World<T> {
  switch (edit.of) {
    case "service":
      return { ...world, request: amendRequest(world.request, edit) };
    case "nodes":
      return { ...world, gpus: new Set([...world.gpus.keys(), edit.value]) };
    case "candidate":
      return { ...world, template: amendTemplate(world.template, edit) };
  }
}

function amendRequest(request: SelectionRequest, edit: ServiceEdit): SelectionRequest {
  if (edit.field === "template.allowUnoptimized") return { ...request, allowUnoptimized: edit.value };
  return { ...request, overrides: amendOverrides({ ...request.overrides }, edit) };
}

function amendOverrides(
  overrides: Overrides,
  edit: Exclude<ServiceEdit, { field: "template.allowUnoptimized" }>,
): Overrides {
  const { hardware } = overrides;
  switch (edit.field) {
    case "overrides.metric":
      return { ...overrides, metric: edit.value ?? undefined };
    case "overrides.precision":
      return { ...overrides, precision: edit.value ?? undefined };
    case "overrides.hardware":
      return { ...overrides, hardware: undefined };
    case "overrides.hardware.gpu.model":
      return { ...overrides, hardware: { ...hardware, gpu: { ...hardware?.gpu, model: edit.value } } };
    case "overrides.hardware.gpu.requests":
      return { ...overrides, hardware: { ...hardware, gpu: { ...hardware?.gpu, requests: edit.value } } };
  }
}

function amendTemplate<T extends Template>(template: T, { field, value }: CandidateEdit): T {
  return withField(template, field.split("."), value) as T;
}

function withField(object: object, [key, ...rest]: readonly string[], value: unknown): object {
  const before = (object as Record<string, unknown>)[key];
  return { ...object, [key]: rest.length === 0 ? value : withField((before ?? {}) as object, rest, value) };
}
