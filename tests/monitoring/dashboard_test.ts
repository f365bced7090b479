/** The dashboard and the alerts on what a real Prometheus has scraped of an operator at work. */

import assert from "node:assert/strict";
import { until } from "../control_plane/until.ts";
import { alerts } from "./alerts.ts";
import { dashboardPanels, filled } from "./dashboard.ts";
import { watchedRun } from "./watched_run.ts";

Deno.test("every query of the dashboard has data, and every alert can be evaluated and is quiet", async () => {
  const queries = (await dashboardPanels()).flatMap(({ title, targets = [] }) =>
    targets.map((target) => ({ title, query: filled(target) }))
  );
  assert.ok(queries.length > 30);
  await watchedRun(15, async ({ prometheus, start }) => {
    const empty: string[] = [];
    for (const { title, query } of queries) {
      if ((await prometheus.range(query, start)).length === 0) empty.push(`${title}: ${query}`);
    }
    assert.deepEqual(empty, []);
    const rules = await until("all rules were evaluated", async () => {
      const rules = await prometheus.rules();
      return rules.every(({ health }) => health !== "unknown") && rules;
    });
    assert.deepEqual(rules.map(({ name }) => name), (await alerts()).map(({ alert }) => alert));
    assert.deepEqual(rules.filter(({ health, state }) => health !== "ok" || state === "firing"), []);
  });
});
