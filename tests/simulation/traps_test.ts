/** One test for each trap that core.md names and a random history seldom falls into. */

import assert from "node:assert/strict";
import type { KubeObject, Live } from "../../lib/kube/object.ts";
import { type ChildRef, editOf, type Plan, removalOf } from "../../lib/operator/core/plan.ts";
import { defineQuery, type View } from "../../lib/operator/core/view.ts";
import { apiError } from "./process/simulated_api_server.ts";
import type { Request } from "./process/simulated_writer.ts";
import { menusFor, workersByShop } from "./scenarios/toy_controllers.ts";
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
  type Stock,
  stocks,
  type Worker,
  workers,
} from "./scenarios/toy_kinds.ts";
import { edit, everydayToy, make, makeMenu, makeShop, remove } from "./scenarios/toy_scenario.ts";
import { promisesSettled, type Turns } from "./turns.ts";
import { forSeeds, type Scenario, World } from "./world.ts";

function trap(name: string, body: (turns: Turns) => Promise<void>): void {
  Deno.test(name, () => forSeeds(1, 1, (_, turns) => body(turns)));
}

function worldOf(turns: Turns, begin: (world: World) => void, scenario: Partial<Scenario> = {}): World {
  return new World({ ...everydayToy, begin, ...scenario }, 1, turns);
}

/** The toy business with a shop controller made for the test. */
function madeFor(
  reconcile: (shop: Live<Shop>, view: View) => Plan<NonNullable<Shop["status"]>>,
  name = "shop",
): Partial<Scenario> {
  const controllers = [{ name, kind: shops as never, reconcile }];
  return { program: { ...everydayToy.program, controllers: controllers as never } };
}

function ref(kind: unknown, name: string): ChildRef {
  return { kind: kind as ChildRef["kind"], namespace: "ns", name };
}

/** A business that runs: one menu, one shop, its oven hot. */
async function running(turns: Turns, scenario: Partial<Scenario> = {}): Promise<World> {
  const world = worldOf(turns, (it) => {
    makeMenu(it, "ns", "m", { dish: "soup", rank: 1, source: "sea" });
    makeShop(it, "ns", "s", { dish: "soup" });
  }, scenario);
  await world.settle();
  return world;
}

function shopOf(world: World, name = "s"): Live<Shop> {
  return world.server.get(shops.resource, "ns", name) as unknown as Live<Shop>;
}

function readyOf(world: World): string {
  const condition = shopOf(world).status!.conditions![0];
  return `${condition.status} ${condition.reason}`;
}

/** So many milliseconds later, with all consequences on the way. */
async function later(world: World, milliseconds: number): Promise<void> {
  const end = world.clock.now() + milliseconds;
  while (world.clock.now() < end) {
    world.clock.advanceTo(Math.min(end, world.clock.next() ?? end));
    await world.arrive();
  }
}

function hear(world: World): void {
  for (const stream of world.process.streams) while (stream.lags) stream.deliver(1_000);
}

async function allTurns(turns: Turns): Promise<void> {
  for (await promisesSettled(); turns.waiting > 0; await promisesSettled()) turns.run();
}

/** The request on its way whose text begins so. */
function request(world: World, text: string): Request {
  const found = world.process.writer.waiting.find((each) => each.text.startsWith(text));
  assert.ok(found, `no ${text} among ${world.process.writer.waiting.map((each) => each.text)}`);
  return found;
}

async function answer(
  turns: Turns,
  { execute, answer }: Request,
  fault: Parameters<Request["execute"]>[0] = "none",
) {
  execute(fault);
  answer();
  await allTurns(turns);
}

trap("who insists is left alone for five minutes, is named, and then set right", async (turns) => {
  const world = await running(turns);
  const steal = () => edit<Oven>(world, ovens, "ns", "s", ({ spec }) => spec.price = "stolen", "thief");
  const price = () => (world.server.get(ovens.resource, "ns", "s") as unknown as Oven).spec.price;
  for (let i = 0; i < 2; i++) {
    steal();
    await world.arrive();
    assert.equal(price(), "sea-1");
  }
  steal();
  await world.arrive();
  assert.equal(price(), "stolen");
  await later(world, 10_000);
  assert.equal(readyOf(world), "False Contested");
  assert.equal(shopOf(world).status!.conditions![0].message, "spec.price is set by thief");
  await later(world, 280_000);
  assert.equal(price(), "stolen");
  await later(world, 30_000);
  assert.equal(price(), "sea-1");
  assert.equal(readyOf(world), "True Serving");
});

trap(
  "edits of several fields, or of one but seldom, are nobody's insisting: each is put back",
  async (turns) => {
    const world = await running(turns);
    const oven = () => (world.server.get(ovens.resource, "ns", "s") as unknown as Oven).spec;
    const right = structuredClone(oven());
    const spoil = async (field: "price" | "power") => {
      edit<Oven>(world, ovens, "ns", "s", ({ spec }) => spec[field] = "stolen", "thief");
      await world.arrive();
      assert.deepEqual(oven(), right, `${field} is put back`);
    };
    for (const field of ["price", "power", "price", "power"] as const) await spoil(field);
    // Two of the price within ten minutes; a third comes after the first is forgotten, a fourth after the second.
    for (let i = 0; i < 3; i++) {
      await later(world, 601_000);
      await spoil("price");
    }
  },
);

/** Up to the question who changed the child, which is on its way. */
async function whoChangedAsked(world: World, turns: Turns): Promise<Request> {
  edit<Oven>(world, ovens, "ns", "s", ({ spec }) => spec.price = "stolen", "thief");
  hear(world);
  await allTurns(turns);
  return request(world, "get Oven");
}

trap("a lease that ends while it is found out who changed a child: nothing is put back", async (turns) => {
  const world = await running(turns);
  const question = await whoChangedAsked(world, turns);
  world.leads = false;
  await answer(turns, question);
  assert.deepEqual(world.process.writer.violations, []);
  assert.deepEqual(world.process.writer.waiting.map(({ text }) => text), []);
  world.leads = true;
});

/** A shop that keeps a delivery right, a kind that the cache sees by its label only. */
const bring = (shop: Live<Shop>, _view: View): Plan<NonNullable<Shop["status"]>> => {
  const name = `${shop.metadata.name}-bread`;
  const metadata = {
    name,
    namespace: "ns",
    labels: { shift: "day" },
    ownerReferences: [{ apiVersion: "toy.test/v1", kind: "Shop", name: "s", uid: shop.metadata.uid }],
  };
  const desired = { apiVersion: "toy.test/v1", kind: "Delivery", metadata, spec: { to: "s" } };
  return {
    children: [{ how: "apply", ref: ref(deliveries, name), desired }],
    removals: [],
    status: (outcomes) => {
      const trouble = outcomes.troubles()[0]?.outcome;
      const said = trouble?.result === "rejected" ? trouble.message : trouble?.result ?? "brought";
      return { status: said };
    },
  };
};
const bringing = madeFor(bring, "stock");
const bread = (world: World) =>
  world.server.get(deliveries.resource, "ns", "s-bread") as unknown as Live<Delivery>;

