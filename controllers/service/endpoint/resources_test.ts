/** Requests and limits of the inference container (services.md §8.7). */

import assert from "node:assert/strict";
import type { Cpu, ResourceRequirements } from "../../../lib/api/mod.ts";
import type { InferenceService } from "../../../lib/operator/objects.ts";
import type { KubeObject } from "../../../lib/kube/object.ts";
import { liveObject } from "../../../lib/operator/runner/view_fixture.ts";
import { contextOf } from "../context.ts";
import { containerResources } from "./resources.ts";
import { cache, endpoint, inferenceService, model, pass, service, template } from "../service_sample.ts";

interface Given {
  readonly gpus?: number;
  readonly resourceName?: string;
  readonly model?: ResourceRequirements;
  readonly cpu?: Cpu;
  readonly template?: ResourceRequirements;
  readonly service?: ResourceRequirements;
  /** What the InferenceService that is there has. */
  readonly standing?: ResourceRequirements;
}

function resources({ gpus, resourceName, ...given }: Given) {
  const gpu = gpus === undefined ? undefined : { requests: gpus, resourceName };
  const object = template({
    spec: { resources: given.template, ...(given.cpu && { hardware: { cpu: given.cpu } }) },
    status: gpu && { resolvedHardware: { gpu } },
  });
  const context = contextOf(service({ spec: { resources: given.service } }), undefined);
  return containerResources(
    context,
    { object: liveObject(object), scope: "Namespace" },
    { object: liveObject(model({ spec: { resources: given.model } })), scope: "Namespace" },
    given.standing,
  );
}

const amd = "amd.com/gpu";
const forOne = {
  requests: { cpu: "4", memory: "32Gi", [amd]: "1" },
  limits: { memory: "48Gi", [amd]: "1" },
};

const rows: [title: string, given: Given, expected: ResourceRequirements][] = [
  ["one GPU", { gpus: 1 }, forOne],
  ["eight GPUs", { gpus: 8 }, {
    requests: { cpu: "32", memory: "256Gi", [amd]: "8" },
    limits: { memory: "384Gi", [amd]: "8" },
  }],
  ["a GPU resource of another name", { gpus: 2, resourceName: "amd.com/mi300x" }, {
    requests: { cpu: "8", memory: "64Gi", "amd.com/mi300x": "2" },
    limits: { memory: "96Gi", "amd.com/mi300x": "2" },
  }],
  ["an empty name is the default one", { gpus: 1, resourceName: "" }, forOne],
  ["no GPU", {}, {}],
  ["zero GPUs", { gpus: 0 }, {}],
  ["the template's over what the hardware implies", {
    gpus: 1,
    template: { requests: { cpu: "2" }, limits: { memory: "64Gi" } },
  }, {
    requests: { cpu: "2", memory: "32Gi", [amd]: "1" },
    limits: { memory: "64Gi", [amd]: "1" },
  }],
  ["the service's over the template's, name by name, requests and limits apart", {
    gpus: 1,
    template: { requests: { cpu: "2", memory: "8Gi" } },
    service: { requests: { cpu: "3" }, limits: { cpu: "6" } },
  }, {
    requests: { cpu: "3", memory: "8Gi", [amd]: "1" },
    limits: { cpu: "6", memory: "48Gi", [amd]: "1" },
  }],
  ["without GPU only what was asked for", { service: { limits: { memory: "1Gi" } } }, {
    limits: { memory: "1Gi" },
  }],
  ["numbers are written as text", { service: { requests: { cpu: 2 } } }, { requests: { cpu: "2" } }],
  ["§14.1: a limit of 96Gi", { gpus: 1, service: { limits: { memory: "96Gi" } } }, {
    requests: { cpu: "4", memory: "32Gi", [amd]: "1" },
    limits: { memory: "96Gi", [amd]: "1" },
  }],
];
for (const [title, given, expected] of rows) {
  Deno.test(title, () => assert.deepEqual(resources(given).resources, expected));
}

const agreeing: typeof rows = [
  ["a GPU limit alone is also the request", { gpus: 1, service: { limits: { [amd]: "4" } } }, {
    requests: { cpu: "4", memory: "32Gi", [amd]: "4" },
    limits: { memory: "48Gi", [amd]: "4" },
  }],
  ["a GPU request alone is also the limit", { gpus: 1, service: { requests: { [amd]: "4" } } }, {
    requests: { cpu: "4", memory: "32Gi", [amd]: "4" },
    limits: { memory: "48Gi", [amd]: "4" },
  }],
  ["an extended resource that the hardware does not imply", { service: { limits: { "rdma/hca": 1 } } }, {
    requests: { "rdma/hca": "1" },
    limits: { "rdma/hca": "1" },
  }],
  ["a limit below an implied request lowers it", {
    gpus: 1,
    service: { limits: { memory: "16Gi", cpu: "500m" } },
  }, {
    requests: { cpu: "500m", memory: "16Gi", [amd]: "1" },
    limits: { cpu: "500m", memory: "16Gi", [amd]: "1" },
  }],
  ["quantities are compared by value", { gpus: 1, service: { limits: { memory: "40000Mi" } } }, {
    requests: { cpu: "4", memory: "32Gi", [amd]: "1" },
    limits: { memory: "40000Mi", [amd]: "1" },
  }],
];
for (const [title, given, expected] of agreeing) {
  Deno.test(`Better §8.7: ${title}`, () => assert.deepEqual(resources(given).resources, expected));
}

