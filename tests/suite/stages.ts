/** What the suite consists of. */

import { join } from "node:path";
import { onlyRealFiles } from "../e2e/only_real.ts";
import { batchSource, inBatches } from "./batches.ts";

export interface Stage {
  readonly name: string;
  /** Arguments for this Deno. */
  readonly args: readonly string[];
  /** Whether it is `deno test`, whose tests are counted one by one. */
  readonly tests?: boolean;
  /** Variables of its processes. */
  readonly env?: Readonly<Record<string, string>>;
}

export const testArgs = ["test", "--allow-all", "--no-check", "--frozen"];

/** Folders of `tests` that need no server. */
const pure = ["bench", "structure", "simulation", "corpus", "fuzz", "suite", "conformance"];
/** Those of them whose files take longer than many others: they come first, and each is a thread. */
const long = ["conformance", "simulation", "corpus"];

/**
 * Folders of scenarios: each file runs on a cluster in memory and on one of Kubernetes' own parts, unless
 * `tests/e2e/only_real.ts` says why not.
 */
export const scenarioFolders = [
  "e2e",
  "catalogue",
  "seed",
  "caches",
  "demo",
  "dev",
  "api",
  "apply",
  "documents",
];

/**
 * Scenarios of the first half only: minutes on real parts, for which other folders show the same. Documents: their commands
 * in `e2e` and `seed`, the take-over from AIM Engine in `endurance`.
 */
const inMemoryOnly = ["documents"];

/** Of those that need real parts, the folders that take longest: they begin first, so that the lanes end together. */
const longOnRealParts = ["endurance", "e2e", "catalogue", "seed"];

/**
 * `deno task test`: all that can be judged without Kubernetes' own parts. Those that take longest come first.
 *
 * @param folder where files may be written that are needed until the stages have ended
 */
export function inMemory(root: string, folder: string): Stage[] {
  return [
    {
      name: "unit and property tests",
      args: [...testArgs, "--parallel", ...unitTests(root, folder)],
      tests: true,
    },
    {
      name: "scenarios on a cluster in memory",
      args: [...testArgs, "--parallel", ...scenarioFolders.flatMap((folder) => scenariosIn(root, folder))],
      tests: true,
      // They wait for two thirds of their time.
      env: { DENO_JOBS: String(2 * navigator.hardwareConcurrency) },
    },
    {
      name: "types",
      args: ["check", "--frozen", "--quiet", "mod.ts", "lib", "controllers", "release", "tests"],
    },
    { name: "lint", args: ["lint", "--quiet"] },
    { name: "format", args: ["fmt", "--check", "--quiet"] },
    { name: "lockfile", args: ["install", "--frozen", "--entrypoint", "mod.ts"] },
    {
      name: "generated files",
      args: ["run", "--allow-read", "--no-check", "lib/api/generate.ts", "--check"],
    },
    {
      name: "reference",
      args: ["run", "--allow-read", "--allow-env", "--no-check", "tests/reference/main.ts", "--check"],
    },
  ];
}

/** Files whose tests are all that need no server: batches, written into a folder, and those for threads of their own. */
function unitTests(root: string, folder: string): string[] {
  const others = pure.filter((folder) => !long.includes(folder)).map((folder) => `tests/${folder}`);
  const files = ["lib", "controllers", ...others].flatMap((folder) => testsBelow(root, folder));
  const { alone, shared } = inBatches(files, (file) => Deno.readTextFileSync(join(root, file)));
  const entries = shared.map((batch, n) => {
    const entry = join(folder, `batch_${n + 1}_test.ts`);
    // The program first: what its parts tell one another while they load has an order.
    Deno.writeTextFileSync(entry, batchSource(join(root, "mod.ts"), batch.map((file) => join(root, file))));
    return entry;
  });
  return [...long.flatMap((folder) => testsBelow(root, `tests/${folder}`)), ...alone, ...entries];
}

/** `deno task test:real`: the same scenarios on Kubernetes' own parts, and what only those judge. */
export function onRealParts(root: string): Stage[] {
  const folders = [...Deno.readDirSync(`${root}tests`)]
    .filter(({ name, isDirectory }) => isDirectory && testsIn(root, name).length > 0)
    .map(({ name }) => name)
    .filter((name) => ![...pure, ...inMemoryOnly].includes(name))
    .sort((a, b) =>
      Number(longOnRealParts.includes(b)) - Number(longOnRealParts.includes(a)) || (a < b ? -1 : 1)
    );
  return [
    ...folders.map((folder) => ({
      name: `real parts: ${folder}`,
      args: [...testArgs, `tests/${folder}`],
      tests: true,
      env: { AIM_CLUSTER: "real" },
    })),
    {
      name: "real parts: bench, small",
      args: [
        ...["run", ...testArgs.slice(1), "tests/bench/bench.ts"],
        ...["--n=100", "--small=0", "--rest=4", "--failed=10", "--check"],
      ],
    },
  ];
}

/** Every test file of a folder and those in it. */
function testsBelow(root: string, folder: string): string[] {
  const entries = [...Deno.readDirSync(join(root, folder))].sort((a, b) => a.name < b.name ? -1 : 1);
  return entries.flatMap(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    return isDirectory ? testsBelow(root, path) : name.endsWith("_test.ts") ? [path] : [];
  });
}

function testsIn(root: string, folder: string): string[] {
  return [...Deno.readDirSync(`${root}tests/${folder}`)]
    .filter(({ name }) => name.endsWith("_test.ts"))
    .map(({ name }) => `tests/${folder}/${name}`);
}

/** Those that a cluster in memory can judge. */
function scenariosIn(root: string, folder: string): string[] {
  return testsIn(root, folder).filter((file) => onlyRealFiles[file] === undefined);
}
