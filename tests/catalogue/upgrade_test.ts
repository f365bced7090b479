/** A model gets a new image while services run on it (models-and-templates.md §3.3 and §3.8, Better lines). */

import assert from "node:assert/strict";
import { until } from "../control_plane/until.ts";
import { model, service } from "../e2e/catalogue.ts";
import type { AnyObject } from "../e2e/user.ts";
import { profiled } from "../node_agent/discovery_images.ts";
import { aimLabels, deployment } from "./aim_image.ts";
import { installPlayed, type PlayedCluster, uninstallPlayed } from "./played_cluster.ts";

const namespace = "ml-team";
let cluster: PlayedCluster;

Deno.test.beforeAll(async () => {
  cluster = await installPlayed();
  await cluster.user.namespace(namespace);
});

Deno.test.afterAll(() => uninstallPlayed(cluster));

const nameOf = ({ metadata }: AnyObject) => metadata.name;

Deno.test("new metadata, new templates; old ones go unless they are used; a service runs on what it resolved", async () => {
  const { registry, user, dryRuns } = cluster;
  const push = async (tag: string, ...metrics: [string, string][]) => {
    const deployments = metrics.map(([metric, precision]) => deployment(metric, precision));
    const { image } = await registry.push(`aim/tiny:${tag}`, {
      ...aimLabels("example/tiny", deployments),
      "org.opencontainers.image.version": tag,
    });
    dryRuns.set(image, profiled("example/tiny", 0.5));
    return image;
  };
  const first = await push("1", ["latency", "fp16"], ["throughput", "fp16"]);
  const second = await push("2", ["latency", "fp8"]);
  await user.apply([model("tiny", namespace, { image: first, imageMetadata: undefined })]);
  await user.reaches("aimmodel", "tiny", "Ready", namespace);
  const old = await user.list("aimservicetemplate", namespace);
  assert.equal(old.length, 2);
  await user.apply([service("chat", namespace, { model: { name: "tiny" } })]);
  const { status: { resolvedTemplate: used } } = await user.reaches(
    "aimservice",
    "chat",
    "Running",
    namespace,
  );

  const unused = old.map(nameOf).find((name) => name !== used.name);
  await user.kubectl(
    "patch",
    "aimmodel",
    "tiny",
    "-n",
    namespace,
    "--type=merge",
    "-p",
    `{"spec":{"image":"${second}"}}`,
  );
  const templates = await until("the template of the new image, and the old one gone", async () => {
    const templates = await user.list("aimservicetemplate", namespace);
    const names = templates.map(nameOf);
    const ready = templates.every(({ status }) => status?.status === "Ready");
    return names.length === 2 && !names.includes(unused) && ready ? templates : undefined;
  });
  const added = templates.find((template) => nameOf(template) !== used.name)!;
  assert.equal(added.spec.precision, "fp8");
  assert.ok(templates.some((template) => nameOf(template) === used.name), "what the service uses stays");
  const { status } = await user.reaches("aimmodel", "tiny", "Ready", namespace);
  assert.equal(status.imageMetadata.oci.version, "2");

  const after = await user.reaches("aimservice", "chat", "Running", namespace);
  assert.deepEqual(after.status.resolvedTemplate, used);
  // A new service takes the best of now; once the old one is gone, so is its template.
  await user.apply([service("next", namespace, { model: { name: "tiny" } })]);
  const next = await user.reaches("aimservice", "next", "Running", namespace);
  assert.equal(next.status.resolvedTemplate.name, nameOf(added));
  await user.kubectl("delete", "aimservice", "chat", "-n", namespace, "--timeout=30s");
  await until("the template without a service gone", async () => {
    const names = (await user.list("aimservicetemplate", namespace)).map(nameOf);
    return names.length === 1 && names[0] === nameOf(added);
  });
});
