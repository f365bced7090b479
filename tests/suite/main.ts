/**
 * `deno task test`: everything that must hold before a change lands, as far as it needs no more than Node. With `--real`
 * (`deno task test:real`) the same scenarios on Kubernetes' own parts, and what only those can judge; with `--all` both.
 * It ends with one line `N passed, N failed`; a check that is no test (format, lint, types, …) counts
 * as one.
 *
 * With `--only=<word>` it runs the stages whose name contains the word. `--record` keeps how long the files of the first half
 * took, by which the next run is ordered.
 */

import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { allParts, buildParts } from "../control_plane/build/build.ts";
import "../control_plane/processes/no_proxy.ts";
import { type Failure, readJUnit, type Seconds } from "./junit.ts";
import { filesToRunAgain, isExcused } from "./second_look.ts";
import { inMemory, onRealParts, recordSeconds, type Stage, testArgs } from "./stages.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/**
 * Stages that run side by side, by the ports that are theirs; what one prints comes when it has ended.
 *
 * Scenarios mostly wait for watches and timers. So they run beside what computes: in memory beside the other tests and the
 * checks, on real parts two at a time.
 */
const lanes = {
  inMemory: ["20000-23999", "24000-27999", "28000-31999"],
  onRealParts: ["20000-25999", "26000-31999"],
};
/** So many files of a stage are named as slow. */
const mostSlow = 10;

/** Milliseconds: no test takes so long, and Deno says of each that takes over a minute that it still runs. */
const longestSilence = 8 * 60_000;

/** What came of a stage, or of all. */
interface Result {
  passed: number;
  failures: Failure[];
  readonly seconds: Map<string, number>;
}

/** What came of one stage. */
interface StageResult extends Result {
  /** The names of those that passed (see {@link readJUnit}). */
  readonly passing: ReadonlySet<string>;
}

const nothing = (): Result => ({ passed: 0, failures: [], seconds: new Map() });

/** Runs one stage, on the ports of its lane if it has one. */
async function run({ name, args, tests, env, isPatient }: Stage, ports?: string): Promise<StageResult> {
  const began = performance.now();
  const report = await Deno.makeTempFile({ suffix: ".xml" });
  console.log(`── ${name}`);
  try {
    const { success, said } = await outcome(
      tests ? [...args, `--junit-path=${report}`] : args,
      env,
      ports,
      isPatient,
    );
    // A stage without tests leaves the report empty.
    const { passed, failures, passing, seconds } = readJUnit(await Deno.readTextFile(report));
    // What fails without a failed test (a leak, a crash) must not count as passed; the report does not know of it.
    if (!success && (failures.length === 0 || said.includes("(uncaught error)"))) {
      failures.push({ test: name, file: "", message: "see its output" });
    }
    const result = {
      passed: success && passed === 0 ? 1 : passed,
      failures,
      passing,
      seconds: new Map(seconds),
    };
    const took = ((performance.now() - began) / 1000).toFixed(1);
    console.log(`${said}── ${name}: ${result.passed} passed, ${failures.length} failed (${took} s)`);
    tellSlowest(seconds);
    return result;
  } finally {
    await Deno.remove(report);
  }
}

/** The files that took longest, so that it is seen where a stage's time goes. */
function tellSlowest(took: Seconds): void {
  for (const [file, seconds] of [...took].slice(0, mostSlow)) {
    if (seconds >= 1) console.log(`   ${seconds.toFixed(1).padStart(6)} s  ${file}`);
  }
}

/** How this Deno ends with such arguments, and what it says: at once, or, where it has a lane, in the end. */
async function outcome(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  ports: string | undefined,
  isPatient = false,
): Promise<{ success: boolean; said: string }> {
  const beside = ports !== undefined;
  const command = new Deno.Command("sh", {
    // One stream for both, in their order.
    args: [
      "-c",
      `exec ${isPatient && beside ? "nice -n 5 " : ""}"$@"${beside ? " 2>&1" : ""}`,
      "sh",
      Deno.execPath(),
      ...args,
    ],
    cwd: root,
    env: beside ? { ...env, AIM_PORTS: ports } : env,
    stdin: "null",
    stdout: beside ? "piped" : "inherit",
    stderr: "inherit",
  });
  const process = command.spawn();
  const said = beside ? heard(process) : undefined;
  const { success } = await process.status;
  return { success, said: await said?.() ?? "" };
}

