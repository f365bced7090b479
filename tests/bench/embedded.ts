/**
 * `deno task bench --embedded`: what operator and cluster cost together where nothing else is in the way, services by name
 * until Running on the cluster in memory, in one thread and in driven time.
 */

import { fileURLToPath } from "node:url";

/** What came of one size. */
export interface EmbeddedFigures {
  readonly services: number;
  /** Of operator and cluster together, of one core. */
  readonly cpuSeconds: number;
  /** Driven time until all were Running. */
  readonly seconds: number;
  /** Of the operator, leases apart. */
  readonly writesPerService: number;
  /** Everything that the store holds at the end. */
  readonly objects: number;
  /** Of the heap, history included. */
  readonly bytesPerObject: number;
}

/** Runs each size in a process of its own, so that none has the garbage of another, and prints a table. */
export async function benchEmbedded(sizes: readonly number[], json: boolean): Promise<void> {
  const all: EmbeddedFigures[] = [];
  for (const size of sizes) {
    const { code, stdout } = await run("embedded_run.ts", [size], "piped");
    if (code !== 0) throw new Error(`the run of ${size} services failed`);
    all.push(JSON.parse(new TextDecoder().decode(stdout)));
  }
  console.log(json ? JSON.stringify(all, undefined, 2) : table(all));
}

/** `--operations=N`; returns the exit code: 0 if nothing is held that was not held before. */
export async function churnEmbedded(operations: number, seed: number): Promise<number> {
  return (await run("embedded_churn.ts", [operations, seed], "inherit")).code;
}

function run(
  program: string,
  args: readonly number[],
  stdout: "piped" | "inherit",
): Promise<Deno.CommandOutput> {
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--allow-all",
      "--no-check",
      "--frozen",
      "--v8-flags=--expose-gc",
      fileURLToPath(new URL(program, import.meta.url)),
      ...args.map(String),
    ],
    stdout,
    stderr: "inherit",
  }).output();
}

function table(all: readonly EmbeddedFigures[]): string {
  const before = (i: number, of: (figures: EmbeddedFigures) => number) =>
    i === 0 ? "" : ` (${(of(all[i]) / of(all[i - 1])).toFixed(1)} ×)`;
  const rows: [what: string, of: (figures: EmbeddedFigures, i: number) => string][] = [
    ["services", ({ services }) => String(services)],
    [
      "CPU of operator and cluster",
      ({ cpuSeconds }, i) => `${cpuSeconds.toFixed(1)} s${before(i, (each) => each.cpuSeconds)}`,
    ],
    ["driven time until all Running", ({ seconds }) => `${seconds} s`],
    ["writes of the operator, a service", ({ writesPerService }) => writesPerService.toFixed(2)],
    ["objects in the store", ({ objects }) => String(objects)],
    ["store, an object", ({ bytesPerObject }) => `${(bytesPerObject / 1000).toFixed(1)} kB`],
  ];
  return rows.map(([what, of]) =>
    `${what.padEnd(36)}${all.map((each, i) => of(each, i).padStart(18)).join("")}`
  )
    .join("\n");
}
