/** Pods of endpoints: spec/README "Degraded of a service" and "A rollout whose new revision cannot start". */

import type { ContainerStatus, Event, Pod } from "../../objects.ts";
import assert from "node:assert/strict";
import { completed, type ComponentHealth } from "../../status/health.ts";
import { endedReasons, eventRows, waitingReasons } from "../causes.ts";
import { inspectPredictorPods, type PredictorContext } from "./predictor_pods.ts";

type PodStatus = NonNullable<Pod["status"]>;
const early = "2026-01-01T00:00:00Z", late = "2026-01-01T01:00:00Z";

const pod = (name: string, status: PodStatus, more: Pod["metadata"] = {}): Pod => ({
  metadata: { name, uid: `uid-${name}`, creationTimestamp: early, ...more },
  status,
});
const hash = (value: string) => ({ labels: { "pod-template-hash": value } });
const old = hash("old"), fresh = hash("new");
const isNewest: PredictorContext["isNewest"] = ({ metadata }) =>
  metadata?.labels?.["pod-template-hash"] === "new";
const serving = (name: string, more?: Pod["metadata"]) =>
  pod(name, { phase: "Running", conditions: [{ type: "Ready", status: "True" }] }, more);
const unready = { type: "Ready", status: "False", lastTransitionTime: early };
const containerOf = (status: Omit<ContainerStatus, "name">, phase = "Running"): PodStatus => ({
  phase,
  conditions: [unready],
  containerStatuses: [{ name: "main", ...status }],
});
const waits = (reason: string, message = "why"): PodStatus =>
  containerOf({ state: { waiting: { reason, message } } }, "Pending");
const homeless: PodStatus = {
  phase: "Pending",
  conditions: [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message: "0/3 nodes" }],
};
const oom = { exitCode: 137, reason: "OOMKilled" };
const failed = { exitCode: 1, reason: "Error" };

function look(pods: Pod[], context: Partial<PredictorContext> = {}) {
  const health = inspectPredictorPods(pods, { component: "InferenceServicePods" }, {
    minReplicas: 1,
    ...context,
  });
  assert.equal(health.role, "child", "pods never keep us from applying");
  return health;
}

/** `state category reason`, with `-` where there is no error. */
function short(health: ComponentHealth): string {
  const { state, reason, errors } = completed(health);
  return `${state} ${errors[0]?.category ?? "-"} ${reason}`;
}

/** A trouble of the one pod of the newest revision: what it is while nothing serves. */
const troubles: [what: string, pod: PodStatus, alone: string, reason: string][] = [
  ["a pull that is tried again", waits("ImagePullBackOff", "i/o timeout"), "Starting -", "ImagePullBackOff"],
  ["a refused pull", waits("ErrImagePull", "401 Unauthorized"), "Failed Auth", "ImagePullAuthFailure"],
  [
    "an image that is not there",
    waits("ErrImagePull", "manifest unknown"),
    "Failed MissingUpstream",
    "ImageNotFound",
  ],
  ["no place", homeless, "Pending -", "FailedScheduling"],
  ["an eviction", { phase: "Failed", reason: "Evicted", message: "disk" }, "Starting -", "PodEvicted"],
  [
    "a node that was full",
    { phase: "Failed", reason: "OutOfamd.com/gpu", message: "full" },
    "Starting -",
    "OutOfamd_com_gpu",
  ],
  [
    "a node that refused it",
    { phase: "Failed", reason: "UnexpectedAdmissionError", message: "no" },
    "Starting -",
    "UnexpectedAdmissionError",
  ],
  [
    "a container that waits for its next run after it ran out of memory",
    containerOf({
      restartCount: 3,
      state: { waiting: { reason: "CrashLoopBackOff" } },
      lastState: { terminated: oom },
    }),
    "Failed ResourceExhaustion",
    "PodOOMKilled",
  ],
  [
    "a container in its next run after it ran out of memory twice",
    containerOf({ restartCount: 2, state: { running: { startedAt: late } }, lastState: { terminated: oom } }),
    "Failed ResourceExhaustion",
    "PodOOMKilled",
  ],
  [
    "a container that was restarted once",
    containerOf({
      restartCount: 1,
      state: { running: { startedAt: late } },
      lastState: { terminated: failed },
    }),
    "Starting -",
    "CrashLoopBackOff",
  ],
  [
    "a container that fails again and again",
    containerOf({
      restartCount: 9,
      state: { waiting: { reason: "CrashLoopBackOff" } },
      lastState: { terminated: failed },
    }),
    "Failed -",
    "CrashLoopBackOff",
  ],
  [
    "a Secret that is not there",
    waits("CreateContainerConfigError"),
    "Failed -",
    "CreateContainerConfigError",
  ],
];

