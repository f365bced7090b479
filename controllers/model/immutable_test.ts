import assert from "node:assert/strict";
import type { ServiceTemplateSpec } from "../../lib/api/mod.ts";
import { immutableChanges } from "./immutable.ts";
import type { Template } from "./scope.ts";

const of = (spec: Partial<ServiceTemplateSpec>) => ({ spec: { modelName: "m", ...spec } }) as Template;
const gpu = (gpu: Record<string, unknown>) => ({ hardware: { gpu } }) as Partial<ServiceTemplateSpec>;
const cpu = (cpu: Record<string, unknown>) => ({ hardware: { cpu } }) as Partial<ServiceTemplateSpec>;

// api.md §10.1: set once, these fields never change to another value; setting and removing is allowed.
const rows: [what: string, Partial<ServiceTemplateSpec>, Partial<ServiceTemplateSpec>, string[]][] = [
  ["nothing", {}, {}, []],
  ["the same metric", { metric: "latency" }, { metric: "latency" }, []],
  ["another metric", { metric: "latency" }, { metric: "throughput" }, ["metric"]],
  ["a first metric", {}, { metric: "latency" }, []],
  ["no metric any more", { metric: "latency" }, {}, []],
  ["another precision", { precision: "fp8" }, { precision: "fp16" }, ["precision"]],
  ["a first precision", {}, { precision: "fp8" }, []],
  ["no precision any more", { precision: "fp8" }, {}, []],
  ["both, and hardware", { metric: "latency", precision: "fp8", ...gpu({ requests: 1 }) }, {
    metric: "throughput",
    precision: "fp16",
    ...gpu({ requests: 2 }),
  }, ["metric", "precision", "hardware"]],
  ["first hardware", {}, gpu({ requests: 1 }), []],
  ["no hardware any more", gpu({ requests: 1 }), {}, []],
  ["another GPU", gpu({ model: "MI300X" }), gpu({ model: "MI325X" }), ["hardware"]],
  ["a GPU in place of a CPU", cpu({ requests: "1" }), gpu({ requests: 1 }), ["hardware"]],
  [
    "the resource's default written out",
    gpu({ requests: 1 }),
    gpu({ requests: 1, resourceName: "amd.com/gpu" }),
    [],
  ],
  ["another resource", gpu({ requests: 1 }), gpu({ requests: 1, resourceName: "x.com/gpu" }), ["hardware"]],
  ["memory in other words", gpu({ minVram: "64Gi" }), gpu({ minVram: "65536Mi" }), []],
  ["more memory", gpu({ minVram: "64Gi" }), gpu({ minVram: "65Gi" }), ["hardware"]],
  ["CPUs in other words", cpu({ requests: "1", limits: "2" }), cpu({ requests: "1000m", limits: 2 }), []],
  ["another CPU limit", cpu({ requests: "1", limits: "2" }), cpu({ requests: "1", limits: "3" }), [
    "hardware",
  ]],
  ["no CPU limit any more", cpu({ requests: "1", limits: "2" }), cpu({ requests: "1" }), ["hardware"]],
];
for (const [what, now, then, changed] of rows) {
  Deno.test(`a template that would have ${what}: ${changed.join(", ") || "nothing"} cannot follow`, () => {
    assert.deepEqual(immutableChanges(of(now), of(then)), changed);
  });
}
