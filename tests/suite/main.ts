/**
 * `deno task test`: everything that must hold before a change lands, cheapest first, and one closing line
 * `N passed, N failed`. A check that is no test (format, lint, types, …) counts as one.
 *
 * With `--only=<word>` it runs the stages whose name contains the word.
 */

import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { allParts, buildParts } from "../control_plane/build.ts";
import "../control_plane/no_proxy.ts";
import { countJUnit } from "./junit.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

interface Stage {
  readonly name: string;
  /** Arguments for this Deno. */
  readonly args: readonly string[];
  /** Whether it is `deno test`, whose tests are counted one by one. */
  readonly tests?: boolean;
}

const testArgs = ["test", "--allow-all", "--no-check", "--frozen"];
/** Files that need no server: they may run side by side. */
const pure = [
  "lib",
  "controllers",
  ...["structure", "simulation", "corpus", "fuzz", "suite"].map((folder) => `tests/${folder}`),
];
/** All other folders with tests: those start a control plane, so one after the other, on two cores. */
const real = [...Deno.readDirSync(`${root}tests`)]
  .filter(({ name, isDirectory }) => isDirectory && !pure.includes(`tests/${name}`) && hasTests(name))
  .map(({ name }) => name)
  .sort();

function hasTests(folder: string): boolean {
  return [...Deno.readDirSync(`${root}tests/${folder}`)].some(({ name }) => name.endsWith("_test.ts"));
}

const stages: readonly Stage[] = [
  { name: "format", args: ["fmt", "--check", "--quiet"] },
  { name: "lint", args: ["lint", "--quiet"] },
  { name: "lockfile", args: ["install", "--frozen", "--entrypoint", "mod.ts"] },
  { name: "types", args: ["check", "--frozen", "--quiet", "mod.ts", "lib", "controllers", "tests"] },
  { name: "generated files", args: ["run", "--allow-read", "--no-check", "lib/api/generate.ts", "--check"] },
  { name: "unit and property tests", args: [...testArgs, "--parallel", ...pure], tests: true },
  ...real.map((folder) => ({
    name: `real servers: ${folder}`,
    args: [...testArgs, `tests/${folder}`],
    tests: true,
  })),
];

/** Runs one stage and returns how much of it passed and failed. */
async function run({ name, args, tests }: Stage): Promise<{ passed: number; failed: number }> {
  const began = performance.now();
  const report = await Deno.makeTempFile({ suffix: ".xml" });
  try {
    const { success } = await new Deno.Command(Deno.execPath(), {
      args: tests ? [...args, `--junit-path=${report}`] : [...args],
      cwd: root,
      stdin: "null",
    }).spawn().status;
    const counted = tests ? countJUnit(await Deno.readTextFile(report)) : { passed: 0, failed: 0 };
    const { passed, failed } = tests && counted.passed + counted.failed > 0
      ? counted
      : { passed: success ? 1 : 0, failed: success ? 0 : 1 };
    const took = ((performance.now() - began) / 1000).toFixed(1);
    // A stage that fails without a failed test (a leak, a crash) must not count as passed.
    const failures = success ? failed : Math.max(1, failed);
    console.log(`── ${name}: ${passed} passed, ${failures} failed (${took} s)`);
    return { passed, failed: failures };
  } finally {
    await Deno.remove(report);
  }
}

const { values } = parseArgs({ options: { only: { type: "string", default: "" } } });
const chosen = stages.filter(({ name }) => name.includes(values.only));
const total = { passed: 0, failed: 0 };
for (const stage of chosen) {
  if (stage.name.startsWith("real servers")) await buildParts(allParts);
  console.log(`── ${stage.name}`);
  const { passed, failed } = await run(stage);
  total.passed += passed;
  total.failed += failed;
}
console.log(`${total.passed} passed, ${total.failed} failed`);
if (total.failed > 0 || total.passed === 0) Deno.exit(1);
