/**
 * The recorded cases of template caches and artifacts (`c`, `a`): the same objects through our controllers, on
 * an API server in memory, to the fixpoint. What AIM Engine made and wrote must come out the same, or a line of
 * the spec must want the difference.
 */

import assert from "node:assert/strict";
import { artifactController } from "../../controllers/artifact/reconcile.ts";
import { templateCacheController } from "../../controllers/template_cache/reconcile.ts";
import { Turns } from "../simulation/turns.ts";
import { World } from "../simulation/world.ts";
import { better } from "./caches_better.ts";
import { type RecordedCase, recordedCases } from "./cases.ts";
import { differences, normalForm } from "./normal_form.ts";
import { keyOf, madeBy, scenarioOf } from "./surroundings.ts";
import { explains, type Found, Uses } from "./wanted.ts";

const controllers = [templateCacheController, artifactController];

Deno.test("caches and artifacts come out as AIM Engine made them, or as a line of the spec wants", async () => {
  const used = new Uses();
  const unexplained: string[] = [];
  let compared = 0;
  for (const recorded of await recordedCases("ca")) {
    compared++;
    for (const found of await compare(recorded)) {
      const lines = better.filter((each) => explains(each, found));
      if (lines.length === 0) unexplained.push(tell(found));
      for (const line of lines) used.add(line, recorded.id);
    }
  }
  console.log(`${compared} cases`);
  assert.deepEqual(unexplained, []);
  assert.deepEqual(used.idle(better), [], "explains nothing");
});

function tell({ id, what, name, path, recorded, ours }: Found): string {
  return `${id} ${what} ${name} ${path}: recorded ${JSON.stringify(recorded)}, ours ${JSON.stringify(ours)}`;
}

async function compare(recorded: RecordedCase): Promise<Found[]> {
  using turns = new Turns();
  const world = new World(scenarioOf(recorded, controllers), 1, turns);
  await world.settle();
  await assertAtRest(world, recorded.id);
  const all = world.server.everything().map(({ object }) => object);
  const found: Found[] = [];

  const theirs = madeBy(recorded.applied.map(({ object }) => structuredClone(object)));
  const given = new Set(recorded.given.map(({ object }) => `${object.kind} ${object.metadata!.name}`));
  const ours = madeBy(
    all.filter((object) => !given.has(keyOf(object)) && object.kind !== "Pod" && object.kind !== "Node"),
  );
  for (const key of new Set([...theirs.keys(), ...ours.keys()])) {
    const [kind, name] = key.split(" ");
    const parts = differences(normalForm(theirs.get(key)), normalForm(ours.get(key)));
    found.push(
      ...parts.map((part) => ({ ...part, id: recorded.id, in: recorded, what: `applied ${kind}`, name })),
    );
  }
  for (const { kind, name, status } of recorded.status) {
    const object = all.find((each) => each.kind === kind && each.metadata.name === name);
    const parts = differences(normalForm(status), normalForm((object as { status?: unknown })?.status));
    found.push(
      ...parts.map((part) => ({ ...part, id: recorded.id, in: recorded, what: `status ${kind}`, name })),
    );
  }
  return found;
}

/** At rest, and after a restart, nothing is written. */
async function assertAtRest(world: World, id: string): Promise<void> {
  const { version } = world.server;
  await world.restart();
  await world.settle();
  assert.equal(world.server.version, version, `${id}: a restart writes ${world.log.slice(-3).join("; ")}`);
}