/**
 * Listens to a process, and interrupts it when it has said nothing for long: Deno then names the tests that were under way.
 * @returns what gives all that it has said, once it has ended; a child that it left behind may keep the stream open.
 */
function heard(process: Deno.ChildProcess): () => Promise<string> {
  let text = "";
  const interrupt = () => {
    text += `\nnothing was said for ${longestSilence / 60_000} min: interrupted\n`;
    process.kill("SIGINT");
  };
  let timer = setTimeout(interrupt, longestSilence);
  const reader = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const whole = (async () => {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      text += part.value;
      clearTimeout(timer);
      timer = setTimeout(interrupt, longestSilence);
    }
  })();
  return async () => {
    clearTimeout(timer);
    const last = setTimeout(() => reader.cancel(), 2_000);
    await whole;
    clearTimeout(last);
    clearTimeout(timer);
    return text;
  };
}

/** In lanes side by side, each of which takes the next stage when it has ended one. */
async function runInLanes(stages: readonly Stage[], lanes: readonly string[]): Promise<Result> {
  const waiting = [...stages];
  const total = nothing();
  await Promise.all(lanes.map(async (ports) => {
    for (let stage = waiting.shift(); stage !== undefined; stage = waiting.shift()) {
      add(total, await run(stage, ports));
    }
  }));
  return total;
}

/**
 * Files with servers that failed beside others run once more, alone: a machine that is short of CPU must not look like a
 * fault. What passes then counts as passed and is named as unsteady.
 */
async function secondLook(first: Result, env: Readonly<Record<string, string>>): Promise<Result> {
  const files = filesToRunAgain(first.failures, root);
  if (files.length === 0) return first;
  const name = `once more: ${files.join(", ")}`;
  const second = await run({ name, args: [...testArgs, ...files], tests: true, env });
  if (!isExcused(first.failures, second)) return first;
  for (const { test, file, message } of first.failures) {
    console.log(`UNSTEADY ${file} "${test}" failed beside other stages and passed alone: ${message}`);
  }
  return { ...first, passed: first.passed + first.failures.length, failures: [] };
}

function add(total: Result, { passed, failures, seconds }: Result): void {
  total.passed += passed;
  total.failures.push(...failures);
  for (const [file, took] of seconds) {
    const path = file.replace(/^\.\//, "").replace(/\?part=.*/, "");
    total.seconds.set(path, (total.seconds.get(path) ?? 0) + took);
  }
}

const { values: { only, real, all, record } } = parseArgs({
  options: {
    only: { type: "string", default: "" },
    real: { type: "boolean", default: false },
    all: { type: "boolean", default: false },
    record: { type: "boolean", default: false },
  },
});
const chosen = ({ name }: Stage) => name.includes(only);
const total = nothing();
if (all || !real) {
  const folder = await Deno.makeTempDir({ prefix: "aim-suite-" });
  add(total, await runInLanes(inMemory(root, folder).filter(chosen), lanes.inMemory));
  await Deno.remove(folder, { recursive: true });
  if (record) recordSeconds(total.seconds);
}
if (all || real) {
  const stages = onRealParts(root).filter(chosen);
  if (stages.length > 0) await buildParts(allParts);
  add(total, await secondLook(await runInLanes(stages, lanes.onRealParts), { AIM_CLUSTER: "real" }));
}
// Last, so that whoever reads only the end of a long log learns what failed.
for (const { test, file, message } of total.failures) console.log(`FAILED ${file} "${test}": ${message}`);
console.log(`${total.passed} passed, ${total.failures.length} failed`);
if (total.failures.length > 0 || total.passed === 0) Deno.exit(1);
