/** What `InferenceServiceReady` and `InferenceServicePodsReady` say (services.md §11.3). */

import assert from "node:assert/strict";
import type { Event, InferenceService, Pod, ReplicaSet } from "../../../lib/operator/objects.ts";
import type { KubeObject } from "../../../lib/kube/object.ts";
import {
  cache,
  endpoint,
  inferenceService,
  model,
  pass,
  pod,
  ready,
  refusing,
  service,
  template,
} from "../service_sample.ts";

const base = [model(), template(), cache()];
const ofKServe = (conditions: NonNullable<InferenceService["status"]>["conditions"], more = {}) =>
  inferenceService({ status: { conditions, ...more } });
const unready = ofKServe([{ type: "Ready", status: "False" }]);

const going: KubeObject = {
  ...inferenceService(),
  metadata: {
    ...inferenceService().metadata,
    deletionTimestamp: "2025-12-31T12:00:00Z",
    finalizers: ["inferenceservice.finalizers"],
  },
};

let count = 0;
function event(about: { kind: string; name: string; uid: string }, parts: Partial<Event>): Event {
  return {
    apiVersion: "v1",
    kind: "Event",
    metadata: { name: `e${count++}`, namespace: "ns" },
    type: "Warning",
    involvedObject: { namespace: "ns", ...about },
    lastTimestamp: "2025-12-31T12:00:00Z",
    ...parts,
  };
}
const about = { kind: "InferenceService", name: endpoint, uid: "uid-isvc" };

const rows: [title: string, objects: KubeObject[], condition: string, message: string, overall: string][] = [
  ["not there", [], "False CreatingRuntime", "InferenceService not found", "Starting"],
  ["Ready", [inferenceService(), pod()], "True RuntimeReady", "InferenceService is ready", "Running"],
  ["not Ready", [unready, pod()], "False CreatingRuntime", "InferenceService is not ready", "Starting"],
  [
    "without conditions",
    [ofKServe(undefined), pod()],
    "False CreatingRuntime",
    "InferenceService is not ready",
    "Starting",
  ],
  [
    "being deleted, though it still answers",
    [going, pod()],
    "False CreatingRuntime",
    `InferenceService ${endpoint} is being deleted; once it is gone it is made again, if all that it needs is ready; ` +
    "it still has the finalizers inferenceservice.finalizers",
    "Starting",
  ],
  [
    "refused in serverless mode",
    [unready, event(about, { reason: "ServerlessModeRejected", message: "x" })],
    "False ServerlessModeRejected",
    "Knative is not available. Configure KServe to use RawDeployment mode.",
    "Failed",
  ],
  [
    "refused with an internal error",
    [unready, event(about, { reason: "InternalError", message: "quota says no" })],
    "False InternalError",
    "quota says no",
    "Failed",
  ],
  [
    "refused while its pods serve",
    [unready, pod(), event(about, { reason: "InternalError", message: "quota says no" })],
    "False InternalError",
    "quota says no",
    "Degraded",
  ],
  [
    "an internal error that only says that somebody was faster",
    [
      unready,
      pod(),
      event(about, { reason: "InternalError", message: "x: the object has been modified; y" }),
      event(about, { reason: "InternalError", message: "Operation cannot be fulfilled on z" }),
    ],
    "False CreatingRuntime",
    "InferenceService is not ready",
    "Starting",
  ],
  [
    "an internal error of a former object of the name",
    [unready, pod(), event({ ...about, uid: "former" }, { reason: "InternalError", message: "x" })],
    "False CreatingRuntime",
    "InferenceService is not ready",
    "Starting",
  ],
];
for (const [title, objects, condition, message, overall] of rows) {
  Deno.test(`an InferenceService: ${title}`, () => {
    const made = pass(service(), [...base, ...objects]);
    assert.equal(made.condition("InferenceServiceReady"), condition);
    assert.equal(made.message("InferenceServiceReady"), message);
    assert.equal(made.status.status, overall);
  });
}

Deno.test("Better §11.3: Ready comes first, whatever events say", () => {
  const failed = event(about, { reason: "InternalError", message: "x" });
  const made = pass(service(), [...base, inferenceService(), pod(), failed]);
  assert.equal(made.condition("InferenceServiceReady"), "True RuntimeReady");
});

