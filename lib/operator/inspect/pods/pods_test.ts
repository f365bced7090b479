import type { ContainerStatus, Event, Pod } from "../../objects.ts";
import assert from "node:assert/strict";
import type { ComponentHealth } from "../../status/health.ts";
import { completed } from "../../status/health.ts";
import { inspectPods, type PodsContext } from "./pods.ts";

const about = { component: "InferenceServicePods" };

type PodStatus = NonNullable<Pod["status"]>;
const pod = (name: string, status: PodStatus, metadata: Pod["metadata"] = {}): Pod => ({
  metadata: { name, uid: `uid-${name}`, ...metadata },
  status,
});
const readyPod = (name: string, metadata?: Pod["metadata"]) =>
  pod(name, { phase: "Running", conditions: [{ type: "Ready", status: "True" }] }, metadata);
const waiting = (reason: string, message: string, name = "kserve-container"): ContainerStatus => ({
  name,
  state: { waiting: { reason, message } },
});
const ended = (exitCode: number, reason?: string, message?: string): ContainerStatus => ({
  name: "main",
  state: { terminated: { exitCode, reason, message } },
});
const event = (reason: string, lastTimestamp: string | null, message = `${reason}!`): Event => ({
  reason,
  message,
  lastTimestamp,
});

/** `state category reason`, with `-` where there is no error. */
const short = (health: ComponentHealth) => {
  const { state, reason, errors } = completed(health);
  return `${state} ${errors[0]?.category ?? "-"} ${reason}`;
};
const look = (pods: Pod[], context?: PodsContext) => short(inspectPods(pods, about, context));

Deno.test("pods: every row of services.md §11.3 InferenceServicePods", () => {
  const rows: [Pod[], string, message: string][] = [
    [[], "Progressing MissingDownstream NoPods", "No pods found"],
    [
      [pod("a", { phase: "Pending", containerStatuses: [waiting("ImagePullBackOff", "401 Unauthorized")] })],
      "Failed Auth ImagePullAuthFailure",
      "Container kserve-container: 401 Unauthorized",
    ],
    [
      [pod("a", {
        phase: "Pending",
        initContainerStatuses: [waiting("ErrImagePull", "manifest unknown", "i")],
      })],
      "Degraded MissingUpstream ImageNotFound",
      "Container i: manifest unknown",
    ],
    [
      [pod("a", { phase: "Pending", containerStatuses: [waiting("ErrImagePull", "i/o timeout")] })],
      "Degraded Infrastructure ImagePullBackOff",
      "Container kserve-container: i/o timeout",
    ],
    [
      [pod("a", { phase: "Failed", message: "gone" })],
      "Failed InvalidSpec PodFailed",
      "gone",
    ],
    [[pod("a", { phase: "Running" }), readyPod("b")], "Ready - PodsReady", "Pods are ready"],
    [[pod("a", { phase: "Succeeded" })], "Ready - PodsReady", "Pods are ready"],
    [
      [pod("a", { phase: "Pending" }), pod("b", { phase: "Running" })],
      "Starting - PodsStarting",
      "Pods are running, waiting for readiness",
    ],
    [[pod("a", { phase: "Pending" })], "Pending - PodsPending", "Pods are pending"],
    [
      [pod("a", {
        phase: "Pending",
        containerStatuses: [waiting("CreateContainerConfigError", 'secret "token" not found')],
      })],
      "Degraded - CreateContainerConfigError",
      'Container kserve-container: secret "token" not found',
    ],
    [[pod("a", { phase: "Unknown" })], "Progressing - PodsProgressing", "Pods are progressing"],
  ];
  for (const [pods, expected, message] of rows) {
    assert.equal(look(pods), expected);
    assert.equal(inspectPods(pods, about).message, message);
    assert.equal(inspectPods(pods, about).role, "child");
  }
});

Deno.test("pods: an image trouble of any pod comes before a failed one, a regular container before an init one", () => {
  const pods = [
    pod("a", { phase: "Failed" }),
    pod("b", {
      phase: "Pending",
      containerStatuses: [waiting("ImagePullBackOff", "not found")],
      initContainerStatuses: [waiting("ImagePullBackOff", "denied")],
    }),
  ];
  assert.equal(look(pods), "Degraded MissingUpstream ImageNotFound");
});

