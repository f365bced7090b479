/** The cache that a service uses or makes (services.md §7). */

import assert from "node:assert/strict";
import type { AIMServiceSpec, AIMTemplateCache } from "../../../lib/api/mod.ts";
import type { KubeObject } from "../../../lib/kube/object.ts";
import {
  cache,
  cacheName,
  clusterConfig,
  clusterTemplate,
  config,
  endpoint,
  model,
  pass,
  service,
  template,
} from "../service_sample.ts";

/** The cache that a service makes of a template. */
function made(spec: Partial<AIMServiceSpec>, ...objects: KubeObject[]): AIMTemplateCache {
  const result = pass(service({ spec }), [model(), ...objects]);
  const desired = result.desired<AIMTemplateCache>("AIMTemplateCache");
  assert.ok(desired !== undefined, result.conditions.join("; "));
  return desired;
}

Deno.test("a new cache of a namespace's template says no more than what is known", () => {
  assert.deepEqual(made({}, template()), {
    apiVersion: "aim.eai.amd.com/v1alpha1",
    kind: "AIMTemplateCache",
    metadata: {
      name: "t1-e2c6bafc",
      namespace: "ns",
      labels: {
        "aim.eai.amd.com/service": "s",
        "aim.eai.amd.com/service.name": "s",
        "app.kubernetes.io/managed-by": "aim-service-controller",
      },
    },
    spec: { templateName: "t1", templateScope: "Namespace", mode: "Shared" },
  });
});

Deno.test("a Shared cache has no owner, and is created only, never applied again", () => {
  const result = pass(service(), [model(), template()]);
  assert.deepEqual(result.children, [`create AIMTemplateCache ${cacheName}`]);
  assert.equal(result.desired("AIMTemplateCache")?.metadata?.ownerReferences, undefined);
});

Deno.test("the cache of a cluster template says so", () => {
  assert.equal(made({}, clusterTemplate()).spec?.templateScope, "Cluster");
});

for (const mode of [undefined, "Shared", "Always", "Auto"] as const) {
  Deno.test(`caching mode ${mode}: Shared`, () => {
    assert.equal(made({ caching: { mode } }, template()).spec?.mode, "Shared");
  });
}

Deno.test("the storage class: the service's, else the runtime config's, else none", () => {
  const fast = clusterConfig({ storage: { defaultStorageClassName: "fast" } });
  assert.equal(made({}, template(), fast).spec?.storageClassName, "fast");
  const own = { storage: { defaultStorageClassName: "own" } };
  assert.equal(made(own, template(), fast).spec?.storageClassName, "own");
  assert.equal(made(own, template()).spec?.storageClassName, "own");
  assert.equal(
    made({ storage: { defaultStorageClassName: "" } }, template(), fast).spec?.storageClassName,
    undefined,
  );
});

Deno.test("the runtime config's name is handed on as it is written", () => {
  assert.equal(made({ runtimeConfigName: "rc" }, template(), config({}, "rc")).spec?.runtimeConfigName, "rc");
  assert.equal(made({ runtimeConfigName: "" }, template()).spec?.runtimeConfigName, undefined);
});

Deno.test("env: template, template's caching, service; replaced by name, not sorted; nothing of the runtime config", () => {
  const args = (value: string) => ({ name: "AIM_ENGINE_ARGS", value });
  const own = template({
    spec: {
      env: [{ name: "Z", value: "1" }, { name: "A", value: "1" }, args('{"a":1}')],
      caching: { env: [{ name: "A", value: "2" }, { name: "C", value: "2" }] },
    },
  });
  const env = [{ name: "C", value: "3" }, { name: "B", value: "" }, args('{"b":2}')];
  const cached = made({ env }, own, config({ env: [{ name: "RC", value: "x" }] }));
  assert.deepEqual(cached.spec?.env, [
    { name: "Z", value: "1" },
    { name: "A", value: "2" },
    args('{"b":2}'),
    { name: "C", value: "3" },
    { name: "B" },
  ]);
});

Deno.test("caching §4.3 and weakness 17: pull secrets of service and template reach the Jobs", () => {
  const own = template({ spec: { imagePullSecrets: [{ name: "x" }, { name: "y" }] } });
  const names = (spec: Partial<AIMServiceSpec>) => made(spec, own).spec?.imagePullSecrets;
  assert.deepEqual(names({ imagePullSecrets: [{ name: "y" }, { name: "z" }] }), [
    { name: "y" },
    { name: "z" },
    { name: "x" },
  ]);
  assert.deepEqual(names({}), [{ name: "x" }, { name: "y" }]);
});

