/**
 * Two tenants beside a platform team's defaults (issue: two tenants with different defaults): what each service gets,
 * what a change of one tenant's config reaches, and what a config says of its own mistakes.
 */

import assert from "node:assert/strict";
import { envFaults } from "../../lib/operator/naming/env_faults.ts";
import { envRows } from "../../lib/operator/naming/env_faults_sample.ts";
import { delay } from "../../lib/kube/backoff.ts";
import { freePort } from "../control_plane/processes/ports.ts";
import { until } from "../control_plane/until.ts";
import {
  clusterModel,
  clusterRuntimeConfig,
  clusterTemplate,
  model,
  runtimeConfig,
  service,
  template,
} from "./catalogue.ts";
import { onlyReal } from "./half.ts";
import { install, type Installation, uninstall } from "./installation.ts";
import type { AnyObject, User } from "./user.ts";

let installation: Installation;
let user: User;
const metricsPort = freePort();

const defaults = clusterRuntimeConfig("default", {
  routing: {
    enabled: true,
    gatewayRef: { name: "public", namespace: "gateways" },
    pathTemplate: "/{.metadata.namespace}/{.metadata.name}",
    requestTimeout: "10m",
  },
  env: [{ name: "AIM_ENGINE_ARGS", value: '{"max-model-len": 32768, "seed": 9007199254740993}' }],
});

/** The first tenant adds to the defaults. */
const research = (routing: AnyObject = {}, storage?: AnyObject) =>
  runtimeConfig("default", "research", {
    routing: { requestTimeout: "1h", ...routing },
    ...(storage && { storage }),
    env: [
      { name: "AIM_ENGINE_ARGS", value: '{"temperature": 1.0}' },
      { name: "HF_TOKEN", valueFrom: { secretKeyRef: { name: "hf", key: "token" } } },
    ],
  });

/** The second one opts out of routing and has a registry of its own. */
const batch = [
  runtimeConfig("default", "batch", { routing: { enabled: false }, env: [{ name: "ONLY", value: "batch" }] }),
  model("summarizer", "batch", {
    image: "registry.batch.example.com/aim/summarizer:1.2.0",
    imagePullSecrets: [{ name: "batch-registry" }],
  }),
  template("summarizer-latency", "batch", "summarizer"),
];

Deno.test.beforeAll(async () => {
  installation = await install({
    args: [`--metrics-bind-address=127.0.0.1:${metricsPort}`, "--metrics-secure=false"],
  });
  user = installation.user;
  for (const name of ["research", "batch"]) await user.namespace(name);
  await user.apply([
    clusterModel("qwen"),
    clusterTemplate("qwen-latency", "qwen"),
    defaults,
    research(),
    ...batch,
  ]);
  await user.apply([
    service("chat", "research", { model: { name: "qwen" } }),
    service("code", "research", { model: { name: "qwen" } }),
    service("chat", "batch", { model: { name: "qwen" } }),
    service("summaries", "batch", { model: { name: "summarizer" } }),
  ]);
  for (
    const [name, namespace] of [["chat", "research"], ["code", "research"], ["chat", "batch"], [
      "summaries",
      "batch",
    ]]
  ) {
    await user.reaches("aimservice", name, "Running", namespace);
  }
});

Deno.test.afterAll(() => uninstall(installation));

async function endpointOf(name: string, namespace: string): Promise<AnyObject> {
  const [found] = await user.list(
    "inferenceservice",
    namespace,
    `aim.eai.amd.com/service.name=${name}`,
  );
  return found;
}

async function envOf(name: string, namespace: string): Promise<Map<string, AnyObject>> {
  const endpoint = await endpointOf(name, namespace);
  const { containers, model } = endpoint.spec.predictor;
  const { env } = containers?.[0] ?? model;
  return new Map(env.map((entry: AnyObject) => [entry.name, entry]));
}

