import assert from "node:assert/strict";
import { CachedKind } from "../../kube/cache/cached_kind.ts";
import type { KubeObject } from "../../kube/object.ts";
import { ClusterCache } from "../core/cluster_cache.ts";
import { ManualClock } from "../core/clock_fixture.ts";
import { Reservations } from "./reservations.ts";

interface Job extends KubeObject {
  readonly done?: boolean;
}

const jobs = new CachedKind<Job, false>({
  resource: { group: "g", version: "v1", kind: "Job", plural: "jobs", namespaced: true },
  optional: false,
});
const active = jobs.index("active", ({ done }) => done ? [] : [""]);
const byFirstLetter = jobs.index("first letter", ({ metadata }) => [metadata.name[0]]);

function setup(limit: number) {
  const cache = new ClusterCache([jobs as unknown as CachedKind<KubeObject>]);
  cache.store(jobs).sink(0).replaced([], "1");
  const clock = new ManualClock();
  const places = new Reservations(cache, clock);
  let version = 1;
  return {
    clock,
    take: (name: string) => places.take({ takenBy: active, value: "", limit }, ref(name), job(name)),
    takeLetter: (name: string) =>
      places.take({ takenBy: byFirstLetter, value: name[0], limit }, ref(name), job(name)),
    put: (name: string, done = false) =>
      cache.store(jobs).put({
        metadata: { name, namespace: "n", uid: name, resourceVersion: String(++version) },
        done,
      }),
  };
}

const ref = (name: string) => ({ kind: jobs, namespace: "n", name });
const job = (name: string) => ({ metadata: { name, namespace: "n" } });

Deno.test("a place is one of its value: who is on the way to another takes none", () => {
  const { takeLetter } = setup(1);
  assert.ok(takeLetter("a1"));
  assert.equal(takeLetter("a2"), undefined);
  assert.ok(takeLetter("b1"));
});

Deno.test("places are for those that are there and those that are on their way", () => {
  const { take, put } = setup(3);
  put("there");
  assert.ok(take("a"));
  const b = take("b");
  assert.ok(b);
  assert.equal(take("c"), undefined);
  b.settled();
  assert.ok(take("c"));
});

Deno.test("who came into the cache is not counted twice, and who is done not at all", () => {
  const { take, put } = setup(2);
  take("a");
  put("a");
  assert.ok(take("b"), "a is there, and no more on its way");
  put("b");
  put("a", true);
  assert.ok(take("c"));
  assert.equal(take("d"), undefined);
});

Deno.test("after a lost answer the place is kept for a minute, but not against the same child", () => {
  const { take, clock } = setup(1);
  take("a")!.unknown();
  assert.equal(take("b"), undefined);
  clock.advanceTo(clock.now() + 59_999);
  assert.equal(take("b"), undefined);
  const again = take("a");
  assert.ok(again);
  again.unknown();
  clock.advanceTo(clock.now() + 60_000);
  assert.ok(take("b"));
});

Deno.test("after a lost answer the place is free as soon as the object is known to be done", () => {
  const { take, put } = setup(1);
  take("a")!.unknown();
  put("a", true);
  assert.ok(take("b"));
});
