import assert from "node:assert/strict";
import type { ErrorCategory } from "../errors/errors.ts";
import type { ComponentHealth } from "./health.ts";
import type { Reason } from "../errors/reasons.ts";
import { applyGate, type Evidence, summarize, type Summary } from "./status.ts";

const never = () => false;
const error = (category: ErrorCategory, reason: Reason = "Timeout", message = "why") => ({
  category,
  reason,
  message,
});
const look = (components: readonly ComponentHealth[], more: Partial<Evidence> = {}) =>
  summarize({ components, reached: never, ...more });
/** `True/Reason`, or undefined if there is no such condition. */
const short = (summary: Summary, type: string) => {
  const found = summary.conditions.find((condition) => condition.type === type);
  return found && `${found.status}/${found.reason}`;
};
const since = "2026-01-02T03:04:05Z";
const end = Date.parse(since) + 10_000;
const before = (status: string, componentStatus: string | undefined, reachable = "False") => ({
  status,
  conditions: [
    {
      type: "DependenciesReachable",
      status: reachable,
      reason: "InfrastructureError",
      lastTransitionTime: since,
    },
    ...(componentStatus ? [{ type: "XReady", status: componentStatus, reason: "JobRunning" }] : []),
  ],
});

Deno.test("inside the grace period a component keeps its condition's status (conventions.md §5.3)", () => {
  const rows: [previous: ReturnType<typeof before>, x: string, ready: string, status: string][] = [
    [before("Ready", "True"), "True/Timeout", "True/AllComponentsReady", "Ready"],
    [before("Running", "True"), "True/Timeout", "True/AllComponentsReady", "Ready"],
    [before("Pending", "False"), "False/Timeout", "False/InfrastructureError", "Pending"],
    [before("Progressing", "False"), "False/Timeout", "False/InfrastructureError", "Progressing"],
    [before("Starting", "False"), "False/Timeout", "False/InfrastructureError", "Progressing"],
    [before("Degraded", "False"), "False/Timeout", "False/Timeout", "Degraded"],
    [before("Ready", undefined), "False/Timeout", "False/Timeout", "Degraded"],
  ];
  for (const [previous, x, ready, status] of rows) {
    const asked: unknown[] = [];
    const components: ComponentHealth[] = [{ component: "X", errors: [error("Infrastructure")] }];
    const inside = summarize({ components, previous, reached: (moment) => (asked.push(moment), false) });
    assert.deepEqual(asked, [end]);
    assert.deepEqual([short(inside, "XReady"), short(inside, "Ready"), inside.status], [x, ready, status]);
    assert.equal(short(inside, "DependenciesReachable"), "False/InfrastructureError");

    const after = summarize({ components, previous, reached: () => true });
    assert.equal(short(after, "XReady"), "False/Timeout");
    assert.equal(after.status, "Degraded");
  }
});

Deno.test("the grace period begins with the first failure, and holds for Unknown errors too", () => {
  for (const category of ["Infrastructure", "Unknown"] as const) {
    const summary = look([{ component: "X", errors: [error(category)] }], {
      previous: before("Ready", "True", "True"),
    });
    assert.equal(summary.status, "Ready", category);
  }
});

Deno.test("a newly failing component is not covered by what another one was", () => {
  const components: ComponentHealth[] = [
    { component: "X", errors: [error("Infrastructure")] },
    { component: "New", errors: [error("Unknown", "UnknownError")] },
  ];
  const summary = look(components, { previous: before("Progressing", "False") });
  assert.equal(summary.status, "Degraded");
});

Deno.test("a refused child fails its component and leaves the gate open (services.md §2.3)", () => {
  const components: ComponentHealth[] = [
    {
      component: "InferenceService",
      dependency: "Downstream",
      state: "Progressing",
      reason: "CreatingRuntime",
    },
  ];
  const applyFailures = [{
    component: "InferenceService",
    error: error("InvalidSpec", "InvalidSpec", "failed to apply InferenceService x: no"),
  }];
  const summary = look(components, { applyFailures });
  assert.equal(summary.status, "Failed");
  assert.equal(short(summary, "InferenceServiceReady"), "False/InvalidSpec");
  assert.equal(short(summary, "ConfigValid"), "False/InvalidSpec");
  assert.equal(short(summary, "DependenciesReachable"), undefined);
  assert.equal(applyGate(components).open, true);
});

Deno.test("an apply that did not get through makes Ready False after the grace period (conventions.md §3 Better)", () => {
  const components: ComponentHealth[] = [{ component: "X", dependency: "Downstream" }];
  const applyFailures = [{
    component: "X",
    error: error("Infrastructure", "Timeout", "failed to apply Job x: timeout"),
  }];
  const inside = look(components, { applyFailures, previous: before("Ready", "True", "True") });
  assert.deepEqual([inside.status, short(inside, "Ready")], ["Ready", "True/AllComponentsReady"]);
  assert.equal(
    inside.conditions[0].message,
    "Failed to apply resources: failed to apply Job x: timeout",
  );
  const after = summarize({
    components,
    applyFailures,
    previous: before("Ready", "True"),
    reached: () => true,
  });
  assert.deepEqual([after.status, short(after, "Ready")], ["Degraded", "False/Timeout"]);
  const unreported = look([], { applyFailures });
  assert.equal(short(unreported, "XReady"), "False/Timeout");
});
