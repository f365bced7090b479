import assert from "node:assert/strict";
import type { AIMArtifact, AIMTemplateCache, ModelSource } from "../../lib/api/mod.ts";
import type { KubeObject } from "../../lib/kube/object.ts";
import { liveObject } from "../../lib/operator/runner/view_fixture.ts";
import {
  artifact,
  cache,
  namespace,
  ownedBy,
  pass,
  qwen,
  runtimeConfig,
  smol,
  template,
} from "./cache_fixture.ts";

const names = (made: readonly AIMArtifact[]) => made.map(({ metadata }) => metadata.name);

Deno.test("§3.1: artifacts are named by source, env, class and, where Dedicated, the cache", () => {
  const rows: [Partial<NonNullable<AIMTemplateCache["spec"]>>, ModelSource, string][] = [
    [{}, qwen, "hf---qwen-qwen3-32b-c00b812b59"],
    [{ storageClassName: "longhorn" }, qwen, "hf---qwen-qwen3-32b-4854f5ce16"],
    [{ mode: "Dedicated" }, qwen, "hf---qwen-qwen3-32b-bcd7746684"],
    [{ env: [{ name: "HF_TOKEN", value: "my-token" }] }, qwen, "hf---qwen-qwen3-32b-581144fb03"],
    [
      { env: [{ name: "HF_TOKEN", value: "of the cache" }] },
      { ...qwen, env: [{ name: "HF_TOKEN", valueFrom: { secretKeyRef: { name: "hf", key: "token" } } }] },
      "hf---qwen-qwen3-32b-ad76fcd1e6",
    ],
    [{}, smol, "s3---models-smollm-135m-a207b3b216"],
  ];
  for (const [spec, source, name] of rows) {
    assert.deepEqual(names(pass(cache(spec), [template([source])]).made), [name]);
  }
});

Deno.test("§4.3: a Shared artifact, field by field", () => {
  const subject = cache({
    env: [{ name: "A", value: "1" }, { name: "B", value: "2" }],
    storageClassName: "fast",
    runtimeConfigName: "rc",
    downloadImage: "example.com/downloader:1",
    imagePullSecrets: [{ name: "reg" }],
  }, {
    labels: { "aim.eai.amd.com/service.name": "svc", team: "nlp", other: "no" },
    annotations: { "aim.eai.amd.com/pvc-headroom-percent": "0", other: "no" },
  });
  const source = { ...qwen, size: "1024Mi", env: [{ name: "B", value: "3" }, { name: "C", value: "4" }] };
  const config = runtimeConfig({ labelPropagation: { enabled: true, match: ["team"] } }, "rc");
  const seen = pass(subject, [template([source]), config]);
  assert.deepEqual(seen.plan.children.map(({ how }) => how), ["create"]);
  const [{ metadata, ...rest }] = seen.made;
  assert.deepEqual(metadata, {
    name: metadata.name,
    namespace,
    labels: {
      "template-created": "true",
      "aim.eai.amd.com/template": "tpl",
      "aim.eai.amd.com/template.name": "tpl",
      "aim.eai.amd.com/template.scope": "Namespace",
      "aim.eai.amd.com/template.index": "0",
      "aim.eai.amd.com/template-cache.name": "c",
      "app.kubernetes.io/managed-by": "aim-template-cache-controller",
      "aim.eai.amd.com/service.name": "svc",
      team: "nlp",
    },
    annotations: { "aim.eai.amd.com/pvc-headroom-percent": "0" },
  });
  assert.deepEqual(rest, {
    apiVersion: "aim.eai.amd.com/v1alpha1",
    kind: "AIMArtifact",
    spec: {
      sourceUri: "hf://Qwen/Qwen3-32B",
      modelId: "Qwen/Qwen3-32B",
      size: "1Gi",
      env: [{ name: "A", value: "1" }, { name: "B", value: "3" }, { name: "C", value: "4" }],
      storageClassName: "fast",
      runtimeConfigName: "rc",
      modelDownloadImage: "example.com/downloader:1",
      imagePullSecrets: [{ name: "reg" }],
    },
  });
});

