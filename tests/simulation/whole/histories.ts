/** Random histories of the whole operator, what is asked of each, and the shortest that still goes wrong. */

import { Random } from "../random.ts";
import { type Action, actionsOf } from "./actions.ts";
import { History } from "./history.ts";
import { differencesFrom, endStateOf, isFine, leftovers, untruths } from "./invariants.ts";
import { everything, type Wanted } from "./users_objects.ts";

/**
 * So many writes an action may cost, those that a cluster takes from nothing, or from all Running, to all Running and rest,
 * and in each minute before all is mended the attempts of what fails again and again.
 */
const writesAnAction = 20;
const writesOfACluster = { fromNothing: 400, running: 100 };
const writesAMinute = 15;
/** As often a failing history is tried with less in it. */
const shrinkings = 60;

/** How many are played in `deno task test`. */
export const suiteSeeds = 500;

/** As many as the nightly run asks for, or the suite's. */
export function seedsOfTheRun(): number[] {
  const count = Number(Deno.env.get("AIM_HISTORIES") ?? suiteSeeds);
  return Array.from({ length: count }, (_, i) => i + 1);
}

/** So long nobody may write in a cluster to which nothing happens, in milliseconds: longer than any interval but a source's. */
const calmTime = 3 * 3_600_000;

/** A cluster to which nothing has happened. */
interface Calm {
  readonly history: History;
  /** How it ended. */
  readonly end: ReadonlyMap<string, string>;
}

let calm: Promise<Calm> | undefined;

async function calmHistory(): Promise<Calm> {
  using history = new History(0);
  await history.settle([], () => isFine(history, []));
  const wrong = isFine(history, []) ? [] : ["not all is fine"];
  wrong.push(...await writesWithin(history, calmTime, "at rest"));
  const all = [...wrong, ...untruths(history), ...leftovers(history), ...history.violations];
  if (all.length > 0) throw new Error(`the calm cluster: ${all.join("\n")}`);
  return { history, end: endStateOf(history) };
}

/** What a seed makes of a history. */
interface Plot {
  readonly actions: readonly Action[];
  /** Whether all runs when it begins; else it begins with what users want, as they have just made it. */
  readonly running: boolean;
  /** What is not there in the beginning. */
  readonly absent: readonly Wanted[];
  /** What is not wanted in the end. */
  readonly unwanted: readonly Wanted[];
}

function plotOf(seed: number): Plot {
  const random = new Random(seed);
  const services = everything.filter(({ plural }) => plural === "aimservices");
  const absent = services.filter(() => random.chance(0.5));
  const unwanted = services.filter((each) => absent.includes(each) ? random.chance(0.9) : random.chance(0.3));
  const actions = actionsOf(random, 4 + random.below(22));
  const running = random.chance(0.5);
  return { actions, running, absent: running ? [] : absent, unwanted };
}

/**
 * What is wrong in a history. What is thrown in it is, too.
 *
 * @param keep the numbers of the actions that are played; unless given, all
 */
export async function wrongIn(seed: number, keep?: readonly number[]): Promise<string[]> {
  const { history: calmOne, end: calmState } = await (calm ??= calmHistory());
  const plot = plotOf(seed);
  const played = keep === undefined ? plot.actions : keep.map((n) => plot.actions[n]);
  using history = new History(seed, plot.running ? { after: calmOne } : { absent: plot.absent });
  const { cluster } = history;
  const wrong: string[] = [];
  try {
    await playAndJudge(history, { ...plot, seed, played, calmState, wrong });
  } catch (error) {
    const last = cluster.written.at(-1)?.request;
    wrong.push(`thrown: ${textOf(error)}`, `the last write was ${last?.method} ${last?.path}`);
  }
  return [...wrong, ...history.violations, ...cluster.faults.map((fault) => `the cluster: ${textOf(fault)}`)];
}

interface Played extends Plot {
  readonly seed: number;
  readonly played: readonly Action[];
  readonly calmState: ReadonlyMap<string, string>;
  /** Gets what is found to be wrong. */
  readonly wrong: string[];
}

