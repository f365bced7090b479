/**
 * Sidecars that admission puts into pods of discovery Jobs, and Jobs that a queue suspends: on a real API server, with a
 * policy in the place of a mesh's webhook (spec/README "Jobs of ours").
 */

import assert from "node:assert/strict";
import { POLICY_FLAGS } from "../apply/policy.ts";
import { until } from "../control_plane/until.ts";
import { model, template } from "../e2e/catalogue.ts";
import type { AnyObject } from "../e2e/user.ts";
import { type DryRun, profiled } from "../node_agent/discovery_images.ts";
import { installPlayed, modelsOnly, type PlayedCluster, uninstallPlayed } from "./played_cluster.ts";

let cluster: PlayedCluster;

const admission = "admissionregistration.k8s.io/v1beta1";

/** Changes what is created in the namespace, unless the condition says no. */
function policy(
  name: string,
  namespace: string,
  kind: "pods" | "jobs",
  change: string,
  when?: string,
): AnyObject[] {
  return [{
    apiVersion: admission,
    kind: "MutatingAdmissionPolicy",
    metadata: { name },
    spec: {
      matchConstraints: {
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
        resourceRules: [{
          apiGroups: [kind === "pods" ? "" : "batch"],
          apiVersions: ["v1"],
          operations: ["CREATE"],
          resources: [kind],
        }],
      },
      ...(when === undefined ? {} : { matchConditions: [{ name: "wanted", expression: when }] }),
      failurePolicy: "Fail",
      reinvocationPolicy: "Never",
      mutations: [{ patchType: "JSONPatch", jsonPatch: { expression: change } }],
    },
  }, {
    apiVersion: admission,
    kind: "MutatingAdmissionPolicyBinding",
    metadata: { name },
    spec: { policyName: name },
  }];
}

const sidecar = `[JSONPatch{op: "add", path: "/spec/containers/-",
  value: Object.spec.containers{name: "mesh-proxy", image: "registry.example.com/mesh/proxy:1"}}]`;
const suspended = `[JSONPatch{op: "add", path: "/spec/suspend", value: true}]`;

/** As a mesh decides: whoever says no by label or annotation is left alone. */
const unlessItOptsOut = ["sidecar.istio.io/inject", "linkerd.io/inject"].map((key) =>
  `!(has(object.metadata.annotations) && "${key}" in object.metadata.annotations &&
     object.metadata.annotations["${key}"] in ["false", "disabled"])`
).join(" && ");

const imageOf = (name: string) => `registry.example.com/aim/${name}:1`;

async function ask(name: string, namespace: string, dryRun: DryRun): Promise<void> {
  cluster.dryRuns.set(imageOf(name), dryRun);
  const switches = { extractMetadata: false, createServiceTemplates: false };
  await cluster.user.apply([
    model(name, namespace, { image: imageOf(name), imageMetadata: undefined, discovery: switches }),
    template(name, namespace, name, { modelSources: undefined }),
  ]);
}

/** Runs as the image does, beside containers that do not end. */
const held = (dryRun: DryRun): DryRun => (environment) => {
  const run = dryRun(environment);
  assert.ok(run.does === "run");
  return { ...run, othersStay: true };
};

const good = profiled("example/tiny", 0.5);

Deno.test.beforeAll(async () => {
  cluster = await installPlayed({}, { ...modelsOnly, apiServerArgs: POLICY_FLAGS });
  const { user } = cluster;
  for (const namespace of ["meshed", "stubborn", "queued", "free"]) await user.namespace(namespace);
  await user.apply([
    ...policy("mesh", "meshed", "pods", sidecar, unlessItOptsOut),
    ...policy("stubborn-mesh", "stubborn", "pods", sidecar),
    ...policy("queue", "queued", "jobs", suspended),
  ]);
  const tried = async (namespace: string, ...what: string[]) =>
    JSON.parse(
      await user.kubectl(
        ...what,
        "--image=registry.example.com/one:1",
        "--dry-run=server",
        "-o=json",
        "-n",
        namespace,
      ),
    ).spec;
  await until("the policies are in force", async () => {
    const pods = await Promise.all(["meshed", "stubborn"].map((each) => tried(each, "run", "probe")));
    const job = await tried("queued", "create", "job", "probe");
    return pods.every(({ containers }) => containers.length === 2) && job.suspend === true;
  });
});

Deno.test.afterAll(() => uninstallPlayed(cluster));

Deno.test("a mesh that asks finds that a discovery pod wants no sidecar", async () => {
  const { user } = cluster;
  await ask("asked", "meshed", good);
  await user.reaches("aimservicetemplate", "asked", "Ready", "meshed");
  const pods = await user.list("pod", "meshed");
  assert.ok(pods.every(({ spec }) => spec.containers.length === 1));
});

Deno.test("a mesh that does not ask: what the image printed is read, who stays is said, and the Job goes", async () => {
  const { user } = cluster;
  await ask("held", "stubborn", held(good));
  const { status } = await user.reaches("aimservicetemplate", "held", "Ready", "stubborn");
  assert.equal(status.modelSources[0].modelId, "example/tiny");
  const said = await user.condition(
    "aimservicetemplate",
    "held",
    "Discovered",
    "DiscoveryComplete",
    "stubborn",
  );
  assert.match(said.message, /does not end: container mesh-proxy, put into it by others/);
  await until("the Job is gone", async () => (await user.list("job", "stubborn")).length === 0);
});

Deno.test("a mesh that does not ask, and an image that fails: the attempt is counted and the log quoted", async () => {
  const { user } = cluster;
  await ask(
    "failing",
    "stubborn",
    held(() => ({ does: "run", exitCode: 1, log: "no profile for this GPU\n" })),
  );
  const { status } = await user.reaches("aimservicetemplate", "failing", "Failed", "stubborn");
  assert.equal(status.discovery.attempts, 1);
  assert.match(status.discovery.lastFailureReason, /exit code 1[^]*no profile for this GPU/);
});

Deno.test("eleven Jobs that a queue suspends hold up nobody, and say so", async () => {
  const { user } = cluster;
  const names = Array.from({ length: 11 }, (_, at) => `queued-${at}`);
  for (const name of names) await ask(name, "queued", good);
  for (const name of names) {
    const said = await user.condition("aimservicetemplate", name, "DiscoveryJobReady", "Suspended", "queued");
    assert.match(said.message, /is suspended \(by Kueue or a user\)/);
  }
  await ask("free", "free", good);
  await user.reaches("aimservicetemplate", "free", "Ready", "free");

  for (const { metadata } of await user.list("job", "queued")) {
    const patch = JSON.stringify({ spec: { suspend: false } });
    await user.kubectl("patch", "job", metadata.name, "-n", "queued", "--type=merge", "-p", patch);
  }
  for (const name of names) await user.reaches("aimservicetemplate", name, "Ready", "queued");
});
