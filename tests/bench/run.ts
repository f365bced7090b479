/** One run of the bench: N services from nothing to Running, at rest, and across a restart. */

import { fileURLToPath } from "node:url";
import { reconcilingBegins } from "../../lib/operator/operator.ts";
import type { Progress } from "./progress.ts";
import type { ControlPlane } from "../control_plane/control_plane.ts";
import type { OperatorProcess } from "../operator_process.ts";
import type { Transport } from "../../lib/kube/transport.ts";
import { byVerbAndKind, questionsBy, writesBy, writesOfOthers } from "./audit.ts";
import { create, inParallel, patch } from "./bare_client.ts";
import type { Floor, FloorTask } from "./floor_client.ts";
import { mixedService } from "./mix.ts";
import { cacheOf, catalogue, floorNamespaces, modelName, namespaces, service } from "./scenario.ts";
import { startOf, type Usage, usageOf } from "./process_usage.ts";
import { operatorQuiet, quiet, restWrites } from "./rest.ts";

export interface Figures {
  readonly services: number;
  readonly secondsUntilAllInferenceServices: number;
  readonly secondsUntilAllRunning: number;
  /** Of the same writes of everybody, sent blindly. */
  readonly floorSeconds: number;
  readonly runningOverFloor: number;
  readonly writesPerService: number;
  /** Requests of the operator that are no writes. */
  readonly questionsPerService: number;
  readonly writes: Record<string, number>;
  readonly restSeconds: number;
  readonly writesAtRest: number;
  readonly writesAtRestWithFailed: number;
  readonly restartWrites: number;
  readonly secondsUntilQuietAfterRestart: number;
  /** From the start of the process; undefined where its log does not say it. */
  readonly coldStartSeconds: { readonly empty?: number; readonly full?: number };
  readonly cpuSeconds: number;
  readonly cpuMillisecondsPerService: number;
  /** Of a bare client that sends the operator's writes. */
  readonly bareCpuSeconds: number;
  readonly cpuOverBare: number;
  /** Of the API server until all ran, and for the floor. */
  readonly apiServerCpuSeconds: number;
  readonly apiServerFloorCpuSeconds: number;
  readonly apiServerCpuOverFloor: number;
  /** Of everybody until all ran: operator, API server, etcd, and the bench with what it plays. */
  readonly everybodyCpuSeconds: number;
  readonly residentIdleMegabytes: number;
  readonly residentMegabytes: number;
  readonly residentPeakMegabytes: number;
}

export interface RunOptions {
  readonly count: number;
  readonly restSeconds: number;
  /** How many services of a missing model stand beside the good ones at the second rest. */
  readonly failed: number;
  readonly log: (line: string) => void;
  /** Services of all shapes instead of services by name. */
  readonly mix?: boolean;
  /** Ends what plays the neighbours: the floor has their writes. */
  readonly stopPlaying: () => void;
}

/** Puts the catalogue and the caches in place. */
export async function prepare(transport: Transport): Promise<void> {
  for (const name of [...namespaces, ...floorNamespaces]) {
    await create(transport, "/api/v1/namespaces", {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name },
    });
    // There is no controller manager here to make it, and without it no pod is admitted.
    const account = {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name: "default", namespace: name },
    };
    await create(transport, `/api/v1/namespaces/${name}/serviceaccounts`, account);
  }
  for (const { path, object, status } of [...catalogue, ...namespaces.map(cacheOf)]) {
    await create(transport, path, object);
    const { name } = object.metadata as { name: string };
    if (status !== undefined) await patch(transport, `${path}/${name}/status`, { status });
  }
}

/**
 * So long without a write, in seconds, and no status waits any more: those that only say "on its way" wait for one another,
 * ten seconds where few objects have one, two minutes at most where many have.
 */
const untilNoneWaits = { plain: 12, mix: 121 };

