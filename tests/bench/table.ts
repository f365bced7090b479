/** The figures of the bench as a table, beside what is wanted of them (README). */

import type { Figures } from "./run.ts";

/** The figures of one operator: of the run, and of a small one where there was one. */
export interface Column {
  readonly name: string;
  readonly large: Figures;
  readonly small?: Figures;
}

interface Row {
  readonly what: string;
  readonly unit: string;
  readonly of: (column: Column) => number | undefined;
  /** At most so much is wanted of the first column; undefined: nothing is. */
  readonly wanted?: number;
}

/** @param mix whether the services were of all shapes */
export function table(columns: readonly Column[], { mix }: { readonly mix: boolean }): string {
  const rows = rowsOf(columns[0]).map((row) =>
    !mix || wantedOfMix.has(row.what) ? row : { ...row, wanted: undefined }
  );
  const head = columns.length > 1 ? [["", ...columns.map(({ name }) => name), "wanted", ""]] : [];
  const lines = aligned([...head, ...rows.map((row) => cells(row, columns))]);
  const writes = columns.map(({ name, large }) =>
    [
      columns.length > 1 ? `Writes of ${name} until all ran:` : "Writes until all ran:",
      ...Object.entries(large.writes).map(([kind, count]) => `  ${String(count).padStart(6)}  ${kind}`),
    ].join("\n")
  );
  return [lines.join("\n"), ...writes].join("\n\n");
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  return rows.map((row) => row.map((cell, i) => cell.padEnd(widths[i])).join("  ").trimEnd());
}

function cells({ what, unit, of, wanted }: Row, columns: readonly Column[]): string[] {
  const figures = columns.map((column) => shown(of(column), wanted, unit));
  if (wanted === undefined) return [what, ...figures, "", ""];
  const figure = of(columns[0]);
  const mark = figure === undefined ? "" : figure <= wanted ? "reached" : "MISSED";
  return [what, ...figures, `≤ ${wanted} ${unit}`.trimEnd(), mark];
}

/** Shown with one digit, judged with all: 8.04 is above 8, and is shown so. */
function shown(figure: number | undefined, wanted: number | undefined, unit: string): string {
  if (figure === undefined) return "–";
  const isClose = wanted !== undefined && Math.abs(figure - wanted) < 0.1 && figure !== wanted;
  return `${figure.toFixed(isClose ? 2 : 1)} ${unit}`.trimEnd();
}

/** Of a mix only this much is wanted: what a service writes and costs depends on its shape. */
const wantedOfMix = new Set([
  "Running over floor",
  "writes at rest",
  "the same beside Failed services",
  "writes after a restart",
  "requests a service that are no writes",
]);

/** What is wanted of memory depends on the number of services. */
function residentWanted(services: number): number | undefined {
  return services <= 1_000 ? 140 : services <= 5_000 ? 320 : undefined;
}

function rowsOf({ large: { services }, small }: Column): Row[] {
  const row = (
    what: string,
    unit: string,
    of: (figures: Figures) => number | undefined,
    wanted?: number,
  ): Row => ({
    what,
    unit,
    of: ({ large }) => of(large),
    wanted,
  });
  return [
    row(`all InferenceServices, N = ${services}`, "s", (f) => f.secondsUntilAllInferenceServices),
    row(`all Running, N = ${services}`, "s", (f) => f.secondsUntilAllRunning),
    row("floor: the writes of everybody, sent blindly", "s", (f) => f.floorSeconds),
    row("Running over floor", "×", (f) => f.runningOverFloor, 1.2),
    row("writes a service until Running", "", (f) => f.writesPerService, 7.05),
    row("requests a service that are no writes", "", (f) => f.questionsPerService, 0),
    row("writes at rest", "", (f) => f.writesAtRest, 0),
    row("the same beside Failed services", "", (f) => f.writesAtRestWithFailed, 0),
    row("writes after a restart", "", (f) => f.restartWrites, 0),
    row("quiet after a restart", "s", (f) => f.secondsUntilQuietAfterRestart, 5),
    row("first reconcile after the start, empty cluster", "s", (f) => f.coldStartSeconds.empty, 0.7),
    row(`first reconcile after the start, N = ${services}`, "s", (f) => f.coldStartSeconds.full, 2),
    row("CPU of everybody until all ran", "s", (f) => f.everybodyCpuSeconds),
    row("CPU of the operator", "s", (f) => f.cpuSeconds),
    row("the same over a bare client's", "×", (f) => f.cpuOverBare, 4),
    ...(small === undefined ? [] : [{
      what: `CPU a service, N = ${services} against N = ${small.services}`,
      unit: "×",
      of: ({ large, small }: Column) =>
        small && large.cpuMillisecondsPerService / small.cpuMillisecondsPerService,
      wanted: 1.1,
    }]),
    row("CPU of the API server meanwhile", "s", (f) => f.apiServerCpuSeconds),
    row("the same over the floor's", "×", (f) => f.apiServerCpuOverFloor, 1.15),
    row("resident, idle", "MB", (f) => f.residentIdleMegabytes, 75),
    row(`resident, N = ${services}`, "MB", (f) => f.residentMegabytes, residentWanted(services)),
    row("resident, peak", "MB", (f) => f.residentPeakMegabytes),
  ];
}
