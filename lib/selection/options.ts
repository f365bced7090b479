/**
 * What may be amended to make a candidate win, and to which values.
 *
 * @module
 */

import { metrics, precisions } from "../api/mod.ts";
import type { Candidate } from "./candidate.ts";
import type { Amendment, CandidateEdit } from "./edit.ts";
import { type Dimension, dimensions, rankOf } from "./score.ts";
import { asksFor, type GpuModels, type SelectionRequest } from "./stages.ts";

/** What an amendment settles: no two of one change settle the same. */
const subjects = {
  allowUnoptimized: 1 << 0,
  overrideMetric: 1 << 1,
  overridePrecision: 1 << 2,
  overrideGpu: 1 << 3,
  overrideCount: 1 << 4,
  node: 1 << 5,
  status: 1 << 6,
  type: 1 << 7,
  metric: 1 << 8,
  precision: 1 << 9,
  gpu: 1 << 10,
  count: 1 << 11,
  scope: 1 << 12,
} as const;

/** An amendment that may help. */
export interface Option {
  readonly edit: Amendment;
  /** Some of the subjects, as bits. */
  readonly settles: number;
}

const wordFor: Record<"metric" | "precision", readonly string[]> = { metric: metrics, precision: precisions };

/** An override that is missing may be added to say what the candidate is; one that is there, only be removed. */
export function serviceOptions(
  of: Candidate,
  { allowUnoptimized, templateIsFixed, overrides }: SelectionRequest,
): Option[] {
  const options: Option[] = templateIsFixed ? [] : [{
    edit: { of: "service", field: "template.allowUnoptimized", value: !allowUnoptimized },
    settles: subjects.allowUnoptimized,
  }];
  const asked = asksFor(overrides);
  for (const name of ["metric", "precision"] as const) {
    const field = `overrides.${name}` as const;
    const own = wordFor[name].find((word) => word === of[name].toLowerCase());
    const override = name === "metric" ? subjects.overrideMetric : subjects.overridePrecision;
    const value = asked[name] ? null : own;
    if (value !== undefined) options.push({ edit: { of: "service", field, value }, settles: override });
  }
  if (asked.gpuModel || asked.gpuCount) {
    const edit = { of: "service", field: "overrides.hardware", value: null } as const;
    return [...options, { edit, settles: subjects.overrideGpu | subjects.overrideCount }];
  }
  // Hardware that is there, if only for its CPUs, cannot be changed in place.
  if (overrides?.hardware) return options;
  if (of.gpuModel) {
    const edit = { of: "service", field: "overrides.hardware.gpu.model", value: of.gpuModel } as const;
    options.push({ edit, settles: subjects.overrideGpu });
  }
  if (of.gpuCount) {
    const edit = { of: "service", field: "overrides.hardware.gpu.requests", value: of.gpuCount } as const;
    options.push({ edit, settles: subjects.overrideCount });
  }
  return options;
}

export function nodeOptions(of: Candidate, { overrides }: SelectionRequest, gpus: GpuModels): Option[] {
  return unique([of.gpuModel, asksFor(overrides).gpuModel], "").filter((model) => !gpus.has(model))
    .map((value) => ({ edit: { of: "nodes", field: "gpuModel", value }, settles: subjects.node }));
}

/** What the overrides ask for, or else the best there is: if that does not help, nothing does. */
export function candidateOptions(
  of: Candidate,
  { overrides }: SelectionRequest,
  candidates: readonly Candidate[],
  gpus: GpuModels,
): Option[] {
  const asked = asksFor(overrides);
  const options: Option[] = [];
  const offer = (settles: number, field: TextField, own: string, values: (string | undefined)[]) => {
    for (const value of unique(values, own)) {
      options.push({ edit: { of: "candidate", field, value }, settles });
    }
  };
  const topOf = (field: TextField) => valuesOf(field, gpus).at(-1);
  offer(subjects.status, "status.status", of.status, ["Ready"]);
  offer(subjects.type, fields.type, of.profileType, [topOf(fields.type)]);
  offer(subjects.gpu, fields.gpu, of.gpuModel, [asked.gpuModel, topOf(fields.gpu)]);
  if (asked.gpuCount && of.gpuCount !== asked.gpuCount) {
    const edit = { of: "candidate", field: "spec.hardware.gpu.requests", value: asked.gpuCount } as const;
    options.push({ edit, settles: subjects.count });
  }
  offer(subjects.metric, fields.metric, of.metric, [asked.metric, topOf(fields.metric)]);
  offer(subjects.precision, fields.precision, of.precision, [asked.precision, topOf(fields.precision)]);
  return [...options, ...moves(of, candidates)];
}

/**
 * A cluster template can become one of the namespace, if there is none of its name. Which namespace that is, the
 * templates in it tell; without any, none of them is in the way.
 */
function moves(of: Candidate, candidates: readonly Candidate[]): Option[] {
  if (of.scope === "Namespace") return [];
  const own = candidates.filter(({ scope }) => scope === "Namespace");
  if (own.length === 0 || own.some(({ name }) => name === of.name)) return [];
  const edit = { of: "candidate", field: "metadata.namespace", value: own[0].namespace! } as const;
  return [{ edit, settles: subjects.scope }];
}

type TextField = Exclude<CandidateEdit["field"], "spec.hardware.gpu.requests">;

const [type, gpu, metric, precision] = dimensions;
const fields = {
  type: "status.profile.metadata.type",
  gpu: "spec.hardware.gpu.model",
  metric: "status.profile.metadata.metric",
  precision: "status.profile.metadata.precision",
} as const;
const ranked = new Map<TextField, Dimension>([
  [fields.type, type],
  [fields.gpu, gpu],
  [fields.metric, metric],
  [fields.precision, precision],
]);

/** The values that a ranked field can be given, from worst to best: the documented ones; of GPUs, those at hand. */
export function valuesOf(field: TextField, gpus: GpuModels): readonly string[] {
  const dimension = ranked.get(field);
  if (dimension === undefined) return [];
  if (field !== fields.gpu) return dimension.order.toReversed();
  return [...gpus.keys()].sort().sort((a, b) => rankOf(dimension, b) - rankOf(dimension, a));
}

/** The values that are none yet, each once, in their order. Letter case does not tell values apart. */
function unique(values: readonly (string | undefined)[], except: string): string[] {
  const found: string[] = [];
  for (const value of values) {
    const taken = [except, ...found].some((one) => one.toUpperCase() === value?.toUpperCase());
    if (value && !taken) found.push(value);
  }
  return found;
}