Deno.test("Better §11.3: only events since the last change of Ready count", () => {
  const since = ofKServe([{ type: "Ready", status: "False", lastTransitionTime: "2025-12-31T13:00:00Z" }]);
  const at = (lastTimestamp: string) =>
    pass(service(), [...base, since, event(about, { reason: "InternalError", message: "x", lastTimestamp })])
      .condition("InferenceServiceReady");
  assert.equal(at("2025-12-31T12:59:59Z"), "False CreatingRuntime");
  assert.equal(at("2025-12-31T13:00:01Z"), "False InternalError");
});

Deno.test("Better §11.3: the InferenceService's own words are appended", () => {
  const telling = ofKServe([{
    type: "Ready",
    status: "False",
    reason: "MinimumReplicasUnavailable",
    message: "0 of 1",
  }]);
  assert.equal(
    pass(service(), [...base, telling]).message("InferenceServiceReady"),
    "InferenceService is not ready: MinimumReplicasUnavailable: 0 of 1",
  );
  const silent = ofKServe([
    { type: "Ready", status: "False" },
    { type: "IngressReady", status: "True", reason: "Fine", message: "fine" },
    { type: "PredictorReady", status: "False", reason: "Waiting", message: "no pod" },
  ]);
  assert.equal(
    pass(service(), [...base, silent]).message("InferenceServiceReady"),
    "InferenceService is not ready: Waiting: no pod",
    "of another condition that is not True, where Ready says nothing",
  );
});

Deno.test("spec/README: Ready counts only for the InferenceService's current generation", () => {
  const conditions = [{ type: "Ready", status: "True" }];
  const at = (generation: number, observedGeneration?: number) =>
    pass(service(), [
      ...base,
      inferenceService({ metadata: { generation }, status: { conditions, observedGeneration } }),
      pod(),
    ]).condition("InferenceServiceReady");
  assert.equal(at(3, 2), "False CreatingRuntime");
  assert.equal(at(3, 3), "True RuntimeReady");
  assert.equal(at(3, undefined), "True RuntimeReady");
});

const waiting = (reason: string, message: string): Pod["status"] => ({
  phase: "Pending",
  containerStatuses: [{ name: "kserve-container", state: { waiting: { reason, message } } }],
});
const terminated = (state: { exitCode: number; reason?: string; message?: string }): Pod["status"] => ({
  phase: "Failed",
  containerStatuses: [{ name: "kserve-container", state: { terminated: state } }],
});
const aboutPod = { kind: "Pod", name: "p", uid: "uid-Pod-ns-p" };
const pending = pod({ status: { phase: "Pending" } });

/** Rows of §11.3 "InferenceServicePods" under an InferenceService that is not Ready. */
const podRows: [title: string, objects: KubeObject[], condition: string, message: string, overall: string][] =
  [
    ["none", [], "False NoPods", "No pods found", "Starting"],
    [
      "pull refused",
      [pod({ status: waiting("ImagePullBackOff", "pull access denied, may require authorization") })],
      "False ImagePullAuthFailure",
      "Container kserve-container: pull access denied, may require authorization",
      "Failed",
    ],
    [
      "image not there",
      [pod({ status: waiting("ErrImagePull", "manifest unknown") })],
      "False ImageNotFound",
      "Container kserve-container: manifest unknown",
      "Failed",
    ],
    [
      "pull fails otherwise",
      [pod({ status: waiting("ImagePullBackOff", "i/o timeout") })],
      "False ImagePullBackOff",
      "Container kserve-container: i/o timeout",
      "Starting",
    ],
    [
      "exit code 1",
      [pod({ status: terminated({ exitCode: 1, message: "boom" }) })],
      "False PodFailed",
      "Container kserve-container failed with exit code 1: boom",
      "Failed",
    ],
    [
      "out of memory",
      [pod({ status: terminated({ exitCode: 137, reason: "OOMKilled" }) })],
      "False PodOOMKilled",
      "Container kserve-container failed with exit code 137: OOMKilled; give it more by spec.resources.limits.memory",
      "Failed",
    ],
    [
      "deadline exceeded",
      [pod({ status: { phase: "Failed", reason: "DeadlineExceeded", message: "too long" } })],
      "False PodDeadlineExceeded",
      "too long",
      "Failed",
    ],
    [
      "evicted",
      [pod({ status: { phase: "Failed", reason: "Evicted", message: "disk pressure" } })],
      "False PodEvicted",
      "disk pressure",
      "Starting",
    ],
    ["running and ready", [pod()], "True PodsReady", "Pods are ready", "Starting"],
    [
      "ended, with none in its place yet",
      [pod({ status: { phase: "Succeeded" } })],
      "False PodsProgressing",
      "Pods are progressing",
      "Starting",
    ],
    [
      "running",
      [pod({ status: { phase: "Running" } })],
      "False PodsStarting",
      "Pods are running, waiting for readiness",
      "Starting",
    ],
    [
      "unschedulable",
      [pending, event(aboutPod, { reason: "FailedScheduling", message: "0/3 nodes" })],
      "False FailedScheduling",
      "0/3 nodes",
      "Pending",
    ],
    [
      "a volume that does not mount",
      [pending, event(aboutPod, { reason: "FailedMount", message: "no claim" })],
      "False FailedMount",
      "no claim",
      "Pending",
    ],
    [
      "pulling",
      [pending, event(aboutPod, { type: "Normal", reason: "Pulling", message: "Pulling image x" })],
      "False Pulling",
      "Pulling image x",
      "Starting",
    ],
    ["pending", [pending], "False PodsPending", "Pods are pending", "Pending"],
    ["in no known phase", [pod({ status: {} })], "False PodsProgressing", "Pods are progressing", "Starting"],
  ];
