/**
 * `deno task bench --embedded --operations=N`: as many things that users do, to the whole operator on the cluster in memory,
 * in one thread and in driven time. Then all of it is deleted. What is held then is what was held before.
 */

import { gpuNode } from "../control_plane/nodes.ts";
import { Random } from "../simulation/random.ts";
import { WholeCluster } from "../simulation/whole/whole_cluster.ts";
import { ChurningUsers } from "./churning_users.ts";

/** What events have said is remembered for ten minutes (`lib/kube/event_recorder.ts`), and kept by the server for an hour. */
const rest = 4_000_000;
/** How long a user looks at what came of it, in driven milliseconds: at most. */
const longestLook = 1_500;
const few = 300;
/** Megabytes that V8 holds of an idle operator: mostly code, which here is shared with the cluster in memory. */
const idleHeap = 14;

const [operations, seed] = Deno.args.map(Number);
using cluster = new WholeCluster(seed);
const random = new Random(seed);
const users = new ChurningUsers({
  request: (...asked) => new Promise((resolve) => resolve(cluster.ask(...asked))),
  addNode: (node: ReturnType<typeof gpuNode>) =>
    new Promise((resolve) => resolve(cluster.ask("POST", "/api/v1/nodes", node))),
  pause: (milliseconds) => cluster.time.pass(milliseconds),
}, random);
const faults: unknown[] = [];

// The cluster in memory fills what it remembers, V8 what it compiles.
await life(operations / 10);
const before = await life(few);
const after = await life(operations);
faults.push(...cluster.faults);
const figures = {
  operations,
  seed,
  megabytes: { before, after },
  operatorGrewBy: after.operator - before.operator,
  overItsHeap: (idleHeap + after.operator) / (idleHeap + before.operator),
  faults: faults.map((fault) => fault instanceof Error ? fault.stack : fault),
};
console.log(JSON.stringify(figures, undefined, 2));
Deno.exit(faults.length === 0 && figures.overItsHeap <= 1.1 ? 0 : 1);

/** Megabytes that the operator holds besides its code, and all that is held in this thread: the cluster and its caches too. */
interface Held {
  readonly operator: number;
  readonly all: number;
}

function words({ operator, all }: Held): string {
  return `the operator holds ${operator.toFixed(2)} MB, of ${all.toFixed(1)} MB in this thread`;
}

/** From nothing, over so many operations, to nothing. */
async function life(many: number): Promise<Held> {
  cluster.start();
  await users.furnish();
  for (let done = 1; done <= many; done++) {
    await users.act();
    await cluster.time.pass(random.below(longestLook));
    cluster.written.splice(0);
    if (done % 5_000 === 0) {
      console.error(
        `  ${done} operations, ${users.services.size} services, ${heldMegabytes().toFixed(1)} MB`,
      );
    }
  }
  const held = await end();
  console.error(`  ${many} operations and all deleted: ${words(held)}`);
  return held;
}

/** Deletes everything, lets pass what is remembered for a while, and ends the operator: what becomes free is what it held. */
async function end(): Promise<Held> {
  await users.clear();
  await cluster.time.pass(rest);
  cluster.server.cluster.store.forget();
  cluster.written.splice(0);
  const all = heldMegabytes();
  for (const operator of cluster.operators.splice(0)) {
    faults.push(...operator.faults);
    operator.kill();
  }
  await cluster.time.pass(60_000);
  return { operator: all - heldMegabytes(), all };
}

/** Of the whole thread: the operator, the cluster and their code. */
function heldMegabytes(): number {
  (globalThis as unknown as { gc(): void }).gc();
  return Deno.memoryUsage().heapUsed / 1e6;
}
