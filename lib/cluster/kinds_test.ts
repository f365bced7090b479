import assert from "node:assert/strict";
import type { AnyKind } from "../kube/cache/cached_kind.ts";
import { selects } from "../kube/cache/selector.ts";
import { eventRows } from "../operator/inspect/causes.ts";
import {
  deployments,
  events,
  horizontalPodAutoscalers,
  httpRoutes,
  inferenceServices,
  jobs,
  nodes,
  persistentVolumeClaims,
  pods,
  replicaSets,
  roleBindings,
  serviceAccounts,
  watchedKinds,
} from "./kinds.ts";

/** Events whose texts a status quotes (conventions.md §6.7, services.md §11.3), and others, as Kubernetes types them. */
const told: readonly (readonly [type: string, kind: string, reason: string, watched: boolean])[] = [
  ["Warning", "Pod", "FailedScheduling", true],
  ["Warning", "Pod", "FailedMount", true],
  ["Warning", "Pod", "FailedAttachVolume", true],
  ["Warning", "Pod", "FailedCreatePodSandBox", true],
  ["Normal", "Pod", "Pulling", true],
  ["Warning", "InferenceService", "InternalError", true],
  ["Warning", "InferenceService", "ServerlessModeRejected", true],
  ["Warning", "Job", "FailedCreate", true],
  ["Warning", "PersistentVolumeClaim", "ProvisioningFailed", true],
  ["Normal", "PersistentVolumeClaim", "FailedBinding", true],
  ["Normal", "PersistentVolumeClaim", "WaitForFirstConsumer", true],
  ["Normal", "PersistentVolumeClaim", "ExternalProvisioning", true],
  ["Warning", "Pod", "BackOff", false],
  ["Normal", "Pod", "Scheduled", false],
  ["Normal", "Pod", "Started", false],
  ["Normal", "Job", "SuccessfulCreate", false],
  ["Warning", "Node", "Rebooted", false],
  ["Warning", "Deployment", "ReplicaSetCreateError", false],
  ["Normal", "GitRepository", "Pulling", false],
];

Deno.test("every event that a status quotes is kept, and no other", () => {
  const quoted = eventRows.map(({ normal, kind, reason }) =>
    [normal ? "Normal" : "Warning", kind, reason, true] as const
  );
  for (const [type, kind, reason, watched] of [...told, ...quoted]) {
    const event = { metadata: { name: "e" }, involvedObject: { kind }, type, reason, message: "m" };
    assert.equal(events.selectedBy(event as never) !== 0, watched, `${kind} ${reason}`);
  }
});

Deno.test("there is one watch of events, and the API server sends it none of the frequent ones", () => {
  assert.equal(events.selectors.length, 1);
  for (const [kind, reason] of [["Pod", "Scheduled"], ["ReplicaSet", "x"], ["AIMService", "Resolved"]]) {
    const event = { metadata: { name: "e" }, involvedObject: { kind }, reason };
    assert.equal(selects(events.selectors[0], event as never), false, `${kind} ${reason}`);
  }
});

const labelled = (labels: Record<string, string>) => ({ metadata: { name: "x", namespace: "n", labels } });
const named = (name: string) => ({ metadata: { name, namespace: "n" } });
const sizing = { "aim.eai.amd.com/cache.name": "a" };
const discovery = { "app.kubernetes.io/component": "discovery" };
const predictor = { "serving.kserve.io/inferenceservice": "s" };

