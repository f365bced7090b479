/** Properties 4, 8, 9, 12, 13 and 14, one situation each. */

import assert from "node:assert/strict";
import type { CachedKind } from "../../lib/kube/cache/cached_kind.ts";
import type { KubeObject } from "../../lib/kube/object.ts";
import { freshCache, PlainView, planData, recordedReads, split } from "./settled_state.ts";
import {
  clusterSettings,
  type Menu,
  menus,
  type Settings,
  type Shop,
  shops,
  stocks,
  toyKinds,
  type Worker,
  workers,
} from "./scenarios/toy_kinds.ts";
import { edit, everydayToy, make, makeMenu, makeShop, remove, roughToy } from "./scenarios/toy_scenario.ts";
import { promisesSettled, type Turns } from "./turns.ts";
import { forSeeds, runs, type Scenario, storm, World } from "./world.ts";

/** A world in which nothing happens but what a test does. */
function quiet(turns: Turns, begin: (world: World) => void, scenario: Partial<Scenario> = {}): World {
  return new World({ ...everydayToy, begin, ...scenario }, 1, turns);
}

function test(name: string, body: (turns: Turns) => Promise<void>): void {
  Deno.test(name, () => forSeeds(1, 1, (_, turns) => body(turns)));
}

/** Runs all turns that are due, without answering any request. */
async function allTurns(turns: Turns): Promise<void> {
  for (await promisesSettled(); turns.waiting > 0; await promisesSettled()) turns.run();
}

function hear(world: World): void {
  for (const stream of world.process.streams) while (stream.lags) stream.deliver(100_000);
}

Deno.test("while no deadline passes, time changes no plan (4)", async () => {
  await forSeeds(runs(15), 300, async (seed, turns) => {
    const world = new World(roughToy, seed, turns);
    await world.live(300, storm);
    await world.settle();
    const { process, clock } = world;
    const now = clock.now();
    const next = process.runner.nextDeadline ?? now + 10 * 365 * 86_400_000;
    const cache = freshCache(process.program, world.server);
    for (const { id } of recordedReads(world)) {
      const { controller } = process.passes.get(id)!;
      const object = cache.store(controller.kind as CachedKind<KubeObject>).get(
        ...split(id.slice(id.indexOf("|") + 1)),
      )!;
      const [soon, late] = [now, next - 1].map((moment) =>
        planData(controller.reconcile(object, new PlainView(cache, process.runner.facts, moment)))
      );
      assert.deepEqual(late, soon, id);
    }
  });
});

test("a foreign change that comes back with the answer to an own write is seen by its writer (8)", async (turns) => {
  const world = quiet(turns, (it) => makeMenu(it, "ns", "m", { dish: "soup", rank: 1, source: "sea" }));
  await world.settle();
  make(world, shops, "ns", "s", { spec: { dish: "soup" } });
  hear(world);
  await allTurns(turns);
  world.clock.advanceTo(world.process.runner.nextDeadline!);
  await allTurns(turns);
  const [request] = world.process.writer.waiting.filter(({ text }) => text === "status Menu ns/m");
  assert.ok(
    request,
    "the menu tells that it is served" + world.process.writer.asked.join(";") + world.process.ran.join(";"),
  );
  edit<Menu>(world, menus, "ns", "m", ({ spec }) => spec.dish = "cake");
  request.execute("none");
  request.answer();
  await allTurns(turns);
  const { object } = world.process.passes.get("menu|ns/m")!;
  assert.equal((object as unknown as Menu).spec.dish, "cake");
});

test("an own write is spared its writer and nobody else (8)", async (turns) => {
  const world = quiet(turns, (it) => {
    makeMenu(it, "ns", "m", { dish: "soup", rank: 1, source: "sea" });
    makeShop(it, "ns", "s", { dish: "soup" });
  });
  await world.settle();
  const stock = `stock|ns/stock-soup`;
  edit<Menu>(world, menus, "ns", "m", (it) => delete it.status);
  const from = world.process.ran.length;
  await world.settle();
  assert.deepEqual(world.process.ran.slice(from).sort(), ["menu|ns/m", "shop|ns/s", "shop|ns/s"]);
  assert.ok(!world.process.ran.slice(from).includes(stock));
});

