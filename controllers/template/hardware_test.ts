import assert from "node:assert/strict";
import type { Hardware } from "../../lib/api/mod.ts";
import { cpuFault, resolvedHardware } from "./hardware.ts";

// models-and-templates.md §5.9 "resolvedHardware"
const rows: [Hardware | undefined, Hardware | undefined][] = [
  [undefined, undefined],
  [{ gpu: {} }, undefined],
  [{ gpu: { requests: 0, model: "" } }, undefined],
  [{ gpu: { minVram: "64Gi" } }, undefined],
  [{ gpu: { resourceName: "amd.com/gpu", requests: 0 } }, { gpu: { resourceName: "amd.com/gpu" } }],
  [
    { gpu: { requests: 2, model: "MI300X", resourceName: "amd.com/gpu" } },
    { gpu: { requests: 2, model: "MI300X", resourceName: "amd.com/gpu" } },
  ],
  [{ gpu: { requests: 1, minVram: "1024Mi" } }, { gpu: { requests: 1, minVram: "1Gi" } }],
  [{ gpu: {}, cpu: { requests: 2, limits: "0.5" } }, { cpu: { requests: "2", limits: "500m" } }],
];
for (const [spec, resolved] of rows) {
  Deno.test(`resolved hardware of ${JSON.stringify(spec)}`, () =>
    assert.deepEqual(resolvedHardware(spec), resolved));
}

// api.md §10.2: "cpu.requests 0 or negative, limits < requests"
const faults: [Hardware | undefined, RegExp | undefined][] = [
  [undefined, undefined],
  [{ gpu: { requests: 1 } }, undefined],
  [{ cpu: { requests: "1" } }, undefined],
  [{ cpu: { requests: "1", limits: "1000m" } }, undefined],
  [{ cpu: { requests: "0" } }, /requests is 0 but must be more than 0/],
  [{ cpu: { requests: -1 } }, /requests is -1/],
  [{ cpu: { requests: "2", limits: "1500m" } }, /limits is 1500m, less than the request of 2/],
];
for (const [hardware, fault] of faults) {
  Deno.test(`CPU of ${JSON.stringify(hardware)} is ${fault === undefined ? "fine" : "refused"}`, () => {
    const found = cpuFault(hardware);
    if (found !== undefined) assert.match(found, /hardware cannot be changed, so replace the template/);
    if (fault === undefined) assert.equal(found, undefined);
    else assert.match(found!, fault);
  });
}
