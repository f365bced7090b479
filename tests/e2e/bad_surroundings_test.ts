/** Names, namespaces and older objects that services meet in clusters (issue: bad input). */

import assert from "node:assert/strict";
import { aimClusterRuntimeConfig, aimClusterServiceTemplate, aimService } from "../../lib/api/mod.ts";
import { until } from "../control_plane/until.ts";
import { apiVersion, clusterModel, clusterTemplate, service } from "./catalogue.ts";
import { install, type Installation, uninstall } from "./installation.ts";
import type { AnyObject, User } from "./user.ts";

let installation: Installation;
let user: User;

Deno.test.beforeAll(async () => {
  installation = await install();
  user = installation.user;
  await user.namespace("ml-team");
  await user.apply([clusterModel("good"), clusterTemplate("good-latency", "good")]);
});

Deno.test.afterAll(() => uninstall(installation));

const good = { model: { name: "good" } };

Deno.test("a namespace of 60 characters leaves no host name: the service says what to do", async () => {
  const namespace = "n".repeat(60);
  await user.namespace(namespace);
  await user.apply([service("long", namespace, good)]);
  const said = await user.condition(
    "aimservice",
    "long",
    "InferenceServiceReady",
    "NamespaceTooLong",
    namespace,
  );
  assert.ok(
    said.message.includes(
      `namespace "${namespace}" is too long (60 chars); InferenceService hostname would exceed 63 characters`,
    ),
    said.message,
  );
  assert.match(said.message, /at most 42 characters/);
  const { status } = await user.get("aimservice", "long", namespace);
  assert.equal(status.status, "Failed");
  // The rest is looked at all the same.
  assert.equal(status.conditions.find(({ type }: AnyObject) => type === "ModelReady").status, "True");
});

Deno.test("a service named 1x runs: KServe wants a letter first and gets one", async () => {
  await user.apply([service("1x", "ml-team", good)]);
  await user.reaches("aimservice", "1x", "Running", "ml-team");
  const [isvc] = await user.list("inferenceservice", "ml-team", "aim.eai.amd.com/service.name=1x");
  assert.equal(isvc.metadata.name, "s-1x-a04542d9");
});

Deno.test("service, model and template with names of 253 characters run", async () => {
  const long = (letter: string) => letter.repeat(253);
  await user.apply([
    clusterModel(long("m")),
    clusterTemplate(long("t"), long("m"), {
      modelSources: [{ modelId: "example/long", sourceUri: "hf://example/long", size: "16Gi" }],
    }),
    service(long("s"), "ml-team", { model: { name: long("m") } }),
    // Another one that is cut to the same 63 characters.
    service(`${"s".repeat(252)}t`, "ml-team", { model: { name: long("m") } }),
  ]);
  await user.reaches("aimservice", long("s"), "Running", "ml-team");
  await user.reaches("aimservice", `${"s".repeat(252)}t`, "Running", "ml-team");
  // conventions.md §11.1: what is no legal value of a label is cut, with a hash that tells two apart.
  const cut = (letter: string) => new RegExp(`^${letter}{54}-[0-9a-f]{8}$`);
  const isvcs = (await user.list("inferenceservice", "ml-team"))
    .filter(({ metadata }) => cut("m").test(metadata.labels["aim.eai.amd.com/model"]));
  assert.equal(isvcs.length, 2);
  for (const { metadata } of isvcs) {
    assert.ok(metadata.name.length <= 63 - "-predictor-".length - "ml-team".length, metadata.name);
    assert.match(metadata.labels["aim.eai.amd.com/service.name"], cut("s"));
  }
  assert.equal(new Set(isvcs.map(({ metadata }) => metadata.labels["aim.eai.amd.com/service.name"])).size, 2);
});

Deno.test(
  "a namespace without quota for GPUs: pods are refused in the quota's words, until there is room",
  async () => {
    await user.namespace("poor");
    const quota = (gpus: string) => [{
      apiVersion: "v1",
      kind: "ResourceQuota",
      metadata: { name: "gpus", namespace: "poor" },
      spec: { hard: { "requests.amd.com/gpu": gpus } },
    }];
    await user.apply(quota("0"));
    await until("the quota counted", async () => {
      const { status } = await user.get("resourcequota", "gpus", "poor");
      return status?.used !== undefined;
    });
    await user.apply([service("poor", "poor", good)]);
    const said = await user.condition(
      "aimservice",
      "poor",
      "InferenceServicePodsReady",
      "FailedCreate",
      "poor",
    );
    assert.match(said.message, /exceeded quota: gpus, requested: requests\.amd\.com\/gpu=1/);
    assert.equal(await user.status("aimservice", "poor", "poor"), "Failed");
    await user.apply(quota("8"));
    await user.reaches("aimservice", "poor", "Running", "poor");
  },
);

