import assert from "node:assert/strict";
import {
  displayPercentage,
  displayReplicas,
  displaySize,
  hardwareSummary,
  unknownPercentage,
} from "./display.ts";
import type { Hardware } from "./structures/hardware.ts";

// api.md §9.4
const hardwares: [Hardware | undefined, string][] = [
  [{ gpu: { requests: 2, model: "MI300X" } }, "2 x MI300X"],
  [{ gpu: { requests: 1 } }, "1 x GPU"],
  [{ gpu: { requests: 0, model: "MI300X" } }, "MI300X"],
  [{ gpu: {} }, "CPU"],
  [{ gpu: { minVram: "64Gi" } }, "CPU"],
  [{ cpu: { requests: 4 } }, "CPU"],
  [undefined, ""],
];
for (const [hardware, phrase] of hardwares) {
  Deno.test(`the hardware ${JSON.stringify(hardware)} is ${JSON.stringify(phrase)}`, () => {
    assert.equal(hardwareSummary(hardware), phrase);
  });
}

const KiB = 1024n, MiB = 1024n ** 2n, GiB = 1024n ** 3n;
// api.md §9.4 and caching-and-artifacts.md on displaySize
const sizes: [bigint, string][] = [
  [0n, "0 B"],
  [1n, "1 B"],
  [1023n, "1023 B"],
  [KiB, "1 KiB"],
  [1536n, "1.5 KiB"],
  [10n * GiB, "10 GiB"],
  [10_000_000_000n, "9.3 GiB"],
  [500_000_000n, "477 MiB"],
  [996n * MiB / 10n, "99.6 MiB"],
  [85n * GiB / 2n, "42.5 GiB"],
  [1023n * MiB, "1023 MiB"],
  [2_362_232_013n, "2.2 GiB"],
  [1024n * GiB, "1 TiB"],
  [7n * 1024n ** 6n, "7 EiB"],
];
for (const [bytes, text] of sizes) {
  Deno.test(`${bytes} bytes are ${text}`, () => assert.equal(displaySize(bytes), text));
}

Deno.test("percentages", () => {
  assert.equal(displayPercentage(42), "42 %");
  assert.equal(unknownPercentage, "N/A");
});

Deno.test("replicas", () => {
  assert.equal(displayReplicas({ current: 2, desired: 2, min: 2, max: 2 }), "2");
  assert.equal(displayReplicas({ current: 1, desired: 3, min: 1, max: 4 }), "1/3 (1-4)");
});
