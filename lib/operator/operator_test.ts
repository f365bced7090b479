/** How the operator's process begins and ends, on an API server of the test's own. */

import assert from "node:assert/strict";
import { CachedKind } from "../kube/cache/cached_kind.ts";
import { Discovery } from "../kube/discovery.ts";
import { ApiError } from "../kube/errors.ts";
import type { KubeObject, Live } from "../kube/object.ts";
import type { RequestOptions, Transport } from "../kube/transport.ts";
import { systemClock } from "./core/clock.ts";
import type { Pass } from "./core/pass.ts";
import type { View } from "./core/view.ts";
import type { Plan } from "./core/plan.ts";
import { Operator, type OperatorOptions, shutdown } from "./operator.ts";

interface Apple extends KubeObject {
  status?: { color?: string };
}

const kindOf = (kind: string, plural: string) =>
  new CachedKind<Apple, false>({
    resource: { group: "fruit", version: "v1", kind, plural, namespaced: true },
    optional: false,
  });
const apples = kindOf("Apple", "apples");
const pears = kindOf("Pear", "pears");

interface Lease {
  metadata: object;
  spec: Record<string, unknown>;
}

/** Keeps one apple and a lease, and notes what is written. */
class FruitServer {
  readonly writes: string[] = [];
  holder: unknown = "";
  /** Called with each write before it is answered. */
  onWrite: (what: string) => Promise<void> | void = () => {};
  forbidden = "";
  #lease: Lease | undefined;
  #version = 5;
  #apple: Live<Apple> = {
    apiVersion: "fruit/v1",
    kind: "Apple",
    metadata: { name: "a", namespace: "ns", uid: "u", resourceVersion: "5" },
  };

  heldBy(identity: string): void {
    this.holder = identity;
    this.#lease = {
      metadata: { ...this.#lease!.metadata },
      spec: { ...this.#lease!.spec, holderIdentity: identity, leaseDurationSeconds: 60 },
    };
  }

  readonly transport = {
    performRequest: async (request: RequestOptions): Promise<unknown> => {
      await Promise.resolve();
      request.abortSignal?.throwIfAborted();
      const answer = this.#answer(request);
      return request.method === "GET" ? answer : await answer;
    },
  } as unknown as Transport;

  #answer({ method, path, querystring, bodyJson }: RequestOptions): unknown {
    const refuse = (status: number, message = `status ${status}`) => {
      throw new ApiError({ status, message, method, path });
    };
    if (path.includes("/leases")) {
      if (method === "GET") return this.#lease ?? refuse(404);
      const lease = structuredClone(bodyJson) as Lease;
      this.holder = lease.spec.holderIdentity;
      return this.#lease = { ...lease, metadata: { ...lease.metadata, uid: "l", resourceVersion: "1" } };
    }
    if (method === "GET") {
      if (path.includes(this.forbidden || "?")) return refuse(403, `${this.forbidden} is forbidden`);
      if (querystring?.has("sendInitialEvents")) return refuse(422);
      if (querystring?.has("watch")) return new ReadableStream();
      const items = path.endsWith("/apples") ? [this.#apple] : [];
      return { metadata: { resourceVersion: "5" }, items: structuredClone(items) };
    }
    return this.#write(path, bodyJson as { metadata?: object; status?: object });
  }

  async #write(path: string, { metadata, status }: { metadata?: object; status?: object }): Promise<unknown> {
    const what = status ? "status" : "finalizers";
    this.writes.push(what);
    const resourceVersion = `${++this.#version}`;
    this.#apple = {
      ...this.#apple,
      ...(status && { status }),
      metadata: { ...this.#apple.metadata, ...metadata, resourceVersion },
    } as Live<Apple>;
    await this.onWrite(`${what} ${path}`);
    return structuredClone(this.#apple);
  }
}

const untold: OperatorOptions["hooks"] = {
  reconciled() {},
  crashed(_pass, error) {
    throw error;
  },
  missedWakeup() {},
  applied() {},
  statusWritten() {},
  failed() {},
};

