import assert from "node:assert/strict";
import fc from "fast-check";
import { MODEL, type Sample, sample } from "./template_sample.ts";
import { type Evaluation, select } from "./select.ts";
import type { Template } from "./candidate.ts";
import type { SelectionRequest } from "./stages.ts";

const gpus = new Set(["MI300X", "MI325X", "MI210"]);

function choose(samples: Sample[], request: Partial<SelectionRequest> = {}) {
  return select({ modelName: MODEL, ...request }, samples.map(sample), gpus);
}

function chosen(samples: Sample[], request: Partial<SelectionRequest> = {}): string {
  const { outcome } = choose(samples, request);
  return outcome.kind === "selected" ? outcome.template.metadata?.name ?? "" : outcome.kind;
}

function record(samples: Sample[], name: string, request: Partial<SelectionRequest> = {}): string {
  const found = choose(samples, request).evaluations.filter((evaluation) => evaluation.name === name);
  assert.equal(found.length, 1, `one record for ${name}`);
  const { status, stage, reason, fact } = found[0];
  return `${status} ${stage} ${reason}: ${fact}`;
}

Deno.test("stage 1 keeps Ready templates only and names the status of the others", () => {
  const expected: [string, string][] = [
    ["Pending", "rejected availability TemplatePending: status Pending"],
    ["Progressing", "rejected availability TemplateProgressing: status Progressing"],
    ["NotAvailable", "rejected availability TemplateNotAvailable: status NotAvailable"],
    ["Degraded", "rejected availability TemplateDegraded: status Degraded"],
    ["Failed", "rejected availability TemplateFailed: status Failed"],
    ["", "rejected availability TemplateNotReady: no status yet"],
    ["Starting", "rejected availability TemplateNotReady: status Starting"],
  ];
  for (const [status, verdict] of expected) {
    const samples = [{ name: "ready", precision: "fp32" }, { name: "other", precision: "fp4", status }];
    assert.equal(chosen(samples), "ready", status);
    assert.equal(record(samples, "other"), verdict);
    assert.deepEqual(choose([{ name: "other", status }]).outcome, { kind: "notReady" });
  }
});

Deno.test("stage 1 says which GPU a template misses that is NotAvailable for it", () => {
  assert.equal(
    record([{ name: "t", status: "NotAvailable", gpu: "MI250X" }], "t"),
    "rejected availability TemplateNotAvailable: status NotAvailable, " +
      "GPU MI250X is on no node (the cluster has MI210, MI300X, MI325X)",
  );
});

Deno.test("stage 2 keeps optimized templates, and all of them where the service allows it", () => {
  const expected: [string, string][] = [
    ["preview", "profile type preview, allowUnoptimized is not set"],
    ["unoptimized", "profile type unoptimized, allowUnoptimized is not set"],
    ["", "no profile type, allowUnoptimized is not set"],
  ];
  for (const [type, fact] of expected) {
    const samples = [{ name: "other", type }];
    assert.equal(record(samples, "other"), `rejected optimization UnoptimizedTemplateFiltered: ${fact}`);
    assert.deepEqual(choose(samples).outcome, { kind: "filtered", stage: "optimization", ready: 1 });
    assert.equal(chosen(samples, { allowUnoptimized: true }), "other");
    assert.equal(chosen([...samples, { name: "optimized", precision: "fp32" }]), "optimized");
  }
  const bare: Template = { metadata: { name: "t" }, spec: { modelName: MODEL }, status: { status: "Ready" } };
  assert.equal(select({ modelName: MODEL }, [bare], gpus).outcome.kind, "filtered");
});