test("nothing is planned on a store that has not synced, and all is once it has (9)", async (turns) => {
  const names = ["menus", "stocks", "ovens", "deliveries", "workers", "settings"];
  for (const late of toyKinds.filter(({ resource }) => names.includes(resource.plural))) {
    const world = quiet(turns, everydayToy.begin);
    const silent = world.process.streams[
      toyKinds.flatMap((kind) => kind.selectors.map(() => kind)).indexOf(late)
    ];
    await world.settle({ silent });
    const { passes, writer, runner } = world.process;
    for (const [id, { controller }] of passes) {
      const reads = runner.readsOf(controller.name, ...split(id.slice(id.indexOf("|") + 1))) ?? [];
      assert.ok(
        !reads.includes(`s${late.id}`),
        `${id} came to a plan though ${late.resource.plural} are unknown`,
      );
    }
    const about = ` ${late.resource.kind} `;
    assert.deepEqual(writer.asked.filter((text) => text.includes(about)), []);
    await world.settle();
    assert.ok(passes.has("shop|north/a") && passes.has("menu|north/soup-1"));
    turns.forget();
  }
});

test("without the lease nothing is written, and all of it later (9)", async (turns) => {
  const world = quiet(turns, everydayToy.begin);
  world.leads = false;
  for (let i = 0; i < 10; i++) {
    hear(world);
    await allTurns(turns);
    world.clock.advanceTo(world.clock.now() + 60_000);
  }
  assert.equal(world.process.writer.written.length, 0);
  assert.deepEqual(world.process.writer.violations, []);
  await world.settle();
  assert.notEqual(world.server.list(stocks.resource, "north").length, 0);
});

test("the work for one event does not grow with the number of objects (12)", async (turns) => {
  const work: unknown[] = [];
  for (const count of [10, 300]) {
    const world = quiet(turns, (it) => {
      makeMenu(it, "ns", "m", { dish: "soup", rank: 1, source: "sea" });
      for (let i = 0; i < count; i++) {
        makeShop(it, "ns", `s${i}`, { dish: "soup" });
        make(it, workers, "ns", `w${i}`, {}, { shop: `s${i}` });
        edit<Worker>(it, workers, "ns", `w${i}`, (worker) => worker.status = { ready: true });
      }
    });
    await world.settle();
    const { process } = world;
    const [passes, asked] = [process.ran.length, process.writer.asked.length];
    edit<Worker>(world, workers, "ns", "w3", (it) => it.status = { ready: true });
    edit<Worker>(world, workers, "ns", "w3", (it) => it.status = { ready: true, beat: 7 });
    edit<Worker>(world, workers, "ns", "w5", (it) => it.status = { ready: false });
    await world.settle();
    work.push([process.ran.slice(passes), process.writer.asked.slice(asked)]);
    turns.forget();
  }
  assert.deepEqual(work[1], work[0]);
  assert.deepEqual(work[0], [["shop|ns/s5", "shop|ns/s5"], ["status Shop ns/s5"]]);
});

test("many changes while a key's writes are in flight make one more pass (12)", async (turns) => {
  const world = quiet(turns, (it) => makeShop(it, "ns", "s", { dish: "soup" }));
  hear(world);
  await allTurns(turns);
  assert.deepEqual(world.process.ran, ["shop|ns/s"]);
  for (let i = 0; i < 20; i++) {
    edit<Shop>(world, shops, "ns", "s", ({ spec }) => spec.opensAfterSeconds = i);
    hear(world);
    await allTurns(turns);
  }
  assert.deepEqual(world.process.ran, ["shop|ns/s"]);
  const { writer } = world.process;
  for (; world.process.ran.length === 1; await allTurns(turns)) {
    assert.ok(writer.waiting.length > 0, "the key does not run again");
    for (const request of [...writer.waiting]) request.execute("none"), request.answer();
  }
  assert.deepEqual(world.process.ran, ["shop|ns/s", "shop|ns/s"]);
  const { object } = world.process.passes.get("shop|ns/s")!;
  assert.equal((object as unknown as Shop).spec.opensAfterSeconds, 19);
});