const greenApple: (apple: Live<Apple>) => Plan<object> = () => ({
  finalizer: { name: "fruit/guard", action: "ensure" },
  children: [],
  removals: [],
  status: () => ({ color: "green" }),
});

function operatorOf(
  server: FruitServer,
  more: Partial<OperatorOptions> = {},
  reconcile = greenApple,
): Operator {
  const { transport } = server;
  return new Operator({
    transport,
    discovery: new Discovery(transport),
    kinds: [apples, pears] as unknown as readonly CachedKind<KubeObject>[],
    controllers: [{ name: "apple", kind: apples as never, reconcile: reconcile as never }],
    clock: systemClock,
    election: {
      transport,
      namespace: "ns",
      name: "l",
      identity: "me",
      fieldManager: "test",
      retrySeconds: 0.1,
    },
    hooks: untold,
    log: () => {},
    ...more,
  });
}

Deno.test("it leads, writes what is missing, and gives the lease back at its end", async () => {
  const server = new FruitServer();
  const stop = new AbortController();
  server.onWrite = (what) => {
    if (what.startsWith("status")) stop.abort();
  };
  assert.equal(await operatorOf(server).run(stop.signal), "released");
  assert.deepEqual(server.writes, ["finalizers", "status"]);
  assert.equal(server.holder, "");
});

Deno.test("in scoped mode it reads and writes in its namespaces, and acts on no cluster kind", async () => {
  const server = new FruitServer();
  const asked: string[] = [];
  const transport = {
    performRequest: (request: RequestOptions) => {
      asked.push(request.path);
      if (request.path.endsWith("/trees") && request.querystring?.has("watch") !== true) {
        const metadata = { name: "oak", uid: "o", resourceVersion: "3" };
        return Promise.resolve({ metadata: { resourceVersion: "5" }, items: [{ metadata }] });
      }
      return server.transport.performRequest(request as never);
    },
  } as unknown as Transport;
  const trees = new CachedKind<Apple, false>({
    resource: { group: "fruit", version: "v1", kind: "Tree", plural: "trees", namespaced: false },
    optional: false,
  });
  const stop = new AbortController();
  server.onWrite = (what) => {
    if (what.startsWith("status")) stop.abort();
  };
  const acted: string[] = [];
  const acting = (kind: CachedKind<Apple, false>) => ({
    name: kind.resource.plural,
    kind: kind as never,
    reconcile: ((object: Live<Apple>) => {
      acted.push(kind.resource.plural);
      return greenApple(object);
    }) as never,
  });
  const operator = operatorOf(server, {
    transport,
    discovery: new Discovery(transport),
    kinds: [apples, trees] as unknown as readonly CachedKind<KubeObject>[],
    controllers: [acting(apples), acting(trees)],
    scope: { namespaces: ["ns"], mayRead: () => Promise.resolve(true), transportOf: () => transport },
  });
  assert.equal(await operator.run(stop.signal), "released");
  assert.deepEqual([...new Set(acted)], ["apples"]);
  assert.ok(asked.includes("/apis/fruit/v1/trees"), "cluster kinds are read");
  assert.ok(
    asked.includes("/apis/fruit/v1/namespaces/ns/apples") && !asked.includes("/apis/fruit/v1/apples"),
  );
});

Deno.test("a key that is stopped ends between two of its steps", async () => {
  const server = new FruitServer();
  const stop = new AbortController();
  server.onWrite = async () => {
    stop.abort();
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(server.holder, "me", "the lease is held while a request is in flight");
  };
  assert.equal(await operatorOf(server).run(stop.signal), "released");
  assert.deepEqual(server.writes, ["finalizers"]);
  assert.equal(server.holder, "");
});

Deno.test("a request that hangs does not hold up the end; the lease is left to expire, since it may still land", async () => {
  const server = new FruitServer();
  const stop = new AbortController();
  let end = () => {};
  server.onWrite = () => {
    stop.abort();
    return new Promise((resolve) => end = resolve);
  };
  const began = performance.now();
  assert.equal(await operatorOf(server).run(stop.signal), "released");
  assert.ok(performance.now() - began < shutdown.writes + shutdown.events + 1_000);
  assert.equal(server.holder, "me");
  end();
});

