/** The bench of several sizes as a drawing: time, writes, CPU and memory against the number of services. */

import type { Figures } from "./run.ts";

interface Line {
  readonly name: string;
  readonly of: (figures: Figures) => number;
}

interface Panel {
  readonly title: string;
  readonly unit: string;
  readonly lines: readonly Line[];
}

const panels: readonly Panel[] = [
  {
    title: "Time until all run",
    unit: "s",
    lines: [
      { name: "all Running", of: (f) => f.secondsUntilAllRunning },
      { name: "all InferenceServices", of: (f) => f.secondsUntilAllInferenceServices },
      { name: "floor: the same writes, sent blindly", of: (f) => f.floorSeconds },
    ],
  },
  {
    title: "Writes a service",
    unit: "",
    lines: [
      { name: "the operator's", of: (f) => f.writesPerService },
      { name: "its requests that are no writes", of: (f) => f.questionsPerService },
    ],
  },
  {
    title: "CPU",
    unit: "s",
    lines: [
      { name: "operator", of: (f) => f.cpuSeconds },
      { name: "a bare client with the same writes", of: (f) => f.bareCpuSeconds },
    ],
  },
  {
    title: "Resident memory",
    unit: "MB",
    lines: [
      { name: "all Running", of: (f) => f.residentMegabytes },
      { name: "idle", of: (f) => f.residentIdleMegabytes },
    ],
  },
];

const [width, height, left, top, right, bottom] = [460, 300, 50, 40, 20, 90];
const colours = ["#c8102e", "#555555", "#9a9a9a"];

/** An SVG of all panels. The text is black on white: it is shown on pages of either colour. */
export function plot(runs: readonly Figures[]): string {
  const sorted = runs.toSorted((a, b) => a.services - b.services);
  const drawn = panels.map((panel, n) =>
    `<g transform="translate(${(n % 2) * width} ${Math.floor(n / 2) * height})">${drawing(panel, sorted)}</g>`
  );
  const [wide, high] = [2 * width, Math.ceil(panels.length / 2) * height];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${wide} ${high}" font-family="sans-serif" font-size="12">`,
    `<rect width="${wide}" height="${high}" fill="white"/>`,
    ...drawn,
    "</svg>\n",
  ].join("\n");
}

function drawing({ title, unit, lines }: Panel, runs: readonly Figures[]): string {
  const [widest, highest] = [
    runs.at(-1)!.services,
    niceAbove(Math.max(...runs.flatMap((run) => lines.map(({ of }) => of(run))))),
  ];
  const x = (services: number) => round(left + (services / widest) * (width - left - right));
  const y = (value: number) => round(height - bottom - (value / highest) * (height - top - bottom));
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((part) => part * highest);
  return [
    `<text x="${left}" y="20" font-weight="bold">${title}${unit && ` (${unit})`}</text>`,
    ...ticks.map((tick) =>
      `<line x1="${left}" x2="${width - right}" y1="${y(tick)}" y2="${y(tick)}" stroke="#e0e0e0"/>` +
      `<text x="${left - 6}" y="${y(tick) + 4}" text-anchor="end">${round(tick)}</text>`
    ),
    ...labelled(runs, widest).map((run) =>
      `<text x="${x(run.services)}" y="${height - bottom + 16}" text-anchor="middle">${run.services}</text>`
    ),
    ...lines.map(({ name, of }, n) => {
      const points = runs.map((run) => `${x(run.services)},${y(of(run))}`);
      const dots = points.map((point) => point.split(",")).map(([cx, cy]) =>
        `<circle cx="${cx}" cy="${cy}" r="3" fill="${colours[n]}"/>`
      );
      const key = height - bottom + 34 + n * 16;
      return `<polyline points="${points.join(" ")}" fill="none" stroke="${colours[n]}" stroke-width="2"/>` +
        dots.join("") +
        `<rect x="${left}" y="${key - 8}" width="14" height="4" fill="${colours[n]}"/>` +
        `<text x="${left + 20}" y="${key}">${name}</text>`;
    }),
  ].join("\n");
}

/** The runs whose numbers have room below the axis. */
function labelled(runs: readonly Figures[], widest: number): Figures[] {
  const labelled: Figures[] = [];
  for (const run of runs.toReversed()) {
    const next = labelled.at(-1)?.services ?? Infinity;
    if (next - run.services >= widest / 10) labelled.push(run);
  }
  return labelled;
}

/** The least of 1, 2, 4, 10, 20, 40 … that is not below the value. */
function niceAbove(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  return [1, 2, 4, 10].map((step) => step * power).find((step) => step >= value)!;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
