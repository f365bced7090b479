/**
 * `deno task bench --churn=MINUTES`: services, models, templates, caches, configs and nodes come, change and go at random,
 * at most two hundred services at a time. Then all of it is deleted. What the operator holds then is what it held before.
 */

import { join } from "node:path";
import { addNodes } from "../control_plane/nodes.ts";
import { freePort } from "../control_plane/processes/ports.ts";
import { installInto } from "../e2e/installation.ts";
import { startSmallPlane } from "../endurance/small_cluster.ts";
import { Random } from "../simulation/random.ts";
import { delay } from "../../lib/kube/backoff.ts";
import { ChurningUsers } from "./churning_users.ts";
import { Heap } from "./heap.ts";
import { usageOf } from "./process_usage.ts";

export interface ChurnOptions {
  readonly minutes: number;
  readonly seed: number;
  /**
   * How long nothing happens before the last look. What events have said is remembered for ten minutes
   * (`lib/kube/event_recorder.ts`): after eleven it must be gone, before that it is part of what is left.
   */
  readonly restSeconds: number;
  /** Where heap snapshots of before and after go. Taking one raises resident memory for good: look at the heap then. */
  readonly snapshots?: string;
  readonly log: (line: string) => void;
}

/** What the operator holds at a moment. */
export interface Held {
  /** Objects that something holds, after a garbage collection. */
  readonly heapMegabytes: number;
  readonly residentMegabytes: number;
}

export interface ChurnFigures {
  readonly operations: number;
  /** After one service came and went: all code is loaded. */
  readonly before: Held;
  readonly peak: Held;
  readonly after: Held;
  /** What is left over what there was: 1.1 is wanted at most. */
  readonly heapAfterOverBefore: number;
  readonly residentAfterOverBefore: number;
  readonly requestsAMinute: number;
}

/** Users at work at a time. */
const users = 4;

/** Runs the churn on a control plane of its own. */
export async function churn(
  { minutes, seed, restSeconds, snapshots, log }: ChurnOptions,
): Promise<ChurnFigures> {
  await using plane = await startSmallPlane();
  const inspectorPort = freePort();
  const { operator } = await installInto(plane, { inspectorPort });
  using heap = await Heap.of(inspectorPort);
  const world = new ChurningUsers({
    request: (...asked) => plane.request(...asked),
    addNode: (node) => addNodes(plane, [node]),
    pause: delay,
  }, new Random(seed));
  const held = async (): Promise<Held> => ({
    heapMegabytes: await heap.heldMegabytes(),
    residentMegabytes: (await usageOf(operator.pid)).residentMegabytes,
  });
  const all = () => Promise.all(Array.from({ length: users }, () => world.act()));

  await world.furnish();
  for (let round = 0; round < 40; round++) await all();
  await world.clear();
  const before = await held();
  log(`before: ${words(before)}`);
  if (snapshots) await heap.snapshot(join(snapshots, "before.heapsnapshot"));

  await world.furnish();
  const start = performance.now();
  const sent = (await plane.auditEvents()).filter(({ user }) => user.username === operator.user).length;
  let peak = before;
  for (let minute = 1; minute <= minutes; minute++) {
    while (performance.now() - start < minute * 60_000) await all();
    const now = await held();
    if (now.residentMegabytes > peak.residentMegabytes) peak = now;
    log(`minute ${minute}: ${world.operations} operations, ${world.services.size} services, ${words(now)}`);
  }
  const requests = (await plane.auditEvents()).filter(({ user }) => user.username === operator.user).length -
    sent;
  await world.clear();
  log(`everything is deleted: ${words(await held())}; ${restSeconds} s at rest`);
  await delay(restSeconds * 1_000);
  const after = await held();
  log(`after: ${words(after)}`);
  if (snapshots) await heap.snapshot(join(snapshots, "after.heapsnapshot"));
  await operator.stop();
  return {
    operations: world.operations,
    before,
    peak,
    after,
    heapAfterOverBefore: after.heapMegabytes / before.heapMegabytes,
    residentAfterOverBefore: after.residentMegabytes / before.residentMegabytes,
    requestsAMinute: requests / minutes,
  };
}

function words({ heapMegabytes, residentMegabytes }: Held): string {
  return `${heapMegabytes.toFixed(1)} MB of objects, ${residentMegabytes.toFixed(0)} MB resident`;
}
