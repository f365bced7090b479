/** A user names an image; everything else follows (issue: the catalogue). */

import assert from "node:assert/strict";
import { bareClient } from "../bench/bare_client.ts";
import { gpuNode } from "../control_plane/nodes.ts";
import { until } from "../control_plane/until.ts";
import { model, service } from "../e2e/catalogue.ts";
import { writesOf } from "../e2e/installation.ts";
import type { AnyObject } from "../e2e/user.ts";
import { profiled } from "../node_agent/discovery_images.ts";
import { ActiveJobs } from "./active_jobs.ts";
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

  const [made] = await user.list("aimmodel", "ml-team");
  assert.equal(made.spec.image, image);
  assert.equal(made.metadata.ownerReferences, undefined, "it stays for the next service");
  assert.equal(made.status.imageMetadata.model.canonicalName, "example/tiny");
  assert.equal(made.status.imageMetadata.oci.title, "example/tiny as an inference service");
  assert.equal(made.status.sourceType, "Image");

  await user.reaches("aimmodel", made.metadata.name, "Ready", "ml-team");
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

Deno.test("thirty templates at once: never more than ten discovery Jobs, and each template has its own profile", async () => {
  const { plane, registry, user, dryRuns } = cluster;
  const watching = new AbortController();
  const client = await bareClient(plane.adminKubeconfig);
  const jobs = new ActiveJobs(client, watching.signal);
  try {
    const names = Array.from({ length: 5 }, (_, n) => `model-${n}`);
    const combinations = ["fp4", "fp8", "fp16"].flatMap((precision) =>
      ["latency", "throughput"].map((metric) => deployment(metric, precision))
    );
    for (const name of names) {
      const { image } = await registry.push(`aim/${name}:1`, aimLabels(`example/${name}`, combinations));
      dryRuns.set(image, profiled(`example/${name}`, 0.5));
    }
    for (const name of names) await user.namespace(`team-${name}`);
    await user.apply(
      names.map((name) =>
        model(name, `team-${name}`, { image: `${registry.host}/aim/${name}:1`, imageMetadata: undefined })
      ),
    );
    for (const name of names) await user.reaches("aimmodel", name, "Ready", `team-${name}`);
    for (const name of names) {
      const templates = await user.list("aimservicetemplate", `team-${name}`);
      const found = templates.map(({ status: { profile: { metadata } } }) =>
        `${metadata.metric} ${metadata.precision}`
      );
      assert.deepEqual(
        found.sort(),
        combinations.map(({ metric, precision }) => `${metric} ${precision}`).sort(),
      );
      assert.ok(templates.every(({ status }) => status.modelSources[0].modelId === `example/${name}`));
    }
    assert.ok(jobs.made >= 30, `${jobs.made} Jobs were seen`);
    assert.ok(jobs.most <= 10, `${jobs.most} Jobs at a time`);
    assert.ok(jobs.most > 5, `${jobs.most} Jobs at a time leave places unused`);
  } finally {
    watching.abort();
  }
});

Deno.test("a GPU leaves and comes back: its template is NotAvailable and Ready again, without another discovery", async () => {
  const { agent, plane, registry, user, dryRuns } = cluster;
  const labels = aimLabels("example/large", [deployment("latency", "fp8", "MI325X")]);
  const { image } = await registry.push("aim/large:1", labels);
  dryRuns.set(image, profiled("example/large", 0.5));
  await user.namespace("large");
  await user.apply([model("large", "large", { image, imageMetadata: undefined })]);
  await user.reaches("aimmodel", "large", "Ready", "large");
  const [{ metadata: { name }, status: before }] = await user.list("aimservicetemplate", "large");

  await user.kubectl("delete", "node", "mi325x-0");
  await user.reaches("aimservicetemplate", name, "NotAvailable", "large");
  const said = await user.condition("aimservicetemplate", name, "GPUReady", "GPUNotAvailable", "large");
  assert.match(said.message, /MI325X/);
  const known = (await user.get("aimservicetemplate", name, "large")).status;
  assert.deepEqual(known.profile, before.profile, "what is known stays");
  await user.reaches("aimmodel", "large", "NotAvailable", "large");

  await agent.register(gpuNode("mi325x-0", { model: "MI325X" }));
  await user.reaches("aimservicetemplate", name, "Ready", "large");
  await user.reaches("aimmodel", "large", "Ready", "large");
  const jobs = (await plane.auditEvents()).filter(({ verb, objectRef, responseStatus }) =>
    verb === "create" && objectRef?.resource === "jobs" && objectRef.namespace === "large" &&
    responseStatus?.code === 201
  );
  assert.equal(jobs.length, 1);
});

Deno.test("an operator that is started again writes nothing about what is done, and asks no registry for it", async () => {
  const { operator, registry, user, dryRuns } = cluster;
  const { image } = await registry.push(
    "aim/after:1",
    aimLabels("example/after", [deployment("latency", "fp8")]),
  );
  dryRuns.set(image, profiled("example/after", 0.5));
  await user.namespace("after");
  // Details of a status may wait half a minute where much was written: that a discovery's pod went with its node is one.
  await quietFor(31);
  const writes = (await writesOf(cluster)).length;
  const requests = (await registry.requests()).length;
  const withJob = await statusesOfOwnersOfJobs();
  await operator.restart();
  // What is new is done, so all that was there before has been looked at.
  await user.apply([model("after", "after", { image, imageMetadata: undefined })]);
  await user.reaches("aimmodel", "after", "Ready", "after");
  await quietFor(11);
  const written = (await writesOf(cluster)).slice(writes);
  assert.ok(written.length > 0, "it has written about the new model");
  // Jobs go by themselves a minute after their end: the status of their owner tells of that, once.
  const left = await statusesOfOwnersOfJobs();
  const mayTell = new Set([...withJob].filter((path) => !left.has(path)));
  const isExcused = (write: string) => {
    const path = [...mayTell].find((each) => write.includes(each));
    return write.includes("/namespaces/after/") || path !== undefined && mayTell.delete(path);
  };
  assert.deepEqual(written.filter((write) => !isExcused(write)), []);
  const asked = (await registry.requests()).slice(requests);
  assert.ok(asked.length > 0, "it has asked for the new image");
  assert.deepEqual(asked.filter(({ path }) => path !== "/v2/" && !path.startsWith("/v2/aim/after/")), []);
});

/** Returns once the operator has written nothing for so many seconds. */
async function quietFor(seconds: number): Promise<void> {
  let last = -1;
  let since = 0;
  await until("the operator quiet", async () => {
    const writes = (await writesOf(cluster)).length;
    if (writes !== last) [last, since] = [writes, performance.now()];
    return performance.now() - since > seconds * 1_000;
  }, { seconds: 180, everyMilliseconds: 1_000 });
}

/** Paths of the statuses of objects for which there are Jobs. */
async function statusesOfOwnersOfJobs(): Promise<Set<string>> {
  const { items } = await cluster.plane.request("GET", "/apis/batch/v1/jobs");
  return new Set(
    items.flatMap(({ metadata: { namespace, ownerReferences } }: AnyObject) =>
      ownerReferences.map(({ kind, name }: AnyObject) => {
        const place = kind.startsWith("AIMCluster") ? "" : `namespaces/${namespace}/`;
        return `/${place}${kind.toLowerCase()}s/${name}/status`;
      })
    ),
  );
}
