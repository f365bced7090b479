/**
 * The filters of auto-selection (services.md §5.3 steps 1 to 4). Each looks at one candidate by itself and can name
 * the fact for which it turns one down.
 *
 * @module
 */

import { type Candidate, normalised } from "./candidate.ts";

/** The annotation that says how a tie ends, as it is written where it counts. */
export const tieAnnotation = "aim.eai.amd.com/break-ties: by-name";

/** Whether those that tie are told apart by their names. */
export function breaksTies({ breakTies }: Pick<SelectionRequest, "breakTies">): boolean {
  return breakTies === "by-name";
}

/** What a service asks for. */
export interface SelectionRequest {
  /** Name of the resolved model. */
  readonly modelName: string;
  /** `spec.template.allowUnoptimized` of the service. */
  readonly allowUnoptimized?: boolean;
  /** Whether the service has a `spec.template`: it cannot be changed once written. */
  readonly templateIsFixed?: boolean;
  /** `spec.overrides` of the service. */
  readonly overrides?: Overrides;
  /** `spec.defaultServiceTemplate` of the model. */
  readonly defaultTemplate?: string;
  /** How a tie ends: `by-name` takes the first by name; whatever else leaves it to the user. */
  readonly breakTies?: string;
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

/** One filter. The verdict is on a candidate that it does not accept. */
export interface Filter {
  readonly stage: FilterStage;
  accepts(candidate: Candidate, request: SelectionRequest, gpus: GpuModels): boolean;
  verdict(candidate: Candidate, request: SelectionRequest, gpus: GpuModels): Verdict;
}

/** The stages that look at a candidate by itself. */
export type FilterStage = "availability" | "optimization" | "overrides" | "gpu";

/** The filters, in the order in which a candidate meets them. */
export const filters: readonly Filter[] = [
  // Step 1: only `Ready` templates can serve.
  { stage: "availability", accepts: ({ status }) => status === "Ready", verdict: notReady },
  // Step 2: no preview and no unoptimized profile unless the service allows it. No type counts as unoptimized.
  {
    stage: "optimization",
    accepts: ({ profileType }, { allowUnoptimized = false }) =>
      allowUnoptimized || profileType === "optimized",
    verdict: notOptimized,
  },
  // Step 3: what the service overrides must hold. An unknown GPU may still be right, an unknown metric not.
  {
    stage: "overrides",
    accepts: (candidate, { overrides }) => mismatch(candidate, overrides) === undefined,
    verdict: notAsOverridden,
  },
  // Step 4: the GPU model, if one is known, must be on some node.
  { stage: "gpu", accepts: isOnSomeNode, verdict: gpuMissing },
];

/** Whether a candidate passes all filters. */
export function passes(candidate: Candidate, request: SelectionRequest, gpus: GpuModels): boolean {
  return filters.every((filter) => filter.accepts(candidate, request, gpus));
}

function notReady(candidate: Candidate, _request: SelectionRequest, gpus: GpuModels): Verdict {
  const fact = candidate.status === "" ? "no status yet" : `status ${candidate.status}`;
  const reason = notReadyReasons[candidate.status] ?? "TemplateNotReady";
  // A template for a GPU that no node has is NotAvailable, so it falls here and never reaches step 4.
  if (candidate.status !== "NotAvailable") return { reason, fact };
  // The GPU may be there and have too little memory: only the template knows.
  const cause = isOnSomeNode(candidate, undefined, gpus) ? candidate.lacks : absence(candidate, gpus);
  return { reason, fact: cause === "" ? fact : `${fact}, ${cause}` };
}

const notReadyReasons: Partial<Record<string, Reason>> = {
  Pending: "TemplatePending",
  Progressing: "TemplateProgressing",
  NotAvailable: "TemplateNotAvailable",
  Degraded: "TemplateDegraded",
  Failed: "TemplateFailed",
};

function notOptimized({ profileType }: Candidate): Verdict {
  const type = profileType === "" ? "no profile type" : `profile type ${profileType}`;
  return { reason: "UnoptimizedTemplateFiltered", fact: `${type}, allowUnoptimized is not set` };
}

function notAsOverridden(candidate: Candidate, { overrides }: SelectionRequest): Verdict {
  return { reason: "ServiceOverridesNotMatched", fact: mismatch(candidate, overrides)! };
}

/** The first thing in which a candidate is not what the overrides ask for. */
function mismatch(candidate: Candidate, overrides: Overrides | undefined): string | undefined {
  const { metric, precision, gpuModel, gpuCount } = asksFor(overrides);
  if (metric && !equalText(metric, candidate.metric)) {
    return `metric ${candidate.metric || "unknown"}, overrides ask for ${metric}`;
  }
  if (precision && !equalText(precision, candidate.precision)) {
    return `precision ${candidate.precision || "unknown"}, overrides ask for ${precision}`;
  }
  if (gpuModel && candidate.gpuModel && gpuModel !== candidate.gpuModel) {
    return `GPU ${candidate.gpuModel}, overrides ask for ${gpuModel}`;
  }
  if (gpuCount && candidate.gpuCount !== undefined && candidate.gpuCount !== gpuCount) {
    return `GPU count ${candidate.gpuCount}, overrides ask for ${gpuCount}`;
  }
  return undefined;
}

/** What overrides ask for of that which templates are matched by (services.md §6: the name parts). */
export interface Wishes {
  readonly metric?: string;
  readonly precision?: string;
  /** Normalised. */
  readonly gpuModel?: string;
  readonly gpuCount?: number;
}

/** The wishes in overrides; empty values are none. */
export function asksFor(overrides: Overrides | undefined): Wishes {
  const { metric, precision, hardware } = overrides ?? {};
  const count = hardware?.gpu?.requests ?? 0;
  return {
    metric: metric || undefined,
    precision: precision || undefined,
    gpuModel: normalised(hardware?.gpu?.model) || undefined,
    gpuCount: count > 0 ? count : undefined,
  };
}

/** The default template that counts: only where the service states no wish of its own (services.md §3.2). */
export function defaultTemplateOf({ overrides, defaultTemplate }: SelectionRequest): string | undefined {
  const asked = Object.values(asksFor(overrides)).some((wish) => wish !== undefined);
  return asked ? undefined : defaultTemplate?.trim();
}

function isOnSomeNode({ gpuModel }: Candidate, _request: unknown, gpus: GpuModels): boolean {
  return gpuModel === "" || gpus.has(gpuModel);
}

function gpuMissing(candidate: Candidate, _request: SelectionRequest, gpus: GpuModels): Verdict {
  return { reason: "RequiredGPUNotInCluster", fact: absence(candidate, gpus) };
}

const gpusNamed = 8;

function absence({ gpuModel }: Candidate, gpus: GpuModels): string {
  const present = [...gpus.keys()].sort();
  const named = present.slice(0, gpusNamed).join(", ");
  const more = present.length > gpusNamed ? ` and ${present.length - gpusNamed} more` : "";
  const cluster = present.length === 0 ? "the cluster has no known GPU" : `the cluster has ${named}${more}`;
  return `GPU ${gpuModel} is on no node (${cluster})`;
}

function equalText(a: string, b: string): boolean {
  return a.toUpperCase() === b.toUpperCase();
}
