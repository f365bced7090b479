/**
 * The path of a service, from what it stands on to its route: model, template, cache, artifacts, endpoint, pods, route.
 * Which objects stand in it is the operator's own decision; how each is doing is what the service's conditions say.
 */

import type { AIMArtifact, AIMService } from "../../api/mod.ts";
import { artifacts, clusterRuntimeConfigs, runtimeConfigs } from "../../cluster/kinds.ts";
import type { Live } from "../../kube/object.ts";
import { causeOf, type Code } from "../../operator/errors/codes.ts";
import { isReady as isPodReady } from "../../operator/inspect/pods/pod.ts";
import type { ObjectCondition } from "../../operator/objects.ts";
import { conditionOf } from "../../operator/status/conditions.ts";
import { toldCode } from "../../operator/status/progress_conditions.ts";
import { findCache } from "../../../controllers/service/cache/template_cache.ts";
import { inferenceServiceSlot } from "../../../controllers/service/endpoint/names.ts";
import { routeSlot } from "../../../controllers/service/endpoint/http_route.ts";
import { podsOf } from "../../../controllers/service/endpoint/runtime_health.ts";
import type { Template } from "../../../controllers/service/resolve/resolved.ts";
import { resolve } from "../../../controllers/service/resolve/standing.ts";
import type { Look } from "./look.ts";
import { type Rebinding, rebindingOf } from "./rebinding.ts";
import { contextIn } from "./service.ts";

export type Part =
  | "config"
  | "model"
  | "template"
  | "cache"
  | "artifact"
  | "endpoint"
  | "pods"
  | "route"
  | "autoscaler";

/** One part of the path. */
export interface Link {
  readonly part: Part;
  /** Empty where there is no such object yet. */
  readonly name: string;
  readonly state: string;
  /** What is worth knowing of it, in a few words. */
  readonly says: string;
  /** How far a download is; absent where none goes on. */
  readonly download?: { readonly percentage: number; readonly says: string };
  /** Why the service cannot use it; absent where it can. */
  readonly trouble?: { readonly reason: string; readonly message: string };
  /** What its own `Ready` says while it is not; of what no condition of the service speaks of by itself. */
  readonly flaw?: { readonly reason: string; readonly message: string };
}

export interface Path {
  readonly namespace: string;
  readonly name: string;
  /** The service's own word; empty where no operator has looked at it yet. */
  readonly state: string;
  readonly says: string;
  /** The cause that the operator has found; absent where nothing is wrong. */
  readonly code?: Code;
  /** Whether the status is about an older spec. */
  readonly outdated: boolean;
  readonly links: readonly Link[];
  /** Where the path breaks: the first link that the service cannot use, by its place in `links`. */
  readonly broken?: number;
  /** The link that the code is about, where that is not the one at which the path breaks. */
  readonly blamed?: number;
  /** What it would go over to if it were resolved anew; absent too where nobody has asked for it. */
  readonly rebinding?: Rebinding;
}

/** Conditions of a service by the part that they speak of, in the order of the path. */
const conditionsOf: readonly (readonly [condition: string, part: Part])[] = [
  ["RuntimeConfigReady", "config"],
  ["ModelReady", "model"],
  ["TemplateReady", "template"],
  ["CacheReady", "cache"],
  ["InferenceServiceReady", "endpoint"],
  ["InferenceServicePodsReady", "pods"],
  ["HTTPRouteReady", "route"],
  ["HPAReady", "autoscaler"],
];

/** @param withRebinding whether it is worked out what it would go over to, which takes longer than all else */
export function pathOf(
  service: Live<AIMService>,
  look: Look,
  { withRebinding }: { readonly withRebinding: boolean },
): Path {
  const { namespace = "", name, generation } = service.metadata;
  const { status, observedGeneration } = service.status ?? {};
  const ready = conditionNamed(service, "Ready");
  const links = linksOf(service, look);
  const broken = links.findIndex(({ trouble }) => trouble !== undefined);
  const rebinding = withRebinding ? rebindingOf(service, look) : undefined;
  const code = toldCode(service.status?.conditions);
  const blamed = code === undefined ? -1 : linkBlamed(code, links);
  return {
    namespace,
    name,
    state: status ?? "",
    says: ready?.message ?? "",
    ...(code && { code }),
    outdated: observedGeneration !== undefined && observedGeneration !== generation,
    links,
    ...(broken >= 0 && { broken }),
    ...(blamed >= 0 && blamed !== broken && { blamed }),
    ...(rebinding && { rebinding }),
  };
}

/** `Ready` speaks of the worst component, which need not be the first: the link whose own reason has the code, or -1. */
function linkBlamed(code: Code, links: readonly Link[]): number {
  const { is = [], of = [], foreign = [] } = causeOf(code);
  const reasons: readonly string[] = [...is, ...of, ...foreign];
  return links.findIndex(({ trouble }) => trouble !== undefined && reasons.includes(trouble.reason));
}