Deno.test("each service gets its tenant's defaults over the cluster's", async () => {
  const own = await envOf("chat", "research");
  assert.equal(
    own.get("AIM_ENGINE_ARGS")?.value,
    '{"max-model-len":32768,"seed":9007199254740993,"temperature":1.0}',
  );
  assert.deepEqual(own.get("HF_TOKEN")?.valueFrom, { secretKeyRef: { name: "hf", key: "token" } });
  assert.equal(own.has("ONLY"), false);
  const others = await envOf("chat", "batch");
  assert.equal(others.get("AIM_ENGINE_ARGS")?.value, '{"max-model-len": 32768, "seed": 9007199254740993}');
  assert.deepEqual([others.get("ONLY")?.value, others.has("HF_TOKEN")], ["batch", false]);
  for (const [namespace, scope] of [["research", "Merged"], ["batch", "Merged"]]) {
    const { status } = await user.get("aimservice", "chat", namespace);
    assert.deepEqual(
      [status.resolvedRuntimeConfig.scope, status.resolvedRuntimeConfig.namespace],
      [scope, namespace],
    );
  }
});

Deno.test("one is routed as the cluster says, with its own timeout; the other has opted out", async () => {
  const routes = await user.list("httproute", "research");
  assert.deepEqual(routes.map(({ spec }) => spec.rules[0].matches[0].path.value).sort(), [
    "/research/chat",
    "/research/code",
  ]);
  for (const { spec } of routes) {
    assert.deepEqual([spec.parentRefs[0].namespace, spec.parentRefs[0].name], ["gateways", "public"]);
    assert.deepEqual(spec.rules[0].timeouts, { request: "1h0m0s" });
  }
  assert.deepEqual(await user.list("httproute", "batch"), []);
  const { status } = await user.get("aimservice", "chat", "batch");
  assert.equal(status.routing, undefined);
});

Deno.test("a tenant's own registry: its image, and the pull secret of its model, reach its pods and no others", async () => {
  const podOf = async (name: string, namespace: string) => {
    const { metadata } = await endpointOf(name, namespace);
    const [pod] = await user.list(
      "pods",
      namespace,
      `serving.kserve.io/inferenceservice=${metadata.name}`,
    );
    return pod.spec;
  };
  const own = await podOf("summaries", "batch");
  assert.equal(own.containers[0].image, "registry.batch.example.com/aim/summarizer:1.2.0");
  assert.deepEqual(own.imagePullSecrets, [{ name: "batch-registry" }]);
  assert.equal((await podOf("chat", "research")).imagePullSecrets, undefined);
});

Deno.test("both configs say that they are right and in use, and how often is a metric", async () => {
  for (
    const [kind, namespace] of [["aimruntimeconfig", "research"], ["aimruntimeconfig", "batch"], [
      "aimclusterruntimeconfig",
    ]]
  ) {
    await user.condition(kind, "default", "Ready", "ConfigurationValid", namespace);
    await user.condition(kind, "default", "InUse", "InUse", namespace);
  }
  const count = async (labels: string) =>
    (await metrics()).get(`aim_runtime_config_users{${labels},consumer="AIMService"}`);
  assert.equal(await count('kind="AIMRuntimeConfig",namespace="research",name="default"'), 2);
  assert.equal(await count('kind="AIMRuntimeConfig",namespace="batch",name="default"'), 2);
  assert.equal(await count('kind="AIMClusterRuntimeConfig",namespace="",name="default"'), 4);
});

/** The operator's metrics by name and labels. */
async function metrics(): Promise<Map<string, number>> {
  const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  return new Map(
    text.split("\n").filter((line) => line !== "" && !line.startsWith("#")).map((line) => {
      const at = line.lastIndexOf(" ");
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }),
  );
}

/** Passes by controller so far. */
async function passes(): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const [name, value] of await metrics()) {
    const [, controller] = /^controller_runtime_reconcile_total\{controller="([^"]+)"/.exec(name) ?? [];
    if (controller !== undefined) counts[controller] = (counts[controller] ?? 0) + value;
  }
  return counts;
}

/** Passes once nothing runs any more: the same so many seconds later. */
async function passesAtRest(seconds: number): Promise<Record<string, number>> {
  for (let before = await passes();;) {
    await delay(seconds * 1_000);
    const now = await passes();
    if (JSON.stringify(now) === JSON.stringify(before)) return now;
    before = now;
  }
}

/** Versions of all objects of a namespace that the operator writes. */
async function versionsIn(namespace: string): Promise<string[]> {
  const kinds = [
    "aimservices",
    "aimtemplatecaches",
    "aimartifacts",
    "aimruntimeconfigs",
    "inferenceservices",
    "httproutes",
  ];
  const lists = await Promise.all(kinds.map((kind) => user.list(kind, namespace)));
  return lists.flatMap((list, at) =>
    list.map(({ metadata }) => `${kinds[at]} ${metadata.name} ${metadata.resourceVersion}`)
  );
}

