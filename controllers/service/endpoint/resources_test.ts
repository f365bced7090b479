/** Requests and limits of the inference container (services.md §8.7). */

import assert from "node:assert/strict";
import type { ResourceRequirements } from "../../../lib/api/mod.ts";
import { liveObject } from "../../../lib/operator/core/view_fixture.ts";
import { contextOf } from "../context.ts";
import { containerResources } from "./resources.ts";
import { cache, endpoint, inferenceService, model, pass, service, template } from "../service_sample.ts";

interface Given {
  readonly gpus?: number;
  readonly resourceName?: string;
  readonly template?: ResourceRequirements;
  readonly service?: ResourceRequirements;
}

function resources({ gpus, resourceName, ...given }: Given) {
  const gpu = gpus === undefined ? undefined : { requests: gpus, resourceName };
  const object = template({
    spec: { resources: given.template },
    status: gpu && { resolvedHardware: { gpu } },
  });
  const context = contextOf(service({ spec: { resources: given.service } }), undefined);
  return containerResources(context, { object: liveObject(object), scope: "Namespace" });
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

Deno.test("a request above an implied limit is no contradiction of the user's own: sent as AIM Engine sends it", () => {
  const { resources: made } = resources({ gpus: 1, service: { requests: { memory: "64Gi" } } });
  assert.deepEqual([made?.requests?.memory, made?.limits?.memory], ["64Gi", "48Gi"]);
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
