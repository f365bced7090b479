import { type KubeObject, type Live } from "../../../lib/kube/object.ts";
import type { FactSource } from "../../../lib/operator/runner/facts.ts";
import type { ChildRef, Outcomes, Plan } from "../../../lib/operator/core/plan.ts";
import type { AnyController, Controller } from "../../../lib/operator/core/controller.ts";
import { defineQuery, type Fact, present, type View } from "../../../lib/operator/core/view.ts";
import {
  clusterSettings,
  type Condition,
  deliveries,
  type Delivery,
  type Menu,
  menus,
  type Oven,
  ovens,
  type Settings,
  settings,
  type Shop,
  shops,
  type Stock,
  stocks,
  type Worker,
  workers,
} from "./toy_kinds.ts";

const at = (object: KubeObject, value: string) => `${object.metadata!.namespace}/${value}`;

export const shopsByDish = shops.index("dish", (shop) => [at(shop, shop.spec.dish)]);
export const menusByDish = menus.index("dish", (menu) => [at(menu, menu.spec.dish)]);
export const workersByShop = workers.index("shop", (worker) => {
  const shop = worker.metadata.labels?.shop;
  return shop === undefined ? [] : [at(worker, shop)];
});
/** What others brought for a stock; its own delivery is known by name. */
export const extrasByStock = deliveries.index(
  "extras",
  (delivery) => delivery.metadata.ownerReferences ? [] : [at(delivery, delivery.spec.to)],
);

/** One cluster-wide default: read by everybody, through {@link settingsOf}. */
export const clusterDefaults = defineQuery("clusterDefaults", (view, _: string): Settings["spec"] => {
  const defaults = view.get(clusterSettings, undefined, "default");
  return defaults?.spec ?? {};
});

/** The settings of a namespace over those of the cluster. */
export const settingsOf = defineQuery("settingsOf", (view, namespace: string): Settings["spec"] => {
  const own = view.get(settings, namespace, "default");
  return { ...view.query(clusterDefaults, "all"), ...own?.spec };
});

/** The menus of a dish, best first. */
export const menusFor = defineQuery(
  "menusFor",
  (view, [namespace, dish]: readonly [string, string]) =>
    view.list(menusByDish, `${namespace}/${dish}`)
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      .map(({ metadata: { name, uid }, spec: { rank } }) => ({ name, uid, rank }))
      .sort((a, b) => b.rank - a.rank || (a.name < b.name ? -1 : 1)),
);

export const price: Fact<string, string> = { name: "price", keyOf: (source) => source };

export const toyFacts: readonly Omit<FactSource<never, unknown>, "fetch">[] = [{
  fact: price as unknown as Fact<never, unknown>,
  timeout: 10_000,
  freshFor: 120_000,
  retry: { first: 5_000, longest: 60_000 },
}];

const guard = "toy.test/guard";

function controllerOf<T extends KubeObject, S extends object>(controller: Controller<T, S>): AnyController {
  return controller;
}

const ready = (yes: boolean, reason: string, message = ""): Condition => ({
  type: "Ready",
  status: yes ? "True" : "False",
  reason,
  message,
});

function trouble(outcomes: Outcomes): Condition | undefined {
  const [first] = outcomes.troubles();
  if (first === undefined) return undefined;
  const { outcome } = first;
  return outcome.result === "rejected"
    ? ready(false, outcome.reason, outcome.message)
    : ready(false, "Contested", `${outcome.path} is set by ${outcome.by}`);
}

