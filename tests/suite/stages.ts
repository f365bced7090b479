/** What the suite consists of. */

import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { onlyRealFiles } from "../e2e/only_real.ts";
import { inBatches, isAlone, setUpOf, sourceOf, testsRunBy, type Timed } from "./batches.ts";
import type { Seconds } from "./junit.ts";

export interface Stage {
  readonly name: string;
  /** Arguments for this Deno. */
  readonly args: readonly string[];
  /** Whether it is `deno test`, whose tests are counted one by one. */
  readonly tests?: boolean;
  /** Variables of its processes. */
  readonly env?: Readonly<Record<string, string>>;
  /** It computes most of the time: what waits and runs beside it comes first. */
  readonly isPatient?: true;
}

const secondsFile = new URL("seconds.json", import.meta.url);
/** Files that took less are not recorded. */
const leastSeconds = 1;

/** How long the files of the first half took when {@link recordSeconds} was called last. */
function recordedSeconds(): Seconds {
  return new Map(Object.entries(JSON.parse(Deno.readTextFileSync(secondsFile)) as Record<string, number>));
}

/** Keeps how long files took, parts of one taken together. */
export function recordSeconds(took: Seconds): void {
  const kept = [...took].filter(([, seconds]) => seconds >= leastSeconds)
    .map(([file, seconds]) => [file, Math.round(seconds)]);
  Deno.writeTextFileSync(secondsFile, `${JSON.stringify(Object.fromEntries(kept), undefined, 2)}\n`);
}

export const testArgs = ["test", "--allow-all", "--no-check", "--frozen"];

/** More threads than cores: a thread whose garbage collection has helpers would wait until they get a core, so none has. */
const inThreads = [...testArgs, "--parallel", "--v8-flags=--single-threaded-gc"];

/** kubectl runs a thousand times for a twentieth of a second: it need not tidy its memory. */
const shortLived = { GOGC: "400" };

/** Folders of `tests` that need no server. */
const pure = ["bench", "structure", "simulation", "corpus", "fuzz", "mutation", "suite", "conformance"];
/** Those of them whose files wait for servers: each is a thread. */
const waiting = ["conformance"];

/**
 * Folders of scenarios: each file runs on a cluster in memory and on one of Kubernetes' own parts, unless
 * `tests/e2e/only_real.ts` says why not.
 */
export const scenarioFolders = [
  "e2e",
  "catalogue",
  "seed",
  "caches",
  "causes",
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
 * `deno task test`: all that can be judged without Kubernetes' own parts.
 *
 * @param folder where files may be written that are needed until the stages have ended
 * @param seconds how long files took in an earlier run: the longest begin first, so that threads end together
 * @param cores of this machine
 */
export function inMemory(
  root: string,
  folder: string,
  seconds: Seconds = recordedSeconds(),
  cores = navigator.hardwareConcurrency,
): Stage[] {
  const threads = new Threads(root, folder, seconds);
  const scenarios = scenarioFolders.flatMap((folder) => scenariosIn(root, folder));
  return [
    {
      name: "scenarios on a cluster in memory",
      args: [...inThreads, ...threads.ofFiles([], [{ files: scenarios, threads: 4 * cores }])],
      tests: true,
      // They wait for most of their time.
      env: {
        ...shortLived,
        DENO_JOBS: String(4 * cores),
        // They share what kubectl makes of the manifests.
        AIM_RENDERED: folder,
      },
    },
    {
      name: "unit and property tests",
      args: [...inThreads, ...unitTests(root, threads, cores)],
      tests: true,
      // Some wait.
      env: { ...shortLived, DENO_JOBS: String(2 * cores) },
      isPatient: true,
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

/**
 * What needs no server. The simulation's files compute all the time, and the same: one thread for each core. The others
 * wait now and then.
 */
function unitTests(root: string, threads: Threads, cores: number): string[] {
  const below = (folders: readonly string[]) => folders.flatMap((folder) => testsBelow(root, folder));
  const others = pure.filter((folder) => folder !== "simulation" && !waiting.includes(folder));
  const inTests = (folder: string) => `tests/${folder}`;
  return threads.ofFiles(below(waiting.map(inTests)), [
    { files: below(["tests/simulation"]), threads: cores },
    { files: below(["lib", "controllers", ...others.map(inTests)]), threads: cores },
  ]);
}

/** Test files, and how many threads they share. */
interface Group {
  readonly files: readonly string[];
  readonly threads: number;
}

/** Modules whose tests a thread runs. */
class Threads {
  #entries = 0;

  constructor(
    private readonly root: string,
    private readonly folder: string,
    private readonly seconds: Seconds,
  ) {}

  /**
   * Files for threads of their own, and entries that load those that share threads; what takes longest comes first. Of
   * a group's threads, one each is for the files that set up their thread in the same way.
   *
   * @param alone each has a thread of its own
   * @param groups those of a group share its threads, but for those that must have their own
   * @returns paths from the root
   */
  ofFiles(alone: readonly string[], groups: readonly Group[]): string[] {
    const timed = groups.map(({ files, threads }) => ({
      threads,
      files: files.map((file) => this.#timed(file)),
    }));
    const own = [
      ...alone.map((file) => this.#timed(file)),
      ...timed.flatMap(({ files }) => files.filter(isAlone)),
    ];
    const shared = timed
      .flatMap(({ files, threads }) => {
        const bySetUp = Map.groupBy(files.filter((each) => !isAlone(each)), setUpOf);
        const setUps = [...bySetUp.keys()].filter((setUp) => setUp !== "").length;
        const others = Math.max(1, threads - setUps);
        return [...bySetUp].flatMap(([setUp, alike]) => inBatches(alike, setUp === "" ? others : 1));
      })
      // The program first: what its parts tell one another while they load has an order.
      .map(({ urls, seconds }) => ({ file: this.#entry([this.#url("mod.ts"), ...urls]), seconds }));
    return [...own, ...shared].sort((a, b) => b.seconds - a.seconds).map(({ file }) => file);
  }

  #timed(file: string): Timed {
    const source = Deno.readTextFileSync(join(this.root, file));
    const url = this.#url(file);
    const runs = testsRunBy({ source, url }).map((url) => Deno.readTextFileSync(new URL(url))).join("\n");
    return { file, url, seconds: this.seconds.get(file) ?? 0, source, runs };
  }

  #url(file: string): string {
    return pathToFileURL(join(this.root, file)).href;
  }

  #entry(urls: readonly string[]): string {
    const entry = join(this.folder, `entry_${++this.#entries}_test.ts`);
    Deno.writeTextFileSync(entry, sourceOf(urls));
    return entry;
  }
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
