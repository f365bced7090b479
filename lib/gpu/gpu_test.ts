import assert from "node:assert/strict";
import fc from "fast-check";
import {
  clusterGpus,
  deviceIdsOf,
  gpuDevices,
  gpuModelsOf,
  modelOfDevice,
  modelsWithVram,
  normaliseGpuModel,
  parseVram,
  requiresGpu,
  usualVram,
} from "./mod.ts";

const GiB = 2n ** 30n;

// models-and-templates.md §4
const table: [string, string, bigint][] = [
  ["MI100", "738c 738e", 32n],
  ["MI210", "740f 7410", 64n],
  ["MI250X", "7408 740c", 128n],
  ["MI300A", "74a0", 128n],
  ["MI300X", "74a1 74a9 74b5 74bd", 192n],
  ["MI308X", "74a2 74a8 74b6", 128n],
  ["MI325X", "74a5 74b9", 256n],
  ["MI350X", "75a0 75b0", 288n],
  ["MI355X", "75a3 75b3", 288n],
  ["V620", "73a1 73ae", 32n],
  ["V710", "7460 7461", 32n],
  ["W6800", "73a3", 32n],
  ["W6800X", "73ab", 32n],
  ["W6900X", "73a2", 32n],
  ["W7800", "7449 745e", 32n],
  ["W7900", "7448 744a", 48n],
  ["RX6800", "73bf", 16n],
  ["RX6900", "73af", 16n],
  ["RX7900", "744c", 24n],
  ["RX9070", "7550", 16n],
];
for (const [model, ids, vram] of table) {
  Deno.test(`${model} has the device ids ${ids} and ${vram}G`, () => {
    for (const id of ids.split(" ")) {
      assert.equal(modelOfDevice(id), model);
      assert.equal(modelOfDevice(`0x${id.toUpperCase()}`), model);
    }
    assert.deepEqual(deviceIdsOf(model), ids.split(" "));
    assert.equal(usualVram(model), vram * GiB);
    assert.equal(normaliseGpuModel(model), model);
  });
}

Deno.test("the table has no other models and no id twice", () => {
  assert.equal(gpuDevices.length, table.length);
  const ids = gpuDevices.flatMap((device) => device.deviceIds);
  assert.equal(new Set(ids).size, ids.length);
});

Deno.test("an unknown device id names itself", () => {
  assert.equal(modelOfDevice("0x74ff"), "AMD-74FF");
  assert.equal(normaliseGpuModel("AMD-74FF"), "74FF");
  assert.deepEqual(deviceIdsOf("AMD-74FF"), ["74ff"]);
  assert.equal(usualVram("AMD-74FF"), 0n);
});

const names: [string, string][] = [
  ["MI300X (rev 2)", "MI300X"],
  ["Instinct MI300X (rev 2)", "MI300X"],
  ["mi300x", "MI300X"],
  [" MI300X ", "MI300X"],
  ["Instinct-MI325X", "MI325X"],
  ["AMD_Instinct_MI250X", "MI250X"],
  ["AMD/MI210", "MI210"],
  ["amd:mi100", "MI100"],
  ["InstinctMI300X", "MI300X"],
  ["RX7900-XTX", "RX7900"],
  ["Radeon RX 7900 XTX", "7900"],
  ["AI", "AI"],
  ["AMD Radeon", "RADEON"],
  ["AMD-1234", "1234"],
  ["AMD Instinct", "AMD"],
  ["a:b/c 9x1", "9X1"],
  ["MI-300X", "300X"],
  ["rtx4090ti", "RTX4090TI"],
  ["MI300X+", "MI300X+"],
  ["AMD", "AMD"],
  ["", ""],
  [" - ", ""],
];
for (const [written, normal] of names) {
  Deno.test(`the GPU model ${JSON.stringify(written)} is ${JSON.stringify(normal)}`, () => {
    assert.equal(normaliseGpuModel(written), normal);
  });
}

