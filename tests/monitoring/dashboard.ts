/** The dashboard of the manifests, and what Grafana would ask for it. */

import { manifestsFolder } from "../manifests/documents.ts";
import { job } from "./alert_cases.ts";

export interface Target {
  readonly expr: string;
  /** What a line is called: text with `{{label}}` in it. */
  readonly legendFormat: string;
}

export interface Panel {
  readonly title: string;
  readonly type: "row" | "stat" | "timeseries" | "bargauge";
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly fieldConfig?: { readonly defaults: { readonly unit: string } };
  readonly targets?: readonly Target[];
}

export async function dashboardPanels(): Promise<Panel[]> {
  return JSON.parse(await Deno.readTextFile(`${manifestsFolder}/monitoring/dashboard.json`)).panels;
}

/** A query with its variables filled in, for scrapes every second. */
export function filled({ expr }: Target): string {
  return expr.replaceAll("$job", job).replaceAll("$__rate_interval", "4s").replaceAll("$__range", "1h");
}
