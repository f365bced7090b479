/** Which model a service runs, and what `ModelReady` says (services.md §3, §11.3 "Model"). */

import assert from "node:assert/strict";
import type { AIMServiceStatus } from "../../../lib/api/mod.ts";
import {
  clusterModel,
  clusterTemplate,
  endpoint,
  inferenceService,
  model,
  pass,
  pod,
  service,
  template,
} from "../service_sample.ts";

const rows = [
  ["Ready", "True ModelResolved", "AIMModel m is ready"],
  ["Pending", "False ModelNotReady", "AIMModel m is not ready yet"],
  ["Progressing", "False ModelNotReady", "AIMModel m is not ready yet"],
  ["Failed", "False ModelNotReady", "AIMModel m is in failed state"],
  ["Degraded", "False ModelNotReady", "AIMModel m is in failed state"],
  ["NotAvailable", "False ModelNotReady", "AIMModel m status: NotAvailable"],
  ["", "False ModelNotReady", "AIMModel m status: "],
] as const;

for (const [status, condition, message] of rows) {
  Deno.test(`a model that is ${status || "without a status"}`, () => {
    const made = pass(service(), [model({ status: { status: status as "Ready" } })]);
    assert.equal(made.condition("ModelReady"), condition);
    assert.equal(made.message("ModelReady"), message);
  });
}

Deno.test("what the model says of itself is passed on, unless it is merely on its way", () => {
  const told = (status: "Degraded" | "Progressing", reason: string) =>
    pass(service(), [
      model({
        status: {
          status,
          conditions: [{ type: "Ready", status: "False", reason, message: "no image" }] as never,
        },
      }),
    ]).message("ModelReady");
  assert.equal(told("Degraded", "ImageNotFound"), "AIMModel m is in failed state: no image");
  assert.equal(told("Progressing", "InfrastructureError"), "AIMModel m is not ready yet: no image");
  assert.equal(told("Progressing", "Progressing"), "AIMModel m is not ready yet");
});

Deno.test("a model without any status", () => {
  const { status: _, ...bare } = model();
  const made = pass(service(), [bare, template()]);
  assert.equal(made.condition("ModelReady"), "False ModelNotReady");
  assert.equal(made.message("ModelReady"), "AIMModel m status: ");
  assert.equal(made.status.status, "Pending");
});

Deno.test("a cluster model is named by its kind", () => {
  assert.equal(pass(service(), [clusterModel()]).message("ModelReady"), "AIMClusterModel m is ready");
  const failed = clusterModel({ status: { status: "Failed" } });
  assert.equal(pass(service(), [failed]).message("ModelReady"), "AIMClusterModel m is in failed state");
});

Deno.test("the namespace's model comes before the cluster's", () => {
  const own = model({ status: { status: "Pending" } });
  const made = pass(service(), [clusterModel(), own]);
  assert.equal(made.message("ModelReady"), "AIMModel m is not ready yet");
});

Deno.test("a model of another namespace is none", () => {
  const made = pass(service(), [model({ metadata: { namespace: "other" } })]);
  assert.equal(made.condition("ModelReady"), "False ModelNotFound");
});

Deno.test("white space around the name does not matter", () => {
  assert.equal(
    pass(service({ spec: { model: { name: " m\n" } } }), [model()]).condition("ModelReady"),
    "True ModelResolved",
  );
});

Deno.test("neither scope has the model: MissingUpstream, and nothing is applied", () => {
  const made = pass(service(), [template()]);
  assert.equal(made.condition("ModelReady"), "False ModelNotFound");
  assert.equal(made.message("ModelReady"), 'model "m" not found in namespace ns or cluster scope');
  assert.equal(made.condition("ConfigValid"), "False ReferenceNotFound");
  assert.equal(made.status.status, "Failed");
  assert.deepEqual(made.children, []);
});

Deno.test("an empty name: InvalidSpec", () => {
  for (const name of ["", "  "]) {
    const made = pass(service({ spec: { model: { name } } }), [model()]);
    assert.equal(made.condition("ModelReady"), "False ModelNotFound");
    assert.equal(made.message("ModelReady"), "no model specified in service spec");
    assert.equal(made.condition("ConfigValid"), "False InvalidSpec");
    assert.equal(made.status.status, "Failed");
  }
});