for (const [what, status, alone, reason] of troubles) {
  Deno.test(`${what}: ${alone} ${reason} while nothing serves, else Degraded without an error`, () => {
    const bad = pod("bad", status, fresh);
    assert.equal(short(look([bad], { isNewest })), `${alone} ${reason}`);

    const rollout = look([serving("a", old), bad], { isNewest });
    assert.equal(short(rollout), `Degraded - ${reason}`);
    assert.match(rollout.message!, /; the previous revision serves$/);

    const half = look([serving("a", fresh), bad], { isNewest, minReplicas: 2 });
    assert.equal(short(half), `Degraded - ${reason}`);
    assert.match(half.message!, /; 1 of 2 replicas are ready$/);
  });
}

Deno.test("with two replicas and one that finds no place: Degraded, and the scheduler is quoted", () => {
  const health = look([serving("a"), pod("b", homeless)], { minReplicas: 2 });
  assert.equal(short(health), "Degraded - FailedScheduling");
  assert.equal(health.message, "0/3 nodes; 1 of 2 replicas are ready");
});

Deno.test("a rollout is Ready with the wanted number of pods of the newest revision, not before", () => {
  const rows: [Pod[], string, message: string][] = [
    [
      [serving("a", old)],
      "Starting - PodsStarting",
      "More pods are yet to be made; the previous revision serves",
    ],
    [
      [serving("a", old), pod("b", { phase: "Pending" }, fresh)],
      "Starting - PodsPending",
      "Pods are pending; the previous revision serves",
    ],
    [
      [serving("a", old), pod("b", { phase: "Running" }, fresh)],
      "Starting - PodsStarting",
      "Pods are running, waiting for readiness; the previous revision serves",
    ],
    [
      [serving("a", old), serving("b", fresh), pod("c", { phase: "Running" }, fresh)],
      "Starting - PodsStarting",
      "Pods are running, waiting for readiness; 1 of 2 replicas are ready; the previous revision serves beside them",
    ],
    [[serving("a", old), serving("b", fresh), serving("c", fresh)], "Ready - PodsReady", "Pods are ready"],
  ];
  for (const [pods, expected, message] of rows) {
    const health = look(pods, { isNewest, minReplicas: 2 });
    assert.equal(short(health), expected);
    assert.equal(health.message, message);
  }
});

Deno.test("leftovers beside their replacements say nothing", () => {
  const gone = { deletionTimestamp: late };
  const leftovers: Pod[] = [
    pod("evicted", { phase: "Failed", reason: "Evicted", message: "disk" }),
    pod("refused", { phase: "Failed", reason: "UnexpectedAdmissionError", message: "no" }),
    pod("ended", { phase: "Succeeded" }),
    pod("going", containerOf({ state: { waiting: { reason: "CrashLoopBackOff" } } }), gone),
    serving("going well", gone),
  ];
  for (const leftover of leftovers) {
    const { name } = leftover.metadata!;
    assert.equal(look([leftover, serving("a")]).message, "Pods are ready", name);
    const beside = look([leftover, pod("a", { phase: "Running" })]);
    assert.equal(beside.message, "Pods are running, waiting for readiness", name);
    assert.equal(short(beside), "Starting - PodsStarting", name);
  }
  const former = pod("former", waits("ErrImagePull", "401"), old);
  assert.equal(
    look([former, serving("a", fresh)], { isNewest }).message,
    "Pods are ready",
    "of an old revision",
  );
  assert.equal(
    look([former, pod("a", { phase: "Pending" }, fresh)], { isNewest }).message,
    "Pods are pending",
  );
  assert.equal(short(look([leftovers[0], serving("a")], { minReplicas: 2 })), "Degraded - PodEvicted");
});

