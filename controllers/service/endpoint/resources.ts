/** Requests and limits of the inference container (services.md §8.7). */

import {
  compareQuantities,
  isQuantity,
  parseQuantity,
  type QuantityValue,
  type ResourceRequirements,
} from "../../../lib/api/mod.ts";
import type { ComponentError } from "../../../lib/operator/status/errors.ts";
import { type ComponentHealth, failing } from "../../../lib/operator/status/health.ts";
import type { Context } from "../context.ts";
import { nameOf, type ResolvedTemplate } from "../resolve/resolved.ts";

type Amounts = Record<string, QuantityValue>;
interface Resources {
  readonly requests: Amounts;
  readonly limits: Amounts;
}

/** Resources to write, and what AIM Engine would have written; or why they cannot be. */
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

/** What the hardware implies, overlaid by template and service, with requests and limits made to agree. */
export function containerResources({ service }: Context, template: ResolvedTemplate): ContainerResources {
  const implied = impliedBy(template);
  const asked = overlay(
    amountsOf(template.object.spec?.resources),
    amountsOf(service.spec?.resources),
  );
  const contradiction = unreadable(template) ??
    requestAboveLimit(
      asked,
      (side, name) =>
        service.spec?.resources?.[side]?.[name] === undefined ? nameOf(template) : "the service",
    );
  if (contradiction !== undefined) return { error: contradiction };
  const plain = overlay(implied, asked);
  return { resources: withoutEmpty(agreeing(plain, asked)), plain: withoutEmpty(plain) };
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

/** `over` wins, per resource name, requests and limits separately. */
function overlay(base: Resources, over: Resources): Resources {
  return {
    requests: { ...base.requests, ...over.requests },
    limits: { ...base.limits, ...over.limits },
  };
}

function amountsOf(resources: ResourceRequirements | undefined): Resources {
  return { requests: text(resources?.requests), limits: text(resources?.limits) };
}

function text(amounts: Readonly<Amounts> | undefined): Amounts {
  return Object.fromEntries(Object.entries(amounts ?? {}).map(([name, amount]) => [name, String(amount)]));
}

/** A template that an older CRD let in; the service itself is held to today's schema before. */
function unreadable(template: ResolvedTemplate): ComponentError | undefined {
  const { object } = template;
  for (const side of ["requests", "limits"] satisfies Side[]) {
    for (const [name, amount] of Object.entries(object.spec?.resources?.[side] ?? {})) {
      if (isQuantity(amount)) continue;
      return {
        category: "InvalidSpec",
        reason: "InvalidResources",
        message: `spec.resources.${side}["${name}"] of ${nameOf(template)} is "${amount}", ` +
          "which is no quantity; write it like 500m or 16Gi",
      };
    }
  }
  return undefined;
}

type Side = "requests" | "limits";

/** @param writer who wrote that amount, as a message calls it */
function requestAboveLimit(
  { requests, limits }: Resources,
  writer: (side: Side, name: string) => string,
): ComponentError | undefined {
  for (const name of Object.keys(requests).sort()) {
    const limit = limits[name];
    if (limit === undefined || !above(requests[name], limit)) continue;
    const field = (side: Side) => `spec.resources.${side}["${name}"] of ${writer(side, name)}`;
    return {
      category: "InvalidSpec",
      reason: "InvalidResources",
      message: `the request of ${requests[name]} for ${name} is above the limit of ${limit}; ` +
        `lower ${field("requests")} or raise ${field("limits")}`,
    };
  }
  return undefined;
}

/**
 * Extended resources (names with a domain) must be equal on both sides, so what was asked for on one side
 * only is copied to the other; a limit that was asked for lowers a request that was merely implied.
 */
function agreeing({ requests, limits }: Resources, asked: Resources): Resources {
  const agreed = { requests: { ...requests }, limits: { ...limits } };
  for (const [name, limit] of Object.entries(asked.limits)) {
    if (asked.requests[name] !== undefined) continue;
    const request = agreed.requests[name];
    if (name.includes("/") || (request !== undefined && above(request, limit))) agreed.requests[name] = limit;
  }
  for (const [name, request] of Object.entries(asked.requests)) {
    if (name.includes("/") && asked.limits[name] === undefined) agreed.limits[name] = request;
  }
  return agreed;
}

function above(a: QuantityValue, b: QuantityValue): boolean {
  return compareQuantities(parseQuantity(a), parseQuantity(b)) > 0;
}

function withoutEmpty({ requests, limits }: Resources): ResourceRequirements {
  return {
    ...(Object.keys(requests).length > 0 ? { requests } : {}),
    ...(Object.keys(limits).length > 0 ? { limits } : {}),
  };
}
