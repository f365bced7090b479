/** Claims: bound, waiting and why, grown, kept while they are mounted. */

import assert from "node:assert/strict";
import { type AnyObject, PlayedCluster } from "../played_cluster_fixture.ts";

const claims = "/api/v1/namespaces/default/persistentvolumeclaims";
const classes = "/apis/storage.k8s.io/v1/storageclasses";
const pods = "/api/v1/namespaces/default/pods";

function claim(name: string, spec: AnyObject = {}): AnyObject {
  const resources = { requests: { storage: "1Gi" } };
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name },
    spec: { accessModes: ["ReadWriteMany"], resources, ...spec },
  };
}

function storageClass(name: string, more: AnyObject = {}): AnyObject {
  return {
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: { name },
    provisioner: "x.example.com",
    ...more,
  };
}

function podWith(name: string, claimName: string): AnyObject {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name },
    spec: {
      containers: [{ name: "main", image: "one" }],
      volumes: [{ name: "data", persistentVolumeClaim: { claimName } }],
    },
  };
}

Deno.test("a claim gets a volume of the default class, and the volume goes with it", () => {
  const cluster = new PlayedCluster();
  cluster.post(claims, claim("data"));
  cluster.pass();
  const { spec, status } = cluster.get(`${claims}/data`);
  assert.deepEqual([spec.storageClassName, status.phase, status.capacity.storage], [
    "embedded-volume",
    "Bound",
    "1Gi",
  ]);
  assert.equal(cluster.get(`/api/v1/persistentvolumes/${spec.volumeName}`).status.phase, "Bound");
  cluster.delete(`${claims}/data`);
  cluster.pass();
  assert.deepEqual([cluster.list(claims), cluster.list("/api/v1/persistentvolumes")], [[], []]);
  assert.deepEqual(cluster.faults, []);
});

Deno.test("a claim of a class that is not there waits, says so, and is bound when the class comes", () => {
  const cluster = new PlayedCluster();
  cluster.post(claims, claim("data", { storageClassName: "fast" }));
  cluster.pass();
  assert.equal(cluster.get(`${claims}/data`).status.phase, "Pending");
  assert.deepEqual(cluster.events("data"), [
    'ProvisioningFailed: storageclass.storage.k8s.io "fast" not found',
  ]);
  cluster.post(classes, storageClass("fast"));
  cluster.pass();
  assert.equal(cluster.get(`${claims}/data`).status.phase, "Bound");
});

Deno.test("a claim that waits for its first consumer is bound once a pod that mounts it has a node", () => {
  const cluster = new PlayedCluster();
  cluster.node("node-a");
  cluster.post(classes, storageClass("late", { volumeBindingMode: "WaitForFirstConsumer" }));
  cluster.post(claims, claim("data", { storageClassName: "late" }));
  cluster.pass();
  assert.equal(cluster.get(`${claims}/data`).status.phase, "Pending");
  cluster.post(pods, podWith("reader", "data"));
  cluster.pass();
  assert.equal(cluster.get(`${claims}/data`).status.phase, "Bound");
  assert.equal(cluster.get(`${pods}/reader`).status.phase, "Running");
});

Deno.test("a pod whose claim is not there or not bound says which, and starts when it is", () => {
  const cluster = new PlayedCluster();
  cluster.node("node-a");
  cluster.post(pods, podWith("reader", "data"));
  cluster.pass();
  const message = () => cluster.get(`${pods}/reader`).status.conditions[0].message;
  assert.equal(message(), '0/1 nodes are available: persistentvolumeclaim "data" not found. not found');
  cluster.post(claims, claim("data", { storageClassName: "fast" }));
  cluster.pass();
  assert.equal(
    message(),
    "0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found",
  );
  cluster.post(classes, storageClass("fast"));
  cluster.pass();
  assert.equal(cluster.get(`${pods}/reader`).status.phase, "Running");
});

Deno.test("a claim grows where its class allows it, and not where it does not", () => {
  for (const [allowVolumeExpansion, expected] of [[true, "2Gi"], [false, "1Gi"]]) {
    const cluster = new PlayedCluster();
    cluster.post(classes, storageClass("some", { allowVolumeExpansion }));
    cluster.post(claims, claim("data", { storageClassName: "some" }));
    cluster.pass();
    cluster.patch(`${claims}/data`, { spec: { resources: { requests: { storage: "2Gi" } } } });
    cluster.pass();
    assert.equal(cluster.get(`${claims}/data`).status.capacity.storage, expected);
  }
});

Deno.test("a claim that a pod mounts stays until the pod is gone; one whose volume goes is lost", () => {
  const cluster = new PlayedCluster();
  cluster.node("node-a");
  for (const name of ["data", "other"]) cluster.post(claims, claim(name));
  cluster.post(pods, podWith("reader", "data"));
  cluster.pass();
  cluster.delete(`${claims}/data`);
  cluster.pass();
  assert.notEqual(cluster.get(`${claims}/data`).metadata.deletionTimestamp, undefined);
  cluster.delete(`${pods}/reader`);
  cluster.pass(60);
  assert.deepEqual(cluster.list(claims).map(({ metadata }) => metadata.name), ["other"]);
  const volume = `/api/v1/persistentvolumes/${cluster.get(`${claims}/other`).spec.volumeName}`;
  cluster.delete(volume);
  cluster.patch(volume, { metadata: { finalizers: null } }); // a claim's volume goes only by force
  cluster.pass();
  assert.equal(cluster.get(`${claims}/other`).status.phase, "Lost");
});

Deno.test("a claim whose volume is not known yet waits for it: the watch of claims may be ahead", () => {
  const cluster = new PlayedCluster();
  cluster.post(claims, claim("early", { volumeName: "on-its-way" }));
  cluster.pass();
  assert.equal(cluster.get(`${claims}/early`).status.phase, "Pending");
  cluster.post("/api/v1/persistentvolumes", {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: { name: "on-its-way" },
    spec: { capacity: { storage: "1Gi" }, accessModes: ["ReadWriteOnce"], hostPath: { path: "/v" } },
  });
  cluster.pass();
  assert.equal(cluster.get(`${claims}/early`).status.phase, "Bound");
});

Deno.test("a pod and its claim wait for a class that binds with the first consumer, and go on when it comes", () => {
  const cluster = new PlayedCluster();
  cluster.node("node-a");
  cluster.post(claims, claim("data", { storageClassName: "late" }));
  cluster.post(pods, podWith("reader", "data"));
  cluster.pass();
  cluster.post(classes, storageClass("late", { volumeBindingMode: "WaitForFirstConsumer" }));
  cluster.pass();
  assert.equal(cluster.get(`${pods}/reader`).status.phase, "Running");
});