Deno.test("case, vendor words and spaces around a model do not matter", () => {
  const spelling = fc.tuple(
    fc.constantFrom(...table.map(([model]) => model)),
    fc.constantFrom("", "AMD ", "amd_", "Instinct-", "AMD Instinct ", " "),
    fc.constantFrom("", " ", " (rev 2)"),
    fc.boolean(),
  );
  fc.assert(fc.property(spelling, ([model, before, after, lower]) => {
    assert.equal(normaliseGpuModel(before + (lower ? model.toLowerCase() : model) + after), model);
  }));
});

const sizes: [string, bigint][] = [
  ["192G", 192n * GiB],
  ["192g", 192n * GiB],
  [" 192G ", 192n * GiB],
  ["192Gi", 192n * GiB],
  ["1T", 1024n * GiB],
  ["1Ti", 1024n * GiB],
  ["196608M", 192n * GiB],
  ["196608Mi", 192n * GiB],
  ["196608", 192n * GiB],
  ["206158430208", 192n * GiB],
  ["1073741824", GiB],
  ["1.5T", 0n],
  ["1t", 1024n * GiB],
  ["1073741823", 1073741823n * 2n ** 20n],
  ["192GB", 0n],
  ["192 G", 0n],
  ["G", 0n],
  ["192Ki", 0n],
  ["abc", 0n],
  ["", 0n],
  ["-1G", 0n],
  ["0", 0n],
];
for (const [text, bytes] of sizes) {
  Deno.test(`the memory ${JSON.stringify(text)} is ${bytes} bytes`, () =>
    assert.equal(parseVram(text), bytes));
}

const nodeLabels: [string, Record<string, string>, string[]][] = [
  ["no labels", {}, []],
  ["a device id", { "amd.com/gpu.device-id": "74a1" }, ["MI300X"]],
  ["a device id with 0x", { "amd.com/gpu.device-id": "0x74A5" }, ["MI325X"]],
  ["a beta device id", { "beta.amd.com/gpu.device-id": "740f" }, ["MI210"]],
  ["an empty device id", { "amd.com/gpu.device-id": "", "amd.com/gpu.family": "MI100" }, ["MI100"]],
  ["a counted device id", { "amd.com/gpu.device-id.74a1": "8" }, ["MI300X"]],
  ["a beta counted device id", { "beta.amd.com/gpu.device-id.74a1": "8" }, ["MI300X"]],
  ["a device id counted 0", { "amd.com/gpu.device-id.74a1": "0" }, []],
  ["a device id counted nothing", { "amd.com/gpu.device-id.74a1": "" }, []],
  ["two counted device ids", { "amd.com/gpu.device-id.74a1": "4", "amd.com/gpu.device-id.738c": "1" }, [
    "MI100",
    "MI300X",
  ]],
  ["one id said twice", { "amd.com/gpu.device-id": "74a1", "beta.amd.com/gpu.device-id.74a1": "8" }, [
    "MI300X",
  ]],
  ["an unknown id", { "amd.com/gpu.device-id": "1234" }, ["AMD-1234"]],
  ["a family", { "amd.com/gpu.family": "AMD_Instinct_MI250X" }, ["MI250X"]],
  ["a beta family", { "beta.amd.com/gpu.family": "AI" }, ["AI"]],
  ["a counted family", { "amd.com/gpu.family.AI": "8" }, ["AI"]],
  ["an id beside a family", { "amd.com/gpu.device-id": "74a1", "amd.com/gpu.family": "AI" }, ["MI300X"]],
  ["a device id before a counted family", { "amd.com/gpu.device-id": "740f", "amd.com/gpu.family.AI": "8" }, [
    "MI210",
  ]],
  ["a counted device id before a family", { "amd.com/gpu.device-id.74A5": "1", "amd.com/gpu.family": "AI" }, [
    "MI325X",
  ]],
  ["a counted 0x id", { "amd.com/gpu.device-id.0x75a3": "1" }, ["MI355X"]],
  [
    "a device id counted 0 beside a family",
    { "amd.com/gpu.device-id.74a1": "0", "amd.com/gpu.family": "AI" },
    [
      "AI",
    ],
  ],
  ["a beta counted family", { "beta.amd.com/gpu.family.MI300X": "8" }, ["MI300X"]],
  ["a family counted 0", { "amd.com/gpu.family.AI": "0" }, []],
  ["two families", { "amd.com/gpu.family": "mi210", "beta.amd.com/gpu.family": "Instinct-MI325X" }, [
    "MI210",
    "MI325X",
  ]],
  ["an id that is 0x alone", { "amd.com/gpu.device-id": "0x", "amd.com/gpu.family": "AI" }, ["AI"]],
  ["a family of nothing", { "amd.com/gpu.family": "--" }, []],
  ["a counted id of nothing", { "amd.com/gpu.device-id.": "8" }, []],
  ["other labels", { "amd.com/gpu.vram": "192G", "amd.com/gpu.device-id-x": "74a1" }, []],
];
for (const [what, labels, models] of nodeLabels) {
  Deno.test(`a node with ${what} has ${models.join(" and ") || "no GPU"}`, () => {
    assert.deepEqual(gpuModelsOf(labels), models);
  });
}

