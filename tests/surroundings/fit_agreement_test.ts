/**
 * What `kubectl aim fit` says against kube-scheduler and the API server: random fleets of nodes, partly used, with taints,
 * affinities and quotas; of each as many copies of a pod are made as are said to fit, and one more.
 */

import assert from "node:assert/strict";
import type { Node, Pod, ResourceQuota } from "kubernetes-types/core/v1";
import { roomFor } from "../../lib/cli/capacity/room.ts";
import { type ControlPlane, startControlPlane } from "../control_plane/control_plane.ts";
import { until } from "../control_plane/until.ts";
import { Random } from "../simulation/random.ts";

/** The same each time, so that a run says something of a change; `nightly` draws others. */
const seed = Number(Deno.env.get("SEED") ?? 1);
const fleets = Number(Deno.env.get("AIM_FIT_FLEETS") ?? 20);
/** Issue 16: of at least 500 fleets. */
const leastShare = 0.99;

/** A fleet, what its namespace may have, and the pod whose copies are counted. */
interface Given {
  readonly namespace: string;
  readonly nodes: readonly Node[];
  readonly pods: readonly Pod[];
  readonly quota?: ResourceQuota;
  readonly copy: Pod;
}

Deno.test(`as many copies fit as are said to: ${fleets} random fleets`, async () => {
  await using plane = await startControlPlane({ controllerManager: true, scheduler: true });
  const choose = new Random(seed);
  const differences: string[] = [];
  const kinds = { none: 0, byQuota: 0, byNodes: 0 };
  for (let number = 0; number < fleets; number++) {
    const given = randomFleet(choose, number);
    const fleet = await madeFleet(plane, given);
    const room = roomFor(given.copy, fleet);
    const got = await scheduledCopies(plane, given, room.fits + 1);
    const onNodes = room.nodes.reduce((sum, { fits }) => sum + fits, 0);
    kinds[room.fits === 0 ? "none" : room.fits < onNodes ? "byQuota" : "byNodes"]++;
    const said = new Map(room.nodes.filter(({ fits }) => fits > 0).map(({ node, fits }) => [node, fits]));
    // Where a quota ends it before, which nodes are taken is the scheduler's choice.
    const agrees = got.size === 0 ? room.fits === 0 : sum(got) === room.fits &&
      (room.fits < onNodes || [...said].every(([node, fits]) => got.get(node) === fits));
    if (!agrees) {
      differences.push(
        `fleet ${number}: said ${JSON.stringify([...said])}, ${room.fits} in all; got ${
          JSON.stringify([...got])
        }: ` +
          JSON.stringify({ ...given, fleet }),
      );
    }
    await cleared(plane, given);
  }
  const share = 1 - differences.length / fleets;
  console.log(
    `  seed ${seed}: ${(100 * share).toFixed(2)} % of ${fleets} fleets agree (${kinds.byNodes} by nodes, ` +
      `${kinds.byQuota} by quota, ${kinds.none} with no room)`,
  );
  assert.ok(share >= leastShare, differences.join("\n"));
  assert.ok(kinds.byNodes > 0 && kinds.byQuota + kinds.none > 0, "the fleets are all alike");
});

const sum = (of: ReadonlyMap<string, number>) => [...of.values()].reduce((all, each) => all + each, 0);

function randomFleet(choose: Random, number: number): Given {
  const namespace = `fleet-${number}`;
  const nodes = Array.from(
    { length: 1 + choose.below(5) },
    (_, n) => randomNode(choose, `${namespace}-${n}`),
  );
  const pods = nodes.flatMap(({ metadata }) =>
    Array.from({ length: choose.below(3) }, (_, n) => randomOccupant(choose, namespace, metadata!.name!, n))
  );
  const quota = choose.chance(0.4) ? randomQuota(choose, namespace) : undefined;
  return { namespace, nodes, pods, ...(quota && { quota }), copy: randomCopy(choose, namespace) };
}

function randomNode(choose: Random, name: string): Node {
  const allocatable = {
    cpu: choose.pick(["7500m", "16", "64", "128"]),
    memory: choose.pick(["60Gi", "256Gi", "512000M"]),
    pods: choose.pick(["6", "110"]),
    ...(choose.chance(0.85) ? { "amd.com/gpu": choose.pick(["1", "4", "8", "8"]) } : {}),
  };
  const taint = {
    key: choose.pick(["amd.com/gpu", "team"]),
    effect: choose.pick(["NoSchedule", "NoExecute", "PreferNoSchedule"]),
  };
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      labels: {
        "amd.com/gpu.device-id": choose.pick(["74a1", "74a1", "74a5"]),
        generation: String(1 + choose.below(5)),
      },
    },
    spec: {
      ...(choose.chance(0.1) ? { unschedulable: true } : {}),
      taints: choose.chance(0.2) ? [taint] : [],
    },
    status: { allocatable, capacity: allocatable, conditions: [{ type: "Ready", status: "True" }] },
  } as unknown as Node;
}

