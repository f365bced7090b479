/** From output to status (models-and-templates.md §5.8, §5.9). */

import assert from "node:assert/strict";
import type { ServiceTemplateSpec, TemplateStatus } from "../../../lib/api/mod.ts";
import { ApiError } from "../../../lib/kube/errors.ts";
import { known, log61, onMi300x, succeeded, textOf, world } from "./discovery_sample.ts";
import {
  ended,
  jobIn,
  mi300x,
  model,
  pass,
  podOf,
  printed,
  stored,
  storedJob,
  template,
} from "../template_sample.ts";

/** One pass over a complete Job whose pod printed this. */
function complete(spec: Partial<ServiceTemplateSpec>, output: Parameters<typeof printed>[1], now?: string) {
  const others = [model(), mi300x];
  const job = storedJob(template(spec), others, { status: ended("Complete") });
  const pod = podOf(job, succeeded);
  return pass(template(spec), [...others, job, pod], {}, { facts: printed(pod, output), now });
}

const unusable: [what: string, log: string][] = [
  ["no output", ""],
  ["no array", "hello"],
  ["an empty array", "[]"],
  ["a source that the API does not take", log61.replace("hf://Qwen", "ftp://Qwen")],
  ["a model name without a slash", log61.replace(`"name":"Qwen/Qwen3-32B"`, `"name":"Qwen"`)],
];
for (const [what, log] of unusable) {
  Deno.test(`a complete Job with ${what} is a failed attempt (§5.8 Better)`, () => {
    const { status, conditions } = complete(onMi300x, known(log));
    assert.equal(status!.status, "Failed");
    assert.ok(conditions.includes("DiscoveryJobReady=False/DiscoveryFailed"));
    assert.ok(conditions.includes("Discovered=False/DiscoveryFailed"));
    assert.ok(conditions.includes("Ready=False/DiscoveryFailed"));
    assert.equal(status!.discovery!.attempts, 1);
    assert.equal(status!.discovery!.lastAttemptTime, "2026-01-01T00:00:10Z");
    assert.match(textOf(status, "Ready"), /is of no use/);
    assert.equal(status!.profile, undefined);
  });
}

Deno.test("the failure of an unusable output stays when the Job is gone", () => {
  const first = complete(onMi300x, known("[]"));
  const { status, conditions } = pass(template(onMi300x, { status: stored(first.status!) }), world);
  assert.equal(status!.status, "Failed");
  assert.ok(conditions.includes("DiscoveryJobReady=False/DiscoveryFailed"));
  assert.ok(conditions.includes("Ready=False/DiscoveryFailed"));
});

Deno.test("an output that is being read, or cannot be read for a moment, fails nothing (§5.8 Better)", () => {
  const reading = complete(onMi300x, { state: "pending" });
  assert.equal(reading.status!.status, "Progressing");
  assert.equal(reading.status!.discovery, undefined);
  const refused = (status: number) =>
    new ApiError({ status, message: "kubelet is away", method: "GET", path: "/log" });
  const later = complete(onMi300x, { state: "failed", error: refused(500) });
  assert.equal(later.status!.discovery, undefined);
  assert.ok(later.conditions.some((each) => each.startsWith("DependenciesReachable=False")));
  assert.match(textOf(later.status, "Discovered"), /cannot be read, which is tried again/);
  assert.equal(jobIn(later), undefined);
  for (const final of [400, 403, 404]) {
    const { status } = complete(onMi300x, { state: "failed", error: refused(final) });
    assert.equal(status!.discovery!.attempts, 1, "asking again would not help");
    assert.match(textOf(status, "Discovered"), /cannot be read: kubelet is away/);
  }
});

Deno.test("an output that cannot be read while the Job is kept is a failed attempt: the next one waits", () => {
  const error = new ApiError({ status: 500, message: "no route to host", method: "GET", path: "/log" });
  const at = (now: string) => complete(onMi300x, { state: "failed", error }, now);
  assert.equal(at("2026-01-01T00:00:54Z").status!.discovery, undefined);
  const failed = at("2026-01-01T00:00:55Z").status!;
  assert.equal(failed.discovery!.attempts, 1);
  assert.match(failed.discovery!.lastFailureReason!, /cannot be read: no route to host/);
  const gone = (now: string) => pass(template(onMi300x, { status: stored(failed) }), world, {}, { now });
  assert.equal(jobIn(gone("2026-01-01T00:01:09Z")), undefined);
  assert.ok(jobIn(gone("2026-01-01T00:01:10Z")));
  assert.equal(
    complete(onMi300x, known(log61), "2026-01-01T00:00:59Z").status!.status,
    "Ready",
    "read at last",
  );
});

Deno.test("a complete Job whose pod does not come is a failed attempt after half a minute", () => {
  const job = storedJob(template(onMi300x), world, { status: ended("Complete") });
  const at = (now: string) => pass(template(onMi300x), [...world, job], {}, { now });
  assert.equal(at("2026-01-01T00:00:39Z").status!.status, "Progressing");
  assert.equal(at("2026-01-01T00:00:40Z").status!.discovery!.attempts, 1);
});

