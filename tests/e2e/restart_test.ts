/** The operator comes and goes at rest, and nobody notices: it writes nothing (issue: restart). */

import assert from "node:assert/strict";
import { until } from "../control_plane/until.ts";
import { clusterModel, clusterTemplate, service, template } from "./catalogue.ts";
import { install, type Installation, uninstall, writesAtRest } from "./installation.ts";
import type { User } from "./user.ts";

let installation: Installation;
let user: User;

const routing = { enabled: true, gatewayRef: { name: "inference" } };

Deno.test.beforeAll(async () => {
  installation = await install({ leaderElection: true });
  user = installation.user;
  await user.namespace("ml-team");
  await user.apply([
    clusterModel("qwen"),
    clusterTemplate("qwen-latency", "qwen"),
    clusterTemplate("qwen-throughput", "qwen", { metric: "throughput" }),
    template("own", "ml-team", "qwen", { caching: { enabled: true } }),
  ]);
  await user.clusterTemplatesReady("qwen-latency", "qwen-throughput");
  await user.apply([
    service("plain", "ml-team", { model: { name: "qwen" } }),
    service("routed", "ml-team", { model: { name: "qwen" }, routing, replicas: 2 }),
    service("lost", "ml-team", { model: { name: "nowhere" } }),
    service("frozen", "ml-team", { model: { name: "qwen" } }, {
      annotations: { "aim.eai.amd.com/reconciliation-paused": "true" },
    }),
  ]);
  await user.reaches("aimservice", "plain", "Running", "ml-team");
  await user.reaches("aimservice", "routed", "Running", "ml-team");
  await user.reaches("aimservice", "lost", "Failed", "ml-team");
  await user.condition("aimservicetemplate", "own", "CacheReady", "Ready", "ml-team");
});

Deno.test.afterAll(() => uninstall(installation));

/** Versions of all objects that the operator writes, to see that not one has moved. */
async function versions(): Promise<string[]> {
  const kinds = [
    "aimservices",
    "aimclustermodels",
    "aimclusterservicetemplates",
    "aimservicetemplates",
    "aimtemplatecaches",
    "aimartifacts",
    "inferenceservices",
    "httproutes",
    "persistentvolumeclaims",
    "jobs",
    "serviceaccounts",
    "rolebindings",
  ];
  const columns = "KIND:.kind,NAME:.metadata.name,VERSION:.metadata.resourceVersion";
  return (await user.kubectl("get", kinds.join(","), "-A", "--no-headers", "-o", `custom-columns=${columns}`))
    .split("\n").sort();
}

/** What the operator has told about objects that were there before, with how often it has. */
async function told(): Promise<string[]> {
  const events = await user.list("events", "ml-team");
  return events
    .filter(({ source, involvedObject }) =>
      /^aim-/.test(source?.component ?? "") && !involvedObject.name.startsWith("after-")
    )
    .map(({ metadata, count }) => `${metadata.name} ${count}`).sort();
}

for (const signal of ["SIGTERM", "SIGKILL"] as const) {
  Deno.test(`a restart by ${signal} at rest writes nothing`, async () => {
    const before = await writesAtRest(installation);
    assert.notDeepEqual(before, [], "the audit log shows what it wrote");
    const stored = await versions();
    const said = await told();
    assert.notDeepEqual(said, []);
    await installation.operator.restart(signal);
    await leads();
    // What it does first after a restart is to look at every object; a service made now comes after all that.
    await user.apply([service(`after-${signal.toLowerCase()}`, "ml-team", { model: { name: "nowhere" } })]);
    await user.reaches("aimservice", `after-${signal.toLowerCase()}`, "Failed", "ml-team");
    const own = new RegExp(`/after-${signal.toLowerCase()}|/events`);
    const writes = (await writesAtRest(installation)).slice(before.length).filter((line) => !own.test(line));
    assert.deepEqual(writes, []);
    assert.deepEqual(await told(), said);
    const now = (await versions()).filter((line) => !line.includes("after-"));
    assert.deepEqual(now, stored.filter((line) => !line.includes("after-")));
  });
}

/** Waits until the operator that runs now holds the lease. */
async function leads(): Promise<void> {
  await until("the lease is held", async () => {
    const { spec } = await user.get("lease", "3be10d2f.eai.amd.com", "aim-system");
    return Date.parse(spec.renewTime) > Date.now() - 10_000 && spec.holderIdentity !== "";
  });
}

Deno.test("what was changed while it was away is caught up with", async () => {
  await installation.operator.stop("SIGKILL");
  await user.kubectl(
    "patch",
    "aimservice",
    "routed",
    "-n",
    "ml-team",
    "--type=merge",
    "-p",
    '{"spec":{"replicas":1}}',
  );
  await user.kubectl("delete", "aimservice", "plain", "-n", "ml-team", "--wait=false");
  await user.kubectl("delete", "httproute", "--all", "-n", "ml-team");
  await installation.operator.process.start();
  await user.kubectl("wait", "--for=delete", "aimservice/plain", "-n", "ml-team", "--timeout=60s");
  await until("the route is back", async () => (await user.list("httproute", "ml-team")).length === 1);
  await until("one replica", async () => {
    const [isvc] = await user.list(
      "inferenceservice",
      "ml-team",
      "aim.eai.amd.com/service.name=routed",
    );
    return isvc.spec.predictor.minReplicas === 1;
  });
  await user.reaches("aimservice", "routed", "Running", "ml-team");
});