export async function run(
  plane: ControlPlane,
  transport: Transport,
  operator: OperatorProcess,
  progress: Progress,
  { count, restSeconds, failed, log, mix = false, stopPlaying }: RunOptions,
): Promise<Figures> {
  const { user } = operator;
  await operatorQuiet(operator, Date.now());
  // At the first start the API server still makes itself ready for kinds that it got a moment ago.
  await operator.restart();
  await operatorQuiet(operator, Date.now());
  const empty = await coldStart(operator);
  const idle = await usageOf(operator.pid);
  const apiServerIdle = await usageOf(plane.apiServer.pid!);
  const everybodyIdle = await cpuByProgram(plane, operator.pid);
  log(`idle: ${idle.residentMegabytes.toFixed(0)} MB`);

  log(`creating ${count} services`);
  const began = Date.now();
  const created = inParallel(
    Array.from({ length: count }, (_, n) => mix ? mixedService(n) : service(n)),
    ({ path, object }) => create(transport, path, object),
  );
  const inferenceServices = progress.inferenceServices(count);
  await created;
  log(`all created after ${seconds(Date.now() - began)} s`);
  const allExist = await inferenceServices;
  log(`all InferenceServices after ${seconds(allExist - began)} s`);
  const allRun = await progress.services(count, "Running");
  const apiServerCpuSeconds = (await usageOf(plane.apiServer.pid!)).cpuSeconds - apiServerIdle.cpuSeconds;
  const spent = [...await cpuByProgram(plane, operator.pid)].map(([name, cpuSeconds]) =>
    [name, cpuSeconds - (everybodyIdle.get(name) ?? 0)] as const
  );
  const everybodyCpuSeconds = spent.reduce((sum, [, cpuSeconds]) => sum + cpuSeconds, 0);
  log(`all Running after ${seconds(allRun - began)} s`);
  log(`CPU meanwhile: ${spent.map(([name, cpuSeconds]) => `${name} ${cpuSeconds.toFixed(1)} s`).join(", ")}`);
  await quiet(plane, user, 3);
  const after = await usageOf(operator.pid);
  await quiet(plane, user, mix ? untilNoneWaits.mix : untilNoneWaits.plain);
  const events = await plane.auditEvents();
  const writes = writesBy(user, events, began);
  const measured = byVerbAndKind(writes);
  const others = byVerbAndKind(writesOfOthers(user, namespaces, events, began, Date.now()));
  const questions = questionsBy(user, events, began, Date.now()).length;

  log(`${restSeconds} s at rest`);
  const writesAtRest = await restWrites(plane, user, restSeconds);

  log(`${failed} services of a model that is not there`);
  const missing = Array.from({ length: failed }, (_, n) => service(n, `missing-${modelName}`, "failing"));
  await inParallel(missing, ({ path, object }) => create(transport, path, object));
  await progress.services(failed, "Failed");
  await quiet(plane, user, 3);
  log(`${restSeconds} s at rest with them`);
  const writesAtRestWithFailed = await restWrites(plane, user, restSeconds);

  log("restarting the operator");
  const restarted = Date.now();
  await operator.restart();
  const quietAfter = await operatorQuiet(operator, restarted);
  await new Promise((resolve) => setTimeout(resolve, 5_000));
  const restartWrites = writesBy(user, await plane.auditEvents(), restarted).length;

  const full = await coldStart(operator);
  log("the same writes, sent blindly");
  await operator.stop();
  stopPlaying();
  const apiServerBefore = await usageOf(plane.apiServer.pid!);
  const floor = await sendFloor({
    kubeconfig: plane.adminKubeconfig,
    services: count,
    mix,
    operator: measured,
    others,
  });
  const apiServerFloorCpuSeconds = (await usageOf(plane.apiServer.pid!)).cpuSeconds -
    apiServerBefore.cpuSeconds;
  log(`floor: ${floor.seconds.toFixed(1)} s`);
  return figures({
    count,
    began,
    allExist,
    allRun,
    floor,
    questions,
    coldStartSeconds: { empty, full },
    writes: measured,
    total: writes.length,
    restSeconds,
    writesAtRest,
    writesAtRestWithFailed,
    restartWrites,
    quietAfter,
    idle,
    after,
    apiServerCpuSeconds,
    apiServerFloorCpuSeconds,
    everybodyCpuSeconds,
  });
}

