/** What the suite consists of. */

import { onlyRealFiles } from "../e2e/only_real.ts";

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

/** Files that need no server. */
const pure = ["bench", "structure", "simulation", "corpus", "fuzz", "suite", "conformance"];

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
const long = ["endurance", "e2e", "catalogue", "seed"];

/** `deno task test`: all that can be judged without Kubernetes' own parts. */
export function inMemory(root: string): Stage[] {
  return [
    { name: "format", args: ["fmt", "--check", "--quiet"] },
    { name: "lint", args: ["lint", "--quiet"] },
    { name: "lockfile", args: ["install", "--frozen", "--entrypoint", "mod.ts"] },
    {
      name: "types",
      args: ["check", "--frozen", "--quiet", "mod.ts", "lib", "controllers", "release", "tests"],
    },
    {
      name: "generated files",
      args: ["run", "--allow-read", "--no-check", "lib/api/generate.ts", "--check"],
    },
    {
      name: "reference",
      args: ["run", "--allow-read", "--allow-env", "--no-check", "tests/reference/main.ts", "--check"],
    },
    {
      name: "unit and property tests",
      args: [...testArgs, "--parallel", "lib", "controllers", ...pure.map((folder) => `tests/${folder}`)],
      tests: true,
    },
    {
      name: "scenarios on a cluster in memory",
      args: [...testArgs, "--parallel", ...scenarioFolders.flatMap((folder) => scenariosIn(root, folder))],
      tests: true,
    },
  ];
}

/** `deno task test:real`: the same scenarios on Kubernetes' own parts, and what only those judge. */
export function onRealParts(root: string): Stage[] {
  const folders = [...Deno.readDirSync(`${root}tests`)]
    .filter(({ name, isDirectory }) => isDirectory && testsIn(root, name).length > 0)
    .map(({ name }) => name)
    .filter((name) => ![...pure, ...inMemoryOnly].includes(name))
    .sort((a, b) => Number(long.includes(b)) - Number(long.includes(a)) || (a < b ? -1 : 1));
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

function testsIn(root: string, folder: string): string[] {
  return [...Deno.readDirSync(`${root}tests/${folder}`)]
    .filter(({ name }) => name.endsWith("_test.ts"))
    .map(({ name }) => `tests/${folder}/${name}`);
}

/** Those that a cluster in memory can judge. */
function scenariosIn(root: string, folder: string): string[] {
  return testsIn(root, folder).filter((file) => onlyRealFiles[file] === undefined);
}