export const shopController = controllerOf<Shop, NonNullable<Shop["status"]>>({
  name: "shop",
  kind: shops as never,
  reconcile(shop, view) {
    if (shop.metadata.deletionTimestamp !== undefined) return closing(shop, view);
    if (shop.spec.paused) return { children: [], removals: [] };
    const namespace = shop.metadata.namespace!;
    const { mood, extra } = view.query(settingsOf, namespace);
    const menu = menuOf(shop, view);
    const staff = staffOf(shop, view);
    const stock = view.get(stocks, namespace, `stock-${shop.spec.dish}`);
    const supplied = stock?.status?.status === "Ready";
    const opened = view.reached(openingOf(shop));
    const cost = menu === undefined ? undefined : view.fact(price, menu.spec.source);
    const ref = childOf(ovens, shop, shop.metadata.name);
    const oven = menu === undefined ? undefined : view.get(ovens, namespace, shop.metadata.name);
    const desired = menu !== undefined && cost?.state === "known" && supplied && opened
      ? ovenFor(shop, menu, cost.value, mood, extra)
      : undefined;
    return {
      finalizer: { name: guard, action: "ensure" },
      children: [
        { how: "create", ref: childOf(stocks, shop, `stock-${shop.spec.dish}`), desired: stockFor(shop) },
        ...(menu === undefined ? [] : [
          desired === undefined ? { how: "keep" as const, ref } : { how: "apply" as const, ref, desired },
        ]),
      ],
      removals: [],
      sticky: menu === undefined ? {} : { menu: { name: menu.metadata.name, uid: menu.metadata.uid } },
      // Nothing is said while the price is asked for, least of all that an oven once refused is fine.
      status: cost?.state === "pending" ? undefined : (outcomes) => {
        const sick = trouble(outcomes);
        const settled = outcomes.of(ref).result === "unchanged";
        const serving = settled && present(oven) && oven.status?.hot === true;
        const reason = menu === undefined
          ? "NoMenu"
          : cost?.state === "failed"
          ? "NoPrice"
          : !opened
          ? "Closed"
          : serving
          ? "Serving"
          : "Preparing";
        return {
          status: sick ? "Failed" : serving ? "Running" : "Pending",
          ...(menu === undefined ? {} : { menu: { name: menu.metadata.name, uid: menu.metadata.uid } }),
          ...(staff === undefined ? {} : { staff }),
          conditions: [sick ?? ready(serving, reason, cost?.state === "failed" ? cost.error.message : "")],
        };
      },
    };
  },
});

function openingOf(shop: Live<Shop>): number {
  return Date.parse(shop.metadata.creationTimestamp!) + (shop.spec.opensAfterSeconds ?? 0) * 1000;
}

/** The menu settled upon, as long as that very menu exists; else the best one of the dish. */
function menuOf(shop: Live<Shop>, view: View): Live<Menu> | undefined {
  const namespace = shop.metadata.namespace!;
  const chosen = shop.status?.menu;
  if (chosen !== undefined) {
    const menu = view.get(menus, namespace, chosen.name);
    if (menu?.metadata.uid === chosen.uid) return menu;
  }
  const [best] = view.query(menusFor, [namespace, shop.spec.dish]);
  return best === undefined ? undefined : view.get(menus, namespace, best.name);
}

/** How many ready workers a shop has, if it has any at all: that is asked first. */
function staffOf(shop: Live<Shop>, view: View): number | undefined {
  const value = at(shop, shop.metadata.name);
  if (!view.any(workersByShop, value)) return undefined;
  return view.list(workersByShop, value).filter((worker: Live<Worker>) => worker.status?.ready).length;
}

/** The last shop of a dish takes the stock along. */
function closing(shop: Live<Shop>, view: View): Plan<NonNullable<Shop["status"]>> {
  const namespace = shop.metadata.namespace!;
  const stays = (each: Shop) =>
    each.spec.dish === shop.spec.dish && each.metadata!.uid !== shop.metadata.uid &&
    each.metadata!.deletionTimestamp === undefined;
  const needed = view.list(shopsByDish, at(shop, shop.spec.dish)).some(stays);
  const stock = view.get(stocks, namespace, `stock-${shop.spec.dish}`);
  const removable = !needed && stock !== undefined && stock.metadata.deletionTimestamp === undefined;
  return {
    finalizer: { name: guard, action: "release" },
    children: [],
    removals: removable
      ? [{
        ref: childOf(stocks, shop, stock.metadata.name),
        uid: stock.metadata.uid,
        resourceVersion: stock.metadata.resourceVersion,
        unless: {
          kind: shops as never,
          namespace,
          inUse: (all) => (all as Shop[]).some(stays),
        },
      }]
      : [],
  };
}