Deno.test("half a minute begins when the Job was completed, also where only its status says when", () => {
  const status = {
    completionTime: "2026-01-01T00:01:00Z",
    conditions: [{ type: "Complete", status: "True" }],
  };
  const job = storedJob(template(onMi300x), world, { status });
  const at = (now: string) => pass(template(onMi300x), [...world, job], {}, { now });
  assert.equal(at("2026-01-01T00:01:29Z").status!.discovery, undefined);
  assert.equal(at("2026-01-01T00:01:30Z").status!.discovery!.attempts, 1);
});

Deno.test("only the log of a pod that has succeeded is the result (§5.8 reading 1)", () => {
  const job = storedJob(template(onMi300x), world, { status: ended("Complete") });
  for (const phase of ["Pending", "Running", "Failed", "Unknown"]) {
    const pod = podOf(job, { phase });
    const facts = printed(pod, known(log61));
    const { status } = pass(template(onMi300x), [...world, job, pod], {}, { facts });
    assert.equal(status!.profile, undefined, phase);
  }
});

Deno.test("values that the API does not take are left out, and said (§5.8 Better)", () => {
  const { status } = complete(onMi300x, known(log61.replace(`"optimized"`, `"general"`)));
  assert.equal(status!.status, "Ready");
  assert.equal(status!.profile!.metadata!.type, undefined);
  assert.match(textOf(status, "Discovered"), /type is "general"/);
});

// §5.9: the discovered GPU before the spec's, field by field
const printedGpu = (gpu: string) =>
  known(log61.replace(`"gpu":"MI300X",`, gpu).replace(`"gpu_count":1,`, ""));
const hardware: [
  what: string,
  spec: Partial<ServiceTemplateSpec>,
  log: string,
  resolved: unknown,
  summary: string | undefined,
][] = [
  [
    "said by both",
    onMi300x,
    log61,
    { gpu: { requests: 1, model: "MI300X", resourceName: "amd.com/gpu" } },
    "1 x MI300X",
  ],
  ["discovered only", {}, log61, { gpu: { requests: 1, model: "MI300X" } }, "1 x MI300X"],
  [
    "another count discovered",
    { hardware: { gpu: { requests: 2, model: "MI300X", resourceName: "x.com/gpu" } } },
    log61,
    { gpu: { requests: 1, model: "MI300X", resourceName: "x.com/gpu" } },
    "1 x MI300X",
  ],
  [
    "minVram: the model is left out",
    { hardware: { gpu: { requests: 1, minVram: "64Gi" } } },
    log61,
    { gpu: { requests: 1, minVram: "64Gi" } },
    "1 x GPU",
  ],
  [
    "AIM_GPU_MODEL by the user: the spec's model",
    { ...onMi300x, env: [{ name: "AIM_GPU_MODEL", value: "MI325X" }] },
    log61.replaceAll("MI300X", "MI325X"),
    { gpu: { requests: 1, model: "MI300X", resourceName: "amd.com/gpu" } },
    "1 x MI300X",
  ],
  [
    "CPU of the spec",
    { hardware: { cpu: { requests: "500m" } } },
    log61,
    { gpu: { requests: 1, model: "MI300X" }, cpu: { requests: "500m" } },
    "1 x MI300X",
  ],
];
for (const [what, spec, log, resolved, summary] of hardware) {
  Deno.test(`resolvedHardware: ${what}`, () => {
    const { status } = complete(spec, known(log));
    assert.deepEqual(status!.resolvedHardware, resolved);
    assert.equal(status!.hardwareSummary, summary);
  });
}

Deno.test("resolvedHardware: the spec fills in where discovery is silent (§5.9 Better)", () => {
  const { status } = complete(onMi300x, printedGpu(""));
  assert.deepEqual(status!.resolvedHardware, {
    gpu: { requests: 1, model: "MI300X", resourceName: "amd.com/gpu" },
  });
});

Deno.test("node affinity is built from the discovered GPU where the spec names none (§4 Better)", () => {
  const ids = (status: TemplateStatus | undefined) =>
    status!.resolvedNodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms[0]
      .matchExpressions?.[0].values;
  assert.deepEqual(ids(complete({}, known(log61)).status), ["74a1", "74a9", "74b5", "74bd"]);
  const mi325x = known(log61.replaceAll("MI300X", "MI325X"));
  assert.deepEqual(
    ids(complete(onMi300x, mi325x).status),
    ["74a1", "74a9", "74b5", "74bd"],
    "the spec's first",
  );
});

Deno.test("node affinity of an earlier discovery stays as it is stored where nodes cannot be read (scoped mode)", () => {
  const { status } = complete(onMi300x, known(log61));
  const { resolvedNodeAffinity } = status!;
  const { nodeSelectorTerms } = resolvedNodeAffinity!.requiredDuringSchedulingIgnoredDuringExecution!;
  assert.equal(nodeSelectorTerms.length, 1, "by the one label that the node has");
  const found = template(onMi300x, { status: stored(status!) });
  const unread = pass(found, [model()], {}, { outOfReach: ["nodes"] });
  assert.ok(unread.conditions.includes("GPUReady=True/GPUUnknown"));
  assert.deepEqual(unread.status!.resolvedNodeAffinity, resolvedNodeAffinity);
});
