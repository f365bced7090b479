import assert from "node:assert/strict";
import type { KubeObject } from "../../kube/object.ts";
import { watchedKinds } from "../../cluster/kinds.ts";
import { cacheHolding } from "../../operator/runner/view_fixture.ts";
import { cache, pod, ready, service, template } from "../../../controllers/service/service_sample.ts";
import { pathInWords, pathOfService, pathsInTable, pathsOfAll } from "./status.ts";

const clusterOf = (objects: readonly KubeObject[]) => ({
  cache: cacheHolding(objects, { kinds: watchedKinds }),
  unseen: [],
  at: 0,
});

const conditions = (
  ...rows: readonly (readonly [type: string, status: string, reason: string, message?: string])[]
) =>
  rows.map(([type, status, reason, message = ""]) => ({
    type,
    status,
    reason,
    message,
    lastTransitionTime: "",
  }));

const wellModel = ["ModelReady", "True", "ModelResolved"] as const;
const wellTemplate = ["TemplateReady", "True", "Resolved"] as const;

Deno.test("a path that holds: every part with its object, in the order of the path", () => {
  const running = service({
    status: {
      status: "Running",
      observedGeneration: 4,
      conditions: conditions(
        wellModel,
        wellTemplate,
        ["CacheReady", "True", "CacheReady"],
        ["InferenceServiceReady", "True", "Ready"],
        ["InferenceServicePodsReady", "True", "PodsReady"],
        ["Ready", "True", "AllComponentsReady"],
      ),
    } as never,
  });
  const path = pathOfService(clusterOf([running, ...ready]), "ns", "s");
  assert.equal(path.broken, undefined);
  assert.deepEqual(path.links.map(({ part, name }) => [part, name]), [
    ["model", "m"],
    ["template", "t1"],
    ["cache", "t1-e2c6bafc"],
    ["endpoint", "s-e2c6bafc"],
    ["pods", "1/1 ready"],
  ]);
  assert.equal(pathInWords(path).filter((line) => line.startsWith("ok")).length, 5);
});

Deno.test("the first part that the service cannot use is marked, with its cause and what helps", () => {
  const waiting = service({
    status: {
      status: "Failed",
      observedGeneration: 4,
      conditions: conditions(
        wellModel,
        wellTemplate,
        ["CacheReady", "False", "StorageFull", "Template cache failed: claim c is full"],
        ["InferenceServiceReady", "False", "Progressing", "waits for the cache"],
        ["Ready", "False", "StorageFull", "Component Cache is not ready"],
      ),
    } as never,
  });
  const objects = [waiting, ...ready.slice(0, 2), cache({ status: { status: "Failed" } })];
  const path = pathOfService(clusterOf(objects), "ns", "s");
  assert.equal(path.links[path.broken!].part, "cache");
  const lines = pathInWords(path);
  assert.match(lines.find((line) => line.startsWith("->"))!, /^-> {2}cache {5}t1-e2c6bafc/);
  assert.match(lines.find((line) => line.startsWith("--"))!, /^-- {2}endpoint/);
  const told = lines.slice(lines.indexOf("The path breaks at the cache: StorageFull"));
  assert.equal(told[1], "  Template cache failed: claim c is full");
  assert.match(told[2], /^ {2}What helps: ./);
});

Deno.test("what helps is said of the part that it is for: of the first, and of the one that Ready blames", () => {
  const blamed = service({
    status: {
      status: "Failed",
      observedGeneration: 4,
      conditions: conditions(
        ["ModelReady", "False", "ModelNotReady", "AIMModel m is in failed state"],
        ["HTTPRouteReady", "False", "GatewayNotConfigured", "no gatewayRef is configured"],
        ["Stalled", "True", "AIM0602", "no gatewayRef is configured. AIM-0602: Set routing.gatewayRef."],
        ["Ready", "False", "InvalidSpec", "no gatewayRef is configured. AIM-0602: Set routing.gatewayRef."],
      ),
    } as never,
  });
  const cluster = clusterOf([blamed, ...ready.slice(0, 2)]);
  const lines = pathInWords(pathOfService(cluster, "ns", "s"));
  const [model, route] = [
    "The path breaks at the model: ModelNotReady",
    "And at the route: GatewayNotConfigured",
  ]
    .map((line) => lines.indexOf(line));
  assert.ok(model > 0 && route > model, lines.join("\n"));
  assert.doesNotMatch(lines.slice(model, route).join("\n"), /gateway|AIM-0602/);
  assert.match(lines.slice(route).join("\n"), /What helps: Set `routing\.gatewayRef`.*\n {2}Cause: AIM-0602/);
  const [, row] = pathsInTable(pathsOfAll(cluster));
  assert.match(row, /model, route +ModelNotReady, GatewayNotConfigured \(AIM-0602\)/);
});

Deno.test("a runtime config of which a field is refused is not called ready, though the service goes by the rest", () => {
  const running = service({
    status: {
      status: "Running",
      observedGeneration: 4,
      resolvedRuntimeConfig: { name: "odd", scope: "Namespace" },
      conditions: conditions(
        ["RuntimeConfigReady", "True", "RuntimeConfigResolved"],
        wellModel,
        wellTemplate,
        ["Ready", "True", "AllComponentsReady"],
      ),
    } as never,
  });
  const config = {
    apiVersion: "aim.eai.amd.com/v1alpha1",
    kind: "AIMRuntimeConfig",
    metadata: { name: "odd", namespace: "ns" },
    spec: {},
    status: { conditions: conditions(["Ready", "False", "InvalidSpec", "spec.env: A B is no name"]) },
  };
  const path = pathOfService(clusterOf([running, config as never, ...ready]), "ns", "s");
  assert.equal(path.broken, undefined);
  const line = pathInWords(path).find((line) => line.includes("config"))!;
  assert.match(line, /^-- {2}config +odd +InvalidSpec +AIMRuntimeConfig: spec\.env: A B is no name/);
});

