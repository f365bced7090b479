/**
 * From an empty cluster to a service that runs, by the README's lines as they are written there. What a test machine has
 * not is stood in for: nodes, Docker Hub, the image's dry run, and the operator's pod, in whose place a process runs.
 */

import assert from "node:assert/strict";
import { aimLabels, deployment } from "../catalogue/aim_image.ts";
import { startPlayedCluster } from "../catalogue/played_cluster.ts";
import { blocksRunBy } from "../documents/markdown.ts";
import { User } from "../e2e/user.ts";
import { ConnectProxy } from "../kube/connect_proxy.ts";
import { discoveryImages, type DryRun, profiled } from "../node_agent/discovery_images.ts";
import { startOperator } from "../operator_process.ts";
import { serveRegistry } from "../registry/served_registry.ts";
import { manifestsFolder } from "./documents.ts";

Deno.test("the README's lines lead from an empty cluster to a service that runs, and typed again change nothing", async () => {
  await using kept = new AsyncDisposableStack();
  const image = "amdenterpriseai/aim-qwen-qwen3-32b:0.8.5";
  const dryRuns = new Map<string, DryRun>([[image, profiled("Qwen/Qwen3-32B", 60)]]);
  const { plane, agent } = await startPlayedCluster(discoveryImages(dryRuns), { auditLog: true });
  kept.use(plane);
  kept.use(agent);
  const user = new User(plane);

  const hosts = ["docker.io", "registry-1.docker.io", "index.docker.io"];
  const hub = kept.use(serveRegistry({ tls: { hosts } }));
  await hub.push(image, aimLabels("Qwen/Qwen3-32B", [deployment("latency", "fp16")]));
  const proxy = kept.use(new ConnectProxy(new URL(hub.url.replace("localhost", "127.0.0.1"))));
  const desk = await Deno.makeTempDir({ prefix: "aim-readme-" });
  kept.defer(() => Deno.remove(desk, { recursive: true }));
  const authority = `${desk}/hub.crt`;
  await Deno.writeTextFile(authority, hub.authority!);
  // A reader is in a checkout.
  await Deno.symlink(manifestsFolder, `${desk}/manifests`);

  const typed = (text: string) => user.shell(`cd ${desk} && set -euo pipefail\n${text}`);
  const steps = blocksRunBy(import.meta.url).map(({ text }) => text);
  assert.deepEqual(steps.map((step) => step.split("\n")[0].split(" ").slice(0, 3).join(" ")), [
    "node=$(kubectl get nodes",
    "kubectl create namespace",
    "mkdir -p aim",
    "kubectl create namespace",
  ]);
  let install = "";
  for (const step of steps) {
    await typed(step);
    if (!step.includes("kubectl apply -k aim")) continue;
    install = step;
    await plane.noticeNewKinds();
    const operator = await startOperator(plane, {
      args: ["--leader-elect"],
      env: { HTTPS_PROXY: proxy.url, DENO_CERT: authority },
    });
    kept.defer(() => operator.stop());
  }
  const { status } = await user.get("aimservice", "chat", "ml-team");
  assert.equal(status.status, "Running");
  assert.equal(status.routing.path, "/ml-team/chat");
  assert.ok(proxy.asked.length > 0, "Docker Hub was asked");
  assert.doesNotMatch(await typed(install), /created|configured/);
});
