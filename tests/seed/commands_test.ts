/** The page's commands and what it says about status and troubleshooting, on a live cluster. */

import assert from "node:assert/strict";
import { until } from "../control_plane/until.ts";
import { clusterModel, clusterTemplate, service, template } from "../e2e/catalogue.ts";
import { install, type Installation, uninstall } from "../e2e/installation.ts";
import type { AnyObject, Condition, User } from "../e2e/user.ts";
import * as commands from "./commands.ts";

let installation: Installation;
let user: User;

const namespace = "ml-team";

Deno.test.beforeAll(async () => {
  installation = await install();
  user = installation.user;
  await user.namespace(namespace);
  // The page's commands name no namespace: they look where the reader's context points.
  await user.kubectl("config", "set-context", "--current", `--namespace=${namespace}`);
  await user.apply([
    clusterModel("good"),
    clusterTemplate("good-latency", "good"),
    // A template that is not discovered yet, and stays so: the operator is told to leave it alone.
    clusterModel("young"),
    paused(clusterTemplate("young-one", "young", { modelSources: undefined })),
  ]);
  const pending = JSON.stringify({ status: { status: "Pending" } });
  await user.kubectl(
    ...["patch", "aimclusterservicetemplate", "young-one"],
    ...["--subresource=status", "--type=merge", "-p", pending],
  );
  await user.apply([service("chat", namespace, { model: { name: "good" } })]);
  await user.reaches("aimservice", "chat", "Running", namespace);
});

Deno.test.afterAll(() => uninstall(installation));

function paused(object: ReturnType<typeof clusterTemplate>) {
  const annotations = { "aim.eai.amd.com/reconciliation-paused": "true" };
  return { ...object, metadata: { ...object.metadata, annotations } };
}

/** Runs a command of the page, with its words filled in. */
const run = (command: string, words: Readonly<Record<string, string>> = {}): Promise<string> =>
  user.shell(commands.filled(command, { namespace, ...words }));

/** The first column of what kubectl prints, without its head. */
const names = (printed: string): string[] => printed.split("\n").slice(1).map((line) => line.split(/\s+/)[0]);

/** `jq` only makes it readable, and is not everywhere. */
async function conditionsOf(name: string): Promise<Condition[]> {
  return JSON.parse(await run(commands.conditions.replace(/ \| jq$/, ""), { name }));
}

Deno.test("the conditions of a service that waits say which component blocks", async () => {
  await user.apply([service("early", namespace, { model: { name: "young" } })]);
  await user.reaches("aimservice", "early", "Pending", namespace);
  const conditions = await conditionsOf("early");
  const template = conditions.find(({ type }) => type === "TemplateReady")!;
  assert.equal(template.status, "False");
  assert.equal(template.reason, "TemplateNotReady");
  assert.match(template.message, /young-one: TemplatePending \(status Pending\)/);
  const ready = conditions.find(({ type }) => type === "Ready")!;
  assert.match(ready.message, /^Waiting for components to become ready: Model: AIMClusterModel young\b/);
});

Deno.test("every component has its condition", async () => {
  const conditions = await conditionsOf("chat");
  const said = Object.fromEntries(
    conditions.map(({ type, status, reason }) => [type, `${status} ${reason}`]),
  );
  assert.deepEqual(said, {
    ModelReady: "True ModelResolved",
    TemplateReady: "True Resolved",
    TemplateSelected: "True BestMatch",
    InferenceServiceReady: "True RuntimeReady",
    InferenceServicePodsReady: "True PodsReady",
    CacheReady: "True CacheReady",
    Ready: "True AllComponentsReady",
  });
});

Deno.test("from the service to its InferenceService and its pods", async () => {
  const [isvc, ...others] = names(await run(commands.inferenceService, { name: "chat" }));
  assert.equal(isvc, "chat-a04542d9");
  assert.deepEqual(others, []);
  const pods = await run(commands.pods, { "isvc-name": isvc });
  assert.match(pods.split("\n")[1], /^chat-a04542d9-predictor-\S+\s+1\/1\s+Running/);
});

Deno.test("from the service to its cache and its artifacts", async () => {
  assert.deepEqual(names(await run(commands.templateCache, { name: "chat" })), ["good-latency-a04542d9"]);
  const artifacts = names(await run(commands.artifacts, { "template-name": "good-latency" }));
  const stored = await user.list("aimartifacts", namespace);
  assert.deepEqual(artifacts, stored.map(({ metadata }) => metadata.name));
  assert.equal(artifacts.length, 1);
});

