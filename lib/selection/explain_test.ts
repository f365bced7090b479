/** The smallest change that makes a candidate win: by hand, and for random catalogues. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { apply } from "./apply.ts";
import { candidatesFor, type Template } from "./candidate.ts";
import type { Change, Edit } from "./edit.ts";
import { type Evaluation, select } from "./select.ts";
import type { SelectionRequest } from "./stages.ts";
import { MODEL, type Sample, sample } from "./template_sample.ts";

const gpus = new Set(["MI300X", "MI325X", "MI210"]);
const own = { namespace: "ml-team" };

/** How the first sample would win, in words. */
function winsWith([first, ...others]: Sample[], request: Partial<SelectionRequest> = {}): string | undefined {
  const { evaluations } = select(
    { modelName: MODEL, ...request },
    [first, ...others].map(sample),
    gpus,
  );
  return evaluations.find(({ name, namespace }) => name === first.name && namespace === first.namespace)
    ?.wouldWinBy?.phrase;
}

const model = (model: string) => ({ hardware: { gpu: { model } } });
const count = (requests: number) => ({ hardware: { gpu: { requests } } });

/** The words, the candidate with those that it meets, and the request. */
const cases: Record<string, [string, [Sample, ...Sample[]], Partial<SelectionRequest>?]> = {
  "not Ready": ["status Ready", [{ name: "a", status: "Failed" }]],
  "not available, for want of a node": [
    "a node with GPU MI250X and status Ready",
    [{ name: "a", status: "NotAvailable", gpu: "MI250X" }],
  ],
  "not optimized": ["template.allowUnoptimized: true", [{ name: "a", type: "preview" }]],
  "not optimized where another is": [
    "profile type optimized",
    [{ name: "a", type: "preview", precision: "fp8" }, { name: "b" }],
  ],
  "an optimized one below an unoptimized one of the namespace": [
    "template.allowUnoptimized: false",
    [{ name: "a" }, { name: "b", ...own, type: "preview" }],
    { allowUnoptimized: true },
  ],
  "another metric than the overrides'": [
    "overrides.metric removed",
    [{ name: "a", metric: "throughput" }],
    { overrides: { metric: "latency" } },
  ],
  "another metric than the overrides', beside one that has it": [
    "metric latency",
    [{ name: "a", metric: "throughput", precision: "fp8" }, { name: "b" }],
    { overrides: { metric: "latency" } },
  ],
  "another precision than the overrides'": [
    "overrides.precision removed",
    [{ name: "a" }],
    { overrides: { precision: "fp8" } },
  ],
  "another GPU than the overrides'": ["overrides.hardware removed", [{ name: "a" }], {
    overrides: model("AMD Instinct MI325X"),
  }],
  "another count than the overrides', beside one that has it": [
    "GPU count 8",
    [{ name: "a", precision: "fp8", gpuCount: 1 }, { name: "b", gpuCount: 8 }],
    { overrides: count(8), defaultTemplate: "b" },
  ],
  "GPU and count wrong: one field": [
    "overrides.hardware removed",
    [{ name: "a", gpuCount: 1 }],
    { overrides: { hardware: { gpu: { model: "MI325X", requests: 8 } } } },
  ],
  "a GPU that is on no node": ["a node with GPU MI250X", [{ name: "a", gpu: "MI250X" }]],
  "a GPU that is on no node, and a rival with a better one": [
    "GPU MI325X",
    [{ name: "a", gpu: "MI250X" }, { name: "b" }],
  ],
  "a cluster template that differs": [
    "overrides.precision: fp16",
    [{ name: "a" }, { name: "b", ...own, precision: "fp8" }],
  ],
  "a cluster template that does not": [
    "template b deleted",
    [{ name: "a" }, { name: "b", ...own }],
  ],
  "a cluster template better than several": [
    "a move to namespace ml-team",
    [{ name: "a" }, { name: "b", ...own, gpu: "" }, { name: "c", ...own, gpu: "" }],
    { overrides: { metric: "latency", ...model("MI300X") } },
  ],
  "a lower precision": ["overrides.precision: fp16", [{ name: "a" }, { name: "b", precision: "fp8" }]],
  "a lower metric": [
    "overrides.metric: throughput",
    [{ name: "a", metric: "throughput" }, { name: "b" }],
  ],
  "a lower GPU": ["overrides.hardware.gpu.model: MI210", [{ name: "a", gpu: "MI210" }, { name: "b" }]],
  "a lower precision that overrides cannot name": [
    "precision int4",
    [{ name: "a", gpu: "MI325X", precision: "fp12" }, { name: "b", gpu: "MI325X", precision: "fp8" }],
  ],
  "a tie that the GPU count breaks": [
    "overrides.hardware.gpu.requests: 8, or with its name in template.name",
    [{ name: "a", gpuCount: 8 }, { name: "b", gpuCount: 4 }],
  ],
  "a tie of two that are the same": [
    "cluster template b deleted, or with its name in template.name",
    [{ name: "a" }, { name: "b" }],
  ],
  "a tie of four that are the same": [
    "GPU MI325X, or with its name in template.name",
    [{ name: "a" }, { name: "b" }, { name: "c" }, { name: "d" }],
  ],
  "a tie of four of the best that are the same": [
    "template b and 2 more deleted, or with its name in template.name",
    ["a", "b", "c", "d"].map((name) => ({ name, ...own, gpu: "MI325X", precision: "fp4" })) as [Sample],
  ],
  "another default template": [
    "overrides.metric: latency",
    [{ name: "a", precision: "fp8" }, { name: "plain" }],
    { defaultTemplate: "plain" },
  ],
  "the default template, which overrides switch off": [
    "overrides.metric removed",
    [{ name: "plain" }, { name: "a", precision: "fp8" }],
    { defaultTemplate: "plain", overrides: { metric: "latency" } },
  ],
  "all at once": [
    "template.allowUnoptimized: true, overrides.metric removed, status Ready and GPU MI300X",
    [{ name: "a", status: "Pending", type: "", metric: "throughput", gpu: "W7900" }],
    { overrides: { metric: "latency", ...model("MI300X") } },
  ],
};

