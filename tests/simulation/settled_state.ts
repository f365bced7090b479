/** What must hold once a world has settled (Q in core.md). */

import { copyJson } from "./copy_json.ts";
import assert from "node:assert/strict";
import { keyOf, type KubeObject, type Live } from "../../lib/kube/object.ts";
import type { CachedKind, Index } from "../../lib/kube/cache/cached_kind.ts";
import type { Store } from "../../lib/kube/cache/store.ts";
import { ClusterCache } from "../../lib/operator/core/cluster_cache.ts";
import type { Facts } from "../../lib/operator/runner/facts.ts";
import { type Plan, refsOf } from "../../lib/operator/core/plan.ts";
import { read } from "../../lib/operator/runner/reads.ts";
import type { StatusLike } from "../../lib/operator/status/status_changes.ts";
import { isPaused } from "../../lib/operator/naming/labels.ts";
import {
  type Fact,
  type Instant,
  type Known,
  type Query,
  type QueryArgument,
  type Reach,
  type Seen,
  Uninstalled,
  type View,
} from "../../lib/operator/core/view.ts";
import type { SimulatedApiServer } from "./process/simulated_api_server.ts";
import type { Program } from "./process/simulated_process.ts";
import { takes } from "./process/selectors.ts";
import { World } from "./world.ts";

/** A cache that holds exactly what the server holds. */
export function freshCache(program: Program, server: SimulatedApiServer): ClusterCache {
  const cache = new ClusterCache(program.kinds);
  for (const store of cache.stores()) {
    const { resource, selectors } = store.kind;
    selectors.forEach((_, i) => {
      if (!server.installed(resource)) return store.sink(i).uninstalled();
      const items = server.list(resource, undefined).filter((object) => takes(store.kind, i, object));
      store.sink(i).replaced(copyJson(items), String(server.version));
    });
  }
  return cache;
}

/** Every query that was asked on a {@link PlainView}, by its number. */
export const askedQueries = new Map<number, Query<QueryArgument, unknown>>();

/** A view that records nothing and shares nothing: what a reconcile would see if it ran alone, now. */
export class PlainView implements View {
  /** @param allowed the only reads that may be made; undefined allows all. */
  constructor(
    private readonly cache: ClusterCache,
    private readonly facts: Facts,
    private readonly now: number,
    private readonly allowed: ReadonlySet<string> | undefined = undefined,
  ) {}

  get<T extends KubeObject, O extends boolean>(
    kind: CachedKind<T, O>,
    namespace: string | undefined,
    name: string,
  ): Seen<Live<T> | undefined, O> {
    this.#check(read.object(kind.id, keyOf(namespace, name)));
    return this.#answer(kind, (store) => store.get(namespace, name));
  }

  list<T extends KubeObject, O extends boolean>(
    index: Index<T, O>,
    value: string,
  ): Seen<readonly Live<T>[], O> {
    this.#check(read.index(index.id, value));
    return this.#answer(index.kind, (store) => store.list(index, value));
  }

  any<T extends KubeObject, O extends boolean>(index: Index<T, O>, value: string): Seen<boolean, O> {
    this.#check(read.any(index.id, value));
    return this.#answer(index.kind, (store) => store.any(index, value));
  }

  reach<T extends KubeObject, O extends boolean>(kind: CachedKind<T, O>): Reach {
    this.#check(read.state(kind.id));
    return this.cache.reach(kind as unknown as CachedKind<KubeObject>);
  }

  query<A extends QueryArgument, R>(query: Query<A, R>, arg: A): R {
    this.#check(read.query(query.id, typeof arg === "string" ? arg : arg.join("\u0000")));
    askedQueries.set(query.id, query as unknown as Query<QueryArgument, unknown>);
    return query.answer(new PlainView(this.cache, this.facts, NaN), arg);
  }

  fact<A, F>(fact: Fact<A, F>, arg: A): Known<F> {
    this.#check(read.fact(fact.name, fact.keyOf(arg)));
    return this.facts.ask(fact, arg);
  }

  reached(moment: Instant): boolean {
    if (Number.isNaN(this.now)) throw new Error("a query looked at the clock");
    return this.now >= (typeof moment === "number" ? moment : Date.parse(moment));
  }

  #answer<T extends KubeObject, O extends boolean, R>(
    kind: CachedKind<T, O>,
    answer: (store: Store<T>) => R,
  ): Seen<R, O> {
    this.#check(read.state(kind.id));
    const store = this.cache.store(kind);
    return (store.state === "uninstalled" ? Uninstalled : answer(store)) as Seen<R, O>;
  }

  #check(name: string): void {
    if (this.allowed !== undefined && !this.allowed.has(name)) {
      throw new Error(`the read ${name} is not recorded`);
    }
  }
}

/** A plan as comparable data. The version that a removal names may have moved on without a change. */
export function planData(plan: Plan<object>): unknown {
  const { finalizer, children, removals, edits = [], sticky, status } = plan;
  const calm = { of: () => ({ result: "unchanged" as const }), troubles: () => [] };
  return {
    finalizer,
    sticky,
    children: children.map((child) => ({ ...child, ref: refText(child.ref) })),
    removals: removals.map(({ ref, uid }) => ({ ref: refText(ref), uid })),
    edits: edits.map(({ ref, uid, patch }) => ({ ref: refText(ref), uid, patch })),
    status: status?.(calm),
  };
}

function refText({ kind, namespace, name }: Plan<object>["children"][number]["ref"]): string {
  return `${kind.resource.plural}/${namespace ?? ""}/${name}`;
}

