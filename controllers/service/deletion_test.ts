/** What a deleted service takes along, and what it leaves (services.md §2.1, §2.4). */

import assert from "node:assert/strict";
import type { AIMService } from "../../lib/api/mod.ts";
import type { KubeObject } from "../../lib/kube/object.ts";
import {
  cache,
  cacheName,
  inferenceService,
  model,
  owner,
  pass,
  service,
  template,
} from "./service_sample.ts";

const finalizer = "aim.eai.amd.com/template-cache-cleanup";
const begun = { "aim.eai.amd.com/service": "s" };
const deletionTimestamp = "2025-12-31T00:00:00Z";
const deleted = service({ metadata: { deletionTimestamp, finalizers: [finalizer] } });

function removalOf(...objects: KubeObject[]) {
  const { plan } = pass(deleted, objects);
  assert.equal(plan.removals.length, 1);
  return plan.removals[0];
}

Deno.test("the finalizer is ensured while the service lives, and released once it is deleted", () => {
  assert.deepEqual(pass(service(), []).plan.finalizer, { name: finalizer, action: "ensure" });
  assert.deepEqual(pass(deleted, []).plan, {
    children: [],
    removals: [],
    finalizer: { name: finalizer, action: "release" },
  });
});

Deno.test("a deleted service makes nothing and writes no status", () => {
  const { plan } = pass(deleted, [model(), template(), cache(), inferenceService()]);
  assert.deepEqual(plan.children, []);
  assert.equal(plan.status, undefined);
});

Deno.test("a paused service is still cleaned up", () => {
  const annotations = { "aim.eai.amd.com/reconciliation-paused": "true" };
  const paused = service({ metadata: { deletionTimestamp, finalizers: [finalizer], annotations } });
  const unready = cache({ metadata: { labels: begun }, status: { status: "Progressing" } });
  const { plan } = pass(paused, [unready]);
  assert.equal(plan.removals.length, 1);
  assert.equal(plan.finalizer?.action, "release");
});

for (const status of ["Progressing", "Failed", "Pending", "Degraded", "NotAvailable", ""] as const) {
  Deno.test(`a cache that the service began and that is ${status || "without status"} goes`, () => {
    const unready = cache({ metadata: { labels: begun }, status: { status: status as "Failed" } });
    assert.equal(removalOf(unready).ref.name, cacheName);
  });
}

Deno.test("a Ready cache stays, and so do caches that others began; one that is going already is let go", () => {
  const unready = { status: { status: "Failed" as const } };
  const staying = [
    cache({ metadata: { name: "ready", labels: begun } }),
    cache({ metadata: { name: "others", labels: { "aim.eai.amd.com/service": "other" } }, ...unready }),
    cache({ metadata: { name: "by-hand" }, ...unready }),
    cache({ metadata: { name: "elsewhere", namespace: "other", labels: begun }, ...unready }),
    cache({ metadata: { name: "on-its-way", labels: begun, deletionTimestamp }, ...unready }),
  ];
  assert.deepEqual(pass(deleted, staying).removals, []);
});

Deno.test("spec/README: an unready Shared cache goes with its last user, whoever made it", () => {
  const resolvedTemplate = { name: "t1", namespace: "ns", scope: "Namespace" } as const;
  const user = (status: AIMService["status"], spec = {}) =>
    service({ metadata: { deletionTimestamp, finalizers: [finalizer] }, spec, status });
  const recorded = { cache: { templateCacheRef: { name: "c", namespace: "ns", uid: "uid-c" } } };
  const made = (parts: Parameters<typeof cache>[0] = {}) =>
    cache({
      ...parts,
      metadata: { name: "c", uid: "uid-c", ...parts.metadata },
      status: { status: "Pending" },
    });
  const of = { ...owner, name: "other", uid: "other" };
  const rows: [string, ReturnType<typeof user>, ReturnType<typeof cache>, boolean][] = [
    ["made by hand", user({ resolvedTemplate }), made(), true],
    [
      "made by another service",
      user({ resolvedTemplate }),
      made({ metadata: { labels: { "aim.eai.amd.com/service": "gone" } } }),
      true,
    ],
    ["recorded, though it stands on another template now", user(recorded), made(), true],
    ["of another template", user({ resolvedTemplate }), made({ spec: { templateName: "t2" } }), false],
    ["of another scope", user({ resolvedTemplate }), made({ spec: { templateScope: "Cluster" } }), false],
    ["owned by somebody", user({ resolvedTemplate }), made({ metadata: { ownerReferences: [of] } }), false],
    ["Dedicated to another", user({ resolvedTemplate }), made({ spec: { mode: "Dedicated" } }), false],
    [
      "Shared, of a service with one of its own",
      user({ resolvedTemplate }, { caching: { mode: "Dedicated" } }),
      made(),
      false,
    ],
    ["of a service that has resolved nothing", user({}), made(), false],
  ];
  for (const [what, subject, there, goes] of rows) {
    assert.deepEqual(pass(subject, [there]).removals, goes ? ["AIMTemplateCache c"] : [], what);
  }
  const ready = cache({ metadata: { name: "c", uid: "uid-c" } });
  assert.deepEqual(pass(user({ resolvedTemplate, ...recorded }), [ready]).removals, []);
});