/** By what each kind is found (services.md §10, caching §5, conventions.md §11), and whom nobody asks about. */
const found: readonly (readonly [what: string, kind: AnyKind, object: object, watched: boolean])[] = [
  ["a pod of an endpoint", pods, labelled(predictor), true],
  ["a pod of a download", pods, labelled(sizing), true],
  [
    "a pod of a discovery",
    pods,
    labelled({ "aim.eai.amd.com/template": "t", "job-name": "discover-t-01234567" }),
    true,
  ],
  ["a pod of nobody here", pods, labelled({ app: "web" }), false],
  ["a download Job", jobs, labelled(sizing), true],
  ["a discovery Job", jobs, labelled(discovery), true],
  ["a Job of nobody here", jobs, labelled({ "app.kubernetes.io/component": "download" }), false],
  ["the Deployment of an endpoint", deployments, labelled(predictor), true],
  ["another Deployment", deployments, labelled({}), false],
  ["a revision of that Deployment", replicaSets, labelled(predictor), true],
  ["another ReplicaSet", replicaSets, labelled({}), false],
  ["a claim of an artifact", persistentVolumeClaims, labelled(sizing), true],
  ["another claim", persistentVolumeClaims, labelled({}), false],
  [
    "the autoscaler of a service",
    horizontalPodAutoscalers,
    labelled({ "aim.eai.amd.com/service": "s" }),
    true,
  ],
  ["another autoscaler", horizontalPodAutoscalers, labelled({}), false],
  ["an endpoint of ours", inferenceServices, labelled({ "aim.eai.amd.com/service.name": "s" }), true],
  ["an endpoint made by hand", inferenceServices, labelled({}), false],
  ["a route of ours", httpRoutes, labelled({ "aim.eai.amd.com/service.name": "s" }), true],
  ["a route made by hand", httpRoutes, labelled({}), false],
  ["the binding of the downloads", roleBindings, named("aim-engine-artifact-status-updater"), true],
  ["another binding", roleBindings, named("edit"), false],
  ["the account of the downloads", serviceAccounts, named("aim-engine-artifact-downloader"), true],
  ["another account", serviceAccounts, named("default"), false],
];

Deno.test("every kind is watched by the labels and names that its objects carry, and nothing else of it", () => {
  for (const [what, kind, object, watched] of found) {
    assert.equal(kind.selectedBy(object as never) !== 0, watched, what);
  }
});

/** What is kept of an object, metadata aside. */
function kept(kind: AnyKind, object: object): Record<string, unknown> {
  const { apiVersion: _, kind: __, metadata: ___, ...rest } = kind.project(
    { metadata: { name: "x", uid: "u", resourceVersion: "1" }, ...object } as never,
  ) as unknown as Record<string, unknown>;
  // Fields that are undefined are not there.
  return JSON.parse(JSON.stringify(rest));
}

Deno.test("a node's heartbeat is not kept, its labels are", () => {
  const node = (time: string) => ({
    metadata: { name: "x", uid: "u", resourceVersion: time, labels: { "amd.com/gpu.device-id": "74a1" } },
    status: {
      capacity: { cpu: "8", memory: "1Gi" },
      conditions: [{ type: "Ready", status: "True", lastHeartbeatTime: time }],
      images: [{ names: [time] }],
    },
  });
  const [before, after] = ["1", "2"].map((time) => nodes.project(node(time) as never));
  assert.deepEqual(kept(nodes, node("1")), {});
  assert.deepEqual(after.metadata.labels, { "amd.com/gpu.device-id": "74a1" });
  assert.ok(nodes.sameProjection(before, after));
});

Deno.test("of a pod: what conventions.md §6.7 reads of it", () => {
  const state = { waiting: { reason: "ImagePullBackOff", message: "denied" } };
  const container = { name: "c", ready: false, restartCount: 2, state, lastState: {} };
  const [ready, scheduled] = ["Ready", "PodScheduled"].map((type) => ({
    type,
    status: "False",
    reason: "R",
    message: "m",
    lastTransitionTime: "2026-01-01T00:00:00Z",
  }));
  const status = {
    phase: "Pending",
    reason: "Evicted",
    message: "gone",
    conditions: [
      { ...ready, lastProbeTime: "t" },
      { ...scheduled, lastProbeTime: "t" },
      { type: "Initialized", status: "True" },
    ],
    containerStatuses: [{ ...container, imageID: "sha" }],
    initContainerStatuses: [{ ...container, imageID: "sha" }],
    podIP: "10.0.0.1",
  };
  assert.deepEqual(kept(pods, { spec: { nodeName: "a", restartPolicy: "Never" }, status }), {
    spec: { nodeName: "a" },
    status: {
      phase: "Pending",
      reason: "Evicted",
      message: "gone",
      conditions: [ready, scheduled],
      containerStatuses: [container],
      initContainerStatuses: [container],
    },
  });
});