Deno.test("a namespace without quota for pods: the download says so, and the service with it", async () => {
  await user.namespace("podless");
  await user.apply([{
    apiVersion: "v1",
    kind: "ResourceQuota",
    metadata: { name: "none", namespace: "podless" },
    spec: { hard: { pods: "0" } },
  }]);
  await until("the quota counted", async () => {
    const { status } = await user.get("resourcequota", "none", "podless");
    return status?.used !== undefined;
  });
  await user.apply([service("podless", "podless", good)]);
  const words = /exceeded quota: none, requested: pods=1/;
  const artifact = await until("the artifact says why", async () => {
    const [artifact] = await user.list("aimartifact", "podless");
    return artifact?.status?.conditions?.find(({ message }: AnyObject) => words.test(message));
  });
  assert.match(artifact.message, words);
  const said = await until("the service says why", async () => {
    const { status } = await user.get("aimservice", "podless", "podless");
    const cache = status?.conditions?.find(({ type }: AnyObject) => type === "CacheReady");
    return words.test(cache?.message) ? cache : undefined;
  });
  assert.equal(said.status, "False");
});

Deno.test("a namespace with a restricted Pod Security Standard: pods are refused in its words", async () => {
  await user.namespace("strict", { "pod-security.kubernetes.io/enforce": "restricted" });
  await user.apply([service("strict", "strict", good)]);
  const said = await user.condition(
    "aimservice",
    "strict",
    "InferenceServicePodsReady",
    "FailedCreate",
    "strict",
  );
  assert.match(said.message, /violates PodSecurity "restricted:latest"/);
  assert.match(said.message, /label the namespace pod-security\.kubernetes\.io\/enforce=baseline/);
  assert.equal(await user.status("aimservice", "strict", "strict"), "Failed");
  // The remedy is one. A ReplicaSet tries again after a pause that grows; a new one at once.
  await user.kubectl(
    ...["label", "namespace", "strict", "--overwrite", "pod-security.kubernetes.io/enforce=baseline"],
  );
  await user.kubectl("delete", "replicasets", "--all", "-n", "strict");
  await user.reaches("aimservice", "strict", "Running", "strict");
});

/** Loosens the schema of a kind to "anything", as an older CRD might have been; returns what puts it back. */
async function loosen(plural: string): Promise<() => Promise<void>> {
  const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${plural}.aim.eai.amd.com`;
  const request = (method: string, body?: unknown) => installation.plane.request(method, path, body);
  const put = async (change: (crd: AnyObject) => void) => {
    const crd = await request("GET");
    change(crd);
    await request("PUT", crd);
  };
  const { spec } = await request("GET");
  const anything = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
  await put((crd) => crd.spec.versions[0].schema.openAPIV3Schema = anything);
  return () =>
    put((crd) => crd.spec.versions[0].schema.openAPIV3Schema = spec.versions[0].schema.openAPIV3Schema);
}

Deno.test("objects stored under an older CRD that today's refuses: each says so, none stops others", async () => {
  // The API server itself refuses every write, of a status too, where a rule of a field meets a wrong type.
  const odd: AnyObject[] = [
    service("stored", "ml-team", { model: { name: "good", image: "a/b:1" }, routing: { requestTimeout: 5 } }),
    clusterTemplate("stored-template", "other", { metric: "speed", env: "none" }),
    {
      apiVersion,
      kind: "AIMClusterRuntimeConfig",
      metadata: { name: "stored-config" },
      spec: { env: "none" },
    },
  ];
  const plurals = [aimService, aimClusterServiceTemplate, aimClusterRuntimeConfig].map(({ plural }) =>
    plural
  );
  const restore = await Promise.all(plurals.map(loosen));
  await until("the odd objects stored", async () => {
    await installation.plane.apply(odd);
    return true;
  });
  for (const back of restore) await back();
  await until("a new one like each refused", async () => {
    for (const object of odd) {
      const like = JSON.stringify({ ...object, metadata: { ...object.metadata, name: "like" } });
      const { code } = await installation.plane.kubectl(["apply", "--dry-run=server", "-f", "-"], like);
      if (code === 0) return false;
    }
    return true;
  });

  const said = await user.condition("aimservice", "stored", "Ready", "InvalidSpec", "ml-team");
  assert.match(said.message, /spec\.model: exactly one of name, image, custom must be set; keep one/);
  assert.match(said.message, /spec\.routing\.requestTimeout is 5 but must be a string/);
  const template = await user.condition(
    "aimclusterservicetemplate",
    "stored-template",
    "Ready",
    "InvalidSpec",
  );
  assert.match(template.message, /spec\.metric is "speed" but must be one of latency, throughput/);
  await user.apply([service("configured", "ml-team", { ...good, runtimeConfigName: "stored-config" })]);
  const config = await user.condition(
    "aimservice",
    "configured",
    "RuntimeConfigReady",
    "InvalidSpec",
    "ml-team",
  );
  assert.match(
    config.message,
    /AIMClusterRuntimeConfig stored-config: spec\.env is "none" but must be a list/,
  );

  await user.apply([service("beside", "ml-team", good)]);
  await user.reaches("aimservice", "beside", "Running", "ml-team");
  await installation.operator.restart();
  await user.apply([service("after", "ml-team", good)]);
  await user.reaches("aimservice", "after", "Running", "ml-team");

  await user.kubectl("delete", "aimservice", "stored", "-n", "ml-team", "--timeout=30s");
});