Deno.test("stage 3 keeps what agrees with the overrides", () => {
  const gpu = (model?: string, requests?: number) => ({ hardware: { gpu: { model, requests } } });
  const rejected: [Partial<Sample>, SelectionRequest["overrides"], string][] = [
    [{ metric: "throughput" }, { metric: "latency" }, "metric throughput, overrides ask for latency"],
    [{ metric: "" }, { metric: "latency" }, "metric unknown, overrides ask for latency"],
    [{ precision: "fp16" }, { precision: "fp8" }, "precision fp16, overrides ask for fp8"],
    [{ precision: "" }, { precision: "fp8" }, "precision unknown, overrides ask for fp8"],
    [{ gpu: "MI300X" }, gpu("AMD Instinct MI325X"), "GPU MI300X, overrides ask for MI325X"],
    [{ gpuCount: 1 }, gpu(undefined, 8), "GPU count 1, overrides ask for 8"],
  ];
  for (const [given, overrides, fact] of rejected) {
    const samples = [{ name: "t", ...given }];
    assert.equal(
      record(samples, "t", { overrides }),
      `rejected overrides ServiceOverridesNotMatched: ${fact}`,
    );
    assert.deepEqual(choose(samples, { overrides }).outcome, {
      kind: "filtered",
      stage: "overrides",
      ready: 1,
    });
    assert.equal(chosen(samples), "t", "without overrides");
  }
  const kept: [Partial<Sample>, SelectionRequest["overrides"]][] = [
    [{ metric: "latency" }, { metric: "Latency" }],
    [{ precision: "fp8" }, { precision: "FP8" }],
    [{ gpu: "MI300X" }, gpu("instinct-mi300x")],
    [{ gpu: "" }, gpu("MI325X")],
    [{ gpuCount: 4 }, gpu(undefined, 4)],
    [{}, gpu(undefined, 4)],
    [{ gpuCount: 4 }, gpu(undefined, 0)],
    [{}, {}],
    [{ metric: "" }, { metric: "" }],
  ];
  for (const [given, overrides] of kept) assert.equal(chosen([{ name: "t", ...given }], { overrides }), "t");
});

Deno.test("stage 4 keeps templates whose GPU is on some node or unknown", () => {
  const samples = [{ name: "t", gpu: "MI250X" }];
  assert.equal(
    record(samples, "t"),
    "rejected gpu RequiredGPUNotInCluster: GPU MI250X is on no node (the cluster has MI210, MI300X, MI325X)",
  );
  assert.deepEqual(choose(samples).outcome, { kind: "filtered", stage: "gpu", ready: 1 });
  assert.equal(chosen([{ name: "t", gpu: "" }]), "t");
  assert.equal(chosen([{ name: "t", gpu: "AMD_Instinct_MI300X" }]), "t");
  const none = select({ modelName: MODEL }, [sample({ name: "t" })], new Map());
  assert.equal(none.evaluations[0].fact, "GPU MI300X is on no node (the cluster has no known GPU)");
  const many = select({ modelName: MODEL }, [sample({ name: "t" })], new Set([..."ABCDEFGHIJ"]));
  assert.equal(
    many.evaluations[0].fact,
    "GPU MI300X is on no node (the cluster has A, B, C, D, E, F, G, H and 2 more)",
  );
});

Deno.test("stage 5 prefers namespace templates, however well a cluster template scores", () => {
  const samples = [{ name: "cluster", precision: "fp4" }, {
    name: "own",
    namespace: "ml-team",
    precision: "fp32",
  }];
  assert.equal(chosen(samples), "own");
  assert.equal(
    record(samples, "cluster"),
    "rejected scope NamespaceTemplatePreferred: namespace template own is preferred to cluster templates",
  );
  assert.equal(
    record(samples, "own"),
    "chosen scope BestMatch: namespace template, preferred to cluster template cluster",
  );
});

Deno.test("a namespace template that an earlier stage drops does not hide cluster templates", () => {
  assert.equal(
    chosen([{ name: "own", namespace: "ml-team", status: "Failed" }, { name: "cluster" }]),
    "cluster",
  );
  assert.equal(
    chosen([{ name: "own", namespace: "ml-team", gpu: "MI250X" }, { name: "cluster" }]),
    "cluster",
  );
});

Deno.test("the score names what decided", () => {
  const cases: [Partial<Sample>, string, string][] = [
    [
      { type: "preview" },
      "profile type preview ranks below optimized of best",
      "profile type optimized ranks above preview of t",
    ],
    [{ gpu: "MI210" }, "GPU MI210 ranks below MI300X of best", "GPU MI300X ranks above MI210 of t"],
    [{ gpu: "" }, "GPU unknown ranks below MI300X of best", "GPU MI300X ranks above unknown of t"],
    [
      { metric: "throughput", precision: "fp4" },
      "metric throughput ranks below latency of best",
      "metric latency ranks above throughput of t",
    ],
    [
      { precision: "bf16" },
      "precision bf16 ranks below fp16 of best",
      "precision fp16 ranks above bf16 of t",
    ],
  ];
  for (const [given, below, above] of cases) {
    const samples = [{ name: "best" }, { name: "t", ...given }];
    assert.equal(
      record(samples, "t", { allowUnoptimized: true }),
      `rejected score LowerPreferenceRank: ${below}`,
    );
    assert.equal(record(samples, "best", { allowUnoptimized: true }), `chosen score BestMatch: ${above}`);
  }
  assert.equal(
    record([{ name: "t" }], "t"),
    "chosen score BestMatch: the only template left after filtering",
  );
});

