/** Which template a service runs its model with, and what `TemplateReady` says (services.md §5, §11.3). */

import assert from "node:assert/strict";
import { withCause } from "../../../lib/operator/errors/codes.ts";
import type { AIMServiceStatus } from "../../../lib/api/mod.ts";
import type { KubeObject } from "../../../lib/kube/object.ts";
import {
  clusterTemplate,
  endpoint,
  inferenceService,
  model,
  node,
  pass,
  pod,
  service,
  template,
} from "../service_sample.ts";

const explicit = (status: AIMServiceStatus = {}) => service({ spec: { template: { name: "t1" } }, status });
const inStatus = (status: string) => template({ status: { status: status as "Ready" } });

const rows = [
  ["Ready", "True Resolved", "AIMServiceTemplate t1 is ready", "Starting"],
  ["Pending", "False TemplateNotReady", "AIMServiceTemplate t1 is not ready yet", "Pending"],
  ["Progressing", "False TemplateNotReady", "AIMServiceTemplate t1 is not ready yet", "Pending"],
  [
    "NotAvailable",
    "False TemplateNotReady",
    "AIMServiceTemplate t1 is not available (no matching GPUs)",
    "Pending",
  ],
  ["Failed", "False TemplateNotReady", "AIMServiceTemplate t1 is in failed state", "Failed"],
  ["Degraded", "False TemplateNotReady", "AIMServiceTemplate t1 is in failed state", "Failed"],
  ["", "False TemplateNotReady", "AIMServiceTemplate t1 status: ", "Pending"],
] as const;

for (const [status, condition, message, overall] of rows) {
  Deno.test(`a named template that is ${status || "without a status"}`, () => {
    const made = pass(explicit(), [model(), inStatus(status)]);
    assert.equal(made.condition("TemplateReady"), condition);
    assert.equal(made.message("TemplateReady"), message);
    assert.equal(made.status.status, overall);
    assert.equal(made.children.length, status === "Ready" ? 1 : 0);
  });
}

Deno.test("a cluster template is named by its kind", () => {
  const made = pass(explicit(), [model(), clusterTemplate({ status: { status: "NotAvailable" } })]);
  assert.equal(
    made.message("TemplateReady"),
    "AIMClusterServiceTemplate t1 is not available (no matching GPUs)",
  );
});

Deno.test("Better §11.5: a named template that is NotAvailable leaves the service Pending, conditions unchanged", () => {
  const made = pass(explicit(), [model(), inStatus("NotAvailable")]);
  assert.equal(made.status.status, "Pending");
  assert.equal(made.condition("TemplateReady"), "False TemplateNotReady");
  assert.equal(made.condition("Ready"), "False TemplateNotReady");
  assert.equal(
    made.message("Ready"),
    withCause(
      "Component Template is not ready: AIMServiceTemplate t1 is not available (no matching GPUs)",
      "AIM-0121",
    ),
  );
});

Deno.test("a named template that turns NotAvailable leaves a running endpoint as it is (api.md §10.3)", () => {
  const made = pass(explicit(), [model(), inStatus("NotAvailable"), inferenceService(), pod()]);
  assert.equal(made.status.status, "Degraded");
  assert.deepEqual(made.children, [`keep InferenceService ${endpoint}`]);
});

Deno.test("the namespace's template comes before the cluster's, even if it is not ready", () => {
  const made = pass(explicit(), [model(), clusterTemplate(), inStatus("Progressing")]);
  assert.equal(made.message("TemplateReady"), "AIMServiceTemplate t1 is not ready yet");
  assert.equal(pass(explicit(), [model(), clusterTemplate()]).condition("TemplateReady"), "True Resolved");
});

Deno.test("neither scope has the named template: MissingUpstream", () => {
  const made = pass(explicit(), [model(), template({ metadata: { namespace: "other" } })]);
  assert.equal(made.condition("TemplateReady"), "False TemplateNotFound");
  assert.equal(
    made.message("TemplateReady"),
    'template "t1" not found: spec.template.name asks for it, but neither namespace ns nor the cluster has it',
  );
  assert.equal(made.condition("ConfigValid"), "False ReferenceNotFound");
  assert.equal(made.status.status, "Failed");
  assert.deepEqual(made.children, []);
});

Deno.test("white space around the template's name does not matter; an empty name selects", () => {
  for (const name of [" t1 ", "", " "]) {
    const made = pass(service({ spec: { template: { name } } }), [model(), template()]);
    assert.equal(made.condition("TemplateReady"), "True Resolved");
  }
});

Deno.test("a named template is used whatever model it names", () => {
  const made = pass(explicit(), [model(), template({ spec: { modelName: "another" } })]);
  assert.equal(made.condition("TemplateReady"), "True Resolved");
});

