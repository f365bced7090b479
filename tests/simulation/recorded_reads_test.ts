/** Properties 2, 3 and 12: the recorded reads are all that is needed, and no more than that wakes anybody. */

import assert from "node:assert/strict";
import { type Reader, Reads } from "../../lib/operator/runner/reads.ts";
import { aimScenario, busyDay } from "./scenarios/aim_scenario.ts";
import { Questions } from "./answers.ts";
import { assertComplete, assertSufficient, freshCache, PlainView, recordedReads } from "./settled_state.ts";
import { roughEdits, roughToy } from "./scenarios/toy_scenario.ts";
import { promisesSettled, type Turns } from "./turns.ts";
import { forSeeds, runs, storm, World } from "./world.ts";

async function settledWorld(seed: number, turns: Turns, steps = 300): Promise<World> {
  const world = new World(roughToy, seed, turns);
  await world.live(steps, storm);
  await world.settle();
  return world;
}

Deno.test("a pass without any single one of its recorded reads is noticed (2)", async () => {
  await forSeeds(runs(15), 500, async (seed, turns) => {
    assertNoReadTooMany(await settledWorld(seed, turns));
  });
});

function assertNoReadTooMany(world: World): void {
  for (const { id, reads } of recordedReads(world)) {
    for (const name of reads) {
      const others = new Set(reads);
      others.delete(name);
      assert.throws(() => assertSufficient(world, id, others), `${id} does without ${name}`);
    }
  }
}

/** Histories in which the runtime forgets to record reads of one sort; returns whether anything looked wrong. */
async function noticed(forgotten: string, turns: Turns): Promise<boolean> {
  const { replace } = Reads.prototype;
  Reads.prototype.replace = function (reader: Reader, reads: ReadonlySet<string>, keepOld?: boolean): void {
    replace.call(this, reader, new Set([...reads].filter((name) => sortOf(name) !== forgotten)), keepOld);
  };
  try {
    for (let seed = 1; seed <= 40; seed++) {
      if (forgotten.startsWith("s")) await lateLists(seed, turns);
      else await singleChanges(seed, turns);
    }
    return false;
  } catch (error) {
    if (!(error instanceof assert.AssertionError)) throw error;
    return true;
  } finally {
    turns.forget();
    Reads.prototype.replace = replace;
  }
}

/** A start at which one stream is heard of last, after all that the others say has had its consequences. */
async function lateLists(seed: number, turns: Turns): Promise<void> {
  const world = new World(roughToy, seed, turns);
  const { streams } = world.process;
  const late = streams[seed % streams.length];
  await world.settle({ silent: late });
  await world.settle();
  assertComplete(world);
  turns.forget();
}

/** Changes one by one, each with all its consequences. */
async function singleChanges(seed: number, turns: Turns): Promise<void> {
  const world = await settledWorld(seed, turns, 100);
  for (let i = 0; i < 40; i++) {
    roughEdits(world, world.random);
    await world.settle();
    assertComplete(world);
  }
  turns.forget();
}

/** A read's kind, index, query or fact, without the question. */
function sortOf(name: string): string {
  return name.split("|")[0];
}

Deno.test("a runtime that forgets one sort of read is noticed by what goes wrong (1, 2)", async () => {
  await forSeeds(1, 1, async (_, turns) => {
    const sorts = new Set<string>();
    for (let seed = 1; seed <= 5; seed++) {
      for (const { reads } of recordedReads(await settledWorld(seed, turns))) {
        for (const name of reads) sorts.add(sortOf(name));
      }
    }
    assert.ok(sorts.size > 12, `only ${[...sorts]} are read`);
    const unnoticed: string[] = [];
    for (const sort of sorts) if (!await noticed(sort, turns)) unnoticed.push(sort);
    assert.deepEqual(unnoticed, []);
  });
});

Deno.test("a change wakes exactly the keys with a read that it gave another answer (3)", async () => {
  await forSeeds(runs(12), 900, async (seed, turns) => {
    const world = await settledWorld(seed, turns, 200);
    for (let round = 0; round < 8; round++) await oneChange(world, turns);
  });
});

Deno.test("so it is for the operator: no read too few, no key too many (2, 3)", async () => {
  await forSeeds(runs(3), 900, async (seed, turns) => {
    const world = new World(aimScenario, seed, turns);
    await world.live(500, busyDay);
    await world.settle();
    for (let round = 0; round < 25; round++) await oneChange(world, turns);
    // What a key's own status write made needless to read, its next pass reads no more.
    world.process.runner.sweep();
    await world.settle();
    assertNoReadTooMany(world);
  });
});

async function oneChange(world: World, turns: Turns): Promise<void> {
  const { process, server, random } = world;
  // Asks every question once more, so that each is known by its name.
  assertComplete(world);
  const questions = new Questions(process.program.kinds);
  const before = freshCache(process.program, server);
  // And those that the last pass asked of an object that its own status write has made another since.
  for (const { controller, object } of process.passes.values()) {
    controller.reconcile(object, new PlainView(before, process.runner.facts, world.clock.now()));
  }
  const reads = new Map([...recordedReads(world)].map(({ id, reads }) => [id, reads]));
  world.scenario.mutate(world, random);
  const after = freshCache(process.program, server);
  const exists = new Set(process.program.controllers.flatMap(({ name }) => [...keysOf(after, name, world)]));
  const expected = new Set([...exists].filter((id) => {
    const names = reads.get(id);
    if (names === undefined) return true;
    return [...names].some((name) => questions.differs(name, before, after, process.runner.facts));
  }));
  // Nobody answers yet, so that what ran, ran because of this change and not of what came of it.
  const from = process.ran.length;
  for (const stream of process.streams) while (stream.lags) stream.deliver();
  for (; turns.waiting > 0; await promisesSettled()) turns.run();
  assert.deepEqual([...new Set(process.ran.slice(from))].sort(), [...expected].sort(), world.log.at(-1));
  await world.settle();
}

/** The ids of all keys that a controller has in a cache. */
function keysOf(cache: ReturnType<typeof freshCache>, name: string, world: World): Set<string> {
  const controller = world.process.program.controllers.find((each) => each.name === name)!;
  return new Set([...cache.store(controller.kind).keys()].map((key) => `${name}|${key}`));
}
