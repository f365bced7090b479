/** One size of `deno task bench --embedded`: prints its figures as JSON. */

import { shelfOf } from "../../lib/apiserver/kinds/kind.ts";
import { cpuUsage } from "node:process";
import { type AnyObject, WholeCluster } from "../simulation/whole/whole_cluster.ts";
import type { EmbeddedFigures } from "./embedded.ts";
import { furnish } from "./embedded_catalogue.ts";
import { service } from "./scenario.ts";

/** So many are created at once, and then others have a turn. */
const batch = 50;
/** Longer, in driven seconds, and something is wrong. */
const longest = 600;

const [count] = Deno.args.map(Number);
console.log(JSON.stringify(await measure(count)));

async function measure(count: number): Promise<EmbeddedFigures> {
  using cluster = new WholeCluster(1);
  furnish(cluster, count);
  const operator = cluster.start();
  await cluster.time.pass(5_000);
  const before = { cpu: cpuSeconds(), at: cluster.time.clock.now(), writes: cluster.written.length };
  for (let n = 0; n < count; n++) {
    const { path, object } = service(n);
    cluster.ask("POST", path, object);
    if (n % batch === batch - 1) await cluster.time.pass(0);
  }
  while (running(cluster) < count) {
    if (cluster.time.clock.now() - before.at > longest * 1_000) throw new Error("not all are Running");
    await cluster.time.pass(1_000);
  }
  const faults = [...operator.faults, ...cluster.faults];
  if (faults.length > 0) throw new Error(faults.join("\n"));
  const after = { cpu: cpuSeconds(), at: cluster.time.clock.now() };
  const objects = countObjects(cluster);
  return {
    services: count,
    cpuSeconds: after.cpu - before.cpu,
    seconds: (after.at - before.at) / 1_000,
    writesPerService: (cluster.written.length - before.writes) / count,
    objects,
    bytesPerObject: await heldByStore(cluster) / objects,
  };
}

function running({ server }: WholeCluster): number {
  const services = server.cluster.store.list("aimservices.aim.eai.amd.com") as AnyObject[];
  return services.filter(({ status }) => status?.status === "Running").length;
}

function countObjects({ server: { cluster } }: WholeCluster): number {
  return cluster.kinds.all().reduce((sum, kind) => sum + cluster.list(kind).length, 0);
}

/** What becomes free when the store is emptied, in bytes of the heap. The operator goes before, with what it holds. */
async function heldByStore(cluster: WholeCluster): Promise<number> {
  for (const operator of cluster.operators.splice(0)) operator.kill();
  await cluster.time.pass(60_000);
  const { store, kinds } = cluster.server.cluster;
  const full = heldBytes();
  for (const kind of kinds.all()) {
    for (const object of cluster.server.cluster.list(kind)) store.remove(shelfOf(kind), object);
  }
  store.forget();
  await cluster.time.pass(0);
  return full - heldBytes();
}

function heldBytes(): number {
  (globalThis as unknown as { gc(): void }).gc();
  return Deno.memoryUsage().heapUsed;
}

function cpuSeconds(): number {
  const { user, system } = cpuUsage();
  return (user + system) / 1e6;
}
