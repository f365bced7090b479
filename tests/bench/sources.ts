/**
 * The bench of model sources (`deno task bench:sources`): what a first look at 3,000 repositories of 50 tags takes, what an
 * unchanged one asks of the registry, and whether services that are made meanwhile notice. The registry is an imitation in a
 * process of its own, InferenceServices are made Ready by the bench.
 */

import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Transport } from "../../lib/kube/transport.ts";
import { type ControlPlane, startControlPlane } from "../control_plane/control_plane.ts";
import { freePort } from "../control_plane/processes/ports.ts";
import { until } from "../control_plane/until.ts";
import { bundledOperator, type OperatorProcess, startOperator } from "../operator_process.ts";
import { type Imitation, startImitation } from "../registry/imitation.ts";
import { bareClient, create } from "./bare_client.ts";
import { benchNode, playKserve } from "./played_kserve.ts";
import { usageOf } from "./process_usage.ts";
import { observe, Progress } from "./progress.ts";
import { row } from "./row.ts";
import { prepare } from "./run.ts";
import { namespaces, service } from "./scenario.ts";

const { values } = parseArgs({
  options: {
    repositories: { type: "string", default: "3000" },
    tags: { type: "string", default: "50" },
    models: { type: "string", default: "500" },
    /** Services made in each run, one each `every` milliseconds. */
    services: { type: "string", default: "80" },
    every: { type: "string", default: "250" },
    rounds: { type: "string", default: "3" },
  },
});
const [repositories, tags, models] = [values.repositories, values.tags, values.models].map(Number);
const [servicesOfARun, every, rounds] = [values.services, values.every, values.rounds].map(Number);

const log = (line: string) => console.error(`  ${line}`);
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const aim = "/apis/aim.eai.amd.com/v1alpha1";
const aimServices = {
  group: "aim.eai.amd.com",
  version: "v1alpha1",
  kind: "AIMService",
  plural: "aimservices",
  namespaced: true,
};

interface Surroundings {
  readonly plane: ControlPlane;
  readonly client: Transport;
  readonly operator: OperatorProcess;
  readonly metricsPort: number;
  readonly registry: Imitation;
}

/** Keys of services by how long they waited in the queue: all of them, and those that waited longer than 100 ms. */
interface Queued {
  readonly all: number;
  readonly late: number;
  readonly seconds: number;
}

async function queued({ metricsPort }: Surroundings): Promise<Queued> {
  const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  const value = (name: string, more = "") => {
    const line = text.split("\n").find((each) =>
      each.startsWith(`workqueue_queue_duration_seconds_${name}{`) && each.includes('controller="service"') &&
      each.includes(more)
    );
    return Number(line?.split(" ").at(-1) ?? 0);
  };
  const all = value("count");
  return { all, late: all - value("bucket", 'le="0.1"'), seconds: value("sum") };
}

let made = 0;
const running = new Map<string, number>();

/** Makes services, one after the other; returns how long each took until Running, and what the queue says. */
async function trickle(surroundings: Surroundings): Promise<{ seconds: number; queue: Queued }> {
  const before = await queued(surroundings);
  const created = new Map<string, number>();
  for (let i = 0; i < servicesOfARun; i++) {
    const { path, object } = service(made++);
    created.set((object.metadata as { name: string }).name, performance.now());
    await create(surroundings.client, path, object);
    await pause(every);
  }
  const names = [...created.keys()];
  await until("all services Running", () => names.every((name) => running.has(name)), { seconds: 120 });
  const sum = names.reduce((total, name) => total + running.get(name)! - created.get(name)!, 0);
  const after = await queued(surroundings);
  const queue = {
    all: after.all - before.all,
    late: after.late - before.late,
    seconds: after.seconds - before.seconds,
  };
  return { seconds: sum / names.length / 1000, queue };
}

interface Sync {
  readonly seconds: number;
  readonly grownMegabytes: number;
}

/** Makes a source of all repositories, and waits until it is Ready and each of its models has been read. */
async function sync(
  { client, operator, registry }: Surroundings,
  name: string,
  interval: string,
): Promise<Sync> {
  const idle = await usageOf(operator.pid);
  let highest = idle.residentMegabytes;
  const began = performance.now();
  await create(client, `${aim}/aimclustermodelsources`, {
    apiVersion: "aim.eai.amd.com/v1alpha1",
    kind: "AIMClusterModelSource",
    metadata: { name },
    spec: {
      registry: registry.host,
      syncInterval: interval,
      maxModels: models,
      filters: [{ image: "org/*" }],
    },
  });
  let seconds: number | undefined;
  await until("the models of the source read", async () => {
    highest = Math.max(highest, (await usageOf(operator.pid)).residentMegabytes);
    if ((await statusOf(client, name)).status === "Ready") seconds ??= (performance.now() - began) / 1000;
    return seconds !== undefined && (await registry.told()).images >= models;
  }, { seconds: 300, everyMilliseconds: 100 });
  return { seconds: seconds!, grownMegabytes: highest - idle.residentMegabytes };
}

