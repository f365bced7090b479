import assert from "node:assert/strict";
import type { Node, Pod } from "kubernetes-types/core/v1";
import type { KubeObject } from "../../kube/object.ts";
import { watchedKinds } from "../../cluster/kinds.ts";
import { cacheHolding } from "../../operator/runner/view_fixture.ts";
import {
  cache,
  clusterConfig,
  endpoint,
  inferenceService,
  model,
  service,
  template,
} from "../../../controllers/service/service_sample.ts";
import type { ReadFleet } from "../capacity/read_fleet.ts";
import { type Asked, fitInWords, fitOf } from "./fit.ts";

const onMi300x = {
  requiredDuringSchedulingIgnoredDuringExecution: {
    nodeSelectorTerms: [{
      matchExpressions: [{ key: "amd.com/gpu.device-id", operator: "In", values: ["74a1"] }],
    }],
  },
};
/** Two MI300X a replica: 8 CPUs and 64 GiB come with them. */
const large = template({
  status: {
    status: "Ready",
    resolvedHardware: { gpu: { model: "MI300X", requests: 2 } },
    resolvedNodeAffinity: onMi300x,
    modelSources: [{ modelId: "org/m", sourceUri: "hf://org/m", size: "60Gi" }],
    profile: { metadata: { type: "optimized" } },
  } as never,
});

const node = (name: string, gpus: number): Node => ({
  metadata: { name, labels: gpus > 0 ? { "amd.com/gpu.device-id": "74a1" } : {} },
  status: {
    allocatable: { cpu: "96", memory: "1Ti", pods: "110", ...(gpus > 0 && { "amd.com/gpu": String(gpus) }) },
  },
} as unknown as Node);