Deno.test("a cache is found by the sanitized name", () => {
  const name = `${"x".repeat(70)}`;
  const long = service({ metadata: { name, deletionTimestamp, finalizers: [finalizer] } });
  const labels = { "aim.eai.amd.com/service": "x".repeat(63) };
  assert.deepEqual(pass(long, [cache({ metadata: { labels }, status: { status: "Failed" } })]).removals, [
    `AIMTemplateCache ${cacheName}`,
  ]);
});

Deno.test("a cache of another service whose long name is sanitized to the same stays", () => {
  const labels = begun;
  const ownerReferences = [{ ...owner, name: "other", uid: "other" }];
  const dedicated = cache({
    metadata: { labels, ownerReferences },
    spec: { mode: "Dedicated" },
    status: { status: "Progressing" },
  });
  assert.deepEqual(pass(deleted, [dedicated]).removals, []);
});

Deno.test("Better §2.4: the delete is bound to what was looked at", () => {
  const unready = cache({
    metadata: { labels: begun, uid: "u", resourceVersion: "77" },
    status: { status: "Failed" },
  });
  const { uid, resourceVersion } = removalOf(unready);
  assert.deepEqual({ uid, resourceVersion }, { uid: "u", resourceVersion: "77" });
});

Deno.test("Better §2.4: a Shared cache stays if another living service stands on its template", () => {
  const { unless } = removalOf(cache({ metadata: { labels: begun }, status: { status: "Progressing" } }));
  const resolvedTemplate = { name: "t1", namespace: "ns", scope: "Namespace" } as const;
  const other = (parts: Partial<Parameters<typeof service>[0]> = {}): AIMService =>
    service({
      status: { resolvedTemplate },
      ...parts,
      metadata: { name: "other", uid: "other", ...parts!.metadata },
    });
  assert.equal(unless?.kind.resource.kind, "AIMService");
  assert.equal(unless?.namespace, "ns");
  assert.equal(unless?.inUse([other()]), true);
  assert.equal(unless?.inUse([]), false);
  const itself = service({ metadata: { deletionTimestamp }, status: { resolvedTemplate } });
  assert.equal(unless?.inUse([itself]), false, "the deleted one itself");
  assert.equal(unless?.inUse([other({ metadata: { deletionTimestamp } })]), false, "one that goes too");
  assert.equal(unless?.inUse([other({ spec: { caching: { mode: "Dedicated" } } })]), false);
  assert.equal(unless?.inUse([other({ spec: { caching: { mode: "Never" } } })]), false);
  const elsewhere = { ...resolvedTemplate, name: "t2" };
  assert.equal(unless?.inUse([other({ status: { resolvedTemplate: elsewhere } })]), false);
});

Deno.test("Better §2.4: a Dedicated cache is the service's own, and goes whoever else has its template", () => {
  const dedicated = cache({
    metadata: { labels: begun },
    spec: { mode: "Dedicated" },
    status: { status: "Progressing" },
  });
  assert.equal(removalOf(dedicated).unless, undefined);
});

Deno.test("Better §6 rule 4: a derived template goes once: not again while it is going already", () => {
  const labels = { "aim.eai.amd.com/origin": "derived", "aim.eai.amd.com/service.name": "s" };
  const derived = (more: object) => template({ metadata: { name: "derived", labels, ...more } });
  assert.deepEqual(pass(deleted, [derived({})]).removals, ["AIMServiceTemplate derived"]);
  assert.deepEqual(pass(deleted, [derived({ deletionTimestamp })]).removals, []);
});

Deno.test("Better §2.4: a template of the same name in the other scope is another template", () => {
  const resolved = (scope: "Namespace" | "Cluster") =>
    service({
      metadata: { name: "other", uid: "other" },
      status: { resolvedTemplate: { name: "t1", scope, ...(scope === "Namespace" && { namespace: "ns" }) } },
    });
  const inUse = (spec: object, status: object, scope: "Namespace" | "Cluster") =>
    removalOf(cache({ metadata: { labels: begun }, spec, status: { status: "Progressing", ...status } }))
      .unless?.inUse([resolved(scope)]);
  assert.equal(inUse({ templateScope: "Namespace" }, {}, "Namespace"), true);
  assert.equal(inUse({ templateScope: "Namespace" }, {}, "Cluster"), false);
  assert.equal(inUse({ templateScope: "Cluster" }, {}, "Cluster"), true);
  assert.equal(inUse({ templateScope: "Cluster" }, {}, "Namespace"), false);
  const found = { resolvedTemplateKind: "AIMClusterServiceTemplate" };
  assert.equal(inUse({ templateScope: "Unknown" }, found, "Cluster"), true);
  assert.equal(inUse({ templateScope: "Unknown" }, found, "Namespace"), false);
  assert.equal(
    inUse({ templateScope: "Unknown" }, {}, "Namespace"),
    true,
    "not known yet: in doubt it stays",
  );
  assert.equal(inUse({ templateScope: "Unknown" }, {}, "Cluster"), true, "not known yet: in doubt it stays");
});

Deno.test("what today's schema refuses can be paused and deleted", () => {
  const broken = { model: { name: "m", image: "x" } };
  const gone = service({ metadata: { deletionTimestamp, finalizers: [finalizer] }, spec: broken });
  assert.equal(pass(gone, []).plan.finalizer?.action, "release");
  const annotations = { "aim.eai.amd.com/reconciliation-paused": "true" };
  const paused = pass(service({ metadata: { annotations }, spec: broken }), []);
  assert.deepEqual(paused.conditions, ["Paused: True Paused", "Ready: False Paused"]);
});