Deno.test("templates that are there but are not selected", async () => {
  // By hand, without a label: the operator stamps it, so that the page's command finds them.
  await user.apply([
    clusterModel("hard"),
    template("hard-plain", namespace, "hard", { type: "unoptimized" }),
    template("hard-mi210", namespace, "hard", { hardware: { gpu: { requests: 1, model: "MI210" } } }),
    template("other", namespace, "good", { metric: "throughput" }),
  ]);
  await until("both labelled and judged", async () => {
    const all = await user.list("aimservicetemplates", namespace, "aim.eai.amd.com/model=hard");
    return all.length === 2 && all.every(({ status }) => ["Ready", "NotAvailable"].includes(status?.status));
  });
  assert.deepEqual(names(await run(commands.templates, { "model-name": "hard" })), [
    "hard-mi210",
    "hard-plain",
  ]);
  const states = (await run(commands.templateStates)).split("\n").map((line) => line.split(/\s+/));
  assert.deepEqual(states[0], ["NAME", "STATUS"]);
  const stateOf = Object.fromEntries(states.slice(1));
  assert.equal(stateOf["hard-plain"], "Ready");
  assert.equal(stateOf["hard-mi210"], "NotAvailable");

  await user.apply([service("picky", namespace, { model: { name: "hard" } })]);
  const said = await user.condition("aimservice", "picky", "TemplateReady", "TemplateNotFound", namespace);
  assert.match(said.message, /1 unoptimized template\(s\) filtered out\. Set allowUnoptimized to use them\./);
  assert.match(said.message, /hard-mi210: TemplateNotAvailable \(.*GPU MI210 is on no node/);
  const allowing = { model: { name: "hard" }, template: { allowUnoptimized: true } };
  await user.apply([service("picky", namespace, allowing)]);
  const { status } = await user.reaches("aimservice", "picky", "Running", namespace);
  assert.equal(status.resolvedTemplate.name, "hard-plain");
});

Deno.test("an ambiguous selection is resolved by naming one, or by removing the others", async () => {
  await user.apply([
    clusterModel("tied"),
    clusterTemplate("tied-a", "tied"),
    clusterTemplate("tied-b", "tied"),
  ]);
  for (const name of ["tied-a", "tied-b"]) await user.reaches("aimclusterservicetemplate", name, "Ready");
  const spec = { model: { name: "tied" } };
  await user.apply([service("naming", namespace, spec), service("removing", namespace, spec)]);
  for (const name of ["naming", "removing"]) {
    const said = await user.condition(
      "aimservice",
      name,
      "TemplateReady",
      "TemplateSelectionAmbiguous",
      namespace,
    );
    assert.match(said.message, /tied-a, tied-b/);
  }
  await user.apply([service("naming", namespace, { ...spec, template: { name: "tied-b" } })]);
  const named = await user.reaches("aimservice", "naming", "Running", namespace);
  assert.equal(named.status.resolvedTemplate.name, "tied-b");
  await user.kubectl("delete", "aimclusterservicetemplate", "tied-b");
  const left = await user.reaches("aimservice", "removing", "Running", namespace);
  assert.equal(left.status.resolvedTemplate.name, "tied-a");
});

Deno.test("more GPUs than any node has: the scheduler's own words", async () => {
  const resources = { limits: { "amd.com/gpu": "9" } };
  await user.apply([service("greedy", namespace, { model: { name: "good" }, resources })]);
  const said = await user.condition(
    "aimservice",
    "greedy",
    "InferenceServicePodsReady",
    "FailedScheduling",
    namespace,
  );
  assert.match(said.message, /Insufficient amd\.com\/gpu/);
  // services.md §11.5: a pod that no node can take is Pending; the service wants no more than to wait.
  assert.equal(await user.status("aimservice", "greedy", namespace), "Pending");
});

Deno.test("a storage class that is not there: the claim's own words, in the service", async () => {
  await user.namespace("classless");
  const storage = { defaultStorageClassName: "nowhere" };
  await user.apply([service("stuck", "classless", { model: { name: "good" }, storage })]);
  const said = await until("the service says why", async () => {
    const { status } = await user.get("aimservice", "stuck", "classless");
    const cache = status?.conditions?.find(({ type }: AnyObject) => type === "CacheReady");
    return /nowhere/.test(cache?.message ?? "") ? cache : undefined;
  });
  assert.equal(said.status, "False");
  assert.equal(await user.status("aimservice", "stuck", "classless"), "Starting");
});

Deno.test("the status words: Running serves, Pending waits for its inputs, Starting for what it makes, Failed cannot", async () => {
  await user.apply([service("lost", namespace, { model: { name: "nowhere" } })]);
  await user.reaches("aimservice", "lost", "Failed", namespace);
  const words = Object.fromEntries(
    (await user.kubectl("get", "aimservices", "-A", "--no-headers")).split("\n").map((line) =>
      line.split(/\s+/).slice(1, 3)
    ),
  );
  assert.equal(words.chat, "Running");
  assert.equal(words.early, "Pending");
  assert.equal(words.stuck, "Starting");
  assert.equal(words.lost, "Failed");
});
