import assert from "node:assert/strict";
import { artifacts, jobs } from "../cluster/kinds.ts";
import { CachedKind } from "../kube/cache/cached_kind.ts";
import type { KubeObject } from "../kube/object.ts";
import { ClusterCache } from "../operator/core/cluster_cache.ts";
import { countDiscoveries, ResourceTally } from "./resource_tally.ts";
import type { Tally } from "./tally.ts";

function kindOf(kind: string, namespaced: boolean): CachedKind<KubeObject, false> {
  return new CachedKind<KubeObject, false>({
    resource: { group: "g", version: "v1", kind, plural: `${kind.toLowerCase()}s`, namespaced },
    optional: false,
  });
}

const condition = (type: string, status: string, reason: string) => ({ type, status, reason });

/** As text, sorted. */
function said({ counts }: Pick<Tally<string>, "counts">): string[] {
  return counts.map(({ labels, count }) => `${Object.values(labels).join(" ")} ${count}`).sort();
}
const statuses = (tally: ResourceTally) => said({ counts: tally.statuses });
const falseConditions = (tally: ResourceTally) => said({ counts: tally.falseConditions });

/** Puts objects into a cache, each newer than the one before. */
function putInto(cache: ClusterCache) {
  let version = 1;
  return (kind: CachedKind<KubeObject, false>, name: string, status?: object) =>
    cache.store(kind).put({
      metadata: {
        name,
        uid: name,
        resourceVersion: String(version++),
        ...(kind.resource.namespaced ? { namespace: "n" } : {}),
      },
      ...(status === undefined ? {} : { status }),
    } as never);
}

Deno.test("objects by status, and False conditions by reason; of the kinds asked for", () => {
  const [apples, plums, other] = [kindOf("Apple", true), kindOf("Plum", false), kindOf("Other", true)];
  const cache = new ClusterCache([apples, plums, other]);
  const put = putInto(cache);
  put(apples, "a", { status: "Ready", conditions: [condition("Ready", "True", "Fine")] });
  put(apples, "b", {
    status: "Failed",
    conditions: [condition("Ready", "False", "Rotten"), condition("Sold", "Unknown", "Asked")],
  });
  const tally = new ResourceTally(cache, [apples, plums]); // what is there already counts too
  put(apples, "c", {
    status: "Failed",
    conditions: [condition("Ready", "False", "Rotten"), condition("Sold", "False", "Asked")],
  });
  put(plums, "d");
  put(other, "e", { status: "Ready" });
  assert.deepEqual(statuses(tally), ["Apple Failed 2", "Apple Ready 1", "Plum Unset 1"]);
  assert.deepEqual(falseConditions(tally), ["Apple Ready Rotten 2", "Apple Sold Asked 1"]);
});

Deno.test("what changes is counted anew, and what goes no more", () => {
  const apples = kindOf("Apple", true);
  const cache = new ClusterCache([apples]);
  const tally = new ResourceTally(cache, [apples]);
  const put = putInto(cache);
  put(apples, "a", { status: "Failed", conditions: [condition("Ready", "False", "Rotten")] });
  put(apples, "b", { status: "Failed", conditions: [condition("Ready", "False", "Rotten")] });
  put(apples, "a", { status: "Ready", conditions: [condition("Ready", "True", "Fine")] });
  assert.deepEqual(statuses(tally), ["Apple Failed 1", "Apple Ready 1"]);
  assert.deepEqual(falseConditions(tally), ["Apple Ready Rotten 1"]);
  cache.store(apples).forget("n", "b", "b");
  assert.deepEqual(statuses(tally), ["Apple Ready 1"]);
  assert.deepEqual(falseConditions(tally), []);
});

Deno.test("downloads: bytes on the volume of each artifact until it is Ready, a hundred at most", () => {
  const kind = artifacts as unknown as CachedKind<KubeObject, false>;
  const cache = new ClusterCache([kind]);
  const tally = new ResourceTally(cache, [kind]);
  const put = putInto(cache);
  const bytes = () => said({ counts: tally.downloads });
  put(kind, "waiting", { status: "Pending" });
  put(kind, "running", { status: "Progressing", progress: { downloadedBytes: 5, totalBytes: 9 } });
  put(kind, "done", { status: "Ready", progress: { downloadedBytes: 9, totalBytes: 9 } });
  assert.deepEqual(bytes(), ["n running 5"]);
  const many = Array.from({ length: 150 }, (_, at) => `a${String(at).padStart(3, "0")}`);
  for (const name of many) put(kind, name, { status: "Progressing", progress: { downloadedBytes: 2 } });
  assert.equal(bytes().length, 101);
  assert.ok(bytes().includes(" other 102"), "51 of 2 bytes");
  for (const name of many) cache.store(kind).forget("n", name, name);
  put(kind, "running", { status: "Ready", progress: { downloadedBytes: 9, totalBytes: 9 } });
  assert.deepEqual(bytes(), []);
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
