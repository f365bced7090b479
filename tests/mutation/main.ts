/**
 * How many small faults in the rules of selection its catalogue tests find (`lib/selection/cases`): each is put into a copy by
 * itself, and the tests run. `main.ts [WORD]`: only of files with the word in their name.
 */

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Mutant, mutantsOf } from "./mutants.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
/** The scoring rules, and the filters before them: what reads candidates and words records has unit tests beside it. */
const rules = ["stages", "score"].map((name) => `lib/selection/${name}.ts`)
  .filter((file) => file.includes(Deno.args[0] ?? ""));
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

/** Whether the tests pass in a copy. */
async function passes(folder: string): Promise<boolean> {
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--frozen", "tests/mutation/trial.ts"],
    cwd: folder,
    stdout: "null",
    stderr: "null",
    signal: AbortSignal.timeout(patience),
  }).output();
  return success;
}

async function survives(folder: string, file: string, mutant: Mutant): Promise<boolean> {
  const text = await Deno.readTextFile(join(root, file));
  await Deno.writeTextFile(
    join(folder, file),
    text.slice(0, mutant.start) + mutant.replacement + text.slice(mutant.end),
  );
  const passed = await passes(folder);
  await Deno.writeTextFile(join(folder, file), text);
  return passed;
}

const waiting = (await Promise.all(rules.map(async (file) => {
  const text = await Deno.readTextFile(join(root, file));
  return mutantsOf(text).map((mutant) => ({ file, text, mutant }));
}))).flat();
const total = waiting.length;
let survivors = 0;
await Promise.all([1, 2].map(async () => {
  const folder = await copy();
  try {
    if (!await passes(folder)) throw new Error("the catalogue tests fail without a change: mend them first");
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { file, text, mutant } = next;
      if (!await survives(folder, file, mutant)) continue;
      survivors++;
      const line = text.slice(0, mutant.start).split("\n").length;
      const was = text.slice(mutant.start, mutant.end).replace(/\s+/g, " ").slice(0, 80);
      console.log(
        `not found: ${file}:${line}: ${was} -> ${mutant.replacement.replace(/\s+/g, " ").slice(0, 80)}`,
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