trap(
  "a refusal that is tried again is told once it has lasted two minutes, any other at once",
  async (turns) => {
    for (
      const [status, reason, after] of [[503, "ServiceUnavailable", 120], [429, "TooManyRequests", 120], [
        422,
        "Invalid",
        0,
      ]] as const
    ) {
      const world = worldOf(turns, () => {}, bringing);
      await world.settle();
      const { writer } = world.process;
      const apply = writer.apply;
      writer.apply = (resource, ...more) =>
        resource.kind === "Delivery"
          ? Promise.reject(apiError("PATCH", status, reason, "etcd is away"))
          : apply.call(writer, resource, ...more);
      makeShop(world, "ns", "s", { dish: "soup" });
      await world.arrive();
      await later(world, 60_000);
      assert.equal(/etcd is away/.test(shopOf(world).status?.status ?? ""), after === 0, `${status}, early`);
      await later(world, 80_000);
      assert.match(shopOf(world).status!.status!, /etcd is away/, `${status}, late`);
      writer.apply = apply;
      await later(world, 600_000);
      assert.equal(shopOf(world).status!.status, "brought", `${status}, healed`);
    }
  },
);

trap(
  "a child that was refused, and whose time comes while nothing may be written, does not make its key spin",
  async (turns) => {
    const world = worldOf(
      turns,
      () => {},
      madeFor((shop, view) => ({ ...bring(shop, view), status: undefined }), "stock"),
    );
    await world.settle();
    const { writer, ran } = world.process;
    const apply = writer.apply;
    writer.apply = (resource, ...more) =>
      resource.kind === "Delivery"
        ? Promise.reject(apiError("PATCH", 429, "TooManyRequests", "busy"))
        : apply.call(writer, resource, ...more);
    makeShop(world, "ns", "s", { dish: "soup" });
    await world.arrive();
    world.leads = false;
    const before = ran.length;
    await later(world, 60_000);
    assert.ok(ran.length - before < 20, `${ran.length - before} passes in a minute`);
    world.leads = true;
  },
);

trap("an edit during the write of a key that keeps failing is carried out at once", async (turns) => {
  const world = worldOf(turns, () => {}, bringing);
  await world.settle();
  const { writer } = world.process;
  const patch = writer.patch;
  const away = () => apiError("PATCH", 503, "ServiceUnavailable", "etcd is away");
  const isStatus = (options: Parameters<typeof patch>[4]) => options.subresource === "status";
  writer.patch = (...call) => isStatus(call[4]) ? Promise.reject(away()) : patch.apply(writer, call);
  makeShop(world, "ns", "s", { dish: "soup" });
  await world.arrive();
  await later(world, 3_600_000);
  let fail: ((error: Error) => void) | undefined;
  writer.patch = (...call) =>
    isStatus(call[4]) ? new Promise((_, reject) => fail = reject) : patch.apply(writer, call);
  await later(world, 400_000);
  assert.ok(fail, "a write of the status is on its way");
  edit<Shop>(world, shops, "ns", "s", ({ spec }) => spec.dish = "stew");
  hear(world);
  await allTurns(turns);
  writer.patch = patch;
  fail(away());
  await world.arrive();
  assert.equal(shopOf(world).status?.status, "brought");
});

trap("what the applier learns by each failure anew does not make the key spin", async (turns) => {
  const world = worldOf(turns, () => {}, bringing);
  await world.settle();
  const { writer } = world.process;
  const apply = writer.apply;
  let applies = 0;
  writer.apply = (resource, ...more) => {
    if (resource.kind !== "Delivery") return apply.call(writer, resource, ...more);
    make(world, deliveries, "ns", "s-bread", { spec: { to: "another" } }, { shift: "day" });
    edit<Delivery>(world, deliveries, "ns", "s-bread", ({ spec }) => spec.to = `another ${++applies}`);
    return Promise.reject(apiError("PATCH", 409, "Conflict", "changed meanwhile"));
  };
  makeShop(world, "ns", "s", { dish: "soup" });
  hear(world);
  // From now on the streams lag: what happens is learnt by reading it only.
  world.process.streams.length = 0;
  await later(world, 60_000);
  assert.ok(applies >= 3 && applies < 12, `${applies} in a minute`);
});

trap(
  "while the server refuses a child for a while, what was found out about it is not asked again",
  async (turns) => {
    const world = worldOf(turns, () => {}, bringing);
    await world.settle();
    const { writer } = world.process;
    const apply = writer.apply;
    let applies = 0;
    const refuse = (after: number) => {
      writer.apply = (resource, ...more) => {
        if (resource.kind !== "Delivery") return apply.call(writer, resource, ...more);
        applies++;
        return Promise.reject(apiError("PATCH", 429, "TooManyRequests", "busy", after));
      };
    };
    refuse(0);
    const questions = () => writer.asked.filter((text) => text.startsWith("get Delivery")).length;
    makeShop(world, "ns", "s", { dish: "soup" });
    await world.arrive();
    await later(world, 110_000);
    assert.ok(applies >= 4, `${applies} tries`);
    assert.equal(questions(), 0, "whether the name is free");
    writer.apply = apply;
    await later(world, 300_000);
    assert.equal(bread(world).spec.to, "s");
    refuse(0);
    applies = 0;
    const before = questions();
    edit<Delivery>(world, deliveries, "ns", "s-bread", ({ spec }) => spec.to = "thief", "thief");
    await world.arrive();
    await later(world, 110_000);
    assert.ok(applies >= 4, `${applies} tries`);
    assert.equal(questions(), before + 1, "who has changed it");
    writer.apply = apply;
    await later(world, 300_000);
    assert.equal(bread(world).spec.to, "s", "a correction that is sent again is one: nobody insists");
  },
);

trap("a child is not tried again before the time that the server has named", async (turns) => {
  const world = worldOf(turns, () => {}, bringing);
  await world.settle();
  const { writer } = world.process;
  const apply = writer.apply;
  let applies = 0;
  writer.apply = (resource, ...more) => {
    if (resource.kind !== "Delivery") return apply.call(writer, resource, ...more);
    return applies++ === 0
      ? Promise.reject(apiError("PATCH", 429, "TooManyRequests", "busy", 40))
      : apply.call(writer, resource, ...more);
  };
  makeShop(world, "ns", "s", { dish: "soup" });
  await world.arrive();
  await later(world, 39_000);
  assert.equal(applies, 1);
  await later(world, 22_000);
  assert.equal(applies, 2);
});