Deno.test("Better §8.7: a template's limit counts like the service's", () => {
  const { resources: made } = resources({ gpus: 1, template: { limits: { [amd]: "2" } } });
  assert.deepEqual([made?.requests?.[amd], made?.limits?.[amd]], ["2", "2"]);
});

const rising: typeof rows = [
  ["a request above an implied limit raises it", { gpus: 1, service: { requests: { memory: "64Gi" } } }, {
    requests: { cpu: "4", memory: "64Gi", [amd]: "1" },
    limits: { memory: "64Gi", [amd]: "1" },
  }],
  ["also the template's", { gpus: 1, template: { requests: { memory: "64Gi" } } }, {
    requests: { cpu: "4", memory: "64Gi", [amd]: "1" },
    limits: { memory: "64Gi", [amd]: "1" },
  }],
  ["a request that fits leaves it", { gpus: 1, service: { requests: { memory: "40Gi" } } }, {
    requests: { cpu: "4", memory: "40Gi", [amd]: "1" },
    limits: { memory: "48Gi", [amd]: "1" },
  }],
];
for (const [title, given, expected] of rising) {
  Deno.test(`spec/README "Implied memory limit": ${title}`, () => {
    assert.deepEqual(resources(given).resources, expected);
  });
}

const layers: typeof rows = [
  ["the model's over what the hardware implies", { gpus: 1, model: { requests: { cpu: "2" } } }, {
    requests: { cpu: "2", memory: "32Gi", [amd]: "1" },
    limits: { memory: "48Gi", [amd]: "1" },
  }],
  ["without GPU the model's alone", { model: { requests: { memory: "1Gi" } } }, {
    requests: { memory: "1Gi" },
  }],
  ["the template's CPU over the model's", {
    model: { requests: { cpu: "2", memory: "1Gi" } },
    cpu: { requests: "3", limits: "6" },
  }, { requests: { cpu: "3", memory: "1Gi" }, limits: { cpu: "6" } }],
  ["CPU without a limit has none", { cpu: { requests: 3 } }, { requests: { cpu: "3" } }],
  ["the template's resources over its CPU", {
    cpu: { requests: "3", limits: "6" },
    template: { requests: { cpu: "4" } },
  }, { requests: { cpu: "4" }, limits: { cpu: "6" } }],
  ["the service's over all", {
    gpus: 1,
    model: { requests: { cpu: "1" } },
    cpu: { requests: "2" },
    template: { requests: { cpu: "3" } },
    service: { requests: { cpu: "5" } },
  }, { requests: { cpu: "5", memory: "32Gi", [amd]: "1" }, limits: { memory: "48Gi", [amd]: "1" } }],
  ["a limit of the service lowers a request of the model", {
    model: { requests: { memory: "8Gi" } },
    service: { limits: { memory: "4Gi" } },
  }, { requests: { memory: "4Gi" }, limits: { memory: "4Gi" } }],
  ["a request of the service raises a limit of the CPU", {
    cpu: { requests: "1", limits: "2" },
    service: { requests: { cpu: "4" } },
  }, { requests: { cpu: "4" }, limits: { cpu: "4" } }],
  ["a contradiction of the model that the service settles", {
    model: { requests: { memory: "8Gi" }, limits: { memory: "4Gi" } },
    service: { limits: { memory: "16Gi" } },
  }, { requests: { memory: "8Gi" }, limits: { memory: "16Gi" } }],
];
for (const [title, given, expected] of layers) {
  Deno.test(`api.md §11: ${title}`, () => assert.deepEqual(resources(given).resources, expected));
}

Deno.test("api.md §11: a contradiction within the model names it, and so does an unreadable amount", () => {
  const contradicting = resources({ model: { requests: { memory: "8Gi" }, limits: { memory: "4Gi" } } });
  assert.equal(
    contradicting.error?.message,
    "the request of 8Gi for memory is above the limit of 4Gi; " +
      'lower spec.resources.requests["memory"] of AIMModel m or raise spec.resources.limits["memory"] of AIMModel m',
  );
  assert.equal(
    resources({ model: { requests: { memory: "much" } } }).error?.message,
    'spec.resources.requests["memory"] of AIMModel m is "much", which is no quantity; write it like 500m or 16Gi',
  );
});

