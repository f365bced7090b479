/** Scoped mode: what is asked, what is watched, and when a namespace enters the cache. */

import assert from "node:assert/strict";
import { CachedKind } from "../../kube/cache/cached_kind.ts";
import type { Selector } from "../../kube/cache/selector.ts";
import { Discovery } from "../../kube/discovery.ts";
import { ApiError } from "../../kube/errors.ts";
import type { KubeObject, Resource } from "../../kube/object.ts";
import { unlessAborted } from "../../kube/body.ts";
import { pathOf } from "../../kube/path.ts";
import type { RequestOptions, Transport } from "../../kube/transport.ts";
import { ClusterCache } from "../core/cluster_cache.ts";
import { Watching } from "./watching.ts";

const kindOf = (kind: string, plural: string, namespaced = true, selectors?: readonly Selector[]) =>
  new CachedKind<KubeObject, false>({
    resource: { group: "fruit", version: "v1", kind, plural, namespaced },
    optional: false,
    selectors,
  });
const apples = kindOf("Apple", "apples");
const pears = kindOf("Pear", "pears", true, [{ labelSelector: "!ripe" }, { labelSelector: "ripe" }]);
const orchards = kindOf("Orchard", "orchards", false);
const forests = kindOf("Forest", "forests", false);
const kinds = [apples, pears, orchards, forests];

