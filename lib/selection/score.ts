/**
 * The preference hierarchy of services.md §5.3 step 6, as data: four dimensions, each with its documented values
 * from best to worst.
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
  readonly noneLast: boolean;
  value(candidate: Candidate): string;
}

/** The criteria, the weightiest first. */
export const dimensions: readonly Dimension[] = [
  {
    name: "profile type",
    order: ["optimized", "preview", "unoptimized"],
    noneLast: false,
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
    noneLast: false,
    value: (candidate) => candidate.metric,
  },
  {
    name: "precision",
    order: ["fp4", "int4", "fp8", "int8", "fp16", "bf16", "fp32"],
    noneLast: false,
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

/** Position of a candidate on one dimension: 0 is best. Values are compared without regard to case. */
export function rank(dimension: Dimension, candidate: Candidate): number {
  const value = dimension.value(candidate).toUpperCase();
  const last = dimension.order.length + (dimension.noneLast && value === "" ? 1 : 0);
  return positions.get(dimension)?.get(value) ?? last;
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

/** Every candidate that no other one beats; several when their scores are equal. Keeps the order. */
export function best<C extends Candidate>(candidates: readonly C[]): C[] {
  let leaders: C[] = [];
  for (const candidate of candidates) {
    const sign = leaders.length === 0 ? -1 : difference(candidate, leaders[0])?.sign ?? 0;
    if (sign < 0) leaders = [candidate];
    else if (sign === 0) leaders.push(candidate);
  }
  return leaders;
}
