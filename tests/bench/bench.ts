/**
 * The bench (`deno task bench`): how fast, how quiet and how small the operator is, beside the floor of the same writes
 * sent blindly, in one run on one control plane.
 *
 * `--check` fails if a count, a ratio or the memory is over its limit; `--plot` draws runs of several sizes into
 * docs/bench.svg; `deno task compare -- COMMAND…` measures another operator of the same API as well. The command gets the
 * operator's flags.
 */

import { parseArgs } from "node:util";
import { fileURLToPath } from "node:url";
import { startControlPlane } from "../control_plane/control_plane.ts";
import { bundledOperator, type OperatorProcessOptions, startOperator } from "../operator_process.ts";
import { autoscalerMaker } from "./autoscalers.ts";
import { bareClient } from "./bare_client.ts";
import { benchEmbedded, churnEmbedded } from "./embedded.ts";
import { overLimits } from "./limits.ts";
import { playDownloads, playGateway, prepareMix } from "./mix.ts";
import { plot } from "./plot.ts";
import { benchNode, playKserve } from "./played_kserve.ts";
import { Progress } from "./progress.ts";
import { namespaces } from "./scenario.ts";
import { type Figures, prepare, run } from "./run.ts";
import { type Column, table } from "./table.ts";

const { values, positionals: other } = parseArgs({
  allowPositionals: true,
  options: {
    n: { type: "string" },
    small: { type: "string", default: "100" },
    rest: { type: "string", default: "60" },
    failed: { type: "string", default: "100" },
    mix: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    churn: { type: "string" },
    seed: { type: "string", default: "1" },
    snapshots: { type: "string" },
    check: { type: "boolean", default: false },
    plot: { type: "boolean", default: false },
    operations: { type: "string" },
    embedded: { type: "boolean", default: false },
    sizes: { type: "string", default: "100,300,1000,3000,5000" },
  },
});

const log = (line: string) => console.error(`  ${line}`);

/** How an operator is run. */
type Start = Pick<OperatorProcessOptions, "entry" | "flags" | "command">;

/** A fresh control plane for each size: the figures of one must not lean on the leftovers of the other. */
async function measure(count: number, start: Start): Promise<Figures> {
  log(`control plane for ${count} services`);
  await using plane = await startControlPlane({
    kserve: {},
    gatewayApi: true,
    auditLog: true,
  });
  await plane.request("POST", "/api/v1/nodes", benchNode());
  const manifests = fileURLToPath(new URL("../../manifests", import.meta.url));
  const applied = await plane.kubectl(["apply", "-k", manifests]);
  if (applied.code !== 0) throw new Error(applied.stderr);
  const client = await bareClient(plane.adminKubeconfig);
  await prepare(client);
  if (values.mix) await prepareMix(client);
  const operator = await startOperator(plane, { ...start, args: ["--zap-time-encoding=rfc3339nano"] });
  using watching = new Stopping();
  const makers = [playKserve(client, namespaces)];
  if (values.mix) {
    playDownloads(client, watching.signal);
    playGateway(client, watching.signal);
    makers.push(autoscalerMaker(client));
  }
  const progress = new Progress(client, watching.signal, (made) => makers.forEach((make) => make(made)));
  return await run(plane, client, operator, progress, {
    count,
    restSeconds: Number(values.rest),
    failed: Number(values.failed),
    log,
    mix: values.mix,
    stopPlaying: () => watching.abort(),
  });
}

/** Aborts when its scope ends. */
class Stopping extends AbortController implements Disposable {
  [Symbol.dispose](): void {
    this.abort();
  }
}

if (values.embedded && values.operations !== undefined) {
  Deno.exit(await churnEmbedded(Number(values.operations), Number(values.seed)));
}
if (values.embedded) {
  await benchEmbedded(values.n === undefined ? [100, 1_000, 5_000] : [Number(values.n)], values.json);
  Deno.exit(0);
}

if (values.churn !== undefined) {
  const { churn } = await import("./churn.ts");
  const figures = await churn({
    minutes: Number(values.churn),
    seed: Number(values.seed),
    restSeconds: Number(values.rest),
    snapshots: values.snapshots,
    log,
  });
  console.log(JSON.stringify(figures, undefined, 2));
  Deno.exit(0);
}

async function column(name: string, start: Start): Promise<Column> {
  const small = Number(values.small) > 0 ? await measure(Number(values.small), start) : undefined;
  return { name, small, large: await measure(Number(values.n ?? 1000), start) };
}

/** As in the image. */
const ours: Start = await bundledOperator();

if (values.plot) {
  const runs: Figures[] = [];
  for (const size of values.sizes.split(",")) runs.push(await measure(Number(size), ours));
  const file = fileURLToPath(new URL("../../docs/bench.svg", import.meta.url));
  await Deno.writeTextFile(file, plot(runs));
  if (values.json) console.log(JSON.stringify(runs, undefined, 2));
  log(`drawn: ${file}`);
  Deno.exit(0);
}

const columns = [await column("this operator", ours)];
if (other.length > 0) {
  const [program, ...args] = other;
  columns.push(await column(program, { command: [program, ...args] }));
}
if (values.json) console.log(JSON.stringify(columns, undefined, 2));
else console.log(table(columns, values));
const over = values.check ? overLimits(columns[0].large) : [];
for (const line of over) console.error(`over the limit: ${line}`);
Deno.exit(over.length > 0 ? 1 : 0);