Deno.test("equal scores are ambiguous: nothing is chosen, the tied ones are named, the others rank below", () => {
  const samples = [{ name: "b" }, { name: "a" }, { name: "c" }, { name: "worse", precision: "fp32" }];
  const { outcome, runnerUp } = choose(samples);
  assert.equal(outcome.kind, "ambiguous");
  assert.deepEqual(outcome.kind === "ambiguous" && outcome.tied.map((t) => t.metadata?.name), [
    "a",
    "b",
    "c",
  ]);
  assert.equal(runnerUp, undefined);
  const values = "profile type optimized, GPU MI300X, metric latency, precision fp16";
  assert.equal(
    record(samples, "b"),
    `rejected score TemplateSelectionAmbiguous: ${values} rank the same as a and 1 more`,
  );
  assert.equal(
    record(samples, "worse"),
    "rejected score LowerPreferenceRank: precision fp32 ranks below fp16 of a",
  );
});

Deno.test("spec/README: the model's default template counts within its scope: there it wins over the score", () => {
  const request = { defaultTemplate: " plain " };
  const plain = { name: "plain", precision: "fp32" };
  const fast = { name: "fast", precision: "fp4" };
  const own = { name: "own", namespace: "ml-team", precision: "fp16" };
  const cluster = [plain, fast];
  assert.equal(chosen(cluster, request), "plain");
  assert.equal(record(cluster, "plain", request), "chosen default BestMatch: the model's default template");
  const beaten = "rejected default LowerPreferenceRank: cluster template plain is the model's default";
  assert.equal(record(cluster, "fast", request), beaten);
  // Seed, stage 4: a namespace's template that survives the filters precedes a default of the cluster.
  assert.equal(chosen([...cluster, own], request), "own");
  const preferred =
    "rejected scope NamespaceTemplatePreferred: namespace template own is preferred to cluster templates";
  assert.equal(record([...cluster, own], "plain", request), preferred);
  assert.equal(
    record([...cluster, own], "own", request),
    "chosen scope BestMatch: namespace template, preferred to cluster template plain",
  );
  const inNamespace = [plain, fast, own].map((each) => ({ ...each, namespace: "ml-team" }));
  assert.equal(chosen(inNamespace, request), "plain");
});

Deno.test("a default template that does not survive the filters, or is not there, changes nothing", () => {
  const fallen: Partial<Sample>[] = [{ status: "Pending" }, { type: "preview" }, { gpu: "MI250X" }];
  for (const given of fallen) {
    assert.equal(
      chosen([{ name: "plain", ...given }, { name: "fast" }], { defaultTemplate: "plain" }),
      "fast",
    );
  }
  assert.equal(chosen([{ name: "fast" }], { defaultTemplate: "plain" }), "fast");
});

Deno.test("overrides that ask for something switch the default template off", () => {
  // All overrides agree with both templates, so the default's absence from the race is all that they change.
  const samples = [{ name: "plain", type: "preview", gpuCount: 1 }, { name: "fast", gpuCount: 1 }];
  const pick = (overrides: SelectionRequest["overrides"]) =>
    chosen(samples, { defaultTemplate: "plain", allowUnoptimized: true, overrides });
  assert.equal(pick({ metric: "latency" }), "fast");
  assert.equal(pick({ precision: "fp16" }), "fast");
  assert.equal(pick({ hardware: { gpu: { requests: 1 } } }), "fast");
  assert.equal(pick({ hardware: { gpu: { model: "MI300X" } } }), "fast");
  assert.equal(pick({}), "plain");
  assert.equal(pick({ hardware: { gpu: { requests: 0 } } }), "plain");
});

Deno.test("of two templates with the default's name the namespace one is taken", () => {
  const samples = [{ name: "plain" }, { name: "plain", namespace: "ml-team" }, {
    name: "fast",
    precision: "fp4",
  }];
  const { outcome } = choose(samples, { defaultTemplate: "plain" });
  assert.equal(outcome.kind === "selected" && outcome.scope, "Namespace");
});

Deno.test("a default template is chosen where the score alone would be ambiguous", () => {
  assert.equal(chosen([{ name: "a" }, { name: "b" }], { defaultTemplate: "b" }), "b");
});