Deno.test("the time of an event: its last one, of a series the last seen, of a new one its own", () => {
  const times: [Record<string, unknown>, string][] = [
    [{ lastTimestamp: "3", series: { lastObservedTime: "2" }, eventTime: "1" }, "3"],
    [{ lastTimestamp: null, series: { lastObservedTime: "2" }, eventTime: "1" }, "2"],
    [{ lastTimestamp: null, eventTime: "1" }, "1"],
  ];
  const about = { involvedObject: { kind: "Pod" }, reason: "FailedMount" };
  for (const [fields, time] of times) assert.equal(kept(events, { ...about, ...fields }).lastTimestamp, time);
});

Deno.test("a route's conditions say for which generation they stand", () => {
  const condition = {
    type: "Accepted",
    status: "True",
    reason: "Accepted",
    message: "",
    observedGeneration: 3,
  };
  const parents = [{
    parentRef: { name: "g" },
    controllerName: "c",
    conditions: [{ ...condition, lastTransitionTime: "t" }],
  }];
  assert.deepEqual(kept(httpRoutes, { spec: { rules: [] }, status: { parents } }), {
    spec: { rules: [] },
    status: { parents: [{ parentRef: { name: "g" }, controllerName: "c", conditions: [condition] }] },
  });
});

Deno.test("an endpoint's conditions and generation are kept", () => {
  const condition = {
    type: "Ready",
    status: "True",
    reason: "R",
    message: "m",
    lastTransitionTime: "2026-01-01T00:00:00Z",
  };
  const status = { observedGeneration: 4, url: "http://s", conditions: [condition], components: {} };
  assert.deepEqual(kept(inferenceServices, { spec: { predictor: {} }, status }), {
    spec: { predictor: {} },
    status: { observedGeneration: 4, url: "http://s", conditions: [condition] },
  });
});

/** Group, version, plural, scope, as the API servers of Kubernetes, KServe and the Gateway API serve them. */
const served = [
  "aim.eai.amd.com/v1alpha1 aimservices",
  "aim.eai.amd.com/v1alpha1 aimmodels",
  "aim.eai.amd.com/v1alpha1 aimclustermodels of the cluster",
  "aim.eai.amd.com/v1alpha1 aimservicetemplates",
  "aim.eai.amd.com/v1alpha1 aimclusterservicetemplates of the cluster",
  "aim.eai.amd.com/v1alpha1 aimtemplatecaches",
  "aim.eai.amd.com/v1alpha1 aimartifacts",
  "aim.eai.amd.com/v1alpha1 aimruntimeconfigs",
  "aim.eai.amd.com/v1alpha1 aimclusterruntimeconfigs of the cluster",
  "aim.eai.amd.com/v1alpha1 aimclustermodelsources of the cluster",
  "/v1 nodes of the cluster",
  "/v1 pods",
  "batch/v1 jobs",
  "apps/v1 deployments",
  "apps/v1 replicasets",
  "/v1 persistentvolumeclaims",
  "storage.k8s.io/v1 storageclasses of the cluster",
  "autoscaling/v2 horizontalpodautoscalers",
  "/v1 events",
  "rbac.authorization.k8s.io/v1 rolebindings",
  "/v1 serviceaccounts",
  "serving.kserve.io/v1beta1 inferenceservices, optional",
  "gateway.networking.k8s.io/v1 httproutes, optional",
];

Deno.test("every kind is asked for where its API server has it, and only KServe and the Gateway API may be missing", () => {
  const asked = watchedKinds.map(({ resource: { group, version, plural, namespaced }, optional }) =>
    `${group}/${version} ${plural}${namespaced ? "" : " of the cluster"}${optional ? ", optional" : ""}`
  );
  assert.deepEqual(asked.toSorted(), served.toSorted());
});