Deno.test("Better §5.2: a named template of another model: one Warning, behaviour unchanged", () => {
  const other = template({ spec: { modelName: "another" } });
  const made = pass(explicit(), [model(), other]);
  const warnings = made.events().filter((each) => each.startsWith("Warning"));
  assert.deepEqual(warnings, [
    "Warning TemplateModelMismatch: AIMServiceTemplate t1 is made for model another, but runs m",
  ]);
  assert.deepEqual(made.children, ["create AIMTemplateCache t1-e2c6bafc"]);
  assert.deepEqual(pass(explicit(made.status), [model(), other]).events(), []);
  assert.deepEqual(
    pass(explicit(), [model(), template()]).events().filter((each) => /Mismatch/.test(each)),
    [],
  );
});

Deno.test("a named template needs no optimized profile and no GPU that is there", () => {
  const odd = template({
    spec: { hardware: { gpu: { requests: 1, model: "MI300X" } } },
    status: { profile: { metadata: { type: "unoptimized" } } },
  });
  assert.equal(pass(explicit(), [model(), odd]).condition("TemplateReady"), "True Resolved");
});

/** Rows of the table of outcomes in §5.3, with the reason and message that our Better line shows. */
const outcomes: Record<string, [KubeObject[], condition: string, message: RegExp, overall: string]> = {
  "no candidate for the model": [
    [template({ spec: { modelName: "another" } })],
    "False TemplateNotFound",
    /^No templates found for model "m"$/,
    "Pending",
  ],
  "candidates, none Ready": [
    [inStatus("Failed"), clusterTemplate({ metadata: { name: "t2" }, status: { status: "Pending" } })],
    "False TemplateNotReady",
    /^Templates exist but are not ready yet; t1: TemplateFailed \(.+\), wins with .+; t2: TemplatePending \(.+\), wins with .+$/,
    "Pending",
  ],
  "all Ready ones unoptimized": [
    [
      template({ status: { profile: { metadata: { type: "unoptimized" } } } }),
      template({ metadata: { name: "t2" }, status: { profile: undefined } }),
      template({ metadata: { name: "t3" }, status: { profile: { metadata: { type: "preview" } } } }),
    ],
    "False TemplateNotFound",
    /^No available templates match requirements for model "m": 3 unoptimized template\(s\) filtered out\. Set allowUnoptimized to use them\.; t1: UnoptimizedTemplateFiltered \(.+\), wins with profile type optimized; t2: .+; t3: .+, wins with template\.allowUnoptimized: true$/,
    "Pending",
  ],
  "the GPU is on no node": [
    [node("740f"), template({ spec: { hardware: { gpu: { requests: 1, model: "MI300X" } } } })],
    "False TemplateNotFound",
    /^No available templates match requirements for model "m"; t1: RequiredGPUNotInCluster \(GPU MI300X is on no node \(the cluster has MI210\)\), wins with a node with GPU MI300X$/,
    "Pending",
  ],
  "ambiguous": [
    [template(), template({ metadata: { name: "t2" } })],
    "False TemplateSelectionAmbiguous",
    /^Multiple templates \(2\) satisfy model "m": t1, t2\. .*t1: TemplateSelectionAmbiguous \(.+\)/,
    "Failed",
  ],
};

for (const [title, [objects, condition, message, overall]] of Object.entries(outcomes)) {
  Deno.test(`Better §5.3: TemplateReady says why nothing was selected: ${title}`, () => {
    const made = pass(service(), [model(), ...objects]);
    assert.equal(made.condition("TemplateReady"), condition);
    assert.match(made.message("TemplateReady")!, message);
    assert.equal(made.status.status, overall);
    assert.deepEqual(made.children, []);
  });
}

Deno.test("Better §5.3: an ambiguous selection fails the service, and Ready carries the tied names", () => {
  const made = pass(service(), [model(), template(), template({ metadata: { name: "t2" } })]);
  assert.equal(made.condition("Ready"), "False TemplateSelectionAmbiguous");
  assert.match(made.message("Ready")!, /t1, t2/);
});

Deno.test("Better §5.3: at most five evaluations are appended", () => {
  const many = [1, 2, 3, 4, 5, 6, 7].map((n) =>
    template({ metadata: { name: `t${n}` }, status: { status: "Failed" } })
  );
  const message = pass(service(), [model(), ...many]).message("TemplateReady")!;
  assert.equal(message.match(/TemplateFailed/g)?.length, 5);
});

Deno.test("Better §5.3: derived templates are no candidates", () => {
  const labels = { "aim.eai.amd.com/origin": "derived" };
  const derived = template({ metadata: { name: "t1-ovr-latency-817c", labels } });
  assert.equal(pass(service(), [model(), template(), derived]).status.resolvedTemplate?.name, "t1");
  assert.match(pass(service(), [model(), derived]).message("TemplateReady")!, /^No templates found/);
});

