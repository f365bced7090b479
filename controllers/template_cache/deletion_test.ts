import assert from "node:assert/strict";
import type { AIMArtifact, AIMTemplateCache } from "../../lib/api/mod.ts";
import type { KubeObject } from "../../lib/kube/object.ts";
import { artifact, cache, ownedBy, pass, qwen, runtimeConfig, smol, template } from "./cache_fixture.ts";

const deleted = (spec: Parameters<typeof cache>[0] = {}, metadata: Parameters<typeof cache>[1] = {}) =>
  cache(spec, {
    finalizers: ["aim.eai.amd.com/artifactcleanup"],
    deletionTimestamp: "2026-01-01T00:00:00Z",
    ...metadata,
  });
const mine = (metadata: Partial<AIMArtifact["metadata"]> = {}, of = "c") => ({
  metadata: { labels: { "aim.eai.amd.com/template-cache.name": of }, ...metadata },
});

function removed(subject: AIMTemplateCache, others: readonly KubeObject[]): string[] {
  const { plan } = pass(subject, others);
  assert.deepEqual(plan.finalizer, { name: "aim.eai.amd.com/artifactcleanup", action: "release" });
  assert.deepEqual(plan.children, []);
  assert.equal(plan.status, undefined);
  for (const { uid, resourceVersion } of plan.removals) assert.ok(uid && resourceVersion);
  return plan.removals.map(({ ref }) => ref.name);
}

Deno.test("§4.5: artifacts that the cache made and that are not Ready go with it", () => {
  const rows: [string, AIMArtifact, boolean][] = [
    ["Ready", artifact(qwen, "Ready", mine()), false],
    ["Progressing", artifact(qwen, "Progressing", mine()), true],
    ["Failed", artifact(qwen, "Failed", mine()), true],
    ["not touched yet", artifact(qwen, undefined, mine()), true],
    ["another cache's", artifact(qwen, "Progressing", mine({}, "other")), false],
    ["made by hand, not used by it", artifact(qwen, "Progressing"), false],
    [
      "owned by the cache",
      artifact(qwen, "Progressing", mine({ ...mine().metadata, ...ownedBy("cache-uid") })),
      true,
    ],
    [
      "owned by another",
      artifact(qwen, "Progressing", mine({ ...mine().metadata, ...ownedBy("other") })),
      false,
    ],
    [
      "already going",
      artifact(qwen, "Failed", mine({ ...mine().metadata, deletionTimestamp: "2026-01-01T00:00:00Z" })),
      false,
    ],
  ];
  for (const [what, there, goes] of rows) {
    assert.deepEqual(removed(deleted(), [there]), goes ? [there.metadata.name] : [], what);
  }
});

/** An endpoint that has a claim among its volumes. */
const mounting = (claimName: string): KubeObject =>
  ({
    apiVersion: "serving.kserve.io/v1beta1",
    kind: "InferenceService",
    metadata: { name: "e", namespace: "ml", uid: "e", labels: { "aim.eai.amd.com/service.name": "s" } },
    spec: { predictor: { volumes: [{ name: "w", persistentVolumeClaim: { claimName } }] } },
  }) as KubeObject;

Deno.test("an artifact stays whose volume an endpoint mounts, though it was lost; a Dedicated one goes with its cache", () => {
  const lost = artifact(qwen, "Progressing", mine());
  const owned = artifact(qwen, "Progressing", mine({ ...mine().metadata, ...ownedBy("cache-uid") }));
  const { persistentVolumeClaim: claim = "" } = lost.status!;
  assert.deepEqual(removed(deleted(), [lost, mounting(claim)]), []);
  assert.deepEqual(removed(deleted(), [lost, mounting("another")]), [lost.metadata.name]);
  assert.deepEqual(removed(deleted(), [owned, mounting(claim)]), [owned.metadata.name]);
});

Deno.test("an artifact stays whose volume a backup brought back, until it has been looked at", () => {
  const annotations = { "aim.eai.amd.com/verified-claim-uid": "before" };
  const at = (second: number) => `2026-01-01T00:00:0${second}Z`;
  const there = artifact(
    qwen,
    "Progressing",
    mine({ ...mine().metadata, annotations, creationTimestamp: at(2) }),
  );
  const claim = (second: number) =>
    ({
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: {
        name: there.status!.persistentVolumeClaim,
        namespace: "ml",
        uid: "now",
        creationTimestamp: at(second),
        labels: { "aim.eai.amd.com/cache.name": there.metadata.name },
      },
      spec: {},
    }) as KubeObject;
  assert.deepEqual(removed(deleted(), [there, claim(1)]), []);
  // We have made this one since: the former was lost.
  assert.deepEqual(removed(deleted(), [there, claim(3)]), [there.metadata.name]);
});