Deno.test("template sources and download image are not set", () => {
  const full = template({
    spec: {
      modelSources: [{ modelId: "org/m", sourceUri: "hf://org/m" }],
    },
  });
  const cached = made({}, full);
  assert.deepEqual(Object.keys(cached.spec ?? {}).sort(), ["mode", "templateName", "templateScope"]);
});

Deno.test("Better §7.2: the service's headroom goes along as an annotation, unless it is the schema's default", () => {
  const key = "aim.eai.amd.com/pvc-headroom-percent";
  assert.deepEqual(made({ storage: { pvcHeadroomPercent: 35 } }, template()).metadata.annotations, {
    [key]: "35",
  });
  assert.deepEqual(made({ storage: { pvcHeadroomPercent: 0 } }, template()).metadata.annotations, {
    [key]: "0",
  });
  assert.equal(made({ storage: { pvcHeadroomPercent: 10 } }, template()).metadata.annotations, undefined);
});

Deno.test("Better §7.2: a template without model sources", () => {
  const bare = template({ status: { modelSources: [] } });
  const result = pass(service(), [model(), bare]);
  assert.deepEqual(result.children, []);
  assert.equal(result.condition("CacheReady"), "False NoModelSources");
  assert.equal(result.message("CacheReady"), "Template t1 lists no model sources");
  assert.equal(result.status.status, "Starting");
});

Deno.test("no cache before the template is Ready", () => {
  assert.deepEqual(pass(service(), [model(), template({ status: { status: "Progressing" } })]).children, []);
});

Deno.test("the model need not be Ready for the cache", () => {
  const result = pass(service(), [model({ status: { status: "Progressing" } }), template()]);
  assert.deepEqual(result.children, [`create AIMTemplateCache ${cacheName}`]);
});

Deno.test("a long service name becomes a label value", () => {
  const name = `${"x".repeat(70)}.y`;
  const result = pass(service({ metadata: { name } }), [model(), template()]);
  assert.equal(
    result.desired("AIMTemplateCache")?.metadata?.labels?.["aim.eai.amd.com/service"],
    `${"x".repeat(54)}-391933a2`, // of SHA-256 of the name as JSON
  );
});

/** Which cache the service takes, by its message. */
function taken(...caches: KubeObject[]): string | undefined {
  const result = pass(service(), [model(), template(), ...caches]);
  assert.ok(!result.children.some((child) => child.includes("AIMTemplateCache")), "makes another one");
  return /: ([^ ]+)/.exec(result.message("CacheReady")!)?.[1];
}
const named = (name: string, status: string, created = "2025-01-01T00:00:00Z") =>
  cache({ metadata: { name, creationTimestamp: created }, status: { status: status as "Ready" } });

Deno.test("any Shared cache of the template serves, whatever its name and owner", () => {
  assert.equal(taken(named("by-hand", "Ready")), "by-hand");
});

Deno.test("the cache with the best status is taken", () => {
  assert.equal(taken(named("a", "Progressing"), named("b", "Ready"), named("c", "Failed")), "b");
  assert.equal(taken(named("a", "Failed"), named("b", "Progressing")), "b");
  const rest = pass(service(), [model(), template(), named("a", "Failed"), named("b", "Pending")]);
  assert.equal(rest.condition("CacheReady"), "False CacheCreating");
  const degraded = pass(service(), [model(), template(), named("a", "NotAvailable"), named("b", "Degraded")]);
  assert.match(degraded.message("CacheReady")!, /^Template cache status: Degraded/);
});

Deno.test("Better §7.3: of several equally good caches the oldest, then by name", () => {
  const [young, old] = ["2025-01-02T00:00:00Z", "2025-01-01T00:00:00Z"];
  assert.equal(taken(named("a", "Ready", young), named("b", "Ready", old)), "b");
  assert.equal(taken(named("b", "Ready", old), named("a", "Ready", old)), "a");
});

Deno.test("no cache of another template, mode or namespace, none that is going", () => {
  const strangers = [
    cache({ metadata: { name: "a" }, spec: { templateName: "t2" } }),
    cache({ metadata: { name: "b" }, spec: { mode: "Dedicated" } }),
    cache({ metadata: { name: "c", namespace: "other" } }),
    cache({ metadata: { name: "d", deletionTimestamp: "2025-12-31T00:00:00Z" } }),
  ];
  const result = pass(service(), [model(), template(), ...strangers]);
  assert.deepEqual(result.children, [`create AIMTemplateCache ${cacheName}`]);
});