for (const [title, [words, samples, request]] of Object.entries(cases)) {
  Deno.test(`wins with: ${title}`, () => assert.equal(winsWith(samples, request), words));
}

Deno.test("the chosen one needs no change", () => {
  assert.equal(winsWith([{ name: "a" }, { name: "b", precision: "fp32" }]), undefined);
});

Deno.test("a change is data: fields, values, the candidate that it is for", () => {
  const { evaluations } = select(
    { modelName: MODEL },
    [{ name: "a", ...own, status: "Pending" }, { name: "b" }].map(sample),
    gpus,
  );
  assert.deepEqual(evaluations[0].wouldWinBy, {
    name: "a",
    namespace: "ml-team",
    edits: [{ of: "candidate", field: "status.status", value: "Ready" }],
    phrase: "status Ready",
  });
});

Deno.test("hardware that overrides hold for the CPUs alone is left as it is", () => {
  const overrides = { hardware: { cpu: { requests: "4" } } } as SelectionRequest["overrides"];
  const samples: [Sample, Sample] = [{ name: "a", gpu: "MI210" }, { name: "b" }];
  assert.equal(winsWith(samples, { overrides }), "GPU MI325X");
});

Deno.test("a cluster template with a namesake in the namespace is not moved onto it", () => {
  const samples: [Sample, Sample] = [{ name: "a", precision: "fp4" }, {
    name: "a",
    ...own,
    precision: "fp4",
    gpu: "MI210",
  }];
  const overrides = { metric: "latency", precision: "fp4", ...count(1) };
  assert.equal(winsWith(samples, { overrides }), "template a deleted");
});

Deno.test("nothing is worked out before it is asked for, and then once", () => {
  let looks = 0;
  const nodes = {
    has: (model: string) => (looks++, gpus.has(model)),
    keys: () => gpus.keys(),
  };
  const samples = Array.from({ length: 500 }, (_, i) => sample({ name: `t${i}`, gpu: "MI250X" }));
  const { evaluations } = select({ modelName: MODEL }, samples, nodes);
  assert.equal(looks, 500);
  assert.equal(evaluations[7].wouldWinBy?.edits.length, 1);
  const after = looks;
  assert.ok(after > 500);
  assert.equal(evaluations[7].wouldWinBy, evaluations[7].wouldWinBy);
  assert.equal(looks, after);
});

