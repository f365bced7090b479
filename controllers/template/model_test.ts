import assert from "node:assert/strict";
import type { ModelStatus } from "../../lib/api/mod.ts";
import type { KubeObject } from "../../lib/kube/object.ts";
import { toldCode } from "../../lib/operator/status/progress_conditions.ts";
import { clusterTemplate, condition, model, pass, sources, template } from "./template_sample.ts";

const inline = { modelSources: sources };
const modelCondition = (object: ReturnType<typeof template>, others: KubeObject[]) => {
  const { status, conditions } = pass(object, others);
  return `${status!.status} ${conditions.find((each) => /^(Cluster)?ModelReady=/.test(each))}`;
};
const withStatus = (status: Partial<ModelStatus>) => model("AIMModel", status);

// models-and-templates.md §5.3 "Model", with rule M
const rows: [what: string, found: KubeObject[], expected: string][] = [
  ["not there", [], "Failed ModelReady=False/ReferenceNotFound"],
  [
    "without an image",
    [{ ...model(), spec: undefined } as KubeObject],
    "Failed ModelReady=False/ImageNotSpecified",
  ],
  ["Ready", [model()], "Ready ModelReady=True/ModelFound"],
  ["Pending", [withStatus({ status: "Pending" })], "Ready ModelReady=True/ModelFound"],
  ["NotAvailable", [withStatus({ status: "NotAvailable" })], "Ready ModelReady=True/ModelFound"],
  ["without a status", [withStatus({ status: undefined })], "Ready ModelReady=True/ModelFound"],
  [
    "Failed because of its templates",
    [withStatus({
      status: "Failed",
      conditions: [
        condition("ImageMetadataReady", "True", "ImageFound"),
        condition("ServiceTemplatesReady", "False", "AllTemplatesFailed"),
        condition("ClusterServiceTemplatesReady", "False", "AllTemplatesFailed"),
        condition("ConfigValid", "False", "InvalidSpec"),
        condition("Ready", "False", "AllTemplatesFailed"),
      ],
    })],
    "Ready ModelReady=True/ModelFound",
  ],
  [
    "Failed for a reason of its own",
    [withStatus({
      status: "Failed",
      conditions: [condition("RuntimeConfigReady", "False", "ConfigNotFound")],
    })],
    "Failed ModelReady=False/ModelFailed",
  ],
  [
    "Degraded for a reason of its own",
    [withStatus({
      status: "Degraded",
      conditions: [condition("ImageMetadataReady", "False", "ImageNotFound")],
    })],
    "Degraded ModelReady=False/ModelFailed",
  ],
  [
    "not failed, though a condition is False",
    [withStatus({
      status: "Progressing",
      conditions: [condition("ImageMetadataReady", "False", "AwaitingMetadata")],
    })],
    "Ready ModelReady=True/ModelFound",
  ],
  [
    "failed by its templates while the registry is still asked: neither may fail the other",
    [withStatus({
      status: "Failed",
      conditions: [
        condition("ImageMetadataReady", "False", "AwaitingMetadata"),
        condition("ServiceTemplatesReady", "False", "AllTemplatesFailed"),
      ],
    })],
    "Ready ModelReady=True/ModelFound",
  ],
  [
    "Better (§5.1): of the cluster, when the namespace has none",
    [model("AIMClusterModel")],
    "Ready ModelReady=True/ModelFound",
  ],
];
for (const [what, found, expected] of rows) {
  Deno.test(`a template whose model is ${what}`, () =>
    assert.equal(modelCondition(template(inline), found), expected));
}

Deno.test("a cluster template sees cluster models only, and has its own condition and reasons (§5.1)", () => {
  const object = clusterTemplate(inline);
  assert.equal(modelCondition(object, [model()]), "Failed ClusterModelReady=False/ReferenceNotFound");
  assert.equal(
    modelCondition(object, [model("AIMClusterModel")]),
    "Ready ClusterModelReady=True/ClusterModelFound",
  );
  const failed = model("AIMClusterModel", {
    status: "Failed",
    conditions: [condition("ImageMetadataReady", "False", "ImageNotFound")],
  });
  assert.equal(modelCondition(object, [failed]), "Failed ClusterModelReady=False/ClusterModelFailed");
});

Deno.test("the model's own failure is quoted", () => {
  const failed = withStatus({
    status: "Failed",
    conditions: [condition("RuntimeConfigReady", "False", "ConfigNotFound")],
  });
  const told = pass(template(inline), [failed]).status!.conditions!.find(({ type }) =>
    type === "ModelReady"
  )!;
  assert.equal(told.message, "AIMModel m is Failed: RuntimeConfigReady is False (ConfigNotFound): told");
});

Deno.test("a missing model is named with where it was looked for", () => {
  const told = pass(template(inline)).status!.conditions!.find(({ type }) => type === "ModelReady")!;
  assert.match(told.message, /AIMModel m in namespace ns, nor AIMClusterModel m/);
});

Deno.test("Better (§5.1): resolvedModel has name, namespace, scope, kind and uid", () => {
  assert.deepEqual(pass(template(inline), [model(), model("AIMClusterModel")]).status!.resolvedModel, {
    name: "m",
    namespace: "ns",
    scope: "Namespace",
    kind: "AIMModel",
    uid: "uid-AIMModel-ns-m",
  });
  assert.deepEqual(pass(template(inline), [model("AIMClusterModel")]).status!.resolvedModel, {
    name: "m",
    scope: "Cluster",
    kind: "AIMClusterModel",
    uid: "uid-AIMClusterModel--m",
  });
  assert.equal(pass(template(inline)).status!.resolvedModel, undefined);
});

Deno.test("the cause of a failed model is its own, not what it tells of its templates: those would tell it of themselves", () => {
  const failed = withStatus({
    status: "Failed",
    conditions: [
      condition("ImageMetadataReady", "False", "ImageNotFound"),
      condition("ServiceTemplatesReady", "False", "AllTemplatesFailed"),
      condition("Stalled", "True", "AIM0801"),
    ],
  });
  assert.equal(toldCode(pass(template(inline), [failed]).status!.conditions), "AIM-0901");
});
