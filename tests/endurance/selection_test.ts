/** What a user reads of a choice among templates (issue: AIMService complete, "Selection that explains itself"). */

import assert from "node:assert/strict";
import { type Installation, uninstall } from "../e2e/installation.ts";
import { clusterModel, clusterTemplate, service, template } from "../e2e/catalogue.ts";
import { until } from "../control_plane/until.ts";
import type { AnyObject, User } from "../e2e/user.ts";
import { startSmallCluster } from "./small_cluster.ts";

const namespace = "ml-team";
const crowd = 500;

let installation: Installation;
let user: User;

Deno.test.beforeAll(async () => {
  installation = await startSmallCluster();
  user = installation.user;
  await user.namespace(namespace);
  const hardware = { gpu: { requests: 1, model: "MI325X" } };
  const names = Array.from({ length: crowd }, (_, i) => `crowd-${String(i).padStart(3, "0")}`);
  await user.apply([
    clusterModel("chat"),
    clusterTemplate("chat-latency-fp16", "chat"),
    clusterTemplate("chat-throughput-fp16", "chat", { metric: "throughput" }),
    clusterTemplate("chat-elsewhere", "chat", { hardware }),
    clusterModel("crowd"),
  ]);
  await user.apply(names.map((name) => template(name, namespace, "crowd", { metric: "throughput" })));
  await until("all templates Ready that can be", async () => {
    const all = await user.list("aimservicetemplates", namespace);
    return all.length === crowd && all.every(({ status }) => status?.status === "Ready");
  }, { seconds: 60, everyMilliseconds: 500 });
  await user.apply(
    ["chat", "crowd"].map((name) => service(name, namespace, { model: { name } })),
  );
});

Deno.test.afterAll(() => uninstall(installation));

/** As it is stored: what the API server, and every watcher, has to carry. */
const sizeOf = ({ status }: AnyObject) => JSON.stringify(status).length;

const choice = "AIMClusterServiceTemplate chat-latency-fp16 is ready; " +
  "chosen: metric latency ranks above throughput of chat-throughput-fp16 " +
  "(runner-up chat-throughput-fp16, wins with overrides.metric: throughput)";

Deno.test("the choice, the runner-up and what would let that win stand in kubectl describe, once", async () => {
  await user.reaches("aimservice", "chat", "Running", namespace);
  const { message } = await user.condition("aimservice", "chat", "TemplateReady", "Resolved", namespace);
  assert.equal(message, choice);
  const described = await user.kubectl("describe", "aimservice", "chat", "-n", namespace);
  assert.match(described, /Normal\s+Resolved\s+.*chosen: metric latency ranks above/);
  assert.ok(described.includes(choice), described);
});

Deno.test("who does what it says gets the other one", async () => {
  const spec = { model: { name: "chat" }, overrides: { metric: "throughput" } };
  await user.apply([service("other", namespace, spec)]);
  const { status } = await user.reaches("aimservice", "other", "Running", namespace);
  assert.equal(status.resolvedTemplate.name, "chat-throughput-fp16");
});

Deno.test(`with ${crowd} templates that tie, the status stays under 64 KiB and says how to go on`, async () => {
  const failed = await user.reaches("aimservice", "crowd", "Failed", namespace);
  assert.ok(sizeOf(failed) < 64 * 1024, `${sizeOf(failed)} bytes`);
  const { message } = await user.condition(
    "aimservice",
    "crowd",
    "TemplateReady",
    "TemplateSelectionAmbiguous",
    namespace,
  );
  assert.match(message, /^Multiple templates \(500\) satisfy model "crowd": crowd-000, .* and 480 more\. /);
  assert.match(message, /Set spec\.template\.name to choose one/);
});

Deno.test(`a better one among ${crowd}: chosen, and the status stays under 64 KiB`, async () => {
  await user.apply([template("crowd-best", namespace, "crowd", { metric: "latency" })]);
  const running = await user.reaches("aimservice", "crowd", "Running", namespace);
  assert.equal(running.status.resolvedTemplate.name, "crowd-best");
  assert.ok(sizeOf(running) < 64 * 1024, `${sizeOf(running)} bytes`);
  const { message } = await user.condition("aimservice", "crowd", "TemplateReady", "Resolved", namespace);
  assert.match(message, /\(runner-up crowd-000, wins with overrides\.metric: throughput and /);
});

Deno.test("a better one that comes later does not replace it", async () => {
  const before = await user.get("aimservice", "other", namespace);
  const metric = "throughput";
  await user.apply([template("chat-own", namespace, "chat", { metric })]);
  await until(
    "it is Ready",
    async () => await user.status("aimservicetemplate", "chat-own", namespace) === "Ready",
  );
  await user.apply([service("newcomer", namespace, { model: { name: "chat" }, overrides: { metric } })]);
  const newcomer = await user.reaches("aimservice", "newcomer", "Running", namespace);
  assert.equal(newcomer.status.resolvedTemplate.name, "chat-own");
  const after = await user.get("aimservice", "other", namespace);
  assert.deepEqual(after.status.resolvedTemplate, before.status.resolvedTemplate);
});