trap(
  "an edit or deletion that the server refuses for a while is told of after two minutes, too",
  async (turns) => {
    const editing = madeFor((_, view) => {
      const menu = view.get(menus, "ns", "m");
      const wanted = menu !== undefined && menu.spec.rank !== 7;
      return {
        children: [],
        edits: wanted ? [editOf(menus, menu, { spec: { rank: 7 } })] : [],
        removals: [],
        status: (outcomes) => {
          const trouble = outcomes.troubles()[0]?.outcome;
          return { status: trouble?.result === "rejected" ? trouble.message : wanted ? "editing" : "edited" };
        },
      };
    });
    const world = worldOf(
      turns,
      (it) => makeMenu(it, "ns", "m", { dish: "soup", rank: 1, source: "sea" }),
      editing,
    );
    await world.settle();
    const { writer } = world.process;
    const patch = writer.patch;
    writer.patch = (...call) =>
      call[0].kind === "Menu"
        ? Promise.reject(apiError("PATCH", 503, "ServiceUnavailable", "etcd is away"))
        : patch.apply(writer, call);
    makeShop(world, "ns", "s", { dish: "soup" });
    await world.arrive();
    await later(world, 110_000);
    assert.equal(shopOf(world).status?.status, "editing");
    await later(world, 300_000);
    assert.match(shopOf(world).status!.status!, /etcd is away/);
    writer.patch = patch;
    await later(world, 600_000);
    assert.equal(shopOf(world).status!.status, "edited");
  },
);

trap(
  "a clock that is set back stretches no wait; one that is set forward brings moments on",
  async (turns) => {
    const world = worldOf(turns, () => {}, bringing);
    await world.settle();
    const { writer } = world.process;
    const apply = writer.apply;
    writer.apply = (resource, ...more) =>
      resource.kind === "Delivery"
        ? Promise.reject(apiError("PATCH", 503, "ServiceUnavailable", "etcd is away"))
        : apply.call(writer, resource, ...more);
    makeShop(world, "ns", "s", { dish: "soup" });
    await world.arrive();
    world.clock.set(-3_600_000);
    await later(world, 20_000);
    writer.apply = apply;
    await later(world, 40_000);
    assert.equal(bread(world).spec.to, "s");

    const openAt = Date.parse("2026-01-01T01:00:00Z");
    const shop = madeFor((_, view) => {
      const status = view.reached(openAt) ? "open" : "closed";
      return { children: [], removals: [], status: () => ({ status }) };
    });
    const waiting = worldOf(turns, (it) => makeShop(it, "ns", "s", { dish: "soup" }), shop);
    await waiting.settle();
    assert.equal(shopOf(waiting).status?.status, "closed");
    waiting.clock.set(3_600_000);
    await later(waiting, 10_000);
    assert.equal(shopOf(waiting).status?.status, "open");
  },
);

trap("passes that throw do not make a key read more and more", async (turns) => {
  let broken = false;
  let passes = 0;
  const shop = madeFor((_, view) => {
    view.get(settings, "ns", "default");
    if (broken) {
      view.get(menus, "ns", `m${passes++}`);
      throw new Error("a mistake of ours");
    }
    return { children: [], removals: [], status: () => ({ status: "fine" }) };
  });
  const world = worldOf(turns, (it) => makeShop(it, "ns", "s", { dish: "soup" }), shop);
  await world.settle();
  const reads = () => world.process.runner.sizes.reads;
  const before = reads();
  broken = true;
  make(world, settings, "ns", "default", { spec: {} });
  await world.arrive();
  await later(world, 7_200_000);
  assert.ok(passes > 10, `${passes} passes`);
  assert.ok(reads() <= before + 2, `${reads()} reads, ${before} before`);
  broken = false;
  edit<Settings>(world, settings, "ns", "default", ({ spec }) => spec.mood = "calm");
  await world.arrive();
  assert.equal(reads(), before);
});

trap("somebody else's object under a child's name, unseen by the cache, is left alone", async (turns) => {
  const world = worldOf(turns, (it) => {
    make(it, deliveries, "ns", "s-bread", { spec: { to: "nobody" } });
    makeShop(it, "ns", "s", { dish: "soup" });
  }, bringing);
  await world.settle();
  assert.match(
    shopOf(world).status!.status!,
    /^Delivery s-bread \(toy\.test\/v1\) exists already and was not made by this operator.*; rename or delete it$/,
  );
  assert.equal(bread(world).spec.to, "nobody");
  await later(world, 3_600_000);
  const tries = world.process.writer.written.filter(({ resource }) => resource.kind === "Delivery");
  assert.deepEqual(tries.map(({ changed }) => changed), [false], "refused once, then only looked at");
  remove(world, deliveries, "ns", "s-bread");
  await later(world, 400_000);
  assert.equal(bread(world).spec.to, "s");
  assert.equal(shopOf(world).status!.status, "brought");
});

trap("our own object that has lost the label by which the cache sees it gets it back", async (turns) => {
  const world = worldOf(turns, (it) => makeShop(it, "ns", "s", { dish: "soup" }), bringing);
  await world.settle();
  const { uid } = bread(world).metadata;
  const unlabel = () =>
    edit<Delivery>(world, deliveries, "ns", "s-bread", (each) => delete each.metadata!.labels, "thief");
  for (let i = 0; i < 2; i++) {
    unlabel();
    await world.arrive();
    assert.deepEqual([bread(world).metadata.uid, bread(world).metadata.labels], [uid, { shift: "day" }]);
  }
  // Who insists is left alone for a while here, too.
  unlabel();
  await world.arrive();
  assert.equal(bread(world).metadata.labels, undefined);
  await later(world, 10_000);
  assert.equal(shopOf(world).status!.status, "contested");
  edit<Shop>(world, shops, "ns", "s", ({ spec }) => spec.dish = "stew");
  await later(world, 10_000);
  assert.deepEqual([bread(world).metadata.labels, shopOf(world).status!.status], [undefined, "contested"]);
});

trap("an object that comes while the creation of a child is on its way is not made over", async (turns) => {
  for (
    const [labels, end, says] of [[{ shift: "day" }, "s", "brought"], [
      {},
      "another",
      "exists already",
    ]] as const
  ) {
    const world = worldOf(turns, (it) => makeShop(it, "ns", "s", { dish: "soup" }), bringing);
    hear(world);
    await allTurns(turns);
    const creation = request(world, "apply Delivery");
    make(world, deliveries, "ns", "s-bread", { spec: { to: "another" } }, labels);
    await answer(turns, creation);
    assert.equal(bread(world).spec.to, "another");
    // One that carries the child's label is the child's; any other is its maker's.
    await world.settle();
    assert.equal(bread(world).spec.to, end);
    assert.match(shopOf(world).status!.status!, new RegExp(says));
  }
});

