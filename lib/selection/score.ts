/**
 * Which of the candidates that passed the filters is preferred (services.md §5.3 steps 5 to 7). The hierarchy of
 * step 6 is data: four dimensions, each with its documented values from best to worst.
 *
 * @module
 */

import type { Candidate } from "./candidate.ts";

/** One criterion of the score. */
export interface Dimension {
  /** As a user reads it in a message. */
  readonly name: string;
  /** The documented values, best first. */
  readonly order: readonly string[];
  /** Whether a candidate without a value ranks below one with an undocumented value, or beside it. */
  readonly noneLast?: true;
  value(candidate: Candidate): string;
}

/** The criteria, the weightiest first. */
export const dimensions: readonly Dimension[] = [
  {
    name: "profile type",
    order: ["optimized", "preview", "unoptimized"],
    value: (candidate) => candidate.profileType,
  },
  {
    name: "GPU",
    order: ["MI355X", "MI350X", "MI325X", "MI300X", "MI308X", "MI300A", "MI250X", "MI210", "MI100"],
    noneLast: true,
    value: (candidate) => candidate.gpuModel,
  },
  {
    name: "metric",
    order: ["latency", "throughput"],
    value: (candidate) => candidate.metric,
  },
  {
    name: "precision",
    order: ["fp4", "int4", "fp8", "int8", "fp16", "bf16", "fp32"],
    value: (candidate) => candidate.precision,
  },
];

/** Position of each documented value, in upper case, on its dimension. */
const positions = new Map(
  dimensions.map((dimension) => [
    dimension,
    new Map(dimension.order.map((value, position) => [value.toUpperCase(), position])),
  ]),
);

/** Position of a candidate on one dimension: 0 is best. */
export function rank(dimension: Dimension, candidate: Candidate): number {
  return rankOf(dimension, dimension.value(candidate));
}

/** Position of a value on its dimension. Values are compared without regard to case. */
export function rankOf(dimension: Dimension, value: string): number {
  const last = dimension.order.length + (dimension.noneLast && value === "" ? 1 : 0);
  return positions.get(dimension)?.get(value.toUpperCase()) ?? last;
}

/** The weightiest dimension on which two candidates differ, and which of them it prefers. */
export interface Difference {
  readonly dimension: Dimension;
  /** Negative: the first is better. Positive: the second. Never 0. */
  readonly sign: number;
}

/** What decides between two candidates, or undefined if their scores are equal. */
export function difference(a: Candidate, b: Candidate): Difference | undefined {
  for (const dimension of dimensions) {
    const sign = rank(dimension, a) - rank(dimension, b);
    if (sign !== 0) return { dimension, sign };
  }
  return undefined;
}

/**
 * Where a candidate stands among those that passed the filters, as one number: the lower is preferred, and equal
 * ones tie. Namespace comes before cluster (step 5), in a scope the model's default template first, then the score.
 */
export function standing(candidate: Candidate, defaultTemplate?: string): number {
  let place = candidate.scope === "Namespace" ? 0 : 1;
  place = 2 * place + (candidate.name === defaultTemplate ? 0 : 1);
  for (const dimension of dimensions) {
    place = place * (dimension.order.length + 2) + rank(dimension, candidate);
  }
  return place;
}

/** Every candidate that no other one beats; several when they tie. Keeps the order. */
export function best<C extends Candidate>(
  candidates: readonly C[],
  placeOf: (candidate: Candidate) => number,
): C[] {
  const places = candidates.map(placeOf);
  const first = places.reduce((a, b) => Math.min(a, b), Infinity);
  return candidates.filter((_, i) => places[i] === first);
}

/** Where each stands. With `byName`, those that tie stand in the order of their names: of one scope no two have the same. */
export function places(
  candidates: readonly Candidate[],
  { defaultTemplate, byName }: { readonly defaultTemplate?: string; readonly byName: boolean },
): (candidate: Candidate) => number {
  if (!byName) return (candidate) => standing(candidate, defaultTemplate);
  const names = [...new Set(candidates.map(({ name }) => name))].sort();
  const order = new Map(names.map((name, n) => [name, n]));
  return (candidate) => standing(candidate, defaultTemplate) * names.length + order.get(candidate.name)!;
}
