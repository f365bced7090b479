/** On which nodes an endpoint's pods may run (services.md §8.3; spec/README "resolvedNodeAffinity"). */

import { type Gpu, type NodeAffinity, parseQuantity, wholeUnits } from "../../../lib/api/mod.ts";
import type { InferenceService } from "../../../lib/operator/objects.ts";
import { gpuModelsOf, normaliseGpuModel, usualVram } from "../../../lib/gpu/mod.ts";
import type { ResolvedTemplate } from "../resolve/resolved.ts";

/**
 * The template's affinity for a new endpoint. A live one keeps its own while every GPU that it selects still is what
 * the template asks for: a GPU type that joins the cluster or leaves it restarts nothing, other hardware does.
 */
export function affinityFor(
  { object: { spec, status } }: ResolvedTemplate,
  live: InferenceService | undefined,
): NodeAffinity | undefined {
  const wanted = status?.resolvedNodeAffinity;
  const standing = live?.spec?.predictor?.affinity?.nodeAffinity as NodeAffinity | undefined;
  if (wanted === undefined || standing === undefined) return wanted;
  const selected = modelsOf(standing);
  const right = new Set(modelsOf(wanted));
  const gpu = status?.resolvedHardware?.gpu ?? spec?.hardware?.gpu;
  const isKept = selected.length > 0 && selected.every((model) => right.has(model) || isAskedFor(model, gpu));
  return isKept ? standing : wanted;
}

/** The GPU models of the nodes that an affinity selects. */
function modelsOf(affinity: NodeAffinity): string[] {
  const terms = affinity.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  return terms.flatMap(({ matchExpressions = [] }) =>
    matchExpressions.flatMap(({ key, operator, values = [] }) =>
      operator === "Gt"
        ? gpuModelsOf({ [key]: "1" })
        : values.flatMap((value) => gpuModelsOf({ [key]: value }))
    )
  );
}

function isAskedFor(model: string, gpu: Gpu | undefined): boolean {
  if (gpu?.model?.trim()) return normaliseGpuModel(gpu.model) === model;
  return gpu?.minVram !== undefined && usualVram(model) >= wholeUnits(parseQuantity(gpu.minVram));
}