trap("a child is made without a question to the API server", async (turns) => {
  const world = worldOf(turns, (it) => makeShop(it, "ns", "s", { dish: "soup" }), bringing);
  await world.settle();
  assert.deepEqual(world.process.writer.asked.filter((text) => /^(get|list) /.test(text)), []);
  assert.equal(bread(world).spec.to, "s");
});

trap(
  "a wish that changes while it is found out who changed a child: only the new one is sent",
  async (turns) => {
    const world = await running(turns);
    const question = await whoChangedAsked(world, turns);
    make(world, settings, "ns", "default", { spec: { mood: "wild" } });
    hear(world);
    await allTurns(turns);
    const before = world.process.writer.asked.length;
    await answer(turns, question);
    await world.settle();
    const sent = world.process.writer.asked.slice(before).filter((text) => text.startsWith("apply Oven"));
    assert.equal(sent.length, 1);
    assert.equal(readyOf(world), "True Serving");
  },
);

trap("a default that changes for all rolls them at a bounded rate", async (turns) => {
  const world = worldOf(turns, (it) => {
    make(it, clusterSettings, undefined, "default", { spec: { mood: "calm" } });
    makeMenu(it, "ns", "m", { dish: "soup", rank: 1, source: "sea" });
    for (let i = 0; i < 100; i++) makeShop(it, "ns", `s${i}`, { dish: "soup" });
  });
  await world.settle();
  edit<Settings>(world, clusterSettings, undefined, "default", ({ spec }) => spec.mood = "wild");
  await world.arrive();
  await later(world, 1_000);
  const wild = () =>
    world.server.list(ovens.resource, "ns").filter((oven) => (oven as unknown as Oven).spec.mood === "wild")
      .length;
  assert.equal(wild(), 20);
  for (let second = 1; second <= 8; second++) {
    for (let tenth = 0; tenth < 10; tenth++) {
      world.clock.advanceTo(world.clock.now() + 100);
      await world.arrive();
    }
    assert.ok(Math.abs(wild() - (20 + 10 * second)) <= 1, `${wild()} after ${second} s`);
  }
});

trap("a user's own change does not wait for the roll of all others", async (turns) => {
  const world = worldOf(turns, (it) => {
    make(it, clusterSettings, undefined, "default", { spec: { mood: "calm" } });
    makeMenu(it, "ns", "m", { dish: "soup", rank: 1, source: "sea" });
    makeMenu(it, "own", "m", { dish: "soup", rank: 1, source: "sea" });
    for (let i = 0; i < 100; i++) makeShop(it, "ns", `s${i}`, { dish: "soup" });
    makeShop(it, "own", "s", { dish: "soup" });
  });
  await world.settle();
  edit<Settings>(world, clusterSettings, undefined, "default", ({ spec }) => spec.mood = "wild");
  make(world, settings, "own", "default", { spec: { extra: "mine" } });
  await world.arrive();
  const oven = world.server.get(ovens.resource, "own", "s") as unknown as Oven;
  assert.deepEqual(oven.spec.extras, [{ name: "EXTRA", value: "mine" }]);
});

trap("what a server makes of our wish is not sent again, even if it changes nothing", async (turns) => {
  const world = await running(turns);
  world.server.admission = (resource, object) => {
    if (resource.plural === "ovens") delete (object as unknown as Oven).spec.mood;
  };
  const applies = () => world.process.writer.written.filter(({ verb }) => verb === "apply").length;
  const before = applies();
  make(world, settings, "ns", "default", { spec: { mood: "wild" } });
  await world.arrive();
  assert.equal(applies(), before + 1);
  for (let i = 0; i < 5; i++) {
    edit<Shop>(world, shops, "ns", "s", ({ metadata }) => metadata.annotations = { i: `${i}` });
    await world.arrive();
  }
  assert.equal(applies(), before + 1);
  assert.equal(readyOf(world), "True Serving");
});

trap("a refused child is neither sent again before its time nor called healthy meanwhile", async (turns) => {
  const world = await running(turns);
  world.server.admission = (resource, object) => {
    const { spec } = object as unknown as Oven;
    if (resource.plural === "ovens" && spec.mood === "wild") {
      throw apiError("PATCH", 422, "Invalid", "too hot");
    }
  };
  make(world, settings, "ns", "default", { spec: { mood: "wild" } });
  await world.arrive();
  const sent = () => world.process.writer.asked.filter((text) => text.startsWith("apply")).length;
  const once = sent();
  assert.equal(shopOf(world).status?.status, "Failed");
  for (let i = 0; i < 5; i++) {
    edit<Shop>(world, shops, "ns", "s", ({ metadata }) => metadata.annotations = { i: `${i}` });
    await world.arrive();
    assert.equal(shopOf(world).status?.status, "Failed");
  }
  assert.equal(sent(), once);
  world.server.admission = () => {};
  await later(world, 1_200);
  assert.equal(sent(), once + 1);
  assert.equal(readyOf(world), "True Serving");
});

trap("a name that somebody else's object has is said, not fought for", async (turns) => {
  const world = worldOf(turns, (it) => {
    make(it, deliveries, "ns", "stock-soup-delivery", { spec: { to: "nobody" } }, { shift: "off" });
    make(it, stocks, "ns", "stock-soup", { spec: { dish: "soup" } });
  });
  await world.settle();
  const { status } = world.server.get(stocks.resource, "ns", "stock-soup") as unknown as Stock;
  assert.equal(
    status?.conditions?.[0].message,
    "Delivery stock-soup-delivery (toy.test/v1) exists already and was not made by this operator; rename or delete it",
  );
  const foreign = world.server.get(deliveries.resource, "ns", "stock-soup-delivery") as unknown as Delivery;
  assert.equal(foreign.spec.to, "nobody");
});

trap(
  "a choice is stored before anything is made by it, and a crash in between does not change it",
  async (turns) => {
    const world = worldOf(turns, (it) => {
      makeMenu(it, "ns", "good", { dish: "soup", rank: 1, source: "sea" });
      makeShop(it, "ns", "s", { dish: "soup" });
    });
    hear(world);
    await allTurns(turns);
    await answer(turns, request(world, "patch Shop"));
    await answer(turns, request(world, "status Shop"));
    assert.equal(shopOf(world).status?.menu?.name, "good");
    assert.deepEqual(
      world.process.writer.written.filter(({ verb }) => verb === "create" || verb === "apply"),
      [],
    );
    await world.restart();
    makeMenu(world, "ns", "better", { dish: "soup", rank: 9, source: "farm" });
    await world.settle();
    assert.equal(shopOf(world).status?.menu?.name, "good");
    const oven = world.server.get(ovens.resource, "ns", "s") as unknown as Oven;
    assert.equal(oven.spec.price, "sea-1");
  },
);

