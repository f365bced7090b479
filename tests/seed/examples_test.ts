/** The page's examples and what it says about models, templates, caches and containers, on a live cluster. */

import assert from "node:assert/strict";
import { until } from "../control_plane/until.ts";
import { clusterModel, clusterTemplate, model, service, template } from "../e2e/catalogue.ts";
import { install, type Installation, uninstall } from "../e2e/installation.ts";
import type { AnyObject, User } from "../e2e/user.ts";
import { byImage, byName, withTemplate } from "./examples.ts";

let installation: Installation;
let user: User;

/** The image of the page's examples. */
const image = "amdenterpriseai/aim-qwen-qwen3-32b:0.8.5";
const qwen = "qwen-qwen3-32b";

Deno.test.beforeAll(async () => {
  installation = await install();
  user = installation.user;
  for (const namespace of ["ml-team", "others"]) await user.namespace(namespace);
  await user.apply([
    clusterModel(qwen, { image }),
    clusterTemplate("qwen3-32b-mi300x-fp16-latency", qwen),
    clusterTemplate("qwen3-32b-mi300x-fp16-throughput", qwen, { metric: "throughput" }),
    clusterTemplate("qwen3-32b-mi325x-fp16-throughput", qwen, {
      metric: "throughput",
      hardware: { gpu: { requests: 1, model: "MI325X" } },
    }),
    clusterTemplate("qwen3-32b-mi325x-fp16-latency", qwen, {
      type: "preview",
      hardware: { gpu: { requests: 1, model: "MI325X" } },
    }),
  ]);
  await until("templates judged", async () => {
    const all = await user.list("aimclusterservicetemplates", "default");
    return all.length === 4 && all.every(({ status }) => status?.status === "Ready");
  });
});

Deno.test.afterAll(() => uninstall(installation));

/** Applies one of the page's examples, waits until it runs, and takes it away again. */
async function tried(yaml: string): Promise<AnyObject> {
  await user.apply(yaml);
  const running = await user.reaches("aimservice", "qwen-service", "Running", "ml-team");
  const [isvc, ...more] = await user.list(
    "inferenceservice",
    "ml-team",
    "aim.eai.amd.com/service.name=qwen-service",
  );
  assert.deepEqual(more, []);
  assert.equal(isvc.spec.predictor.containers[0].image, image);
  assert.ok(
    isvc.status.conditions.some(({ type, status }: AnyObject) => type === "Ready" && status === "True"),
  );
  await user.kubectl("delete", "aimservice", "qwen-service", "-n", "ml-team", "--timeout=60s");
  return running;
}

Deno.test("the example by model name", async () => {
  const { status } = await tried(byName);
  assert.equal(status.resolvedModel.name, qwen);
  // Optimized before preview, MI325X before MI300X, and only then latency before throughput.
  assert.equal(status.resolvedTemplate.name, "qwen3-32b-mi325x-fp16-throughput");
});

Deno.test("the example by image", async () => {
  const { status } = await tried(byImage);
  assert.equal(status.resolvedModel.name, qwen);
  assert.equal(status.resolvedModel.scope, "Cluster");
  assert.deepEqual(await user.list("aimmodels", "ml-team"), []);
});

Deno.test("the example with an explicit template", async () => {
  const { status } = await tried(withTemplate);
  assert.equal(status.resolvedTemplate.name, "qwen3-32b-mi300x-fp16-latency");
});

Deno.test("an image that no model has: one is made, without an owner, and kept for the next service", async () => {
  const spec = { model: { image: "registry.example.com/team/new:1.0" } };
  await user.apply([service("first", "ml-team", spec)]);
  const made = await until("the model made", async () => (await user.list("aimmodels", "ml-team"))[0]);
  assert.equal(made.spec.image, "registry.example.com/team/new:1.0");
  assert.equal(made.metadata.ownerReferences, undefined);
  await user.kubectl("delete", "aimservice", "first", "-n", "ml-team", "--timeout=60s");
  await user.apply([service("second", "ml-team", spec)]);
  const said = await user.condition("aimservice", "second", "ModelReady", "ModelNotReady", "ml-team");
  assert.ok(said.message.includes(made.metadata.name), said.message);
  const models = await user.list("aimmodels", "ml-team");
  assert.deepEqual(models.map(({ metadata }) => metadata.uid), [made.metadata.uid]);
  await user.kubectl("delete", "aimservice/second", `aimmodel/${made.metadata.name}`, "-n", "ml-team");
});

