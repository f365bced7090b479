/** How much a scrape says of a large cluster: bounded, whatever its users name. */

import assert from "node:assert/strict";
import { artifacts, runtimeConfigs, services, watchedKinds } from "../cluster/kinds.ts";
import type { CachedKind } from "../kube/cache/cached_kind.ts";
import type { KubeObject } from "../kube/object.ts";
import { ClusterCache } from "../operator/core/cluster_cache.ts";
import type { AnyController } from "../operator/core/controller.ts";
import { reasons } from "../operator/errors/reasons.ts";
import type { Operator } from "../operator/operator.ts";
import { OperatorMetrics } from "./operator_metrics.ts";

const namespaces = 10_000;
const registries = 1_000;

const controllers = [services, artifacts, runtimeConfigs].map((kind) => ({
  name: kind.resource.kind,
  kind,
  reconcile: () => ({ children: [], removals: [] }),
})) as unknown as AnyController[];

/** In each namespace a service, a config that it goes by, and a download that names none; each service fails in another way. */
function crowded(): ClusterCache {
  const cache = new ClusterCache(watchedKinds as readonly CachedKind<KubeObject>[]);
  let version = 1;
  const put = (kind: unknown, namespace: string, rest: object) =>
    cache.store(kind as CachedKind<KubeObject>).put({
      metadata: { name: "it", namespace, uid: namespace, resourceVersion: String(version++) },
      ...rest,
    } as never);
  const known = Object.keys(reasons);
  for (let n = 0; n < namespaces; n++) {
    const namespace = `team-${n}`;
    const reason = n % 2 ? known[n % known.length] : `Invented${n}`;
    const conditions = ["Ready", "ModelReady", "CacheReady"].map((type) => ({
      type,
      status: "False",
      reason,
    }));
    put(services, namespace, {
      spec: { model: { name: "m" }, runtimeConfigName: "it" },
      status: { status: "Failed", conditions },
    });
    put(runtimeConfigs, namespace, { spec: {} });
    put(artifacts, namespace, {
      spec: { sourceUri: "hf://a/b" },
      status: { status: "Progressing", progress: { downloadedBytes: n } },
    });
  }
  return cache;
}

Deno.test("10,000 namespaces, 1,000 registries: at most 6,000 series, in half a megabyte", async () => {
  const metrics = new OperatorMetrics(controllers, "lease");
  const runner = { loads: () => [] };
  metrics.watch({ cache: crowded(), runner, election: { isLeader: true } } as unknown as Operator);
  for (let n = 0; n < registries; n++) {
    for (let code = 100; code < 600; code += 7) {
      metrics.onRegistryRequest(`registry-${n}.example.com`, String(code));
    }
  }
  const text = await metrics.text();
  const series = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  const of = (name: string) => series.filter((line) => line.startsWith(`${name}{`));
  // A hundred registries and all others, by thirty codes and all others.
  assert.equal(of("aim_registry_requests_total").length, 101 * 31);
  assert.equal(of("aim_runtime_config_users").length, 101);
  assert.equal(of("aim_download_bytes").length, 101);
  assert.equal(of("aim_condition_false").length, 2_001);
  assert.ok(series.length < 6_000, `${series.length} series`);
  assert.ok(text.length < 500_000, `${text.length} bytes`);
  // Nothing is lost in what is not told apart.
  const sum = (name: string) =>
    of(name).reduce((total, line) => total + Number(line.slice(line.lastIndexOf(" "))), 0);
  assert.equal(sum("aim_condition_false"), 3 * namespaces);
  assert.equal(sum("aim_runtime_config_users"), namespaces);
  assert.equal(sum("aim_download_bytes"), namespaces * (namespaces - 1) / 2);
  assert.equal(sum("aim_registry_requests_total"), registries * 72);
});