trap("a choice is not stored over one that another process stored meanwhile", async (turns) => {
  const world = worldOf(turns, (it) => {
    makeMenu(it, "ns", "good", { dish: "soup", rank: 1, source: "sea" });
    makeMenu(it, "ns", "other", { dish: "soup", rank: 0, source: "sea" });
    makeShop(it, "ns", "s", { dish: "soup" });
  });
  const { uid } = world.server.get(menus.resource, "ns", "other")!.metadata;
  hear(world);
  await allTurns(turns);
  request(world, "patch Shop").execute("none");
  edit<Shop>(world, shops, "ns", "s", (it) => it.status = { menu: { name: "other", uid } }, "former leader");
  hear(world);
  request(world, "patch Shop").answer();
  await allTurns(turns);
  await world.settle();
  assert.equal(shopOf(world).status?.menu?.name, "other");
});

trap("a choice is refused by the server if another was stored that we have not heard of", async (turns) => {
  const world = worldOf(turns, (it) => {
    makeMenu(it, "ns", "good", { dish: "soup", rank: 1, source: "sea" });
    makeMenu(it, "ns", "other", { dish: "soup", rank: 0, source: "sea" });
    makeShop(it, "ns", "s", { dish: "soup" });
  });
  const { uid } = world.server.get(menus.resource, "ns", "other")!.metadata;
  hear(world);
  await allTurns(turns);
  await answer(turns, request(world, "patch Shop"));
  edit<Shop>(world, shops, "ns", "s", (it) => it.status = { menu: { name: "other", uid } }, "former leader");
  await answer(turns, request(world, "status Shop"));
  await world.settle();
  assert.equal(shopOf(world).status?.menu?.name, "other");
});

trap("who has chosen no longer looks at what there is to choose from", async (turns) => {
  const world = worldOf(
    turns,
    (it) => {
      makeMenu(it, "ns", "good", { dish: "soup", rank: 1, source: "sea" });
      makeShop(it, "ns", "s", { dish: "soup" });
    },
    madeFor((shop, view) => {
      const menu = shop.status?.menu ?? view.query(menusFor, ["ns", "soup"])[0];
      const chosen = { name: menu.name, uid: menu.uid };
      view.get(menus, "ns", chosen.name);
      return { children: [], removals: [], sticky: { menu: chosen }, status: () => ({ menu: chosen }) };
    }),
  );
  await world.settle();
  const { ran } = world.process;
  const from = ran.length;
  makeMenu(world, "ns", "better", { dish: "soup", rank: 9, source: "sea" });
  await world.settle();
  assert.deepEqual(ran.slice(from), []);
});

trap("the answer to a write is known before any stream tells of it", async (turns) => {
  const world = worldOf(turns, (it) => {
    makeMenu(it, "ns", "m", { dish: "soup", rank: 1, source: "sea" });
    makeShop(it, "ns", "s", { dish: "soup" });
  });
  hear(world);
  await allTurns(turns);
  for (const text of ["patch Shop", "status Shop", "create Stock"]) await answer(turns, request(world, text));
  assert.ok(world.process.cache.store(stocks).get("ns", "stock-soup"));
  edit<Shop>(world, shops, "ns", "s", ({ metadata }) => metadata.annotations = { word: "x" });
  world.process.streams[0].deliver(1_000);
  await allTurns(turns);
  assert.equal(world.process.writer.asked.filter((text) => text.startsWith("create Stock")).length, 1);
});

trap("a child that has vanished is not brought back by a change that was meant for it", async (turns) => {
  const world = await running(turns);
  make(world, settings, "ns", "default", { spec: { mood: "wild" } });
  hear(world);
  await allTurns(turns);
  const { uid } = world.server.get(ovens.resource, "ns", "s")!.metadata;
  remove(world, ovens, "ns", "s");
  request(world, "apply Oven").execute("none");
  assert.equal(world.server.get(ovens.resource, "ns", "s"), undefined);
  request(world, "apply Oven").answer();
  await world.settle();
  assert.notEqual(world.server.get(ovens.resource, "ns", "s")?.metadata.uid, uid);
  assert.equal(readyOf(world), "True Serving");
});

/** Stocks made for shops, all in one row. */
const stocksInSlots = stocks.index(
  "slots",
  ({ metadata }) => metadata.name.startsWith("slot-") && metadata.labels?.done === undefined ? [""] : [],
);

trap(
  "of children with slots no more are made than there is room for, however many are on their way",
  async (turns) => {
    const names = ["a", "b", "c", "d", "e"];
    const world = worldOf(
      turns,
      (it) => names.forEach((name) => makeShop(it, "ns", name, { dish: "soup" })),
      madeFor(({ metadata: { name } }, view) => {
        view.list(stocksInSlots, "");
        return {
          children: [{
            how: "create",
            ref: ref(stocks, `slot-${name}`),
            desired: {
              apiVersion: "toy.test/v1",
              kind: "Stock",
              metadata: { name: `slot-${name}`, namespace: "ns" },
            },
            slot: { takenBy: stocksInSlots, value: "", limit: 2 },
          }],
          removals: [],
        };
      }),
    );
    const made = () =>
      names.filter((name) => world.server.get(stocks.resource, "ns", `slot-${name}`) !== undefined);
    hear(world);
    await allTurns(turns);
    assert.equal(world.process.writer.asked.filter((text) => text.startsWith("create Stock")).length, 2);
    await later(world, 60_000);
    assert.equal(made().length, 2);
    for (const _ of [1, 2]) {
      const done = made().at(-1)!;
      world.server.edit<Stock>(stocks.resource, "ns", `slot-${done}`, ({ metadata }) => {
        metadata.labels = { ...metadata.labels, done: "yes" };
      }, "kubectl");
      await later(world, 60_000);
    }
    assert.equal(made().length, 4);
  },
);

/** What keeps a child from being sent, and what ends that. */
const hindrances: [title: string, begin: (world: World) => void, end: (world: World) => void][] = [
  ["another one has the only place", (world) => {
    makeStock(world, { name: "slot-x", namespace: "ns" });
  }, (world) => world.server.delete(stocks.resource, "ns", "slot-x")],
  ["the one before is still going", (world) => {
    makeStock(world, { name: "stew", namespace: "ns", finalizers: ["toy.test/eaten"] });
    world.server.delete(stocks.resource, "ns", "stew");
  }, (world) =>
    world.server.edit<Stock>(stocks.resource, "ns", "stew", ({ metadata }) => {
      metadata.finalizers = [];
    })],
];

