/**
 * The scheduler of the surroundings against kube-scheduler: random nodes and pods; after each pod both are asked about
 * the same cluster, whether it fits, and in which words not.
 */

import assert from "node:assert/strict";
import type { Node, Pod } from "kubernetes-types/core/v1";
import { type ControlPlane, startControlPlane } from "../control_plane/control_plane.ts";
import { until } from "../control_plane/until.ts";
import { type NodeUse, refusalOf, unschedulable, useOf } from "../../lib/surroundings/scheduling/fit.ts";
import { Random } from "../simulation/random.ts";

/** The same each time, so that a run says something of a change; `nightly` draws others. */
const seed = Number(Deno.env.get("SEED") ?? 1);
const fleets = 6;
const podsOfFleet = 30;

Deno.test("a pod fits where kube-scheduler finds that it does, and the message is the same where it does not", async () => {
  await using plane = await startControlPlane({ controllerManager: true, scheduler: true });
  const choose = new Random(seed);
  let refused = 0;
  for (let fleet = 0; fleet < fleets; fleet++) {
    const nodes = Array.from(
      { length: 1 + choose.below(5) },
      (_, index) => randomNode(choose, `fleet-${fleet}-${index}`),
    );
    for (const node of nodes) await plane.request("POST", "/api/v1/nodes", node);
    const there: Pod[] = [];
    for (let number = 0; number < podsOfFleet; number++) {
      const pod = randomPod(choose, `pod-${fleet}-${number}`);
      const ours = answerOf(pod, nodes, there);
      const theirs = await scheduled(plane, pod);
      assert.deepEqual(ours, theirs.message, `seed ${seed}: ${JSON.stringify({ pod, nodes, there })}`);
      if (theirs.node === undefined) {
        refused++;
        await plane.request("DELETE", podPath(pod.metadata!.name!), { gracePeriodSeconds: 0 });
      } else there.push({ ...pod, spec: { ...pod.spec!, nodeName: theirs.node } });
    }
    for (const { metadata } of there) {
      await plane.request("DELETE", podPath(metadata!.name!), { gracePeriodSeconds: 0 });
    }
    for (const { metadata } of nodes) await plane.request("DELETE", `/api/v1/nodes/${metadata!.name}`);
  }
  console.log(`  seed ${seed}: ${fleets * podsOfFleet} pods, ${refused} of them fit nowhere`);
  assert.ok(refused > 10, "hardly a pod was refused: the generator is too kind");
});

function randomNode(choose: Random, name: string): Node {
  const allocatable = {
    cpu: choose.pick(["3500m", "8", "64"]),
    memory: choose.pick(["10Gi", "64Gi", "80000M"]),
    pods: choose.pick(["8", "110"]),
    ...(choose.chance(0.7) ? { "amd.com/gpu": String(choose.below(9)) } : {}),
  };
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      labels: { gpu: choose.pick(["MI300X", "MI325X"]), generation: String(1 + choose.below(9)) },
    },
    spec: {
      ...(choose.chance(0.15) ? { unschedulable: true } : {}),
      taints: choose.chance(0.4)
        ? [{
          key: choose.pick(["gpu", "team"]),
          value: "a",
          effect: choose.pick(["NoSchedule", "NoExecute", "PreferNoSchedule"]),
        }]
        : [],
    },
    status: { allocatable, capacity: allocatable, conditions: [{ type: "Ready", status: "True" }] },
  } as unknown as Node;
}

function randomPod(choose: Random, name: string): Pod {
  const requests = {
    ...(choose.chance(0.8) ? { cpu: choose.pick(["100m", "0.5", "1", "3"]) } : {}),
    ...(choose.chance(0.6) ? { memory: choose.pick(["128Mi", "1Gi", "3G", "9Gi"]) } : {}),
  };
  const limits = choose.chance(0.6) ? { "amd.com/gpu": String(1 + choose.below(5)) } : {};
  const expression = choose.pick([
    { key: "gpu", operator: "In", values: ["MI325X"] },
    { key: "gpu", operator: "NotIn", values: ["MI325X"] },
    { key: "generation", operator: "Gt", values: ["4"] },
    { key: "generation", operator: "Lt", values: ["3"] },
    { key: "zone", operator: "DoesNotExist" },
    { key: "zone", operator: "Exists" },
  ]);
  const term = choose.chance(0.8)
    ? [{ matchExpressions: [expression] }]
    : [{ matchExpressions: [expression] }, { matchFields: [] }];
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default" },
    spec: {
      tolerations: choose.chance(0.4)
        ? [choose.pick([
          { key: "gpu", operator: "Exists" },
          { key: "team", operator: "Equal", value: "a", effect: "NoSchedule" },
          { operator: "Exists" },
        ])]
        : [],
      ...(choose.chance(0.2) ? { nodeSelector: { gpu: "MI300X" } } : {}),
      ...(choose.chance(0.4)
        ? {
          affinity: {
            nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: term } },
          },
        }
        : {}),
      ...(choose.chance(0.3)
        ? {
          initContainers: [{
            name: "before",
            image: "example.com/x",
            resources: { requests: { cpu: choose.pick(["1", "4"]) } },
            ...(choose.chance(0.5) ? { restartPolicy: "Always" } : {}),
          }],
        }
        : {}),
      containers: [{ name: "main", image: "example.com/x", resources: { requests, limits } }],
    },
  } as unknown as Pod;
}

/** What our scheduler says: undefined when the pod fits. */
function answerOf(pod: Pod, nodes: readonly Node[], there: readonly Pod[]): string | undefined {
  const uses: NodeUse[] = nodes.map((node) =>
    useOf(node, there.filter(({ spec }) => spec?.nodeName === node.metadata?.name))
  );
  const refusals = uses.map((use) => refusalOf(pod, use));
  return refusals.includes(undefined) ? undefined : unschedulable(refusals.map((refusal) => refusal!));
}

async function scheduled(plane: ControlPlane, pod: Pod): Promise<{ node?: string; message?: string }> {
  await plane.request("POST", podPath(""), pod);
  let answer: { node?: string; message?: string } = {};
  await until(`an answer for ${pod.metadata!.name}`, async () => {
    const { spec, status }: Pod = await plane.request("GET", podPath(pod.metadata!.name!));
    const condition = status?.conditions?.find(({ type }) => type === "PodScheduled");
    answer = { node: spec?.nodeName, message: condition?.status === "False" ? condition.message : undefined };
    return spec?.nodeName !== undefined || answer.message !== undefined;
  });
  return answer;
}

const podPath = (name: string) => `/api/v1/namespaces/default/pods${name && `/${name}`}`;
