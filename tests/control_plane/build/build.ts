/**
 * Builds the real parts of the control plane from their pinned Go modules into a cache folder.
 *
 * A part is built once: its folder is named by a hash of the module's files (`go.mod`, `go.sum`, source of our own),
 * the Go version and the build flags, so a changed pin builds anew and nothing else does. Nothing is installed anywhere else.
 * Several processes may ask at the same time: a file lock lets one build while the others wait; a file appears
 * under its name only when it is complete.
 *
 * Run as a program it builds everything and prints where the parts are.
 */
import { createHash } from "node:crypto";
import { basename, dirname, join } from "node:path";
import { type GoModule, goModules, type ProgramName, type YamlName } from "./parts.ts";
import { BuildProgress } from "./build_progress.ts";

/** What can be asked of {@link buildParts}. */
export interface WantedParts {
  readonly programs: readonly ProgramName[];
  readonly yaml: readonly YamlName[];
}

/** Where the parts are. */
export interface Parts {
  /** Path of each program asked for. */
  readonly programs: Readonly<Record<string, string>>;
  /** Folder of each set of YAML files asked for. */
  readonly yaml: Readonly<Record<string, string>>;
}

/** A part cannot be built; the message says what to do. */
export class BuildError extends Error {
  override name = "BuildError";
}

/** Every part there is. */
export const allParts: WantedParts = {
  programs: goModules.flatMap((module) => module.programs.map((program) => program.name)),
  yaml: goModules.flatMap((module) => module.yaml.map((set) => set.name)),
};

/**
 * Returns the wanted parts, building what the cache does not hold.
 *
 * @param log receives one line per step and, during long steps, one every ten seconds. Nothing is said when all
 * parts are there.
 * @throws BuildError when Go is missing or too old, or a build fails.
 */
export async function buildParts(
  wanted: WantedParts,
  log: (line: string) => void = (line) => console.error(line),
): Promise<Parts> {
  const modules: readonly GoModule[] = goModules;
  const goVersion = await usableGo(modules);
  const steps: BuildStep[] = [];
  const parts = { programs: {} as Record<string, string>, yaml: {} as Record<string, string> };
  for (const module of modules) {
    const folder = await cachedFolder(module, goVersion);
    for (const program of module.programs.filter((p) => (wanted.programs as string[]).includes(p.name))) {
      const path = parts.programs[program.name] = join(folder, "bin", program.name);
      steps.push({
        title: program.name,
        seconds: program.seconds,
        result: path,
        make: (path) => compile(module, program.package, path),
      });
    }
    for (const set of module.yaml.filter((y) => (wanted.yaml as string[]).includes(y.name))) {
      const path = parts.yaml[set.name] = join(folder, "yaml", set.name);
      steps.push({
        title: `${set.name} (YAML)`,
        seconds: 3,
        result: path,
        make: (path) => copyYaml(module, set.module, set.paths, path),
      });
    }
  }
  const missing = [];
  for (const step of steps) if (!await exists(step.result)) missing.push(step);
  if (missing.length > 0) await buildMissing(missing, log);
  return parts;
}

/** One part to make: a program or a folder of YAML files. */
interface BuildStep {
  readonly title: string;
  readonly seconds: number;
  readonly result: string;
  /** Makes the part at a temporary path. */
  readonly make: (path: string) => Promise<void>;
}

async function buildMissing(steps: readonly BuildStep[], log: (line: string) => void): Promise<void> {
  log(
    `Building ${steps.length} part(s) of the control plane into ${cacheRoot()} (once; kept for later runs)`,
  );
  const progress = new BuildProgress(steps.map((step) => step.seconds), log);
  for (const [index, step] of steps.entries()) {
    await Deno.mkdir(dirname(step.result), { recursive: true });
    using lock = await Deno.open(`${step.result}.lock`, { create: true, write: true });
    await progress.step(index, step.title, async () => {
      await lock.lock(true);
      if (await exists(step.result)) return; // another process was first
      const unfinished = `${step.result}.unfinished`;
      await Deno.remove(unfinished, { recursive: true }).catch(ignoreNotFound);
      await step.make(unfinished);
      await Deno.rename(unfinished, step.result);
    });
  }
}

/** Compiles one main package of a module, without debug information. */
async function compile(module: GoModule, mainPackage: string, path: string): Promise<void> {
  const pins = await Deno.readTextFile(join(moduleFolder(module), "go.mod"));
  const variables = module.linkVariables?.((required) => pinnedVersion(pins, required)) ?? {};
  const set = Object.entries(variables).map(([name, value]) => `-X ${name}=${value}`);
  const ldflags = ["-s -w", ...set].join(" ");
  const tags = module.tags === undefined ? [] : ["-tags", module.tags.join(",")];
  await go(moduleFolder(module), ["build", ...tags, "-ldflags", ldflags, "-o", path, mainPackage]);
}

