/**
 * Bad hours of the API server, each pressed into seconds: while it lasts, a user makes, changes and deletes services. What
 * comes of it in the end is what comes of the same acts in a calm hour, the operator asks no more than so much, and it
 * keeps its lease (issue 12, "Stress" 8).
 */

import assert from "node:assert/strict";
import type { ControlPlane } from "../control_plane/plane.ts";
import { until } from "../control_plane/until.ts";
import { clusterModel, clusterTemplate, model, service, template } from "../e2e/catalogue.ts";
import { type Installation, installInto, uninstall } from "../e2e/installation.ts";
import { delay } from "../../lib/kube/backoff.ts";
import { hashOf } from "../../lib/operator/naming/naming.ts";
import { differences, normalForm, objectsIn, orphansIn } from "./end_state.ts";
import { type Fault, type FaultOf, FaultProxy } from "./fault_proxy.ts";
import { servicePath } from "./story.ts";
import { startSmallPlane } from "./small_cluster.ts";
import { Random } from "../simulation/random.ts";

const seed = Number(Deno.env.get("AIM_SEED") ?? 12);
/** How often each hour is lived through, with other chances. */
const rounds = Number(Deno.env.get("AIM_HOUR_ROUNDS") ?? 1);
/** What the operator may ask in a minute, beside its watches, in whatever hour. */
const mostRequestsAMinute = 1_200;

let plane: ControlPlane;
let proxy: FaultProxy;
let installation: Installation;
let calm: ReadonlyMap<string, string>;

Deno.test.beforeAll(async () => {
  plane = await startSmallPlane();
  proxy = new FaultProxy(plane);
  installation = await installInto(plane, { leaderElection: true, server: proxy.url });
  await installation.user.apply([
    clusterModel("qwen"),
    clusterTemplate("qwen-latency", "qwen"),
    clusterTemplate("qwen-throughput", "qwen", {
      metric: "throughput",
      modelSources: [{ modelId: "example/qwen", sourceUri: "hf://example/qwen-throughput", size: "16Gi" }],
    }),
  ]);
  await until("the templates Ready", async () => {
    const { items } = await plane.request("GET", "/apis/aim.eai.amd.com/v1alpha1/aimclusterservicetemplates");
    return items.length === 2 &&
      items.every(({ status }: { status?: { status?: string } }) => status?.status === "Ready");
  });
  await acts("calm");
  calm = await settled("calm");
});

Deno.test.afterAll(async () => {
  await uninstall(installation);
  await proxy?.[Symbol.asyncDispose]();
});

interface Hour {
  readonly name: string;
  /** What becomes of requests while it lasts. */
  readonly faultOf?: (random: Random) => FaultOf;
  /** What happens besides. */
  readonly happens?: () => Promise<void> | void;
}

const isWrite = (method: string) => method !== "GET";

const hours: readonly Hour[] = [
  {
    name: "429 for half of all requests, with Retry-After",
    faultOf: (random) => () => random.chance(0.5) ? { refuse: 429, retryAfter: 1 } : undefined,
  },
  { name: "the API server is rolled, with a new certificate", happens: () => proxy.roll(3_000) },
  {
    name: "a change of etcd's leader: writes are refused, or done and not answered",
    faultOf: (random) => ({ method }) =>
      !isWrite(method) ? undefined : random.pick<Fault | undefined>([
        { refuse: 503 },
        { refuse: 504 },
        { refuseAfterwards: 504 },
        undefined,
      ]),
  },
  { name: "slow bodies", faultOf: () => ({ isWatch }) => isWatch ? undefined : { slow: 100 } },
  {
    name: "streams that end in the middle",
    faultOf: (random) => ({ isWatch, method }) =>
      isWatch || (!isWrite(method) && random.chance(0.3))
        ? { endAfter: 200 + random.below(3_000) }
        : undefined,
    happens: async () => {
      for (let time = 0; time < 4; time++, await delay(1_000)) proxy.endBodies();
    },
  },
  {
    name: "5xx on watches and lists",
    faultOf: (random) => ({ method }) =>
      isWrite(method) ? undefined : random.chance(0.7) ? { refuse: random.pick([500, 503]) } : undefined,
    happens: () => proxy.cutConnections(),
  },
  {
    name: "connections that are mute from one moment to the next",
    happens: () => proxy.muteConnections(),
  },
];

