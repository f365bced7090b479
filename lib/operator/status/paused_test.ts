import assert from "node:assert/strict";
import type { KubeObject, Live } from "../../kube/object.ts";
import type { StatusLike } from "./status_changes.ts";
import type { Outcomes } from "../core/plan.ts";
import { paused } from "./paused.ts";
import { summarize } from "./status.ts";

type Paused = Live<KubeObject> & { status?: StatusLike };

const time = "2026-01-01T00:00:00Z";
const frozen = (status?: StatusLike): Paused => ({
  metadata: { name: "a", uid: "u", resourceVersion: "1", generation: 5 },
  ...(status && { status }),
} as Paused);
const said = (object: Paused) => paused<StatusLike>(object).status?.({} as Outcomes);
const ready = { type: "Ready", status: "True", reason: "AllComponentsReady", lastTransitionTime: time };

Deno.test("a paused object says so once, of the generation that was acted on, and keeps the rest", () => {
  const status = { observedGeneration: 4, status: "Ready", conditions: [ready], kept: "as it is" };
  const first = said(frozen(status))!;
  const { message, ...condition } = first.conditions![0];
  assert.deepEqual(condition, { type: "Paused", status: "True", reason: "Paused", observedGeneration: 4 });
  assert.match(message!, /annotation aim\.eai\.amd\.com\/reconciliation-paused/);
  assert.deepEqual({ ...first, conditions: first.conditions!.slice(1) }, status);
  assert.equal(said(frozen(first)), undefined);
});

Deno.test("what is paused is not being reconciled; what has failed stays failed", () => {
  const types = ["CacheReady", "Reconciling", "Stalled", "Ready"];
  const conditions = types.map((type) => ({ ...ready, type }));
  const now = said(frozen({ status: "Failed", conditions }))!.conditions!.map(({ type }) => type);
  assert.deepEqual(now, ["CacheReady", "Stalled", "Paused", "Ready"]);
});

Deno.test("one that was never acted on is not Ready, and claims no generation", () => {
  const { conditions, observedGeneration } = said(frozen())!;
  assert.equal(observedGeneration, undefined);
  assert.deepEqual(conditions!.map(({ type, status }) => `${type} ${status}`), [
    "Paused True",
    "Ready False",
  ]);
  assert.ok(conditions!.every((each) => each.observedGeneration === undefined));
});

Deno.test("resumed: Paused goes with the next summary", () => {
  const { conditions } = summarize({
    components: [],
    previous: said(frozen({ status: "Ready", conditions: [ready] })),
    reached: () => true,
  });
  assert.deepEqual(conditions.map(({ type }) => type), ["Ready"]);
});