const node = (labels: Record<string, string>, deletionTimestamp?: string) => ({
  metadata: { labels, deletionTimestamp },
});

Deno.test("the memory of a model is the most that a node states, or else the usual", () => {
  const id = "amd.com/gpu.device-id";
  assert.deepEqual(
    clusterGpus([
      node({ [id]: "74a1", "amd.com/gpu.vram": "96G" }),
      node({ [id]: "74a9", "amd.com/gpu.vram": "128G" }),
      node({ [id]: "74a5" }),
      node({ [id]: "740f", "amd.com/gpu.vram": "nonsense" }),
      node({ [id]: "7408", "beta.amd.com/gpu.vram": "64G" }),
      node({ [id]: "1234" }),
      node({ [id]: "738c" }, "2026-01-01T00:00:00Z"),
      node({
        "amd.com/gpu.device-id.75a0": "4",
        "amd.com/gpu.device-id.744c": "4",
        "amd.com/gpu.vram": "288G",
      }),
      node({}),
    ]),
    new Map([
      ["MI300X", 128n * GiB],
      ["MI325X", 256n * GiB],
      ["MI210", 64n * GiB],
      ["MI250X", 64n * GiB],
      ["AMD-1234", 0n],
      ["MI350X", 288n * GiB],
      ["RX7900", 24n * GiB],
    ]),
  );
});

Deno.test("the order of nodes does not matter", () => {
  const anyNode = fc.record({
    id: fc.constantFrom("74a1", "74a9", "74a5", "740f", "1234"),
    vram: fc.constantFrom("", "64G", "128G", "192Gi", "junk"),
  }).map(({ id, vram }) => node({ "amd.com/gpu.device-id": id, "amd.com/gpu.vram": vram }));
  fc.assert(fc.property(fc.array(anyNode), (nodes) => {
    assert.deepEqual(clusterGpus([...nodes].reverse()), clusterGpus(nodes));
  }));
});

Deno.test("a GPU is required by a request or a model", () => {
  assert.equal(requiresGpu(undefined), false);
  assert.equal(requiresGpu({ cpu: { requests: 1 } }), false);
  assert.equal(requiresGpu({ gpu: {} }), false);
  assert.equal(requiresGpu({ gpu: { minVram: "64Gi" } }), false);
  assert.equal(requiresGpu({ gpu: { requests: 0, model: " " } }), false);
  assert.equal(requiresGpu({ gpu: { requests: 1 } }), true);
  assert.equal(requiresGpu({ gpu: { requests: 0, model: "MI300X" } }), true);
});

const cluster = new Map([["MI300X", 192n * GiB], ["MI210", 64n * GiB], ["AMD-74FF", 192n * GiB], ["AI", 0n]]);

Deno.test("minVram is met by models with at least as much memory", () => {
  assert.deepEqual(modelsWithVram(cluster, "64Gi"), ["AMD-74FF", "MI210", "MI300X"]);
  assert.deepEqual(modelsWithVram(cluster, "65Gi"), ["AMD-74FF", "MI300X"]);
  assert.deepEqual(modelsWithVram(cluster, "192.5Gi"), []);
});