Deno.test("what a last run says outlives the wait for the next one, and is over once the pod was ready again", () => {
  const lived = (
    state: ContainerStatus["state"],
    condition: { status: string; lastTransitionTime: string },
  ) =>
    pod("a", {
      phase: "Running",
      conditions: [{ type: "Ready", ...condition }],
      containerStatuses: [{ name: "main", restartCount: 4, state, lastState: { terminated: failed } }],
    });
  const since = { status: "False", lastTransitionTime: early };
  const waiting = lived({ waiting: { reason: "CrashLoopBackOff", message: "back-off 40s" } }, since);
  const again = lived({ running: { startedAt: late } }, since);
  const logOf = () => "loading\nValueError: no such quantization\n";
  const text = "The container is restarted. Its last run: Container main failed with exit code 1: Error\n\n" +
    "Log excerpt:\nloading\nValueError: no such quantization";
  assert.equal(look([waiting], { logOf }).message, text);
  assert.deepEqual(
    look([again], { logOf }),
    look([waiting], { logOf }),
    "no word and no write for the next run",
  );

  const afterwards = lived({ running: { startedAt: early } }, { status: "False", lastTransitionTime: late });
  assert.equal(short(look([afterwards], { logOf })), "Starting - PodsStarting");

  const wrong = look([waiting], { logOf: () => "RepositoryNotFoundError: 401 Client Error" });
  assert.equal(short(wrong), "Failed InvalidSpec SourceNotFound", "the log tells more than the exit code");
  const silent = pod(
    "a",
    containerOf({
      restartCount: 2,
      state: { running: { startedAt: late } },
      lastState: { terminated: { exitCode: 0, reason: "Completed" } },
    }),
  );
  assert.match(look([silent]).message!, /Container main ended with exit code 0, though it is to go on/);
  const init = pod("a", {
    phase: "Pending",
    conditions: [unready],
    initContainerStatuses: [{
      name: "prepare",
      restartCount: 5,
      state: { waiting: { reason: "CrashLoopBackOff" } },
      lastState: { terminated: failed },
    }],
  });
  assert.match(look([init]).message!, /Init container prepare failed with exit code 1/);
});

Deno.test("none wanted, none allowed, none left", () => {
  assert.equal(short(look([], { minReplicas: 0 })), "Ready - ScaledToZero");
  assert.equal(
    short(look([serving("a", { deletionTimestamp: late })], { minReplicas: 0 })),
    "Ready - ScaledToZero",
  );
  assert.equal(short(look([pod("a", { phase: "Running" })], { minReplicas: 0 })), "Starting - PodsStarting");
  // Nobody deletes what an eviction has left.
  for (const phase of ["Failed", "Succeeded"]) {
    const left = pod("a", { phase, reason: "Evicted" });
    assert.equal(short(look([left], { minReplicas: 0 })), "Ready - ScaledToZero", phase);
  }
  const quota = 'pods "x" is forbidden: exceeded quota: gpus, requested: amd.com/gpu=8';
  const security = 'pods "x" is forbidden: violates PodSecurity "restricted:latest"';
  assert.equal(short(look([], { refusal: quota })), "Failed ResourceExhaustion FailedCreate");
  assert.equal(short(look([], { refusal: security })), "Failed InvalidSpec FailedCreate");
  const half = look([serving("a")], { refusal: quota, minReplicas: 2 });
  assert.equal(short(half), "Degraded - FailedCreate");
  assert.equal(half.message, `Pods are refused: ${quota}; 1 of 2 replicas are ready`);
  assert.equal(look([serving("a")], { refusal: "no" }).message, "Pods are ready (more are refused: no)");
  const surplus = look([serving("a"), pod("b", homeless)]);
  assert.equal(short(surplus), "Ready - PodsReady", "an autoscaler wants more than the least");
  assert.equal(surplus.message, "Pods are ready (more are wanted: FailedScheduling: 0/3 nodes)");
  assert.equal(short(look([])), "Progressing MissingDownstream NoPods");
  const preempted = pod("a", {
    phase: "Running",
    conditions: [{
      type: "DisruptionTarget",
      status: "True",
      reason: "PreemptionByScheduler",
      message: "for b",
    }],
  }, { deletionTimestamp: late });
  assert.equal(
    look([preempted]).message,
    "No pods found; pod a is going away: PreemptionByScheduler: for b",
  );
});

