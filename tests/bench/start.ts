/**
 * `deno task bench:start`: what it costs to start the programs as they are compiled: `--version`, `--help`, and of the
 * operator the time until it reconciles on an empty cluster in memory, and its memory at rest after that.
 *
 * Deno runs the files of the compiled programs here, with the permissions and V8 flags that are in them: where no runtime
 * can be fetched, this is all but the runtime. Beside it stands the same bundle with the code that V8 keeps of a first run,
 * which only a Deno in the image could use.
 *
 * It ends with 1 where `--version` or `--help` takes 300 ms or longer.
 *
 *   --runs=N   of each; default 5
 */

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { reconcilingBegins } from "../../lib/operator/operator.ts";
import { programs } from "../../release/programs.ts";
import { startEmbeddedCluster } from "../embedded/embedded_cluster.ts";
import { installManifests } from "../embedded/installation.ts";
import { startOperator } from "../operator_process.ts";
import { readCompiled, runFlags, unpack } from "../process/compiled.ts";
import { startOf, usageOf } from "./process_usage.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const { values } = parseArgs({ options: { runs: { type: "string", default: "5" } } });
const runs = Number(values.runs);
/** So long the operator has nothing to do before its memory is read, in milliseconds. */
const rest = 10_000;
/** So long `--version` and `--help` may take, in milliseconds. */
const longest = 300;
const slow: string[] = [];

const folder = await Deno.makeTempDir({ prefix: "aim-start-" });
try {
  await deno(["task", "compile", `--outdir=${folder}`], { DENORT_BIN: Deno.execPath() });
  for (const { name } of programs) {
    const compiled = await readCompiled(join(folder, name));
    const main = await unpack(compiled, join(folder, `${name}-files`));
    const how = ["run", "--no-config", "--cached-only", ...runFlags(compiled.manifest)];
    for (const [kind, kept] of [["as compiled", ["--no-code-cache"]], ["with V8's code kept", []]] as const) {
      const command = [...how, ...kept, main];
      await deno([...command, "--version"]);
      for (const flag of ["--version", "--help"]) {
        const all = await runsOf(() => milliseconds([...command, flag]));
        console.log(`${name} ${flag}, ${kind}: ${spread(all, "ms")}`);
        const middle = all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)];
        if (middle >= longest) slow.push(`${name} ${flag}, ${kind}, takes ${longest} ms or more`);
      }
      if (name === "aim-operator") await starts(kind, kept, main);
    }
  }
} finally {
  await Deno.remove(folder, { recursive: true });
}
for (const line of slow) console.error(line);
Deno.exit(slow.length > 0 ? 1 : 0);

async function runsOf(measure: () => Promise<number>): Promise<number[]> {
  const all: number[] = [];
  for (let i = 0; i < runs; i++) all.push(await measure());
  return all;
}

/** What one figure was in all runs: the median, least and most. */
function spread(all: number[], unit: string): string {
  const [least, middle, most] = [0, Math.floor(all.length / 2), all.length - 1]
    .map((i) => all.toSorted((a, b) => a - b)[i].toFixed(unit === "s" ? 2 : 0));
  return `${middle} ${unit} (${least} to ${most})`;
}

async function milliseconds(args: readonly string[]): Promise<number> {
  const began = performance.now();
  await deno(args);
  return performance.now() - began;
}

/** Starts the operator again and again on one cluster. */
async function starts(kind: string, kept: readonly string[], entry: string): Promise<void> {
  const cold: number[] = [], cpu: number[] = [], resident: number[] = [];
  await using cluster = await startEmbeddedCluster({ alone: true });
  await installManifests(cluster);
  const operator = await startOperator(cluster, {
    entry,
    args: ["--leader-elect", "--zap-time-encoding=rfc3339nano"],
    flags: kept,
  });
  for (let run = 0; run < runs; run++) {
    if (run > 0) await operator.restart();
    const began = await startOf(operator.pid);
    await new Promise((resolve) => setTimeout(resolve, rest));
    const usage = await usageOf(operator.pid);
    const line = (await operator.log()).split("\n").findLast((each) => each.includes(reconcilingBegins))!;
    cold.push((Date.parse(JSON.parse(line).ts) - began) / 1000);
    cpu.push(usage.cpuSeconds);
    resident.push(usage.residentMegabytes);
  }
  await operator.stop();
  console.log(`aim-operator reconciles, ${kind}: after ${spread(cold, "s")}`);
  console.log(`aim-operator at rest, ${kind}: ${spread(resident, "MB")}, ${spread(cpu, "s")} of CPU`);
}

async function deno(args: readonly string[], env: Record<string, string> = {}): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), { args: [...args], cwd: root, env })
    .output();
  if (!success) throw new Error(`deno ${args.slice(0, 2).join(" ")}: ${new TextDecoder().decode(stderr)}`);
}
