import assert from "node:assert/strict";
import type { AIMService, ModelSpec } from "../../lib/api/mod.ts";
import type { KubeObject, Live } from "../../lib/kube/object.ts";
import { API_VERSION } from "../../lib/operator/naming/labels.ts";
import { clusterModel, model, pass, template } from "./model_sample.ts";
import type { Model } from "./scope.ts";

const known: Partial<ModelSpec> = { imageMetadata: { model: {} } };
const service = (spec: AIMService["spec"], status?: AIMService["status"], namespace = "ns"): AIMService => ({
  apiVersion: API_VERSION,
  kind: "AIMService",
  metadata: { name: "s", namespace },
  spec,
  ...(status && { status }),
});
const naming = (name: string, namespace?: string) =>
  service({ model: { name: "m" }, template: { name } }, undefined, namespace);
const resolvedTo = (name: string, scope: "Namespace" | "Cluster", namespace?: string) =>
  service({ model: { name: "m" } }, { resolvedTemplate: { name, scope } }, namespace);

const removed = (object: Live<Model>, others: KubeObject[]) =>
  pass(object, others).plan.removals.map(({ ref }) => ref.name);

const stale = (object: Live<Model>) => template("stale", "Ready", {}, object);

// §3.8 Better: "delete templates that this model controls, labelled auto-generated, not desired, not used"
const rows: [
  what: string,
  spec: Partial<ModelSpec>,
  others: (object: Live<Model>) => KubeObject[],
  gone: string[],
][] = [
  ["one that is not wanted any more goes", known, (m) => [stale(m)], ["stale"]],
  ["one that a service names stays", known, (m) => [stale(m), naming("stale")], []],
  ["one that a service has resolved stays", known, (m) => [stale(m), resolvedTo("stale", "Namespace")], []],
  ["a service elsewhere does not keep it", known, (m) => [stale(m), naming("stale", "other")], ["stale"]],
  ["nor one on a cluster template of that name", known, (m) => [stale(m), resolvedTo("stale", "Cluster")], [
    "stale",
  ]],
  ["one made by hand stays", known, () => [template("stale", "Ready")], []],
  [
    "one of another model stays",
    known,
    () => [template("stale", "Ready", {}, model({}, { metadata: { name: "m", uid: "x" } }))],
    [],
  ],
  [
    "one without the label stays",
    known,
    (m) => [{ ...stale(m), metadata: { ...stale(m).metadata, labels: {} } }],
    [],
  ],
  [
    "one that is being deleted is left to that",
    known,
    (m) => [{ ...stale(m), metadata: { ...stale(m).metadata, deletionTimestamp: "2026-01-01T00:00:00Z" } }],
    [],
  ],
  [
    "nothing goes where creation is off",
    { ...known, discovery: { createServiceTemplates: false } },
    (m) => [stale(m)],
    [],
  ],
  ["nothing goes while the metadata is not known", {}, (m) => [stale(m)], []],
  [
    "nothing goes while the runtime config is missing",
    { ...known, runtimeConfigName: "no" },
    (m) => [stale(m)],
    [],
  ],
  ["a wanted one stays", { ...known, customTemplates: [{ name: "standard" }] }, (m) => [
    stale(m),
    template(Object.keys(pass(m).applied)[0], "Ready", {}, m),
  ], ["stale"]],
];
for (const [what, spec, others, gone] of rows) {
  Deno.test(`removal: ${what}`, () => {
    const object = model(spec);
    assert.deepEqual(removed(object, others(object)), gone);
  });
}

Deno.test("a cluster model's template is used by a service of any namespace", () => {
  const object = clusterModel(known);
  const old = stale(object);
  assert.deepEqual(removed(object, [old]), ["stale"]);
  assert.deepEqual(removed(object, [old, naming("stale", "any")]), []);
  assert.deepEqual(removed(object, [old, resolvedTo("stale", "Cluster", "any")]), []);
  assert.deepEqual(removed(object, [old, resolvedTo("stale", "Namespace", "any")]), ["stale"]);
});

