import assert from "node:assert/strict";
import type { KubeObject } from "../../kube/object.ts";
import { cacheHolding } from "../../operator/runner/view_fixture.ts";
import { gpuNodes, gpuPods, gpusIn } from "./gpus.ts";

const node = (name: string, id: string, count: string, spec: object = {}) => ({
  apiVersion: "v1",
  kind: "Node",
  metadata: { name, labels: { "amd.com/gpu.device-id": id } },
  spec,
  status: { allocatable: { cpu: "8", ...(count !== "" && { "amd.com/gpu": count }) } },
});
const asking = (count: string) => ({ resources: { requests: { cpu: "1", "amd.com/gpu": count } } });
const pod = (name: string, nodeName: string | undefined, spec: object, phase = "Running") => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace: "any" },
  spec: { nodeName, ...spec },
  status: { phase },
});
const gpus = (objects: readonly object[], outOfReach: readonly string[] = []) =>
  gpusIn(cacheHolding(objects as KubeObject[], { kinds: [gpuNodes, gpuPods], outOfReach }));

Deno.test("GPUs are counted by model; what pods have taken is not free, nor what a cordoned node has left", () => {
  const found = gpus([
    node("a", "74a1", "8"),
    node("b", "74a1", "8", { unschedulable: true }),
    node("c", "74a5", "4"),
    node("d", "74a5", ""),
    pod("two-containers", "a", { containers: [asking("1"), asking("2")] }),
    pod("sidecar", "a", {
      initContainers: [{ ...asking("1"), restartPolicy: "Always" }],
      containers: [asking("1")],
    }),
    pod("greedy-init", "b", { initContainers: [asking("4")], containers: [asking("1")] }),
    pod("none", "c", { containers: [{ resources: { requests: { cpu: "1" } } }] }),
    pod("over", "c", { containers: [asking("4")] }, "Succeeded"),
    pod("waiting", undefined, { containers: [asking("1")] }, "Pending"),
  ]);
  assert.deepEqual(found, {
    models: [
      { model: "MI300X", nodes: 2, total: 16, used: 9, free: 3 },
      { model: "MI325X", nodes: 1, total: 4, used: 0, free: 4 },
    ],
    waiting: 1,
  });
});

Deno.test("who may not list pods is told the total only, and who may not list nodes nothing", () => {
  const objects = [node("a", "74a1", "8"), pod("p", "a", { containers: [asking("1")] })];
  assert.deepEqual(gpus(objects, ["pods"]), { models: [{ model: "MI300X", nodes: 1, total: 8 }] });
  assert.deepEqual(gpus(objects, ["nodes", "pods"]), { models: [] });
});

Deno.test("a node that does not say its model, and one that has two, are told as that", () => {
  const unlabelled = node("a", "74a1", "2");
  const mixed = node("b", "74a1", "4");
  assert.deepEqual(
    gpus([
      { ...unlabelled, metadata: { name: "a" } },
      {
        ...mixed,
        metadata: {
          name: "b",
          labels: { "amd.com/gpu.device-id.74a1": "2", "amd.com/gpu.device-id.74a5": "2" },
        },
      },
    ]).models.map(({ model, total }) => [model, total]),
    [["MI300X and MI325X", 4], ["unknown", 2]],
  );
});
