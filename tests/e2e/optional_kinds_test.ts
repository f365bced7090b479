/** A cluster that gets KServe and the Gateway API later than the operator (issue: kinds not installed). */

import assert from "node:assert/strict";
import type { Code } from "../../lib/operator/errors/codes.ts";
import { causeOfReady } from "../causes/code_of_ready.ts";
import { until } from "../control_plane/until.ts";
import { clusterModel, clusterTemplate, service } from "./catalogue.ts";
import { install, type Installation, uninstall } from "./installation.ts";
import { installNeighbours } from "./neighbours.ts";
import type { User } from "./user.ts";

let installation: Installation;
let user: User;

Deno.test.beforeAll(async () => {
  installation = await install({ cluster: { kwok: {}, kserve: undefined, gatewayApi: false } });
  user = installation.user;
  await user.namespace("ml-team");
  await user.apply([clusterModel("qwen"), clusterTemplate("qwen-latency", "qwen")]);
});

Deno.test.afterAll(() => uninstall(installation));

/** Waits until `Ready` of the service names the cause by that code. */
const named = (code: Code) =>
  until(code, async () => {
    const told = causeOfReady(await user.get("aimservice", "chat", "ml-team"));
    return told.code === code && told.fault === undefined;
  }, { seconds: 15 });

Deno.test("without KServe and Gateway API the operator runs, downloads weights, and says what is missing", async () => {
  const routing = { enabled: true, gatewayRef: { name: "inference" } };
  await user.apply([service("chat", "ml-team", { model: { name: "qwen" }, routing })]);
  const endpoint = await user.condition(
    "aimservice",
    "chat",
    "InferenceServiceReady",
    "KServeNotInstalled",
    "ml-team",
  );
  assert.match(endpoint.message, /KServe \(serving\.kserve\.io\/v1beta1\) is not installed/);
  const route = await user.condition(
    "aimservice",
    "chat",
    "HTTPRouteReady",
    "GatewayAPINotInstalled",
    "ml-team",
  );
  assert.match(route.message, /Gateway API \(gateway\.networking\.k8s\.io\/v1\) is not installed/);
  await user.condition("aimservice", "chat", "CacheReady", "CacheReady", "ml-team");
  await named("AIM-0501");
  assert.equal(await user.status("aimservice", "chat", "ml-team"), "Starting");
  assert.ok(await installation.operator.ready());
});

Deno.test("once they are installed it goes on by itself", async () => {
  const { plane, operator } = installation;
  const { pid } = operator;
  await installNeighbours(plane);
  // Kinds that were missing are asked for every 30 seconds (core.md, Sync).
  await user.reaches("aimservice", "chat", "Running", "ml-team");
  assert.equal(operator.pid, pid);
  assert.equal((await user.list("httproute", "ml-team")).length, 1);
});

Deno.test("a Gateway API that is removed is said, and stops nothing else", async () => {
  const crd = "httproutes.gateway.networking.k8s.io";
  await user.kubectl("delete", "crd", crd, "--timeout=5m");
  await user.condition("aimservice", "chat", "HTTPRouteReady", "GatewayAPINotInstalled", "ml-team");
  await named("AIM-0601");
  await until("a line of the log", async () => {
    const log = await installation.operator.log();
    return log.includes("the cluster has no httproutes any more");
  });
  await user.apply([service("plain", "ml-team", { model: { name: "qwen" } })]);
  await user.reaches("aimservice", "plain", "Running", "ml-team");
  const { status } = await user.get("aimservice", "chat", "ml-team");
  const isvc = status.conditions.find(({ type }: { type: string }) => type === "InferenceServiceReady");
  assert.equal(isvc.status, "True");
});