Deno.test("spec/README: an unready Shared artifact goes with its last cache, whoever made it; weights stay", () => {
  const listing = (there: AIMArtifact, uid = there.metadata.uid!): AIMTemplateCache => ({
    ...deleted(),
    status: { artifacts: { x: { uid, name: there.metadata.name!, model: "m", status: "Failed" } } },
  });
  const byHand = artifact(qwen, "Failed");
  assert.deepEqual(removed(listing(byHand), [byHand]), [byHand.metadata.name]);
  assert.deepEqual(removed(listing(byHand, "former"), [byHand]), []);
  const owned = artifact(qwen, "Failed", { metadata: ownedBy("other") });
  assert.deepEqual(removed(listing(owned), [owned]), []);
  // Out of Ready for a reason that has nothing to do with its weights.
  const condition = (type: string, reason: string) => ({
    type,
    status: "True" as const,
    reason,
    message: "",
    lastTransitionTime: "2026-01-01T00:00:00Z",
  });
  const conditions = [condition("CachePvcReady", "Ready"), condition("DownloadComplete", "Verified")];
  const whole = artifact(qwen, "Failed", { status: { conditions } });
  assert.deepEqual(removed(listing(whole), [whole]), []);
  const lost = artifact(qwen, "Failed", { status: { conditions: conditions.slice(1) } });
  assert.deepEqual(removed(listing(lost), [lost]), [lost.metadata.name]);
});

Deno.test("spec/README: a cache that services have made goes by itself once none of them is left", () => {
  const byService = { "app.kubernetes.io/managed-by": "aim-service-controller" };
  const subject = (metadata: Parameters<typeof cache>[1] = {}, spec = {}, status = "Progressing") =>
    cache(spec, { labels: byService, ...metadata }, { status: status as "Failed" });
  const user = (status: object, metadata: object = {}, spec: object = {}): KubeObject => ({
    apiVersion: "aim.eai.amd.com/v1alpha1",
    kind: "AIMService",
    metadata: { name: "s", namespace: "ml", ...metadata },
    spec,
    status,
  } as KubeObject);
  const on = (name: string, scope = "Namespace") => ({ resolvedTemplate: { name, scope } });
  const rows: [string, AIMTemplateCache, KubeObject[], boolean][] = [
    ["nobody", subject(), [], true],
    ["nobody, and it has failed", subject({}, {}, "Failed"), [], true],
    ["nobody, but it is Ready", subject({}, {}, "Ready"), [], false],
    ["nobody, but it is owned", subject(ownedBy("x")), [], false],
    ["nobody, but it was made by hand", subject({ labels: {} }), [], false],
    ["a service on its template", subject(), [user(on("tpl"))], false],
    [
      "a service that goes",
      subject(),
      [user(on("tpl"), { deletionTimestamp: "2026-01-01T00:00:00Z" })],
      true,
    ],
    ["a service on another template", subject(), [user(on("else"))], true],
    ["a service on the cluster's template", subject(), [user(on("tpl", "Cluster"))], true],
    [
      "the same, scope unknown",
      subject({}, { templateScope: "Unknown" }),
      [user(on("tpl", "Cluster"))],
      false,
    ],
    ["a service with a cache of its own", subject(), [
      user(on("tpl"), {}, { caching: { mode: "Dedicated" } }),
    ], true],
    ["a service elsewhere", subject(), [user(on("tpl"), { namespace: "other" })], true],
    [
      "a service that mounts it, but is on another template now",
      subject(),
      [user({ ...on("else"), cache: { templateCacheRef: { name: "c", uid: "cache-uid" } } })],
      false,
    ],
    ["a service that has resolved nothing yet", subject(), [user({})], false],
  ];
  for (const [what, it, others, goes] of rows) {
    const { plan } = pass(it, [template([qwen]), ...others]);
    assert.deepEqual(plan.removals.map(({ ref }) => ref.name), goes ? ["c"] : [], what);
    assert.equal(plan.status === undefined, goes, what);
  }
  const { unless } = pass(subject(), [template([qwen])]).plan.removals[0];
  assert.equal(unless?.inUse([user(on("tpl"))]), true);
  assert.equal(unless?.inUse([user(on("else"))]), false);
  assert.equal(unless?.inUse([user(on("tpl", "Cluster"))]), false, "the cluster's template of that name");
});

