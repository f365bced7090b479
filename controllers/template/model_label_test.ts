import assert from "node:assert/strict";
import { compare } from "../../lib/operator/apply/diff/compare.ts";
import { API_VERSION } from "../../lib/operator/naming/labels.ts";
import { modelLabel } from "./model_label.ts";
import { clusterScope, namespaceScope } from "./scope.ts";
import { clusterTemplate, template } from "./template_sample.ts";

const key = "aim.eai.amd.com/model";
/** A template that carries the label, set by that manager's apply. */
const labelled = (value: string, manager: string) =>
  template({}, {
    metadata: {
      name: "t",
      labels: { [key]: value },
      managedFields: [{
        manager,
        operation: "Apply",
        apiVersion: API_VERSION,
        fieldsV1: { "f:metadata": { "f:labels": { [`f:${key}`]: {} } } },
      }],
    },
  });
const ours = "aim-service-template-controller";

Deno.test("a template without the label gets it, and nothing else (spec/README.md)", () => {
  const [child, ...more] = modelLabel(template(), namespaceScope);
  assert.deepEqual(more, []);
  assert.equal(child.how, "apply");
  assert.deepEqual(child.how === "apply" && child.desired, {
    apiVersion: API_VERSION,
    kind: "AIMServiceTemplate",
    metadata: { name: "t", namespace: "ns", labels: { [key]: "m" } },
  });
  const [cluster] = modelLabel(clusterTemplate(), clusterScope);
  assert.deepEqual(cluster.how === "apply" && cluster.desired.metadata, {
    name: "t",
    labels: { [key]: "m" },
  });
});

Deno.test("a value that another manager, or a user, has set is left alone", () => {
  assert.deepEqual(modelLabel(labelled("mine", "kubectl"), namespaceScope), []);
  assert.deepEqual(modelLabel(labelled("m", "aim-model-controller"), namespaceScope), []);
  assert.deepEqual(
    modelLabel(template({}, { metadata: { name: "t", labels: { [key]: "m" } } }), namespaceScope),
    [],
  );
});

Deno.test("once it is ours it stays wanted, and there is nothing to send", () => {
  const stamped = labelled("m", ours);
  const [child] = modelLabel(stamped, namespaceScope);
  const verdict = compare(child.how === "apply" ? child.desired : {}, stamped, {
    manager: ours,
    apiVersion: API_VERSION,
  });
  assert.deepEqual(verdict, { same: true });
});

Deno.test("a label of ours that was changed by force of our own is put back", () => {
  const [child] = modelLabel(labelled("other", ours), namespaceScope);
  assert.equal(child.how === "apply" && child.desired.metadata!.labels![key], "m");
});

Deno.test("without a model there is nothing to stamp", () => {
  assert.deepEqual(modelLabel({ ...template(), spec: undefined }, namespaceScope), []);
});
