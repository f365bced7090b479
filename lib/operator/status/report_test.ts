import assert from "node:assert/strict";
import type { CachedKind } from "../../kube/cache/cached_kind.ts";
import type { KubeObject } from "../../kube/object.ts";
import type { Outcome, Outcomes } from "../core/plan.ts";
import type { ComponentHealth } from "./health.ts";
import { report } from "./report.ts";

const kind = { resource: { kind: "Thing" } } as CachedKind<KubeObject>;
const component: ComponentHealth = { component: "Model", dependency: "Upstream", reason: "ModelResolved" };
const refused: Outcome = {
  result: "rejected",
  category: "InvalidSpec",
  reason: "Invalid",
  message: "spec.size: too large",
};

/** Outcomes of one child. */
const outcomes = (outcome: Outcome = { result: "unchanged" }): Outcomes => ({
  of: () => outcome,
  troubles: () =>
    outcome.result === "rejected" ? [{ ref: { kind, namespace: "ns", name: "x" }, outcome }] : [],
});

Deno.test("a pass works out its summary once, and anew where a child is refused or the status before is another", () => {
  let worked = 0;
  const status = { status: "Ready", conditions: [] };
  const { status: statusOf, events } = report({
    object: { metadata: { name: "x", uid: "u", resourceVersion: "1", generation: 1 }, status },
    get components() {
      worked++;
      return [component];
    },
    speaksFor: new Map([[kind, "Model"]]),
    reached: () => true,
    statusOf: ({ conditions }) => ({ conditions }),
  });
  const readyIn = (told: object | undefined) =>
    (told as { conditions: { type: string; status: string }[] }).conditions
      .find(({ type }) => type === "Ready")?.status;

  assert.equal(readyIn(statusOf(outcomes())), "True");
  statusOf(outcomes());
  events(status, { conditions: [] }, outcomes());
  assert.equal(worked, 1);
  assert.equal(readyIn(statusOf(outcomes(refused))), "False");
  assert.equal(readyIn(statusOf(outcomes())), "True");
  assert.equal(worked, 2);
  events(undefined, { conditions: [] }, outcomes());
  assert.equal(worked, 3);
});
