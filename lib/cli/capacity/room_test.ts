import assert from "node:assert/strict";
import type { Node, Pod, ResourceQuota } from "kubernetes-types/core/v1";
import { type Fleet, roomFor } from "./room.ts";
import { shortages, shrinkings } from "./shortage.ts";

const node = (
  name: string,
  gpus: number,
  more: { labels?: object; spec?: object; pods?: string } = {},
): Node => ({
  apiVersion: "v1",
  kind: "Node",
  metadata: { name, labels: more.labels },
  spec: more.spec,
  status: {
    allocatable: {
      cpu: "64",
      memory: "512Gi",
      pods: more.pods ?? "110",
      ...(gpus > 0 && { "amd.com/gpu": String(gpus) }),
    },
  },
} as unknown as Node);

const pod = (
  gpus: number,
  more: { name?: string; on?: string; service?: string; phase?: string; spec?: object } = {},
): Pod => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: {
    name: more.name ?? "p",
    namespace: "ns",
    labels: more.service === undefined ? {} : { "aim.eai.amd.com/service": more.service },
  },
  spec: {
    ...(more.on !== undefined && { nodeName: more.on }),
    containers: [{
      name: "main",
      resources: { requests: { cpu: "4", memory: "32Gi" }, limits: { "amd.com/gpu": String(gpus) } },
    }],
    ...more.spec,
  },
  ...(more.phase !== undefined && { status: { phase: more.phase } }),
} as unknown as Pod);

const quota = (hard: object, used: object, spec: object = {}): ResourceQuota => ({
  metadata: { name: "q", namespace: "ns" },
  spec: { hard, ...spec },
  status: { hard, used },
} as unknown as ResourceQuota);

const fleet = (
  nodes: readonly Node[],
  pods: readonly Pod[] = [],
  quotas: readonly ResourceQuota[] = [],
): Fleet => ({ nodes, pods, quotas });
const byNode = (pod: Pod, of: Fleet) =>
  Object.fromEntries(roomFor(pod, of).nodes.map(({ node, fits }) => [node, fits]));

Deno.test("copies are counted on each node by what is left of what it offers", () => {
  const nodes = [node("a", 8), node("b", 8), node("none", 0)];
  const pods = [
    pod(4, { on: "a" }),
    pod(3, { on: "a", name: "q" }),
    pod(8, { on: "b", name: "done", phase: "Succeeded" }),
    pod(8),
  ];
  assert.deepEqual(byNode(pod(2), fleet(nodes, pods)), { b: 4, a: 0, none: 0 });
  const [b, a, none] = roomFor(pod(3), fleet(nodes, pods)).nodes;
  assert.deepEqual([b.fits, b.left.get("amd.com/gpu"), b.whyNot], [2, 2, ["Insufficient amd.com/gpu"]]);
  assert.deepEqual([a.couldFit, none.couldFit], [true, false]);
});

Deno.test("the scarcest of what a pod asks for decides, the number of pods too", () => {
  assert.deepEqual(byNode(pod(0), fleet([node("a", 0)])), { a: 16 });
  assert.deepEqual(byNode(pod(1), fleet([node("a", 8, { pods: "3" })], [pod(1, { on: "a" })])), { a: 2 });
});

Deno.test("a taint, a selector and a cordon keep all copies away", () => {
  const taints = [{ key: "team", effect: "NoSchedule" }];
  const nodes = [
    node("tainted", 8, { spec: { taints } }),
    node("other", 8, { labels: { gpu: "b" } }),
    node("cordoned", 8, { labels: { gpu: "a" }, spec: { unschedulable: true } }),
    node("right", 8, { labels: { gpu: "a" } }),
  ];
  assert.deepEqual(byNode(pod(8, { spec: { nodeSelector: { gpu: "a" } } }), fleet(nodes)), {
    right: 1,
    cordoned: 0,
    other: 0,
    tainted: 0,
  });
  const tolerant = pod(8, { spec: { tolerations: [{ operator: "Exists" }] } });
  assert.equal(roomFor(tolerant, fleet(nodes)).fits, 4);
});