function makeStock(world: World, metadata: KubeObject["metadata"]): void {
  world.server.create(stocks.resource, { apiVersion: "toy.test/v1", kind: "Stock", metadata }, "kubectl");
}

for (const [title, begin, end] of hindrances) {
  trap(
    `a status claims an edit only once all that it asks for is sent: ${title}`,
    (turns) => claims(turns, begin, end),
  );
}

async function claims(
  turns: Turns,
  begin: (world: World) => void,
  end: (world: World) => void,
): Promise<void> {
  const world = worldOf(
    turns,
    (it) => makeShop(it, "ns", "s", { dish: "soup" }),
    madeFor(({ metadata: { generation }, spec }, view) => {
      view.list(stocksInSlots, "");
      return {
        children: spec?.dish === "stew"
          ? [{
            how: "create",
            ref: ref(stocks, "stew"),
            desired: {
              apiVersion: "toy.test/v1",
              kind: "Stock",
              metadata: { name: "stew", namespace: "ns" },
            },
            slot: { takenBy: stocksInSlots, value: "", limit: 1 },
          }]
          : [],
        removals: [],
        status: () =>
          ({
            observedGeneration: generation,
            conditions: [{
              type: "Ready",
              status: "True",
              reason: "Said",
              message: "",
              observedGeneration: generation,
            }],
          }) as never,
      };
    }),
  );
  const claimed = () => {
    const { observedGeneration, conditions } = shopOf(world).status as {
      observedGeneration?: number;
      conditions: { observedGeneration?: number }[];
    };
    return [observedGeneration, conditions[0].observedGeneration];
  };
  await later(world, 60_000);
  assert.deepEqual(claimed(), [1, 1]);
  begin(world);
  edit(world, shops, "ns", "s", (it: Live<Shop>) => it.spec!.dish = "stew");
  await later(world, 60_000);
  assert.deepEqual(claimed(), [1, 1]);
  end(world);
  await later(world, 60_000);
  const stew = world.server.get(stocks.resource, "ns", "stew");
  assert.ok(stew !== undefined && stew.metadata.deletionTimestamp === undefined, "sent");
  assert.deepEqual(claimed(), [2, 2]);
}

trap("a status does not claim an edit of which something may not be removed", async (turns) => {
  const world = worldOf(
    turns,
    (it) => makeShop(it, "ns", "s", { dish: "soup" }),
    madeFor(({ metadata: { generation }, spec }, view) => {
      const stock = view.get(stocks, "ns", "old") as Live<Stock> | undefined;
      return {
        children: [],
        removals: spec?.dish === "stew" && stock !== undefined ? [removalOf(stocks, stock)] : [],
        status: () => ({ observedGeneration: generation, conditions: [] }) as never,
      };
    }),
  );
  makeStock(world, { name: "old", namespace: "ns" });
  await later(world, 60_000);
  const claimed = () => (shopOf(world).status as { observedGeneration?: number }).observedGeneration;
  assert.equal(claimed(), 1);
  const { writer } = world.process;
  const remove = writer.delete;
  writer.delete = () => Promise.reject(apiError("DELETE", 403, "Forbidden", "not by policy"));
  edit(world, shops, "ns", "s", (it: Live<Shop>) => it.spec!.dish = "stew");
  await later(world, 60_000);
  assert.equal(claimed(), 1);
  writer.delete = remove;
  await later(world, 600_000);
  assert.equal(claimed(), 2);
});

trap("a child that is deleted is made again, though the pass never asked for it", async (turns) => {
  const world = worldOf(
    turns,
    (it) => makeShop(it, "ns", "s", { dish: "soup" }),
    madeFor(() => ({
      children: [{
        how: "create",
        ref: ref(stocks, "t"),
        desired: { apiVersion: "toy.test/v1", kind: "Stock", metadata: { name: "t", namespace: "ns" } },
      }],
      removals: [],
    })),
  );
  await world.settle();
  remove(world, stocks, "ns", "t");
  await world.arrive();
  assert.ok(world.server.get(stocks.resource, "ns", "t"));
});

trap(
  "what was refused for want of a right is sent once that is there, whenever its next try would have been",
  async (turns) => {
    const child = { apiVersion: "toy.test/v1", kind: "Stock", metadata: { name: "t", namespace: "ns" } };
    const world = worldOf(
      turns,
      () => {},
      madeFor(() => ({
        children: [{ how: "create", ref: ref(stocks, "t"), desired: child }],
        removals: [],
      })),
    );
    const { writer, runner } = world.process;
    const create = writer.create;
    let tries = 0;
    for (
      const [refusal, isSent] of [
        ['User "us" cannot create resource "stocks" in API group "toy.test"', true],
        ["the policy says no", false],
      ] as const
    ) {
      writer.create = () => {
        tries++;
        return Promise.reject(apiError("POST", 403, "Forbidden", refusal));
      };
      makeShop(world, "ns", `s-${tries}`, { dish: "soup" });
      await world.arrive();
      const first = tries;
      await later(world, 600_000);
      assert.ok(tries > first, "it is tried again by itself");
      const before = tries;
      runner.tryAgain();
      await later(world, 2_000);
      assert.equal(tries > before, isSent, refusal);
    }
    writer.create = create;
  },
);

trap("what we may not delete stays, and keeps no finalizer", async (turns) => {
  const world = await running(turns);
  remove(world, shops, "ns", "s");
  world.process.writer.delete = () => Promise.reject(apiError("DELETE", 403, "Forbidden", "not by policy"));
  await world.settle();
  assert.equal(shopOf(world), undefined);
  assert.ok(world.server.get(stocks.resource, "ns", "stock-soup"));
});

trap("no finalizer is released while what it guards is still to be removed", async (turns) => {
  const world = await running(turns);
  remove(world, shops, "ns", "s");
  for (let i = 0; i < 6; i++) {
    hear(world);
    await allTurns(turns);
    for (const each of [...world.process.writer.waiting]) {
      await answer(turns, each, each.text.startsWith("delete") ? "serverError" : "none");
    }
    world.clock.advanceTo(world.clock.now() + 400_000);
  }
  assert.ok(world.process.writer.written.length > 0);
  assert.deepEqual(shopOf(world).metadata.finalizers, ["toy.test/guard"]);
  await world.settle();
  assert.equal(shopOf(world), undefined);
  assert.equal(world.server.get(stocks.resource, "ns", "stock-soup"), undefined);
});

