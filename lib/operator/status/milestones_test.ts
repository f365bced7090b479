import assert from "node:assert/strict";
import type { StoredCondition } from "./conditions.ts";
import type { ComponentHealth } from "./health.ts";
import { milestones } from "./milestones.ts";
import { summarize } from "./status.ts";

/** `type reason` of the events that going from one world to the next emits. */
function walk(...worlds: ComponentHealth[][]): string[][] {
  let previous: StoredCondition[] | undefined;
  return worlds.map((components) => {
    const summary = summarize({ components, previous: { conditions: previous }, reached: () => true });
    const notes = milestones({ previous, next: summary.conditions, failing: summary.failing });
    previous = summary.conditions.map((each) => ({ ...each, lastTransitionTime: "2026-01-01T00:00:00Z" }));
    return notes.map(({ type, reason }) => `${type} ${reason}`);
  });
}

const model: ComponentHealth = { component: "Model", dependency: "Upstream", reason: "ModelResolved" };
const template: ComponentHealth = { component: "Template", dependency: "Upstream", reason: "Resolved" };
const starting: ComponentHealth = {
  component: "InferenceService",
  dependency: "Downstream",
  state: "Progressing",
  reason: "CreatingRuntime",
};
const answers: ComponentHealth = { ...starting, state: "Ready", reason: "RuntimeReady" };
const noModel: ComponentHealth = {
  ...model,
  state: "Failed",
  reason: "ModelNotFound",
  errors: [{ category: "MissingUpstream", reason: "ModelNotFound", message: "no model x" }],
};

Deno.test("what comes up without trouble tells that it is ready, and nothing else", () => {
  assert.deepEqual(
    walk([model, template, starting], [model, template, starting], [model, template, answers]),
    [
      [],
      [],
      ["Normal AllComponentsReady"],
    ],
  );
});

Deno.test("an error is told once, Ready last, and so is recovery", () => {
  assert.deepEqual(
    walk([noModel, template, starting], [noModel, template, starting], [model, template, answers]),
    [
      ["Warning ModelNotFound", "Warning ReferenceNotFound", "Warning ReferenceNotFound"],
      [],
      ["Normal ConfigurationValid", "Normal AllComponentsReady"],
    ],
  );
});

Deno.test("another reason of the same error is told", () => {
  const pods = (reason: "PodFailed" | "PodOOMKilled"): ComponentHealth => ({
    component: "Pods",
    state: "Failed",
    reason,
  });
  assert.deepEqual(walk([pods("PodFailed")], [pods("PodOOMKilled")]), [
    ["Warning PodFailed", "Warning PodFailed"],
    ["Warning PodOOMKilled", "Warning PodOOMKilled"],
  ]);
});

Deno.test("a change of message alone, and a component that is no longer reported, emit nothing", () => {
  const pods: ComponentHealth = { component: "Pods", state: "Failed", reason: "PodFailed" };
  assert.deepEqual(walk([model, pods], [{ ...model, message: "another" }, pods], [model]), [
    ["Warning PodFailed", "Warning PodFailed"],
    [],
    ["Normal AllComponentsReady"],
  ]);
});

Deno.test("an event without a message gets a sentence (conventions.md §7.1)", () => {
  const summary = summarize({ components: [{ ...noModel, message: "" }], reached: () => false });
  const [first] = milestones({ previous: undefined, next: summary.conditions, failing: summary.failing });
  assert.equal(first.message, "Model is not ready: ModelNotFound");
});