Deno.test("Better §7.3: the scope of the template is compared too", () => {
  const ofCluster = cache({ metadata: { name: "a" }, spec: { templateScope: "Cluster" } });
  assert.deepEqual(pass(service(), [model(), template(), ofCluster]).children, [
    `create AIMTemplateCache ${cacheName}`,
  ]);
});

Deno.test("Better §7.3: a cache is found in the first pass, by the template resolved in it", () => {
  const result = pass(service(), [model(), template(), named("by-hand", "Ready")]);
  assert.deepEqual(result.children, [`apply InferenceService ${endpoint}`]);
  assert.equal(result.status.cache?.templateCacheRef?.name, "by-hand");
});

Deno.test("Better §7.3: a Shared cache that is there is never applied again", () => {
  for (const status of ["Ready", "Progressing", "Failed", ""]) {
    const result = pass(service({ spec: { env: [{ name: "NEW", value: "1" }] } }), [
      model(),
      template(),
      named(cacheName, status),
    ]);
    assert.ok(!result.children.some((child) => child.includes("AIMTemplateCache")), status);
  }
});

const recorded = (name: string, uid = `uid-AIMTemplateCache-ns-${name}`) =>
  service({ status: { cache: { templateCacheRef: { name, namespace: "ns", uid } } } });

Deno.test("the recorded cache stays while it is Ready", () => {
  const caches = [
    named("old", "Ready", "2025-01-01T00:00:00Z"),
    named("ours", "Ready", "2025-01-02T00:00:00Z"),
  ];
  assert.equal(pass(service(), [model(), template(), ...caches]).status.cache?.templateCacheRef?.name, "old");
  const sticky = pass(recorded("ours"), [model(), template(), ...caches]);
  assert.deepEqual(sticky.status.cache?.templateCacheRef, {
    name: "ours",
    namespace: "ns",
    uid: "uid-AIMTemplateCache-ns-ours",
  });
});

Deno.test("a recorded cache that is not Ready, or made anew, is looked for again", () => {
  const caches = [named("good", "Ready"), named("ours", "Failed")];
  assert.equal(
    pass(recorded("ours"), [model(), template(), ...caches]).status.cache?.templateCacheRef?.name,
    "good",
  );
  const anew = [
    named("good", "Ready", "2025-01-01T00:00:00Z"),
    named("ours", "Ready", "2025-01-02T00:00:00Z"),
  ];
  assert.equal(
    pass(recorded("ours", "former"), [model(), template(), ...anew]).status.cache?.templateCacheRef?.name,
    "good",
  );
});

Deno.test("Better §7.3: the recorded cache is dropped when it is not the resolved template's", () => {
  const former = cache({ metadata: { name: "ours" }, spec: { templateName: "t0" } });
  const result = pass(recorded("ours"), [model(), template(), former]);
  assert.deepEqual(result.children, [`create AIMTemplateCache ${cacheName}`]);
});

Deno.test("Better §1.1: a cache of that name for another template or scope: the name with template and scope hashed", () => {
  // SHA-256 of `"ns"|"t1"|"Namespace"`.
  const second = "t1-781ab387";
  const stranger = cache({ spec: { templateScope: "Cluster" } });
  const result = pass(service(), [model(), template(), stranger]);
  assert.deepEqual(result.children, [`create AIMTemplateCache ${second}`]);
  const found = pass(service(), [model(), template(), stranger, named(second, "Progressing")]);
  assert.deepEqual(found.children, []);
});

Deno.test("Better §7.3: a cache of unknown scope is that of the template which its status says", () => {
  const found = (resolvedTemplateKind?: "AIMServiceTemplate" | "AIMClusterServiceTemplate") => {
    const unknown = cache({
      metadata: { name: "by-hand" },
      spec: { templateScope: "Unknown" },
      status: { resolvedTemplateKind },
    });
    return pass(service(), [model(), template(), unknown]).status.cache?.templateCacheRef?.name;
  };
  assert.equal(found("AIMServiceTemplate"), "by-hand");
  assert.equal(found("AIMClusterServiceTemplate"), undefined);
  assert.equal(found(undefined), undefined);
});
