/** What KServe makes of an endpoint: names at their limits, and how its pods are restarted (docs/kinds/services.md). */

import assert from "node:assert/strict";
import { until } from "../control_plane/until.ts";
import { clusterModel, clusterTemplate, service } from "./catalogue.ts";
import { install, type Installation, uninstall } from "./installation.ts";
import type { User } from "./user.ts";

const namespaces = ["x", "abc", "n".repeat(42)];

let installation: Installation;
let user: User;

Deno.test.beforeAll(async () => {
  installation = await install({ namespaces: ["ml-team", ...namespaces] });
  user = installation.user;
  await user.apply([clusterModel("qwen"), clusterTemplate("qwen-latency", "qwen")]);
});

Deno.test.afterAll(() => uninstall(installation));

const spec = { model: { name: "qwen" } };

Deno.test("an endpoint's pods are restarted by a label on the service, for good", async () => {
  const endpoint = "chat-a04542d9";
  const podOf = async () => {
    const pods = await user.list("pods", "ml-team", `serving.kserve.io/inferenceservice=${endpoint}`);
    return pods.length === 1 ? pods[0] : undefined;
  };
  await user.namespace("ml-team");
  await user.apply([service("chat", "ml-team", spec)]);
  await user.reaches("aimservice", "chat", "Running", "ml-team");
  const before = await until("the pod", podOf);

  await user.kubectl("label", "aimservice", "chat", "-n", "ml-team", "aim.eai.amd.com/restarted=1");
  const after = await until("another pod", async () => {
    const pod = await podOf();
    return pod !== undefined && pod.metadata.uid !== before.metadata.uid ? pod : undefined;
  });
  assert.equal(after.metadata.labels["aim.eai.amd.com/restarted"], "1");
  await user.kubectl("wait", "--for=condition=Ready", "aimservice/chat", "-n", "ml-team", "--timeout=60s");

  // KServe writes the Deployment's template as it wants it: what kubectl rollout restart adds goes again.
  const endpointBefore = await user.get("inferenceservice", endpoint, "ml-team");
  await user.kubectl("rollout", "restart", `deployment/${endpoint}-predictor`, "-n", "ml-team");
  await until("KServe has taken the restart back", async () => {
    const { spec } = await user.get("deployment", `${endpoint}-predictor`, "ml-team");
    return spec.template.metadata.annotations?.["kubectl.kubernetes.io/restartedAt"] === undefined;
  });
  const endpointAfter = await user.get("inferenceservice", endpoint, "ml-team");
  assert.equal(
    endpointAfter.metadata.generation,
    endpointBefore.metadata.generation,
    "we have no part in it",
  );
  const settled = await until("the pod", podOf);
  assert.equal(settled.metadata.labels["aim.eai.amd.com/restarted"], "1");
});

const names = ["a", "1", "s".repeat(63), `1${"s".repeat(251)}2`, `${"s.".repeat(126)}s`];

Deno.test("services and namespaces with the shortest and the longest names run", async () => {
  for (const namespace of namespaces) {
    await user.namespace(namespace);
    await user.apply(names.map((name) => service(name, namespace, spec)));
  }
  for (const namespace of namespaces) {
    for (const name of names) await user.reaches("aimservice", name, "Running", namespace);
    const endpoints = await user.list("inferenceservice", namespace);
    const deployments = await user.list("deployment", namespace);
    assert.equal(endpoints.length, names.length);
    assert.deepEqual(
      deployments.map(({ metadata }) => metadata.name).sort(),
      endpoints.map(({ metadata }) => `${metadata.name}-predictor`).sort(),
    );
  }
});