for (const [title, objects, condition, message, overall] of podRows) {
  Deno.test(`pods: ${title}`, () => {
    const made = pass(service(), [...base, unready, ...objects]);
    assert.equal(made.condition("InferenceServicePodsReady"), condition);
    assert.equal(made.message("InferenceServicePodsReady"), message);
    assert.equal(made.status.status, overall);
    assert.deepEqual(made.children, [`apply InferenceService ${endpoint}`], "pods never block applying");
  });
}

Deno.test("spec/README: a fault that retries by itself gives Ready its reason, and the pods speak for the endpoint", () => {
  const pulls = pod({ status: waiting("ImagePullBackOff", "i/o timeout") });
  const made = pass(service(), [...base, unready, pulls]);
  assert.equal(made.condition("Ready"), "False ImagePullBackOff");
  assert.match(made.message("Ready")!, /InferenceServicePods: Container kserve-container: i\/o timeout/);
  assert.equal(made.condition("DependenciesReachable"), undefined, "nothing that we ask is out of reach");

  const homeless = event(aboutPod, { reason: "FailedScheduling", message: "0/3 nodes" });
  const without = pass(service(), [...base, unready, pending, homeless]);
  assert.equal(without.condition("Ready"), "False FailedScheduling");
  assert.match(pass(service(), [...base, unready, pod()]).message("Ready")!, /InferenceService: Infer/);
});

/** A revision of the endpoint's Deployment, with that image. */
const revision = (hash: string, number: number, image: string): ReplicaSet => ({
  apiVersion: "apps/v1",
  kind: "ReplicaSet",
  metadata: {
    name: `${endpoint}-predictor-${hash}`,
    namespace: "ns",
    labels: { "serving.kserve.io/inferenceservice": endpoint, "pod-template-hash": hash },
    annotations: { "deployment.kubernetes.io/revision": String(number) },
    ownerReferences: [
      {
        apiVersion: "apps/v1",
        kind: "Deployment",
        name: `${endpoint}-predictor`,
        uid: "d",
        controller: true,
      },
    ],
  },
  spec: { template: { spec: { containers: [{ name: "kserve-container", image }] } } },
});
const ofRevision = (name: string, hash: string, status?: Pod["status"]) =>
  pod({
    metadata: {
      name,
      labels: { "serving.kserve.io/inferenceservice": endpoint, "pod-template-hash": hash },
    },
    status,
  });

Deno.test("spec/README: a rollout is judged by its newest revision, from the edit until its pods are ready", () => {
  // KServe says Ready all the while, and copies the Deployment's generation, which says nothing.
  const edited = inferenceService({
    metadata: { generation: 7 },
    spec: { predictor: { minReplicas: 1, containers: [{ name: "kserve-container", image: "reg.io/m:2" }] } },
    status: { conditions: [{ type: "Ready", status: "True" }], observedGeneration: 3 },
  });
  const before = [revision("old", 1, "reg.io/m:1"), ofRevision("p", "old")];
  const seen = pass(service(), [...base, edited, ...before]);
  assert.equal(seen.condition("InferenceServiceReady"), "False CreatingRuntime");
  assert.equal(
    seen.message("InferenceServiceReady"),
    "InferenceService is not ready: KServe has not rolled out its newest spec yet: image reg.io/m:2 of container " +
      "kserve-container is missing",
  );
  assert.equal(seen.status.status, "Starting");

  const rolling = [...before, revision("new", 2, "reg.io/m:2")];
  const refused = ofRevision("q", "new", waiting("ErrImagePull", "401 Unauthorized"));
  const stuck = pass(service(), [...base, edited, ...rolling, refused]);
  assert.equal(stuck.condition("InferenceServiceReady"), "True RuntimeReady");
  assert.equal(stuck.condition("InferenceServicePodsReady"), "False ImagePullAuthFailure");
  assert.equal(stuck.status.status, "Degraded");
  assert.equal(stuck.condition("Ready"), "False ImagePullAuthFailure");
  assert.match(stuck.message("Ready")!, /401 Unauthorized; the previous revision serves\. AIM-0902: /);

  const done = pass(service(), [...base, edited, ...rolling, ofRevision("q", "new")]);
  assert.equal(done.status.status, "Running");
});

