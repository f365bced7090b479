/**
 * The recorded cases of services (`s`, `u`): the same objects through all our controllers, on an API server in
 * memory, to the fixpoint. What AIM Engine applied and wrote must come out the same, or a line of the spec must
 * want the difference.
 */

import assert from "node:assert/strict";
import type { KubeObject, Live } from "../../lib/kube/object.ts";
import { controllers } from "../../mod.ts";
import { Turns } from "../simulation/turns.ts";
import { World } from "../simulation/world.ts";
import { better as betterCaches } from "./caches_better.ts";
import { type RecordedCase, recordedCases } from "./cases.ts";
import { better as betterModels } from "./models_better.ts";
import { type Difference, differences, normalForm } from "./normal_form.ts";
import { better as betterServices } from "./services_better.ts";
import { keyOf, madeBy, scenarioOf } from "./surroundings.ts";
import { explains, type Found, Uses } from "./wanted.ts";

/** What hangs on a cache, and the cache itself. */
const cacheKinds = [
  "AIMTemplateCache",
  "AIMArtifact",
  "PersistentVolumeClaim",
  "Job",
  "RoleBinding",
  "ServiceAccount",
];
/** What stands around and was not made by us. */
const ambient = ["Node", "Pod"];

Deno.test("services come out as AIM Engine made them, or as a line of the spec wants", async () => {
  const used = new Uses();
  const unexplained: string[] = [];
  const cases = await recordedCases("su");
  for (const recorded of cases) {
    for (const found of await compare(recorded)) {
      const lines = [...betterServices, ...betterCaches, ...betterModels].filter((each) =>
        explains(each, found)
      );
      if (lines.length === 0) unexplained.push(tell(found));
      for (const line of lines) used.add(line, recorded.id);
    }
  }
  console.log(`${cases.length} cases`);
  assert.deepEqual(unexplained, []);
  assert.deepEqual(used.idle(betterServices), [], "explains nothing");
});

function tell({ id, what, name, path, recorded, ours }: Found): string {
  return `${id} ${what} ${name} ${path}: recorded ${JSON.stringify(recorded)}, ours ${JSON.stringify(ours)}`;
}

/**
 * AIM Engine looked for a cache only from its second pass on, so it made one of its own beside the given one,
 * and then took the best. We take the given one at once (services.md §7.3 Better), so what becomes of a cache
 * that the service makes is compared in a second world, without given ones.
 */
async function compare(recorded: RecordedCase): Promise<Found[]> {
  const whole = await outcomeOf(recorded, true);
  const cacheless = await outcomeOf({
    ...recorded,
    given: recorded.given.filter(({ object }) => object.kind !== "AIMTemplateCache"),
  });
  const ofCaches = (kind: string, name: string) => cacheKinds.includes(kind) && !name.startsWith("discover-");
  return [
    ...differencesIn(recorded, whole, (kind, name) => !ofCaches(kind, name)),
    ...differencesIn(recorded, cacheless, ofCaches),
  ];
}

interface Outcome {
  readonly all: Live<KubeObject>[];
  readonly made: { readonly kind: string; readonly name: string }[];
  readonly objects: Map<string, KubeObject>;
}

async function outcomeOf(recorded: RecordedCase, restart = false): Promise<Outcome> {
  using turns = new Turns();
  const world = new World(scenarioOf(recorded, controllers), 1, turns);
  await world.settle();
  if (restart) await assertAtRest(world, recorded.id);
  const all = world.server.everything().map(({ object }) => object);
  const given = new Set(recorded.given.map(({ object }) => keyOf(object)));
  const made = all.filter((object) => !given.has(keyOf(object)) && !ambient.includes(object.kind!));
  return {
    all,
    made: made.map(({ kind, metadata }) => ({ kind: kind!, name: metadata.name })),
    objects: madeBy(made),
  };
}

function differencesIn(
  recorded: RecordedCase,
  outcome: Outcome,
  counts: (kind: string, name: string) => boolean,
): Found[] {
  const { id } = recorded;
  const theirs = madeBy(recorded.applied.map(({ object }) => renamed(structuredClone(object))));
  const found: Found[] = [];
  const add = (what: string, name: string, parts: Difference[]) =>
    found.push(...parts.map((part) => ({ ...part, id, in: recorded, what, name })));
  for (const key of new Set([...theirs.keys(), ...outcome.objects.keys()])) {
    const [kind, name] = key.split(" ");
    if (!counts(kind, name)) continue;
    add(`applied ${kind}`, name, differences(compared(theirs.get(key)), compared(outcome.objects.get(key))));
  }
  for (const { kind, name, status } of recorded.status) {
    if (!counts(kind, name)) continue;
    const object = outcome.all.find((each) => each.kind === kind && each.metadata.name === name);
    add(
      `status ${kind}`,
      name,
      differences(normalForm(status), normalForm((object as { status?: unknown })?.status)),
    );
  }
  return found;
}

/** KServe refuses names that begin with a digit: ours begin with `s-` (services.md §1.1 Better). */
function renamed(object: KubeObject): KubeObject {
  if (object.kind === "InferenceService" && /^\d/.test(object.metadata!.name!)) {
    object.metadata!.name = `s-${object.metadata!.name}`;
  }
  return object;
}

interface Predictor {
  volumes?: { name: string }[];
  containers?: { volumeMounts?: { name: string }[] }[];
}

/** Volumes and mounts in one order: AIM Engine's is that of a Go map. */
function compared(object: KubeObject | undefined): unknown {
  const predictor = (object as { spec?: { predictor?: Predictor } } | undefined)?.spec?.predictor;
  const byName = (a: { name: string }, b: { name: string }) => a.name < b.name ? -1 : 1;
  predictor?.volumes?.sort(byName);
  for (const { volumeMounts } of predictor?.containers ?? []) volumeMounts?.sort(byName);
  return normalForm(object);
}

/** At rest, and after a restart, nothing is written. */
async function assertAtRest(world: World, id: string): Promise<void> {
  const { version } = world.server;
  await world.restart();
  await world.settle();
  assert.equal(world.server.version, version, `${id}: a restart writes ${world.log.slice(-3).join("; ")}`);
}