Deno.test("a paused cache cleans up too", () => {
  const paused = deleted({}, { annotations: { "aim.eai.amd.com/reconciliation-paused": "true" } });
  assert.equal(removed(paused, [artifact(qwen, "Failed", mine())]).length, 1);
});

Deno.test("a cache of a long name finds its artifacts, by our label and by that of AIM Engine", () => {
  const name = "c".repeat(80);
  const [made] = pass(cache({}, { name }), [template([qwen])]).made;
  const ours = made.metadata.labels!["aim.eai.amd.com/template-cache.name"];
  const others = [
    artifact(qwen, "Failed", mine({}, ours)),
    artifact(smol, "Failed", mine({}, "c".repeat(63))),
  ];
  assert.equal(removed(deleted({}, { name }), others).length, 2);
});

Deno.test("§4.5 Better: a Shared artifact stays while another cache needs it, by a consistent list", () => {
  const there = artifact(qwen, "Progressing", mine());
  const fast = artifact(qwen, "Progressing", { ...mine(), spec: { storageClassName: "fast" } });
  const inUse = (
    other: AIMTemplateCache,
    made: AIMArtifact = there,
    world: KubeObject[] = [template([qwen])],
  ) => {
    const { plan } = pass(deleted(), [made, ...world]);
    const { unless } = plan.removals[0];
    assert.equal(unless?.kind.resource.kind, "AIMTemplateCache");
    assert.equal(unless?.namespace, "ml");
    return unless.inUse([deleted(), other]);
  };
  const other = (spec: Parameters<typeof cache>[0] = {}, metadata: Parameters<typeof cache>[1] = {}) =>
    cache(spec, { name: "other", uid: "other-uid", ...metadata });
  const names = (uid: string): AIMTemplateCache => ({
    ...other({ templateName: "gone" }),
    status: {
      artifacts: {
        [there.metadata.name]: { uid, name: there.metadata.name, model: "m", status: "Progressing" },
      },
    },
  });
  const clusterWide = [template([qwen], "Ready", "AllComponentsReady", "AIMClusterServiceTemplate")];

  assert.equal(inUse(other()), true, "same template");
  assert.equal(inUse(other({ templateScope: "Unknown" })), true, "same template, scope unknown");
  assert.equal(inUse(other({ templateScope: "Cluster" })), false, "a cluster template of that name");
  assert.equal(inUse(other({ templateScope: "Cluster" }), there, clusterWide), true, "cluster template");
  assert.equal(inUse(other({ templateName: "else" })), false, "a template without that source");
  assert.equal(inUse(other({ templateName: "else", modelSources: [qwen] })), true, "own sources");
  assert.equal(inUse(names(there.metadata.uid!)), true, "named in its status");
  assert.equal(inUse(names("former")), false, "a former one named in its status");
  assert.equal(inUse(other({ mode: "Dedicated" })), false, "a Dedicated cache");
  assert.equal(inUse(other({}, { deletionTimestamp: "2026-01-01T00:00:00Z" })), false, "going itself");
  assert.equal(inUse(other({ storageClassName: "fast" })), false, "another class");
  assert.equal(inUse(other({ storageClassName: "fast" }), fast), true, "same class");
  const config = runtimeConfig({ storage: { defaultStorageClassName: "fast" } });
  assert.equal(
    inUse(other({ storageClassName: "fast" }), there, [template([qwen]), config]),
    true,
    "by config",
  );
  assert.equal(inUse(deleted()), false, "only the cache itself");
});

Deno.test("what the cache owns is removed without asking others", () => {
  const owned = artifact(qwen, "Progressing", mine({ ...mine().metadata, ...ownedBy("cache-uid") }));
  assert.equal(pass(deleted({ mode: "Dedicated" }), [owned]).plan.removals[0].unless, undefined);
});

Deno.test("a cache that today's schema refuses says so while it lives, and can be deleted", () => {
  const spec = { mode: "Sometimes" } as unknown as Parameters<typeof cache>[0];
  const { status, messages, plan } = pass(cache(spec), [template([qwen])]);
  assert.equal(status?.status, "Failed");
  assert.match(messages.Ready, /spec\.mode/);
  assert.deepEqual(plan.finalizer, { name: "aim.eai.amd.com/artifactcleanup", action: "ensure" });
  assert.deepEqual(removed(deleted(spec), [artifact(qwen, "Failed", mine())]), ["made-of-qwen-qwen3-32b"]);
});
