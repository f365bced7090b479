/** What `TemplateReady` says of a choice, over one pass and over many (services.md §5.3). */

import assert from "node:assert/strict";
import type {
  AIMClusterRuntimeConfig,
  AIMModel,
  AIMRuntimeConfig,
  AIMService,
  AIMServiceStatus,
} from "../../../lib/api/mod.ts";
import type { KubeObject } from "../../../lib/kube/object.ts";
import {
  clusterConfig,
  clusterTemplate,
  config,
  model,
  node,
  type Pass,
  pass,
  service,
  template,
} from "../service_sample.ts";
import { contextOf } from "../context.ts";
import { liveObject } from "../../../lib/operator/runner/view_fixture.ts";
import type { View } from "../../../lib/operator/core/view.ts";
import type { ResolvedModel, Template } from "./resolved.ts";
import { choose } from "./template.ts";

const slow = template({ spec: { metric: "throughput" } });
const fast = clusterTemplate({ metadata: { name: "t2" }, spec: { metric: "latency" } });
const faster = template({ metadata: { name: "t3" }, spec: { metric: "latency" } });
const slowOverFast = "AIMServiceTemplate t1 is ready; " +
  "chosen: namespace template, preferred to cluster template t2 " +
  "(runner-up t2, wins with overrides.metric: latency)";

const says = (made: Pass) => made.message("TemplateReady");
/** The next pass over what a pass has written. */
const next = (before: Pass, objects: readonly KubeObject[], spec = {}) =>
  pass(service({ spec, status: before.status }), [model(), ...objects]);

Deno.test("TemplateReady names the choice, what decided, the runner-up, and what would let that win", () => {
  assert.equal(says(pass(service(), [model(), slow, fast])), slowOverFast);
  assert.equal(
    says(pass(service(), [model(), slow, faster])),
    "AIMServiceTemplate t3 is ready; " +
      "chosen: metric latency ranks above throughput of t1 " +
      "(runner-up t1, wins with overrides.metric: throughput)",
  );
  assert.equal(
    says(pass(service(), [model(), fast])),
    "AIMClusterServiceTemplate t2 is ready; chosen: the only template left after filtering",
  );
});

// A choice is kept: made among those that were discovered first, it would be one by chance.
const made = (name: string, status: string | undefined, more: object = {}) =>
  template({
    metadata: { name, labels: { "aim.eai.amd.com/origin": "auto-generated" } },
    status: { status: status as "Pending" },
    ...more,
  });
const underway = model({ status: { status: "Progressing" } });
/** A minute after everything was made. */
const soon = { now: "2025-12-31T00:01:00Z" };
const choices: readonly (readonly [what: string, objects: readonly KubeObject[], says: string])[] = [
  [
    "a model whose templates are being discovered: the choice waits for all of them",
    [underway, made("a", "Ready"), made("b", "Progressing"), made("c", undefined)],
    "Templates exist but are not ready yet; the choice waits for b and 1 more",
  ],
  [
    "what cannot run here is not awaited, nor what has failed",
    [underway, made("a", "Ready"), made("b", "NotAvailable"), made("c", "Failed")],
    "AIMServiceTemplate a is ready; chosen: the only template left after filtering",
  ],
  [
    "nor what people wrote or what needs no discovery",
    [
      underway,
      made("a", "Ready"),
      template({ metadata: { name: "b" }, status: { status: "Pending" } }),
      made("c", "Pending", { spec: { modelSources: [{ modelId: "org/m", sourceUri: "hf://org/m" }] } }),
    ],
    "AIMServiceTemplate a is ready; chosen: the only template left after filtering",
  ],
  [
    "a Ready model awaits nobody",
    [model(), made("a", "Ready"), made("b", "Pending")],
    "AIMServiceTemplate a is ready; chosen: the only template left after filtering",
  ],
];
for (const [what, objects, message] of choices) {
  Deno.test(`auto-selection: ${what}`, () => {
    const outcome = pass(service(), objects, soon);
    assert.equal(says(outcome), message);
    assert.equal(outcome.status.resolvedTemplate === undefined, message.startsWith("Templates exist"));
  });
}

