/** From YAML to a routed endpoint, through edits, to nothing left (issue: the main job). */

import assert from "node:assert/strict";
import { until } from "../control_plane/until.ts";
import { clusterModel, clusterRuntimeConfig, clusterTemplate, service } from "./catalogue.ts";
import { install, type Installation, uninstall } from "./installation.ts";
import type { AnyObject, User } from "./user.ts";

let installation: Installation;
let user: User;

Deno.test.beforeAll(async () => {
  installation = await install();
  user = installation.user;
  await user.namespace("ml-team");
  await user.apply([
    clusterModel("qwen"),
    clusterTemplate("qwen-latency", "qwen"),
    clusterTemplate("qwen-throughput", "qwen", { metric: "throughput" }),
    clusterRuntimeConfig("gateway", {
      routing: {
        enabled: true,
        gatewayRef: { name: "inference", namespace: "gateways" },
        pathTemplate: "/{.metadata.namespace}/{.metadata.name}",
      },
    }),
  ]);
  await user.clusterTemplatesReady("qwen-latency", "qwen-throughput");
});

Deno.test.afterAll(() => uninstall(installation));

/** Events about an object, as `kubectl describe` lists them. */
async function eventsOf(kind: string, { metadata }: AnyObject): Promise<AnyObject[]> {
  const events = await user.list("events", metadata.namespace);
  return events.filter(({ involvedObject }) =>
    involvedObject.kind === kind && involvedObject.uid === metadata.uid
  );
}

Deno.test("ten lines of YAML become a cached, routed endpoint", async () => {
  await user.apply(`
apiVersion: aim.eai.amd.com/v1alpha1
kind: AIMService
metadata:
  name: chat
  namespace: ml-team
spec:
  model:
    name: qwen
  runtimeConfigName: gateway
`);
  await user.kubectl("wait", "--for=condition=Ready", "aimservice/chat", "-n", "ml-team", "--timeout=60s");
  const chat = await user.get("aimservice", "chat", "ml-team");
  assert.equal(chat.status.status, "Running");
  assert.equal(chat.status.observedGeneration, chat.metadata.generation);
  assert.deepEqual(chat.status.routing, { path: "/ml-team/chat" });
  assert.equal(chat.status.resolvedModel.name, "qwen");
  assert.equal(chat.status.resolvedTemplate.name, "qwen-latency");
  for (const { type, status } of chat.status.conditions) assert.equal(status, "True", type);
  const columns = (await user.kubectl("get", "aimsvc", "chat", "-n", "ml-team", "--no-headers")).split(/\s+/);
  assert.deepEqual(columns.slice(0, 5), ["chat", "Running", "qwen", "qwen-latency", "1"]);
});

Deno.test("in between stand the cache, the artifact with its volume, the InferenceService, its pod, the route", async () => {
  const [isvc] = await user.list("inferenceservice", "ml-team", "aim.eai.amd.com/service.name=chat");
  // services.md §1.1: the hash of `ml-team`.
  assert.equal(isvc.metadata.name, "chat-a04542d9");
  const [cache] = await user.list("aimtemplatecache", "ml-team");
  assert.equal(cache.status.status, "Ready");
  const [artifact] = await user.list("aimartifact", "ml-team");
  assert.equal(artifact.status.status, "Ready");
  const claim = await user.get("pvc", artifact.status.persistentVolumeClaim, "ml-team");
  assert.equal(claim.status.phase, "Bound");
  const volumes: AnyObject[] = isvc.spec.predictor.volumes;
  assert.ok(
    volumes.some(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName === claim.metadata.name),
  );
  const [pod] = await user.list("pods", "ml-team", "serving.kserve.io/inferenceservice=chat-a04542d9");
  assert.equal(pod.status.phase, "Running");
  assert.match(pod.spec.nodeName, /^mi300x-/);
  const route = await user.get("httproute", "chat-a04542d9", "ml-team");
  assert.equal(route.spec.rules[0].matches[0].path.value, "/ml-team/chat");
  assert.equal(route.spec.rules[0].backendRefs[0].name, "chat-a04542d9-predictor");
});