Deno.test("an artifact that is not ready is not called ok, and a size that nobody has measured is not told", () => {
  const waiting = service({
    status: {
      status: "Starting",
      observedGeneration: 4,
      conditions: conditions(
        wellModel,
        wellTemplate,
        ["CacheReady", "False", "StorageSizeError", "Template cache status: Degraded"],
      ),
    } as never,
  });
  const degraded = {
    apiVersion: "aim.eai.amd.com/v1alpha1",
    kind: "AIMArtifact",
    metadata: { name: "weights", namespace: "ns", uid: "u" },
    spec: { size: "0" },
    status: {
      status: "Degraded",
      displaySize: "0",
      conditions: conditions(["Ready", "False", "ConfigMapNotFound", 'configmap "settings" not found']),
    },
  };
  const objects = [
    waiting,
    ...ready.slice(0, 2),
    cache({ status: { status: "Degraded", artifacts: { m: { name: "weights", uid: "u" } } } as never }),
    degraded as never,
  ];
  const path = pathOfService(clusterOf(objects), "ns", "s");
  assert.equal(path.links[path.broken!].part, "cache");
  const line = pathInWords(path).find((line) => line.includes("artifact"))!;
  assert.match(line, /^-- {2}artifact +weights +Degraded *$/);
});

Deno.test("a service that no operator has looked at, and a status that is about an older spec, say so", () => {
  const fresh = pathInWords(pathOfService(clusterOf([service()]), "ns", "s"));
  assert.equal(fresh[0], "ns/s: no status yet");
  assert.equal(fresh[1], "No operator has looked at it yet.");
  const edited = service({ status: { status: "Running", observedGeneration: 3 } as never });
  assert.match(pathInWords(pathOfService(clusterOf([edited]), "ns", "s"))[1], /about an older spec/);
});

Deno.test("all services in a table, with the part where each breaks", () => {
  const broken = service({
    metadata: { name: "b", namespace: "a" },
    status: {
      status: "Failed",
      conditions: conditions(["ModelReady", "False", "ModelNotFound", "no model"]),
    } as never,
  });
  assert.deepEqual(pathsInTable(pathsOfAll(clusterOf([service(), broken, pod()]))), [
    "NAMESPACE  NAME  STATUS  BROKEN AT  WHY",
    "a          b     Failed  model      ModelNotFound",
    "ns         s     -",
  ]);
});

Deno.test("a better template that came later is told, with what a change to it costs", () => {
  const resolvedTemplate = {
    name: "t1",
    namespace: "ns",
    scope: "Namespace",
    uid: "uid-AIMServiceTemplate-ns-t1",
  };
  const resolvedModel = { name: "m", namespace: "ns", scope: "Namespace", uid: "uid-AIMModel-ns-m" };
  const running = service({ status: { status: "Running", resolvedTemplate, resolvedModel } as never });
  const better = template({
    metadata: { name: "better" },
    status: {
      status: "Ready",
      profile: { metadata: { type: "optimized", metric: "latency", precision: "fp8" } },
      modelSources: [{ modelId: "a/b", sourceUri: "hf://a/b", size: "34Gi" }],
    } as never,
  });
  const path = pathOfService(clusterOf([running, ...ready, better]), "ns", "s");
  assert.deepEqual(path.rebinding?.to, { name: "better", scope: "Namespace" });
  assert.match(
    pathInWords(path).at(-1)!,
    /^It would choose better now: .*; 1 pod would restart, 34 GiB would be downloaded \(kubectl aim rebind s\)$/,
  );
  const [listed] = pathsOfAll(clusterOf([running, ...ready, better]));
  assert.equal(listed.rebinding, undefined, "a table has no room for it, so it is not worked out");
  const same = pathOfService(clusterOf([running, ...ready]), "ns", "s");
  assert.equal(same.rebinding, undefined, "there is no other");
});

Deno.test("the code that Ready carries is told with what helps against its cause", () => {
  const broken = service({
    status: {
      status: "Failed",
      observedGeneration: 4,
      conditions: conditions(
        wellModel,
        wellTemplate,
        ["InferenceServicePodsReady", "False", "FailedCreate", "Pods are refused: no room"],
        ["Stalled", "True", "AIM0801", "Pods are refused: no room. AIM-0801: Raise the quota."],
        ["Ready", "False", "FailedCreate", "Pods are refused: no room. AIM-0801: Raise the quota."],
      ),
    } as never,
  });
  const path = pathOfService(clusterOf([broken, ...ready]), "ns", "s");
  assert.equal(path.code, "AIM-0801");
  const lines = pathInWords(path).join("\n");
  assert.match(lines, /^ {2}What helps: Raise the quota that the message names/m);
  assert.match(lines, /^ {2}Cause: AIM-0801, a quota is used up \(kubectl aim explain AIM-0801\)$/m);
  assert.match(pathsInTable([path])[1], /FailedCreate \(AIM-0801\)$/);
});
