/** The alerts, judged by Prometheus' own promtool. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { buildParts } from "../control_plane/build/build.ts";
import { type AlertCase, alertCases, job } from "./alert_cases.ts";
import { alertRules, alerts } from "./alerts.ts";

const folder = await Deno.makeTempDir({ prefix: "aim-alerts-" });
const { programs: { promtool } } = await buildParts({ programs: ["promtool"], yaml: [] });
const rulesFile = join(folder, "rules.json");
await Deno.writeTextFile(rulesFile, JSON.stringify(await alertRules()));

Deno.test.afterAll(() => Deno.remove(folder, { recursive: true }));

async function run(...args: string[]): Promise<{ success: boolean; said: string }> {
  const { success, stdout, stderr } = await new Deno.Command(promtool, { args, cwd: folder }).output();
  return { success, said: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}

Deno.test("promtool finds nothing to object to in the rules", async () => {
  const { success, said } = await run("check", "rules", "--lint=all", "--lint-fatal", rulesFile);
  assert.ok(success, said);
  assert.match(said, new RegExp(`SUCCESS: ${(await alerts()).length} rules found`));
});

for (const { alert, labels: { severity } } of await alerts()) {
  Deno.test(`${alert} fires when it should, and else not`, async () => {
    const cases = alertCases[alert] ?? [];
    assert.ok(cases.some(({ fires }) => fires !== undefined), "no case in which it fires");
    assert.ok(cases.some(({ fires }) => fires === undefined), "no case in which it is quiet");
    const file = join(folder, `${alert}.json`);
    const tests = cases.map((each) => unitTest(alert, severity, each));
    await Deno.writeTextFile(file, JSON.stringify({ rule_files: [rulesFile], tests }));
    const { success, said } = await run("test", "rules", file);
    assert.ok(success, said);
  });
}

/** A case in promtool's own form. */
function unitTest(alertname: string, severity: string, { says, series, at, fires = [] }: AlertCase): object {
  return {
    name: says,
    interval: "1m",
    input_series: Object.entries(series).map(([name, values]) => ({ series: withJob(name), values })),
    promql_expr_test: [{
      expr: `ALERTS{alertname="${alertname}", alertstate="firing"}`,
      eval_time: at,
      exp_samples: fires.map((labels) => ({
        labels: selector("ALERTS", { alertname, alertstate: "firing", severity, ...labels }),
        value: 1,
      })),
    }],
  };
}

function withJob(series: string): string {
  const [name, labels = ""] = series.replace(/\}$/, "").split("{");
  return `${name}{${[`job="${job}"`, ...(labels === "" ? [] : [labels])].join(",")}}`;
}

function selector(name: string, labels: Readonly<Record<string, string>>): string {
  const said = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  return `${name}{${said.join(", ")}}`;
}