Deno.test("an image that several models have: the service fails and names them", async () => {
  await user.apply([model("twin", "ml-team", { image: "r.example.com/twin:1" })]);
  await user.apply([clusterModel("twin-too", { image: "r.example.com/twin:1" })]);
  await user.apply([service("torn", "ml-team", { model: { image: "r.example.com/twin:1" } })]);
  const said = await user.condition("aimservice", "torn", "ModelReady", "MultipleModelsFound", "ml-team");
  assert.match(said.message, /twin \(namespace\), twin-too \(cluster\)/);
  await user.reaches("aimservice", "torn", "Failed", "ml-team");
});

Deno.test("inline model sources: one custom model in the namespace for all who ask for the same", async () => {
  const custom = (requests: number) => ({
    baseImage: "amdenterpriseai/aim-base:0.9",
    modelSources: [{ modelId: "Qwen/Qwen2-0.5B", sourceUri: "hf://Qwen/Qwen2-0.5B", size: "1Gi" }],
    hardware: { gpu: { requests } },
  });
  const spec = (requests: number) => ({
    model: { custom: custom(requests) },
    template: { allowUnoptimized: true },
  });
  await user.apply([
    service("custom-a", "others", spec(1)),
    service("custom-b", "others", spec(1)),
  ]);
  const made = await until("the model made", async () => (await user.list("aimmodels", "others"))[0]);
  // services.md §1.1: the vector of this base image and source.
  assert.equal(made.metadata.name, "qwen-qwen2-0-5b-8cd3ca3d");
  // No registry can be reached from here, so what the base image says of itself is said to be not wanted.
  const discovery = JSON.stringify({ spec: { discovery: { extractMetadata: false } } });
  await user.kubectl(
    "patch",
    "aimmodel",
    made.metadata.name,
    "-n",
    "others",
    "--type=merge",
    "-p",
    discovery,
  );
  await user.reaches("aimservice", "custom-a", "Running", "others");
  await user.reaches("aimservice", "custom-b", "Running", "others");
  assert.equal((await user.list("aimmodels", "others")).length, 1);
  await user.apply([service("custom-c", "others", spec(2))]);
  await until(
    "a model for other hardware",
    async () => (await user.list("aimmodels", "others")).length === 2,
  );
});

Deno.test("the namespace's model and template come before the cluster's, and nobody else sees them", async () => {
  await user.apply([
    model(qwen, "others", { image }),
    template("qwen3-32b-mi300x-fp16-latency", "others", qwen, { env: [{ name: "TUNED", value: "yes" }] }),
  ]);
  await user.reaches("aimservicetemplate", "qwen3-32b-mi300x-fp16-latency", "Ready", "others");
  await user.reaches("aimmodel", qwen, "Ready", "others");
  for (const namespace of ["others", "ml-team"]) {
    await user.apply([
      service("chosen", namespace, { model: { name: qwen } }),
      service("named", namespace, {
        model: { name: qwen },
        template: { name: "qwen3-32b-mi300x-fp16-latency" },
      }),
    ]);
  }
  const resolved = async (name: string, namespace: string) => {
    const { status } = await user.reaches("aimservice", name, "Running", namespace);
    return [status.resolvedModel.scope, status.resolvedTemplate.scope, status.resolvedTemplate.name];
  };
  const latency = "qwen3-32b-mi300x-fp16-latency";
  assert.deepEqual(await resolved("chosen", "others"), ["Namespace", "Namespace", latency]);
  assert.deepEqual(await resolved("named", "others"), ["Namespace", "Namespace", latency]);
  assert.deepEqual(await resolved("named", "ml-team"), ["Cluster", "Cluster", latency]);
  const best = "qwen3-32b-mi325x-fp16-throughput";
  assert.deepEqual(await resolved("chosen", "ml-team"), ["Cluster", "Cluster", best]);
});

