/** Requests and limits of the inference container (services.md §8.7). */

import {
  compareQuantities,
  isQuantity,
  parseQuantity,
  type QuantityValue,
  type ResourceRequirements,
} from "../../../lib/api/mod.ts";
import { equalJson } from "../../../lib/kube/json/equal.ts";
import type { ComponentError } from "../../../lib/operator/errors/errors.ts";
import { type ComponentHealth, failing } from "../../../lib/operator/status/health.ts";
import type { Context } from "../context.ts";
import { nameOf, type ResolvedModel, type ResolvedTemplate } from "../resolve/resolved.ts";

type Amounts = Record<string, QuantityValue>;
type Side = "requests" | "limits";
type Resources = Readonly<Record<Side, Amounts>>;

/** Amounts that somebody wrote. */
interface Layer extends Resources {
  /** Where it stands. */
  field(side: Side, name: string): string;
  /** Where to write another amount, if not there: hardware cannot be changed (api.md §10.1). */
  instead?(side: Side): string;
}

/** Resources to write, and what an earlier rule wrote where that stands and may stay; or why they cannot be. */
export type ContainerResources =
  | {
    readonly resources: ResourceRequirements;
    readonly plain: ResourceRequirements;
    readonly error?: undefined;
  }
  | { readonly resources?: undefined; readonly error: ComponentError };

/** The InferenceService's health where its resources contradict each other: a fault of the spec. */
export function resourcesHealth(resources: ContainerResources | undefined): ComponentHealth | undefined {
  if (resources?.error === undefined) return undefined;
  return failing({ component: "InferenceService", dependency: "Downstream", role: "input" }, resources.error);
}

const gibPerGpu = { request: 32, limit: 48 };
const cpusPerGpu = 4;

/**
 * What the hardware implies, and over it from lowest to highest: the model's resources, the template's
 * `hardware.cpu`, its resources, the service's (§8.7, api.md §11).
 *
 * @param standing resources of the InferenceService that is there already
 */
export function containerResources(
  { service }: Context,
  template: ResolvedTemplate,
  model?: ResolvedModel,
  standing: unknown = {},
): ContainerResources {
  const ofModel = layer(model?.object.spec?.resources, `of ${model && nameOfModel(model)}`);
  const ofHardware = cpuLayer(template);
  const ofTemplate = layer(template.object.spec?.resources, `of ${nameOf(template)}`);
  const ofService = layer(service.spec?.resources, "of the service");
  const layers = [ofService, ofTemplate, ofHardware, ofModel];
  const fault = unreadable(layers);
  if (fault !== undefined) return { error: fault };

  const implied = impliedBy(template);
  const asked = overlay(ofTemplate, ofService);
  const resources = [ofModel, ofHardware, asked].reduce(laidOver, implied);
  const [contradiction] = contradictions(resources);
  if (contradiction !== undefined) return { error: contradictionError(resources, contradiction, layers) };

  // AIM Engine's rule, and that of our first version: neither knew of model and CPU.
  const earlier = [overlay(implied, asked), laidOver(implied, asked)]
    .filter((each) => contradictions(each).length === 0)
    .map(withoutEmpty);
  return {
    resources: withoutEmpty(resources),
    plain: earlier.find((each) => equalJson(standing, each)) ?? withoutEmpty(resources),
  };
}

function impliedBy({ object }: ResolvedTemplate): Resources {
  const gpu = object.status?.resolvedHardware?.gpu;
  const count = gpu?.requests ?? 0;
  if (count <= 0) return { requests: {}, limits: {} };
  const name = gpu?.resourceName || "amd.com/gpu";
  return {
    requests: {
      cpu: String(cpusPerGpu * count),
      memory: `${gibPerGpu.request * count}Gi`,
      [name]: String(count),
    },
    limits: { memory: `${gibPerGpu.limit * count}Gi`, [name]: String(count) },
  };
}

function nameOfModel({ object, scope }: ResolvedModel): string {
  return `${scope === "Cluster" ? "AIMClusterModel" : "AIMModel"} ${object.metadata.name}`;
}

function layer(resources: ResourceRequirements | undefined, writer: string): Layer {
  return {
    requests: text(resources?.requests),
    limits: text(resources?.limits),
    field: (side, name) => `spec.resources.${side}["${name}"] ${writer}`,
  };
}

