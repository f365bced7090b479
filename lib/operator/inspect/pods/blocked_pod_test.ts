import type { ContainerStatus, Pod } from "../../objects.ts";
import assert from "node:assert/strict";
import { blockedPod, withoutBlockers } from "./blocked_pod.ts";
import { inspectPods } from "./pods.ts";

const ours = "model-download";
const ended = (name: string, exitCode: number): ContainerStatus => ({
  name,
  state: { terminated: { exitCode, reason: exitCode === 0 ? "Completed" : "Error" } },
});
const runs = (name: string): ContainerStatus => ({ name, state: { running: {} } });
const waits = (name: string): ContainerStatus => ({
  name,
  state: { waiting: { reason: "ImagePullBackOff", message: "no" } },
});
const pod = (phase: string, ...containerStatuses: ContainerStatus[]): Pod => ({
  metadata: { name: "p" },
  status: { phase, containerStatuses },
});

/** The pod, by whom it is held, and the phase that it would have without them. */
const rows: [string, Pod, by: string[] | undefined, phase: string][] = [
  ["ours ended well, a sidecar runs", pod("Running", ended(ours, 0), runs("proxy")), ["proxy"], "Succeeded"],
  ["ours failed, a sidecar runs", pod("Running", runs("proxy"), ended(ours, 3)), ["proxy"], "Failed"],
  ["a sidecar never came up", pod("Pending", ended(ours, 0), waits("proxy")), ["proxy"], "Succeeded"],
  ["two of them", pod("Running", runs("a"), ended(ours, 0), runs("b")), ["a", "b"], "Succeeded"],
  ["ours still runs", pod("Running", runs(ours), runs("proxy")), undefined, "Running"],
  [
    "ours still runs, the sidecar has ended",
    pod("Running", runs(ours), ended("proxy", 0)),
    undefined,
    "Running",
  ],
  ["all have ended", pod("Running", ended(ours, 0), ended("proxy", 0)), undefined, "Running"],
  ["no sidecar", pod("Succeeded", ended(ours, 0)), undefined, "Succeeded"],
  ["the pod has ended", pod("Failed", ended(ours, 0), runs("proxy")), undefined, "Failed"],
  ["nothing is known yet", { metadata: { name: "p" } }, undefined, ""],
];
for (const [what, given, by, phase] of rows) {
  Deno.test(`a pod of a Job: ${what}`, () => {
    assert.deepEqual(blockedPod(given, ours)?.by, by);
    assert.equal(withoutBlockers(given, ours).status?.phase ?? "", phase);
  });
}

Deno.test("the result of our container is read, and the status says who holds the pod", () => {
  const about = { component: "DownloadJobPods" };
  const holds = (exitCode: number) => [pod("Running", ended(ours, exitCode), runs("proxy"))];
  const note = "(pod p does not end: container proxy, put into it by others, still there)";
  const look = (exitCode: number) => inspectPods(holds(exitCode), about, { container: ours });
  assert.equal(look(0).reason, "PodsReady");
  assert.equal(look(0).message, `Pods are ready ${note}`);
  assert.equal(look(3).reason, "PodFailed");
  assert.equal(look(3).message, `Container ${ours} failed with exit code 3: Error ${note}`);
  assert.equal(
    inspectPods(holds(0), about).reason,
    "PodsStarting",
    "only where the caller knows whose it is",
  );
});
