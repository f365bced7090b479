/**
 * `deno task bench:scrape`: what a scrape costs of an operator with 30,000 objects in 10,000 namespaces, how long it holds up
 * everything else, and how much longer passes take beside fifty slow scrapes a second, in turns in one run.
 */

import process from "node:process";
import { askRegistries, controllers, crowded, namespaces } from "../../lib/metrics/crowded_fixture.ts";
import { OperatorMetrics } from "../../lib/metrics/mod.ts";
import { serveMetrics } from "../../lib/process/metrics/metrics_server.ts";
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
const slowdown = await slowdownByScrapes();
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
  ...slowdown,
}));
Deno.exit(0);

/**
 * What fifty slow readers cost: all keys three times, alone and beside them, in turns. The readers are a process of their own
 * and want the machine too, so besides the time it says which part of a core this process spent on them.
 */
async function slowdownByScrapes(rounds = 3): Promise<Record<string, number>> {
  const server = await serveMetrics({
    address: { hostname: "127.0.0.1", port: 0 },
    metrics,
    log: (message, error) => console.error(message, error),
  });
  const alone = { seconds: 0, cpuSeconds: 0 };
  const beside = { seconds: 0, cpuSeconds: 0 };
  for (let round = 0; round < 2 * rounds; round++) {
    const readers = round % 2 === 0 ? undefined : slowReaders(server.port);
    if (readers !== undefined) await new Promise((resolve) => setTimeout(resolve, 2_000)); // they are at it by then
    const sum = readers === undefined ? alone : beside;
    const [began, used] = [performance.now(), process.cpuUsage()];
    for (let n = 0; n < 3; n++) {
      runner.sweep();
      await runner.settled();
    }
    const { user, system } = process.cpuUsage(used);
    sum.seconds += (performance.now() - began) / 1e3;
    sum.cpuSeconds += (user + system) / 1e6;
    readers?.kill();
    await readers?.status;
  }
  const hundredths = (value: number) => Math.round(value * 100) / 100;
  return {
    sweepsAloneSeconds: hundredths(alone.seconds),
    sweepsBesideSlowScrapesSeconds: hundredths(beside.seconds),
    coreSpentOnSlowScrapes: hundredths((beside.cpuSeconds - alone.cpuSeconds) / beside.seconds),
  };
}

function slowReaders(port: number): Deno.ChildProcess {
  const program = new URL("slow_readers.ts", import.meta.url).pathname;
  return new Deno.Command(Deno.execPath(), { args: ["run", "-A", "--no-check", program, String(port)] })
    .spawn();
}
