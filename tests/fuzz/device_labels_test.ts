/** Labels of nodes, with keys and values that a device plugin may write, or anybody. */

import assert from "node:assert/strict";
import fc from "fast-check";
import {
  clusterGpus,
  clusterMarks,
  gpuModelsOf,
  normaliseGpuModel,
  parseVram,
  selectorTerms,
} from "../../lib/gpu/mod.ts";
import { fuzz, fuzzInputs, readInTime } from "./fuzz.ts";

const id = fc.constantFrom("74a1", "0x74A5", "0X740f", "1234", "", "0x", "zz", "74a1 ", "__proto__");
const words = fc.constantFrom(
  "MI300X",
  "AMD_Instinct_MI250X",
  "AI",
  "AMD",
  "-",
  "Radeon RX 7900 XTX",
  "INSTINCT1",
);
const any = fc.string({ unit: "binary", maxLength: 63 });
const key = fc.oneof(
  fc.tuple(
    fc.constantFrom("", "beta."),
    fc.constantFrom("amd.com/gpu.device-id", "amd.com/gpu.family", "amd.com/gpu.vram", "amd.com/gpu."),
    fc.oneof(
      fc.constant(""),
      fc.tuple(fc.constantFrom(".", "-", ""), fc.oneof(id, words, any)).map((parts) => parts.join("")),
    ),
  ).map((parts) => parts.join("")),
  any,
);
const value = fc.oneof(
  id,
  words,
  any,
  fc.constantFrom("0", "8", "192G", "192Gi", "196608", "1.5T", "-1G", "9".repeat(63)),
);
const labels = fc.array(fc.tuple(key, value), { maxLength: 6 }).map((entries) => Object.fromEntries(entries));

Deno.test(`fuzz, ${fuzzInputs} sets of device labels: models with a name and device ids, in order`, () => {
  let found = 0;
  fuzz(labels, gpuModelsOf, (models, given) => {
    assert.ok(models.every((model) => model !== "" && model !== "AMD-" && model === model.toUpperCase()));
    assert.deepEqual(models, [...new Set(models)].sort());
    const reversed = Object.fromEntries(Object.entries(given).reverse());
    assert.deepEqual(gpuModelsOf(reversed), models);
    const says = Object.keys(given).some((name) =>
      /^(?:beta\.)?amd\.com\/gpu\.(?:device-id|family)/.test(name)
    );
    if (!says) assert.deepEqual(models, []);
    if (models.length > 0) found++;
  });
  assert.ok(found > fuzzInputs / 10, `${found} sets had a GPU`);
});

Deno.test(`fuzz, ${fuzzInputs} clusters: a GPU has memory, and device ids that a node affinity takes`, () => {
  const nodes = fc.array(fc.record({ metadata: fc.record({ labels }) }), { maxLength: 3 });
  fuzz(nodes, clusterGpus, (gpus, given) => {
    assert.deepEqual(new Map([...clusterGpus([...given].reverse())].sort()), new Map([...gpus].sort()));
    for (const vram of gpus.values()) assert.ok(vram >= 0n);
    const terms = selectorTerms({ gpu: { requests: 1, minVram: "1Gi" } }, gpus, clusterMarks(given));
    for (const { matchExpressions: [{ values = [] }] = [] } of terms) {
      assert.deepEqual(values, [...new Set(values)].sort());
      assert.ok(values.length > 0 && values.every((each) => each.trim() !== ""));
    }
  });
});

Deno.test(`fuzz, ${fuzzInputs} GPU names and sizes: normal names are normal, sizes are none or positive`, () => {
  fuzz(
    fc.oneof(words, id, any, value),
    (text) => [normaliseGpuModel(text), parseVram(text)] as const,
    ([name, vram]) => {
      assert.equal(normaliseGpuModel(name), name.trim());
      assert.ok(vram >= 0n);
    },
  );
});

for (const part of ["1", "A", "INSTINCT", "A1", "-", " ", "AMD ", "9G"]) {
  Deno.test(`a GPU name of a million characters, ${JSON.stringify(part)}: read in time`, () => {
    const name = part.repeat(1_000_000 / part.length) + "!";
    assert.ok(readInTime(() => normaliseGpuModel(name)).length <= name.length);
  });
}
