/**
 * What auto-selection knows about a template: the candidate attributes of services.md §5.3, each read from the
 * first place that has a value.
 *
 * @module
 */

import { normaliseGpuModel } from "../gpu/mod.ts";

/** The part of a service template that selection reads; templates of both scopes have this shape. */
export interface Template {
  metadata?: {
    name?: string;
    /** Present on namespace templates only: it tells the scope. */
    namespace?: string;
    labels?: Record<string, string>;
  };
  spec?: {
    modelName: string;
    metric?: string;
    precision?: string;
    hardware?: { gpu?: { model?: string; requests?: number } };
  };
  status?: {
    status?: string;
    conditions?: readonly { type: string; status: string; message?: string }[];
    profile?: {
      metadata?: { type?: string; gpu?: string; gpuCount?: number; metric?: string; precision?: string };
    };
  };
}

/** Where a template lives, in the words of `status.resolvedTemplate.scope`. */
export type Scope = "Namespace" | "Cluster";

/** A template with its attributes. Strings are empty, and the count absent, where nothing is known. */
export interface Candidate<T extends Template = Template> {
  readonly template: T;
  readonly name: string;
  readonly namespace?: string;
  readonly scope: Scope;
  readonly status: string;
  /** What its condition `GPUReady` says is lacking; empty where nothing is, or that is not known. */
  readonly lacks: string;
  readonly profileType: string;
  /** Normalised: `AMD Instinct MI300X` is `MI300X`. */
  readonly gpuModel: string;
  readonly gpuCount?: number;
  readonly metric: string;
  readonly precision: string;
}

/**
 * The candidates for a model (services.md §5.3): templates that name it, but none that was itself derived from
 * another template. In fixed order, whatever the order of the input: namespace templates first, then by name.
 */
export function candidatesFor<T extends Template>(modelName: string, templates: Iterable<T>): Candidate<T>[] {
  const candidates: Candidate<T>[] = [];
  for (const template of templates) {
    if (template.spec?.modelName === modelName && !isDerived(template)) candidates.push(candidate(template));
  }
  return candidates.sort((a, b) => compareText(b.scope, a.scope) || compareText(a.name, b.name));
}

/** The attributes of one template. */
export function candidate<T extends Template>(template: T): Candidate<T> {
  const { metadata, spec, status } = template;
  const profile = status?.profile?.metadata;
  const gpu = spec?.hardware?.gpu;
  return {
    template,
    name: metadata?.name ?? "",
    namespace: metadata?.namespace,
    scope: metadata?.namespace ? "Namespace" : "Cluster",
    status: status?.status ?? "",
    lacks: lackedBy(template),
    profileType: profile?.type ?? "",
    gpuModel: normalised(gpu?.model?.trim() || profile?.gpu),
    gpuCount: positive(gpu?.requests) ?? positive(profile?.gpuCount),
    metric: profile?.metric || spec?.metric || "",
    precision: profile?.precision || spec?.precision || "",
  };
}

/** A GPU model name in the form in which names are compared; empty for none. */
export function normalised(gpuModel: string | undefined): string {
  const name = gpuModel?.trim();
  return name ? normaliseGpuModel(name) : "";
}

/** What a template says of the GPU that it does not find. */
function lackedBy({ status }: Template): string {
  const told = status?.conditions?.find(({ type }) => type === "GPUReady");
  return told?.status === "False" ? told.message ?? "" : "";
}

function isDerived(template: Template): boolean {
  return template.metadata?.labels?.["aim.eai.amd.com/origin"] === "derived";
}

function positive(count: number | undefined): number | undefined {
  return count !== undefined && count > 0 ? count : undefined;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
