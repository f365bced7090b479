/**
 * `deno task bench:scrape`: what a scrape costs of an operator with 30,000 objects in 10,000 namespaces, how long it holds up
 * everything else, and how much longer passes take beside fifty slow scrapes a second, in turns in one run. It ends with 1 where that is
 * more than a tenth, or where scrapes did not go as they should.
 */

import process from "node:process";
import { askRegistries, controllers, crowded, namespaces } from "../../lib/metrics/crowded_fixture.ts";
import { OperatorMetrics } from "../../lib/metrics/mod.ts";
import { selfSigned } from "../../lib/process/metrics/metrics_certificate.ts";
import { serveMetrics } from "../../lib/process/metrics/metrics_server.ts";
import { systemClock } from "../../lib/operator/core/clock.ts";
import type { Operator } from "../../lib/operator/operator.ts";
import { Runner, type RunnerOptions } from "../../lib/operator/runner/runner.ts";
import { type Scrapes, startSlowReaders } from "./slow_readers.ts";

const scrapes = 50;
/** How many times as long passes may take beside slow readers. */
const mostDelay = 1.1;

/** How the readers of one round are. */
interface Readers {
  readonly what: string;
  readonly tls: boolean;
  /** How long each takes for an answer. */
  readonly milliseconds: number;
}

/**
 * Half a second each is twenty-five answers on their way at a time. Of five seconds each the operating system's buffers take most: an
 * answer counts as on its way until the last of it is in them.
 */
const kindsOfReaders: readonly Readers[] = [
  { what: "half a second", tls: false, milliseconds: 500 },
  { what: "half a second, TLS", tls: true, milliseconds: 500 },
  { what: "five seconds", tls: false, milliseconds: 5_000 },
];

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
const beside = await besideSlowReaders();
await runner.stop();
console.log(JSON.stringify(
  {
    namespaces,
    keys: runner.sizes.keys,
    series: text.split("\n").filter((line) => line !== "" && !line.startsWith("#")).length,
    bytes: text.length,
    cpuMillisecondsAScrape: Math.round((user + system) / 1e3 / scrapes * 10) / 10,
    holdMilliseconds: {
      median: Math.round(holds.toSorted((a, b) => a - b)[scrapes / 2] * 10) / 10,
      longest: Math.round(Math.max(...holds) * 10) / 10,
    },
    beside,
  },
  undefined,
  2,
));
const faults = beside.flatMap(faultsOf);
for (const fault of faults) console.error(fault);
Deno.exit(faults.length > 0 ? 1 : 0);

interface Beside {
  readonly what: string;
  /** Time of the same passes, over that without readers. */
  readonly ratio: number;
  readonly seconds: number;
  readonly secondsAlone: number;
  /** Of this process: what the readers cost it. The readers are a process of their own, and want the machine too. */
  readonly coreSpent: number;
  readonly scrapes: Scrapes;
}

/** All keys again and again, for some seconds, alone and beside each kind of readers, in turns. */
async function besideSlowReaders(rounds = 3): Promise<Beside[]> {
  const sweeps = await sweepsThatTake(4);
  const rows = kindsOfReaders.map((readers) => ({
    readers,
    alone: { seconds: 0, cpuSeconds: 0 },
    beside: { seconds: 0, cpuSeconds: 0 },
    scrapes: [] as Scrapes[],
  }));
  const pair = await selfSigned(["localhost"]);
  for (let round = 0; round < rounds; round++) {
    for (const { readers, alone, beside, scrapes } of rows) {
      await sweepInto(alone, sweeps);
      const server = await serveMetrics({
        address: { hostname: "127.0.0.1", port: 0 },
        metrics,
        secure: readers.tls
          ? { certificate: pair, http2: false, mayGet: () => Promise.resolve("allowed" as const) }
          : undefined,
        log: (message, error) => console.error(message, error),
      });
      const started = startSlowReaders({
        port: server.port,
        bytes: new TextEncoder().encode(text).length * 0.9, // a figure may have fewer digits then
        milliseconds: readers.milliseconds,
        authority: readers.tls ? pair.cert : undefined,
      });
      // As many are at it by then as ever will be.
      await new Promise((resolve) => setTimeout(resolve, readers.milliseconds + 1_500));
      await sweepInto(beside, sweeps);
      scrapes.push(await started.stop());
      server.close();
    }
  }
  return rows.map(({ readers: { what }, alone, beside, scrapes }) => ({
    what,
    ratio: hundredths(beside.seconds / alone.seconds),
    seconds: hundredths(beside.seconds),
    secondsAlone: hundredths(alone.seconds),
    coreSpent: hundredths((beside.cpuSeconds - alone.cpuSeconds) / beside.seconds),
    scrapes: sumOf(scrapes),
  }));
}

/** How many passes over all keys take at least so many seconds. */
async function sweepsThatTake(seconds: number): Promise<number> {
  const spent = { seconds: 0, cpuSeconds: 0 };
  let sweeps = 0;
  for (; spent.seconds < seconds; sweeps++) await sweepInto(spent, 1);
  return sweeps;
}

async function sweepInto(sum: { seconds: number; cpuSeconds: number }, sweeps: number): Promise<void> {
  const [began, used] = [performance.now(), process.cpuUsage()];
  for (let n = 0; n < sweeps; n++) {
    runner.sweep();
    await runner.settled();
  }
  const { user, system } = process.cpuUsage(used);
  sum.seconds += (performance.now() - began) / 1e3;
  sum.cpuSeconds += (user + system) / 1e6;
}

function sumOf(all: readonly Scrapes[]): Scrapes {
  const sum = (of: (each: Scrapes) => number) => all.reduce((total, each) => total + of(each), 0);
  return {
    begun: sum(({ begun }) => begun),
    answered: sum(({ answered }) => answered),
    refused: sum(({ refused }) => refused),
    failed: sum(({ failed }) => failed),
    fault: all.find(({ fault }) => fault !== undefined)?.fault,
    medianMilliseconds: Math.min(...all.map(({ medianMilliseconds }) => medianMilliseconds)),
  };
}

/** What must not be: passes that are delayed, scrapes that fail, and readers who were not as slow, or as many, as they should. */
function faultsOf({ what, ratio, scrapes }: Beside): string[] {
  const { milliseconds } = kindsOfReaders.find((each) => each.what === what)!;
  const { begun, answered, refused, failed, fault, medianMilliseconds } = scrapes;
  const isServedWhole = milliseconds < 1_000;
  return [
    ...ratio > mostDelay ? [`passes took ${ratio} times as long, at most ${mostDelay}`] : [],
    ...failed > 0 ? [`${failed} of ${begun} scrapes failed: ${fault}`] : [],
    ...isServedWhole && refused > 0 ? [`${refused} of ${begun} scrapes were refused`] : [],
    ...answered === 0 ? ["no scrape was answered"] : [],
    ...medianMilliseconds < 0.8 * milliseconds
      ? [`an answer was taken in ${medianMilliseconds} ms instead of ${milliseconds}`]
      : [],
  ].map((line) => `readers of ${what}: ${line}`);
}

function hundredths(value: number): number {
  return Math.round(value * 100) / 100;
}