async function playAndJudge(history: History, how: Played) {
  const { seed, played, running, unwanted, calmState, wrong } = how;
  const { cluster } = history;
  const began = cluster.time.clock.now();
  const half = played.length >> 1;
  await history.play(played.slice(0, half));
  if (seed % 2 === 0) {
    await history.rest();
    wrong.push(...untruths(history).map((what) => `on the way: ${what}`));
  }
  await history.play(played.slice(half));
  const minutes = (cluster.time.clock.now() - began) / 60_000;
  await history.settle(unwanted, () => isFine(history, unwanted));
  if (!isFine(history, unwanted)) wrong.push("not all is fine at the end");
  wrong.push(...untruths(history), ...leftovers(history), ...differencesFrom(calmState, history));
  const ofCluster = writesOfACluster[running ? "running" : "fromNothing"];
  const most = Math.round(ofCluster + writesAnAction * played.length + writesAMinute * minutes);
  const writes = cluster.written.length;
  if (writes > most) wrong.push(`${writes} writes, and ${most} are enough`);
  await wrongAtRest(history, wrong);
  wrong.push(...await wrongAfterwards(history, seed));
}

/** What has come to rest stays so: nobody writes when each key is looked at unasked, nor after a restart. */
async function wrongAtRest(history: History, wrong: string[]): Promise<void> {
  const { cluster } = history;
  const quiet = async (when: string, minutes: number) =>
    wrong.push(...await writesWithin(history, minutes * 60_000, when));
  for (const { operator } of cluster.operators) operator.runner.sweep();
  await quiet("when all is looked at unasked", 1);
  for (const operator of cluster.operators) operator.kill();
  // Kinds are known to the new one in any order.
  history.answerLate(3_000);
  await quiet("after a restart", 2);
  history.answerLate(0);
}

/** What is written while so many milliseconds pass in which nobody should write, in a line. */
async function writesWithin({ cluster }: History, milliseconds: number, when: string): Promise<string[]> {
  const before = cluster.written.length;
  await cluster.time.pass(milliseconds);
  const after = cluster.written.slice(before);
  return after.length === 0 ? [] : [`${after.length} writes ${when}, the first: ${after[0].request.path}`];
}

/** What is asked at last of a cluster in which all works, another thing by seed. */
async function wrongAfterwards(history: History, seed: number): Promise<string[]> {
  switch (seed % 3) {
    case 0:
      await history.loseVolumes();
      return untruths(history).map((what) => `without volumes: ${what}`);
    case 1:
      await history.unroute("routed");
      return history.list("httproutes")
        // One without them its service cannot know any more.
        .filter(({ metadata: { ownerReferences, labels } }) =>
          ownerReferences !== undefined && labels?.["aim.eai.amd.com/service.name"] !== undefined
        )
        .map(({ metadata }) => `the route ${metadata.name} is wanted no more`);
    default: {
      // As many as are under way at once, and some more.
      const made = await history.narrow();
      return made > 8 ? [`${made} models were made of a source that wanted one when the first was made`] : [];
    }
  }
}

/** Plays the histories of these seeds. A failure names what is wrong in the shortest history that is found, and how to play it. */
export async function playAll(seeds: Iterable<number>): Promise<void> {
  for (const seed of seeds) {
    if ((await wrongIn(seed)).length === 0) continue;
    const keep = await shortest(seed);
    const wrong = await wrongIn(seed, keep);
    const { actions, running } = plotOf(seed);
    throw new Error([
      `deno run -A --no-check --frozen tests/simulation/whole/replay.ts ${seed} ${keep.join(",")}`,
      ...running ? ["begins with all running"] : [],
      ...keep.map((n) => JSON.stringify(actions[n])),
      ...wrong,
    ].join("\n"));
  }
}

/** Leaves out what is not needed for something to go wrong: halves first, then smaller parts. */
async function shortest(seed: number): Promise<number[]> {
  let keep = plotOf(seed).actions.map((_, n) => n);
  let tries = 0;
  for (let size = keep.length >> 1; size >= 1; size >>= 1) {
    for (let at = 0; at < keep.length && tries < shrinkings;) {
      const fewer = keep.toSpliced(at, size);
      tries++;
      if ((await wrongIn(seed, fewer)).length > 0) keep = fewer;
      else at += size;
    }
  }
  return keep;
}

function textOf(fault: unknown): string {
  return fault instanceof Error ? fault.stack ?? fault.message : String(fault);
}