Deno.test("a removal names uid and version, and is checked against the services just before", () => {
  const object = model(known);
  const [removal] = pass(object, [stale(object)]).plan.removals;
  assert.equal(removal.uid, "uid-AIMServiceTemplate-ns-stale");
  assert.equal(removal.resourceVersion, "1");
  assert.equal(removal.unless!.kind.resource.plural, "aimservices");
  assert.equal(removal.unless!.namespace, "ns");
  assert.equal(removal.unless!.inUse([naming("other")]), false);
  assert.equal(removal.unless!.inUse([naming("other"), naming(" stale ")]), true);
  assert.equal(removal.unless!.inUse([resolvedTo("stale", "Namespace")]), true);
});

const entry = { name: "standard" };
const sources = [{ modelId: "a/b", sourceUri: "hf://a/b" }];
const onGpu = (gpuModel: string): Partial<ModelSpec> => ({
  ...known,
  modelSources: sources,
  custom: { hardware: { gpu: { requests: 1, model: gpuModel, resourceName: "amd.com/gpu" } } },
  customTemplates: [entry],
});

/** The model after its hardware changed, beside the template made before. */
function changedHardware() {
  const [[name, before]] = Object.entries(pass(model(onGpu("MI300X"))).applied);
  const made = { ...before, status: { status: "Ready" as const } };
  return { name, made, after: model(onGpu("MI325X")) };
}

Deno.test("Better (§3.8): a template whose hardware must change is made anew", () => {
  const { name, made, after } = changedHardware();
  const first = pass(after, [made]);
  assert.deepEqual(first.plan.removals.map(({ ref }) => ref.name), [name]);
  assert.deepEqual(first.plan.children, []);
  const second = pass(after);
  assert.equal(second.applied[name].spec!.hardware!.gpu!.model, "MI325X");
});

Deno.test("Better (§3.8): while a service uses it, it stays and the model says ImmutableFieldChanged", () => {
  const { name, made, after } = changedHardware();
  const { plan, status, conditions } = pass(after, [made, naming(name)]);
  assert.deepEqual(plan.removals, []);
  assert.deepEqual(plan.children.map(({ how, ref }) => [how, ref.name]), [["keep", name]]);
  assert.ok(conditions.includes("ServiceTemplatesReady=True/ImmutableFieldChanged"));
  assert.equal(status!.status, "Ready");
  const told = status!.conditions!.find(({ type }) => type === "ServiceTemplatesReady")!.message;
  assert.match(
    told,
    new RegExp(`AIMServiceTemplate ${name} stays as it is: its hardware cannot change while a service`),
  );
});

Deno.test("hardware that is only written in another way is no change (api.md §10.1)", () => {
  const spec = (requests: string | number): Partial<ModelSpec> => ({
    ...known,
    modelSources: sources,
    custom: { hardware: { cpu: { requests }, gpu: { requests: 0, model: "", minVram: "1024Mi" } } },
  });
  const [[name, before]] = Object.entries(pass(model(spec("2"))).applied);
  const stored = {
    ...before,
    spec: {
      ...before.spec!,
      hardware: { cpu: { requests: "2000m" }, gpu: { minVram: "1Gi", resourceName: "amd.com/gpu" } },
    },
  };
  const { plan, applied } = pass(model(spec(2)), [stored]);
  assert.deepEqual(plan.removals, []);
  assert.deepEqual(Object.keys(applied), [name]);
});

Deno.test("hardware may come and go (api.md §10.1)", () => {
  const bare = { ...known, modelSources: sources };
  const onOne = { ...onGpu("MI300X"), customTemplates: [] };
  const [[name, without]] = Object.entries(pass(model(bare)).applied);
  const [[same, withGpu]] = Object.entries(pass(model(onOne)).applied);
  assert.equal(name, same);
  assert.deepEqual(pass(model(onOne), [without]).plan.removals, []);
  assert.deepEqual(pass(model(bare), [withGpu]).plan.removals, []);
});