Deno.test("an informer that ends by a fault ends the operator, and the lease is free", async () => {
  const server = new FruitServer();
  const onInformer: OperatorOptions["onInformer"] = ({ phase, resource }) => {
    if (phase === "watching" && resource.plural === "pears") throw new Error("a fault of ours");
  };
  const running = operatorOf(server, { onInformer }).run(new AbortController().signal);
  await assert.rejects(running, /^Error: the informer of pears broke: a fault of ours$/);
  assert.equal(server.holder, "");
  // Also of one that waits for the lease.
  server.heldBy("another");
  const waiting = operatorOf(server, { onInformer }).run(new AbortController().signal);
  await assert.rejects(waiting, /^Error: the informer of pears broke: a fault of ours$/);
  assert.equal(server.holder, "another");
});

Deno.test("a list that never comes ends the operator by one line that says which and why; the lease is free", async () => {
  const server = new FruitServer();
  server.forbidden = "pears";
  const running = operatorOf(server, { syncLimit: 300 }).run(new AbortController().signal);
  await assert.rejects(
    running,
    /^Error: could not read within 0\.3 s: pears \(pears is forbidden\); install the operator's rights /,
  );
  assert.equal(server.holder, "");
  assert.deepEqual(server.writes, []);
});

Deno.test("a status that throws counts as a crash of its key, which is tried again; its finalizer stands", async () => {
  const server = new FruitServer();
  const stop = new AbortController();
  const crashes: string[] = [];
  const failures: string[] = [];
  const hooks = {
    ...untold,
    failed: (_subject: unknown, action: string) => failures.push(action),
    crashed: ({ controllerName, namespace, name }: Pass, error: unknown) => {
      crashes.push(`${controllerName} ${namespace}/${name} ${(error as Error).message}`);
      if (crashes.length === 2) stop.abort();
    },
  };
  const broken: typeof greenApple = () => ({
    ...greenApple(undefined as never),
    status: () => {
      throw new Error("no color");
    },
  });
  assert.equal(await operatorOf(server, { hooks }, broken).run(stop.signal), "released");
  assert.deepEqual(crashes, ["apple ns/a no color", "apple ns/a no color"]);
  assert.deepEqual(failures, [], "it is no failure of a write");
  assert.deepEqual(server.writes, ["finalizers"]);
});

Deno.test("all that is told of one pass has one reconcileID, and each pass has its own", async () => {
  const server = new FruitServer();
  const stop = new AbortController();
  const told: [what: string, id: string][] = [];
  const later = Date.now() + 300;
  const hooks: typeof untold = {
    ...untold,
    statusWritten: ({ reconcileID }) => told.push(["status", reconcileID]),
    reconciled: ({ reconcileID }, result) => {
      told.push([result, reconcileID]);
      if (told.filter(([what]) => what === "status").length === 2) stop.abort();
    },
  };
  const painted = (_apple: Live<Apple>, view?: View): Plan<object> => {
    const status = { status: view!.reached(later) ? "Ready" : "Failed" };
    return {
      ...greenApple(_apple),
      status: () => status,
      events: () => [{ type: "Normal", reason: "Painted", message: "painted" }],
    };
  };
  const onNote: OperatorOptions["onNote"] = ({ reconcileID }) => told.push(["event", reconcileID]);
  await operatorOf(server, { hooks, onNote }, painted).run(stop.signal);
  const passes = Map.groupBy(told, ([, id]) => id);
  const writing = [...passes.values()].map((each) => each.map(([what]) => what))
    .filter((each) => each.includes("status"));
  assert.deepEqual(writing.map((each) => each.slice(0, 2)), [["status", "event"], ["status", "event"]]);
  assert.ok(writing.every((each) => each.length === 3), "each ends with its result");
});
