/** Pods on nodes of ours, seen with kubectl. */

import assert from "node:assert/strict";
import { type ControlPlane, startControlPlane } from "../control_plane/control_plane.ts";
import { gpuNode } from "../control_plane/nodes.ts";
import { until } from "../control_plane/until.ts";
import type { Behaviour, BoundPod } from "../../lib/surroundings/kubelet/behaviour.ts";
import { type NodeAgent, startNodeAgent } from "./node_agent.ts";

let plane: ControlPlane;
let agent: NodeAgent;

/** By image. */
const behaviours: Record<string, Behaviour> = {
  "says-hello": { does: "run", log: "hello\nworld\n", milliseconds: 50 },
  "exits-3": { does: "run", log: "no such file\n", exitCode: 3 },
  "wants-memory": { does: "run", outOfMemory: true },
  "crashes": { does: "crash", log: "before the crash\n", exitCode: 1 },
  "is-nowhere": { does: "fail to pull", message: "manifest unknown" },
  "never-starts": { does: "never start" },
  "says-much": { does: "run", log: () => megabytes(50) },
};
const behaviourOf = (pod: BoundPod) => behaviours[pod.spec?.containers[0].image ?? ""];

/** So many MiB in lines of 64 bytes, then `end`. */
function* megabytes(count: number): Generator<string> {
  const piece = `${"x".repeat(63)}\n`.repeat(1024);
  for (let i = 0; i < count * 16; i++) yield piece;
  yield "end\n";
}

Deno.test.beforeAll(async () => {
  plane = await startControlPlane({ controllerManager: true, scheduler: true });
  agent = await startNodeAgent(plane, { nodes: [gpuNode("n1", { model: "MI300X" })], behaviourOf });
});

Deno.test.afterAll(async () => {
  await agent?.stop();
  await plane?.stop();
});

async function kubectl(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await plane.kubectl(args);
  if (code !== 0) throw new Error(`kubectl ${args.join(" ")}: ${stderr}`);
  return stdout;
}

const podSpec = (image: string) => ({ restartPolicy: "Never", containers: [{ name: "main", image }] });

function job(name: string, image: string): object {
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name, namespace: "default" },
    spec: { backoffLimit: 0, template: { spec: podSpec(image) } },
  };
}

function pod(name: string, image: string): object {
  return { apiVersion: "v1", kind: "Pod", metadata: { name, namespace: "default" }, spec: podSpec(image) };
}

/** The state of the one container, once it is as wanted. */
async function container(name: string, path: string, wanted: string): Promise<Record<string, unknown>> {
  let last = "";
  await until(`${path} of ${name} to be ${wanted}`, async () => {
    last = await kubectl("get", "pod", name, "-o", `jsonpath={.status.containerStatuses[0]${path}}`);
    return last === wanted;
  }, { seconds: 60 });
  return JSON.parse(await kubectl("get", "pod", name, "-o", "jsonpath={.status.containerStatuses[0]}"));
}

Deno.test("a Job completes, and its log is read through the API server", async () => {
  await plane.apply([job("hello", "says-hello")]);
  await kubectl("wait", "job/hello", "--for=condition=Complete", "--timeout=20s");
  assert.equal(await kubectl("logs", "job/hello"), "hello\nworld\n");
  assert.equal(await kubectl("logs", "job/hello", "--tail=1"), "world\n");
  assert.equal(await kubectl("logs", "job/hello", "--limit-bytes=4"), "hell");
});

Deno.test("a Job whose container exits 3 fails, and says what it said", async () => {
  await plane.apply([job("failing", "exits-3")]);
  await kubectl("wait", "job/failing", "--for=condition=Failed", "--timeout=20s");
  assert.equal(await kubectl("logs", "job/failing"), "no such file\n");
  const state = "jsonpath={.items[0].status.containerStatuses[0].state.terminated.exitCode}";
  assert.equal(await kubectl("get", "pods", "-l", "job-name=failing", "-o", state), "3");
});

Deno.test("pods end for want of memory, crash, cannot be pulled or never start", async () => {
  await plane.apply([
    pod("oom", "wants-memory"),
    pod("crash", "crashes"),
    pod("nowhere", "is-nowhere"),
    pod("stuck", "never-starts"),
  ]);
  await container("oom", ".state.terminated.reason", "OOMKilled");
  assert.equal(await kubectl("get", "pod", "oom", "-o", "jsonpath={.status.phase}"), "Failed");
  const crash = await container("crash", ".state.waiting.reason", "CrashLoopBackOff");
  assert.equal(crash.restartCount, 1);
  assert.equal(await kubectl("logs", "crash", "--previous"), "before the crash\n");
  await container("nowhere", ".state.waiting.reason", "ImagePullBackOff");
  await container("stuck", ".state.waiting.reason", "ContainerCreating");
  const { stderr } = await plane.kubectl(["logs", "nowhere"]);
  assert.match(stderr, /waiting to start/);

  behaviours["is-nowhere"] = { does: "run" };
  await container("nowhere", ".state.terminated.reason", "Completed");
});

Deno.test("a pod that serves is Ready until it is deleted; a new one of its name is another", async () => {
  await plane.apply([pod("server", "serves")]);
  await kubectl("wait", "pod/server", "--for=condition=Ready", "--timeout=20s");
  await kubectl("delete", "pod", "server", "--timeout=20s");
  await plane.apply([pod("server", "exits-3")]);
  await container("server", ".state.terminated.exitCode", "3");
});

Deno.test("a log of 50 MiB comes whole, and its end alone", async () => {
  await plane.apply([pod("much", "says-much")]);
  await container("much", ".state.terminated.reason", "Completed");
  assert.equal(await kubectl("logs", "much", "--tail=1"), "end\n");
  assert.equal((await kubectl("logs", "much")).length, 50 * 1024 * 1024 + "end\n".length);
});