Deno.test("Better §5.3: GPUs are scored by their normalized names, newer ones first", () => {
  const nodes = ["74a1", "74a5", "75a0", "75a3"].map((id) => node(id));
  const named = (name: string, gpu: string) =>
    template({ metadata: { name }, spec: { hardware: { gpu: { requests: 1, model: gpu } } } });
  const pick = (...candidates: KubeObject[]) =>
    pass(service(), [model(), ...nodes, ...candidates]).status.resolvedTemplate?.name;
  assert.equal(pick(named("a", "MI300X"), named("b", "AMD Instinct MI325X")), "b");
  assert.equal(pick(named("a", "MI325X"), named("b", "mi355x")), "b");
});

Deno.test("allowUnoptimized lets unoptimized templates in, behind optimized ones", () => {
  const rough = template({ metadata: { name: "t0" }, status: { profile: undefined } });
  const allowing = service({ spec: { template: { allowUnoptimized: true } } });
  assert.equal(pass(allowing, [model(), rough]).status.resolvedTemplate?.name, "t0");
  assert.equal(pass(allowing, [model(), rough, template()]).status.resolvedTemplate?.name, "t1");
});

Deno.test("a namespace's template is preferred to a better one of the cluster", () => {
  const own = template({ spec: { metric: "throughput" } });
  const shared = clusterTemplate({ metadata: { name: "t2" }, spec: { metric: "latency" } });
  assert.equal(pass(service(), [model(), own, shared]).status.resolvedTemplate?.name, "t1");
});

Deno.test("selection goes by the model's name; scopes are not tied", () => {
  const made = pass(service(), [model(), clusterTemplate()]);
  assert.deepEqual(made.status.resolvedTemplate, {
    name: "t1",
    scope: "Cluster",
    uid: "uid-AIMClusterServiceTemplate--t1",
  });
});

Deno.test("selection needs a resolved model, in whatever state", () => {
  const progressing = model({ status: { status: "Progressing" } });
  const made = pass(service(), [progressing, template()]);
  assert.equal(made.condition("TemplateReady"), "True Resolved");
  assert.equal(made.status.status, "Pending");

  const none = pass(service(), [template()]);
  assert.equal(none.condition("TemplateReady"), "False TemplateNotFound");
  assert.equal(none.message("TemplateReady"), "No template found for service");
});

const chosen = {
  name: "t1",
  namespace: "ns",
  scope: "Namespace",
  uid: "uid-AIMServiceTemplate-ns-t1",
} as const;

Deno.test("the chosen template stays while it is Ready, even if a better one comes", () => {
  const better = template({ metadata: { name: "t2" }, spec: { metric: "latency" } });
  const objects = [model(), template({ spec: { metric: "throughput" } }), better];
  assert.equal(pass(service(), objects).status.resolvedTemplate?.name, "t2");
  const settled = service({ status: { resolvedTemplate: chosen } });
  assert.equal(pass(settled, objects).status.resolvedTemplate?.name, "t1");
});

Deno.test("a chosen template that is gone, not Ready or made anew is chosen again", () => {
  const settled = service({ status: { resolvedTemplate: chosen } });
  const other = template({ metadata: { name: "t2" } });
  assert.equal(pass(settled, [model(), other]).status.resolvedTemplate?.name, "t2");
  assert.equal(pass(settled, [model(), inStatus("Failed"), other]).status.resolvedTemplate?.name, "t2");
  const anew = template({ metadata: { uid: "anew" }, spec: { metric: "throughput" } });
  const faster = template({ metadata: { name: "t2" }, spec: { metric: "latency" } });
  assert.equal(pass(settled, [model(), anew, faster]).status.resolvedTemplate?.name, "t2");
});

Deno.test("a choice that AIM Engine recorded is taken over", () => {
  for (const scope of ["Namespace", "Cluster"] as const) {
    const resolvedTemplate = { name: "t1", namespace: scope === "Namespace" ? "ns" : "", scope };
    const objects = scope === "Namespace" ? [template(), clusterTemplate()] : [clusterTemplate()];
    const made = pass(service({ status: { resolvedTemplate } }), [model(), ...objects]);
    assert.equal(made.status.resolvedTemplate?.scope, scope);
  }
});

Deno.test("Better §5.1: a template that is named later is honoured over the chosen one", () => {
  const renamed = service({
    spec: { template: { name: "t2" } },
    status: { resolvedTemplate: chosen },
  });
  const objects = [model(), template(), template({ metadata: { name: "t2" } })];
  assert.equal(pass(renamed, objects).status.resolvedTemplate?.name, "t2");
});