Deno.test("of five hundred of the best that are the same, one wins with 499 deleted, in few words", () => {
  const name = (i: number) => String(i).padStart(3, "0") + "x".repeat(250);
  const samples = Array.from(
    { length: 500 },
    (_, i) => sample({ name: name(i), gpu: "MI325X", precision: "fp4" }),
  );
  const { evaluations } = select({ modelName: MODEL }, samples, gpus);
  const change = evaluations[0].wouldWinBy!;
  assert.equal(change.edits.length, 499);
  assert.equal(
    change.phrase,
    `cluster template ${name(1)} and 498 more deleted, or with its name in template.name`,
  );
});

// Random catalogues. Every attribute stands in one of the places that it is read from, or in none.
const place = fc.boolean();
interface Given extends Sample {
  readonly inSpec: Readonly<Record<"gpu" | "gpuCount" | "metric" | "precision", boolean>>;
  readonly another: "" | "model" | "derived";
}
const identity = {
  name: fc.constantFrom("a", "b", "c", "d"),
  namespace: fc.constantFrom("ml-team", undefined),
  gpuCount: fc.constantFrom(0, 1, 8),
  inSpec: fc.record({ gpu: place, gpuCount: place, metric: place, precision: place }),
  another: fc.constantFrom<Given["another"][]>("", "", "", "", "", "", "", "model", "derived"),
};
const diverse: fc.Arbitrary<Given> = fc.record({
  ...identity,
  status: fc.constantFrom("Ready", "Ready", "Ready", "Ready", "Pending", "NotAvailable", ""),
  type: fc.constantFrom("optimized", "optimized", "preview", "unoptimized", "", "tuned"),
  gpu: fc.constantFrom("MI325X", "MI300X", "AMD Instinct MI300X", "MI250X", "W7900", ""),
  metric: fc.constantFrom("latency", "throughput", "Latency", ""),
  precision: fc.constantFrom("fp4", "fp8", "fp16", "auto", "fp12", ""),
});
/** Much the same, so that they get as far as a tie. */
const similar: fc.Arbitrary<Given> = fc.record({
  ...identity,
  status: fc.constantFrom("Ready", "Ready", "Ready", "Ready", "Ready", "Pending"),
  type: fc.constantFrom("optimized", "optimized", "optimized", "preview"),
  gpu: fc.constantFrom("MI325X", "mi325x", ""),
  metric: fc.constant("latency"),
  precision: fc.constantFrom("fp4", "fp8"),
});
const templates = fc.oneof(
  ...[diverse, similar].map((one) =>
    fc.uniqueArray(one, { selector: (s) => `${s.namespace}/${s.name}`, maxLength: 8 })
  ),
).map((all) => all.map(templateOf));

function templateOf({ inSpec, another, ...given }: Given): Template {
  const { gpu = "", gpuCount = 0, metric, precision } = given;
  const template = sample({
    ...given,
    gpu: inSpec.gpu ? "" : gpu,
    gpuCount: inSpec.gpuCount ? 0 : gpuCount,
    metric: inSpec.metric ? "" : metric,
    precision: inSpec.precision ? "" : precision,
  });
  if (another === "derived") template.metadata!.labels = { "aim.eai.amd.com/origin": "derived" };
  template.spec = {
    modelName: another === "model" ? "other" : MODEL,
    ...(inSpec.metric ? { metric } : {}),
    ...(inSpec.precision ? { precision } : {}),
    hardware: {
      gpu: { ...(inSpec.gpu ? { model: gpu } : {}), ...(inSpec.gpuCount ? { requests: gpuCount } : {}) },
    },
  };
  return template;
}

