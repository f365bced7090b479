/** How much a scrape says of a large cluster: bounded, whatever its users name. */

import assert from "node:assert/strict";
import type { Operator } from "../operator/operator.ts";
import { askRegistries, controllers, crowded, namespaces, registries } from "./crowded_fixture.ts";
import { OperatorMetrics } from "./operator_metrics.ts";

Deno.test("10,000 namespaces, 1,000 registries: at most 6,000 series, in half a megabyte", async () => {
  const metrics = new OperatorMetrics(controllers, "lease");
  const runner = { loads: () => [] };
  metrics.watch({ cache: crowded(), runner, election: { isLeader: true } } as unknown as Operator);
  askRegistries(metrics);
  const text = await metrics.text();
  const series = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  const of = (name: string) => series.filter((line) => line.startsWith(`${name}{`));
  // A hundred registries and all others, by thirty codes and all others.
  assert.equal(of("aim_registry_requests_total").length, 101 * 31);
  assert.equal(of("aim_runtime_config_users").length, 101);
  assert.equal(of("aim_download_bytes").length, 101);
  assert.equal(of("aim_condition_false").length, 2_001);
  assert.ok(series.length < 6_000, `${series.length} series`);
  assert.ok(text.length < 500_000, `${text.length} bytes`);
  // Nothing is lost in what is not told apart.
  const sum = (name: string) =>
    of(name).reduce((total, line) => total + Number(line.slice(line.lastIndexOf(" "))), 0);
  assert.equal(sum("aim_condition_false"), 3 * namespaces);
  assert.equal(sum("aim_runtime_config_users"), namespaces);
  assert.equal(sum("aim_download_bytes"), namespaces * (namespaces - 1) / 2);
  assert.equal(sum("aim_registry_requests_total"), registries * 72);
});