Deno.test("§4.3: a Dedicated artifact is owned; what is not given is left out; no size means measure", () => {
  const [made] = pass(cache({ mode: "Dedicated" }), [template([{ ...qwen, size: undefined }])]).made;
  assert.deepEqual(made.metadata.ownerReferences, [{
    apiVersion: "aim.eai.amd.com/v1alpha1",
    kind: "AIMTemplateCache",
    name: "c",
    uid: "cache-uid",
    controller: true,
  }]);
  assert.deepEqual(made.spec, { sourceUri: qwen.sourceUri, modelId: qwen.modelId, size: "0" });
  assert.equal(made.metadata.annotations, undefined);
});

Deno.test("a size that the template has learnt is no size that was said: the artifact measures for itself", () => {
  for (const [written, made] of [[undefined, "0"], ["66Gi", "66Gi"]] as const) {
    const learnt = template([qwen]);
    learnt.spec!.modelSources = [{ ...qwen, size: written }];
    assert.equal(pass(cache(), [learnt]).made[0].spec?.size, made);
  }
});

Deno.test("§3.2 Better: the index is the position among all sources, whichever artifacts exist", () => {
  const { made } = pass(cache(), [template([qwen, smol]), artifact(qwen, "Ready")]);
  assert.deepEqual(made.map(({ metadata }) => metadata.labels!["aim.eai.amd.com/template.index"]), ["1"]);
});

Deno.test("sources of equal inputs share one artifact", () => {
  assert.equal(pass(cache(), [template([qwen, qwen])]).made.length, 1);
});

Deno.test("names too long for a label give labels that the API server takes", () => {
  const long = "t".repeat(70);
  const subject = cache({ templateName: long }, { name: "c".repeat(80) });
  const tpl = template([qwen]);
  tpl.metadata.name = long;
  for (const value of Object.values(pass(subject, [tpl]).made[0].metadata.labels!)) {
    assert.ok(value.length <= 63);
  }
});

Deno.test("§4.1: where the template is looked for", () => {
  const inNamespace = template([qwen]);
  const inCluster = template([smol], "Ready", "AllComponentsReady", "AIMClusterServiceTemplate");
  const rows: ["Namespace" | "Cluster" | "Unknown", typeof inNamespace[], string | undefined][] = [
    ["Namespace", [inNamespace, inCluster], "AIMServiceTemplate"],
    ["Namespace", [inCluster], undefined],
    ["Cluster", [inNamespace, inCluster], "AIMClusterServiceTemplate"],
    ["Cluster", [inNamespace], undefined],
    ["Unknown", [inNamespace, inCluster], "AIMServiceTemplate"],
    ["Unknown", [inCluster], "AIMClusterServiceTemplate"],
  ];
  for (const [templateScope, there, kind] of rows) {
    const { status, made } = pass(cache({ templateScope }), there);
    assert.equal(status?.resolvedTemplateKind, kind);
    assert.equal(made.length, kind === undefined ? 0 : 1);
  }
});

Deno.test("sources are used as soon as they exist, whatever the template's state", () => {
  for (const status of ["NotAvailable", "Failed", "Degraded", "Pending", "Progressing"]) {
    assert.equal(pass(cache(), [template([qwen], status)]).made.length, 1, status);
  }
});

Deno.test("api.md §11 Better: the cache's own sources stand in for the template's", () => {
  assert.deepEqual(names(pass(cache({ modelSources: [smol] }), [template([qwen])]).made), [
    "s3---models-smollm-135m-a207b3b216",
  ]);
});