const container = (requests: object, limits: object) => ({
  name: "main",
  image: "example.com/x",
  resources: { requests, limits },
});

/** A pod that has its node already; some have ended. */
function randomOccupant(choose: Random, namespace: string, nodeName: string, n: number): Pod {
  const gpus = choose.pick([0, 0, 1, 2, 3]);
  const requests = { cpu: choose.pick(["250m", "2", "4"]), memory: choose.pick(["512Mi", "8Gi", "16G"]) };
  const limits = gpus === 0 ? {} : { "amd.com/gpu": String(gpus) };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: `${nodeName}-${n}`, namespace },
    spec: {
      nodeName,
      // Whoever is on a node with the taint NoExecute would be evicted.
      tolerations: [{ operator: "Exists" }],
      containers: [container(requests, limits)],
    },
    ...(choose.chance(0.2) && { status: { phase: choose.pick(["Succeeded", "Failed"]) } }),
  } as unknown as Pod;
}

function randomQuota(choose: Random, namespace: string): ResourceQuota {
  const hard = {
    ...(choose.chance(0.7) ? { "requests.amd.com/gpu": String(choose.below(32)) } : {}),
    ...(choose.chance(0.3) ? { pods: String(4 + choose.below(16)) } : {}),
    ...(choose.chance(0.3) ? { "requests.cpu": choose.pick(["4", "40", "120"]) } : {}),
    ...(choose.chance(0.2) ? { "limits.memory": choose.pick(["48Gi", "900Gi"]) } : {}),
    "count/configmaps": "50",
  };
  return {
    apiVersion: "v1",
    kind: "ResourceQuota",
    metadata: { name: "gpus", namespace },
    spec: {
      hard,
      ...(choose.chance(0.2) ? { scopes: [choose.pick(["NotTerminating", "NotBestEffort"])] } : {}),
    },
  } as unknown as ResourceQuota;
}

/** A pod as an endpoint has it, more or less. */
function randomCopy(choose: Random, namespace: string): Pod {
  const gpus = choose.pick([0, 1, 1, 1, 2, 4]);
  const requests = {
    ...(choose.chance(0.8) ? { cpu: choose.pick(["500m", "4", "8"]) } : {}),
    ...(choose.chance(0.8) ? { memory: choose.pick(["1Gi", "32Gi", "64Gi"]) } : {}),
  };
  const limits = {
    ...(gpus === 0 ? {} : { "amd.com/gpu": String(gpus) }),
    ...(choose.chance(0.5) ? { memory: "96Gi" } : {}),
  };
  const expressions = [
    {
      key: "amd.com/gpu.device-id",
      operator: "In",
      values: choose.pick([["74a1"], ["74a1", "74a5"], ["74a5"], ["74a1", "74a9"]]),
    },
    ...(choose.chance(0.15)
      ? [{ key: "generation", operator: choose.pick(["Gt", "Lt"]), values: ["3"] }]
      : []),
  ];
  const affinity = {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: expressions }],
      },
    },
  };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "copy", namespace },
    spec: {
      ...(choose.chance(0.7) ? { affinity } : {}),
      ...(choose.chance(0.1) ? { nodeSelector: { generation: "2" } } : {}),
      tolerations: choose.chance(0.5)
        ? [choose.pick([{ key: "amd.com/gpu", operator: "Exists" }, { operator: "Exists" }])]
        : [],
      ...(choose.chance(0.15) && {
        initContainers: [{ ...container({ cpu: "6", memory: "2Gi" }, {}), name: "before" }],
      }),
      containers: [container(requests, limits)],
    },
  } as unknown as Pod;
}