trap(
  "what the list says is in use stays, and its end is noticed even if the use was never seen",
  async (turns) => {
    const world = await running(turns);
    const streamOfShops = world.process.streams[0];
    remove(world, shops, "ns", "s");
    streamOfShops.deliver(1_000);
    makeShop(world, "ns", "late", { dish: "soup" });
    world.server.edit(shops.resource, "ns", "late", (it) => it.metadata.finalizers = ["toy.test/hold"]);
    await allTurns(turns);
    await answer(turns, request(world, "list Shop"));
    await answer(turns, request(world, "patch Shop"));
    assert.ok(world.server.get(stocks.resource, "ns", "stock-soup"), "the stock is in use");
    await world.settle();
    assert.equal(shopOf(world), undefined);
    assert.ok(world.server.get(stocks.resource, "ns", "stock-soup"), "the stock is in use");
  },
);

const guarded = (shop: Live<Shop>, view: View): Plan<NonNullable<Shop["status"]>> => ({
  children: [],
  removals: (view.list(workersByShop, `ns/${shop.metadata.name}`)).map(({ metadata }) => ({
    ref: ref(workers, metadata.name),
    uid: metadata.uid,
    resourceVersion: metadata.resourceVersion,
    unless: {
      kind: shops as never,
      namespace: "ns",
      inUse: (all: readonly KubeObject[]) => all.some((each) => each.metadata?.name === "keeper"),
    },
  })),
});

trap(
  "a removal that the list forbids is made once the reason has gone, though no stream told of either",
  async (turns) => {
    const world = worldOf(turns, (it) => {
      makeShop(it, "ns", "s", { dish: "soup" });
      make(it, workers, "ns", "w", {}, { shop: "s" });
    }, madeFor((shop, view) => (view.get(shops, "ns", "keeper"), guarded(shop, view))));
    for (const stream of world.process.streams) stream.deliver(1_000);
    makeShop(world, "ns", "keeper", { dish: "soup" });
    await allTurns(turns);
    await answer(turns, request(world, "list Shop"));
    assert.ok(world.server.get(workers.resource, "ns", "w"));
    remove(world, shops, "ns", "keeper");
    for (const stream of world.process.streams) stream.relist(world.server.version);
    await world.arrive();
    assert.equal(world.server.get(workers.resource, "ns", "w"), undefined);
  },
);

trap("a heartbeat between the look and the removal does not stop it", async (turns) => {
  const world = worldOf(turns, (it) => {
    makeShop(it, "ns", "s", { dish: "soup" });
    make(it, workers, "ns", "w", {}, { shop: "s" });
  }, madeFor(guarded));
  hear(world);
  await allTurns(turns);
  edit<Worker>(world, workers, "ns", "w", (it) => it.status = { beat: 1 });
  hear(world);
  await answer(turns, request(world, "list Shop"));
  await answer(turns, request(world, "delete Worker"));
  assert.equal(world.server.get(workers.resource, "ns", "w"), undefined);
});

/** Each shop writes its dish once into the menu of its name, which is nobody's own; "keeper" forbids it. */
const editing = (shop: Live<Shop>, view: View): Plan<NonNullable<Shop["status"]>> => {
  const menu = view.get(menus, "ns", shop.metadata.name);
  const due = menu !== undefined && menu.spec.dish !== shop.spec.dish;
  const inUse = (all: readonly KubeObject[]) => all.some(({ metadata }) => metadata?.name === "keeper");
  return {
    children: [],
    removals: [],
    edits: due
      ? [editOf(menus as never, menu, { spec: { dish: shop.spec.dish } }, {
        kind: shops as never,
        namespace: "ns",
        inUse,
      })]
      : [],
    status: () => ({ status: menu?.spec.dish ?? "none" }),
  };
};
const dishOf = (world: World) => (world.server.get(menus.resource, "ns", "s") as Live<Menu>).spec.dish;
const edited = (turns: Turns) =>
  worldOf(turns, (it) => {
    makeShop(it, "ns", "s", { dish: "soup" });
    makeMenu(it, "ns", "s", { dish: "cake", rank: 1, source: "sea" });
  }, madeFor(editing));

trap("an edit is sent once, before the status that follows from it", async (turns) => {
  const world = edited(turns);
  await world.settle();
  assert.equal(dishOf(world), "soup");
  const menuWrites = world.process.writer.written.filter(({ resource }) => resource.kind === "Menu");
  assert.equal(menuWrites.length, 1);
  assert.equal(shopOf(world).status?.status, "soup");
});

trap("an edit that the list forbids is not sent", async (turns) => {
  const world = edited(turns);
  makeShop(world, "ns", "keeper", { dish: "soup" });
  await world.settle();
  assert.equal(dishOf(world), "cake");
});

trap("an edit of what has changed since, or was made anew, is not sent on the old look", async (turns) => {
  for (const anew of [false, true]) {
    const world = edited(turns);
    hear(world);
    await allTurns(turns);
    await answer(turns, request(world, "list Shop"));
    if (anew) remove(world, menus, "ns", "s");
    if (anew) makeMenu(world, "ns", "s", { dish: "pie", rank: 2, source: "sea" });
    else edit<Menu>(world, menus, "ns", "s", (it) => it.spec.dish = "pie");
    await answer(turns, request(world, "patch Menu"));
    assert.equal(dishOf(world), "pie");
    await world.settle();
    assert.equal(dishOf(world), "soup");
    assert.equal((world.server.get(menus.resource, "ns", "s") as Live<Menu>).spec.rank, anew ? 2 : 1);
  }
});

trap("a refused edit is told to the status, and tried again", async (turns) => {
  let told = "";
  const world = worldOf(
    turns,
    (it) => {
      makeShop(it, "ns", "s", { dish: "soup" });
      makeMenu(it, "ns", "s", { dish: "cake", rank: 1, source: "sea" });
    },
    madeFor((shop, view) => ({
      ...editing(shop, view),
      status: (outcomes) => {
        for (const { outcome } of outcomes.troubles()) if ("reason" in outcome) told = outcome.reason;
        return { status: "none" };
      },
    })),
  );
  hear(world);
  await allTurns(turns);
  const { writer } = world.process;
  const patch = writer.patch;
  writer.patch = (...call) =>
    call[0].kind === "Menu"
      ? Promise.reject(apiError("PATCH", 422, "Invalid", "no such dish"))
      : patch.apply(writer, call);
  await answer(turns, request(world, "list Shop"));
  assert.equal(told, "Invalid");
  writer.patch = patch;
  await world.settle();
  assert.equal(dishOf(world), "soup");
});

