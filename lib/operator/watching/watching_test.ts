/** Scoped mode: what is asked, what is watched, and when a namespace enters the cache. */

import assert from "node:assert/strict";
import { CachedKind } from "../../kube/cache/cached_kind.ts";
import { Discovery } from "../../kube/discovery.ts";
import { ApiError } from "../../kube/errors.ts";
import type { KubeObject, Resource } from "../../kube/object.ts";
import { pathOf } from "../../kube/path.ts";
import type { RequestOptions, Transport } from "../../kube/transport.ts";
import { ClusterCache } from "../core/cluster_cache.ts";
import { Watching } from "./watching.ts";

const kindOf = (kind: string, plural: string, namespaced = true) =>
  new CachedKind<KubeObject, false>({
    resource: { group: "fruit", version: "v1", kind, plural, namespaced },
    optional: false,
  });
const apples = kindOf("Apple", "apples");
const pears = kindOf("Pear", "pears");
const orchards = kindOf("Orchard", "orchards", false);
const forests = kindOf("Forest", "forests", false);
const kinds = [apples, pears, orchards, forests];

async function until(what: string, holds: () => boolean): Promise<void> {
  for (let n = 0; n < 400 && !holds(); n++) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.ok(holds(), what);
}

/** One object of each kind in each namespace; rights are what `allowed` holds: `plural` or `namespace/plural`. */
class World {
  readonly requests: string[] = [];
  readonly told: string[] = [];
  readonly asked: string[] = [];
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
    const transport = { performRequest: (request: RequestOptions) => this.#answer(request) } as Transport;
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
        transportOf: () => transport,
        mayRead: (resource: Resource, namespace) => {
          if (this.unanswered-- > 0) return Promise.reject(new Error("no answer"));
          const right = namespace === undefined ? resource.plural : `${namespace}/${resource.plural}`;
          this.asked.push(right);
          return Promise.resolve(this.allowed.has(right));
        },
      },
    }, (error) => this.broken.push(error));
    this.watching.start(this.stop.signal);
  }

  async #answer({ path, querystring, method }: RequestOptions): Promise<never> {
    await Promise.resolve();
    this.requests.push(path);
    const [, namespace, plural] = /(?:namespaces\/([^/]+)\/)?([a-z]+)$/.exec(path)!;
    if (!this.allowed.has(namespace === undefined ? plural : `${namespace}/${plural}`)) {
      throw new ApiError({ status: 403, message: "forbidden", method, path });
    }
    if (querystring?.has("watch")) {
      return new ReadableStream<Uint8Array>({
        start: (controller) => void this.open.set(path, controller),
      }) as never;
    }
    if (this.held?.path === path) await this.held.until;
    const metadata = { name: "x", namespace, uid: path, resourceVersion: "1" };
    return { metadata: { resourceVersion: "5" }, items: [{ metadata }] } as never;
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
): Promise<void> {
  const world = new World(namespaces, new Set(allowed));
  try {
    await test(world);
    assert.deepEqual(world.broken, []);
  } finally {
    world.stop.abort();
  }
}

Deno.test("each namespace is read by its own path, cluster kinds where they may be, and nothing else", () =>
  inWorld(["a", "b"], [...all("a", "b"), "orchards"], async ({ watching, cache, requests, names }) => {
    await until("synced", () => watching.synced);
    const paths = [
      pathOf(orchards.resource),
      ...["a", "b"].flatMap((namespace) => [apples, pears].map((kind) => pathOf(kind.resource, namespace))),
    ];
    assert.deepEqual([...new Set(requests)].sort(), paths.sort());
    assert.deepEqual(names.call({ cache } as World, apples), ["a/x", "b/x"]);
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
  }));

Deno.test("a namespace counts once all of its kinds may be read", () =>
  inWorld(["a", "b"], [...all("a"), "b/apples"], async (world) => {
    await until("synced", () => world.watching.synced);
    assert.deepEqual(world.names(apples), ["a/x"]);
    world.allowed.add("b/pears");
    await until("both are there", () => world.names(pears).length === 2);
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
    assert.deepEqual(world.names(apples), ["a/x"], "not without its pears");
    assert.ok(world.watching.synced, "the others are ready all the while");
    assert.deepEqual(world.watching.missing, []);
    listed.resolve();
    await until("it is there", () => world.names(pears).length === 2);
    assert.deepEqual(world.names(apples), ["a/x", "b/x"]);
  }));

Deno.test("a namespace whose rights are taken away leaves the cache, and comes back with them", () =>
  inWorld(["a", "b"], all("a", "b"), async (world) => {
    await until("synced", () => world.watching.synced);
    await until("it is watched", () => world.open.has(pathOf(apples.resource, "b")));
    for (const right of all("b")) world.allowed.delete(right);
    world.open.get(pathOf(apples.resource, "b"))!.error(new Error("cut"));
    await until("it has left", () => world.names(apples).length === 1);
    assert.deepEqual(world.names(pears), ["a/x"]);
    for (const right of all("b")) world.allowed.add(right);
    await until("it is back", () => world.names(pears).length === 2);
  }));

Deno.test("where the API server does not say what may be read, it is asked until it does", async () => {
  const world = new World(["a"], new Set(all("a")), 2);
  try {
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(world.watching.synced, false);
    assert.deepEqual(world.watching.missing.map(({ what }) => what), ["the operator's own rights"]);
  } finally {
    world.stop.abort();
  }
});
