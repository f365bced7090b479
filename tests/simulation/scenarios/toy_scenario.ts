import type { KubeObject, Live } from "../../../lib/kube/object.ts";
import { apiError } from "../process/simulated_api_server.ts";
import type { Random } from "../random.ts";
import { toyControllers, toyFacts } from "./toy_controllers.ts";
import {
  clusterSettings,
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
  stocks,
  toyKinds,
  type Worker,
  workers,
} from "./toy_kinds.ts";
import type { Scenario, World } from "../world.ts";

const namespaces = ["north", "south"];
const shopNames = ["a", "b", "c", "d"];
const dishes = ["soup", "cake"];
const sources = ["farm", "sea", "mill"];

export function makeShop(world: World, namespace: string, name: string, spec: Shop["spec"]): void {
  make(world, shops, namespace, name, { spec });
}

export function makeMenu(world: World, namespace: string, name: string, spec: Menu["spec"]): void {
  make(world, menus, namespace, name, { spec });
}

/** Creates an object as its user; nothing happens if there is one. */
export function make(
  world: World,
  { resource }: { resource: (typeof shops)["resource"] },
  namespace: string | undefined,
  name: string,
  rest: object,
  labels?: Record<string, string>,
): void {
  if (!world.server.installed(resource)) return;
  if (world.server.get(resource, namespace, name) !== undefined) return;
  world.say(`user makes ${resource.kind} ${namespace}/${name} ${JSON.stringify(rest)}`);
  const metadata = { name, ...(namespace === undefined ? {} : { namespace }), ...(labels && { labels }) };
  const object = { apiVersion: "toy.test/v1", kind: resource.kind, metadata, ...rest };
  world.server.create(resource, object as KubeObject, "kubectl");
}

export function remove(
  world: World,
  { resource }: { resource: (typeof shops)["resource"] },
  namespace: string | undefined,
  name: string,
): void {
  if (!world.server.installed(resource)) return;
  if (world.server.get(resource, namespace, name) === undefined) return;
  world.say(`user deletes ${resource.kind} ${namespace}/${name}`);
  world.server.delete(resource, namespace, name);
}

export function edit<T extends KubeObject>(
  world: World,
  { resource }: { resource: (typeof shops)["resource"] },
  namespace: string | undefined,
  name: string,
  change: (draft: Live<T>) => void,
  manager?: string,
): void {
  world.say(`edit ${resource.kind} ${namespace}/${name} ${change}`);
  world.server.edit<T>(resource, namespace, name, change, manager);
}

/** Edits by people that change what controllers read but never what they once chose for good. */
export function everydayEdits(world: World, random: Random): void {
  const namespace = random.pick(namespaces);
  const name = random.pick(shopNames);
  const dish = random.pick(dishes);
  const word = random.pick(["x", "y", "z"]);
  const yes = random.chance(0.6);
  const staff = world.server.list(workers.resource, namespace);
  const editWorker = (change: (draft: Live<Worker>) => void) => {
    if (staff.length > 0) edit(world, workers, namespace, random.pick(staff).metadata.name, change);
  };
  const choices: (() => void)[] = [
    () => {
      // A shop that was closed stays closed: whether the old one has gone yet would decide about the new one.
      if (world.memory.has(`closed ${namespace}/${name}`)) return;
      makeShop(world, namespace, name, {
        dish: name < "c" ? "soup" : "cake",
        ...(yes ? { opensAfterSeconds: 20 } : {}),
      });
    },
    () => {
      remove(world, shops, namespace, name);
      world.memory.set(`closed ${namespace}/${name}`, true);
    },
    () => edit<Shop>(world, shops, namespace, name, ({ spec }) => spec.opensAfterSeconds = yes ? 5 : 60),
    () => edit<Shop>(world, shops, namespace, name, ({ metadata }) => metadata.annotations = { word }),
    () => edit<Menu>(world, menus, namespace, `${dish}-1`, ({ spec }) => spec.source = random.pick(sources)),
    () => edit<Menu>(world, menus, namespace, `${dish}-1`, ({ spec }) => spec.power = yes ? "high" : "low"),
    () => edit<Settings>(world, clusterSettings, undefined, "default", ({ spec }) => spec.mood = word),
    () => edit<Settings>(world, clusterSettings, undefined, "default", ({ spec }) => spec.enabled = yes),
    () => edit<Settings>(world, settings, namespace, "default", ({ spec }) => spec.extra = word),
    () => edit<Settings>(world, settings, namespace, "default", ({ spec }) => delete spec.mood),
    () => make(world, settings, namespace, "default", { spec: { mood: word } }),
    () => remove(world, settings, namespace, "default"),
    () => make(world, workers, namespace, `w-${word}`, {}, { shop: name }),
    () => remove(world, workers, namespace, `w-${word}`),
    () => editWorker((it) => it.status = { ...it.status, ready: !it.status?.ready }),
    () => editWorker(({ metadata }) => metadata.labels = { shop: name }),
    () => editWorker((it) => it.status = { ...it.status, beat: (it.status?.beat ?? 0) + 1 }),
  ];
  random.pick(choices)();
}

