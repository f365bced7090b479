/**
 * The `process_*` metrics. prom-client's own read `/proc`, which Deno gives to nobody but with all permissions;
 * what a process may know of itself without is here.
 */

import process from "node:process";
import { Counter, Gauge, type Registry } from "prom-client";
import { type Definition, processCounters, processGauges } from "./definitions.ts";

export function registerProcessMetrics(registry: Registry): void {
  const registers = [registry];
  const counter = ({ name, help }: Definition<never>, seconds: () => number) =>
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(seconds());
      },
    });
  const gauge = ({ name, help }: Definition<never>, value: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value());
      },
    });
  counter(processCounters.cpu, () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
  gauge(processGauges.resident, () => Deno.memoryUsage().rss);
  gauge(processGauges.heap, () => Deno.memoryUsage().heapUsed);
  gauge(processGauges.start, () => performance.timeOrigin / 1000);
}