Deno.test("§4.2: what matches, rule by rule", () => {
  const old = { creationTimestamp: "2025-01-01T00:00:00Z" };
  const classed = runtimeConfig({ storage: { defaultStorageClassName: "fast" } });
  const rows: [string, AIMTemplateCache, ReturnType<typeof artifact>[], string | undefined][] = [
    ["made by hand", cache(), [artifact(qwen, "Ready")], "made-of-qwen-qwen3-32b"],
    ["not touched yet", cache(), [artifact(qwen, undefined)], undefined],
    [
      "another source",
      cache(),
      [artifact({ ...qwen, sourceUri: "hf://Qwen/Qwen3-32b" }, "Ready")],
      undefined,
    ],
    [
      "owned, for a Shared cache",
      cache(),
      [artifact(qwen, "Ready", { metadata: ownedBy("any") })],
      undefined,
    ],
    ["own, for a Dedicated cache", cache({ mode: "Dedicated" }), [
      artifact(qwen, "Ready", { metadata: ownedBy("cache-uid") }),
    ], "made-of-qwen-qwen3-32b"],
    ["another's, for a Dedicated cache", cache({ mode: "Dedicated" }), [
      artifact(qwen, "Ready", { metadata: ownedBy("other") }),
    ], undefined],
    ["Shared, for a Dedicated cache", cache({ mode: "Dedicated" }), [artifact(qwen, "Ready")], undefined],
    ["being deleted", cache(), [
      artifact(qwen, "Ready", { metadata: { deletionTimestamp: "2026-01-01T00:00:00Z" } }),
    ], undefined],
    ["any class for a cache of none", cache(), [
      artifact(qwen, "Ready", { spec: { storageClassName: "slow" } }),
    ], "made-of-qwen-qwen3-32b"],
    ["same class", cache({ storageClassName: "fast" }), [
      artifact(qwen, "Ready", { spec: { storageClassName: "fast" } }),
    ], "made-of-qwen-qwen3-32b"],
    ["another class", cache({ storageClassName: "fast" }), [
      artifact(qwen, "Ready", { spec: { storageClassName: "slow" } }),
    ], undefined],
    [
      "the class of its runtime config",
      cache({ storageClassName: "fast" }),
      [artifact(qwen, "Ready")],
      "made-of-qwen-qwen3-32b",
    ],
    ["another class than that of its runtime config", cache({ storageClassName: "slow" }), [
      artifact(qwen, "Ready"),
    ], undefined],
    ["env, size and image do not matter", cache({ env: [{ name: "A", value: "1" }], downloadImage: "x" }), [
      artifact(qwen, "Ready", { spec: { size: "1Gi", env: [{ name: "B", value: "2" }] } }),
    ], "made-of-qwen-qwen3-32b"],
    ["a failed one is waited for", cache(), [artifact(qwen, "Failed")], "made-of-qwen-qwen3-32b"],
    ["ties: the oldest", cache(), [
      artifact(qwen, "Ready", { metadata: { name: "a" } }),
      artifact(qwen, "Ready", { metadata: { name: "b", ...old } }),
    ], "b"],
    ["then by name", cache(), [
      artifact(qwen, "Ready", { metadata: { name: "b", ...old } }),
      artifact(qwen, "Ready", { metadata: { name: "a", ...old } }),
    ], "a"],
  ];
  for (const [what, subject, there, wanted] of rows) {
    const { status, made } = pass(subject, [template([qwen]), classed, ...there]);
    assert.deepEqual(Object.keys(status?.artifacts ?? {}), wanted === undefined ? [] : [wanted], what);
    assert.equal(made.length, wanted === undefined ? 1 : 0, what);
  }
});

Deno.test("§4.2: among several matches the best status wins", () => {
  const order = ["Ready", "Progressing", "Pending", "Degraded", "NotAvailable", "Failed"];
  for (let at = 0; at < order.length - 1; at++) {
    const better = artifact(qwen, order[at], { metadata: { name: "z-better" } });
    const worse = artifact(qwen, order[at + 1], {
      metadata: { name: "a-worse", creationTimestamp: "2020-01-01T00:00:00Z" },
    });
    const { status } = pass(cache(), [template([qwen]), worse, better]);
    assert.deepEqual(Object.keys(status?.artifacts ?? {}), ["z-better"]);
  }
});

Deno.test("two sources of one modelId each get their own artifact", () => {
  const twin = { ...qwen, sourceUri: "s3://bucket/qwen" };
  const { status, made } = pass(cache(), [template([qwen, twin]), artifact(qwen, "Ready")]);
  assert.deepEqual(made.map(({ spec }) => spec?.sourceUri), ["s3://bucket/qwen"]);
  assert.deepEqual(Object.keys(status!.artifacts!), ["made-of-qwen-qwen3-32b"]);
});

