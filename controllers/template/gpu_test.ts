import assert from "node:assert/strict";
import type { Hardware } from "../../lib/api/mod.ts";
import { gpuHealth, nodeAffinity } from "./gpu.ts";

const GiB = 2n ** 30n;
const cluster = new Map([["MI300X", 192n * GiB], ["MI210", 64n * GiB]]);
const empty = new Map<string, bigint>();
const unlabelled = new Map();
const none = "no component";

// models-and-templates.md §4: requires-GPU, and the component's table, first match
const rows: [Hardware | undefined, Map<string, bigint>, string][] = [
  [undefined, cluster, none],
  [{ cpu: { requests: 1 } }, cluster, none],
  [{ gpu: { requests: 0, minVram: "1Ti" } }, cluster, none],
  [{ gpu: { requests: 0, model: " " } }, cluster, none],
  [{ gpu: { requests: 1, minVram: "256Gi" } }, cluster, "NotAvailable/VRAMNotAvailable"],
  [{ gpu: { requests: 1, minVram: "1Gi" } }, empty, "NotAvailable/VRAMNotAvailable"],
  [{ gpu: { requests: 1, minVram: "192Gi" } }, cluster, "Ready/GPUAvailable"],
  [{ gpu: { requests: 1, minVram: "0" } }, empty, "NotAvailable/GPUNotAvailable"],
  [{ gpu: { requests: 1 } }, cluster, "Ready/GPUAvailable"],
  [{ gpu: { requests: 1 } }, empty, "NotAvailable/GPUNotAvailable"],
  [{ gpu: { requests: 0, model: "amd_instinct_mi300x" } }, cluster, "Ready/GPUAvailable"],
  [{ gpu: { requests: 100, model: "MI300X" } }, cluster, "Ready/GPUAvailable"],
  [{ gpu: { requests: 1, model: "MI325X" } }, cluster, "NotAvailable/GPUNotAvailable"],
];
for (const [hardware, gpus, expected] of rows) {
  Deno.test(`GPU of ${JSON.stringify(hardware)} among ${[...gpus.keys()].join() || "none"}: ${expected}`, () => {
    const health = gpuHealth(hardware, gpus);
    assert.equal(health === undefined ? none : `${health.state}/${health.reason}`, expected);
  });
}

Deno.test("what is missing is said beside what is there", () => {
  const message = gpuHealth({ gpu: { requests: 1, model: "Instinct MI325X" } }, cluster)!.message;
  assert.equal(message, "No node has GPU MI325X; it has MI210, MI300X");
});

const bigger: [Map<string, bigint>, string][] = [
  [cluster, "the largest is MI300X with 192Gi"],
  [new Map([["AI", 0n]]), "the largest is AI of unknown memory"],
  [empty, "no node shows a GPU in its labels"],
];
for (const [gpus, said] of bigger) {
  Deno.test(`too little memory among ${[...gpus.keys()].join() || "none"}: ${said}`, () => {
    const message = gpuHealth({ gpu: { requests: 1, minVram: "256Gi" } }, gpus)!.message;
    assert.equal(message, `No node has a GPU with 256Gi of memory; ${said}`);
  });
}

const affinityTo = (...values: string[]) => ({
  requiredDuringSchedulingIgnoredDuringExecution: {
    nodeSelectorTerms: [{ matchExpressions: [{ key: "amd.com/gpu.device-id", operator: "In", values }] }],
  },
});
const mi300xIds = ["74a1", "74a9", "74b5", "74bd"];

Deno.test("node affinity: the ids of the model, or of all that have the memory, ascending (§4)", () => {
  assert.equal(nodeAffinity(undefined, cluster, unlabelled, undefined), undefined);
  assert.equal(nodeAffinity({ gpu: { requests: 1 } }, cluster, unlabelled, undefined), undefined);
  assert.equal(
    nodeAffinity({ gpu: { requests: 1, model: "H100" } }, cluster, unlabelled, undefined),
    undefined,
  );
  assert.equal(
    nodeAffinity({ gpu: { requests: 0, minVram: "64Gi" } }, cluster, unlabelled, undefined),
    undefined,
  );
  assert.deepEqual(
    nodeAffinity({ gpu: { requests: 1, model: "mi300x" } }, empty, unlabelled, undefined),
    affinityTo(...mi300xIds),
  );
  assert.deepEqual(
    nodeAffinity({ gpu: { requests: 1, minVram: "64Gi" } }, cluster, unlabelled, undefined),
    affinityTo("740f", "7410", ...mi300xIds),
  );
});

Deno.test("Better (§4): the stored order of the same ids stays, another set is sorted", () => {
  const hardware = { gpu: { requests: 1, model: "MI300X" } };
  const stored = affinityTo("74bd", "74a1", "74b5", "74a9");
  assert.deepEqual(nodeAffinity(hardware, cluster, unlabelled, stored), stored);
  for (const other of [affinityTo("74bd", "74a1", "74b5"), affinityTo("74bd", "74a1", "74b5", "74a5"), {}]) {
    assert.deepEqual(nodeAffinity(hardware, cluster, unlabelled, other), affinityTo(...mi300xIds));
  }
  const [term] = stored.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms;
  const elsewhereToo = {
    requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term, { matchExpressions: [] }] },
  };
  assert.deepEqual(
    nodeAffinity(hardware, cluster, unlabelled, elsewhereToo),
    affinityTo(...mi300xIds),
    "terms are alternatives: with a second one it is another affinity",
  );
});
