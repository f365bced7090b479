/** The dashboard as a drawing, of the series that a Prometheus gave for it. */

import { type Panel, type Target } from "./dashboard.ts";
import type { Series } from "./prometheus.ts";

export interface DrawnPanel extends Panel {
  /** What each target gave. */
  readonly given: readonly { readonly target: Target; readonly series: readonly Series[] }[];
}

/** A line of a panel. */
interface Line {
  readonly name: string;
  readonly values: Series["values"];
}

/** Pixels a unit of Grafana's grid. */
const [wide, high] = [50, 26];
const colours = ["#c8102e", "#1f77b4", "#2ca02c", "#9467bd", "#ff7f0e", "#555555", "#17becf", "#bcbd22"];
/** So many lines, the highest ones, have a name below their panel. */
const named = 6;

/** An SVG; text is black on white, for pages of either colour. */
export function picture(panels: readonly DrawnPanel[]): string {
  const bottom = Math.max(...panels.map(({ gridPos: { y, h } }) => y + h)) * high;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${
      24 * wide
    } ${bottom}" font-family="sans-serif" font-size="11">`,
    `<rect width="${24 * wide}" height="${bottom}" fill="white"/>`,
    ...panels.map((panel) => {
      const { x, y } = panel.gridPos;
      return `<g transform="translate(${x * wide} ${y * high})">${drawing(panel)}</g>`;
    }),
    "</svg>\n",
  ].join("\n");
}

function drawing(panel: DrawnPanel): string {
  const { title, type, gridPos: { w, h } } = panel;
  if (type === "row") return `<text x="8" y="18" font-weight="bold" font-size="14">${escaped(title)}</text>`;
  const lines = panel.given.flatMap(({ target: { legendFormat }, series }) =>
    series.map(({ metric, values }): Line => ({ name: legend(legendFormat, metric), values }))
  ).sort((a, b) => highestOf(b) - highestOf(a));
  const size = { width: w * wide - 8, height: h * high - 8 };
  return [
    `<rect x="4" y="4" width="${size.width}" height="${size.height}" fill="none" stroke="#d0d0d0"/>`,
    `<text x="12" y="20" font-weight="bold">${escaped(title)}</text>`,
    type === "timeseries" ? graph(panel, lines, size) : bars(panel, lines),
  ].join("");
}

interface Size {
  readonly width: number;
  readonly height: number;
}

function graph(panel: Panel, lines: readonly Line[], { width, height }: Size): string {
  const [left, right, top, bottom] = [56, width - 6, 30, height - 44];
  const moments = lines.flatMap(({ values }) => values.map(([at]) => at));
  const [first, last] = [Math.min(...moments), Math.max(...moments)];
  const unit = panel.fieldConfig?.defaults.unit ?? "short";
  const highest = (unit === "bytes" ? powerOfTwoAbove : niceAbove)(Math.max(...lines.map(highestOf)));
  const x = (at: number) => tenths(left + (at - first) / Math.max(1, last - first) * (right - left));
  const y = (value: number) => tenths(bottom - value / highest * (bottom - top));
  return [
    ...[0, 0.5, 1].map((part) =>
      `<line x1="${left}" x2="${right}" y1="${y(part * highest)}" y2="${
        y(part * highest)
      }" stroke="#e8e8e8"/>` +
      `<text x="${left - 4}" y="${y(part * highest) + 4}" text-anchor="end">${
        said(part * highest, unit)
      }</text>`
    ),
    `<text x="${right}" y="${bottom + 14}" text-anchor="end">${Math.round(last - first)} s</text>`,
    ...lines.map(({ values }, n) =>
      `<polyline fill="none" stroke="${colours[n % colours.length]}" stroke-width="1.5" points="${
        values.map(([at, value]) => `${x(at)},${y(value)}`).join(" ")
      }"/>`
    ),
    legendOf(lines, width, height),
  ].join("");
}

/** Names of the highest lines, in columns below the graph, each cut to its column. */
function legendOf(lines: readonly Line[], width: number, height: number): string {
  const columns = Math.min(3, Math.max(1, Math.floor(width / 130)));
  const letters = Math.floor((width / columns - 16) / 6.2);
  return lines.slice(0, Math.min(named, columns * 2)).map(({ name }, n) => {
    const [at, row] = [12 + (n % columns) * width / columns, height - 16 + Math.floor(n / columns) * 13];
    const short = name.length > letters ? `${name.slice(0, letters - 1)}…` : name;
    return `<rect x="${tenths(at)}" y="${row - 6}" width="8" height="3" fill="${colours[n]}"/>` +
      `<text x="${tenths(at) + 11}" y="${row}" font-size="10">${escaped(short)}</text>`;
  }).join("");
}

/** The last value of each line. */
function bars(panel: Panel, lines: readonly Line[]): string {
  const unit = panel.fieldConfig?.defaults.unit ?? "short";
  return lines.map(({ name, values }, n) =>
    `<text x="16" y="${42 + n * 16}"><tspan font-weight="bold">${said(values.at(-1)![1], unit)}</tspan> ${
      escaped(name)
    }</text>`
  ).join("");
}

function legend(format: string, metric: Series["metric"]): string {
  return format.replaceAll(/\{\{(\w+)\}\}/g, (_, label) => metric[label] ?? "");
}

/** A value in the unit that Grafana would write. */
function said(value: number, unit: string): string {
  if (unit === "dateTimeFromNow") return new Date(value).toISOString().slice(11, 16);
  if (unit === "bytes") {
    const power = value < 1024 ? 0 : Math.min(4, Math.floor(Math.log2(value) / 10));
    return `${tenths(value / 1024 ** power)} ${["B", "KiB", "MiB", "GiB", "TiB"][power]}`;
  }
  const suffix = { s: " s", ops: "/s", reqps: "/s" }[unit] ?? "";
  if (unit === "s" && value < 1) return `${tenths(value * 1000)} ms`;
  return `${Number(value.toPrecision(3))}${suffix}`;
}

/** The least of 1, 2, 5, 10, 20, 50 … times a power of ten that is not below the value. */
function niceAbove(value: number): number {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= value)!;
}

function powerOfTwoAbove(value: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(value, 1)));
}

function highestOf({ values }: Line): number {
  return Math.max(...values.map(([, value]) => value));
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
