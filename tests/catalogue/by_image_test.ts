/** A user names an image; everything else follows (issue: the catalogue). */

import assert from "node:assert/strict";
import { service } from "../e2e/catalogue.ts";
import type { AnyObject } from "../e2e/user.ts";
import { profiled } from "../node_agent/discovery_images.ts";
import { aimLabels, deployment } from "./aim_image.ts";
import { installPlayed, type PlayedCluster, uninstallPlayed } from "./played_cluster.ts";

let cluster: PlayedCluster;

Deno.test.beforeAll(async () => {
  cluster = await installPlayed();
  await cluster.user.namespace("ml-team");
});

Deno.test.afterAll(() => uninstallPlayed(cluster));

Deno.test("a service with only an image runs: model, templates, discovery, profiles, choice, cache, endpoint", async () => {
  const { registry, user, dryRuns } = cluster;
  const { image } = await registry.push(
    "aim/tiny:1.0",
    aimLabels("example/tiny", [
      deployment("latency", "fp16"),
      deployment("throughput", "fp8"),
      deployment("latency", "fp8", "MI355X"), // on no node here
    ]),
  );
  dryRuns.set(image, profiled("example/tiny", 0.5));
  await user.apply([service("chat", "ml-team", { model: { image } })]);
  const running = await user.reaches("aimservice", "chat", "Running", "ml-team");

  const [model] = await user.list("aimmodel", "ml-team");
  assert.equal(model.spec.image, image);
  assert.equal(model.metadata.ownerReferences, undefined, "it stays for the next service");
  assert.equal(model.status.imageMetadata.model.canonicalName, "example/tiny");
  assert.equal(model.status.imageMetadata.oci.title, "example/tiny as an inference service");
  assert.equal(model.status.sourceType, "Image");

  await user.reaches("aimmodel", model.metadata.name, "Ready", "ml-team");
  const templates = await user.list("aimservicetemplate", "ml-team");
  const of = ({ spec, status }: AnyObject) => [spec.hardware.gpu.model, spec.metric, status.status].join(" ");
  assert.deepEqual(templates.map(of).sort(), [
    "MI300X latency Ready",
    "MI300X throughput Ready",
    "MI355X latency NotAvailable",
  ]);
  for (const { spec, status } of templates.filter(({ status }) => status.status === "Ready")) {
    // Each Job was given the environment of its own template.
    const { metric, precision } = spec;
    const { metadata, engine_args } = status.profile;
    assert.deepEqual([metadata.metric, metadata.precision, metadata.gpu], [metric, precision, "MI300X"]);
    assert.deepEqual(engine_args, { "tensor-parallel-size": 1 });
    assert.deepEqual(status.modelSources, [
      { modelId: "example/tiny", sourceUri: "hf://example/tiny", size: "512Mi" },
    ]);
    const discovered = status.conditions.find(({ type }: AnyObject) => type === "Discovered");
    assert.deepEqual([discovered.status, discovered.reason], ["True", "DiscoveryComplete"]);
  }

  // A service takes the best of what is Ready when it looks (services.md §5.3): here the first that was found out.
  const chosen = templates.find(({ metadata }) => metadata.name === running.status.resolvedTemplate.name)!;
  assert.equal(chosen.status.status, "Ready");
  const [cache] = await user.list("aimtemplatecache", "ml-team");
  assert.equal(cache.spec.templateName, chosen.metadata.name);
  assert.equal(cache.status.status, "Ready");
  const [isvc] = await user.list("inferenceservice", "ml-team");
  assert.equal(isvc.spec.predictor.containers[0].image, image);

  // The second one finds it all there, and latency ranks above throughput.
  await user.apply([service("second", "ml-team", { model: { image } })]);
  const { status } = await user.reaches("aimservice", "second", "Running", "ml-team");
  const [best] = templates.filter((template) => of(template) === "MI300X latency Ready");
  assert.equal(status.resolvedTemplate.name, best.metadata.name);
  assert.equal((await user.list("aimmodel", "ml-team")).length, 1);
});
