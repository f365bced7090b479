import assert from "node:assert/strict";
import fc from "fast-check";
import type { Hardware } from "../../lib/api/mod.ts";
import { hardware as hardwareSchema } from "../../lib/api/mod.ts";
import { cpuResources, mergeHardware } from "./hardware.ts";

// models-and-templates.md §3.6 "Hardware merge" with its Better line
const rows: [string, Hardware | undefined, Hardware | undefined, Hardware | undefined][] = [
  ["both unset", undefined, undefined, undefined],
  [
    "only the model's",
    { gpu: { requests: 1, model: "MI300X", resourceName: "amd.com/gpu" } },
    undefined,
    { gpu: { requests: 1, model: "MI300X", resourceName: "amd.com/gpu" } },
  ],
  ["only the entry's", undefined, { cpu: { requests: "4", limits: "8" } }, {
    cpu: { requests: "4", limits: "8" },
  }],
  [
    "the entry's requests, if not 0",
    { gpu: { requests: 1, model: "MI300X" } },
    { gpu: { requests: 4 } },
    { gpu: { requests: 4, model: "MI300X" } },
  ],
  [
    "an entry's 0 requests",
    { gpu: { requests: 2, model: "MI300X" } },
    { gpu: { requests: 0, model: "MI250X" } },
    { gpu: { requests: 2, model: "MI250X" } },
  ],
  [
    "the entry's resource name, also the API's default",
    { gpu: { requests: 1, resourceName: "example.com/gpu" } },
    { gpu: { requests: 1, resourceName: "amd.com/gpu" } },
    { gpu: { requests: 1, resourceName: "amd.com/gpu" } },
  ],
  [
    "GPU and CPU from different sides",
    { gpu: { requests: 1 } },
    { cpu: { requests: "2" } },
    { gpu: { requests: 1 }, cpu: { requests: "2" } },
  ],
  [
    "Better: the entry wins per CPU field",
    { cpu: { requests: "1", limits: "2" } },
    { cpu: { requests: "500m" } },
    { cpu: { requests: "500m", limits: "2" } },
  ],
  [
    "Better: the entry's CPU limit replaces one that is set",
    { cpu: { requests: "1", limits: "2" } },
    { cpu: { requests: "1", limits: "4" } },
    { cpu: { requests: "1", limits: "4" } },
  ],
  [
    "Better: the entry's minVram is kept",
    { gpu: { requests: 1, minVram: "64Gi" } },
    { gpu: { requests: 1, minVram: "128Gi" } },
    { gpu: { requests: 1, minVram: "128Gi" } },
  ],
  [
    "Better: minVram clears an inherited model",
    { gpu: { requests: 1, model: "MI300X" } },
    { gpu: { minVram: "64Gi" } },
    { gpu: { requests: 1, minVram: "64Gi" } },
  ],
  [
    "Better: a model clears an inherited minVram",
    { gpu: { requests: 1, minVram: "64Gi" } },
    { gpu: { model: "MI300X" } },
    { gpu: { requests: 1, model: "MI300X" } },
  ],
  [
    "quantities in their canonical form (api.md §9.2)",
    { gpu: { requests: 1, minVram: "65536Mi" } },
    { cpu: { requests: 2, limits: "0.5" } },
    { gpu: { requests: 1, minVram: "64Gi" }, cpu: { requests: "2", limits: "500m" } },
  ],
];
for (const [what, base, over, merged] of rows) {
  Deno.test(`merged hardware: ${what}`, () => assert.deepEqual(mergeHardware(base, over), merged));
}

Deno.test("CPU needs become container resources", () => {
  assert.equal(cpuResources({ gpu: { requests: 1 } }), undefined);
  assert.deepEqual(cpuResources({ cpu: { requests: "2" } }), { requests: { cpu: "2" } });
  assert.deepEqual(cpuResources({ cpu: { requests: "2", limits: "4" } }), {
    requests: { cpu: "2" },
    limits: { cpu: "4" },
  });
});

const quantity = fc.constantFrom("1", "2", "500m", "4Gi", "64Gi");
const anyGpu = fc.record({
  requests: fc.option(fc.nat({ max: 8 }), { nil: undefined }),
  of: fc.constantFrom<{ model?: string; minVram?: string }>(
    {},
    { model: "" },
    { model: "MI300X" },
    { model: "MI210" },
    { minVram: "64Gi" },
    { minVram: "128Gi" },
  ),
  resourceName: fc.constantFrom(undefined, "amd.com/gpu", "example.com/gpu"),
}).map(({ requests, of, resourceName }) => ({
  ...(requests === undefined ? {} : { requests }),
  ...of,
  ...(resourceName === undefined ? {} : { resourceName }),
}));
const anyCpu = fc.record({ requests: quantity, limits: quantity }, { requiredKeys: ["requests"] });
const anyHardware: fc.Arbitrary<Hardware> = fc.oneof(
  fc.record({ gpu: anyGpu }),
  fc.record({ cpu: anyCpu }),
  fc.record({ gpu: anyGpu, cpu: anyCpu }),
);

Deno.test("merged hardware is always what the API accepts", () => {
  fc.assert(fc.property(anyHardware, anyHardware, (base, over) => {
    assert.ok(hardwareSchema.safeParse(mergeHardware(base, over)).success);
  }));
});

Deno.test("what the entry says, the merged hardware says", () => {
  fc.assert(fc.property(anyHardware, anyHardware, (base, over) => {
    const merged = mergeHardware(base, over)!;
    if (over.gpu?.requests) assert.equal(merged.gpu!.requests, over.gpu.requests);
    if (over.gpu?.model) assert.equal(merged.gpu!.model, over.gpu.model);
    if (over.gpu?.minVram) assert.equal(merged.gpu!.minVram, over.gpu.minVram);
    if (over.gpu?.resourceName) assert.equal(merged.gpu!.resourceName, over.gpu.resourceName);
    if (over.cpu) assert.equal(merged.cpu!.requests, over.cpu.requests);
    if (over.cpu?.limits) assert.equal(merged.cpu!.limits, over.cpu.limits);
  }));
});

Deno.test("laying hardware over itself, or what is merged over again, changes nothing", () => {
  fc.assert(fc.property(anyHardware, anyHardware, (base, over) => {
    const merged = mergeHardware(base, over);
    assert.deepEqual(mergeHardware(merged, over), merged);
    assert.deepEqual(mergeHardware(base, base), mergeHardware(undefined, base));
  }));
});