Deno.test("a discovery that never ends puts the choice off for a quarter of an hour, not for ever", () => {
  const objects = [underway, made("a", "Ready"), made("b", "Progressing")];
  const at = (now: string) => says(pass(service(), objects, { now }));
  assert.match(at("2025-12-31T00:14:59Z")!, /the choice waits for b/);
  assert.match(at("2025-12-31T00:15:00Z")!, /^AIMServiceTemplate a is ready/);
});

Deno.test("later passes repeat it, whatever becomes of the others, and write nothing", () => {
  const first = pass(service(), [model(), slow, fast]);
  for (const objects of [[slow, fast], [slow], [slow, fast, faster]]) {
    const later = next(first, objects);
    assert.equal(says(later), slowOverFast);
    assert.deepEqual(later.status, first.status);
    assert.deepEqual(later.events(), []);
  }
});

Deno.test("another choice says so anew", () => {
  const first = pass(service(), [model(), slow, fast]);
  assert.equal(
    says(next(first, [fast])),
    "AIMClusterServiceTemplate t2 is ready; chosen: the only template left after filtering",
  );
  // Made anew under the same name, it is not the one that was chosen: the reason now is another.
  const anew = template({ metadata: { uid: "anew" }, spec: { metric: "throughput" } });
  assert.equal(
    says(next(first, [anew])),
    "AIMServiceTemplate t1 is ready; chosen: the only template left after filtering",
  );
});

Deno.test("why a template was selected is not read out of what TemplateReady says", () => {
  const condition = {
    type: "TemplateReady",
    status: "True",
    reason: "Resolved",
    message: "AIMServiceTemplate t1 is ready; chosen: in words of an earlier version",
    lastTransitionTime: "2026-01-01T00:00:00Z",
  } as const;
  const status: AIMServiceStatus = {
    conditions: [condition],
    resolvedTemplate: {
      name: "t1",
      namespace: "ns",
      scope: "Namespace",
      uid: "uid-AIMServiceTemplate-ns-t1",
    },
  };
  assert.equal(says(pass(service({ status }), [model(), slow])), "AIMServiceTemplate t1 is ready");
});

Deno.test("a template that was named was not chosen", () => {
  const named = { template: { name: "t1" } };
  assert.equal(
    says(pass(service({ spec: named }), [model(), slow, fast])),
    "AIMServiceTemplate t1 is ready",
  );
  const first = pass(service(), [model(), slow, fast]);
  assert.equal(says(next(first, [slow, fast], named)), "AIMServiceTemplate t1 is ready");
});

Deno.test("a derived template says what it is derived from", () => {
  const overrides = { metric: "latency", hardware: { gpu: { requests: 2 } } } as const;
  const base = template({ spec: { metric: "latency" } });
  const made = pass(service({ spec: { overrides } }), [model(), base]);
  const derived = made.desired("AIMServiceTemplate")!;
  const served = { ...derived, status: base.status } as KubeObject;
  const { name } = derived.metadata!;
  assert.match(name!, /^t1-/);
  assert.equal(
    says(pass(service({ spec: { overrides } }), [model(), base, served])),
    `AIMServiceTemplate ${name} (derived from t1 for spec.overrides) is ready; ` +
      "chosen: the only template left after filtering",
  );
});

Deno.test("the event that comes with the choice says it once", () => {
  const made = pass(service(), [model(), slow, fast]);
  assert.deepEqual(made.events({}).filter((event) => event.includes("chosen")), [
    `Normal Resolved: AIMModel m and ${slowOverFast.replace(" is ready", " are resolved")}`,
  ]);
});