Deno.test("pods are looked at only once there is an InferenceService", () => {
  assert.equal(pass(service(), base).condition("InferenceServicePodsReady"), undefined);
});

Deno.test("pods of another endpoint or namespace are none of ours", () => {
  const strangers = [
    pod({ metadata: { labels: { "serving.kserve.io/inferenceservice": "other" } } }),
    pod({ metadata: { name: "q", namespace: "other" } }),
  ];
  assert.equal(
    pass(service(), [...base, inferenceService(), ...strangers]).condition("InferenceServicePodsReady"),
    "False NoPods",
  );
});

Deno.test("Better §11.3: pods that are going, and leftovers beside enough ready ones, do not count", () => {
  const failed = terminated({ exitCode: 1 });
  const leftover = pod({ metadata: { name: "old" }, status: failed });
  const beside = pass(service(), [...ready, leftover]);
  assert.equal(beside.condition("InferenceServicePodsReady"), "True PodsReady");
  assert.equal(beside.message("InferenceServicePodsReady"), "Pods are ready");
  assert.equal(beside.status.status, "Running");

  const going = pod({ metadata: { name: "old", deletionTimestamp: "2025-12-31T00:00:00Z" }, status: failed });
  assert.equal(
    pass(service(), [...base, inferenceService(), going]).condition("InferenceServicePodsReady"),
    "False NoPods",
  );
});

Deno.test("Better §11.3: no pods with replicas 0 are as wanted, and the service Runs", () => {
  const none = inferenceService({ spec: { predictor: { minReplicas: 0 } } });
  const made = pass(service({ spec: { replicas: 0 } }), [...base, none]);
  assert.equal(made.condition("InferenceServicePodsReady"), "True ScaledToZero");
  assert.equal(made.status.status, "Running");
});

for (
  const [by, message, remedy] of [
    ["quota", 'pods "x" is forbidden: exceeded quota: small', ""],
    [
      "Pod Security",
      'pods "x" is forbidden: violates PodSecurity "restricted:latest"',
      "; label the namespace pod-security.kubernetes.io/enforce=baseline, or use a namespace that lets such pods in",
    ],
  ]
) {
  Deno.test(`spec/README: pods refused by ${by} are quoted, not NoPods for ever`, () => {
    const made = pass(service(), [...base, unready, refusing(message)]);
    assert.equal(made.condition("InferenceServicePodsReady"), "False FailedCreate");
    assert.equal(made.message("InferenceServicePodsReady"), `Pods are refused: ${message}${remedy}`);
    assert.equal(made.status.status, "Failed");
  });
}

Deno.test("what KServe refuses is told before the edits that wait for a lost template", () => {
  const edited = service({
    metadata: { generation: 5 },
    spec: { env: [{ name: "HF_TOKEN", value: "x" }] },
    status: {
      status: "Running",
      observedGeneration: 4,
      resolvedModel: { name: "m", namespace: "ns", scope: "Namespace", uid: "uid-AIMModel-ns-m" },
      resolvedTemplate: {
        name: "t1",
        namespace: "ns",
        scope: "Namespace",
        uid: "uid-AIMServiceTemplate-ns-t1",
      },
    },
  });
  const refusal = event(about, { reason: "InternalError", message: "quota says no" });
  const made = pass(edited, [model(), cache(), unready, refusal]);
  assert.equal(made.condition("InferenceServiceReady"), "False InternalError");
  assert.match(
    made.message("InferenceServiceReady")!,
    /^quota says no; InferenceService .* runs as before, .*env HF_TOKEN/,
  );
  assert.equal(made.status.status, "Failed");
  assert.equal(made.status.observedGeneration, 4);
});
