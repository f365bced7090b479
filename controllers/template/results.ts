/** What the status of a template says about what it runs and on what (models-and-templates.md §5.9). */

import { hardwareSummary, type TemplateStatus } from "../../lib/api/mod.ts";
import type { ClusterGpus } from "../../lib/gpu/mod.ts";
import { nodeAffinity } from "./gpu.ts";
import { resolvedHardware } from "./hardware.ts";
import type { Origin } from "./discovery.ts";
import type { Template } from "./scope.ts";

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

/** From the spec where the sources are inline; what was discovered stays as it is stored. */
export function resultsOf(template: Template, origin: Origin, gpus: ClusterGpus | undefined): Results {
  const { status } = template;
  switch (origin) {
    case "inline":
      return { ...inlineResults(template, gpus), ...present("discoveryJob", status?.discoveryJob) };
    case "discovered":
      return {
        ...present("modelSources", status?.modelSources),
        ...present("profile", status?.profile),
        ...present("resolvedHardware", status?.resolvedHardware),
        ...present("hardwareSummary", status?.hardwareSummary),
        ...present("resolvedNodeAffinity", status?.resolvedNodeAffinity),
        ...present("discoveryJob", status?.discoveryJob),
        ...present("discovery", status?.discovery),
      };
    case "awaited":
      return { ...present("discoveryJob", status?.discoveryJob), ...present("discovery", status?.discovery) };
  }
}

function inlineResults({ spec, status }: Template, gpus: ClusterGpus | undefined): Results {
  const { hardware, metric, precision, type } = spec!;
  const { model, requests } = hardware?.gpu ?? {};
  return {
    modelSources: spec!.modelSources,
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
    ...present(
      "resolvedNodeAffinity",
      gpus && nodeAffinity(hardware, gpus, status?.resolvedNodeAffinity),
    ),
  };
}

/** A field, or nothing: an undefined one must not stand in a status. */
function present<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : { [key]: value } as { [P in K]: V };
}
