/**
 * The `process_*` metrics. prom-client's own read `/proc`, which Deno gives to nobody but with all permissions;
 * what a process may know of itself without is here.
 */

import process from "node:process";
import { Counter, Gauge, type Registry } from "prom-client";

export function registerProcessMetrics(registry: Registry): void {
  const registers = [registry];
  new Counter({
    name: "process_cpu_seconds_total",
    help: "CPU time used, in seconds.",
    registers,
    collect() {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc((user + system) / 1e6);
    },
  });
  new Gauge({
    name: "process_resident_memory_bytes",
    help: "Resident memory.",
    registers,
    collect() {
      this.set(Deno.memoryUsage().rss);
    },
  });
  new Gauge({
    name: "process_heap_bytes",
    help: "Heap of JavaScript in use.",
    registers,
    collect() {
      this.set(Deno.memoryUsage().heapUsed);
    },
  });
  new Gauge({
    name: "process_start_time_seconds",
    help: "When the process started, in seconds since 1970.",
    registers,
    collect() {
      this.set(performance.timeOrigin / 1000);
    },
  });
}
