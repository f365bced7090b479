/** The operator goes: everything of it, with services that run (issue: uninstall). */

import assert from "node:assert/strict";
import { until } from "../control_plane/until.ts";
import { blocksRunBy, root } from "../documents/markdown.ts";
import { clusterModel, clusterTemplate, service } from "./catalogue.ts";
import { install, type Installation, installInto } from "./installation.ts";
import type { User } from "./user.ts";

let installation: Installation;
let user: User;

Deno.test.beforeAll(async () => {
  installation = await install();
  user = installation.user;
});

// Its rights go before the operator does, so what it is refused at the end says nothing.
Deno.test.afterAll(() => installation?.plane.stop());

/** A service that runs, in a namespace of its own. */
async function runningService(namespace: string): Promise<void> {
  await user.apply([clusterModel("qwen"), clusterTemplate("qwen-latency", "qwen")]);
  await user.namespace(namespace);
  await user.apply([service("chat", namespace, { model: { name: "qwen" } })]);
  await user.reaches("aimservice", "chat", "Running", namespace);
}

/** `kubectl delete -k`; the operator's process stands for the Deployment's pod and goes when that goes. */
async function deleteManifests(meanwhile: () => Promise<unknown>): Promise<void> {
  // As a reader in a checkout types it.
  const deleted = user.shell(`cd ${root} && ${deleteAll} --timeout=5m`);
  deleted.catch(() => {}); // that is told below
  await until(
    "the Deployment is gone",
    async () => (await user.list("deployments", "aim-system")).length === 0,
  );
  await installation.operator.stop();
  await meanwhile();
  await deleted;
}

/** Nothing of the operator, and nothing that it or KServe has made. */
async function nothingIsLeft(): Promise<void> {
  assert.equal(await user.kubectl("get", "namespaces", "aim-system", "ml-team", "--ignore-not-found"), "");
  assert.doesNotMatch(
    await user.kubectl("get", "customresourcedefinitions", "-o", "name"),
    /aim\.eai\.amd\.com/,
  );
  for (const kind of ["inferenceservices", "deployments", "pods", "persistentvolumeclaims", "jobs"]) {
    assert.equal(await user.kubectl("get", kind, "-A", "--no-headers"), "", kind);
  }
  assert.doesNotMatch(
    await user.kubectl("get", "clusterroles,clusterrolebindings", "-o", "name"),
    /aim-engine/,
  );
}

/** What manifests/README.md tells to type: all in order, and what helps where the operator went first. */
const [inOrder, clearFinalizers, ...others] = blocksRunBy(import.meta.url).map(({ text }) => text);
assert.deepEqual(others, []);
const [cleanUp, deleteAll, ...leftInNamespaces] = inOrder.split("\n");

Deno.test("in the documented order everything goes by itself", async () => {
  await runningService("ml-team");
  assert.equal(cleanUp, "kubectl delete aimservices,aimtemplatecaches --all -A");
  assert.equal(deleteAll, "kubectl delete -k manifests --ignore-not-found");
  assert.deepEqual(leftInNamespaces, [
    "kubectl delete rolebindings -A --field-selector metadata.name=aim-engine-artifact-status-updater",
    "kubectl delete serviceaccounts -A --field-selector metadata.name=aim-engine-artifact-downloader",
  ]);
  await user.shell(cleanUp);
  await deleteManifests(() => Promise.resolve());
  for (const line of leftInNamespaces) {
    assert.match(await user.shell(line), /aim-engine-artifact-\S+" deleted/);
  }
  const ours = await user.kubectl("get", "serviceaccounts,rolebindings", "-A", "-o", "name");
  assert.doesNotMatch(ours, /aim-engine/);
  await user.kubectl("delete", "namespace", "ml-team", "--timeout=60s");
  await nothingIsLeft();
});

Deno.test("in a hurry: kubectl delete -k, the documented command, then the namespace", async () => {
  installation = await installInto(installation.plane);
  await runningService("ml-team");
  await deleteManifests(() => user.shell(clearFinalizers));
  await user.kubectl("delete", "namespace", "ml-team", "--timeout=60s");
  await nothingIsLeft();
});
