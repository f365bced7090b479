import assert from "node:assert/strict";
import { jobs } from "../cluster/kinds.ts";
import { CachedKind } from "../kube/cache/cached_kind.ts";
import type { KubeObject } from "../kube/object.ts";
import { ClusterCache } from "../operator/core/cluster_cache.ts";
import { countDiscoveries, countResources } from "./resource_counts.ts";

function kindOf(kind: string, namespaced: boolean): CachedKind<KubeObject, false> {
  return new CachedKind<KubeObject, false>({
    resource: { group: "g", version: "v1", kind, plural: `${kind.toLowerCase()}s`, namespaced },
    optional: false,
  });
}

const condition = (type: string, status: string, reason: string) => ({ type, status, reason });

Deno.test("objects by status, and False conditions by reason; of the kinds asked for", () => {
  const [apples, plums, other] = [kindOf("Apple", true), kindOf("Plum", false), kindOf("Other", true)];
  const cache = new ClusterCache([apples, plums, other]);
  let version = 1;
  const put = (kind: CachedKind<KubeObject, false>, name: string, status?: object) =>
    cache.store(kind).put({
      metadata: {
        name,
        uid: name,
        resourceVersion: String(version++),
        ...(kind.resource.namespaced ? { namespace: "n" } : {}),
      },
      ...(status === undefined ? {} : { status }),
    } as never);
  put(apples, "a", { status: "Ready", conditions: [condition("Ready", "True", "Fine")] });
  put(apples, "b", {
    status: "Failed",
    conditions: [condition("Ready", "False", "Rotten"), condition("Sold", "Unknown", "Asked")],
  });
  put(apples, "c", {
    status: "Failed",
    conditions: [condition("Ready", "False", "Rotten"), condition("Sold", "False", "Asked")],
  });
  put(plums, "d");
  put(other, "e", { status: "Ready" });

  const { statuses, falseConditions } = countResources(cache, [apples, plums]);

  assert.deepEqual(statuses, [
    { labels: { kind: "Apple", status: "Ready" }, count: 1 },
    { labels: { kind: "Apple", status: "Failed" }, count: 2 },
    { labels: { kind: "Plum", status: "Unset" }, count: 1 },
  ]);
  assert.deepEqual(falseConditions, [
    { labels: { kind: "Apple", type: "Ready", reason: "Rotten" }, count: 2 },
    { labels: { kind: "Apple", type: "Sold", reason: "Asked" }, count: 1 },
  ]);
});

Deno.test("discovery Jobs that hold a place: not ended, not being deleted, and no downloads", () => {
  const cache = new ClusterCache([jobs as unknown as CachedKind<KubeObject>]);
  let version = 1;
  const put = (name: string, labels: Record<string, string>, status: object = {}, metadata: object = {}) =>
    cache.store(jobs).put({
      metadata: { name, namespace: "n", uid: name, resourceVersion: String(version++), labels, ...metadata },
      status,
    } as never);
  const discovery = {
    "app.kubernetes.io/name": "aim-discovery",
    "app.kubernetes.io/component": "discovery",
    "app.kubernetes.io/managed-by": "aim-controller",
  };
  assert.equal(countDiscoveries(cache), 0);
  put("a", discovery);
  put("b", discovery);
  put("done", discovery, { conditions: [{ type: "Complete", status: "True" }] });
  put("failed", discovery, { conditions: [{ type: "Failed", status: "True" }] });
  put("leaving", discovery, {}, { deletionTimestamp: "2026-01-01T00:00:00Z" });
  put("download", { "aim.eai.amd.com/cache.name": "c" });
  assert.equal(countDiscoveries(cache), 2);
  assert.equal(countDiscoveries(new ClusterCache([])), 0);
});
