import assert from "node:assert/strict";
import { MODEL, type Sample, sample } from "./template_sample.ts";
import { describe } from "./describe.ts";
import { select } from "./select.ts";
import type { SelectionRequest } from "./stages.ts";

const gpus = new Set(["MI325X"]);

function told(samples: Sample[], request: Partial<SelectionRequest> = {}) {
  return describe(select({ modelName: MODEL, ...request }, samples.map(sample), gpus));
}

Deno.test("no candidate for the model", () => {
  assert.deepEqual(told([]), {
    state: "Pending",
    reason: "TemplateNotFound",
    message: 'No templates found for model "qwen-qwen3-32b"',
  });
});

Deno.test("candidates, none Ready", () => {
  assert.deepEqual(
    told([{ name: "b", status: "Failed" }, { name: "a", status: "NotAvailable", gpu: "MI300X" }]),
    {
      state: "Progressing",
      reason: "TemplateNotReady",
      message: "Templates exist but are not ready yet" +
        "; a: TemplateNotAvailable (status NotAvailable, GPU MI300X is on no node (the cluster has MI325X)), " +
        "wins with a node with GPU MI300X and status Ready" +
        "; b: TemplateFailed (status Failed), wins with a node with GPU MI300X and status Ready",
    },
  );
});

Deno.test("all Ready ones dropped as unoptimized", () => {
  const samples = [
    { name: "a", type: "preview", gpu: "MI325X" },
    { name: "b", type: "unoptimized", gpu: "MI325X" },
    { name: "c", status: "Pending", gpu: "MI325X" },
  ];
  assert.deepEqual(told(samples), {
    state: "Pending",
    reason: "TemplateNotFound",
    message:
      'No available templates match requirements for model "qwen-qwen3-32b": 2 unoptimized template(s) ' +
      "filtered out. Set allowUnoptimized to use them." +
      "; c: TemplatePending (status Pending), wins with status Ready" +
      "; a: UnoptimizedTemplateFiltered (profile type preview, allowUnoptimized is not set), " +
      "wins with template.allowUnoptimized: true" +
      "; b: UnoptimizedTemplateFiltered (profile type unoptimized, allowUnoptimized is not set), " +
      "wins with profile type optimized",
  });
});

Deno.test("dropped by the overrides or by the GPU check", () => {
  const message = 'No available templates match requirements for model "qwen-qwen3-32b"';
  assert.deepEqual(told([{ name: "a" }], { overrides: { precision: "fp8" } }), {
    state: "Pending",
    reason: "TemplateNotFound",
    message: `${message}; a: ServiceOverridesNotMatched (precision fp16, overrides ask for fp8), ` +
      "wins with overrides.precision removed and a node with GPU MI300X",
  });
  assert.deepEqual(told([{ name: "a", gpu: "MI300X" }]), {
    state: "Pending",
    reason: "TemplateNotFound",
    message: `${message}; a: RequiredGPUNotInCluster (GPU MI300X is on no node (the cluster has MI325X)), ` +
      "wins with a node with GPU MI300X",
  });
});

Deno.test("ambiguous", () => {
  const values = "profile type optimized, GPU MI325X, metric latency, precision fp16";
  assert.deepEqual(told([{ name: "b", gpu: "MI325X" }, { name: "a", gpu: "MI325X" }]), {
    state: "Failed",
    reason: "TemplateSelectionAmbiguous",
    message: 'Multiple templates (2) satisfy model "qwen-qwen3-32b": a, b. ' +
      "Set spec.template.name to choose one, or remove duplicates" +
      `; a: TemplateSelectionAmbiguous (${values} rank the same as b), ` +
      "wins with cluster template b deleted, or with its name in template.name" +
      `; b: TemplateSelectionAmbiguous (${values} rank the same as a), ` +
      "wins with cluster template a deleted, or with its name in template.name",
  });
});

Deno.test("selected", () => {
  const cluster = { name: "a", gpu: "MI325X" };
  assert.deepEqual(told([cluster, { name: "pending", status: "Pending" }]), {
    state: "Ready",
    reason: "Resolved",
    message: "AIMClusterServiceTemplate a is ready; chosen: the only template left after filtering",
  });
  assert.equal(
    told([cluster, { ...cluster, name: "own", namespace: "ml" }]).message,
    "AIMServiceTemplate own is ready; " +
      "chosen: namespace template, preferred to cluster template a " +
      "(runner-up a, wins with template own deleted)",
  );
});

Deno.test("at most five evaluations, of those that came furthest, in the order of the stages", () => {
  const pending = Array.from({ length: 9 }, (_, i) => ({ name: `pending-${i}`, status: "Pending" }));
  const { message } = told([...pending, { name: "gpu", gpu: "MI300X" }, {
    name: "preview",
    type: "preview",
  }]);
  assert.deepEqual(message.split("; ").slice(1).map((part) => part.split(" ")[0]), [
    "pending-0:",
    "pending-1:",
    "pending-2:",
    "preview:",
    "gpu:",
  ]);
});

Deno.test("a value of break-ties that says nothing is told, where there is a tie", () => {
  const tied: Sample[] = [{ name: "a", gpu: "MI325X" }, { name: "b", gpu: "MI325X" }];
  const note =
    /\. aim\.eai\.amd\.com\/break-ties is "name", which counts for nothing: it can be by-name or never/;
  assert.match(told(tied, { breakTies: "name" }).message, note);
  for (const breakTies of [undefined, "", "never"]) {
    assert.doesNotMatch(told(tied, { breakTies }).message, /break-ties/);
  }
  assert.doesNotMatch(told([tied[0]], { breakTies: "name" }).message, /break-ties/);
});

Deno.test("a message stays short with five hundred tied templates of the longest name", () => {
  const name = (i: number) => String(i).padStart(3, "0") + "x".repeat(250);
  const { message } = told(Array.from({ length: 500 }, (_, i) => ({ name: name(i), gpu: "MI325X" })));
  assert.ok(message.includes(`Multiple templates (500) satisfy model "${MODEL}": ${name(0)}, ${name(1)}, `));
  assert.ok(message.includes(`, ${name(19)} and 480 more. `));
  // A condition's message may have 32768 characters.
  assert.ok(message.length < 10_000, `${message.length} characters`);
});

Deno.test("advice to a service that has a spec.template does not ask to change it: it is fixed", () => {
  const fixed = { templateIsFixed: true };
  const tie = told([{ name: "b", gpu: "MI325X" }, { name: "a", gpu: "MI325X" }], fixed).message;
  assert.match(tie, /Remove duplicates, or name one in spec\.template\.name of a new service/);
  assert.match(tie, /wins with cluster template b deleted(;|$)/);
  const rough = told([{ name: "a", type: "preview", gpu: "MI325X" }], fixed).message;
  assert.match(rough, /Set allowUnoptimized in spec\.template of a new service to use them\./);
  assert.match(rough, /wins with profile type optimized$/);
});

Deno.test("NotAvailable for want of memory: the template's own condition says so", () => {
  const small = sample({ name: "a", status: "NotAvailable", gpu: "MI325X" });
  const message = "No GPU with at least 512Gi of memory is in the cluster; the largest is MI325X with 256Gi";
  small.status!.conditions = [{ type: "GPUReady", status: "False", message }];
  const { message: said } = describe(select({ modelName: MODEL }, [small], gpus));
  assert.ok(said.includes(`a: TemplateNotAvailable (status NotAvailable, ${message})`), said);
});
