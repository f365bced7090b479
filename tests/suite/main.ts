/**
 * `deno task test`: everything that must hold before a change lands, cheapest first, then what starts servers, two
 * stages at a time, and one closing line `N passed, N failed`. A check that is no test (format, lint, types, …) counts
 * as one.
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
  /** Whether it starts servers. */
  readonly servers?: boolean;
}

const testArgs = ["test", "--allow-all", "--no-check", "--frozen"];
/** Files that need no server: they may run side by side. */
const pure = [
  "lib",
  "controllers",
  ...["structure", "simulation", "corpus", "fuzz", "suite"].map((folder) => `tests/${folder}`),
];
/** Folders that take longest: they begin first, so that the lanes end together. */
const long = ["endurance", "e2e", "catalogue", "seed"];
/** All other folders with tests: those start a control plane. */
const real = [...Deno.readDirSync(`${root}tests`)]
  .filter(({ name, isDirectory }) => isDirectory && !pure.includes(`tests/${name}`) && hasTests(name))
  .map(({ name }) => name)
  .sort((a, b) => Number(long.includes(b)) - Number(long.includes(a)) || (a < b ? -1 : 1));
/**
 * They mostly wait for each other's watches and timers, so two at a time keep two cores busy. Each lane has ports of its
 * own, and what it prints comes when a stage has ended.
 */
const lanes = ["20000-25999", "26000-31999"];

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
    servers: true,
  })),
];

/** How much of a stage, or of all, passed and failed. */
interface Count {
  passed: number;
  failed: number;
}

/** Runs one stage; with ports of its own where it runs beside another one. */
async function run({ name, args, tests }: Stage, ports?: string): Promise<Count> {
  const began = performance.now();
  const report = await Deno.makeTempFile({ suffix: ".xml" });
  console.log(`── ${name}`);
  try {
    const { success, said } = await outcome(
      tests ? [...args, `--junit-path=${report}`] : args,
      ports,
    );
    const counted = tests ? countJUnit(await Deno.readTextFile(report)) : { passed: 0, failed: 0 };
    const { passed, failed } = tests && counted.passed + counted.failed > 0
      ? counted
      : { passed: success ? 1 : 0, failed: success ? 0 : 1 };
    const took = ((performance.now() - began) / 1000).toFixed(1);
    // A stage that fails without a failed test (a leak, a crash) must not count as passed.
    const failures = success ? failed : Math.max(1, failed);
    console.log(`${said}── ${name}: ${passed} passed, ${failures} failed (${took} s)`);
    return { passed, failed: failures };
  } finally {
    await Deno.remove(report);
  }
}

/** How this Deno ends with such arguments, and what it says: at once, or, where it has a lane, in the end. */
async function outcome(
  args: readonly string[],
  ports: string | undefined,
): Promise<{ success: boolean; said: string }> {
  const beside = ports !== undefined;
  const command = new Deno.Command("sh", {
    // One stream for both, in their order.
    args: ["-c", `exec "$@"${beside ? " 2>&1" : ""}`, "sh", Deno.execPath(), ...args],
    cwd: root,
    env: beside ? { AIM_PORTS: ports } : {},
    stdin: "null",
    stdout: beside ? "piped" : "inherit",
    stderr: "inherit",
  });
  if (!beside) return { success: (await command.spawn().status).success, said: "" };
  const { success, stdout } = await command.output();
  return { success, said: new TextDecoder().decode(stdout) };
}

const { values } = parseArgs({ options: { only: { type: "string", default: "" } } });
const chosen = stages.filter(({ name }) => name.includes(values.only));
const total: Count = { passed: 0, failed: 0 };
function add({ passed, failed }: Count): void {
  total.passed += passed;
  total.failed += failed;
}

for (const stage of chosen.filter(({ servers }) => !servers)) add(await run(stage));
const waiting = chosen.filter(({ servers }) => servers);
if (waiting.length > 0) await buildParts(allParts);
await Promise.all(lanes.map(async (ports) => {
  for (let stage = waiting.shift(); stage !== undefined; stage = waiting.shift()) {
    add(await run(stage, ports));
  }
}));
console.log(`${total.passed} passed, ${total.failed} failed`);
if (total.failed > 0 || total.passed === 0) Deno.exit(1);