const requests: fc.Arbitrary<SelectionRequest> = fc.record({
  modelName: fc.constant(MODEL),
  allowUnoptimized: fc.constantFrom(true, false, undefined),
  templateIsFixed: fc.boolean(),
  breakTies: fc.constantFrom(undefined, undefined, "by-name", "never"),
  defaultTemplate: fc.constantFrom(undefined, undefined, undefined, "a", "b", "nowhere"),
  overrides: fc.option(
    fc.record({
      metric: fc.constantFrom("latency", "throughput", undefined, undefined),
      precision: fc.constantFrom("fp8", "fp32", undefined, undefined),
      hardware: fc.constantFrom(
        undefined,
        undefined,
        {},
        { gpu: { model: "mi300x" } },
        { gpu: { model: "MI355X" } },
        { gpu: { requests: 8 } },
        { gpu: { model: "MI325X", requests: 2 } },
      ),
    }),
    { nil: undefined, freq: 2 },
  ),
});
const nodes = fc.subarray(["MI325X", "MI300X", "MI250X", "W7900"]).map((models) => new Set(models));

type Catalogue = readonly [SelectionRequest, readonly Template[], ReadonlySet<string>];

/** Calls for each rejected record of random catalogues; says for which stages there was one, how often. */
function forRejected(
  numRuns: number,
  check: (record: Evaluation & { readonly wouldWinBy?: Change }, ...catalogue: Catalogue) => void,
): Record<string, number> {
  const seen: Record<string, number> = {};
  const property = fc.property(requests, templates, nodes, (...catalogue) => {
    for (const record of select(...catalogue).evaluations) {
      if (record.status === "chosen") continue;
      check(record, ...catalogue);
      seen[record.reason] = (seen[record.reason] ?? 0) + 1;
    }
  });
  fc.assert(property, { numRuns: numRuns * Number(Deno.env.get("AIM_PROPERTY_RUNS") ?? 1) });
  return seen;
}

/** Whether the change leaves the candidate, and it alone, selected. */
function wins(change: Change, ...catalogue: Catalogue): boolean {
  const { request, templates, gpus, target } = apply(change, ...catalogue);
  const { outcome } = select(request, templates, gpus);
  return outcome.kind === "selected" && outcome.template === target;
}

const rejections = [
  "LowerPreferenceRank",
  "NamespaceTemplatePreferred",
  "RequiredGPUNotInCluster",
  "ServiceOverridesNotMatched",
  "TemplateNotAvailable",
  "TemplateNotReady",
  "TemplatePending",
  "TemplateSelectionAmbiguous",
  "UnoptimizedTemplateFiltered",
];

Deno.test("every rejected record wins by its change, and by no part of it", () => {
  // The rarest reason, a tie, comes about 150 times: 50 is far from what chance can do.
  const seen = forRejected(4000, (record, ...catalogue) => {
    const change = record.wouldWinBy!;
    assert.deepEqual([change.name, change.namespace], [record.name, record.namespace]);
    assert.ok(change.edits.length > 0 && change.phrase !== "");
    // A spec.template cannot be changed once written (api.md §10.1).
    assert.ok(
      !catalogue[0].templateIsFixed || !change.phrase.includes("template.allowUnoptimized"),
      change.phrase,
    );
    assert.ok(!catalogue[0].templateIsFixed || !change.phrase.includes("in template.name"), change.phrase);
    assert.ok(wins(change, ...catalogue), `${record.name} does not win with ${change.phrase}`);
    for (const part of parts(change.edits)) {
      if (part.length === change.edits.length) continue;
      assert.ok(!wins({ ...change, edits: part }, ...catalogue), `part of ${change.phrase} is enough`);
    }
  });
  assert.deepEqual(Object.keys(seen).sort(), rejections);
  assert.ok(Math.min(...Object.values(seen)) >= 50, JSON.stringify(seen));
});

function parts<T>([first, ...rest]: readonly T[]): T[][] {
  if (first === undefined) return [[]];
  return parts(rest).flatMap((part) => [part, [first, ...part]]);
}

Deno.test("a change leaves what it is applied to as it is", () => {
  forRejected(300, (record, ...catalogue) => {
    const written = () => JSON.stringify([catalogue[0], catalogue[1], [...catalogue[2]]]);
    const before = written();
    apply(record.wouldWinBy!, ...catalogue);
    assert.equal(written(), before);
  });
});

