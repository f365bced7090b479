/**
 * The filters of auto-selection (services.md §5.3 steps 1 to 4). Each judges one candidate by itself and, if it
 * turns it down, names the fact.
 *
 * @module
 */

import { type Candidate, normalised } from "./candidate.ts";

/** What a service asks for. */
export interface SelectionRequest {
  /** Name of the resolved model. */
  readonly modelName: string;
  /** `spec.template.allowUnoptimized` of the service. */
  readonly allowUnoptimized?: boolean;
  /** `spec.overrides` of the service. */
  readonly overrides?: Overrides;
  /** `spec.defaultServiceTemplate` of the model. */
  readonly defaultTemplate?: string;
}

/** The part of a service's overrides that takes part in matching. */
export interface Overrides {
  metric?: string;
  precision?: string;
  hardware?: { gpu?: { model?: string; requests?: number } };
}

/** GPU models on the cluster's nodes, named as `lib/gpu` names them. A Set does, and so does a Map by model. */
export type GpuModels = Pick<ReadonlySet<string>, "has" | "keys">;

/** Why a candidate was turned down; `BestMatch` is why one was not. */
export type Reason =
  | "TemplatePending"
  | "TemplateProgressing"
  | "TemplateNotAvailable"
  | "TemplateDegraded"
  | "TemplateFailed"
  | "TemplateNotReady"
  | "UnoptimizedTemplateFiltered"
  | "ServiceOverridesNotMatched"
  | "RequiredGPUNotInCluster"
  | "NamespaceTemplatePreferred"
  | "LowerPreferenceRank"
  | "TemplateSelectionAmbiguous"
  | "BestMatch";

/** A reason and the fact behind it, short enough to stand in a status message. */
export interface Verdict {
  readonly reason: Reason;
  readonly fact: string;
}

/** One filter: a verdict turns the candidate down, undefined lets it through. */
export interface Filter {
  readonly stage: FilterStage;
  reject(candidate: Candidate, request: SelectionRequest, gpus: GpuModels): Verdict | undefined;
}

/** The stages that judge a candidate by itself. */
export type FilterStage = "availability" | "optimization" | "overrides" | "gpu";

/** The filters, in the order in which a candidate meets them. */
export const filters: readonly Filter[] = [
  { stage: "availability", reject: notReady },
  { stage: "optimization", reject: notOptimized },
  { stage: "overrides", reject: notAsOverridden },
  { stage: "gpu", reject: gpuMissing },
];

/** Step 1: only `Ready` templates can serve. */
function notReady(candidate: Candidate, _request: SelectionRequest, gpus: GpuModels): Verdict | undefined {
  if (candidate.status === "Ready") return undefined;
  const fact = candidate.status === "" ? "no status yet" : `status ${candidate.status}`;
  // A template for a GPU that no node has is NotAvailable, so it falls here and never reaches step 4.
  const cause = candidate.status === "NotAvailable" ? absence(candidate, gpus) : undefined;
  return {
    reason: notReadyReasons[candidate.status] ?? "TemplateNotReady",
    fact: cause ? `${fact}, ${cause}` : fact,
  };
}

const notReadyReasons: Partial<Record<string, Reason>> = {
  Pending: "TemplatePending",
  Progressing: "TemplateProgressing",
  NotAvailable: "TemplateNotAvailable",
  Degraded: "TemplateDegraded",
  Failed: "TemplateFailed",
};

/** Step 2: no preview and no unoptimized profile unless the service allows it. No type counts as unoptimized. */
function notOptimized(candidate: Candidate, request: SelectionRequest): Verdict | undefined {
  if (request.allowUnoptimized || candidate.profileType === "optimized") return undefined;
  const type = candidate.profileType === "" ? "no profile type" : `profile type ${candidate.profileType}`;
  return { reason: "UnoptimizedTemplateFiltered", fact: `${type}, allowUnoptimized is not set` };
}

/** Step 3: what the service overrides must hold. An unknown GPU may still be right, an unknown metric not. */
function notAsOverridden(candidate: Candidate, request: SelectionRequest): Verdict | undefined {
  const fact = mismatch(candidate, request.overrides);
  return fact === undefined ? undefined : { reason: "ServiceOverridesNotMatched", fact };
}

function mismatch(candidate: Candidate, overrides: Overrides = {}): string | undefined {
  const { metric, precision } = overrides;
  const gpu = normalised(overrides.hardware?.gpu?.model);
  const count = overrides.hardware?.gpu?.requests ?? 0;
  if (metric && !equalText(metric, candidate.metric)) {
    return `metric ${candidate.metric || "unknown"}, overrides ask for ${metric}`;
  }
  if (precision && !equalText(precision, candidate.precision)) {
    return `precision ${candidate.precision || "unknown"}, overrides ask for ${precision}`;
  }
  if (gpu && candidate.gpuModel && gpu !== candidate.gpuModel) {
    return `GPU ${candidate.gpuModel}, overrides ask for ${gpu}`;
  }
  if (count > 0 && candidate.gpuCount !== undefined && candidate.gpuCount !== count) {
    return `GPU count ${candidate.gpuCount}, overrides ask for ${count}`;
  }
  return undefined;
}

/** Whether overrides ask for anything that templates are matched by (services.md §6: the name parts). */
export function asksForSomething(overrides: Overrides | undefined): boolean {
  const gpu = overrides?.hardware?.gpu;
  return Boolean(overrides?.metric || overrides?.precision || gpu?.model?.trim() || (gpu?.requests ?? 0) > 0);
}

/** Step 4: the GPU model, if one is known, must be on some node. */
function gpuMissing(candidate: Candidate, _request: SelectionRequest, gpus: GpuModels): Verdict | undefined {
  const fact = absence(candidate, gpus);
  return fact === undefined ? undefined : { reason: "RequiredGPUNotInCluster", fact };
}

const gpusNamed = 8;

function absence(candidate: Candidate, gpus: GpuModels): string | undefined {
  if (candidate.gpuModel === "" || gpus.has(candidate.gpuModel)) return undefined;
  const present = [...gpus.keys()].sort();
  const named = present.slice(0, gpusNamed).join(", ");
  const more = present.length > gpusNamed ? ` and ${present.length - gpusNamed} more` : "";
  const cluster = present.length === 0 ? "the cluster has no known GPU" : `the cluster has ${named}${more}`;
  return `GPU ${candidate.gpuModel} is on no node (${cluster})`;
}

function equalText(a: string, b: string): boolean {
  return a.toUpperCase() === b.toUpperCase();
}