async function statusOf(
  client: Transport,
  name: string,
): Promise<{ status?: string; lastSyncTime?: string }> {
  const path = `${aim}/aimclustermodelsources/${name}`;
  const source = await client.performRequest({ method: "GET", path, expectJson: true });
  return (source as { status?: { status?: string; lastSyncTime?: string } }).status ?? {};
}

/** Nobody here collects garbage. */
async function remove({ plane, operator }: Surroundings, name: string): Promise<void> {
  await plane.kubectl(["delete", "aimclustermodelsource", name]);
  await plane.kubectl([
    "delete",
    "aimclustermodels",
    "-l",
    `aim.eai.amd.com/model-source=${name}`,
    "--wait=false",
  ]);
  let last = (await usageOf(operator.pid)).cpuSeconds;
  await until("the operator quiet", async () => {
    const now = (await usageOf(operator.pid)).cpuSeconds;
    const isQuiet = now - last < 0.05;
    last = now;
    return isQuiet;
  }, { seconds: 120, everyMilliseconds: 1_000 });
}

/** How many requests for lists the second look takes, and how many of them carried a body. */
async function unchangedLook(surroundings: Surroundings): Promise<{ requests: number; bodies: number }> {
  const { client, registry } = surroundings;
  await sync(surroundings, "again", "1m");
  const { lastSyncTime } = await statusOf(client, "again");
  await registry.set();
  await until("another look", async () => (await statusOf(client, "again")).lastSyncTime !== lastSyncTime, {
    seconds: 120,
    everyMilliseconds: 250,
  });
  const told = await registry.told();
  const requests = told.pages + told.tags;
  await remove(surroundings, "again");
  return { requests, bodies: requests - told.unchanged };
}

await using plane = await startControlPlane({
  kserve: {},
  gatewayApi: true,
});
await plane.request("POST", "/api/v1/nodes", benchNode());
const applied = await plane.kubectl([
  "apply",
  "-k",
  fileURLToPath(new URL("../../manifests", import.meta.url)),
]);
if (applied.code !== 0) throw new Error(applied.stderr);
const client = await bareClient(plane.adminKubeconfig);
await prepare(client);
await using registry = await startImitation(repositories, tags);
const metricsPort = freePort();
const operator = await startOperator(plane, {
  ...await bundledOperator(),
  args: [`--metrics-bind-address=127.0.0.1:${metricsPort}`, "--metrics-secure=false"],
});
const surroundings: Surroundings = { plane, client, operator, metricsPort, registry };
const watching = new AbortController();
new Progress(client, watching.signal, playKserve(client, namespaces));
observe(client, aimServices, ({ metadata: { name }, status }) => {
  if (status?.status === "Running" && !running.has(name)) running.set(name, performance.now());
}, watching.signal);

log("services alone, to begin with");
await trickle(surroundings);
const alone: Awaited<ReturnType<typeof trickle>>[] = [];
const beside: typeof alone = [];
const syncs: Sync[] = [];
for (let round = 1; round <= rounds; round++) {
  log(`round ${round} of ${rounds}: services alone, then beside a first look of a source`);
  alone.push(await trickle(surroundings));
  await registry.set();
  const [services, first] = await Promise.all([
    trickle(surroundings),
    sync(surroundings, `source-${round}`, "1h"),
  ]);
  beside.push(services);
  syncs.push(first);
  await remove(surroundings, `source-${round}`);
}
log("an unchanged look");
await registry.set();
const again = await unchangedLook(surroundings);
watching.abort();

const mean = (figures: readonly number[]) => figures.reduce((sum, each) => sum + each, 0) / figures.length;
const running1 = mean(alone.map(({ seconds }) => seconds));
const running2 = mean(beside.map(({ seconds }) => seconds));
const waited = (runs: typeof alone) => mean(runs.map(({ queue }) => 1000 * queue.seconds / queue.all));
const late = (runs: typeof alone) => runs.reduce((sum, { queue }) => sum + queue.late, 0);
const lists = Math.ceil(repositories / 1000) + repositories * Math.ceil(tags / 20);
row(
  `first look at ${repositories} × ${tags}, ${models} models made`,
  mean(syncs.map(({ seconds }) => seconds)),
  "s",
  30,
);
// The first one: what it has taken once serves the others.
row("memory grown by the first, its models among it", syncs[0].grownMegabytes, "MB", 60);
row("requests of an unchanged look, a page of its lists", again.requests / lists, "", 1);
row("pages of an unchanged look that were sent anew", again.bodies, "", 0);
row("a service's key in the queue, alone", waited(alone), "ms");
row("a service's key in the queue, beside", waited(beside), "ms");
row("keys of services that waited over 100 ms, alone", late(alone), "");
row("keys of services that waited over 100 ms, beside", late(beside), "", 0);
row("a service until Running, alone", running1, "s");
row("a service until Running, beside the source", running2, "s");
row("ratio", running2 / running1, "", 1.2);
await operator.stop();
