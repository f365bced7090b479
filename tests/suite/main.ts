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
import { type Failure, readJUnit } from "./junit.ts";

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
  ...["bench", "structure", "simulation", "corpus", "fuzz", "suite", "conformance"].map((folder) =>
    `tests/${folder}`
  ),
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
/** More files than these that fail are not looked at a second time. */
const mostUnsteady = 3;

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
  {
    name: "real servers: bench, small",
    args: [
      "run",
      ...testArgs.slice(1),
      "tests/bench/bench.ts",
      "--n=100",
      "--small=0",
      "--rest=4",
      "--failed=10",
      "--check",
    ],
    servers: true,
  },
];

/** What came of a stage, or of all. */
interface Result {
  passed: number;
  failures: Failure[];
}

/** Runs one stage; with ports of its own where it runs beside another one. */
async function run({ name, args, tests }: Stage, ports?: string): Promise<Result> {
  const began = performance.now();
  const report = await Deno.makeTempFile({ suffix: ".xml" });
  console.log(`── ${name}`);
  try {
    const { success, said } = await outcome(
      tests ? [...args, `--junit-path=${report}`] : args,
      ports,
    );
    const { passed, failures } = tests
      ? readJUnit(await Deno.readTextFile(report))
      : { passed: 0, failures: [] };
    // A stage that fails without a failed test (a leak, a crash) must not count as passed.
    if (!success && failures.length === 0) failures.push({ test: name, file: "", message: "see its output" });
    const result = { passed: success && passed === 0 ? 1 : passed, failures };
    const took = ((performance.now() - began) / 1000).toFixed(1);
    console.log(`${said}── ${name}: ${result.passed} passed, ${failures.length} failed (${took} s)`);
    return result;
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
const total: Result = { passed: 0, failures: [] };
function add({ passed, failures }: Result): void {
  total.passed += passed;
  total.failures.push(...failures);
}

for (const stage of chosen.filter(({ servers }) => !servers)) add(await run(stage));
const waiting = chosen.filter(({ servers }) => servers);
if (waiting.length > 0) await buildParts(allParts);
const withServers: Result = { passed: 0, failures: [] };
await Promise.all(lanes.map(async (ports) => {
  for (let stage = waiting.shift(); stage !== undefined; stage = waiting.shift()) {
    const { passed, failures } = await run(stage, ports);
    withServers.passed += passed;
    withServers.failures.push(...failures);
  }
}));
add(await secondLook(withServers));
// Last, so that whoever reads only the end of a long log learns what failed.
for (const { test, file, message } of total.failures) console.log(`FAILED ${file} "${test}": ${message}`);
console.log(`${total.passed} passed, ${total.failures.length} failed`);
if (total.failures.length > 0 || total.passed === 0) Deno.exit(1);

/**
 * Files with real servers that failed beside other stages run once more, alone: a machine that is short of CPU must not
 * look like a fault. What passes then counts as passed and is named as unsteady. Many such files are no accident.
 */
async function secondLook(first: Result): Promise<Result> {
  const files = [...new Set(first.failures.map(({ file }) => file))];
  if (files.length === 0 || files.length > mostUnsteady || files.includes("")) return first;
  const { failures } = await run({
    name: `once more: ${files.join(", ")}`,
    args: [...testArgs, ...files],
    tests: true,
  });
  if (failures.length > 0) return first;
  for (const { test, file, message } of first.failures) {
    console.log(`UNSTEADY ${file} "${test}" failed beside other stages and passed alone: ${message}`);
  }
  return { passed: first.passed + first.failures.length, failures: [] };
}
