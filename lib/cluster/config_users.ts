/** Who goes by a runtime config: every object whose effective name it has (model-sources-and-config.md §13.2 Better). */

import { type CachedKind, type Index } from "../kube/cache/cached_kind.ts";
import type { KubeObject } from "../kube/object.ts";
import type { ClusterCache } from "../operator/core/cluster_cache.ts";
import { defineQuery, type Reading } from "../operator/core/view.ts";
import { runtimeConfigName } from "../operator/runtime_config.ts";
import * as kinds from "./kinds.ts";

interface Consumer extends KubeObject {
  readonly spec?: { readonly runtimeConfigName?: string };
}

/** The eight kinds that go by a config. A source names none, so that it goes by `default`. */
const consumers = [
  kinds.services,
  kinds.models,
  kinds.clusterModels,
  kinds.templates,
  kinds.clusterTemplates,
  kinds.templateCaches,
  kinds.artifacts,
  kinds.modelSources,
] as unknown as readonly CachedKind<Consumer, false>[];

const byConfig: readonly Index<Consumer, false>[] = consumers.map((kind) =>
  kind.index("runtimeConfig", ({ metadata: { namespace }, spec }) => {
    const name = runtimeConfigName(spec?.runtimeConfigName);
    return namespace === undefined ? [name] : [name, place(namespace, name)];
  })
);

/** The value under which the users of a config are found: those of a cluster's are in all namespaces. */
function place(namespace: string | undefined, name: string): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

const isUsed = defineQuery<string, boolean>(
  "runtimeConfigIsUsed",
  (view, value) => byConfig.some((index) => view.any(index, value)),
);

/** Whether any object goes by a config of that name, in that namespace or anywhere: it wakes when that changes. */
export function isConfigUsed(view: Reading, namespace: string | undefined, name: string): boolean {
  return view.query(isUsed, place(namespace, name));
}

/** A config with the number of objects of one kind that go by it. */
export interface ConfigUse {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly consumer: string;
  readonly count: number;
}

/** Of all configs that are there, the cluster's first, by consuming kind; kinds of which no object uses it are left out. */
export function* countConfigUses(cache: ClusterCache): Generator<ConfigUse> {
  const stores = new Map([...cache.stores()].map((store) => [store.kind.id, store]));
  for (const { id, resource: { kind } } of [kinds.clusterRuntimeConfigs, kinds.runtimeConfigs]) {
    for (const key of stores.get(id)?.keys() ?? []) {
      const slash = key.indexOf("/");
      const [namespace, name] = [key.slice(0, slash), key.slice(slash + 1)];
      // Of a namespace's config it is the key itself, whose hash is known: there may be thousands.
      const value = namespace === "" ? name : key;
      for (const index of byConfig) {
        const store = stores.get(index.kind.id);
        const count = store?.count(index as unknown as Index<KubeObject>, value);
        if (count) yield { kind, namespace, name, consumer: index.kind.resource.kind, count };
      }
    }
  }
}