Deno.test("a tie is the user's to end, unless names are to: then the first of them is chosen, and says so", () => {
  const tied = [{ name: "b" }, { name: "a" }, { name: "worse", precision: "fp32" }, { name: "c" }];
  for (const breakTies of [undefined, "", "never", "By-Name", "yes"]) {
    assert.equal(chosen(tied, { breakTies }), "ambiguous", breakTies);
  }
  const byName = { breakTies: "by-name" };
  const words = (name: string) => record(tied, name, byName);
  const decides = "by which aim.eai.amd.com/break-ties: by-name decides";
  assert.equal(
    words("a"),
    `chosen name BestMatch: ranks the same as b and comes before it by name, ${decides}`,
  );
  assert.equal(
    words("c"),
    `rejected name LowerPreferenceRank: ranks the same as a and comes after it by name, ${decides}`,
  );
  assert.equal(
    words("worse"),
    "rejected score LowerPreferenceRank: precision fp32 ranks below fp16 of a",
  );
  assert.equal(choose(tied, byName).runnerUp?.metadata?.name, "b");
});

Deno.test("names decide nothing that scope, default or score decide", () => {
  const byName = { breakTies: "by-name" };
  assert.equal(chosen([{ name: "a" }, { name: "b", namespace: "ml-team" }], byName), "b");
  assert.equal(chosen([{ name: "a" }, { name: "b" }], { ...byName, defaultTemplate: "b" }), "b");
  assert.equal(chosen([{ name: "a" }, { name: "b", precision: "fp4" }], byName), "b");
  assert.equal(
    record([{ name: "a" }, { name: "b", precision: "fp4" }], "b", byName),
    "chosen score BestMatch: precision fp4 ranks above fp16 of a",
  );
});

Deno.test("without a template for the model there is no candidate; derived ones are none", () => {
  assert.deepEqual(choose([]).outcome, { kind: "noCandidates" });
  assert.deepEqual(choose([{ name: "t" }], { modelName: "other" }).outcome, { kind: "noCandidates" });
  const derived = sample({ name: "t" });
  derived.metadata!.labels = { "aim.eai.amd.com/origin": "derived" };
  assert.deepEqual(select({ modelName: MODEL }, [derived], gpus).outcome, { kind: "noCandidates" });
  assert.deepEqual(select({ modelName: MODEL }, [derived], gpus).evaluations, []);
});

Deno.test("`ready` counts the templates that are Ready, whichever stage dropped them", () => {
  const samples = [
    { name: "a", type: "preview" },
    { name: "b", type: "unoptimized" },
    { name: "c", status: "Pending" },
    { name: "d", status: "Pending", type: "preview" },
  ];
  assert.deepEqual(choose(samples).outcome, { kind: "filtered", stage: "optimization", ready: 2 });
});

Deno.test("the records come in the order of the stages, then the survivors by scope and name", () => {
  const samples = [
    { name: "z-cluster" },
    { name: "own", namespace: "ml-team" },
    { name: "a-own", namespace: "ml-team", metric: "throughput" },
    { name: "a-gpu", gpu: "MI250X" },
    { name: "a-override", precision: "fp8" },
    { name: "a-preview", type: "preview" },
    { name: "z-pending", status: "Pending" },
  ];
  const { evaluations } = choose(samples, { overrides: { precision: "fp16" } });
  assert.deepEqual(evaluations.map(({ name, stage }) => `${name} ${stage}`), [
    "z-pending availability",
    "a-preview optimization",
    "a-override overrides",
    "a-gpu gpu",
    "a-own score",
    "own score",
    "z-cluster scope",
  ]);
});

Deno.test("the runner-up is the next in rank, in the cluster if the namespace has no other", () => {
  const name = (samples: Sample[], request = {}) => choose(samples, request).runnerUp?.metadata?.name;
  const own = { name: "own", namespace: "ml-team" };
  const second = { name: "second", namespace: "ml-team", precision: "fp32" };
  const cluster = { name: "cluster", precision: "fp4" };
  assert.equal(name([own, second, cluster]), "second");
  assert.equal(name([own, cluster, { name: "worse" }]), "cluster");
  assert.equal(name([own, second, cluster], { defaultTemplate: "second" }), "own");
  assert.equal(name([own, { name: "pending", status: "Pending" }]), undefined);
});

const samples = fc.uniqueArray(
  fc.record({
    name: fc.constantFrom("a", "b", "c", "d", "e", "f"),
    namespace: fc.constantFrom("ml-team", undefined),
    status: fc.constantFrom("Ready", "Ready", "Ready", "Ready", "Pending", "NotAvailable"),
    type: fc.constantFrom("optimized", "optimized", "preview", "unoptimized", ""),
    gpu: fc.constantFrom("MI325X", "MI300X", "AMD Instinct MI300X", "MI250X", "W7900", ""),
    gpuCount: fc.constantFrom(0, 1, 8),
    metric: fc.constantFrom("latency", "throughput", ""),
    precision: fc.constantFrom("fp8", "fp16", "auto"),
  }),
  { selector: (s) => `${s.namespace}/${s.name}`, maxLength: 9 },
);
const requests = fc.record({
  modelName: fc.constant(MODEL),
  allowUnoptimized: fc.constantFrom(true, true, false, undefined),
  defaultTemplate: fc.constantFrom(undefined, undefined, "a", "nowhere"),
  overrides: fc.option(
    fc.record({
      metric: fc.constantFrom("latency", undefined),
      precision: fc.constantFrom("fp8", undefined),
      hardware: fc.constantFrom(undefined, { gpu: { model: "MI300X" } }, { gpu: { requests: 8 } }),
    }),
    { nil: undefined, freq: 1 },
  ),
});
const nodes = fc.subarray(["MI325X", "MI300X", "MI250X", "W7900"], { minLength: 2 }).map((models) =>
  new Set(models)
);