/** CPU seconds so far of each program that takes part: the bench is the one that plays pods. */
async function cpuByProgram(plane: ControlPlane, operator: number): Promise<Map<string, number>> {
  const names = new Map([[operator, "operator"], [Deno.pid, "bench"]]);
  const spent = new Map<string, number>();
  for (const pid of new Set([...plane.pids, ...names.keys()])) {
    const name = names.get(pid) ?? (await Deno.readTextFile(`/proc/${pid}/comm`)).trim();
    spent.set(name, (spent.get(name) ?? 0) + (await usageOf(pid)).cpuSeconds);
  }
  return spent;
}

/** Seconds from the start of the process until it reconciled, by the last such line of its log. */
async function coldStart(operator: OperatorProcess): Promise<number | undefined> {
  const lines = (await operator.log()).split("\n").filter((line) => line.includes(reconcilingBegins));
  const moment = /"ts":"([^"]+)"/.exec(lines.at(-1) ?? "")?.[1];
  return moment === undefined ? undefined : (Date.parse(moment) - await startOf(operator.pid)) / 1000;
}

/** Has the floor sent by a process of its own. */
async function sendFloor(task: FloorTask): Promise<Floor> {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--frozen", floorClient, JSON.stringify(task)],
    stderr: "inherit",
  }).output();
  if (!success) throw new Error("the floor could not be sent");
  return JSON.parse(new TextDecoder().decode(stdout));
}

const floorClient = fileURLToPath(new URL("floor_client.ts", import.meta.url));

interface Measured {
  count: number;
  began: number;
  allExist: number;
  allRun: number;
  floor: Floor;
  questions: number;
  coldStartSeconds: Figures["coldStartSeconds"];
  writes: Record<string, number>;
  total: number;
  restSeconds: number;
  writesAtRest: number;
  writesAtRestWithFailed: number;
  restartWrites: number;
  quietAfter: number;
  idle: Usage;
  after: Usage;
  apiServerCpuSeconds: number;
  apiServerFloorCpuSeconds: number;
  everybodyCpuSeconds: number;
}

function figures(m: Measured): Figures {
  const running = (m.allRun - m.began) / 1000;
  const cpuSeconds = m.after.cpuSeconds - m.idle.cpuSeconds;
  return {
    services: m.count,
    secondsUntilAllInferenceServices: (m.allExist - m.began) / 1000,
    secondsUntilAllRunning: running,
    floorSeconds: m.floor.seconds,
    runningOverFloor: running / m.floor.seconds,
    writesPerService: m.total / m.count,
    questionsPerService: m.questions / m.count,
    writes: m.writes,
    restSeconds: m.restSeconds,
    writesAtRest: m.writesAtRest,
    writesAtRestWithFailed: m.writesAtRestWithFailed,
    restartWrites: m.restartWrites,
    secondsUntilQuietAfterRestart: m.quietAfter / 1000,
    cpuSeconds,
    cpuMillisecondsPerService: (cpuSeconds / m.count) * 1000,
    coldStartSeconds: m.coldStartSeconds,
    bareCpuSeconds: m.floor.cpuSeconds,
    cpuOverBare: cpuSeconds / m.floor.cpuSeconds,
    apiServerCpuSeconds: m.apiServerCpuSeconds,
    apiServerFloorCpuSeconds: m.apiServerFloorCpuSeconds,
    everybodyCpuSeconds: m.everybodyCpuSeconds,
    apiServerCpuOverFloor: m.apiServerCpuSeconds / m.apiServerFloorCpuSeconds,
    residentIdleMegabytes: m.idle.residentMegabytes,
    residentMegabytes: m.after.residentMegabytes,
    residentPeakMegabytes: m.after.peakMegabytes,
  };
}

const seconds = (milliseconds: number) => (milliseconds / 1000).toFixed(1);