/** All that may happen: choices taken away, children meddled with, kinds that come and go, prices that move. */
export function roughEdits(world: World, random: Random): void {
  if (random.chance(0.6)) return everydayEdits(world, random);
  const namespace = random.pick(namespaces);
  const name = random.pick(shopNames);
  const dish = random.pick(dishes);
  const menu = `${dish}-${1 + random.below(2)}`;
  const stock = `stock-${dish}`;
  const word = random.pick(["x", "y", "z"]);
  const choices: (() => void)[] = [
    () => makeShop(world, namespace, name, { dish }),
    () => remove(world, shops, namespace, name),
    () => makeMenu(world, namespace, menu, { dish, rank: random.below(3), source: random.pick(sources) }),
    () => edit<Menu>(world, menus, namespace, menu, ({ spec }) => spec.power = "refused"),
    () => remove(world, menus, namespace, menu),
    () => edit<Menu>(world, menus, namespace, menu, ({ spec }) => spec.rank = random.below(4)),
    () => edit<Menu>(world, menus, namespace, menu, ({ spec }) => spec.dish = dish),
    () => edit<Shop>(world, shops, namespace, name, ({ spec }) => spec.dish = dish),
    () => edit<Shop>(world, shops, namespace, name, ({ spec }) => spec.paused = random.chance(0.3)),
    () => edit<Oven>(world, ovens, namespace, name, ({ spec }) => spec.price = "stolen", "thief"),
    () => edit<Oven>(world, ovens, namespace, name, ({ spec }) => spec.note = word, "painter"),
    () =>
      edit<Oven>(world, ovens, namespace, name, (it) => it.status = { hot: random.chance(0.5) }, "stoker"),
    () => edit<Oven>(world, ovens, namespace, name, ({ metadata }) => delete metadata.labels, "thief"),
    () => remove(world, ovens, namespace, name),
    () => remove(world, stocks, namespace, stock),
    () => remove(world, deliveries, namespace, `${stock}-delivery`),
    () =>
      edit<Delivery>(world, deliveries, namespace, `${stock}-delivery`, (it) => {
        it.status = { phase: "Failed", failedAt: new Date(world.clock.now()).toISOString() };
      }),
    () => make(world, deliveries, namespace, `extra-${word}`, { spec: { to: stock } }, { shift: "day" }),
    () =>
      edit<Delivery>(world, deliveries, namespace, `extra-${word}`, ({ metadata }) => {
        metadata.labels = { shift: random.pick(["day", "night", "off"]) };
      }),
    () => remove(world, deliveries, namespace, `extra-${word}`),
    () => world.memory.set("price", word),
    () => world.memory.set("outage", random.chance(0.5)),
    () => {
      if (world.server.installed(ovens.resource)) world.server.uninstall(ovens.resource);
      else world.server.install(ovens.resource);
      world.say(world.server.installed(ovens.resource) ? "ovens installed" : "ovens uninstalled");
    },
  ];
  random.pick(choices)();
}

function begin(world: World): void {
  make(world, clusterSettings, undefined, "default", { spec: { mood: "calm" } });
  for (const namespace of namespaces) {
    for (const dish of dishes) {
      makeMenu(world, namespace, `${dish}-1`, { dish, rank: 2, source: "farm" });
      makeMenu(world, namespace, `${dish}-2`, { dish, rank: 1, source: "sea" });
    }
    makeShop(world, namespace, "a", { dish: "soup" });
    makeShop(world, namespace, "b", { dish: "soup", opensAfterSeconds: 20 });
  }
  // What an operator's server refuses: a limit of the cluster that the controllers do not know.
  world.server.admission = (resource, object) => {
    if (resource.plural !== "ovens") return;
    const { spec } = object as unknown as Oven;
    if (spec.power === "refused") throw apiError("PATCH", 422, "Invalid", "spec.power: Unsupported value");
  };
}

/** Fires what is to be fired, brings what is to be brought. */
function others(world: World): boolean {
  const before = world.server.version;
  const { server } = world;
  if (server.installed(ovens.resource)) {
    for (const { metadata: { namespace, name } } of server.list(ovens.resource, undefined)) {
      server.edit<Oven>(ovens.resource, namespace, name, (it) => it.status ??= { hot: true }, "stoker");
    }
  }
  for (const { metadata: { namespace, name } } of server.list(deliveries.resource, undefined)) {
    server.edit<Delivery>(
      deliveries.resource,
      namespace,
      name,
      (it) => it.status ??= { phase: "Done" },
      "van",
    );
  }
  return server.version !== before;
}

function fact(world: World, _: string, source: string): unknown {
  if (world.memory.get("outage") === true) throw new Error("no answer from the market");
  return `${source}-${world.memory.get("price") ?? "1"}`;
}

const program = { kinds: toyKinds, controllers: toyControllers, facts: toyFacts };

/** The toy business with everything that can happen to it. */
export const roughToy: Scenario = {
  program,
  begin,
  mutate: roughEdits,
  others,
  fact,
  heal: (world) => {
    world.memory.set("outage", false);
    world.server.install(ovens.resource);
  },
};

/** The toy business under edits whose order does not matter to the end. */
export const everydayToy: Scenario = { program, begin, mutate: everydayEdits, others, fact };