Deno.test("a place is kept by an artifact that may come to serve the cache, not by one whose volume is of another class", () => {
  const subject = cache({ storageClassName: "fast" });
  const { plan } = pass(subject, [template([qwen])]);
  const [child] = plan.children;
  const slot = "slot" in child ? child.slot : undefined;
  const keeps = (other: AIMArtifact) => slot!.takenBy.valuesOf(liveObject(other)).includes(slot!.value);
  const spec = { storageClassName: "fast" };
  assert.equal(keeps(artifact(qwen, undefined, { spec })), true, "not touched yet");
  assert.equal(
    keeps(artifact(qwen, "Pending", { spec, status: { persistentVolumeClaim: undefined } })),
    true,
  );
  assert.equal(keeps(artifact(qwen, undefined)), false, "of another class");
  const edited = artifact(qwen, "Ready", { spec });
  const slow = {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name: edited.status!.persistentVolumeClaim!, namespace, uid: "claim" },
    spec: { storageClassName: "slow" },
  } as KubeObject;
  assert.equal(pass(subject, [template([qwen]), edited, slow]).made.length, 1, "it does not serve the cache");
  assert.equal(keeps(edited), false);
});

Deno.test("two sources of one URI are served by one artifact, which is listed with the first of them", () => {
  const twin = { ...qwen, modelId: "another/name" };
  const { status } = pass(cache(), [template([qwen, twin]), artifact(qwen, "Ready")]);
  assert.deepEqual(Object.values(status!.artifacts!).map(({ model }) => model), [qwen.modelId]);
});

Deno.test("issue 'never twice': for which artifact that is being made a new one of another name waits", () => {
  const paused = { "aim.eai.amd.com/reconciliation-paused": "true" };
  const of = (source = qwen, spec: object = {}, metadata: object = {}) =>
    artifact(source, undefined, { metadata: { name: "coming", ...metadata }, spec });
  const fast = { storageClassName: "fast" };
  const going = { deletionTimestamp: "2026-01-01T00:00:00Z" };
  const rows: [string, Parameters<typeof cache>[0], AIMArtifact, boolean][] = [
    ["one of the source", {}, of(), true],
    ["one of the source, whatever its class", {}, of(qwen, fast), true],
    ["one of the class that the cache names", fast, of(qwen, fast), true],
    ["one of another class", fast, of(qwen, { storageClassName: "slow" }), false],
    ["one of no class, which may turn out to be another", fast, of(), false],
    ["another source", {}, of(smol), false],
    ["one that is paused", {}, of(qwen, {}, { annotations: paused }), false],
    ["one that is going", {}, of(qwen, {}, going), false],
    ["a Dedicated one", {}, of(qwen, {}, ownedBy("another")), false],
    ["one in another namespace", {}, of(qwen, {}, { namespace: "other" }), false],
    ["any, for a Dedicated cache", { mode: "Dedicated" }, of(), false],
  ];
  for (const [what, spec, coming, waits] of rows) {
    const [child] = pass(cache(spec), [template([qwen])]).plan.children;
    const slot = child.how === "create" ? child.slot : undefined;
    const takes = slot?.takenBy.valuesOf(liveObject(coming)).includes(slot.value) ?? false;
    assert.equal(takes && slot?.limit === 1, waits, what);
  }
});

Deno.test("a Dedicated cache adopts what it made under another UID and what nobody owns, and nothing else", () => {
  const subject = cache({ mode: "Dedicated" });
  const [{ metadata: { name } }] = pass(subject, [template([qwen])]).made;
  const left = (metadata: object = {}, maker = "c") =>
    artifact(qwen, "Ready", {
      metadata: { name, labels: { "aim.eai.amd.com/template-cache.name": maker }, ...metadata },
    });
  const rows: [string, AIMTemplateCache, AIMArtifact, boolean][] = [
    ["left", subject, left(), true],
    ["of another maker", subject, left({}, "other"), false],
    ["of another owner", subject, left(ownedBy("former")), false],
    ["going", subject, left({ deletionTimestamp: "2026-01-01T00:00:00Z" }), false],
    ["of another name", subject, left({ name: "other" }), false],
    ["paused", subject, left({ annotations: { "aim.eai.amd.com/reconciliation-paused": "true" } }), false],
    ["for a Shared cache", cache(), left(), false],
  ];
  for (const [what, it, there, adopted] of rows) {
    const owners = (pass(it, [template([qwen]), there]).plan.edits ?? []).flatMap(({ patch }) =>
      (patch.metadata as { ownerReferences?: { uid: string }[] }).ownerReferences ?? []
    );
    assert.deepEqual(owners.map(({ uid }) => uid), adopted ? ["cache-uid"] : [], what);
  }
});