Deno.test("a Shared cache pre-downloads all sources, outlives its service and serves the next one", async () => {
  await user.namespace("shared");
  const modelSources = ["a", "b"].map((name) => ({
    modelId: `example/${name}`,
    sourceUri: `hf://example/${name}`,
    size: "1Gi",
  }));
  await user.apply([clusterModel("shared"), clusterTemplate("shared", "shared", { modelSources })]);
  await user.apply([service("first", "shared", { model: { name: "shared" } })]);
  await user.reaches("aimservice", "first", "Running", "shared");
  const [cache] = await user.list("aimtemplatecaches", "shared");
  assert.equal(cache.spec.mode, "Shared");
  assert.equal(cache.metadata.ownerReferences, undefined);
  const artifacts = await user.list("aimartifacts", "shared");
  assert.deepEqual(artifacts.map(({ spec }) => spec.sourceUri).sort(), ["hf://example/a", "hf://example/b"]);
  const claims = await user.list("pvc", "shared");
  assert.deepEqual(
    artifacts.map(({ status }) => status.persistentVolumeClaim).sort(),
    claims.map(({ metadata }) => metadata.name).sort(),
  );
  for (const { spec, status } of claims) {
    assert.deepEqual([spec.accessModes, status.phase], [["ReadWriteMany"], "Bound"]);
  }
  const jobs = await user.list("jobs", "shared");
  assert.equal(jobs.length, 2);

  await user.kubectl("delete", "aimservice", "first", "-n", "shared", "--timeout=60s");
  await user.apply([service("second", "shared", { model: { name: "shared" } })]);
  const { status } = await user.reaches("aimservice", "second", "Running", "shared");
  assert.equal(status.cache.templateCacheRef.uid, cache.metadata.uid);
  // Nothing was downloaded again.
  assert.deepEqual(
    (await user.list("jobs", "shared")).map(({ metadata }) => metadata.uid),
    jobs.map(({ metadata }) => metadata.uid),
  );
});

Deno.test("a Dedicated cache goes with its service, artifacts and volumes too", async () => {
  await user.namespace("dedicated");
  await user.apply([service("own", "dedicated", { model: { name: qwen }, caching: { mode: "Dedicated" } })]);
  const own = await user.reaches("aimservice", "own", "Running", "dedicated");
  const [cache] = await user.list("aimtemplatecaches", "dedicated");
  assert.equal(cache.spec.mode, "Dedicated");
  assert.deepEqual(cache.metadata.ownerReferences.map(({ uid }: AnyObject) => uid), [own.metadata.uid]);
  await user.kubectl("delete", "aimservice", "own", "-n", "dedicated", "--timeout=60s");
  for (const kind of ["aimtemplatecaches", "aimartifacts", "persistentvolumeclaims", "jobs"]) {
    await until(`no ${kind} left`, async () => (await user.list(kind, "dedicated")).length === 0);
  }
});

Deno.test("resources and pull secrets reach the inference container", async () => {
  const resources = {
    requests: { cpu: "8", memory: "64Gi" },
    limits: { memory: "96Gi", "amd.com/gpu": "2" },
  };
  const imagePullSecrets = [{ name: "registry" }];
  await user.apply([
    service("sized", "ml-team", {
      model: { name: qwen },
      resources,
      imagePullSecrets,
      env: [{ name: "A", value: "b" }],
    }),
  ]);
  await user.reaches("aimservice", "sized", "Running", "ml-team");
  const [pod] = await user.list("pods", "ml-team", "aim.eai.amd.com/service.name=sized");
  const container = pod.spec.containers.find(({ name }: AnyObject) => name === "kserve-container");
  assert.deepEqual(container.resources, {
    requests: { cpu: "8", memory: "64Gi", "amd.com/gpu": "2" },
    limits: { memory: "96Gi", "amd.com/gpu": "2" },
  });
  assert.deepEqual(pod.spec.imagePullSecrets, imagePullSecrets);
  // What the template says of precision and metric, the container learns from its environment.
  const variables = Object.fromEntries(container.env.map(({ name, value }: AnyObject) => [name, value]));
  assert.equal(variables.AIM_PRECISION, "fp16");
  assert.equal(variables.AIM_METRIC, "throughput");
  assert.equal(variables.A, "b");
});
