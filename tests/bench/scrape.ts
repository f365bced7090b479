/**
 * `deno task bench:scrape`: what a scrape costs of an operator with 30,000 objects in 10,000 namespaces, and how long it
 * holds up everything else.
 */

import process from "node:process";
import { askRegistries, controllers, crowded, namespaces } from "../../lib/metrics/crowded_fixture.ts";
import { OperatorMetrics } from "../../lib/metrics/mod.ts";
import { systemClock } from "../../lib/operator/core/clock.ts";
import type { Operator } from "../../lib/operator/operator.ts";
import { Runner, type RunnerOptions } from "../../lib/operator/runner/runner.ts";

const scrapes = 50;

const metrics = new OperatorMetrics(controllers, "lease");
const cache = crowded();
for (const store of cache.stores()) {
  store.kind.selectors.forEach((_, selector) => {
    const items = [...store.keys()].map((key) => {
      const [namespace, name] = key.split("/");
      return store.get(namespace, name)!;
    });
    store.sink(selector).replaced(items, "1000000");
  });
}
const runner = new Runner({
  cache,
  controllers,
  clock: systemClock,
  gate: { mayWrite: () => false },
  writer: {} as RunnerOptions["writer"],
  hooks: {
    reconciled() {},
    crashed() {},
    missedWakeup() {},
    note() {},
    applied() {},
    statusWritten() {},
    failed() {},
  },
});
metrics.watch({ cache, runner, election: { isLeader: true } } as unknown as Operator);
askRegistries(metrics);
runner.start();
await runner.settled();
for (let n = 0; n < 5; n++) await metrics.text(); // compiled by then

/** How long, at most, a timer of no time was late since it was last looked at. */
let late = 0;
let last = performance.now();
const ticker = setInterval(() => {
  const now = performance.now();
  late = Math.max(late, now - last);
  last = now;
}, 0);
const began = process.cpuUsage();
const holds: number[] = [];
let text = "";
for (let n = 0; n < scrapes; n++) {
  late = 0;
  text = await metrics.text();
  await new Promise((resolve) => setTimeout(resolve, 20));
  holds.push(late);
}
clearInterval(ticker);
const { user, system } = process.cpuUsage(began);
await runner.stop();
console.log(JSON.stringify({
  namespaces,
  keys: runner.sizes.keys,
  series: text.split("\n").filter((line) => line !== "" && !line.startsWith("#")).length,
  bytes: text.length,
  cpuMillisecondsAScrape: Math.round((user + system) / 1e3 / scrapes * 10) / 10,
  holdMilliseconds: {
    median: Math.round(holds.toSorted((a, b) => a - b)[scrapes / 2] * 10) / 10,
    longest: Math.round(Math.max(...holds) * 10) / 10,
  },
}));
Deno.exit(0);
