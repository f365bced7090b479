/** Entry, gates and order of a pass (services.md §2), and names that are unusual (§1.1, §11.4). */

import assert from "node:assert/strict";
import type { AIMServiceStatus } from "../../lib/api/mod.ts";
import type { InferenceService } from "../../lib/operator/objects.ts";
import type { KubeObject } from "../../lib/kube/object.ts";
import {
  cache,
  cacheName,
  endpoint,
  inferenceService,
  model,
  pass,
  pod,
  ready,
  route,
  routed,
  service,
  template,
} from "./service_sample.ts";

const finalizer = "aim.eai.amd.com/template-cache-cleanup";

Deno.test("Better §2.1: the finalizer is ensured in the same pass as the rest, and touches nothing else", () => {
  const made = pass(service(), [model(), template()]);
  assert.deepEqual(made.plan.finalizer, { name: finalizer, action: "ensure" });
  assert.deepEqual(made.children, [`create AIMTemplateCache ${cacheName}`]);
});

Deno.test("a paused service gets its finalizer, and nothing is read", () => {
  const annotations = { "aim.eai.amd.com/reconciliation-paused": "true" };
  const made = pass(service({ metadata: { annotations } }), ready);
  assert.equal(made.plan.finalizer?.action, "ensure");
  assert.deepEqual([made.children, made.reads], [[], []]);
  assert.deepEqual(made.conditions, ["Paused: True Paused", "Ready: False Paused"]);
  const other = { "aim.eai.amd.com/reconciliation-paused": "yes" };
  assert.equal(pass(service({ metadata: { annotations: other } }), ready).status.status, "Running");
});

Deno.test("route, cache and InferenceService in one plan, in that order", () => {
  const objects = ready.filter(({ kind }) => kind !== "AIMTemplateCache");
  assert.deepEqual(pass(service({ spec: { routing: routed } }), objects).children, [
    `apply HTTPRoute ${endpoint}`,
    `create AIMTemplateCache ${cacheName}`,
    `apply InferenceService ${endpoint}`,
  ]);
});

const gates: [title: string, spec: NonNullable<Parameters<typeof service>[0]>, objects: KubeObject[]][] = [
  ["a missing model", {}, [template(), cache()]],
  ["a missing template", { spec: { template: { name: "t2" } } }, [model(), template(), cache()]],
  ["a missing runtime config", { spec: { runtimeConfigName: "rc" } }, [model(), template(), cache()]],
  ["a contradiction in the spec", {
    spec: { resources: { requests: { cpu: 2 }, limits: { cpu: 1 } } },
  }, [model(), template(), cache()]],
];
for (const [title, parts, objects] of gates) {
  Deno.test(`Better §2.3: ${title} closes the gate: nothing is made, what is there stays`, () => {
    const wanting = service({ ...parts, spec: { routing: routed, ...parts.spec } });
    assert.deepEqual(pass(wanting, objects).children, []);
    const made = pass(wanting, [...objects, inferenceService(), route()]);
    assert.deepEqual(made.children.sort(), [
      // The route of an endpoint needs neither model nor template.
      `${
        title === "a missing model" || title === "a missing template" ? "apply" : "keep"
      } HTTPRoute ${endpoint}`,
      `keep InferenceService ${endpoint}`,
    ]);
    assert.deepEqual(made.removals, []);
  });
}

const troubles: [title: string, objects: KubeObject[]][] = [
  ["an image that cannot be pulled", [
    inferenceService({ status: { conditions: [] } }),
    pod({
      status: {
        phase: "Pending",
        containerStatuses: [{
          name: "kserve-container",
          state: { waiting: { reason: "ErrImagePull", message: "unauthorized" } },
        }],
      },
    }),
  ]],
  ["a failed pod", [
    inferenceService({ status: { conditions: [] } }),
    pod({
      status: {
        phase: "Failed",
        containerStatuses: [{ name: "kserve-container", state: { terminated: { exitCode: 1 } } }],
      },
    }),
  ]],
  ["a rejected route", [
    inferenceService(),
    pod(),
    route([{ type: "Accepted", status: "False", reason: "NotAllowedByListeners" }]),
  ]],
];
for (const [title, objects] of troubles) {
  Deno.test(`Better §2.3: ${title} keeps no corrected spec from the children`, () => {
    const corrected = service({
      spec: {
        routing: { ...routed, gatewayRef: { name: "right" } },
        imagePullSecrets: [{ name: "right" }],
      },
    });
    const made = pass(corrected, [model(), template(), cache(), ...objects]);
    const { predictor } = made.desired<InferenceService>("InferenceService")!.spec!;
    assert.deepEqual(predictor?.imagePullSecrets, [{ name: "right" }]);
    const { spec } = made.desired<KubeObject & { spec: { parentRefs: { name: string }[] } }>("HTTPRoute")!;
    assert.equal(spec.parentRefs[0].name, "right");
  });
}

