/** One run of the bench: N services from nothing to Running, at rest, and across a restart. */

import type { Progress } from "./progress.ts";
import type { ControlPlane } from "../control_plane/control_plane.ts";
import type { OperatorProcess } from "../operator_process.ts";
import type { Transport } from "../../lib/kube/transport.ts";
import { byVerbAndKind, writesBy } from "./audit.ts";
import { create, inParallel, patch } from "./bare_client.ts";
import { type Bodies, floor } from "./floor.ts";
import { mixedService } from "./mix.ts";
import { mixedFloor } from "./mixed_floor.ts";
import { cacheOf, catalogue, floorNamespaces, modelName, namespaces, service } from "./scenario.ts";
import { type Usage, usageOf } from "./process_usage.ts";
import { operatorQuiet, quiet, restWrites } from "./rest.ts";

export interface Figures {
  readonly services: number;
  readonly secondsUntilAllInferenceServices: number;
  readonly secondsUntilAllRunning: number;
  readonly floorSeconds: number;
  readonly runningOverFloor: number;
  readonly writesPerService: number;
  readonly writes: Record<string, number>;
  readonly restSeconds: number;
  readonly writesAtRest: number;
  readonly writesAtRestWithFailed: number;
  readonly restartWrites: number;
  readonly secondsUntilQuietAfterRestart: number;
  readonly cpuSeconds: number;
  readonly cpuMillisecondsPerService: number;
  /** Of the API server until all ran: what the two cores were busy with besides. */
  readonly apiServerCpuSeconds: number;
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

export async function run(
  plane: ControlPlane,
  transport: Transport,
  operator: OperatorProcess,
  progress: Progress,
  { count, restSeconds, failed, log, mix = false }: RunOptions,
): Promise<Figures> {
  const { user } = operator;
  const idle = await usageOf(operator.pid);
  const apiServerIdle = await usageOf(plane.apiServer.pid!);
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
  log(`all Running after ${seconds(allRun - began)} s`);
  await quiet(plane, user, 3);
  const after = await usageOf(operator.pid);
  const events = await plane.auditEvents();
  const writes = writesBy(user, events, began);
  const measured = byVerbAndKind(writes);

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

  log("the same writes, sent blindly");
  await operator.stop();
  const floorSeconds = mix
    ? await mixedFloor(transport, count, measured)
    : await floor(transport, count, await bodiesOf(transport, measured, count));
  log(`floor: ${floorSeconds.toFixed(1)} s`);
  return figures({
    count,
    began,
    allExist,
    allRun,
    floorSeconds,
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
  });
}

interface Measured {
  count: number;
  began: number;
  allExist: number;
  allRun: number;
  floorSeconds: number;
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
}

function figures(m: Measured): Figures {
  const running = (m.allRun - m.began) / 1000;
  const cpuSeconds = m.after.cpuSeconds - m.idle.cpuSeconds;
  return {
    services: m.count,
    secondsUntilAllInferenceServices: (m.allExist - m.began) / 1000,
    secondsUntilAllRunning: running,
    floorSeconds: m.floorSeconds,
    runningOverFloor: running / m.floorSeconds,
    writesPerService: m.total / m.count,
    writes: m.writes,
    restSeconds: m.restSeconds,
    writesAtRest: m.writesAtRest,
    writesAtRestWithFailed: m.writesAtRestWithFailed,
    restartWrites: m.restartWrites,
    secondsUntilQuietAfterRestart: m.quietAfter / 1000,
    cpuSeconds,
    cpuMillisecondsPerService: (cpuSeconds / m.count) * 1000,
    apiServerCpuSeconds: m.apiServerCpuSeconds,
    residentIdleMegabytes: m.idle.residentMegabytes,
    residentMegabytes: m.after.residentMegabytes,
    residentPeakMegabytes: m.after.peakMegabytes,
  };
}

const seconds = (milliseconds: number) => (milliseconds / 1000).toFixed(1);

/** The bodies of one measured service, for the floor. */
async function bodiesOf(
  transport: Transport,
  writes: Record<string, number>,
  count: number,
): Promise<Bodies> {
  const namespace = namespaces[0];
  const get = (path: string) => transport.performRequest({ method: "GET", path, expectJson: true });
  const { status } = await get(
    `/apis/aim.eai.amd.com/v1alpha1/namespaces/${namespace}/aimservices/svc-0`,
  ) as {
    status: Record<string, unknown>;
  };
  const list = await get(`/apis/serving.kserve.io/v1beta1/namespaces/${namespace}/inferenceservices`) as {
    items: { metadata: Record<string, unknown>; spec: unknown }[];
  };
  const { labels, annotations } = list.items[0].metadata;
  return {
    status,
    inferenceService: {
      apiVersion: "serving.kserve.io/v1beta1",
      kind: "InferenceService",
      metadata: { labels, annotations },
      spec: list.items[0].spec,
    },
    events: Math.round((writes["create events"] ?? 0) / count),
  };
}