const strict = defineQuery("strict", (view, namespace: string): string => {
  const { mood } = view.get(settings, namespace, "default")?.spec ?? {};
  if (mood === "bad") throw new Error("no such mood");
  return mood ?? "calm";
});

const moodOf = defineQuery("moodOf", (view, namespace: string): string => {
  return view.get(settings, namespace, "default")?.spec.mood ?? "calm";
});
const worstMood = defineQuery("worstMood", (view, namespace: string): string => {
  const { mood } = view.get(settings, namespace, "default")?.spec ?? {};
  return mood === "bad" ? view.query(moodOf, namespace) : "fine";
});

trap("a key that goes while it waits for its next try leaves no moment behind", async (turns) => {
  const world = worldOf(
    turns,
    (it) => makeShop(it, "ns", "s", { dish: "soup" }),
    madeFor(() => {
      throw new Error("a mistake of ours");
    }),
  );
  world.mayCrash = true;
  await world.arrive();
  assert.equal(world.process.runner.sizes.deadlines, 1);
  remove(world, shops, "ns", "s");
  await world.arrive();
  assert.equal(world.process.runner.sizes.deadlines, 0);
});

trap(
  "a query that nobody asks any more is not computed again, though the same change has touched it",
  async (turns) => {
    const world = worldOf(
      turns,
      (it) => makeShop(it, "ns", "s", { dish: "soup" }),
      madeFor((_, view) => {
        view.query(worstMood, "ns");
        return { children: [], removals: [], status: () => ({ status: "fine" }) };
      }),
    );
    make(world, settings, "ns", "default", { spec: { mood: "calm" } });
    await world.settle();
    const mood = async (word: string) => {
      edit<Settings>(world, settings, "ns", "default", ({ spec }) => spec.mood = word);
      await world.arrive();
      return world.process.runner.sizes;
    };
    const before = world.process.runner.sizes;
    assert.equal((await mood("bad")).queries, before.queries + 1);
    assert.deepEqual(await mood("calm"), before);
    remove(world, shops, "ns", "s");
    await world.arrive();
    const { keys, reads, queries, stale } = world.process.runner.sizes;
    assert.deepEqual({ keys, reads, queries, stale }, { keys: 0, reads: 0, queries: 0, stale: 0 });
  },
);

for (const where of ["a query", "a moment", "a reconcile", "a status"]) {
  trap(`${where} that cannot be computed harms its own keys only, and only while it lasts`, async (turns) => {
    const world = worldOf(
      turns,
      (it) => {
        makeShop(it, "ns", "victim", { dish: "soup" });
        makeShop(it, "ns", "bystander", { dish: "soup" });
      },
      madeFor((shop, view) => {
        const bystander = shop.metadata.name === "bystander";
        const fails = !bystander && view.get(settings, "ns", "default")?.spec.mood === "bad";
        if (!bystander && where === "a query") view.query(strict, "ns");
        if (fails && where === "a moment") view.reached("the day after tomorrow");
        if (fails && where === "a reconcile") throw new Error("unexpected");
        return {
          children: [],
          removals: [],
          status: () => {
            if (fails && where === "a status") throw new Error("unexpected");
            return { status: shop.metadata.annotations?.word ?? "none" };
          },
        };
      }),
    );
    world.mayCrash = true;
    await world.settle();
    make(world, settings, "ns", "default", { spec: { mood: "bad" } });
    await world.arrive();
    for (const name of ["victim", "bystander"]) {
      edit<Shop>(world, shops, "ns", name, ({ metadata }) => metadata.annotations = { word: "new" });
    }
    await world.arrive();
    assert.equal(shopOf(world, "bystander").status?.status, "new");
    assert.equal(shopOf(world, "victim").status?.status, "none");
    assert.ok(
      world.process.crashes.every((crash) => crash.startsWith("shop|ns/victim")),
      world.process.crashes[0],
    );
    edit<Settings>(world, settings, "ns", "default", ({ spec }) => spec.mood = "good");
    await world.arrive();
    assert.equal(shopOf(world, "victim").status?.status, "new");
  });
}

trap("a pass that throws keeps watching what the pass before it had read", async (turns) => {
  let broken = false;
  const world = worldOf(
    turns,
    (it) => makeShop(it, "ns", "s", { dish: "soup" }),
    madeFor((_, view) => {
      if (broken) throw new Error("unexpected");
      const mood = view.get(settings, "ns", "default")?.spec.mood;
      return { children: [], removals: [], status: () => ({ status: mood ?? "none" }) };
    }),
  );
  world.mayCrash = true;
  await world.settle();
  broken = true;
  edit<Shop>(world, shops, "ns", "s", ({ metadata }) => metadata.annotations = { word: "x" });
  await world.arrive();
  broken = false;
  make(world, settings, "ns", "default", { spec: { mood: "good" } });
  await world.arrive();
  assert.equal(shopOf(world).status?.status, "good");
});

trap(
  "small changes of status are merged into one write; one that matters is written at once",
  async (turns) => {
    const world = await running(turns);
    await world.settle();
    world.clock.advanceTo(world.clock.now() + 60_000);
    await world.arrive();
    const statuses = () => world.process.writer.written.filter(({ verb }) => verb === "status").length;
    const before = statuses();
    for (let i = 0; i < 4; i++) {
      make(world, workers, "ns", `w${i}`, {}, { shop: "s" });
      edit<Worker>(world, workers, "ns", `w${i}`, (it) => it.status = { ready: true });
      await world.arrive();
    }
    const menuWrites = () => statuses() - before;
    assert.equal(menuWrites(), 0);
    world.clock.advanceTo(world.clock.now() + 1_000);
    await world.arrive();
    assert.equal(menuWrites(), 1);
    assert.equal(shopOf(world).status?.staff, 4);
    edit<Oven>(world, ovens, "ns", "s", (it) => it.status = { hot: false }, "stoker");
    await world.arrive();
    assert.equal(menuWrites(), 2);
    assert.equal(readyOf(world), "False Preparing");
  },
);

trap("of a storm each key runs once for many changes in its second", async (turns) => {
  const world = worldOf(turns, (it) => {
    make(it, clusterSettings, undefined, "default", { spec: {} });
    for (let i = 0; i < 200; i++) makeMenu(it, "ns", `m${i}`, { dish: "soup", rank: i, source: "sea" });
  });
  await world.settle();
  const from = world.process.ran.length;
  for (const enabled of [false, true, false]) {
    edit<Settings>(world, clusterSettings, undefined, "default", ({ spec }) => spec.enabled = enabled);
    await world.arrive();
  }
  assert.equal(world.process.ran.length, from);
  await later(world, 1_000);
  assert.equal(world.process.ran.length, from + 200);
});