async function until(what: string, holds: () => boolean): Promise<void> {
  for (let n = 0; n < 400 && !holds(); n++) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.ok(holds(), what);
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/**
 * One object `x` of each kind in each namespace, and a ripe pear `r`; rights are what `allowed` holds: `plural` or
 * `namespace/plural`.
 */
class World {
  readonly requests: string[] = [];
  /** The connections by which each namespace, or the cluster (""), was asked. */
  readonly connections = new Map<string, Set<string>>();
  /** Paths on which the server has a fault. */
  readonly failing = new Set<string>();
  readonly told: string[] = [];
  readonly asked: string[] = [];
  /** Questions about rights that have no answer yet, and the most that there were at a time. */
  #open = 0;
  mostAtOnce = 0;
  /** Lists that are not answered before this is resolved. */
  held: { readonly path: string; readonly until: Promise<unknown> } | undefined;
  /** Watches that are open, by path. */
  readonly open = new Map<string, ReadableStreamDefaultController<Uint8Array>>();
  readonly cache: ClusterCache;
  readonly watching: Watching;
  readonly stop = new AbortController();
  readonly broken: Error[] = [];

  /** @param unanswered how many questions about rights fail first */
  constructor(namespaces: readonly string[], readonly allowed: Set<string>, private unanswered = 0) {
    this.cache = new ClusterCache(kinds, namespaces);
    const connection = (name: string) =>
      ({ performRequest: (request: RequestOptions) => this.#answer(request, name) }) as Transport;
    const transport = connection("cluster");
    const discovery = new Discovery(transport);
    discovery.streamsLists = false;
    this.watching = new Watching({
      transport,
      discovery,
      kinds,
      cache: this.cache,
      log: (message) => this.told.push(message),
      scope: {
        namespaces,
        askAgainAfter: 10,
        shortPause: 10,
        transportOf: (namespace) => connection(`of ${namespace}`),
        mayRead: async (resource: Resource, namespace) => {
          if (this.unanswered-- > 0) throw new Error("no answer");
          const right = namespace === undefined ? resource.plural : `${namespace}/${resource.plural}`;
          this.asked.push(right);
          this.mostAtOnce = Math.max(this.mostAtOnce, ++this.#open);
          await pause(0);
          this.#open--;
          return this.allowed.has(right);
        },
      },
    }, (error) => this.broken.push(error));
    this.watching.start(this.stop.signal);
  }

  async #answer(
    { path, querystring, method, abortSignal }: RequestOptions,
    connection: string,
  ): Promise<never> {
    await Promise.resolve();
    this.requests.push(path);
    const [, namespace, plural] = /(?:namespaces\/([^/]+)\/)?([a-z]+)$/.exec(path)!;
    const by = this.connections.get(namespace ?? "") ?? new Set();
    this.connections.set(namespace ?? "", by.add(connection));
    if (this.failing.has(path)) throw new ApiError({ status: 500, message: "fault", method, path });
    if (!this.allowed.has(namespace === undefined ? plural : `${namespace}/${plural}`)) {
      throw new ApiError({ status: 403, message: "forbidden", method, path });
    }
    if (querystring?.has("watch")) {
      return new ReadableStream<Uint8Array>({
        start: (controller) => void this.open.set(path, controller),
      }) as never;
    }
    if (this.held?.path === path) await unlessAborted(this.held.until, abortSignal);
    const ripe = querystring?.get("labelSelector") === "ripe";
    const metadata = {
      ...(ripe ? { name: "r", labels: { ripe: "" } } : { name: "x" }),
      namespace,
      uid: `${path}/${ripe}`,
      resourceVersion: "1",
    };
    return { metadata: { resourceVersion: "5" }, items: [{ metadata }] } as never;
  }

  /** Sends an event on the watch of apples in a namespace. */
  send(namespace: string, type: string, name: string, resourceVersion: string): void {
    const metadata = { name, namespace, uid: name, resourceVersion };
    const line = JSON.stringify({ type, object: { apiVersion: "fruit/v1", kind: "Apple", metadata } });
    this.open.get(pathOf(apples.resource, namespace))!.enqueue(new TextEncoder().encode(`${line}\n`));
  }

  /** Cuts the watch of apples in a namespace. */
  cut(namespace: string): void {
    const path = pathOf(apples.resource, namespace);
    const watch = this.open.get(path)!;
    this.open.delete(path);
    watch.error(new Error("cut"));
  }

  /** How many lines say this. */
  count(line: RegExp): number {
    return this.told.filter((told) => line.test(told)).length;
  }

  names(kind: CachedKind<KubeObject>): string[] {
    return [...this.cache.store(kind).keys()].sort();
  }
}

const all = (...namespaces: string[]) =>
  namespaces.flatMap((namespace) => [`${namespace}/apples`, `${namespace}/pears`]);

async function inWorld(
  namespaces: readonly string[],
  allowed: string[],
  test: (world: World) => Promise<void>,
  unanswered = 0,
): Promise<void> {
  const world = new World(namespaces, new Set(allowed), unanswered);
  try {
    await test(world);
    assert.deepEqual(world.broken, []);
  } finally {
    world.stop.abort();
  }
}

Deno.test("each namespace is read by its own path, cluster kinds where they may be, and nothing else", () =>
  inWorld(["a", "b"], [...all("a", "b"), "orchards"], async (world) => {
    const { cache, requests } = world;
    await until("synced", () => world.watching.synced);
    const paths = [
      pathOf(orchards.resource),
      ...["a", "b"].flatMap((namespace) => [apples, pears].map((kind) => pathOf(kind.resource, namespace))),
    ];
    assert.deepEqual([...new Set(requests)].sort(), paths.sort());
    assert.deepEqual(world.names(apples), ["a/x", "b/x"]);
    assert.deepEqual(world.names(pears), ["a/r", "a/x", "b/r", "b/x"], "by each selector");
    assert.deepEqual(
      world.connections,
      new Map([["", "cluster"], ["a", "of a"], ["b", "of b"]].map(([where, by]) => [where, new Set([by])])),
      "watches of each namespace have a connection of their own",
    );
    assert.deepEqual(world.told, [
      "no right to list and watch forests.fruit: they count as out of reach",
    ]);
    assert.deepEqual(
      kinds.map((kind) => cache.reach(kind)),
      ["full", "full", "read", "none"],
    );
  }));

Deno.test("no request is refused: what may not be read is asked for, not tried", () =>
  inWorld(["a", "missing"], all("a"), async (world) => {
    await until("synced", () => world.watching.synced);
    assert.deepEqual(world.names(apples), ["a/x"]);
    assert.ok(world.requests.every((path) => path.includes("/namespaces/a/")), `${world.requests}`);
    assert.ok(
      world.told.some((line) =>
        /^namespace missing is left alone: .*apples\.fruit, pears\.fruit.*namespace: missing, .*README/.test(
          line,
        )
      ),
      `${world.told}`,
    );
    const told = world.told.length;
    await until("asked again", () => world.asked.filter((right) => right === "missing/pears").length > 3);
    assert.equal(world.told.length, told, "and told once");
    assert.equal(world.mostAtOnce, 3, "the cluster and each namespace ask one question at a time");
  }));

Deno.test("a namespace counts once all of its kinds may be read", () =>
  inWorld(["a", "b"], [...all("a"), "b/apples"], async (world) => {
    await until("synced", () => world.watching.synced);
    assert.deepEqual(world.names(apples), ["a/x"]);
    world.allowed.add("b/pears");
    await until("both are there", () => world.names(pears).length === 4);
    assert.deepEqual(world.names(apples), ["a/x", "b/x"]);
    assert.ok(world.told.includes("namespace b can be read now"));
  }));

Deno.test("a namespace that comes later enters as a whole", () =>
  inWorld(["a", "b"], all("a"), async (world) => {
    await until("synced", () => world.watching.synced);
    const listed = Promise.withResolvers<void>();
    world.held = { path: pathOf(pears.resource, "b"), until: listed.promise };
    for (const right of all("b")) world.allowed.add(right);
    await until("its apples are watched", () => world.open.has(pathOf(apples.resource, "b")));
    world.send("b", "ADDED", "y", "6");
    world.send("b", "DELETED", "x", "7");
    await pause(20);
    assert.deepEqual(world.names(apples), ["a/x"], "not without its pears");
    assert.ok(world.watching.synced, "the others are ready all the while");
    assert.deepEqual(world.watching.missing, []);
    listed.resolve();
    await until("it is there", () => world.names(pears).length === 4);
    await until("what came meanwhile too", () => world.names(apples).length === 2);
    assert.deepEqual(world.names(apples), ["a/x", "b/y"]);
  }));

Deno.test("a namespace whose rights are taken away leaves the cache, and comes back with them, each time", () =>
  inWorld(["a", "b"], all("a", "b"), async (world) => {
    await until("synced", () => world.watching.synced);
    for (const times of [1, 2]) {
      await until("it is watched", () => world.open.has(pathOf(apples.resource, "b")));
      for (const right of all("b")) world.allowed.delete(right);
      world.cut("b");
      await until("it has left", () => world.names(apples).length === 1);
      assert.deepEqual(world.names(pears), ["a/r", "a/x"]);
      await until("that is said", () => world.count(/^namespace b is left alone/) === times);
      for (const right of all("b")) world.allowed.add(right);
      await until("it is back", () => world.names(pears).length === 4);
      assert.equal(world.count(/^namespace b can be read now$/), times);
    }
  }));

Deno.test("a namespace that goes before all of it was read leaves nothing to wait for", () =>
  inWorld(["a", "b"], all("a", "b"), async (world) => {
    world.held = { path: pathOf(pears.resource, "b"), until: new Promise(() => {}) };
    await until("its apples are watched", () => world.open.has(pathOf(apples.resource, "b")));
    assert.equal(world.watching.synced, false);
    for (const right of all("b")) world.allowed.delete(right);
    world.cut("b");
    await until("synced", () => world.watching.synced);
    assert.deepEqual(world.watching.missing, []);
    assert.deepEqual(world.names(apples), ["a/x"]);
  }));

Deno.test("a watch that is cut, and a fault of the server, make no namespace leave", () =>
  inWorld(["a", "b"], all("a", "b"), async (world) => {
    await until("synced", () => world.watching.synced);
    const path = pathOf(apples.resource, "b");
    await until("it is watched", () => world.open.has(path));
    const asked = world.asked.length;
    world.failing.add(path);
    const before = world.requests.length;
    world.cut("b");
    await until("the server has refused", () => world.requests.slice(before).includes(path));
    await pause(50);
    assert.deepEqual(world.names(apples), ["a/x", "b/x"]);
    world.failing.delete(path);
    await until("it is watched again", () => world.open.has(path));
    assert.deepEqual(world.names(apples), ["a/x", "b/x"]);
    assert.equal(world.asked.length, asked, "nobody asked for rights again");
  }));

Deno.test("an informer that breaks is told of: the process cannot go on", async () => {
  const world = new World(["a"], new Set(all("a")));
  world.cache.listen({
    changed() {
      throw new Error("a fault of ours");
    },
    stateChanged() {},
  });
  try {
    await until("told", () => world.broken.length > 0);
    assert.match(world.broken[0].message, /^the informer of (apples|pears) broke: a fault of ours$/);
  } finally {
    world.stop.abort();
  }
});

Deno.test("where the API server does not say what may be read, it is asked until it does", () => {
  const questions = 2; // the first of the cluster and the first of the namespace
  return inWorld(["a"], all("a"), async (world) => {
    await Promise.resolve();
    assert.equal(world.watching.synced, false);
    assert.deepEqual(world.watching.missing.map(({ what }) => what), ["the operator's own rights"]);
    await until("synced", () => world.watching.synced);
    assert.deepEqual(world.names(apples), ["a/x"]);
    assert.equal(world.count(/^the API server does not say what this operator may do$/), 2);
  }, questions);
});