/** Property 1: the cache is the server's content, and a fresh look at any key gives its last plan. */
export function assertComplete(world: World): void {
  const { process, server, clock } = world;
  const fresh = freshCache(process.program, server);
  for (const store of fresh.stores()) {
    const own = process.cache.store(store.kind);
    assert.equal(own.state, store.state, `state of ${store.kind.resource.plural}`);
    assert.deepEqual(contents(own), contents(store), `cache of ${store.kind.resource.plural}`);
  }
  for (const controller of process.program.controllers) {
    const keys = [...fresh.store(controller.kind as CachedKind<KubeObject>).keys()];
    for (const key of keys) {
      const pass = process.passes.get(`${controller.name}|${key}`);
      assert.ok(pass, `${controller.name} ${key} has never run`);
      const [namespace, name] = split(key);
      const object = fresh.store(controller.kind as CachedKind<KubeObject>).get(namespace, name)!;
      const view = new PlainView(fresh, process.runner.facts, clock.now());
      const plan = controller.reconcile(object, view);
      assert.deepEqual(
        planData(plan),
        planData(pass.plan),
        `plan of ${controller.name} ${key} is out of date`,
      );
    }
  }
}

/** Property 2: what a pass recorded is all that it needs. */
export function assertSelfContained(world: World): void {
  for (const { id, reads } of recordedReads(world)) assertSufficient(world, id, reads);
}

/** The keys that there are, each with the reads of its last pass. */
export function* recordedReads({ process }: World): Generator<{ id: string; reads: Set<string> }> {
  for (const [id, pass] of process.passes) {
    const [namespace, name] = split(id.slice(id.indexOf("|") + 1));
    if (
      process.cache.store(pass.controller.kind as CachedKind<KubeObject>).get(namespace, name) === undefined
    ) {
      continue;
    }
    yield { id, reads: new Set(process.runner.readsOf(pass.controller.name, namespace, name)) };
  }
}

/** With these reads alone a key comes to its last plan, and they wake it when its children change. */
export function assertSufficient(world: World, id: string, reads: ReadonlySet<string>): void {
  const { process, clock } = world;
  const pass = process.passes.get(id)!;
  const key = id.slice(id.indexOf("|") + 1);
  const [namespace, name] = split(key);
  const object = process.cache.store(pass.controller.kind as CachedKind<KubeObject>).get(namespace, name);
  if (object === undefined) return;
  const own = read.object(pass.controller.kind.id, key);
  assert.ok(reads.has(own), `${id} does not watch its own object`);
  for (const ref of refsOf(pass.plan)) {
    const child = read.object(ref.kind.id, keyOf(ref.namespace, ref.name));
    assert.ok(reads.has(child), `${id} does not watch its child ${child}`);
    assert.ok(reads.has(read.state(ref.kind.id)), `${id} does not watch the kind of its child ${child}`);
  }
  const view = new PlainView(process.cache, process.runner.facts, clock.now(), reads);
  const plan = pass.controller.reconcile(object, view);
  assert.deepEqual(planData(plan), planData(pass.plan), `plan of ${id} on its recorded reads`);
}

/** Properties 4 and 5: looked at again, unasked and later, nobody has anything to write. */
export async function assertFixpoint(world: World): Promise<void> {
  const { process, server } = world;
  const { version } = server;
  process.runner.sweep();
  await world.settle();
  assert.deepEqual(process.missedWakeups, [], "missed wake-ups");
  assert.equal(server.version, version, `the sweep wrote: ${process.writer.asked.slice(-5).join("; ")}`);
}

/** The end state does not depend on what the process remembers: a new one finds nothing to do. */
export async function assertRestartChangesNothing(world: World): Promise<void> {
  const { version } = world.server;
  await world.restart();
  await world.settle();
  assert.equal(
    world.server.version,
    version,
    `after a restart: ${world.process.writer.asked.slice(0, 5).join("; ")}`,
  );
}

/**
 * What a status claims is one thing: of its conditions each is of the generation that it is of itself, and at rest that
 * is the object's own, but for what is paused or going.
 */
export function assertGenerations(world: World): void {
  for (const { kind } of world.process.program.controllers) {
    for (const object of world.server.list(kind.resource, undefined)) {
      const { metadata } = object;
      const { observedGeneration, conditions = [] } = (object as { status?: StatusLike }).status ?? {};
      const what = `${kind.resource.kind} ${metadata.namespace}/${metadata.name}`;
      for (const each of conditions) {
        assert.equal(each.observedGeneration, observedGeneration, `${what}: ${each.type}`);
      }
      if (metadata.deletionTimestamp !== undefined || isPaused(object)) continue;
      assert.equal(observedGeneration, metadata.generation, what);
    }
  }
}

/** Property 10: no object is applied by two keys. */
export function assertSingleWriter(world: World): void {
  const writers = new Map<string, string>();
  for (const [id, { plan, controller, object }] of world.process.passes) {
    const { namespace, name } = object.metadata;
    if (
      world.process.cache.store(controller.kind as CachedKind<KubeObject>).get(namespace, name) === undefined
    ) {
      continue;
    }
    for (const child of plan.children) {
      if (child.how !== "apply") continue;
      const ref = refText(child.ref);
      assert.equal(writers.get(ref), undefined, `${ref} is applied by ${writers.get(ref)} and by ${id}`);
      writers.set(ref, id);
    }
  }
}

function contents(store: ReturnType<ClusterCache["store"]>): Record<string, Live<KubeObject>> {
  return Object.fromEntries(
    [...store.keys()].sort().map((key) => {
      const [namespace, name] = split(key);
      return [key, store.get(namespace, name)!];
    }),
  );
}

export function split(key: string): [namespace: string | undefined, name: string] {
  const slash = key.indexOf("/");
  return [slash === 0 ? undefined : key.slice(0, slash), key.slice(slash + 1)];
}
