/** The annotation `force-rebind`: model and template resolved anew (spec/README). */

import assert from "node:assert/strict";
import type { AIMService, AIMServiceStatus } from "../../../lib/api/mod.ts";
import type { InferenceService } from "../../../lib/operator/objects.ts";
import type { KubeObject, Live } from "../../../lib/kube/object.ts";
import {
  cache,
  cacheName,
  endpoint,
  inferenceService,
  model,
  pass,
  pod,
  service,
  template,
} from "../service_sample.ts";

const recorded: AIMServiceStatus = {
  status: "Running",
  observedGeneration: 4,
  resolvedModel: { name: "m", namespace: "ns", scope: "Namespace", uid: "uid-AIMModel-ns-m" },
  resolvedTemplate: { name: "t1", namespace: "ns", scope: "Namespace", uid: "uid-AIMServiceTemplate-ns-t1" },
  cache: {
    templateCacheRef: { name: cacheName, namespace: "ns", uid: `uid-AIMTemplateCache-ns-${cacheName}` },
  },
};
const asking = (value: string, handled?: string, status = recorded): Live<AIMService> =>
  service({
    metadata: {
      annotations: {
        "aim.eai.amd.com/force-rebind": value,
        ...(handled === undefined ? {} : { "aim.eai.amd.com/rebound": handled }),
      },
    },
    status,
  });
const t1 = template({ spec: { metric: "throughput" } });
const t2 = template({ metadata: { name: "t2" }, spec: { metric: "latency" } });
const running = inferenceService({
  metadata: { labels: { ...inferenceService().metadata!.labels, "aim.eai.amd.com/template": "t1" } },
});
const world: KubeObject[] = [model(), t1, t2, cache(), running, pod()];
const handled = (value: string) => [{ metadata: { annotations: { "aim.eai.amd.com/rebound": value } } }];
const edits = (made: ReturnType<typeof pass>) => (made.plan.edits ?? []).map(({ patch }) => patch);

Deno.test("without the annotation, or with a value that was carried out, the service keeps its template", () => {
  for (const object of [service({ status: recorded }), asking("1", "1")]) {
    const made = pass(object, world);
    assert.equal(made.status.resolvedTemplate?.name, "t1");
    assert.deepEqual(edits(made), []);
  }
});

Deno.test("a new value resolves anew; the event names old, new and what decided; the value is remembered", () => {
  for (const before of [undefined, "1"]) {
    const made = pass(asking("2", before), world);
    assert.equal(made.status.resolvedTemplate?.name, "t2");
    assert.equal(made.plan.sticky?.resolvedTemplate?.name, "t2");
    assert.deepEqual(edits(made), handled("2"));
    assert.deepEqual(made.events().filter((event) => event.includes("Rebound")), [
      "Normal Rebound: aim.eai.amd.com/force-rebind 2: AIMModel m as before, " +
      "AIMServiceTemplate t1 -> AIMServiceTemplate t2; " +
      "chosen: metric latency ranks above throughput of t1 (runner-up t1, wins with overrides.metric: throughput)",
    ]);
    assert.deepEqual(made.events().filter((event) => event.includes("Resolved")), []);
  }
});

Deno.test("the endpoint goes over with the new template's weights, not before", () => {
  const first = pass(asking("2"), world);
  assert.deepEqual(first.children, [
    "create AIMTemplateCache t2-e2c6bafc",
    `keep InferenceService ${endpoint}`,
  ]);
  const bound = asking("2", "2", first.status);
  const weights = cache({ metadata: { name: "t2-e2c6bafc" }, spec: { templateName: "t2" } });
  const second = pass(bound, [...world, weights]);
  const desired = second.desired<InferenceService>("InferenceService");
  assert.equal(desired?.metadata?.labels?.["aim.eai.amd.com/template"], "t2");
  assert.deepEqual(edits(second), []);
});

Deno.test("the template that was bound is the best still: nothing changes but what is remembered", () => {
  const made = pass(asking("2"), [model(), template(), cache(), running, pod()]);
  assert.equal(made.status.resolvedTemplate?.uid, recorded.resolvedTemplate?.uid);
  assert.deepEqual(edits(made), handled("2"));
  assert.deepEqual(made.events().filter((event) => /Rebound|Resolved/.test(event)), []);
});

Deno.test("it waits for something Ready to stand on, and says so; the service stands on what it stood on", () => {
  const failed = template({ metadata: { name: "t2" }, status: { status: "Failed" } });
  const made = pass(asking("2"), [model(), failed, cache(), running, pod()]);
  assert.equal(made.status.resolvedTemplate?.name, "t1");
  assert.deepEqual(edits(made), []);
  assert.match(
    made.message("TemplateReady")!,
    /not there any more.*; aim\.eai\.amd\.com\/force-rebind 2 waits: Templates exist but are not ready yet/,
  );
  const ready = pass(asking("2"), [model(), t2, cache(), running, pod()]);
  assert.equal(ready.status.resolvedTemplate?.name, "t2");
  assert.deepEqual(edits(ready), handled("2"));
});

Deno.test("the remedy that the message about a lost template names works", () => {
  const lost = [model(), t2, cache(), running, pod()];
  const advice = pass(service({ status: recorded }), lost).message("TemplateReady")!;
  assert.match(advice, /set the annotation aim\.eai\.amd\.com\/force-rebind to a new value/);
  assert.equal(pass(asking("any"), lost).status.resolvedTemplate?.name, "t2");
});

Deno.test("a model is resolved anew too: the namespace's comes before the cluster's that was bound", () => {
  const status: AIMServiceStatus = {
    ...recorded,
    resolvedModel: { name: "m", scope: "Cluster", uid: "uid-AIMClusterModel--m" },
  };
  const cluster = { ...model(), kind: "AIMClusterModel", metadata: { name: "m" } } as KubeObject;
  assert.equal(pass(service({ status }), [...world, cluster]).status.resolvedModel?.scope, "Cluster");
  const made = pass(asking("2", undefined, status), [...world, cluster]);
  assert.equal(made.status.resolvedModel?.scope, "Namespace");
  assert.match(made.events().join("\n"), /AIMClusterModel m -> AIMModel m/);
});

Deno.test("a template that must be derived first is derived, then bound", () => {
  const overrides = { hardware: { gpu: { requests: 2 } } };
  const asked = asking("2");
  const object = { ...asked, spec: { ...asked.spec, overrides } } as Live<AIMService>;
  // The bound t1 is gone; t2 does not say how many GPUs it takes, so one derived from it does.
  const lost = [model(), t2, cache(), running, pod()];
  const first = pass(object, lost);
  assert.deepEqual(first.children, [
    "create AIMServiceTemplate t2-ovr-2gpu-bf45",
    `keep InferenceService ${endpoint}`,
  ]);
  assert.equal(first.status.resolvedTemplate?.name, "t1");
  assert.deepEqual(edits(first), []);
  const derived = first.desired("AIMServiceTemplate")!;
  const second = pass(object, [...lost, { ...derived, status: t2.status } as KubeObject]);
  assert.equal(second.status.resolvedTemplate?.name, derived.metadata?.name);
  assert.deepEqual(edits(second), handled("2"));
});
