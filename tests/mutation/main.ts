/**
 * How many small faults in the rules of selection its tests find: each is put into a copy by itself, and the tests run. The
 * scoring rules and the filters are judged by the catalogue tests (`lib/selection/cases`) alone; what reads candidates and
 * words the records, by the unit tests beside it as well. `main.ts [WORD]`: only of files with the word in their name.
 */

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Mutant, mutantsOf } from "./mutants.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
/** A file, and its unit tests that count. */
interface Rules {
  readonly file: string;
  readonly units: readonly string[];
}

const rules: readonly Rules[] = [
  { file: "lib/selection/score.ts", units: [] },
  { file: "lib/selection/stages.ts", units: [] },
  {
    file: "lib/selection/select.ts",
    units: ["lib/selection/select_test.ts", "lib/selection/describe_test.ts"],
  },
  {
    file: "lib/selection/candidate.ts",
    units: ["lib/selection/candidate_test.ts", "lib/selection/select_test.ts"],
  },
].filter(({ file }) => file.includes(Deno.args[0] ?? ""));
/** Issue 16. */
const leastShare = 0.95;
/** Milliseconds: a change may make a loop endless. */
const patience = 60_000;

/** A checkout that may be changed. */
async function copy(): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "aim-mutants-" });
  for (const part of ["lib", "controllers", "tests/mutation", "deno.json", "deno.lock"]) {
    await new Deno.Command("cp", { args: ["-r", "--parents", part, folder], cwd: root }).output();
  }
  return folder;
}

/** Whether the catalogue tests pass in a copy, and these. */
async function passes(folder: string, units: readonly string[]): Promise<boolean> {
  const how = ["-A", "--no-check", "--frozen"];
  return await succeeds(folder, ["run", ...how, "tests/mutation/trial.ts"]) &&
    (units.length === 0 || await succeeds(folder, ["test", ...how, ...units]));
}

async function succeeds(folder: string, args: readonly string[]): Promise<boolean> {
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: folder,
    stdout: "null",
    stderr: "null",
    signal: AbortSignal.timeout(patience),
  }).output();
  return success;
}

async function survives(folder: string, { file, units }: Rules, mutant: Mutant): Promise<boolean> {
  const text = await Deno.readTextFile(join(root, file));
  await Deno.writeTextFile(
    join(folder, file),
    text.slice(0, mutant.start) + mutant.replacement + text.slice(mutant.end),
  );
  const passed = await passes(folder, units);
  await Deno.writeTextFile(join(folder, file), text);
  return passed;
}

const waiting = (await Promise.all(rules.map(async (each) => {
  const text = await Deno.readTextFile(join(root, each.file));
  return mutantsOf(text).map((mutant) => ({ each, text, mutant }));
}))).flat();
const total = waiting.length;
let survivors = 0;
await Promise.all([1, 2].map(async () => {
  const folder = await copy();
  try {
    if (!await passes(folder, rules.flatMap(({ units }) => units))) {
      throw new Error("the tests fail without a change: mend them first");
    }
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { each, text, mutant } = next;
      if (!await survives(folder, each, mutant)) continue;
      survivors++;
      const line = text.slice(0, mutant.start).split("\n").length;
      const was = text.slice(mutant.start, mutant.end).replace(/\s+/g, " ").slice(0, 80);
      console.log(
        `not found: ${each.file}:${line}: ${was} -> ${mutant.replacement.replace(/\s+/g, " ").slice(0, 80)}`,
      );
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}));
const share = 1 - survivors / total;
console.log(
  `${total - survivors} of ${total} changes found: ${(100 * share).toFixed(1)} % (wanted ${
    100 * leastShare
  } %)`,
);
Deno.exit(share >= leastShare ? 0 : 1);