Deno.test("pods: failed ones by container, exit code, log and reason (conventions.md §6.7 rule 3)", () => {
  const failed = (status: PodStatus) => pod("a", { phase: "Failed", ...status });
  const rows: [Pod, log: string | undefined, expected: string, message: string][] = [
    [
      failed({ containerStatuses: [ended(137, "OOMKilled")] }),
      "no space left on device",
      "Failed ResourceExhaustion PodOOMKilled",
      "Container main failed with exit code 137: OOMKilled",
    ],
    [
      failed({ containerStatuses: [ended(1, "DeadlineExceeded")] }),
      undefined,
      "Failed ResourceExhaustion PodDeadlineExceeded",
      "Container main failed with exit code 1: DeadlineExceeded",
    ],
    [failed({ reason: "Evicted", message: "disk" }), undefined, "Degraded Infrastructure PodEvicted", "disk"],
    [failed({}), undefined, "Failed InvalidSpec PodFailed", "Pod failed"],
    [
      failed({ reason: "Evicted", containerStatuses: [ended(137, "Error")] }),
      undefined,
      "Degraded Infrastructure PodEvicted",
      "Container main failed with exit code 137: Error",
    ],
    [
      failed({ containerStatuses: [ended(1, "Error", "boom")] }),
      "one\ntwo\nthree\nfour\n",
      "Failed InvalidSpec PodFailed",
      "Container main failed with exit code 1: boom\n\nLog excerpt:\ntwo\nthree\nfour",
    ],
    [
      failed({ containerStatuses: [ended(0, "Completed"), { ...ended(3, "Error"), name: "second" }] }),
      undefined,
      "Failed InvalidSpec PodFailed",
      "Container second failed with exit code 3: Error",
    ],
    [
      failed({ initContainerStatuses: [ended(2, "Error")] }),
      "pending",
      "Failed InvalidSpec PodFailed",
      "Init container main failed with exit code 2: Error",
    ],
    [
      failed({ containerStatuses: [ended(1, "Error")] }),
      "x\nRepositoryNotFoundError: 401 Client Error\ny",
      "Failed InvalidSpec SourceNotFound",
      "Source resource not found (404): Container main failed with exit code 1: Error\n\n" +
      "Log excerpt:\nRepositoryNotFoundError: 401 Client Error",
    ],
  ];
  for (const [given, log, expected, message] of rows) {
    const health = inspectPods([given], about, { logOf: () => log });
    assert.equal(short(health), expected);
    assert.equal(health.message, message);
  }
});

Deno.test("pods: what keeps pending ones, by their events (conventions.md §6.7 rule 6)", () => {
  const pending = pod("a", { phase: "Pending" });
  const early = "2026-01-01T00:00:00Z", late = "2026-01-01T00:01:00Z";
  const rows: [Event[], string][] = [
    [[event("FailedScheduling", early), event("FailedMount", late)], "Pending - FailedMount"],
    [[event("FailedAttachVolume", late), event("Pulling", late)], "Pending - FailedAttachVolume"],
    [[event("FailedCreatePodSandBox", early)], "Pending - FailedCreatePodSandBox"],
    [[event("Scheduled", early), event("Pulling", early)], "Progressing - Pulling"],
    [[event("Scheduled", early)], "Pending - PodsPending"],
    [
      [{ ...event("FailedScheduling", null), eventTime: late }, event("FailedMount", early)],
      "Pending - FailedScheduling",
    ],
  ];
  for (const [events, expected] of rows) assert.equal(look([pending], { eventsOf: () => events }), expected);

  const second = {
    eventsOf: (each: Pod) => each.metadata?.name === "b" ? [event("Pulling", early)] : [],
  };
  assert.equal(look([pending, pod("b", { phase: "Pending" })], second), "Progressing - Pulling");

  const scheduled = pod("a", { phase: "Pending", conditions: [{ type: "PodScheduled", status: "True" }] });
  const events = [event("FailedScheduling", late), event("Pulling", early)];
  assert.equal(look([scheduled], { eventsOf: () => events }), "Progressing - Pulling");

  const homeless = pod("a", {
    phase: "Pending",
    conditions: [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message: "0/3 nodes" }],
  });
  assert.equal(look([homeless]), "Pending - FailedScheduling");
  assert.equal(inspectPods([homeless], about).message, "0/3 nodes");
});

Deno.test("pods: beside one that goes on, those that leave or were taken by their node say nothing", () => {
  const goesOn = pod("new", { phase: "Running" });
  const taken = pod("old", { phase: "Failed", reason: "Evicted", message: "disk" });
  const going = pod("old", { phase: "Failed" }, { deletionTimestamp: "2026-01-01T00:00:00Z" });
  for (const leftover of [taken, going]) {
    assert.equal(look([leftover, goesOn]), "Starting - PodsStarting");
  }
  assert.equal(look([taken]), "Degraded Infrastructure PodEvicted", "nobody stands in its place");
  assert.equal(
    look([pod("old", { phase: "Failed" }), goesOn]),
    "Failed InvalidSpec PodFailed",
    "its own failure",
  );
});

Deno.test("pods: none allowed", () => {
  const quota = 'pods "x" is forbidden: exceeded quota: gpus, requested: amd.com/gpu=8';
  assert.equal(look([], { refusal: quota }), "Failed ResourceExhaustion FailedCreate");
  assert.equal(inspectPods([], about, { refusal: quota }).message, `Pods are refused: ${quota}`);
  const security = 'pods "x" is forbidden: violates PodSecurity "restricted:latest"';
  assert.equal(look([], { refusal: security }), "Failed InvalidSpec FailedCreate");
  assert.equal(look([readyPod("a")], { refusal: quota }), "Ready - PodsReady");
  assert.equal(
    inspectPods([readyPod("a")], about, { refusal: "no" }).message,
    "Pods are ready (more are refused: no)",
  );
});
