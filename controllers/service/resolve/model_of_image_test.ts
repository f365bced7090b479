/** Services that name an image: the model found, the model made, several of them (services.md §3.3, §3.4). */

import assert from "node:assert/strict";
import type { AIMModel, AIMServiceSpec, AIMServiceStatus, RuntimeConfigSpec } from "../../../lib/api/mod.ts";
import type { KubeObject } from "../../../lib/kube/object.ts";
import { cache, clusterModel, config, endpoint, model, pass, service, template } from "../service_sample.ts";

const image = "reg.io/m:1";
const byImage = (spec: Partial<AIMServiceSpec> = {}, written = image) =>
  service({ spec: { ...spec, model: { image: written } } });
const made = (spec: Partial<AIMServiceSpec>, written = image, ...objects: KubeObject[]) =>
  pass(byImage(spec, written), objects).desired<AIMModel>("AIMModel");

Deno.test("a model with that image in either scope is used", () => {
  assert.equal(pass(byImage(), [model()]).message("ModelReady"), "AIMModel m is ready");
  assert.equal(pass(byImage(), [clusterModel()]).message("ModelReady"), "AIMClusterModel m is ready");
  assert.equal(pass(byImage({}, ` ${image}\n`), [model()]).message("ModelReady"), "AIMModel m is ready");
});

Deno.test("images are compared as they are written, and only in the service's namespace", () => {
  const others = [
    model({ spec: { image: "reg.io/m:1 " } }),
    model({ metadata: { name: "n" }, spec: { image: "REG.io/m:1" } }),
    model({ metadata: { name: "o", namespace: "other" } }),
  ];
  assert.equal(pass(byImage(), others).condition("ModelReady"), "False CreatingModel");
});

Deno.test("none: one is made, without an owner, and the service waits for it", () => {
  const first = pass(byImage(), []);
  assert.deepEqual(first.desired("AIMModel"), {
    apiVersion: "aim.eai.amd.com/v1alpha1",
    kind: "AIMModel",
    metadata: {
      // Vector of §1.1.
      name: "m-1-6b55fd31",
      namespace: "ns",
      labels: {
        "aim.eai.amd.com/origin": "auto-generated",
        "aim.eai.amd.com/service.name": "s",
        "app.kubernetes.io/managed-by": "aim-service-controller",
      },
    },
    spec: { image },
  });
  assert.deepEqual(first.children, ["create AIMModel m-1-6b55fd31"]);
  assert.equal(first.status.status, "Pending");
  assert.equal(first.message("ModelReady"), `Model will be created for image ${image}`);
});

Deno.test("what the service says goes into the model that it makes", () => {
  const spec = made(
    {
      runtimeConfigName: "rc",
      imagePullSecrets: [{ name: "x" }],
      serviceAccountName: "sa",
      env: [{ name: "A" }],
    },
    ` ${image} `,
    config({}, "rc"),
  )?.spec;
  assert.deepEqual(spec, {
    image,
    runtimeConfigName: "rc",
    imagePullSecrets: [{ name: "x" }],
    serviceAccountName: "sa",
  });
  assert.deepEqual(made({ runtimeConfigName: "", imagePullSecrets: [], serviceAccountName: "" })?.spec, {
    image,
  });
});

// models-and-templates.md §7
const switches: [what: string, config: RuntimeConfigSpec, discovery: object | undefined][] = [
  ["no model section", {}, undefined],
  ["autoDiscovery true", { model: { autoDiscovery: true } }, undefined],
  [
    "autoDiscovery false",
    { model: { autoDiscovery: false } },
    { extractMetadata: false, createServiceTemplates: false },
  ],
];
for (const [what, spec, discovery] of switches) {
  Deno.test(`Better: a runtime config with ${what} makes models with discovery ${JSON.stringify(discovery)}`, () => {
    assert.deepEqual(made({}, image, config(spec))?.spec?.discovery, discovery);
  });
}

const unparsable: [written: string, cause: string][] = [
  ["", "image reference is empty"],
  ["m:", "malformed tag reference (empty tag): m:"],
  ["m@sha256", "malformed digest (missing colon): sha256"],
  ["m@sha256:", "malformed digest (no hash after colon): sha256:"],
];
for (const [written, cause] of unparsable) {
  Deno.test(`bad input: the image "${written}"`, () => {
    const failed = pass(byImage({}, written), []);
    assert.equal(failed.condition("ModelReady"), "False InvalidImageReference");
    assert.equal(failed.message("ModelReady"), `invalid image URI "${written}": ${cause}`);
    assert.equal(failed.condition("ConfigValid"), "False InvalidSpec");
    assert.equal(failed.status.status, "Failed");
  });
}

const twins = [model(), clusterModel({ metadata: { name: "c" } })];

Deno.test("Better §3.3: several: MultipleModelsFound with all names, Failed, nothing made", () => {
  const failed = pass(byImage(), twins);
  assert.equal(failed.condition("ModelReady"), "False MultipleModelsFound");
  assert.ok(
    failed.message("ModelReady")!.startsWith(
      `multiple models found with the same image with image "${image}": ns/m (namespace), c (cluster)`,
    ),
  );
  assert.equal(failed.condition("ConfigValid"), "False InvalidSpec");
  assert.equal(failed.condition("DependenciesReachable"), undefined);
  assert.equal(failed.status.status, "Failed");
  assert.deepEqual(failed.children, []);
});

Deno.test("Better §3.3: a service that stands on one of several keeps it, also while that is not Ready", () => {
  const { status } = pass(byImage(), [model(), template(), cache()]);
  const standing = service({ spec: { model: { image } }, status });
  assert.deepEqual(pass(standing, [...twins, template(), cache()]).children, [
    `apply InferenceService ${endpoint}`,
  ]);
  const progressing = [model({ status: { status: "Progressing" } }), twins[1]];
  assert.equal(pass(standing, progressing).condition("ModelReady"), "False ModelNotReady");
});

Deno.test("several, where names decide: the namespace's first, said as long as there are several", () => {
  const metadata = { annotations: { "aim.eai.amd.com/break-ties": "by-name" } };
  const byName = (status?: AIMServiceStatus) =>
    service({ metadata, spec: { model: { image } }, ...(status && { status }) });
  const all = [clusterModel({ metadata: { name: "a" } }), model({ metadata: { name: "z" } }), model()];
  const says = "AIMModel m is ready; one of 3 with its image, by aim.eai.amd.com/break-ties: by-name";
  const first = pass(byName(), all);
  assert.equal(first.message("ModelReady"), says);
  assert.equal(first.status.resolvedModel?.name, "m");
  assert.equal(pass(byName(first.status), all).message("ModelReady"), says);
  assert.equal(pass(byName(first.status), [all[2]]).message("ModelReady"), "AIMModel m is ready");
  const shared = [all[0], clusterModel({ metadata: { name: "b" } })];
  assert.equal(pass(byName(), shared).status.resolvedModel?.name, "a");
});

Deno.test("a model of the wanted name with another image is told, not waited for", () => {
  const other = model({ metadata: { name: "m-1-6b55fd31" }, spec: { image: "reg.io/m:2" } });
  const failed = pass(byImage(), [other]);
  assert.equal(failed.status.status, "Failed");
  assert.match(failed.message("ModelReady")!, /m-1-6b55fd31.*reg\.io\/m:2/);
  assert.deepEqual(failed.children, []);
});
