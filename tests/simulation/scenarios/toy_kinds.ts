/** The kinds of a small pretend business; between them its controllers use every kind of read and of plan. */

import { CachedKind } from "../../../lib/kube/cache/cached_kind.ts";
import type { KubeObject } from "../../../lib/kube/object.ts";

export interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  lastTransitionTime?: string;
}

export interface MenuReference {
  name: string;
  uid: string;
}

/** What users make: a place that serves a dish. */
export interface Shop extends KubeObject {
  spec: { dish: string; opensAfterSeconds?: number; paused?: boolean };
  status?: { status?: string; menu?: MenuReference; staff?: number; conditions?: Condition[] };
}

/** A way of making a dish; a shop settles on one. */
export interface Menu extends KubeObject {
  spec: { dish: string; rank: number; source: string; power?: string };
  status?: { status?: string; served?: boolean; conditions?: Condition[] };
}

/** What the shops of one dish share: made once, owned by none of them. */
export interface Stock extends KubeObject {
  spec: { dish: string };
  status?: { status?: string; conditions?: Condition[] };
}

/** Fills a stock, like a Job: made once, perhaps fails, is made again. */
export interface Delivery extends KubeObject {
  spec: { to: string };
  status?: { phase?: "Done" | "Failed"; failedAt?: string };
}

/** What a shop makes and keeps right, like an InferenceService. Not every cluster has the kind. */
export interface Oven extends KubeObject {
  spec: {
    power: string;
    price: string;
    mood?: string;
    extras?: { name: string; value: string }[];
    note?: string;
  };
  status?: { hot?: boolean };
}

/** Like a Pod: many, with heartbeats, made by others. */
export interface Worker extends KubeObject {
  status?: { ready?: boolean; beat?: number };
}

export interface Settings extends KubeObject {
  spec: { mood?: string; extra?: string; enabled?: boolean };
}

function kind<T extends KubeObject, O extends boolean>(
  name: string,
  plural: string,
  optional: O,
  options: Partial<ConstructorParameters<typeof CachedKind<T, O>>[0]> = {},
  namespaced = true,
): CachedKind<T, O> {
  const resource = { group: "toy.test", version: "v1", kind: name, plural, namespaced };
  return new CachedKind<T, O>({ resource, optional, ...options });
}

export const shops = kind<Shop, false>("Shop", "shops", false);
export const menus = kind<Menu, false>("Menu", "menus", false);
export const stocks = kind<Stock, false>("Stock", "stocks", false, { managers: ["aim-shop-controller"] });
export const settings = kind<Settings, false>("Settings", "settings", false);
export const clusterSettings = kind<Settings, false>("ClusterSettings", "clustersettings", false, {}, false);
export const ovens = kind<Oven, true>("Oven", "ovens", true, {
  managers: ["aim-shop-controller"],
  project: ({ spec, status }) => ({ spec, status: { hot: status?.hot } }),
});

/** Two streams of one kind: deliveries by day and by night. */
export const deliveries = kind<Delivery, false>("Delivery", "deliveries", false, {
  selectors: [{ labelSelector: "shift=day" }, { labelSelector: "shift=night" }],
  managers: ["aim-stock-controller"],
});

/** Of a worker only whether it is ready counts; its heartbeat never enters the cache. */
export const workers = kind<Worker, false>("Worker", "workers", false, {
  annotations: false,
  project: ({ status }) => ({ status: { ready: status?.ready } }),
});

export const toyKinds = [
  shops,
  menus,
  stocks,
  settings,
  clusterSettings,
  ovens,
  deliveries,
  workers,
] as unknown as readonly CachedKind<KubeObject>[];