const lived = Array.from({ length: rounds }, () => hours).flat();
for (const [number, hour] of lived.entries()) {
  const name = `a bad hour${rounds > 1 ? ` (${number})` : ""}: ${hour.name}`;
  Deno.test(name, async () => {
    const namespace = `hour-${number}`;
    const lease = await leaseHolder();
    const began = performance.now();
    proxy.seen = [];
    proxy.faultOf = hour.faultOf?.(new Random(seed + number)) ?? (() => undefined);
    const happening = hour.happens?.();
    await acts(namespace);
    await happening;
    proxy.faultOf = () => undefined;
    const bad = performance.now();
    const found = await settled(namespace);
    const minutes = (performance.now() - began) / 60_000;
    const asked = proxy.seen.filter(({ path }) => !path.includes("/leases/"));
    const spoiled = asked.filter(({ isSpoiled }) => isSpoiled).length;
    const watches = asked.filter(({ isWatch }) => isWatch).length;
    const perMinute = Math.round(asked.length / Math.max(minutes, 0.25));
    console.log(
      `  ${hour.name}: bad for ${((bad - began) / 1000).toFixed(1)} s, settled after ${
        ((performance.now() - bad) / 1000).toFixed(1)
      } s more; ${asked.length} requests, of them ${spoiled} spoiled, ${perMinute} a minute; ${watches} watches`,
    );
    if (hour.faultOf !== undefined) assert.ok(spoiled >= 10, `only ${spoiled} requests were spoiled`);
    if (hour.happens !== undefined) {
      assert.ok(watches >= 10, `only ${watches} watches had to be opened again`);
    }
    assert.deepEqual(differences(calm, found), []);
    assert.ok(perMinute <= mostRequestsAMinute, `${perMinute} requests a minute`);
    assert.deepEqual(await leaseHolder(), lease, "the lease has another holder");
    assert.ok(await installation.operator.ready());
  });
}

/**
 * What a user does within some seconds: each service is made, and something happens to most. Whenever the operator sees
 * which of the acts, the end is the same.
 */
async function acts(namespace: string): Promise<void> {
  const patch = (name: string, body: object) =>
    plane.request("PATCH", servicePath(namespace, name), body, "application/merge-patch+json");
  const make = (name: string, spec: object) =>
    plane.request(
      "POST",
      servicePath(namespace),
      service(name, namespace, { model: { name: "qwen" }, ...spec }),
    );
  const routing = { enabled: true, gatewayRef: { name: "inference" }, pathTemplate: "/{.metadata.name}" };
  await plane.request("POST", "/api/v1/namespaces", { metadata: { name: namespace } });
  await make("chat", { routing });
  await make("scaled", {});
  await make("goes", {});
  await make("waits", { model: { name: "later" } });
  await delay(1_500);
  await patch("scaled", { spec: { replicas: 3 } });
  await patch("chat", { spec: { routing: { requestTimeout: "45s" } } });
  await make("late", { overrides: { metric: "throughput" } });
  await delay(1_500);
  await plane.request("DELETE", servicePath(namespace, "goes"));
  await patch("chat", { spec: { replicas: 2 } });
  await patch("scaled", { spec: { replicas: 2 } });
  await delay(1_500);
  for (const object of [model("later", namespace), template("later-latency", namespace, "later")]) {
    const plural = object.kind === "AIMModel" ? "aimmodels" : "aimservicetemplates";
    await plane.request("POST", `/apis/aim.eai.amd.com/v1alpha1/namespaces/${namespace}/${plural}`, object);
  }
}

/** The end state of a namespace, once it is that of the calm one, or does not come to be for two minutes. */
async function settled(namespace: string): Promise<ReadonlyMap<string, string>> {
  let found: ReadonlyMap<string, string> = new Map();
  let orphans: string[] = [];
  const isEnd = async () => {
    const objects = (await objectsIn(plane, [namespace]))
      .filter(({ metadata }) => metadata.namespace === namespace)
      .map((object) =>
        forAll.includes(object.kind) ? { ...object, metadata: { ...object.metadata, labels: {} } } : object
      );
    orphans = orphansIn(objects).filter((line) => !line.includes("AIMCluster"));
    const text = (word: string) =>
      word.replaceAll(hashOf([namespace]).slice(0, 8), "<hash>").replaceAll(namespace, "<namespace>");
    const forms = normalForm(objects, ["chat", "scaled", "goes", "late", "waits"], { details: false });
    found = new Map([...forms].map(([title, form]) => [text(title), text(form)]));
    const services = objects.filter(({ kind }) => kind === "AIMService");
    const running = services.length === 4 && services.every(({ status }) => status?.status === "Running");
    return running && orphans.length === 0 && (calm === undefined || differences(calm, found).length === 0);
  };
  await until("the end state", isEnd, { seconds: 150, everyMilliseconds: 250 }).catch(() => {});
  assert.deepEqual(orphans, []);
  return found;
}

/** One in a namespace for all artifacts: they carry labels of the one that came first. */
const forAll = ["ServiceAccount", "RoleBinding"];

async function leaseHolder(): Promise<unknown> {
  const { items } = await plane.request("GET", "/apis/coordination.k8s.io/v1/namespaces/aim-system/leases");
  return items.map(({ spec }: { spec: { holderIdentity: string; leaseTransitions: number } }) => [
    spec.holderIdentity,
    spec.leaseTransitions,
  ]);
}
