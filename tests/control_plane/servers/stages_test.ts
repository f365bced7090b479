import assert from "node:assert/strict";
import { type ControlPlane, startControlPlane } from "../control_plane.ts";
import { addNodes, gpuNode } from "../nodes.ts";
import { httpRouteAccepted, inferenceServiceReady, parallel } from "./stages.ts";
import { until } from "../until.ts";

Deno.test("a Stage for several workers is split so that every object belongs to exactly one", () => {
  const stages = parallel(inferenceServiceReady(), 4);
  assert.deepEqual(stages.map(({ metadata }) => metadata.name), [
    "inference-service-ready-0",
    "inference-service-ready-1",
    "inference-service-ready-2",
    "inference-service-ready-3",
  ]);
  // kwok has a worker for each spelling.
  const kinds = stages.map(({ spec }) => spec.resourceRef.kind);
  assert.equal(new Set(kinds).size, 4);
  assert.deepEqual(kinds.map((kind) => kind.toLowerCase()), Array(4).fill("inferenceservice"));
});

Deno.test("Stages answer for KServe and a gateway, and again after each change", async () => {
  await using plane = await startControlPlane({
    controllerManager: true,
    gatewayApi: true,
    kserve: {},
    kwok: { stages: [...parallel(inferenceServiceReady({ podsOnNode: "n1" }), 4), httpRouteAccepted()] },
  });
  await addNodes(plane, [gpuNode("n1", { model: "MI300X" })]);
  const names = Array.from({ length: 12 }, (_, index) => `s${index}`);
  await plane.apply([...names.map(inferenceService), route("a", ["public", "private"])]);
  for (const name of names) await answered(plane, inferenceServices, name, 1);

  const pods = await until("three running pods each", async () => {
    const items: Pod[] = (await plane.request("GET", "/api/v1/namespaces/default/pods")).items;
    return items.length === 36 && items.every((pod) => pod.status.phase === "Running") && items;
  });
  assert.deepEqual(
    pods.map(({ metadata }) => metadata.labels["serving.kserve.io/inferenceservice"]).sort(),
    names.flatMap((name) => [name, name, name]).sort(),
  );

  await plane.request(
    "PATCH",
    `${inferenceServices}/s0`,
    { spec: { predictor: { minReplicas: 2 } } },
    mergePatchType,
  );
  const { status } = await answered(plane, inferenceServices, "s0", 2);
  assert.deepEqual(
    status.conditions.map(({ type, status }: { type: string; status: string }) => [type, status]),
    [["IngressReady", "True"], ["PredictorReady", "True"], ["Ready", "True"]],
  );

  assert.deepEqual(parentsOf(await accepted(plane, 1)), ["public", "private"]);
  await plane.request("PATCH", `${routes}/a`, { spec: { parentRefs: [{ name: "other" }] } }, mergePatchType);
  assert.deepEqual(parentsOf(await accepted(plane, 2)), ["other"]);
});

const mergePatchType = "application/merge-patch+json";
const inferenceServices = "/apis/serving.kserve.io/v1beta1/namespaces/default/inferenceservices";
const routes = "/apis/gateway.networking.k8s.io/v1/namespaces/default/httproutes";

interface Pod {
  metadata: { labels: Record<string, string> };
  status: { phase: string };
}

interface Parent {
  parentRef: { name: string };
  conditions: { type: string; status: string; observedGeneration: number }[];
}

function answered(plane: ControlPlane, path: string, name: string, generation: number) {
  return until(`${name} answered in generation ${generation}`, async () => {
    const object = await plane.request("GET", `${path}/${name}`);
    return object.status?.observedGeneration === generation && object;
  });
}

function accepted(plane: ControlPlane, generation: number): Promise<Parent[]> {
  return until(`the route accepted in generation ${generation}`, async () => {
    const parents: Parent[] = (await plane.request("GET", `${routes}/a`)).status?.parents ?? [];
    return parents.length > 0 && parents.every(({ conditions }) =>
      conditions.every((condition) =>
        condition.observedGeneration === generation && condition.status === "True"
      )
    ) && parents;
  });
}

function parentsOf(parents: Parent[]): string[] {
  return parents.map(({ parentRef }) => parentRef.name);
}

function inferenceService(name: string): object {
  return {
    apiVersion: "serving.kserve.io/v1beta1",
    kind: "InferenceService",
    metadata: { name, namespace: "default" },
    spec: { predictor: { containers: [{ name: "kserve-container", image: "example.com/chat:1" }] } },
  };
}

function route(name: string, gateways: string[]): object {
  return {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "HTTPRoute",
    metadata: { name, namespace: "default" },
    spec: {
      parentRefs: gateways.map((gateway) => ({ name: gateway })),
      rules: [{ backendRefs: [{ name: "chat", port: 80 }] }],
    },
  };
}
