/**
 * What the bench must keep (`deno task bench --check`): counts, ratios and bytes that another machine or a busy one
 * does not change. Seconds are not among them. Lower a limit when its figure has become better.
 */

import type { Figures } from "./run.ts";

interface Limit {
  readonly what: string;
  readonly of: (figures: Figures) => number;
  /** By number of services: that of the largest number not above the run's counts. */
  readonly most: Readonly<Record<number, number>>;
}

export const limits: readonly Limit[] = [
  // Where few services start and one takes longer than three seconds, its status is told once more on the way.
  { what: "writes a service until Running", of: (f) => f.writesPerService, most: { 0: 9, 1000: 7.2 } },
  { what: "requests a service that are no writes", of: (f) => f.questionsPerService, most: { 0: 0 } },
  { what: "writes at rest", of: (f) => f.writesAtRest, most: { 0: 0 } },
  { what: "writes at rest beside Failed services", of: (f) => f.writesAtRestWithFailed, most: { 0: 0 } },
  { what: "writes after a restart", of: (f) => f.restartWrites, most: { 0: 0 } },
  // At few services the start of the compilers counts for more.
  { what: "CPU of the operator over a bare client", of: (f) => f.cpuOverBare, most: { 0: 8, 1000: 4.5 } },
  {
    what: "CPU of the API server over the floor",
    of: (f) => f.apiServerCpuOverFloor,
    most: { 0: 2, 1000: 1.15 },
  },
  { what: "Running over the floor", of: (f) => f.runningOverFloor, most: { 0: 3, 1000: 1.2 } },
  { what: "MB resident, idle", of: (f) => f.residentIdleMegabytes, most: { 0: 80 } },
  { what: "MB resident", of: (f) => f.residentMegabytes, most: { 0: 120, 1000: 140, 5000: 280 } },
];

/** What is over its limit, a line each. */
export function overLimits(figures: Figures): string[] {
  return limits.flatMap(({ what, of, most }) => {
    const size = Math.max(...Object.keys(most).map(Number).filter((least) => least <= figures.services));
    const figure = of(figures);
    return figure <= most[size] ? [] : [`${what}: ${figure.toFixed(2)}, at most ${most[size]}`];
  });
}