/** Checks a rule for random catalogues, and that the rule's case came up at all. */
function holds(rule: (samples: Sample[], request: SelectionRequest, gpus: Set<string>) => boolean) {
  let met = 0;
  const property = fc.property(samples, requests, nodes, (...given) => {
    if (rule(...given)) met++;
  });
  fc.assert(property, { numRuns: 1000 });
  assert.ok(met >= 50, `only ${met} of 1000 catalogues put the rule to the test`);
}

Deno.test("shuffling the candidates never changes the outcome", () => {
  fc.assert(
    fc.property(
      samples.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
      requests,
      nodes,
      ([all, shuffled], request, gpus) => {
        assert.deepEqual(select(request, shuffled.map(sample), gpus), select(request, all.map(sample), gpus));
      },
    ),
    { numRuns: 1000 },
  );
});

Deno.test("removing a loser never changes the winner", () => {
  holds((samples, request, gpus) => {
    const templates = samples.map(sample);
    const { outcome } = select(request, templates, gpus);
    if (outcome.kind !== "selected" || templates.length < 2) return false;
    for (const loser of templates) {
      if (loser === outcome.template) continue;
      const others: Template[] = templates.filter((template) => template !== loser);
      const without = select(request, others, gpus);
      assert.deepEqual(without.outcome, outcome);
    }
    return true;
  });
});

Deno.test("without the winner the runner-up wins or ties; without a runner-up nothing is chosen", () => {
  holds((samples, request, gpus) => {
    const templates = samples.map(sample);
    const { outcome, runnerUp } = select(request, templates, gpus);
    if (outcome.kind !== "selected") return false;
    const next = select(request, templates.filter((template) => template !== outcome.template), gpus).outcome;
    if (next.kind === "selected") assert.equal(next.template, runnerUp);
    else if (next.kind === "ambiguous") assert.equal(next.tied[0], runnerUp);
    else assert.equal(runnerUp, undefined);
    return runnerUp !== undefined;
  });
});

Deno.test("what is chosen meets every filter", () => {
  holds((samples, request, gpus) => {
    const { outcome } = select(request, samples.map(sample), gpus);
    if (outcome.kind !== "selected") return false;
    const { metadata, status } = outcome.template;
    const profile = status!.profile!.metadata!;
    const gpu = profile.gpu?.replace("AMD Instinct ", "");
    const { metric, precision, hardware } = request.overrides ?? {};
    assert.equal(status!.status, "Ready");
    if (!request.allowUnoptimized) assert.equal(profile.type, "optimized");
    if (metric) assert.equal(profile.metric, metric);
    if (precision) assert.equal(profile.precision, precision);
    if (hardware?.gpu?.model && gpu) assert.equal(gpu, hardware.gpu.model);
    if (hardware?.gpu?.requests && profile.gpuCount) assert.equal(profile.gpuCount, hardware.gpu.requests);
    if (gpu) assert.ok(gpus.has(gpu));
    assert.ok(samples.some((s) => s.name === metadata!.name && s.namespace === metadata!.namespace));
    return true;
  });
});

Deno.test("the records cover every candidate exactly once, and one is chosen if and only if a template is", () => {
  const key = (of: { name: string; namespace?: string }) => `${of.namespace ?? ""}/${of.name}`;
  holds((samples, request, gpus) => {
    const { outcome, evaluations } = select(request, samples.map(sample), gpus);
    assert.deepEqual(evaluations.map(key).sort(), samples.map(key).sort());
    const picked = evaluations.filter((evaluation: Evaluation) => evaluation.status === "chosen");
    assert.equal(picked.length, outcome.kind === "selected" ? 1 : 0);
    if (outcome.kind !== "selected") return false;
    const { name = "", namespace } = outcome.template.metadata!;
    assert.equal(key(picked[0]), key({ name, namespace }));
    return true;
  });
});