Deno.test("a quota ends it before the nodes do, if it concerns the pod", () => {
  const nodes = [node("a", 8)];
  const gpus = quota({ "requests.amd.com/gpu": "4" }, { "requests.amd.com/gpu": "1" });
  const room = roomFor(pod(1), fleet(nodes, [], [gpus]));
  assert.equal(room.fits, 3);
  assert.deepEqual(room.quotas, [{ quota: "q", fits: 3, by: "requests.amd.com/gpu", used: "1", hard: "4" }]);
  assert.equal(roomFor(pod(1), fleet(nodes, [], [quota({ configmaps: "0" }, {})])).fits, 8);
  assert.equal(
    roomFor(pod(1), fleet(nodes, [], [quota({ pods: "0" }, { pods: "0" }, { scopes: ["Terminating"] })]))
      .fits,
    8,
  );
  assert.equal(
    roomFor(pod(1), fleet(nodes, [], [quota({ pods: "5" }, { pods: "7" })])).fits,
    0,
    "more is used than may be",
  );
  const limits = roomFor(pod(1), fleet(nodes, [], [quota({ "limits.cpu": "100" }, { "limits.cpu": "0" })]));
  assert.deepEqual([limits.fits, limits.quotas[0].by], [0, "must specify limits.cpu for: main"]);
});

Deno.test("what is short is what would have to be added, node by node: a pod is not divided", () => {
  const nodes = [node("a", 8), node("b", 8)];
  const used = [pod(3, { on: "a" }), pod(6, { on: "b", name: "q" })];
  const room = roomFor(pod(4), fleet(nodes, used));
  assert.equal(room.fits, 1);
  // Left are 1 on a and 2 on b: for one more b lacks 2; for two more a lacks 3 besides; a third needs 4 of its own.
  assert.deepEqual(shortages(pod(4), room, 2), [{ of: "amd.com/gpu", by: "2", where: "nodes" }]);
  assert.deepEqual(shortages(pod(4), room, 3), [{ of: "amd.com/gpu", by: "5", where: "nodes" }]);
  assert.equal(shortages(pod(4), room, 4)[0].by, "9");
  assert.deepEqual(shortages(pod(4), room, 1), []);
  const nowhere = roomFor(pod(4), fleet([node("none", 0)]));
  assert.match(shortages(pod(4), nowhere, 1)[0].where, /there is none/);
});

Deno.test("a quota says how much it is short of", () => {
  const room = roomFor(
    pod(2),
    fleet([node("a", 8)], [], [quota({ "requests.amd.com/gpu": "5" }, { "requests.amd.com/gpu": "2" })]),
  );
  assert.equal(room.fits, 1);
  assert.deepEqual(shortages(pod(2), room, 3), [{ of: "requests.amd.com/gpu", by: "3", where: "quota q" }]);
});

Deno.test("the service that gives the fewest pods comes first, with the nodes that count; its own is none of them", () => {
  const nodes = [node("a", 8), node("b", 8)];
  const pods = [
    pod(2, { on: "a", name: "small-1", service: "small" }),
    pod(2, { on: "a", name: "small-2", service: "small" }),
    pod(4, { on: "a", name: "large-1", service: "large" }),
    pod(8, { on: "b", name: "own-1", service: "own" }),
  ];
  const wanted = pod(4, { service: "own" });
  assert.equal(roomFor(wanted, fleet(nodes, pods)).fits, 0);
  assert.deepEqual(shrinkings(wanted, fleet(nodes, pods), 1, { namespace: "ns", name: "own" }), [
    { namespace: "ns", service: "large", by: 1, of: 1, nodes: ["a"] },
    { namespace: "ns", service: "small", by: 2, of: 2, nodes: ["a"] },
  ]);
  assert.deepEqual(shrinkings(wanted, fleet(nodes, pods), 3, { namespace: "ns", name: "own" }), []);
});

Deno.test("a service of the same quota makes room in that, too", () => {
  const pods = [pod(4, { on: "a", name: "x", service: "x" })];
  const full = quota({ "requests.amd.com/gpu": "4" }, { "requests.amd.com/gpu": "4" });
  assert.deepEqual(shrinkings(pod(2), fleet([node("a", 8)], pods, [full]), 2), [
    { namespace: "ns", service: "x", by: 1, of: 1, nodes: ["a"] },
  ]);
});