Deno.test("a change of one tenant's config reconciles its objects once, and nobody else's", async () => {
  // What waits longest to be written: when weights were used last.
  for (const namespace of ["research", "batch"]) {
    await until(`the use of weights in ${namespace}`, async () => {
      const artifacts = await user.list("aimartifacts", namespace);
      return artifacts.every(({ status }) => status.lastUsed !== undefined);
    });
  }
  const before = await passesAtRest(3);
  const others = await versionsIn("batch");
  // Room for weights to come: nothing that is there changes.
  await user.apply([research({}, { pvcHeadroomPercent: 30 })]);
  await until("the edit is seen", async () => {
    const { metadata, status } = await user.get("aimruntimeconfig", "default", "research");
    return status.observedGeneration === metadata.generation;
  });
  const after = await passesAtRest(3);
  const ran = Object.fromEntries(
    Object.keys(after).map((controller) => [controller, after[controller] - before[controller]] as const)
      .filter(([controller, count]) => count > 0 && controller !== "runtime-config"),
  );
  // Those that read the storage of a config: two services, and their one artifact.
  const artifacts = await user.list("aimartifacts", "research");
  assert.deepEqual(ran, { service: 2, artifact: artifacts.length });
  assert.deepEqual(await versionsIn("batch"), others);
});

Deno.test("a mistake of one tenant is told on its config, its endpoints go on, and the other tenant is not touched", async () => {
  const others = await versionsIn("batch");
  const { spec } = await endpointOf("chat", "research");
  const routes = (await user.list("httproute", "research")).map(({ spec }) => spec);
  await user.apply([research({ requestTimeout: "1d" })]);
  const { message } = await user.condition("aimruntimeconfig", "default", "Ready", "InvalidSpec", "research");
  assert.match(message, /^spec\.routing\.requestTimeout "1d" of this config: "1d" is not a duration; write /);
  await user.condition("aimservice", "chat", "HTTPRouteReady", "InvalidRequestTimeout", "research");
  const told = await until("the event", async () => {
    const events = (await user.list("events", "research")).filter(({ type, involvedObject }) =>
      type === "Warning" && involvedObject.kind === "AIMRuntimeConfig"
    );
    return events.length > 0 ? events : undefined;
  });
  assert.deepEqual(told.map(({ reason }) => reason), ["InvalidSpec"]);
  await user.apply([research()]);
  await user.condition("aimruntimeconfig", "default", "Ready", "ConfigurationValid", "research");
  await user.reaches("aimservice", "chat", "Running", "research");
  assert.deepEqual((await endpointOf("chat", "research")).spec, spec);
  assert.deepEqual((await user.list("httproute", "research")).map(({ spec }) => spec), routes);
  assert.deepEqual(await versionsIn("batch"), others);
});

Deno.test("a variable that no pod may have is left out, and the endpoint runs with the rest", async () => {
  await user.namespace("careless");
  await user.apply([
    runtimeConfig("default", "careless", {
      routing: { enabled: false },
      env: [{ name: "A=B", value: "1" }, { name: "KEPT", value: "2" }],
    }),
    service("chat", "careless", { model: { name: "qwen" } }),
  ]);
  const { status } = await user.reaches("aimservice", "chat", "Running", "careless");
  const condition = status.conditions.find(({ type }: AnyObject) => type === "RuntimeConfigReady");
  assert.match(condition.message, /spec\.env\[0\]\.name of AIMRuntimeConfig careless\/default is left out/);
  const env = await envOf("chat", "careless");
  assert.deepEqual([env.get("KEPT")?.value, env.has("A=B")], ["2", false]);
});

onlyReal(
  "Kubernetes' own validation of pods",
  "what is called wrong of a variable is what the API server refuses, and nothing else",
  async () => {
    const pods = envRows.map(([entry], at) => ({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: `row-${at}`, namespace: "default" },
      spec: { containers: [{ name: "c", image: "i", env: [entry] }] },
    }));
    const list = JSON.stringify({ apiVersion: "v1", kind: "List", items: pods });
    const { stdout } = await installation.plane.kubectl(["create", "--dry-run=server", "-f", "-"], list);
    for (const [at, [entry]] of envRows.entries()) {
      const accepted = stdout.includes(`pod/row-${at} created`);
      assert.equal(envFaults(entry, "").length === 0, accepted, JSON.stringify(entry));
    }
  },
);