function cpuLayer(template: ResolvedTemplate): Layer {
  const { requests, limits } = template.object.spec?.hardware?.cpu ?? {};
  return {
    requests: text(requests === undefined ? {} : { cpu: requests }),
    limits: text(limits === undefined ? {} : { cpu: limits }),
    field: (side) => `spec.hardware.cpu.${side} of ${nameOf(template)}`,
    instead: (side) =>
      `spec.resources.${side}["cpu"] of ${nameOf(template)}, which counts more than its hardware`,
  };
}

function text(amounts: Readonly<Amounts> | undefined): Amounts {
  return Object.fromEntries(Object.entries(amounts ?? {}).map(([name, amount]) => [name, String(amount)]));
}

/** In a model or template that an older CRD let in; the service itself is held to today's schema before. */
function unreadable(layers: readonly Layer[]): ComponentError | undefined {
  for (const layer of layers) {
    for (const side of ["requests", "limits"] satisfies Side[]) {
      for (const [name, amount] of Object.entries(layer[side])) {
        if (isQuantity(amount)) continue;
        const remedy = layer.instead === undefined
          ? "write it like 500m or 16Gi"
          : "make it anew, since its hardware cannot be changed";
        return invalid(`${layer.field(side, name)} is "${amount}", which is no quantity; ${remedy}`);
      }
    }
  }
  return undefined;
}

/** `over` wins, per resource name, requests and limits separately. */
function overlay(base: Resources, over: Resources): Resources {
  return {
    requests: { ...base.requests, ...over.requests },
    limits: { ...base.limits, ...over.limits },
  };
}

/**
 * `over` over `base`, with what `over` says on one side only brought home to the other: extended resources must be
 * equal on both sides; else a limit lowers a request of `base`, a request raises a limit.
 */
function laidOver(base: Resources, over: Resources): Resources {
  const { requests, limits } = overlay(base, over);
  for (const [name, limit] of Object.entries(over.limits)) {
    if (over.requests[name] !== undefined) continue;
    if (isExtended(name) || above(requests[name], limit)) requests[name] = limit;
  }
  for (const [name, request] of Object.entries(over.requests)) {
    if (over.limits[name] !== undefined) continue;
    if (isExtended(name) || above(request, limits[name])) limits[name] = request;
  }
  return { requests, limits };
}

/** Names of the resources whose request and limit no pod can have. */
function contradictions({ requests, limits }: Resources): string[] {
  return Object.keys(requests).sort().filter((name) => {
    const [request, limit] = [requests[name], limits[name]];
    return above(request, limit) || (isExtended(name) && above(limit, request));
  });
}

/** @param layers from highest to lowest */
function contradictionError(
  { requests, limits }: Resources,
  name: string,
  layers: readonly Layer[],
): ComponentError {
  const field = (side: Side) => {
    const writer = layers.find((each) => each[side][name] !== undefined);
    return writer?.instead?.(side) ?? writer?.field(side, name);
  };
  const [request, limit] = [requests[name], limits[name]];
  return invalid(
    isExtended(name)
      ? `the request of ${request} for ${name} differs from the limit of ${limit}; ` +
        `write the same amount in ${field("requests")} and ${field("limits")}`
      : `the request of ${request} for ${name} is above the limit of ${limit}; ` +
        `lower ${field("requests")} or raise ${field("limits")}`,
  );
}

/** Resources that are no kind of the node's own: they cannot be overcommitted, so both sides must be equal. */
function isExtended(name: string): boolean {
  return name.includes("/");
}

function invalid(message: string): ComponentError {
  return { category: "InvalidSpec", reason: "InvalidResources", message };
}

function above(a: QuantityValue | undefined, b: QuantityValue | undefined): boolean {
  return a !== undefined && b !== undefined && compareQuantities(parseQuantity(a), parseQuantity(b)) > 0;
}

function withoutEmpty({ requests, limits }: Resources): ResourceRequirements {
  return {
    ...(Object.keys(requests).length > 0 ? { requests } : {}),
    ...(Object.keys(limits).length > 0 ? { limits } : {}),
  };
}