const recorded = (resolvedModel: AIMServiceStatus["resolvedModel"]) => service({ status: { resolvedModel } });

Deno.test("a cluster model stays the service's while it is Ready, even if the namespace gets one", () => {
  const before = recorded({ name: "m", scope: "Cluster", uid: "uid-AIMClusterModel--m" });
  assert.equal(
    pass(before, [clusterModel(), model()]).message("ModelReady"),
    "AIMClusterModel m is ready",
  );
  for (const status of ["Failed", "Progressing", "Pending"] as const) {
    const unready = clusterModel({ status: { status } });
    assert.equal(pass(before, [unready, model()]).message("ModelReady"), "AIMModel m is ready");
  }
  assert.equal(pass(before, [model()]).message("ModelReady"), "AIMModel m is ready");
});

Deno.test("Better §3.1: a namespace's model is recorded with namespace and uid, and a new uid means deleted", () => {
  const first = pass(service(), [model({ metadata: { uid: "first" } }), template()]);
  assert.deepEqual(first.status.resolvedModel, {
    name: "m",
    namespace: "ns",
    scope: "Namespace",
    uid: "first",
  });

  const sticky = recorded(first.status.resolvedModel);
  const again = pass(sticky, [model({ metadata: { uid: "second" } })]);
  assert.deepEqual(again.status.resolvedModel, {
    name: "m",
    namespace: "ns",
    scope: "Namespace",
    uid: "second",
  });

  // A cluster model that was made anew under a namespace's model of that name.
  const recreated = recorded({ name: "m", scope: "Cluster", uid: "first" });
  const models = [clusterModel({ metadata: { uid: "second" } }), model()];
  assert.equal(pass(recreated, models).message("ModelReady"), "AIMModel m is ready");
});

Deno.test("a record of AIM Engine, without a namespace, is taken for the service's own", () => {
  const made = pass(recorded({ name: "m", scope: "Namespace", uid: "uid-AIMModel-ns-m" }), [
    model(),
    clusterModel(),
  ]);
  assert.equal(made.message("ModelReady"), "AIMModel m is ready");
});

Deno.test("what was resolved is kept in the status while the model is not Ready", () => {
  const resolvedModel = { name: "m", namespace: "ns", scope: "Namespace", uid: "uid-AIMModel-ns-m" } as const;
  const made = pass(recorded(resolvedModel), [model({ status: { status: "Progressing" } })]);
  assert.deepEqual(made.status.resolvedModel, resolvedModel);
  assert.equal(
    pass(service(), [model({ status: { status: "Progressing" } })]).status.resolvedModel,
    undefined,
  );
});

Deno.test("a named model that vanished under a running endpoint is missing, and the endpoint stays", () => {
  const before = recorded({ name: "m", namespace: "ns", scope: "Namespace", uid: "uid-AIMModel-ns-m" });
  const made = pass(before, [template(), inferenceService(), pod()]);
  assert.equal(made.condition("ModelReady"), "False ModelNotFound");
  assert.equal(made.status.status, "Degraded");
  assert.deepEqual(made.children, [`keep InferenceService ${endpoint}`]);
});

Deno.test("Better §3.2: the model's default template wins the selection, if it survives", () => {
  const made = (name: string, metric: "latency" | "throughput") =>
    clusterTemplate({
      metadata: { name },
      status: { profile: { metadata: { type: "optimized", metric } } },
    });
  const pair = [made("slow", "throughput"), made("fast", "latency")];
  const prefers = clusterModel({ spec: { defaultServiceTemplate: "slow" } });
  assert.equal(pass(service(), [clusterModel(), ...pair]).status.resolvedTemplate?.name, "fast");
  assert.equal(pass(service(), [prefers, ...pair]).status.resolvedTemplate?.name, "slow");

  const unready = { ...pair[0], status: { ...pair[0].status, status: "Failed" as const } };
  assert.equal(pass(service(), [prefers, unready, pair[1]]).status.resolvedTemplate?.name, "fast");
  const named = service({ spec: { template: { name: "fast" } } });
  assert.equal(pass(named, [prefers, ...pair]).status.resolvedTemplate?.name, "fast");
});