const long = "n".repeat(43);

Deno.test("Better §11.4: a namespace of more than 42 characters: NamespaceTooLong, the rest is judged as ever", () => {
  const inLong = <T extends KubeObject>(object: T): T => ({
    ...object,
    metadata: { ...object.metadata, namespace: long },
  });
  const made = pass(service({ metadata: { namespace: long } }), [model(), template()].map(inLong));
  assert.equal(made.condition("InferenceServiceReady"), "False NamespaceTooLong");
  assert.equal(
    made.message("InferenceServiceReady"),
    `namespace "${long}" is too long (43 chars); InferenceService hostname would exceed 63 characters; ` +
      "use a namespace of at most 42 characters",
  );
  assert.equal(made.condition("ModelReady"), "True ModelResolved");
  assert.equal(made.condition("TemplateReady"), "True Resolved");
  assert.equal(made.condition("ConfigValid"), "False InvalidSpec");
  assert.equal(made.condition("DependenciesReachable"), undefined);
  assert.equal(made.status.status, "Failed");
  assert.deepEqual(made.children, []);
});

Deno.test("a namespace of 42 characters leaves ten for the InferenceService", () => {
  const namespace = "n".repeat(42);
  const objects = [model(), template(), cache()].map((object) => ({
    ...object,
    metadata: { ...object.metadata, namespace },
  }));
  const made = pass(service({ metadata: { namespace } }), objects);
  assert.match(made.desired("InferenceService")!.metadata!.name!, /^s-[0-9a-f]{8}$/);
});

Deno.test("Better §1.1: a service name that begins with a digit: its InferenceService begins with `s-`", () => {
  const made = pass(service({ metadata: { name: "1x" } }), [model(), template(), cache()]);
  assert.equal(made.desired("InferenceService")!.metadata!.name, "s-1x-e2c6bafc");
});

Deno.test("names of 253 characters: every child has a legal name and legal labels", () => {
  const name = "a.".repeat(126) + "a";
  assert.equal(name.length, 253);
  const made = pass(service({ metadata: { name }, spec: { routing: routed, model: { name } } }), [
    model({ metadata: { name } }),
    template({ metadata: { name }, spec: { modelName: name } }),
    inferenceService({ metadata: { name: "other" } }),
  ]);
  assert.equal(made.children.length, 2);
  for (const child of made.plan.children) {
    assert.ok(child.how !== "keep");
    assertLegal(child.desired);
  }
  const once = made.desired("AIMTemplateCache")!;
  const next = pass(service({ metadata: { name }, spec: { model: { name } } }), [
    model({ metadata: { name } }),
    template({ metadata: { name }, spec: { modelName: name } }),
    { ...once, status: cache().status } as KubeObject,
  ]);
  assertLegal(next.desired("InferenceService")!);
});

function assertLegal({ metadata }: KubeObject): void {
  assert.match(metadata!.name!, /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/);
  for (const [key, value] of Object.entries(metadata!.labels!)) {
    assert.match(value, /^([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?$/, key);
  }
}

Deno.test("services of one world do not disturb each other: a broken one beside a good one", () => {
  const broken = service({
    metadata: { name: "broken", uid: "broken" },
    spec: { model: { name: "m", image: "x" }, routing: { requestTimeout: "soon" } },
  });
  const { spec: _, ...specless } = template({ metadata: { name: "t0" } });
  const made = pass(service(), [...ready, broken, specless]);
  assert.equal(made.status.status, "Running");
});

Deno.test("a status written by AIM Engine is read, and what is ours is written over it", () => {
  const status = {
    status: "Running",
    conditions: [{
      type: "ModelReady",
      status: "True",
      reason: "ModelResolved",
      message: "",
      lastTransitionTime: "2025-12-31T00:00:00Z",
    }],
    resolvedModel: { name: "m", scope: "Namespace", uid: "uid-AIMModel-ns-m" },
    resolvedTemplate: {
      name: "t1",
      namespace: "ns",
      scope: "Namespace",
      uid: "uid-AIMServiceTemplate-ns-t1",
    },
    cache: {
      templateCacheRef: { name: cacheName, namespace: "ns", uid: `uid-AIMTemplateCache-ns-${cacheName}` },
    },
    routing: {},
    runtime: { currentReplicas: 1, desiredReplicas: 1, minReplicas: 1, maxReplicas: 1, replicas: "1" },
  } as AIMServiceStatus;
  const made = pass(service({ status }), ready);
  assert.equal(made.status.status, "Running");
  assert.equal(made.status.routing, undefined);
  assert.equal(made.status.resolvedModel?.namespace, "ns");
});
