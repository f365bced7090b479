/** The whole operator on the API server in memory, in driven time: the thinnest history there is. */

import assert from "node:assert/strict";
import { gpuNode } from "../../control_plane/nodes.ts";
import { aimLabels, deployment } from "../../catalogue/aim_image.ts";
import { discoveryImages, profiled } from "../../node_agent/discovery_images.ts";
import { type AnyObject, WholeCluster } from "./whole_cluster.ts";

const image = "registry.example.com/org/model:1.0";
const services = "/apis/aim.eai.amd.com/v1alpha1/namespaces/default/aimservices";

/** From an image in a registry to an endpoint; gives the service, the moment, and everything that there is then. */
async function fromImageToRunning(seed: number) {
  using cluster = new WholeCluster(seed, {
    behaviourOf: discoveryImages(new Map([[image, profiled("org/model", 16)]])),
  });
  cluster.registry.push("org/model", "1.0", aimLabels("org/model", [deployment("latency", "fp8")]));
  cluster.ask("POST", "/api/v1/nodes", gpuNode("n1", { model: "MI300X" }));
  const operator = cluster.start();
  cluster.ask("POST", services, {
    apiVersion: "aim.eai.amd.com/v1alpha1",
    kind: "AIMService",
    metadata: { name: "chat" },
    spec: { model: { image }, replicas: 1 },
  });
  const service = (): AnyObject => cluster.ask("GET", `${services}/chat`);
  await cluster.time.pass(120_000, () => service().status?.status === "Running");
  const seconds = (cluster.time.clock.now() - Date.parse("2026-01-01T00:00:00Z")) / 1000;
  assert.deepEqual([...operator.faults, ...cluster.faults], []);
  return { service: service(), seconds, state: cluster.state() };
}

Deno.test("in driven time an image becomes a model, templates, a cache and a service that runs", async () => {
  const { service, seconds } = await fromImageToRunning(1);
  assert.equal(service.status.status, "Running", JSON.stringify(service.status, null, 1));
  assert.equal(service.status.conditions.find(({ type }: AnyObject) => type === "Ready").status, "True");
  assert.ok(seconds < 60, `after ${seconds} s`);
});

Deno.test("the same seed makes the same history, byte by byte, and another one another", async () => {
  const { state } = await fromImageToRunning(1);
  assert.equal((await fromImageToRunning(1)).state, state);
  assert.notEqual((await fromImageToRunning(2)).state, state);
});