const event = (reason: string, lastTimestamp = late): Event => ({
  reason,
  message: `${reason}!`,
  lastTimestamp,
});
const telling = (reason: string, at?: string) => ({ eventsOf: () => [event(reason, at)] });

/** The state that each row of the table is told in, of a pod that it is about. */
for (const { kind, reason, moment } of eventRows) {
  if (kind !== "Pod") continue;
  Deno.test(`the event ${reason} is told of a pod (${moment})`, () => {
    const sources = telling(reason);
    const running = pod("a", containerOf({ state: { running: { startedAt: early } } }));
    switch (moment) {
      case "starting": {
        const { message, reason: said } = look([pod("a", { phase: "Pending" })], sources);
        return assert.deepEqual([said, message], [reason, `${reason}!`]);
      }
      case "pulling": {
        const { message } = look([pod("a", waits("ErrImagePull", "401"))], sources);
        return assert.equal(message, `Container main: 401 (${reason}: ${reason}!)`);
      }
      case "running": {
        assert.match(look([running], sources).message!, new RegExp(`${reason}!`));
        const before = pod("a", containerOf({ state: { running: { startedAt: late } } }));
        const { message } = look([before], telling(reason, early));
        return assert.equal(message, "Pods are running, waiting for readiness", "of a former run");
      }
      case "leaving": {
        const leaving = { ...running, metadata: { ...running.metadata, deletionTimestamp: late } };
        return assert.equal(
          look([leaving], sources).message,
          `No pods found; pod a is going away: ${reason}: ${reason}!`,
        );
      }
      default:
        assert.fail(`no pod is ${moment}`);
    }
  });
}

Deno.test("a node that does not answer is passing; a failing probe is nothing wrong", () => {
  const running = pod("a", containerOf({ state: { running: { startedAt: early } } }));
  assert.equal(short(look([running], telling("NodeNotReady"))), "Starting - NodeNotReady");
  assert.equal(
    short(look([serving("b"), running], { ...telling("NodeNotReady"), minReplicas: 2 })),
    "Degraded - NodeNotReady",
  );
  assert.equal(short(look([running], telling("Unhealthy"))), "Starting - PodsStarting");
});

const states = { final: "Failed", passing: "Starting", placeless: "Pending" } as const;
for (const [reason, { outlook, category }] of Object.entries(waitingReasons)) {
  Deno.test(`the waiting reason ${reason} is told: ${outlook}`, () => {
    const health = look([pod("a", waits(reason, "i/o timeout"))]);
    const said = reason === "ErrImagePull" ? "ImagePullBackOff" : reason;
    assert.equal(short(health), `${states[outlook]} ${outlook === "final" && category || "-"} ${said}`);
    assert.equal(health.message, "Container main: i/o timeout");
  });
}

for (const [reason, { outlook }] of Object.entries(endedReasons)) {
  Deno.test(`a pod that ended with ${reason} is told: ${outlook}`, () => {
    const health = look([pod("a", { phase: "Failed", reason, message: "m" })]);
    assert.equal(health.message, "m");
    assert.equal(health.reason, reason === "Evicted" ? "PodEvicted" : reason);
    assert.equal(completed(health).state, states[outlook]);
  });
}

Deno.test("which reasons do not pass by themselves", () => {
  const final = (table: Readonly<Record<string, { readonly outlook: string }>>) =>
    Object.entries(table).filter(([, { outlook }]) => outlook === "final").map(([reason]) => reason).sort();
  assert.deepEqual(final(waitingReasons), [
    "CrashLoopBackOff",
    "CreateContainerConfigError",
    "CreateContainerError",
    "ErrImageNeverPull",
    "ImageVolumeMountFailed",
    "InvalidImageName",
    "PostStartHookError",
    "PreCreateHookError",
    "PreStartHookError",
    "RunContainerError",
    "SignatureValidationFailed",
  ]);
  assert.deepEqual(final(endedReasons), [
    "AppArmor",
    "InitContainerRestartPolicyForbidden",
    "PodFeatureUnsupported",
    "PodLevelResourcesNotSupported",
    "PodOSNotSupported",
    "PodOSSelectorNodeLabelDoesNotMatch",
    "SupplementalGroupsPolicyNotSupported",
    "SysctlForbidden",
  ]);
});