export const menuController = controllerOf<Menu, NonNullable<Menu["status"]>>({
  name: "menu",
  kind: menus as never,
  reconcile(menu, view) {
    const { enabled } = view.query(settingsOf, menu.metadata.namespace!);
    const served = view.any(shopsByDish, at(menu, menu.spec.dish));
    const open = enabled !== false;
    return {
      children: [],
      removals: [],
      status: () => ({
        status: open ? "Ready" : "Off",
        served,
        conditions: [ready(open, open ? "Enabled" : "Disabled")],
      }),
    };
  },
});

/** How long a failed delivery stays before it is made again. */
const deliveryPause = 30_000;

export const stockController = controllerOf<Stock, NonNullable<Stock["status"]>>({
  name: "stock",
  kind: stocks as never,
  reconcile(stock, view) {
    const { namespace, name, deletionTimestamp } = stock.metadata;
    if (deletionTimestamp !== undefined) {
      return { finalizer: { name: guard, action: "release" }, children: [], removals: [] };
    }
    const delivery = view.get(deliveries, namespace, `${name}-delivery`);
    const { phase, failedAt } = delivery?.status ?? {};
    const failed = phase === "Failed" && failedAt !== undefined;
    const again = failed && view.reached(Date.parse(failedAt) + deliveryPause);
    const others = view.list(extrasByStock, at(stock, name)).length;
    const ref = childOf(deliveries, stock, `${name}-delivery`);
    return {
      finalizer: { name: guard, action: "ensure" },
      children: again ? [] : [{ how: "create", ref, desired: deliveryFor(stock) }],
      removals: again
        ? [{ ref, uid: delivery!.metadata.uid, resourceVersion: delivery!.metadata.resourceVersion }]
        : [],
      status: (outcomes) => ({
        status: phase === "Done" ? "Ready" : "Pending",
        conditions: [
          trouble(outcomes) ??
            ready(
              phase === "Done",
              phase === "Done" ? "Delivered" : failed ? "Failed" : "OnItsWay",
              `${others}`,
            ),
        ],
      }),
    };
  },
});

export const toyControllers = [shopController, menuController, stockController];

function childOf(kind: { resource: unknown }, owner: KubeObject, name: string): ChildRef {
  return { kind: kind as ChildRef["kind"], namespace: owner.metadata!.namespace, name };
}

function ownedBy(owner: Live<KubeObject>, kind: string) {
  const { name, uid } = owner.metadata;
  return [{ apiVersion: "toy.test/v1", kind, name, uid, controller: true, blockOwnerDeletion: true }];
}

function ovenFor(
  shop: Live<Shop>,
  menu: Live<Menu>,
  cost: string,
  mood: string | undefined,
  extra: string | undefined,
): Oven {
  return {
    apiVersion: "toy.test/v1",
    kind: "Oven",
    metadata: {
      name: shop.metadata.name,
      namespace: shop.metadata.namespace,
      labels: { "toy.test/shop": shop.metadata.name },
      ownerReferences: ownedBy(shop, "Shop"),
    },
    spec: {
      power: menu.spec.power ?? "low",
      price: cost,
      ...(mood === undefined ? {} : { mood }),
      ...(extra === undefined ? {} : { extras: [{ name: "EXTRA", value: extra }] }),
    },
  };
}

function stockFor(shop: Live<Shop>): Stock {
  return {
    apiVersion: "toy.test/v1",
    kind: "Stock",
    metadata: { name: `stock-${shop.spec.dish}`, namespace: shop.metadata.namespace },
    spec: { dish: shop.spec.dish },
  };
}

function deliveryFor(stock: Live<Stock>): Delivery {
  const { name, namespace } = stock.metadata;
  return {
    apiVersion: "toy.test/v1",
    kind: "Delivery",
    metadata: {
      name: `${name}-delivery`,
      namespace,
      labels: { shift: name.length % 2 === 0 ? "day" : "night" },
      ownerReferences: ownedBy(stock, "Stock"),
    },
    spec: { to: name },
  };
}
