/** A large cluster whose users name whatever they like. */

import { artifacts, runtimeConfigs, services, watchedKinds } from "../cluster/kinds.ts";
import type { CachedKind } from "../kube/cache/cached_kind.ts";
import type { KubeObject } from "../kube/object.ts";
import { ClusterCache } from "../operator/core/cluster_cache.ts";
import type { AnyController } from "../operator/core/controller.ts";
import { reasons } from "../operator/errors/reasons.ts";
import type { OperatorMetrics } from "./operator_metrics.ts";

export const namespaces = 10_000;
export const registries = 1_000;

/** Controllers of these three kinds that do nothing. */
export const controllers = [services, artifacts, runtimeConfigs].map((kind) => ({
  name: kind.resource.kind,
  kind,
  reconcile: () => ({ children: [], removals: [] }),
})) as unknown as AnyController[];

/** In each namespace a service, a config that it goes by, and a download that names none; each service fails in another way. */
export function crowded(): ClusterCache {
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

/** Each registry answers with 72 different codes. */
export function askRegistries(metrics: OperatorMetrics): void {
  for (let n = 0; n < registries; n++) {
    for (let code = 100; code < 600; code += 7) {
      metrics.onRegistryRequest(`registry-${n}.example.com`, String(code));
    }
  }
}
