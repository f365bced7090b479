/** What the status of a template says about what it runs and on what (models-and-templates.md §5.9). */

import { type Hardware, hardwareSummary, type TemplateStatus } from "../../../lib/api/mod.ts";
import type { DiscoveryFound } from "../../../lib/images/mod.ts";
import { clusterMarksOf, gpusOf } from "../../../lib/cluster/queries.ts";
import { requiresGpu } from "../../../lib/gpu/mod.ts";
import type { Reading } from "../../../lib/operator/core/view.ts";
import { gpuHealthOf, nodeAffinity } from "../gpu.ts";
import { resolvedHardware } from "../hardware.ts";
import type { Discovery } from "./discovery.ts";
import { withType } from "../profile_type.ts";
import type { Template } from "../scope.ts";
import { sourcesWithSizes } from "../sizes.ts";

type Results = Pick<
  TemplateStatus,
  | "modelSources"
  | "profile"
  | "resolvedHardware"
  | "hardwareSummary"
  | "resolvedNodeAffinity"
  | "discoveryJob"
  | "discovery"
>;

/** From the spec where the sources are inline, else from the discovery; what was discovered before stays as it is stored. */
export function resultsOf(template: Template, discovery: Discovery, view: Reading): Results {
  const { status } = template;
  const { origin, phase, job, record } = discovery;
  const seen = job && { name: job.metadata.name, namespace: job.metadata.namespace };
  const progress = {
    ...present("discoveryJob", seen ?? status?.discoveryJob),
    ...present("discovery", record),
  };
  if (origin === "inline") return { ...inlineResults(template, view), ...progress };
  if (phase.at === "found") return { ...discoveredResults(template, phase.result, view), ...progress };
  if (origin === "awaited") return progress;
  return {
    ...present("modelSources", status?.modelSources),
    ...present("profile", status?.profile && withType(status.profile, template.spec?.type)),
    ...present("resolvedHardware", status?.resolvedHardware),
    ...present("hardwareSummary", status?.hardwareSummary),
    ...present("resolvedNodeAffinity", storedAffinity(template, view)),
    ...progress,
  };
}

/** What a discovery has found: its GPU before that of the spec, which fills in where it is silent (§5.9 Better). */
function discoveredResults(
  { spec, status }: Template,
  { profile, modelSources, discovered }: DiscoveryFound,
  view: Reading,
): Results {
  const hardware = discoveredHardware(spec, discovered);
  const resolved = resolvedHardware(hardware);
  return {
    profile: withType(profile, spec?.type),
    modelSources,
    ...present("resolvedHardware", resolved),
    ...present("hardwareSummary", hardwareSummary(resolved) || undefined),
    ...present("resolvedNodeAffinity", affinity(whereToRun(spec?.hardware, hardware), status, view)),
  };
}

/** A model is left out beside a `minVram`, which excludes it, and is the spec's where the user asked for another. */
function discoveredHardware(
  spec: Template["spec"],
  { gpu, gpuCount }: DiscoveryFound["discovered"],
): Hardware | undefined {
  const wanted = spec?.hardware?.gpu;
  const overridden = spec?.env?.some(({ name }) => name === "AIM_GPU_MODEL") === true;
  const model = wanted?.minVram !== undefined ? undefined : (overridden ? undefined : gpu) ?? wanted?.model;
  const requests = gpuCount ?? wanted?.requests;
  if (wanted === undefined && !model && !requests) return spec?.hardware;
  const { model: _, requests: __, ...others } = wanted ?? {};
  return {
    ...spec?.hardware,
    gpu: { ...others, ...present("model", model), ...present("requests", requests) },
  };
}

/** By the spec; by what was discovered only where the spec names no GPU and no memory (§4 Better). */
function whereToRun(wanted: Hardware | undefined, found: Hardware | undefined): Hardware | undefined {
  const named = wanted?.gpu?.model?.trim() || wanted?.gpu?.minVram !== undefined;
  return named ? wanted : found;
}

function affinity(hardware: Hardware | undefined, status: TemplateStatus | undefined, view: Reading) {
  if (!requiresGpu(hardware)) return undefined;
  return nodeAffinity(hardware, gpusOf(view), clusterMarksOf(view), status?.resolvedNodeAffinity);
}

/**
 * The affinity of an earlier discovery, by the labels that nodes carry now: what counts as there is what it selects
 * (spec/README). One that nothing was stored of is not made up; while no node has the GPU it stays.
 */
function storedAffinity({ spec, status }: Template, view: Reading) {
  const hardware = whereToRun(spec?.hardware, status?.resolvedHardware);
  const stored = status?.resolvedNodeAffinity;
  if (stored === undefined || gpuHealthOf(hardware, view)?.reason !== "GPUAvailable") return stored;
  return affinity(hardware, status, view) ?? stored;
}

function inlineResults(template: Template, view: Reading): Results {
  const { spec, status } = template;
  const { hardware, metric, precision, type } = spec!;
  const { model, requests } = hardware?.gpu ?? {};
  return {
    modelSources: sourcesWithSizes(template, view),
    profile: {
      metadata: {
        ...(model ? { gpu: model } : {}),
        ...(requests ? { gpuCount: requests } : {}),
        ...present("metric", metric),
        ...present("precision", precision),
        ...present("type", type),
      },
    },
    ...present("resolvedHardware", resolvedHardware(hardware)),
    ...present("hardwareSummary", hardwareSummary(hardware) || undefined),
    ...present("resolvedNodeAffinity", affinity(hardware, status, view)),
  };
}

/** A field, or nothing: an undefined one must not stand in a status. */
function present<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : { [key]: value } as { [P in K]: V };
}
