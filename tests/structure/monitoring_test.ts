/** Alerts, dashboard and runbooks against the metrics that there are. */

import assert from "node:assert/strict";
import { definitions } from "../../lib/metrics/definitions.ts";
import { documentAt } from "../documents/markdown.ts";
import { documentsBelow, named } from "../manifests/documents.ts";
import { job } from "../monitoring/alert_cases.ts";
import { alerts } from "../monitoring/alerts.ts";
import { dashboardPanels } from "../monitoring/dashboard.ts";

/** What a scrape adds to every series. */
const ofTarget = ["job", "namespace", "instance"];
const labelsOf = new Map([
  ["up", []],
  ...definitions.flatMap(({ name, type, labels }): [string, string[]][] => {
    const names = Object.keys(labels);
    return type === "histogram" ? [[`${name}_bucket`, [...names, "le"]]] : [[name, names]];
  }),
] as [string, string[]][]);

const queries = [
  ...(await alerts()).map(({ alert, expr }) => ({ where: alert, expr })),
  ...(await dashboardPanels()).flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({ where: title, expr }))
  ),
];

/** Metrics that a query names without saying of which job. */
function withoutBraces(expr: string): string[] {
  const rest = expr.replaceAll(/"[^"]*"/g, '""')
    .replaceAll(/\b[a-z_]\w*\{[^}]*\}/g, " ")
    .replaceAll(/\[[^\]]*\]/g, " ")
    .replaceAll(/\b(by|on|without|ignoring|group_left|group_right)\s*\([^)]*\)/g, " ");
  const words = [...rest.matchAll(/(?<![\w$.])[a-z_]\w*\b(?!\s*\()/g)].map(([word]) => word);
  return words.filter((word) => !["and", "or", "unless", "bool", "offset", "inf"].includes(word));
}

Deno.test("a metric without braces is seen, beside functions, labels and words of the language", () => {
  assert.deepEqual(withoutBraces('sum by (le) (rate(a_total{job="j"}[5m])) > bool 1e3 or vector(0)'), []);
  assert.deepEqual(withoutBraces('a{job="j"} / on (x) group_left (y) b_total'), ["b_total"]);
  assert.deepEqual(withoutBraces("rate(c_total[5m]) > 0"), ["c_total"]);
});

Deno.test("alerts and dashboard ask for metrics and labels that there are, of our job only", () => {
  for (const { where, expr } of queries) {
    const selectors = [...expr.matchAll(/([a-z]\w+)\{([^}]*)\}/g)];
    assert.ok(selectors.length > 0, where);
    assert.deepEqual(withoutBraces(expr), [], `${where}: of any job`);
    const known = new Set(ofTarget);
    for (const [, metric, matchers] of selectors) {
      const labels = labelsOf.get(metric);
      assert.ok(labels !== undefined, `${where}: there is no ${metric}`);
      for (const label of labels) known.add(label);
      const asked = [...matchers.matchAll(/(\w+)\s*(=~|!=|!~|=)/g)].map(([, label]) => label);
      assert.ok(asked.includes("job"), `${where}: ${metric} of any job`);
      for (const label of asked) assert.ok([...labels, ...ofTarget].includes(label), `${where}: ${label}`);
    }
    for (const [, list] of expr.matchAll(/\b(?:by|on) \(([^)]*)\)/g)) {
      for (const label of list.split(", ")) assert.ok(known.has(label), `${where}: no label ${label}`);
    }
  }
});

Deno.test("the job of alerts and dashboard is that of the Service", async () => {
  const service = named(
    await documentsBelow("operator"),
    "Service",
    "aim-engine-controller-manager-metrics-service",
  );
  assert.equal(service.metadata?.name, job);
  for (const { alert, expr } of await alerts()) assert.ok(expr.includes(`job="${job}"`), alert);
});

Deno.test("every alert has its page, and every page its alert", async () => {
  const { anchors } = documentAt("docs/runbooks.md");
  const all = await alerts();
  for (const { alert, annotations: { runbook_url } } of all) {
    assert.equal(runbook_url, `docs/runbooks.md#${alert.toLowerCase()}`);
    assert.ok(anchors.has(alert.toLowerCase()), `docs/runbooks.md has no heading ${alert}`);
  }
  const names = new Set(all.map(({ alert }) => alert.toLowerCase()));
  assert.deepEqual([...anchors].filter((anchor) => anchor !== "runbooks" && !names.has(anchor)), []);
});

Deno.test("what an alert's text names is a label of it", async () => {
  for (const { alert, expr, annotations } of await alerts()) {
    const grouped = /\bby \(([^)]*)\)/.exec(expr)?.[1].split(", ");
    for (const [, label] of Object.values(annotations).join().matchAll(/\$labels\.(\w+)/g)) {
      assert.ok((grouped ?? ofTarget).includes(label), `${alert}: ${label}`);
    }
  }
});

Deno.test("the memory that an alert goes by is the limit of the manifests", async () => {
  const { spec } = named(
    await documentsBelow("operator"),
    "Deployment",
    "aim-engine-controller-manager",
  );
  assert.equal(spec.template.spec.containers[0].resources.limits.memory, "4Gi");
  const memory = (await alerts()).find(({ alert }) => alert === "AimOperatorMemory")!;
  assert.ok(memory.expr.includes("0.9 * 4 * 1024 ^ 3"), memory.expr);
});

Deno.test("the dashboard has a place for every panel, and no two in one", async () => {
  const taken = new Set<string>();
  for (const { title, gridPos: { x, y, w, h } } of await dashboardPanels()) {
    assert.ok(x + w <= 24, title);
    for (let column = x; column < x + w; column++) {
      for (let row = y; row < y + h; row++) {
        assert.ok(!taken.has(`${column} ${row}`), title);
        taken.add(`${column} ${row}`);
      }
    }
  }
});
