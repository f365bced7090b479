/**
 * What a user reads when something is written wrong: one row a case. The message names the field or object, the
 * value and what to do; `Ready` carries it, since that is where people look first.
 */

import assert from "node:assert/strict";
import type { AIMServiceSpec, ResourceRequirements } from "../../lib/api/mod.ts";
import type { KubeObject } from "../../lib/kube/object.ts";
import {
  cache,
  clusterTemplate,
  config,
  inferenceService,
  model,
  node,
  pass,
  ready,
  routed,
  service,
  template,
} from "./service_sample.ts";

interface Row {
  readonly title: string;
  /** A spec as it is stored, also such a one as today's schema refuses. */
  readonly spec: Record<string, unknown>;
  readonly objects?: readonly KubeObject[];
  readonly overall: string;
  /** Condition, its reason, and what its message must say. */
  readonly condition: readonly [type: string, reason: string];
  readonly says: readonly (string | RegExp)[];
}

const gpu = { hardware: { gpu: { requests: 1, model: "MI300X" } } };
const base = [model(), template(), cache()];

const rows: Row[] = [
  {
    title: "no model",
    spec: {},
    overall: "Failed",
    condition: ["SpecReady", "InvalidSpec"],
    says: ["spec.model", "is required", "set it"],
  },
  {
    title: "an empty model",
    spec: { model: {} },
    overall: "Failed",
    condition: ["SpecReady", "InvalidSpec"],
    says: ["spec.model", "exactly one of name, image, custom", "keep one of"],
  },
  {
    title: "two ways to name the model at once",
    spec: { model: { name: "m", image: "reg.io/m:1" } },
    overall: "Failed",
    condition: ["SpecReady", "InvalidSpec"],
    says: ["spec.model", "exactly one of name, image, custom must be set", "keep one of"],
  },
  {
    title: "a model that is not there",
    spec: { model: { name: "nope" } },
    overall: "Failed",
    condition: ["ModelReady", "ModelNotFound"],
    says: ['model "nope" not found in namespace ns or cluster scope'],
  },
  {
    title: "a template that is not there",
    spec: { model: { name: "m" }, template: { name: "nope" } },
    overall: "Failed",
    condition: ["TemplateReady", "TemplateNotFound"],
    says: ['template "nope" not found'],
  },
  {
    title: "templates that are not ready",
    spec: { model: { name: "m" } },
    objects: [
      model(),
      template({ status: { status: "Failed" } }),
      template({ metadata: { name: "t2" }, status: { status: "Progressing" } }),
    ],
    overall: "Pending",
    condition: ["TemplateReady", "TemplateNotReady"],
    says: [
      "not ready yet",
      "t1: TemplateFailed (status Failed)",
      "t2: TemplateProgressing (status Progressing)",
    ],
  },
  {
    title: "templates that are unoptimized",
    spec: { model: { name: "m" } },
    objects: [model(), template({ status: { profile: { metadata: { type: "preview" } } } })],
    overall: "Pending",
    condition: ["TemplateReady", "TemplateNotFound"],
    says: ["allowUnoptimized", "t1: UnoptimizedTemplateFiltered (profile type preview"],
  },
  {
    title: "a template for a GPU that is not in the cluster",
    spec: { model: { name: "m" } },
    objects: [model(), node("740f"), template({ spec: gpu })],
    overall: "Pending",
    condition: ["TemplateReady", "TemplateNotFound"],
    says: ["t1: RequiredGPUNotInCluster (GPU MI300X is on no node (the cluster has MI210))"],
  },
  {
    title: "a template for a GPU in a cluster without any",
    spec: { model: { name: "m" } },
    objects: [model(), template({ spec: gpu, status: { status: "NotAvailable" } })],
    overall: "Pending",
    condition: ["TemplateReady", "TemplateNotReady"],
    says: ["t1: TemplateNotAvailable", "GPU MI300X is on no node (the cluster has no known GPU)"],
  },
  {
    title: "templates that are tied",
    spec: { model: { name: "m" } },
    objects: [model(), template(), template({ metadata: { name: "t2" } })],
    overall: "Failed",
    condition: ["TemplateReady", "TemplateSelectionAmbiguous"],
    says: ["t1, t2", "Set spec.template.name to choose one"],
  },
  {
    title: "an unknown runtime config",
    spec: { model: { name: "m" }, runtimeConfigName: "nope" },
    overall: "Failed",
    condition: ["RuntimeConfigReady", "ReferenceNotFound"],
    says: ["RuntimeConfig nope not found in namespace ns or cluster scope"],
  },
  {
    title: "routing without a gateway",
    spec: { model: { name: "m" }, routing: { enabled: true } },
    overall: "Failed",
    condition: ["HTTPRouteReady", "GatewayNotConfigured"],
    says: ["no gatewayRef is configured in service or runtime config"],
  },
  {
    title: "requestTimeout: soon",
    spec: { model: { name: "m" }, routing: { ...routed, requestTimeout: "soon" } },
    overall: "Failed",
    condition: ["HTTPRouteReady", "InvalidRequestTimeout"],
    says: ['spec.routing.requestTimeout "soon" of the service', "write numbers with the units", "90s"],
  },
  {
    title: "requestTimeout: soon, in the runtime config that the service goes by",
    spec: { model: { name: "m" }, routing: routed, runtimeConfigName: "edge" },
    objects: [...base, config({ routing: { requestTimeout: "soon" } }, "edge")],
    overall: "Failed",
    condition: ["HTTPRouteReady", "InvalidRequestTimeout"],
    says: ['spec.routing.requestTimeout "soon" of runtime config edge', "write numbers with the units"],
  },
  {
    title: "a path template that does not evaluate",
    spec: { model: { name: "m" }, routing: { ...routed, pathTemplate: "/{.spec.nope}" } },
    overall: "Degraded",
    condition: ["HTTPRouteReady", "PathTemplateInvalid"],
    says: ['failed to evaluate route template ".spec.nope"'],
  },
  {
    title: "a quantity that does not parse, stored under an older CRD",
    spec: { model: { name: "m" }, resources: { limits: { memory: "lots" } } },
    overall: "Failed",
    condition: ["SpecReady", "InvalidSpec"],
    says: ["spec.resources.limits.memory", '"lots"', "quantity", "16Gi"],
  },
  {
    title: "a user's request above a user's limit",
    spec: {
      model: { name: "m" },
      resources: { requests: { memory: "64Gi" }, limits: { memory: "32Gi" } } satisfies ResourceRequirements,
    },
    overall: "Failed",
    condition: ["InferenceServiceReady", "InvalidResources"],
    says: [
      "request of 64Gi for memory is above the limit of 32Gi",
      'lower spec.resources.requests["memory"] of the service or',
      'raise spec.resources.limits["memory"] of the service',
    ],
  },
  {
    title: "a user's request above the limit of a template",
    spec: { model: { name: "m" }, resources: { requests: { memory: "64Gi" } } },
    objects: [model(), template({ spec: { resources: { limits: { memory: "32Gi" } } } }), cache()],
    overall: "Failed",
    condition: ["InferenceServiceReady", "InvalidResources"],
    says: [
      'lower spec.resources.requests["memory"] of the service or',
      'raise spec.resources.limits["memory"] of AIMServiceTemplate t1',
    ],
  },
  {
    title: "a user's limit below the request of a cluster's template",
    spec: { model: { name: "m" }, resources: { limits: { memory: "32Gi" } } },
    objects: [model(), clusterTemplate({ spec: { resources: { requests: { memory: "64Gi" } } } })],
    overall: "Failed",
    condition: ["InferenceServiceReady", "InvalidResources"],
    says: [
      'lower spec.resources.requests["memory"] of AIMClusterServiceTemplate t1 or',
      'raise spec.resources.limits["memory"] of the service',
    ],
  },
  {
    title: "a type that today's schema does not know, stored under an older CRD",
    spec: { model: { name: "m" }, replicas: "two" },
    overall: "Failed",
    condition: ["SpecReady", "InvalidSpec"],
    says: ["spec.replicas", '"two"', "whole number"],
  },
];