Deno.test("what a shuffle of the templates changes is nothing", () => {
  forRejected(300, (record, request, templates, gpus) => {
    const { evaluations } = select(request, templates.toReversed(), gpus);
    const same = evaluations.find(({ name, namespace }) =>
      name === record.name && namespace === record.namespace
    );
    assert.deepEqual(same?.wouldWinBy, record.wouldWinBy);
  });
});

Deno.test("no change with fewer edits exists, whatever values they give", () => {
  let compared = 0;
  forRejected(150, (record, ...catalogue) => {
    const change = record.wouldWinBy!;
    // The number of combinations grows fast; three edits are enough to tell search from guess.
    if (change.edits.length > 3) return;
    for (const edits of combinations(vocabulary(record, ...catalogue), change.edits.length - 1)) {
      compared++;
      assert.ok(!wins({ ...change, edits }, ...catalogue), `${JSON.stringify(edits)} beats ${change.phrase}`);
    }
  });
  assert.ok(compared > 1000, `${compared} combinations`);
});

/** All edits that come into question, spelled out by hand: with every value, not only the best. */
function vocabulary(record: Evaluation, request: SelectionRequest, templates: readonly Template[], gpus: {
  keys(): Iterable<string>;
}): Edit[] {
  const all = candidatesFor(MODEL, templates);
  const self = all.find(({ name, namespace }) => name === record.name && namespace === record.namespace)!;
  const { metric, precision, hardware } = request.overrides ?? {};
  const model = hardware?.gpu?.model?.toUpperCase();
  const requests = hardware?.gpu?.requests;
  const models = new Set([...gpus.keys(), ...(model ? [model] : [])]);
  const candidateEdits = (field: string, values: Iterable<string | number>) =>
    [...values].map((value) => ({ of: "candidate", field, value }));
  const own = all.filter(({ scope }) => scope === "Namespace");
  const isFree = own.length > 0 && own.every(({ name }) => name !== self.name);
  return [
    // A spec.template that is written already cannot be changed.
    ...(request.templateIsFixed
      ? []
      : [{ of: "service", field: "template.allowUnoptimized", value: !request.allowUnoptimized }]),
    { of: "service", field: "overrides.metric", value: metric ? null : self.metric.toLowerCase() || null },
    { of: "service", field: "overrides.precision", value: precision ? null : knownPrecision(self.precision) },
    ...(hardware?.gpu ? [{ of: "service", field: "overrides.hardware", value: null }] : []),
    ...(!hardware && self.gpuModel
      ? [{ of: "service", field: "overrides.hardware.gpu.model", value: self.gpuModel }]
      : []),
    ...(!hardware && self.gpuCount
      ? [{ of: "service", field: "overrides.hardware.gpu.requests", value: self.gpuCount }]
      : []),
    ...["MI325X", "MI300X", "MI250X", "W7900", "MI355X"].map((value) => ({
      of: "nodes",
      field: "gpuModel",
      value,
    })),
    ...candidateEdits("status.status", ["Ready"]),
    ...candidateEdits("status.profile.metadata.type", ["optimized", "preview", "unoptimized"]),
    ...candidateEdits("status.profile.metadata.metric", ["latency", "throughput"]),
    ...candidateEdits("status.profile.metadata.precision", [
      "fp4",
      "int4",
      "fp8",
      "int8",
      "fp16",
      "bf16",
      "fp32",
    ]),
    ...candidateEdits("spec.hardware.gpu.model", models),
    ...candidateEdits("spec.hardware.gpu.requests", requests ? [requests] : []),
    ...candidateEdits("metadata.namespace", self.scope === "Cluster" && isFree ? ["ml-team"] : []),
    ...all.filter((other) => other !== self).map(({ name, namespace }) => ({ of: "rival", name, namespace })),
  ] as Edit[];
}

function knownPrecision(precision: string): string | null {
  return ["fp4", "fp8", "fp16", "auto"].find((known) => known === precision) ?? null;
}

function combinations<T>(from: readonly T[], size: number): T[][] {
  if (size === 0) return [[]];
  return from.flatMap((first, i) =>
    combinations(from.slice(i + 1), size - 1).map((rest) => [first, ...rest])
  );
}
