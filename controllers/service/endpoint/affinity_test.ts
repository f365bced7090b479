/** spec/README "resolvedNodeAffinity": fixed once an endpoint uses it. */

import assert from "node:assert/strict";
import type { NodeAffinity } from "../../../lib/api/mod.ts";
import type { InferenceService } from "../../../lib/operator/objects.ts";
import { cache, inferenceService, model, pass, service, template } from "../service_sample.ts";

const by = (key: string, operator: "In" | "Gt", ...values: string[]): NodeAffinity => ({
  requiredDuringSchedulingIgnoredDuringExecution: {
    nodeSelectorTerms: [{ matchExpressions: [{ key, operator, values }] }],
  },
});
const ids = (...values: string[]) => by("amd.com/gpu.device-id", "In", ...values);
/** Device ids: 74a1 is an MI300X (192 GiB), 74a5 an MI325X (256 GiB), 740f an MI210 (64 GiB). */
const [mi300x, mi325x, mi210] = ["74a1", "74a5", "740f"];
const large = { requests: 1, minVram: "128Gi" };

type Row = readonly [
  what: string,
  hardware: { requests: number; model?: string; minVram?: string } | undefined,
  live: NodeAffinity | undefined,
  wanted: NodeAffinity | undefined,
  kept: boolean,
];
const rows: Row[] = [
  ["a GPU type that joins", large, ids(mi300x), ids(mi300x, mi325x), true],
  ["a GPU type that leaves", large, ids(mi300x, mi325x), ids(mi325x), true],
  ["another order", large, ids(mi325x, mi300x), ids(mi300x, mi325x), true],
  ["more ids of the named model", { requests: 1, model: "MI300X" }, ids(mi300x), ids("74a1", "74a9"), true],
  [
    "another form of label for the same model",
    { requests: 1, model: "MI300X" },
    ids(mi300x),
    by("beta.amd.com/gpu.device-id.74a1", "Gt", "0"),
    true,
  ],
  ["another model", { requests: 1, model: "MI325X" }, ids(mi300x), ids(mi325x), false],
  ["more memory asked for", { requests: 1, minVram: "200Gi" }, ids(mi300x, mi325x), ids(mi325x), false],
  ["too small a GPU in it", large, ids(mi210), ids(mi300x), false],
  ["no hardware any more", undefined, ids(mi300x), undefined, false],
  ["hardware where there was none", large, undefined, ids(mi300x), false],
];
for (const [what, gpu, live, wanted, kept] of rows) {
  Deno.test(`under an endpoint the affinity is ${kept ? "kept" : "changed"}: ${what}`, () => {
    const of = template({
      status: { resolvedHardware: gpu && { gpu }, ...(wanted ? { resolvedNodeAffinity: wanted } : {}) },
    });
    const { spec } = inferenceService();
    const running = inferenceService({
      spec: { predictor: { ...spec!.predictor, ...(live ? { affinity: { nodeAffinity: live } } : {}) } },
    });
    const affinityOf = (...endpoint: InferenceService[]) =>
      pass(service(), [model(), of, cache(), ...endpoint])
        .desired<InferenceService>("InferenceService")!.spec?.predictor?.affinity?.nodeAffinity;
    assert.deepEqual(affinityOf(running), kept ? live : wanted);
    assert.deepEqual(affinityOf(), wanted, "a new endpoint takes what the template says now");
  });
}