/** Copies the YAML files of a required module, all into one folder, numbered in the order asked for. */
async function copyYaml(
  module: GoModule,
  required: string,
  paths: readonly string[],
  target: string,
): Promise<void> {
  const { Dir } = JSON.parse(await go(moduleFolder(module), ["mod", "download", "-json", required]));
  await Deno.mkdir(target, { recursive: true });
  for (const path of paths) {
    const source = join(Dir, path);
    const files = (await Deno.stat(source)).isFile
      ? [source]
      : (await Array.fromAsync(Deno.readDir(source))).map((entry) => join(source, entry.name)).sort();
    for (const file of files) {
      const name = basename(file);
      if (!name.endsWith(".yaml") || name === "kustomization.yaml") continue;
      await Deno.writeTextFile(join(target, name), await Deno.readTextFile(file));
    }
  }
}

const buildFlags = ["-buildvcs=false"];

/** Runs Go in a module's folder and returns its output. */
async function go(folder: string, args: readonly string[]): Promise<string> {
  const command = new Deno.Command("go", {
    args: [...args],
    cwd: folder,
    // The environment decides the toolchain and the proxy; what a build means is decided here.
    env: { GOFLAGS: buildFlags.join(" "), GOWORK: "off" },
    stdin: "null",
  });
  const { success, stdout, stderr } = await command.output();
  if (!success) {
    const said = new TextDecoder().decode(stderr).trimEnd().split("\n").slice(-30).join("\n");
    throw new BuildError(`go ${args.join(" ")} failed in ${folder}:\n${said}`);
  }
  return new TextDecoder().decode(stdout);
}

/** The version of Go that will build (`go1.26.8`); an error with the remedy if none here can. */
async function usableGo(modules: readonly GoModule[]): Promise<string> {
  const wanted = (await Promise.all(modules.map(async (module) => {
    const pins = await Deno.readTextFile(join(moduleFolder(module), "go.mod"));
    return /^go (\S+)$/m.exec(pins)![1];
  }))).sort(compareVersions).at(-1)!;
  const remedy = `The control plane is built from source and needs Go ${wanted} or newer in PATH: ` +
    "install it as go.dev/doc/install says, then run this again.";
  let found;
  try {
    found = await new Deno.Command("go", { args: ["env", "GOVERSION", "GOTOOLCHAIN"], cwd: "/" }).output();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw new BuildError(`There is no Go here. ${remedy}`);
    throw error;
  }
  const [version = "", toolchain = ""] = new TextDecoder().decode(found.stdout).split("\n");
  if (compareVersions(version.replace(/^go/, ""), wanted) >= 0) return version;
  // Since 1.21 Go fetches a newer toolchain by itself, unless told not to.
  if (compareVersions(version.replace(/^go/, ""), "1.21") < 0 || toolchain === "local") {
    throw new BuildError(
      `Go here is ${version || "of an unknown version"}${
        toolchain ? ` (GOTOOLCHAIN=${toolchain})` : ""
      }. ${remedy}`,
    );
  }
  return `go${wanted}`;
}

/** The folder of a module in the cache; its name changes with everything that changes the result. */
async function cachedFolder(module: GoModule, goVersion: string): Promise<string> {
  const hash = createHash("sha256").update(
    `${goVersion} ${Deno.build.target} ${buildFlags} ${module.linkVariables}${module.tags ?? ""}`,
  );
  hash.update(JSON.stringify(module.yaml));
  const files = (await Array.fromAsync(Deno.readDir(moduleFolder(module)))).map(({ name }) => name);
  for (const file of files.sort()) hash.update(await Deno.readFile(join(moduleFolder(module), file)));
  return join(cacheRoot(), `${module.folder}-${hash.digest("hex").slice(0, 12)}`);
}

/** `$AIM_CACHE_DIR`, else `aim-operator` in the user's cache folder. */
export function cacheRoot(): string {
  const own = Deno.env.get("AIM_CACHE_DIR");
  if (own) return own;
  const home = Deno.env.get("HOME") ?? "/tmp";
  return join(Deno.env.get("XDG_CACHE_HOME") || join(home, ".cache"), "aim-operator");
}

function moduleFolder(module: GoModule): string {
  return join(import.meta.dirname!, "..", "go", module.folder);
}

/** The version that a `go.mod` requires of a module. */
function pinnedVersion(pins: string, required: string): string {
  const line = pins.split("\n").map((line) => line.trim().replace(/^require /, "").split(" "))
    .find(([module, version]) => module === required && version?.startsWith("v"));
  if (!line) throw new BuildError(`go.mod does not require ${required}`);
  return line[1];
}

/** Compares dotted version numbers. */
function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split(".").map((part) => parseInt(part) || 0));
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    ignoreNotFound(error);
    return false;
  }
}

function ignoreNotFound(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}

if (import.meta.main) {
  try {
    const parts = await buildParts(allParts);
    for (const [name, path] of Object.entries({ ...parts.programs, ...parts.yaml })) {
      console.log(`${name}\t${path}`);
    }
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    console.error(error.message);
    Deno.exit(1);
  }
}
