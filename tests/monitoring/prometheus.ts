/** A Prometheus of its own program beside a cluster, which scrapes one operator. */

import { join } from "node:path";
import type { Cluster } from "../control_plane/cluster.ts";
import { buildParts } from "../control_plane/build/build.ts";
import { freePort } from "../control_plane/processes/ports.ts";
import { job } from "./alert_cases.ts";
import { alertRules } from "./alerts.ts";

/** A series over time: seconds since 1970 and value. */
export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [at: number, value: number])[];
}

/** A rule as Prometheus judges it. */
export interface JudgedRule {
  readonly name: string;
  readonly health: string;
  readonly state: string;
  readonly lastError?: string;
}

export class Prometheus {
  constructor(private readonly url: string) {}

  /** Values every second from then (seconds since 1970) until now; what is no number is left out. */
  async range(query: string, start: number): Promise<Series[]> {
    const form = new URLSearchParams({
      query,
      start: String(start),
      end: String(Date.now() / 1000),
      step: "1",
    });
    const { result } = await this.#ask(`/api/v1/query_range?${form}`) as {
      result: { metric: Series["metric"]; values: [number, string][] }[];
    };
    return result.map(({ metric, values }) => ({
      metric,
      values: values.map(([at, value]) => [at, Number(value)] as const).filter(([, value]) =>
        Number.isFinite(value)
      ),
    })).filter(({ values }) => values.length > 0);
  }

  /** The alerts of the manifests, once all have been evaluated. */
  async rules(): Promise<JudgedRule[]> {
    const { groups } = await this.#ask("/api/v1/rules") as { groups: { rules: JudgedRule[] }[] };
    return groups.flatMap(({ rules }) => rules);
  }

  async #ask(path: string): Promise<unknown> {
    const { status, data, error } = await (await fetch(`${this.url}${path}`)).json();
    if (status !== "success") throw new Error(`${path}: ${error}`);
    return data;
  }
}

/** Starts it with the rules of the manifests; it scrapes that port of loopback every second, as the ServiceMonitor says. */
export async function startPrometheus(cluster: Cluster, scraped: number): Promise<Prometheus> {
  const { programs } = await buildParts({ programs: ["prometheus"], yaml: [] });
  const file = (name: string) => join(cluster.folder, name);
  await Deno.writeTextFile(file("rules.json"), JSON.stringify(await alertRules()));
  await Deno.writeTextFile(
    file("prometheus.json"),
    JSON.stringify({
      global: { scrape_interval: "1s", evaluation_interval: "1s" },
      rule_files: [file("rules.json")],
      scrape_configs: [{
        job_name: job,
        honor_labels: true,
        static_configs: [{ targets: [`127.0.0.1:${scraped}`], labels: { namespace: "aim-system" } }],
      }],
    }),
  );
  const port = freePort();
  const url = `http://127.0.0.1:${port}`;
  await cluster.run({
    name: "prometheus",
    program: programs.prometheus,
    args: [
      `--config.file=${file("prometheus.json")}`,
      `--storage.tsdb.path=${file("prometheus")}`,
      `--web.listen-address=127.0.0.1:${port}`,
      "--log.level=warn",
    ],
    ready: async () => {
      const answer = await fetch(`${url}/-/ready`);
      await answer.body?.cancel();
      return answer.ok;
    },
  });
  return new Prometheus(url);
}