function linksOf(service: Live<AIMService>, look: Look): Link[] {
  const namespace = service.metadata.namespace ?? "";
  const context = contextIn(service, look);
  const slot = inferenceServiceSlot(service, look).child;
  const live = slot?.live;
  const { model, template, reference } = resolve(context, live !== undefined, look);
  const cache = reference && findCache(service, reference, look);
  const pods = live === undefined ? [] : podsOf(live, look);
  const route = routeSlot(service, look);
  const link = linkMaker(service);
  return [
    ...link("config", service.status?.resolvedRuntimeConfig?.name, undefined, {
      flaw: flawOfConfig(service, look),
    }),
    ...link("model", model.found?.object.metadata.name, model.found?.object.status?.status, {
      says: model.found?.object.spec?.image,
    }),
    ...link(
      "template",
      template.found?.object.metadata.name ?? reference?.name,
      template.found?.object.status?.status,
      { says: template.found && hardwareOf(template.found.object) },
    ),
    ...link("cache", cache?.metadata.name, cache?.status?.status),
    ...Object.values(cache?.status?.artifacts ?? {}).flatMap(({ name }) => {
      const artifact = name === undefined ? undefined : look.get(artifacts, namespace, name);
      return artifact === undefined ? [] : [artifactLink(artifact)];
    }),
    ...link("endpoint", live?.metadata.name, live && stateOf(live.status?.conditions), {
      says: live?.status?.url,
    }),
    ...link(
      "pods",
      pods.length === 0 ? undefined : `${pods.filter(isPodReady).length}/${pods.length} ready`,
      pods.length === 0 ? undefined : pods.every(isPodReady) ? "Running" : "Starting",
      { says: placesOf(pods.map(({ spec }) => spec?.nodeName)) },
    ),
    ...link("route", route.live?.metadata.name, undefined, { says: service.status?.routing?.path }),
    ...link("autoscaler", live && conditionNamed(service, "HPAReady") && live.metadata.name, undefined),
  ];
}

/** What is wrong with the configs that the service goes by, in their own words: the sound fields of one count all the same. */
function flawOfConfig({ metadata, status }: Live<AIMService>, look: Look): Link["flaw"] {
  const name = status?.resolvedRuntimeConfig?.name;
  if (name === undefined) return undefined;
  const own = look.get(runtimeConfigs, metadata.namespace, name);
  const shared = look.get(clusterRuntimeConfigs, undefined, name);
  for (const [kind, config] of [["AIMRuntimeConfig", own], ["AIMClusterRuntimeConfig", shared]] as const) {
    const ready = conditionOf(config?.status?.conditions, "Ready");
    if (ready?.status === "False") {
      return { reason: ready.reason ?? "", message: `${kind}: ${ready.message}` };
    }
  }
  return undefined;
}

interface Further {
  readonly says?: string;
  readonly flaw?: Link["flaw"];
}

/** Makes the link of a part: none where there is neither an object nor a word of it in the service's status. */
function linkMaker(service: Live<AIMService>) {
  return (
    part: Part,
    name: string | undefined,
    state: string | undefined,
    { says = "", flaw }: Further = {},
  ): Link[] => {
    const type = conditionsOf.find(([, of]) => of === part)?.[0] ?? "";
    const condition = conditionNamed(service, type);
    if (name === undefined && condition === undefined) return [];
    const usable = condition === undefined || condition.status === "True";
    return [{
      part,
      name: name ?? "",
      state: state ?? flaw?.reason ??
        (condition === undefined ? "-" : usable ? "Ready" : condition.reason ?? "-"),
      says: says || (flaw?.message ?? ""),
      ...(flaw && { flaw }),
      ...(!usable && { trouble: { reason: condition.reason ?? "", message: condition.message ?? "" } }),
    }];
  };
}

function conditionNamed({ status }: Live<AIMService>, type: string): ObjectCondition | undefined {
  return status?.conditions?.find((each) => each.type === type);
}

function stateOf(conditions: readonly ObjectCondition[] | undefined): string {
  return conditions?.some(({ type, status }) => type === "Ready" && status === "True") ? "Ready" : "Starting";
}

/** `2 × MI300X, latency, fp8, optimized`. */
function hardwareOf({ spec, status }: Template): string {
  const gpu = spec?.hardware?.gpu;
  const profile = status?.profile?.metadata;
  return [
    gpu?.model && `${gpu.requests ?? 1} × ${gpu.model}`,
    spec?.metric ?? profile?.metric,
    spec?.precision ?? profile?.precision,
    profile?.type,
  ].filter(Boolean).join(", ");
}

function artifactLink({ metadata, status, spec }: Live<AIMArtifact>): Link {
  // A size of 0 has not been measured.
  const size = [status?.displaySize, String(spec?.size ?? 0)].find((text) => text && text !== "0");
  const { percentage = 0 } = status?.progress ?? {};
  const isReady = status?.status === "Ready";
  const ready = conditionOf(status?.conditions, "Ready");
  const goesOn = !isReady && percentage > 0;
  const facts = goesOn
    ? [bar(percentage), size && `of ${size}`, status?.download?.message]
    : [size, status?.persistentVolumeClaim && `on claim ${status.persistentVolumeClaim}`];
  return {
    part: "artifact",
    name: metadata.name,
    state: status?.status ?? "-",
    says: facts.filter(Boolean).join(" "),
    ...(!isReady && { flaw: { reason: ready?.reason ?? "", message: ready?.message ?? "" } }),
    ...(goesOn && {
      download: {
        percentage,
        says: [size && `of ${size}`, status?.download?.message].filter(Boolean).join(", "),
      },
    }),
  };
}

/** `██████░░░░ 60 %` */
function bar(percentage: number): string {
  const full = Math.round(percentage / 10);
  return `${"█".repeat(full)}${"░".repeat(10 - full)} ${percentage} %`;
}

function placesOf(nodes: readonly (string | undefined)[]): string {
  const places = [...new Set(nodes.map((node) => node ?? "no node yet"))].sort();
  return places.length === 0 ? "" : `on ${places.join(", ")}`;
}
