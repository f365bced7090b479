/** KServe and KEDA, on a cluster in memory with the definitions of their kinds. */

import assert from "node:assert/strict";
import { neighbourDefinitions } from "../crds/definitions.ts";
import type { Behaviour } from "../kubelet/behaviour.ts";
import { type AnyObject, PlayedCluster } from "../played_cluster_fixture.ts";

const here = "namespaces/default";
const services = `/apis/serving.kserve.io/v1beta1/${here}/inferenceservices`;
const definitions = await neighbourDefinitions();

function clusterWithKServe(behaviour?: Behaviour): PlayedCluster {
  const cluster = new PlayedCluster({ behaviourOf: () => behaviour });
  cluster.node("node-a");
  for (const definition of definitions) {
    cluster.post("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition as AnyObject);
  }
  cluster.pass();
  return cluster;
}

function inferenceService(annotations: AnyObject = {}): AnyObject {
  return {
    apiVersion: "serving.kserve.io/v1beta1",
    kind: "InferenceService",
    metadata: { name: "chat", annotations: { "serving.kserve.io/autoscalerClass": "none", ...annotations } },
    spec: {
      predictor: {
        minReplicas: 2,
        maxReplicas: 5,
        containers: [{
          name: "kserve-container",
          image: "one",
          ports: [{ containerPort: 8000, name: "http", protocol: "TCP" }],
        }],
      },
    },
  };
}

function wordsOf({ status }: AnyObject): string[] {
  return status.conditions.map(({ type, status, reason = "" }: AnyObject) =>
    `${type}=${status} ${reason}`.trim()
  );
}

// What KServe 0.20 with a real controller manager wrote for the same object.
Deno.test("an InferenceService gets a Deployment and a Service, and becomes Ready with its pods", () => {
  const cluster = clusterWithKServe();
  cluster.post(services, inferenceService());
  cluster.pass();
  const chat = cluster.get(`${services}/chat`);
  assert.deepEqual(wordsOf(chat), [
    "IngressReady=True",
    "PredictorReady=True NewReplicaSetAvailable",
    "Ready=True",
    "Stopped=False",
  ]);
  assert.equal(chat.status.url, "http://chat-default.example.com");
  assert.equal(chat.status.address.url, "http://chat-predictor.default.svc.cluster.local");
  assert.deepEqual(chat.status.modelStatus, {
    copies: { failedCopies: 0, totalCopies: 2 },
    states: { activeModelState: "Loaded", targetModelState: "Loaded" },
    transitionStatus: "UpToDate",
  });
  assert.deepEqual(chat.metadata.finalizers, ["inferenceservice.finalizers"]);
  const { spec, metadata } = cluster.get(`/apis/apps/v1/${here}/deployments/chat-predictor`);
  assert.equal(spec.replicas, 2);
  assert.equal(metadata.labels["serving.kserve.io/inferenceservice"], "chat");
  assert.deepEqual(spec.template.spec.containers[0].env, [{ name: "INFERENCE_SERVICE_NAME", value: "chat" }]);
  assert.equal(spec.template.spec.containers[0].readinessProbe.tcpSocket.port, 8000);
  const [port] = cluster.get(`/api/v1/${here}/services/chat-predictor`).spec.ports;
  assert.deepEqual([port.port, port.targetPort], [80, 8000]);
  const [slice] = cluster.list(`/apis/discovery.k8s.io/v1/${here}/endpointslices`);
  assert.deepEqual(slice.endpoints.map(({ conditions }: AnyObject) => conditions.ready), [true, true]);
  assert.deepEqual(slice.ports, [{ name: "http", port: 8000, protocol: "TCP" }]);
  assert.deepEqual(cluster.faults, []);
});

Deno.test("pods that cannot be pulled keep it from being Ready; nothing is written while nothing changes", () => {
  const cluster = clusterWithKServe({ does: "fail to pull", message: "no such image" });
  cluster.post(services, inferenceService());
  cluster.pass(30);
  assert.deepEqual(wordsOf(cluster.get(`${services}/chat`)).slice(1, 3), [
    "PredictorReady=False MinimumReplicasUnavailable",
    "Ready=False MinimumReplicasUnavailable",
  ]);
  const { resourceVersion } = cluster.get(`${services}/chat`).metadata;
  cluster.pass(300); // in which the image is pulled again, four times
  assert.equal(cluster.get(`${services}/chat`).metadata.resourceVersion, resourceVersion);
});

Deno.test("one that is stopped loses its Deployment, and gets it back", () => {
  const cluster = clusterWithKServe();
  cluster.post(services, inferenceService());
  cluster.pass();
  cluster.patch(`${services}/chat`, { metadata: { annotations: { "serving.kserve.io/stop": "true" } } });
  cluster.pass(60);
  assert.deepEqual(cluster.list(`/apis/apps/v1/${here}/deployments`), []);
  assert.deepEqual(cluster.list(`/api/v1/${here}/pods`), []);
  assert.ok(wordsOf(cluster.get(`${services}/chat`)).includes("Ready=False Stopped"));
  cluster.patch(`${services}/chat`, { metadata: { annotations: { "serving.kserve.io/stop": null } } });
  cluster.pass();
  assert.ok(wordsOf(cluster.get(`${services}/chat`)).includes("Ready=True"));
});

Deno.test("KEDA makes an autoscaler, which sets the replicas; it goes when it is not wanted any more", () => {
  const cluster = clusterWithKServe();
  cluster.post(services, inferenceService({ "serving.kserve.io/autoscalerClass": "keda" }));
  cluster.pass();
  const autoscaler = `/apis/autoscaling/v2/${here}/horizontalpodautoscalers/keda-hpa-chat-predictor`;
  const { spec, status } = cluster.get(autoscaler);
  assert.deepEqual([spec.minReplicas, spec.maxReplicas, status.desiredReplicas], [2, 5, 2]);
  assert.equal(cluster.get(`/apis/apps/v1/${here}/deployments/chat-predictor`).spec.replicas, 2);
  cluster.patch(`${services}/chat`, {
    metadata: { annotations: { "serving.kserve.io/autoscalerClass": "none" } },
  });
  cluster.pass();
  assert.throws(() => cluster.get(autoscaler), /not found/);
});

Deno.test("what it made goes with it", () => {
  const cluster = clusterWithKServe();
  cluster.post(services, inferenceService());
  cluster.pass();
  cluster.delete(`${services}/chat`);
  cluster.pass(60);
  const left = [
    cluster.list(services),
    cluster.list(`/apis/apps/v1/${here}/deployments`),
    cluster.list(`/apis/apps/v1/${here}/replicasets`),
    cluster.list(`/api/v1/${here}/pods`),
    cluster.list(`/api/v1/${here}/services`),
    cluster.list(`/apis/discovery.k8s.io/v1/${here}/endpointslices`),
  ];
  assert.deepEqual(left, [[], [], [], [], [], []]);
});

Deno.test("what others annotate the pods of an InferenceService with goes again", () => {
  const cluster = clusterWithKServe();
  cluster.post(services, inferenceService());
  cluster.pass();
  const path = `/apis/apps/v1/${here}/deployments/chat-predictor`;
  const annotationsOf = () => cluster.get(path).spec.template.metadata.annotations;
  const before = annotationsOf();
  cluster.patch(path, {
    spec: { template: { metadata: { annotations: { "kubectl.kubernetes.io/restartedAt": "now" } } } },
  });
  cluster.pass();
  assert.deepEqual(annotationsOf(), before);
});