for (const { title, spec, objects = base, overall, condition: [type, reason], says } of rows) {
  Deno.test(`bad input: ${title}`, () => {
    const stored = { ...service(), spec: spec as AIMServiceSpec };
    const made = pass(stored, objects);
    assert.equal(made.status.status, overall);
    assert.equal(made.condition(type), `False ${reason}`);
    assert.match(made.condition("Ready")!, /^False/);
    const text = made.message(type)!;
    for (const part of says) {
      assert.ok(typeof part === "string" ? text.includes(part) : part.test(text), `"${text}" says ${part}`);
    }
    if (overall === "Failed" || overall === "Degraded") {
      assert.ok(made.message("Ready")!.includes(text), `Ready: ${made.message("Ready")}`);
    }
    assert.ok(made.events().some((each) => each.startsWith("Warning")) || overall === "Pending", "a Warning");
  });
}

Deno.test("bad input: a namespace of 60 characters", () => {
  const namespace = "n".repeat(60);
  const made = pass(service({ metadata: { namespace } }), []);
  assert.equal(made.condition("InferenceServiceReady"), "False NamespaceTooLong");
  assert.match(
    made.message("InferenceServiceReady")!,
    /\(60 chars\).*use a namespace of at most 42 characters/,
  );
});

Deno.test("bad input: what today's schema refuses keeps its endpoint, its references and its finalizer", () => {
  const before = pass(service(), ready).status;
  const stored = { ...service({ status: before }), spec: { model: {} } as AIMServiceSpec };
  const made = pass(stored, ready);
  assert.deepEqual([made.children, made.removals], [[], []]);
  assert.equal(made.plan.finalizer?.action, "ensure");
  assert.deepEqual(made.status.resolvedModel, before.resolvedModel);
  assert.equal(made.condition("ModelReady"), undefined, "of an earlier spec");
});

Deno.test("bad input: a service without a spec", () => {
  const { spec: _, ...bare } = service();
  const made = pass(bare as ReturnType<typeof service>, base);
  assert.equal(made.status.status, "Failed");
  assert.equal(made.condition("ModelReady"), "False ModelNotFound");
});

Deno.test("bad input: a runtime config that today's schema refuses fails its services with its own fault", () => {
  const broken = config({ env: "nope" } as never);
  const made = pass(service(), [...ready, broken]);
  assert.equal(made.condition("RuntimeConfigReady")?.startsWith("False"), true);
  assert.match(made.message("RuntimeConfigReady")!, /default.*spec\.env/);
  assert.deepEqual(made.children, [`keep InferenceService ${inferenceService().metadata!.name}`]);
});

Deno.test("bad input: a template whose quantity does not parse is told as such, not thrown", () => {
  const odd = template({
    spec: { resources: { limits: { memory: "lots" } } },
    status: { resolvedHardware: { gpu: { requests: 1 } } },
  });
  const made = pass(service(), [model(), odd, cache()]);
  assert.equal(made.condition("InferenceServiceReady"), "False InvalidResources");
  assert.equal(
    made.message("InferenceServiceReady"),
    'spec.resources.limits["memory"] of AIMServiceTemplate t1 is "lots", which is no quantity; ' +
      "write it like 500m or 16Gi",
  );
});
