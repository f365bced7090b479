import assert from "node:assert/strict";
import { candidate, candidatesFor, type Template } from "./candidate.ts";

function template(spec: Partial<NonNullable<Template["spec"]>>, profile: object = {}): Template {
  return {
    metadata: { name: "t", namespace: "ml-team" },
    spec: { modelName: "m", ...spec },
    status: { profile: { metadata: profile } },
  };
}

Deno.test("metric and precision come from the profile first, then from the spec", () => {
  const both = candidate(
    template({ metric: "latency", precision: "fp8" }, { metric: "throughput", precision: "fp16" }),
  );
  assert.deepEqual([both.metric, both.precision], ["throughput", "fp16"]);
  const spec = candidate(template({ metric: "latency", precision: "fp8" }, { metric: "", precision: "" }));
  assert.deepEqual([spec.metric, spec.precision], ["latency", "fp8"]);
  const none = candidate(template({}));
  assert.deepEqual([none.metric, none.precision], ["", ""]);
});

Deno.test("the GPU model comes from the spec first, then from the profile, and is normalised", () => {
  const model = (spec?: string, profile?: string) =>
    candidate(template({ hardware: { gpu: { model: spec } } }, { gpu: profile })).gpuModel;
  assert.equal(model("MI325X", "MI300X"), "MI325X");
  assert.equal(model("  ", " MI300X "), "MI300X");
  assert.equal(model(undefined, "AMD Instinct MI250X"), "MI250X");
  assert.equal(model(), "");
});

Deno.test("the GPU count comes from the spec first, then from the profile; zero is unknown", () => {
  const count = (spec?: number, profile?: number) =>
    candidate(template({ hardware: { gpu: { requests: spec } } }, { gpuCount: profile })).gpuCount;
  assert.equal(count(2, 8), 2);
  assert.equal(count(0, 8), 8);
  assert.equal(count(undefined, 0), undefined);
});

Deno.test("the profile type is that of the profile, not of the spec", () => {
  const spec: object = { type: "optimized" };
  assert.equal(candidate(template(spec, { type: "preview" })).profileType, "preview");
  assert.equal(candidate(template(spec)).profileType, "");
});

Deno.test("candidates name the model exactly, are not derived, and come namespace first, then by name", () => {
  const named = (name: string, namespace?: string, more: object = {}) => ({
    metadata: { name, namespace, ...more },
    spec: { modelName: "m" },
  });
  const templates: Template[] = [
    named("b"),
    named("z", "ml-team"),
    named("a"),
    named("c", "ml-team"),
    named("derived", "ml-team", { labels: { "aim.eai.amd.com/origin": "derived" } }),
    named("generated", undefined, { labels: { "aim.eai.amd.com/origin": "auto-generated" } }),
    { metadata: { name: "other" }, spec: { modelName: "M" } },
  ];
  const found = candidatesFor("m", templates).map(({ scope, name }) => `${scope} ${name}`);
  assert.deepEqual(found, ["Namespace c", "Namespace z", "Cluster a", "Cluster b", "Cluster generated"]);
});