// Who says how a tie ends: the service, else the config of its namespace, else that of the cluster.
const breakTies = (value: string | undefined): { readonly annotations: Record<string, string> } => ({
  annotations: value === undefined ? {} : { "aim.eai.amd.com/break-ties": value },
});
const inConfig = (of: AIMRuntimeConfig | AIMClusterRuntimeConfig, value: string | undefined) => ({
  ...of,
  metadata: { ...of.metadata, ...breakTies(value) },
});
const wishes: readonly (readonly [
  service: string | undefined,
  config: string | undefined,
  clusterConfig: string | undefined,
  isBroken: boolean,
])[] = [
  [undefined, undefined, undefined, false],
  ["by-name", undefined, undefined, true],
  [undefined, "by-name", undefined, true],
  [undefined, undefined, "by-name", true],
  ["never", "by-name", "by-name", false],
  ["by-name", "never", "never", true],
  [undefined, "never", "by-name", false],
  ["name", "by-name", undefined, false],
];
const twins = [template({ metadata: { name: "t3" } }), template({ metadata: { name: "t2" } })];
for (const [own, ofNamespace, ofCluster, isBroken] of wishes) {
  Deno.test(`a tie with break-ties ${own}, of its config ${ofNamespace}, of the cluster's ${ofCluster}`, () => {
    const tied = pass(service({ metadata: breakTies(own) }), [
      model(),
      ...twins,
      inConfig(config({}), ofNamespace),
      inConfig(clusterConfig({}), ofCluster),
    ]);
    if (!isBroken) return assert.equal(tied.condition("TemplateReady"), "False TemplateSelectionAmbiguous");
    assert.match(
      says(tied)!,
      /^AIMServiceTemplate t2 is ready; chosen: ranks the same as t3 and comes before it by name/,
    );
    assert.match(
      tied.message("TemplateSelected")!,
      /by which aim\.eai\.amd\.com\/break-ties: by-name decides/,
    );
  });
}

Deno.test("a choice by name is kept when a template comes that is before it, and when the wish is withdrawn", () => {
  const first = pass(service({ metadata: breakTies("by-name") }), [model(), ...twins]);
  const after = next(first, [...twins, template({ metadata: { name: "t1" } })]);
  assert.equal(after.condition("TemplateReady"), "True Resolved");
  assert.equal(after.status.resolvedTemplate?.name, "t2");
});

/** Five hundred templates with the longest names. */
const many = (parts: Parameters<typeof template>[0]) =>
  Array.from(
    { length: 500 },
    (_, i) => template({ ...parts, metadata: { name: `t${String(i).padStart(3, "0")}`.padEnd(253, "x") } }),
  );
const rows: Record<string, [Parameters<typeof template>[0], string]> = {
  "tied": [{}, "False TemplateSelectionAmbiguous"],
  "not ready": [{ status: { status: "Failed" } }, "False TemplateNotReady"],
  "unoptimized": [{ status: { profile: undefined } }, "False TemplateNotFound"],
  "for another GPU": [{ spec: { hardware: { gpu: { model: "MI300X" } } } }, "False TemplateNotFound"],
};
for (const [title, [parts, condition]] of Object.entries(rows)) {
  Deno.test(`with 500 templates that are ${title} the status stays under 64 KiB`, () => {
    const made = pass(service(), [model(), node("740f"), ...many(parts)]);
    assert.equal(made.condition("TemplateReady"), condition);
    assert.ok(JSON.stringify(made.status).length < 64 * 1024);
  });
}

Deno.test("with 500 templates of which one is chosen the status stays under 64 KiB", () => {
  const made = pass(service(), [model(), slow, ...many({ metadata: {}, spec: { metric: "throughput" } }), {
    ...faster,
    metadata: { name: "t".padEnd(253, "y"), namespace: "ns" },
  }]);
  assert.equal(made.condition("TemplateReady"), "True Resolved");
  assert.match(says(made)!, / \(runner-up t0+x+, wins with [^;]+\)$/);
  assert.ok(JSON.stringify(made.status).length < 64 * 1024);
});

Deno.test("an equal choice among the same objects is made once; another request, object or node makes it anew", () => {
  const mi300x = [["MI300X", "0"]];
  const candidates = [slow, fast].map((object) => liveObject<Template>(object));
  const viewWith = (gpus: unknown) => ({ reach: () => "all", query: () => gpus }) as unknown as View;
  const resolved: ResolvedModel = { object: liveObject<AIMModel>(model()), scope: "Namespace" };
  const chosen = (spec: Partial<AIMService["spec"]> = {}, among = candidates, gpus: unknown = mi300x) =>
    choose(contextOf(service({ spec }), undefined), resolved, viewWith(gpus), among);

  const first = chosen();
  assert.equal(chosen({}, [...candidates]), first);
  assert.notEqual(chosen({ overrides: { metric: "latency" } }), first);
  assert.equal(chosen({ overrides: { metric: "latency" } }), chosen({ overrides: { metric: "latency" } }));
  assert.notEqual(chosen({}, [candidates[0], { ...candidates[1] }]), first);
  assert.notEqual(chosen({}, [candidates[0]]), chosen({}, candidates));
  assert.notEqual(chosen({}, candidates, [...mi300x]), chosen());
});