/** Makes the fleet; returns it as a user would list it. What the quota does not take is not there. */
async function madeFleet(plane: ControlPlane, { namespace, nodes, pods, quota }: Given) {
  await plane.request("POST", "/api/v1/namespaces", { metadata: { name: namespace } });
  await until(
    `the account of ${namespace}`,
    () => isThere(plane, `/api/v1/namespaces/${namespace}/serviceaccounts/default`),
  );
  for (const node of nodes) await plane.request("POST", "/api/v1/nodes", node);
  const quotas = `/api/v1/namespaces/${namespace}/resourcequotas`;
  if (quota !== undefined) {
    await plane.request("POST", quotas, quota);
    await until(`the quota of ${namespace} to be counted`, async () => {
      const { status }: ResourceQuota = await plane.request("GET", `${quotas}/gpus`);
      return status?.used !== undefined && Object.keys(status.used).length > 0;
    });
  }
  for (const pod of pods) {
    const { status, ...wanted } = pod;
    if (!await isMade(plane, wanted)) continue;
    if (status?.phase !== undefined) {
      await plane.request(
        "PATCH",
        `${podPath(namespace, pod.metadata!.name)}/status`,
        { status },
        "application/merge-patch+json",
      );
    }
  }
  const ended = pods.some(({ status }) => status?.phase !== undefined);
  if (quota !== undefined && ended) await recounted(plane, namespace, `${quotas}/gpus`);
  const items = async <T>(path: string) => (await plane.request("GET", path)).items as T[];
  return {
    nodes: await items<Node>("/api/v1/nodes"),
    pods: await items<Pod>(podPath(namespace)),
    quotas: await items<ResourceQuota>(quotas),
  };
}

/** Waits until the quota no longer counts pods that have ended: its controller does that a moment later. */
async function recounted(plane: ControlPlane, namespace: string, path: string): Promise<void> {
  await until("the quota to leave out what has ended", async () => {
    const { status }: ResourceQuota = await plane.request("GET", path);
    const pods: Pod[] = (await plane.request("GET", podPath(namespace))).items;
    const alive = pods.filter(({ status }) => !["Succeeded", "Failed"].includes(status?.phase ?? ""));
    const used = status?.used as Record<string, string> | undefined;
    const gpus = alive.reduce(
      (sum, { spec }) =>
        sum +
        Number(
          (spec?.containers[0].resources?.limits as Record<string, string> | undefined)?.["amd.com/gpu"] ?? 0,
        ),
      0,
    );
    return (used?.pods === undefined || Number(used.pods) === alive.length) &&
      (used?.["requests.amd.com/gpu"] === undefined || Number(used["requests.amd.com/gpu"]) === gpus);
  });
}

async function isThere(plane: ControlPlane, path: string): Promise<boolean> {
  try {
    await plane.request("GET", path);
    return true;
  } catch {
    return false;
  }
}

/** Whether the API server takes the pod: a quota may refuse it. */
async function isMade(plane: ControlPlane, pod: Pod): Promise<boolean> {
  try {
    await plane.request("POST", podPath(pod.metadata!.namespace!), pod);
    return true;
  } catch (error) {
    assert.match((error as Error).message, /quota/);
    return false;
  }
}

/** Makes copies until a quota refuses one; by node, those that the scheduler found a place for. */
async function scheduledCopies(
  plane: ControlPlane,
  { namespace, copy }: Given,
  count: number,
): Promise<Map<string, number>> {
  for (let n = 0; n < count; n++) {
    const one = {
      ...copy,
      metadata: { ...copy.metadata, name: `copy-${n}`, labels: { copy: "true" } },
    } as Pod;
    if (!await isMade(plane, one)) break;
  }
  const copies = await until(`an answer for the copies of ${namespace}`, async () => {
    const { items } = await plane.request("GET", `${podPath(namespace)}?labelSelector=copy`) as {
      items: Pod[];
    };
    return items.every(isAnswered) ? items : undefined;
  }, { seconds: 60, everyMilliseconds: 50 });
  const placed = copies.filter(({ spec }) => spec?.nodeName !== undefined);
  return new Map(
    [...Map.groupBy(placed, ({ spec }) => spec!.nodeName!)].map(([node, own]) => [node, own.length]),
  );
}

const isAnswered = ({ spec, status }: Pod) =>
  spec?.nodeName !== undefined ||
  status?.conditions?.some(({ type, status }) => type === "PodScheduled" && status === "False") === true;

async function cleared(plane: ControlPlane, { namespace, nodes }: Given): Promise<void> {
  await plane.request("DELETE", podPath(namespace), { gracePeriodSeconds: 0 });
  for (const { metadata } of nodes) await plane.request("DELETE", `/api/v1/nodes/${metadata!.name}`);
}

const podPath = (namespace: string, name?: string) =>
  `/api/v1/namespaces/${namespace}/pods${name ? `/${name}` : ""}`;
