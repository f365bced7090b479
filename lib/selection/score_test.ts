import assert from "node:assert/strict";
import { MODEL, type Sample, sample } from "./template_sample.ts";
import { select } from "./select.ts";

// The orders as services.md of the user documents them (seed, "Stage 5: Preference Scoring"), best first; of GPUs the
// longer list of spec/services.md §5.3, of which the seed's four are a part.
const seedGpus = ["MI325X", "MI300X", "MI250X", "MI210"];
const documented = {
  type: ["optimized", "preview", "unoptimized"],
  gpu: ["MI355X", "MI350X", "MI325X", "MI300X", "MI308X", "MI300A", "MI250X", "MI210", "MI100"],
  metric: ["latency", "throughput"],
  precision: ["fp4", "int4", "fp8", "int8", "fp16", "bf16", "fp32"],
};
const weight = ["type", "gpu", "metric", "precision"] as const;
const gpus = new Set([...documented.gpu, "W7900", "V620"]);

function winner(...samples: Sample[]): string {
  const { outcome } = select({ modelName: MODEL, allowUnoptimized: true }, samples.map(sample), gpus);
  return outcome.kind === "selected" ? outcome.template.metadata?.name ?? "" : outcome.kind;
}

function pairs(order: readonly string[]): [string, string][] {
  return order.flatMap((better, i) => order.slice(i + 1).map((worse): [string, string] => [better, worse]));
}

for (const [place, criterion] of weight.entries()) {
  Deno.test(`every documented pair of ${criterion} ranks in the documented order`, () => {
    for (const [better, worse] of pairs(documented[criterion])) {
      const good = { name: "z", [criterion]: better };
      const bad = { name: "a", [criterion]: worse };
      assert.equal(winner(good, bad), "z", `${better} before ${worse}`);
      assert.equal(winner(bad, good), "z", `${better} before ${worse}, listed last`);
    }
  });

  Deno.test(`${criterion} outweighs all that stands below it`, () => {
    const below = weight.slice(place + 1);
    const ends = (end: number) =>
      Object.fromEntries(below.map((lesser) => [lesser, documented[lesser].at(end)]));
    for (const [better, worse] of pairs(documented[criterion])) {
      const good = { name: "z", ...ends(-1), [criterion]: better };
      const bad = { name: "a", ...ends(0), [criterion]: worse };
      assert.equal(winner(good, bad), "z", `${better} before ${worse}`);
    }
  });
}

Deno.test("the seed's four GPU tiers keep their order", () => {
  for (const [better, worse] of pairs(seedGpus)) {
    assert.equal(
      winner({ name: "a", gpu: worse }, { name: "z", gpu: better }),
      "z",
      `${better} before ${worse}`,
    );
  }
});

Deno.test("values that the documentation does not rank come last", () => {
  const cases: [Sample, Sample][] = [
    [{ name: "z", type: "unoptimized" }, { name: "a", type: "" }],
    [{ name: "z", gpu: "MI100" }, { name: "a", gpu: "W7900" }],
    [{ name: "z", gpu: "W7900" }, { name: "a", gpu: "" }],
    [{ name: "z", metric: "throughput" }, { name: "a", metric: "" }],
    [{ name: "z", precision: "fp32" }, { name: "a", precision: "auto" }],
  ];
  for (const [good, bad] of cases) assert.equal(winner(bad, good), "z", JSON.stringify([good, bad]));
});

Deno.test("values that the documentation does not rank are equal among themselves", () => {
  assert.equal(winner({ name: "a", gpu: "W7900" }, { name: "z", gpu: "V620" }), "ambiguous");
  assert.equal(winner({ name: "a", precision: "auto" }, { name: "z", precision: "" }), "ambiguous");
});

Deno.test("values that the documentation does not rank weigh no more than their criterion", () => {
  const unranked = { type: "tuned", gpu: "", metric: "", precision: "auto" };
  const best = { type: "optimized", gpu: "MI355X", metric: "latency", precision: "fp4" };
  for (const [place, criterion] of weight.entries()) {
    const below = weight.slice(place + 1);
    const pick = (of: typeof best) => Object.fromEntries(below.map((lesser) => [lesser, of[lesser]]));
    for (const [better, worse] of pairs(documented[criterion])) {
      const good = { name: "z", ...pick(unranked), [criterion]: better };
      const bad = { name: "a", ...pick(best), [criterion]: worse };
      assert.equal(winner(bad, good), "z", JSON.stringify([good, bad]));
    }
  }
});

Deno.test("letter case and the vendor's name make no difference", () => {
  assert.equal(winner({ name: "a", gpu: "AMD Instinct MI300X" }, { name: "z", gpu: "mi325x" }), "z");
  assert.equal(winner({ name: "a", gpu: "AMD_Instinct_MI300X" }, { name: "z", gpu: "mi300x" }), "ambiguous");
  assert.equal(winner({ name: "a", precision: "BF16" }, { name: "z", precision: "Fp16" }), "z");
});

Deno.test("GPU count, age and name break no tie", () => {
  assert.equal(winner({ name: "a", gpuCount: 1 }, { name: "z", gpuCount: 8 }), "ambiguous");
  const older = sample({ name: "a" });
  Object.assign(older.metadata!, { creationTimestamp: "2020-01-01T00:00:00Z" });
  const newer = sample({ name: "z" });
  Object.assign(newer.metadata!, { creationTimestamp: "2025-01-01T00:00:00Z" });
  assert.equal(select({ modelName: MODEL }, [older, newer], gpus).outcome.kind, "ambiguous");
});