const nfs = {
  metadata: { name: "nfs", annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
  provisioner: "nfs",
};

const fleetOf = (more: Partial<ReadFleet> = {}): ReadFleet => ({
  nodes: [node("gpu-0", 8), node("plain", 0)],
  pods: [],
  quotas: [],
  claims: [],
  volumes: [],
  storageClasses: [nfs as never],
  capacities: [],
  unseen: [],
  ...more,
});

const fit = (objects: readonly KubeObject[], asked: Asked, fleet = fleetOf()) =>
  fitOf({ cache: cacheHolding(objects, { kinds: watchedKinds }), unseen: [], at: 0 }, fleet, "ns", asked);

const running: Pod = {
  metadata: {
    name: "s-1",
    namespace: "ns",
    labels: { "serving.kserve.io/inferenceservice": endpoint, "aim.eai.amd.com/service": "s" },
  },
  spec: {
    nodeName: "gpu-0",
    affinity: { nodeAffinity: onMi300x },
    containers: [{
      name: "kserve-container",
      resources: { requests: { cpu: "8", memory: "64Gi" }, limits: { "amd.com/gpu": "2" } },
    }],
  },
  status: { phase: "Running" },
} as unknown as Pod;

Deno.test("a service without an endpoint: its replica is as the operator would make it", () => {
  const [told] = fit([service(), model(), large], { service: "s" });
  assert.deepEqual(told.each, { cpu: "8", memory: "64Gi", "amd.com/gpu": "2" });
  assert.equal(told.fits, 4);
  assert.deepEqual(told.nodes.map(({ node, fits }) => [node, fits]), [["gpu-0", 4], ["plain", 0]]);
  assert.deepEqual(told.storage, [{ size: "66Gi", bytes: 66 * 2 ** 30, storageClass: "nfs" }]);
  assert.deepEqual(told.short, []);
});

Deno.test("a service that runs: what fits beside its pods, and what is short for more", () => {
  const objects = [service({ spec: { replicas: 5 } }), model(), large, cache(), inferenceService()];
  const [told] = fit(objects, { service: "s" }, fleetOf({ pods: [running] }));
  assert.equal(told.running, 1);
  assert.equal(told.fits, 3);
  assert.equal(told.wanted, 5);
  assert.deepEqual(told.short, [{ of: "amd.com/gpu", by: "2", where: "nodes" }]);
  assert.deepEqual(told.storage, [], "the weights are cached");
  const lines = fitInWords([told]);
  assert.equal(
    lines[0],
    "service s in namespace ns: 1 run, 3 more fit, 5 wanted. A replica asks for 2 amd.com/gpu, 8 cpu, 64Gi memory.",
  );
  assert(lines.includes("For 5 it is short of 2 amd.com/gpu (nodes)."), lines.join("\n"));
  assert.match(lines.join("\n"), /^gpu-0 +3 +0 of 8 amd\.com\/gpu +Insufficient amd\.com\/gpu$/m);
});

Deno.test("another service would make room", () => {
  const other = {
    ...running,
    metadata: { name: "x-1", namespace: "other", labels: { "aim.eai.amd.com/service": "x" } },
  } as Pod;
  const [told] = fit(
    [service({ spec: { replicas: 4 } }), model(), large, cache()],
    { service: "s" },
    fleetOf({ pods: [other] }),
  );
  assert.deepEqual(told.shrink, [{ namespace: "other", service: "x", by: 1, of: 1, nodes: ["gpu-0"] }]);
  assert(fitInWords([told]).includes("4 fit if service other/x runs 1 fewer (of 1), on gpu-0."));
});

Deno.test("a template by name, and each of a model's, in a table", () => {
  const small = template({
    metadata: { name: "small" },
    status: { ...large.status, resolvedHardware: { gpu: { model: "MI300X", requests: 1 } } } as never,
  });
  const objects = [model(), large, small];
  assert.equal(fit(objects, { template: "small" })[0].fits, 8);
  const all = fit(objects, { model: "m", replicas: 5 });
  assert.deepEqual(all.map(({ of, fits }) => [of, fits]), [["template small", 8], ["template t1", 4]]);
  const lines = fitInWords(all);
  assert.match(lines[2], /^t1 +4 +2 amd\.com\/gpu, 8 cpu, 64Gi memory +2 amd\.com\/gpu \(nodes\)$/);
});

Deno.test("weights that find no place keep every replica away", () => {
  const objects = [service(), model(), large];
  const stored = (fleet: Partial<ReadFleet>, more: readonly KubeObject[] = []) =>
    fit([...objects, ...more], { service: "s" }, fleetOf(fleet))[0];
  const none = stored({ storageClasses: [] });
  assert.equal(none.fits, 0);
  assert.match(none.storage[0].fault!, /no storage class is named/);
  const named = stored({}, [clusterConfig({ storage: { defaultStorageClassName: "fast" } })]);
  assert.match(named.storage[0].fault!, /storage class fast does not exist/);
  const hard = { "requests.storage": "100Gi" };
  const full = stored({
    quotas: [
      {
        metadata: { name: "disk" },
        spec: { hard },
        status: { hard, used: { "requests.storage": "50Gi" } },
      } as never,
    ],
  });
  assert.equal(
    full.storage[0].fault,
    "quota disk has no room: requests.storage 50Gi of 100Gi used, 66Gi more wanted",
  );
  const small = stored({ capacities: [{ storageClassName: "nfs", capacity: "20Gi" } as never] });
  assert.equal(small.storage[0].fault, "storage class nfs has 20Gi free in one piece, 66Gi are wanted");
  assert.match(
    fitInWords([small]).join("\n"),
    /Weights need a volume of 66Gi: storage class nfs has 20Gi free/,
  );
});

Deno.test("what is not there: a service, a template, a model of templates; and what may not be read", () => {
  const objects = [service(), model(), large];
  assert.throws(
    () => fit(objects, { service: "ss" }),
    /there is no AIMService "ss" in namespace ns: did you mean s\?/,
  );
  assert.throws(
    () => fit(objects, { template: "t2" }),
    /there is no template "t2" in namespace ns: did you mean t1\?/,
  );
  assert.throws(
    () => fit(objects, { model: "mm" }),
    /there is no model with templates "mm" in namespace ns: did you mean m\?/,
  );
  assert.throws(() => fit([service(), model()], { service: "s" }), /s has no template: No templates found/);
  assert.throws(() => fit([service()], { service: "s" }), /s has no model: model "m" not found/);
  const [told] = fit(objects, { service: "s" }, fleetOf({ nodes: [], unseen: ["nodes", "pods"] }));
  const lines = fitInWords([told]);
  assert(lines.includes("No node was seen."));
  assert.equal(lines.at(-1), "You may not list all of nodes, pods: there may be less room, or more.");
});

Deno.test("on a terminal of 60 columns no line is longer, but for a word", () => {
  const [told] = fit([service({ spec: { replicas: 9 } }), model(), large], { service: "s" });
  for (const line of fitInWords([told], { width: 60 })) {
    assert(line.length <= 60 || !line.trim().includes(" "), line);
  }
});