Deno.test("issue 10 §2: no advice to change a template's hardware, which cannot be changed", () => {
  assert.equal(
    resources({ cpu: { requests: "4", limits: "2" } }).error?.message,
    "the request of 4 for cpu is above the limit of 2; " +
      'lower spec.resources.requests["cpu"] of AIMServiceTemplate t1, which counts more than its hardware or ' +
      'raise spec.resources.limits["cpu"] of AIMServiceTemplate t1, which counts more than its hardware',
  );
  assert.equal(
    resources({ cpu: { requests: "some" } }).error?.message,
    'spec.hardware.cpu.requests of AIMServiceTemplate t1 is "some", which is no quantity; ' +
      "make it anew, since its hardware cannot be changed",
  );
});

Deno.test("an extended resource with two amounts, which no pod can have: InvalidResources", () => {
  const { error } = resources({ service: { requests: { [amd]: "1" }, limits: { [amd]: "2" } } });
  assert.equal(error?.reason, "InvalidResources");
  assert.equal(
    error?.message,
    "the request of 1 for amd.com/gpu differs from the limit of 2; write the same amount in " +
      'spec.resources.requests["amd.com/gpu"] of the service and spec.resources.limits["amd.com/gpu"] of the service',
  );
});

const standing: [title: string, given: Given, stays: boolean][] = [
  ["by AIM Engine's rule", { gpus: 1, model: { requests: { cpu: "2" } }, standing: forOne }, true],
  ["by our first version's", {
    gpus: 1,
    cpu: { requests: "2" },
    service: { limits: { memory: "16Gi" } },
    standing: { requests: { ...forOne.requests, memory: "16Gi" }, limits: { memory: "16Gi", [amd]: "1" } },
  }, true],
  [
    "by nobody's",
    { gpus: 1, model: { requests: { cpu: "2" } }, standing: { requests: { cpu: "9" } } },
    false,
  ],
  ["as no pod can be", {
    gpus: 1,
    service: { requests: { memory: "64Gi" } },
    standing: { requests: { ...forOne.requests, memory: "64Gi" }, limits: forOne.limits },
  }, false],
];
for (const [title, given, stays] of standing) {
  Deno.test(`spec/README: resources that stand, made ${title}, ${stays ? "may stay" : "do not"}`, () => {
    const made = resources(given);
    assert.ok(made.error === undefined);
    assert.deepEqual(made.plain, stays ? given.standing : made.resources);
    assert.notDeepEqual(made.resources, given.standing);
  });
}

Deno.test("api.md §11: a model's resources reach a new endpoint; one that runs gets them with the service's next edit", () => {
  const resourced = model({ spec: { resources: { requests: { cpu: "2" } } } });
  const objects = [resourced, template(), cache()];
  const cpuOf = (generation: number, standing?: KubeObject) =>
    pass(
      service({ metadata: { generation }, status: { observedGeneration: 1 } }),
      standing ? [...objects, standing] : objects,
    ).desired<InferenceService>("InferenceService")!.spec!.predictor!.containers![0].resources?.requests?.cpu;
  const running = pass(service(), [model(), template(), cache()]).desired<InferenceService>(
    "InferenceService",
  )!;
  assert.equal(cpuOf(1), "2");
  assert.notEqual(running.spec?.predictor?.containers?.[0].resources?.requests?.cpu, "2");
  const live = { ...running, metadata: { ...running.metadata!, uid: "isvc" } };
  assert.equal(cpuOf(1, live), running.spec?.predictor?.containers?.[0].resources?.requests?.cpu);
  assert.equal(cpuOf(2, live), "2");
});

Deno.test("Better §8.7: a request above the limit, both asked for: InvalidResources, and the endpoint stays", () => {
  const contradicting = service({
    spec: { resources: { requests: { memory: "64Gi" }, limits: { memory: "32Gi" } } },
  });
  const objects = [model(), template(), cache()];
  const made = pass(contradicting, objects);
  assert.equal(made.condition("InferenceServiceReady"), "False InvalidResources");
  assert.equal(
    made.message("InferenceServiceReady"),
    "the request of 64Gi for memory is above the limit of 32Gi; " +
      'lower spec.resources.requests["memory"] of the service or ' +
      'raise spec.resources.limits["memory"] of the service',
  );
  assert.equal(made.condition("ConfigValid"), "False InvalidSpec");
  assert.equal(made.status.status, "Failed");
  assert.deepEqual(made.children, []);
  assert.deepEqual(pass(contradicting, [...objects, inferenceService()]).children, [
    `keep InferenceService ${endpoint}`,
  ]);
});