Deno.test("the first service of a template tells five things as events, the next one three", async () => {
  const chat = await user.get("aimservice", "chat", "ml-team");
  const reasons = (events: AnyObject[]) => events.map(({ reason }) => reason).sort();
  const first = await until("five events", async () => {
    const events = await eventsOf("AIMService", chat);
    return events.length >= 5 ? events : undefined;
  });
  assert.deepEqual(
    reasons(first),
    ["AllComponentsReady", "Created", "Created", "Created", "Resolved"],
  );
  assert.ok(first.every(({ count, type }) => count === 1 && type === "Normal"));

  await user.apply([service("second", "ml-team", { model: { name: "qwen" } })]);
  const second = await user.reaches("aimservice", "second", "Running", "ml-team");
  const three = await until("three events", async () => {
    const events = await eventsOf("AIMService", second);
    return events.length >= 3 ? events : undefined;
  });
  assert.deepEqual(reasons(three), ["AllComponentsReady", "Created", "Resolved"]);
  // The second service stands on the weights that the first one downloaded.
  assert.equal((await user.list("aimtemplatecache", "ml-team")).length, 1);
});

Deno.test("an edit of replicas rolls out, and kubectl wait waits for it", async () => {
  await user.kubectl(
    "patch",
    "aimservice",
    "chat",
    "-n",
    "ml-team",
    "--type=merge",
    "-p",
    '{"spec":{"replicas":3}}',
  );
  await user.kubectl("wait", "--for=condition=Ready", "aimservice/chat", "-n", "ml-team", "--timeout=60s");
  const deployment = await user.get("deployment", "chat-a04542d9-predictor", "ml-team");
  assert.equal(deployment.spec.replicas, 3);
  const pods = await until("three pods", async () => {
    const pods = await user.list("pods", "ml-team", "serving.kserve.io/inferenceservice=chat-a04542d9");
    return pods.length === 3 ? pods : undefined;
  });
  assert.ok(pods.every(({ status }) => status.phase === "Running"));
  const chat = await user.get("aimservice", "chat", "ml-team");
  assert.equal(chat.status.runtime.replicas, "3");
});

Deno.test("routing switched off takes the route away, and on again brings it back", async () => {
  const routing = (enabled: boolean) =>
    user.kubectl(
      "patch",
      "aimservice",
      "chat",
      "-n",
      "ml-team",
      "--type=merge",
      "-p",
      JSON.stringify({ spec: { routing: { enabled } } }),
    );
  await routing(false);
  await until("the route is gone", async () => (await user.list("httproute", "ml-team")).length === 0);
  const without = await until("the status without a route", async () => {
    const { status } = await user.get("aimservice", "chat", "ml-team");
    return status.routing === undefined && status.status === "Running" ? status : undefined;
  });
  assert.ok(!without.conditions.some(({ type }: { type: string }) => type === "HTTPRouteReady"));
  await routing(true);
  await until("the route is back", async () => (await user.list("httproute", "ml-team")).length === 1);
  await user.reaches("aimservice", "chat", "Running", "ml-team");
});

Deno.test("a runtime config that is gone is reported; the endpoint and its route go on", async () => {
  const [before] = await user.list("httproute", "ml-team");
  const config = await user.kubectl("get", "aimclusterruntimeconfig", "gateway", "-o", "yaml");
  await user.kubectl("delete", "aimclusterruntimeconfig", "gateway");
  // Where it cannot read the cluster's it cannot say that there is none.
  const reason = installation.namespaces === undefined ? "ReferenceNotFound" : "OutOfReach";
  await user.condition("aimservice", "chat", "RuntimeConfigReady", reason, "ml-team");
  const { status } = await user.get("aimservice", "chat", "ml-team");
  assert.deepEqual(status.routing, { path: "/ml-team/chat" });
  await installation.plane.apply(config.replace(/resourceVersion: .*/, "").replace(/uid: .*/, ""));
  await user.reaches("aimservice", "chat", "Running", "ml-team");
  const [after] = await user.list("httproute", "ml-team");
  assert.equal(after.metadata.uid, before.metadata.uid);
  assert.deepEqual(after.spec, before.spec);
});

Deno.test("what the service made goes with it; the Shared cache stays for others", async () => {
  await user.kubectl("delete", "aimservice", "chat", "second", "-n", "ml-team", "--timeout=60s");
  for (const kind of ["inferenceservice", "httproute", "deployment", "pods"]) {
    await until(`no ${kind} left`, async () => {
      const left = await user.list(kind, "ml-team");
      return left.every(({ metadata }) => !/^(chat|second)-/.test(metadata.name));
    });
  }
  const caches = await user.list("aimtemplatecache", "ml-team");
  assert.deepEqual(caches.map(({ status }) => status.status), ["Ready"]);
  assert.equal((await user.list("aimartifact", "ml-team")).length, 1);
});

Deno.test("a namespace goes by itself, with the services in it", async () => {
  await user.apply([service("last", "ml-team", { model: { name: "qwen" } })]);
  await user.reaches("aimservice", "last", "Running", "ml-team");
  await user.kubectl("delete", "namespace", "ml-team", "--timeout=60s");
});
