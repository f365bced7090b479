/** The figures of the bench as a table, beside what is wanted of them (issue figures, README). */

import type { Figures } from "./run.ts";

interface Row {
  readonly what: string;
  readonly wanted: string;
  readonly figure: string;
  readonly reached: boolean | undefined;
}

/** @param mix whether the services were of all shapes */
export function table(large: Figures, small: Figures | undefined, { mix }: { mix: boolean }): string {
  const rows = mix ? rowsOf(large, small).map(ofMix) : rowsOf(large, small);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => cells(row)[column].length)));
  const lines = rows.map((row) =>
    cells(row).map((cell, column) => cell.padEnd(widths[column])).join("  ") + "  " + mark(row.reached)
  );
  const writes = Object.entries(large.writes).map(([kind, count]) =>
    `  ${String(count).padStart(6)}  ${kind}`
  );
  return [...lines, "", "Writes until all ran:", ...writes].join("\n");
}

const cells = ({ what, figure, wanted }: Row) => [what, figure, wanted];
const mark = (reached: boolean | undefined) => reached === undefined ? "" : reached ? "reached" : "MISSED";

/** Of a mix only this much is wanted: what a service writes and costs depends on its shape. */
const wantedOfMix = /^(Running over floor|writes in |the same beside|writes after)/;

function ofMix(row: Row): Row {
  return wantedOfMix.test(row.what) ? row : { ...row, wanted: "", reached: undefined };
}

function rowsOf(large: Figures, small: Figures | undefined): Row[] {
  const one = (value: number) => value.toFixed(1);
  // Shown with one digit, judged with all: 8.04 is above 8, and is shown so.
  const exact = (value: number, limit: number) =>
    value > limit && value < limit + 0.05 ? value.toFixed(3) : one(value);
  const at = (what: string, value: number, limit: number, unit: string): Row => ({
    what,
    figure: `${exact(value, limit)} ${unit}`.trim(),
    wanted: `≤ ${limit} ${unit}`.trim(),
    reached: value <= limit,
  });
  const n = large.services;
  return [
    at(`all InferenceServices, N = ${n}`, large.secondsUntilAllInferenceServices, 15, "s"),
    at(`all Running, N = ${n}`, large.secondsUntilAllRunning, 25, "s"),
    {
      what: "floor: the same writes sent blindly",
      figure: `${one(large.floorSeconds)} s`,
      wanted: "",
      reached: undefined,
    },
    at("Running over floor", large.runningOverFloor, 2, "×"),
    at("writes a service until Running", large.writesPerService, 8, ""),
    at(`writes in ${large.restSeconds} s at rest`, large.writesAtRest, 0, ""),
    at("the same beside Failed services", large.writesAtRestWithFailed, 0, ""),
    at("writes after a restart", large.restartWrites, 0, ""),
    at("quiet after a restart", large.secondsUntilQuietAfterRestart, 5, "s"),
    at("CPU of the operator", large.cpuSeconds, 8, "s"),
    {
      what: "CPU of the API server meanwhile",
      figure: `${one(large.apiServerCpuSeconds)} s`,
      wanted: "",
      reached: undefined,
    },
    at("resident, idle", large.residentIdleMegabytes, 90, "MB"),
    at(`resident, N = ${n}`, large.residentMegabytes, 220, "MB"),
    {
      what: "resident, peak",
      figure: `${one(large.residentPeakMegabytes)} MB`,
      wanted: "",
      reached: undefined,
    },
    ...(small === undefined ? [] : [
      at(
        `CPU a service, N = ${n} against N = ${small.services}`,
        large.cpuMillisecondsPerService / small.cpuMillisecondsPerService,
        1.5,
        "×",
      ),
    ]),
  ];
}