for (const what of ["edited", "deleted"]) {
  test(`an object that is ${what} while its many children are sent: no more are sent of the old pass`, async (turns) => {
    const hundred = (shop: Shop) => Array.from({ length: 100 }, (_, i) => `${shop.spec.dish}-${i}`);
    const controller = {
      name: "shop",
      kind: shops,
      reconcile: (shop: Shop) => ({
        children: hundred(shop).map((name) => ({
          how: "create",
          ref: { kind: stocks, namespace: "ns", name },
          desired: {
            apiVersion: "toy.test/v1",
            kind: "Stock",
            metadata: { name, namespace: "ns" },
            spec: { dish: name },
          },
        })),
        removals: [],
      }),
    };
    const program = { ...everydayToy.program, controllers: [controller] };
    const world = quiet(turns, (it) => makeShop(it, "ns", "s", { dish: "soup" }), {
      program: program as never,
    });
    const { writer } = world.process;
    hear(world);
    await allTurns(turns);
    assert.equal(writer.waiting.length, 4);
    for (const request of writer.waiting.slice(0, 2)) request.execute("none"), request.answer();
    await allTurns(turns);
    assert.equal(writer.waiting.length, 4, "as many at once");
    if (what === "edited") edit<Shop>(world, shops, "ns", "s", ({ spec }) => spec.dish = "cake");
    else remove(world, shops, "ns", "s");
    hear(world);
    for (let round = 0; round < 3; round++) {
      for (const request of [...writer.waiting]) request.execute("none"), request.answer();
      await allTurns(turns);
    }
    const sent = writer.asked.filter((each) => each.includes("soup"));
    assert.equal(sent.length, 6, "those under way, and none after them");
    const others = writer.asked.filter((each) => each.includes("cake"));
    assert.equal(others.length > 0, what === "edited", "the next pass begins at once");
  });
}

/** Five thousand menus that a changed setting has just woken; each pass takes a millisecond. */
async function stormOfMenus(turns: Turns): Promise<World> {
  const program = {
    ...everydayToy.program,
    controllers: everydayToy.program.controllers.map((controller) => ({
      ...controller,
      reconcile: (object: never, view: never) => {
        world.clock.pass(1);
        return controller.reconcile(object, view);
      },
    })),
  };
  const world: World = quiet(turns, (it) => {
    make(it, clusterSettings, undefined, "default", { spec: {} });
    makeShop(it, "ns", "s", { dish: "soup" });
    for (let i = 0; i < 5_000; i++) {
      makeMenu(it, `n${i % 7}`, `m${i}`, { dish: "cake", rank: i, source: "sea" });
    }
  }, { program: program as never });
  await world.settle();
  edit<Settings>(world, clusterSettings, undefined, "default", ({ spec }) => spec.enabled = false);
  hear(world);
  await allTurns(turns);
  world.clock.advanceTo(world.clock.now() + 1_000);
  turns.run();
  await promisesSettled();
  assert.ok(world.process.runner.depth > 4_900, `${world.process.runner.depth} keys are queued`);
  return world;
}

for (const server of ["answers at once", "does not answer"]) {
  test(`a user's change starts within 100 ms though 5,000 keys are queued and the server ${server} (13)`, async (turns) => {
    const world = await stormOfMenus(turns);
    const { process, clock } = world;
    if (server === "does not answer") await allTurns(turns);
    edit<Shop>(world, shops, "ns", "s", ({ spec }) => spec.opensAfterSeconds = 1);
    hear(world);
    const [from, began] = [process.ran.length, clock.now()];
    while (!process.ran.includes("shop|ns/s", from)) {
      assert.ok(turns.waiting > 0, "the key never starts");
      turns.run();
      await promisesSettled();
      if (server === "does not answer") continue;
      for (const request of [...process.writer.waiting]) request.execute("none"), request.answer();
      await promisesSettled();
    }
    const waited = clock.now() - began;
    assert.ok(waited <= 100, `it waited ${waited} ms and ${process.ran.length - from} passes`);
  });
}

test("a key gone leaves no read, timer, fact or record of children (14)", async (turns) => {
  const world = new World(everydayToy, 1, turns);
  await world.live(300, { ...storm, crash: 0 });
  await world.settle();
  for (const kind of [shops, menus, stocks]) {
    for (const { metadata } of world.server.list(kind.resource, undefined)) {
      remove(world, kind, metadata.namespace, metadata.name);
    }
  }
  await world.settle();
  for (const { metadata } of world.server.list(stocks.resource, undefined)) {
    remove(world, stocks, metadata.namespace, metadata.name);
  }
  await world.settle();
  const { sizes } = world.process.runner;
  assert.deepEqual(sizes, Object.fromEntries(Object.keys(sizes).map((each) => [each, 0])));
  assert.equal(world.clock.timers, 1, "only the hourly sweep is left");
});

test("a stopped runner waits for its writes, and leaves no timer", async (turns) => {
  const world = quiet(turns, everydayToy.begin);
  hear(world);
  await allTurns(turns);
  const { writer, runner } = world.process;
  assert.ok(writer.waiting.length > 0);
  let stopped = false;
  runner.stop().then(() => stopped = true);
  await promisesSettled();
  assert.equal(stopped, false);
  for (let i = 0; i < 10; i++) {
    for (const request of [...writer.waiting]) request.execute("serverError"), request.answer();
    await allTurns(turns);
  }
  assert.equal(stopped, true);
  assert.equal(world.clock.timers, 0);
});
