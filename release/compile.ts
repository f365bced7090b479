/**
 * `deno task compile`: the programs as files that need no Deno.
 *
 * Each is bundled first, then compiled. The bundle has what is loaded on demand in files of its own, so a program has in
 * memory only what it uses. Beside each goes a text with the licences of its packages.
 *
 *   --outdir=FOLDER   where they go; default: dist
 *   --arch=amd64      or arm64; default: this machine's
 *   --os=linux        or darwin, with --arch; default: linux
 *   --commit=ID       what `--version` says; default: what git says of this checkout
 *   --only=NAME       one of them
 *
 * Deno fetches its runtime for the target. Where it cannot, `DENORT_BIN` names one; the Deno executable itself will do to
 * look at what becomes of module graph, permissions and size, but such a file starts Deno and not the program.
 */

import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { commitVariable } from "../lib/program/version.ts";
import { licenceTexts, packagesOf } from "./licences.ts";
import { type Program, programs } from "./programs.ts";

const root = fileURLToPath(new URL("../", import.meta.url));

/** Deno's names of what programs are made for: images are Linux, and people have a Mac as well. */
const processors: Readonly<Record<string, string>> = { amd64: "x86_64", arm64: "aarch64" };
const systems: Readonly<Record<string, string>> = { linux: "unknown-linux-gnu", darwin: "apple-darwin" };

/** Runs a program in the checkout, and returns what it prints. @throws Error with what it says on stderr */
async function run(program: string, args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args: [...args], cwd: root })
    .output();
  const text = new TextDecoder();
  if (!success) throw new Error(`${program} ${args.slice(0, 2).join(" ")}: ${text.decode(stderr)}`);
  return text.decode(stdout);
}

const deno = (...args: string[]) => run(Deno.execPath(), args);

/** The commit of this checkout, and whether more than that is in it. */
async function commitOfCheckout(): Promise<string> {
  try {
    return (await run("git", ["describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"])).trim();
  } catch {
    return "unknown";
  }
}

/** Bundles a program into a folder, and returns its main module. */
async function bundle({ entry, threads, files = [] }: Program, folder: string): Promise<string> {
  const bundler = ["bundle", "--quiet", "--frozen", "--platform", "deno"];
  await deno(...bundler, "--code-splitting", "--outdir", folder, entry);
  // A thread is started by its source's name, which a bundler leaves as it is.
  for (const thread of threads) await deno(...bundler, "--output", join(folder, basename(thread)), thread);
  for (const file of files) await Deno.copyFile(file, join(folder, basename(file)));
  return join(folder, basename(entry).replace(/\.ts$/, ".js"));
}

async function compile(program: Program, { outdir, target, commit }: {
  readonly outdir: string;
  readonly target: string | undefined;
  readonly commit: string;
}): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "aim-compile-" });
  try {
    const main = await bundle(program, join(folder, "bundle"));
    const environment = join(folder, "environment");
    await Deno.writeTextFile(environment, `${commitVariable}=${commit}\n`);
    const file = join(outdir, program.name);
    await deno(
      "compile",
      "--no-config",
      "--no-check",
      // Where a compiled program may write it is never started twice, so it would keep code for nobody.
      "--no-code-cache",
      ...program.flags,
      ...[...program.threads, ...program.files ?? []].map((file) =>
        `--include=${join(folder, "bundle", basename(file))}`
      ),
      `--env-file=${environment}`,
      ...(target === undefined ? [] : ["--target", target]),
      "--output",
      file,
      main,
    );
    await Deno.writeTextFile(`${file}.licences.txt`, await licenceTexts(await packagesOf([program.entry])));
    return file;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const { values } = parseArgs({
  options: {
    outdir: { type: "string", default: join(root, "dist") },
    arch: { type: "string" },
    os: { type: "string" },
    commit: { type: "string" },
    only: { type: "string" },
  },
});
const chosen = programs.filter(({ name }) => values.only === undefined || name === values.only);
const { arch, os } = values;
const [processor, system] = [processors[arch ?? ""], systems[os ?? "linux"]];
if (chosen.length === 0 || (arch ?? os) !== undefined && (processor === undefined || system === undefined)) {
  const words = (of: object) => Object.keys(of).join(" or ");
  console.error(
    `--only is one of ${programs.map(({ name }) => name).join(", ")}; --arch is ${words(processors)}; ` +
      `--os is ${words(systems)}, and wants --arch`,
  );
  Deno.exit(2);
}
const target = arch === undefined ? undefined : `${processor}-${system}`;
const outdir = resolve(values.outdir);
await Deno.mkdir(outdir, { recursive: true });
const commit = values.commit || await commitOfCheckout();
for (const program of chosen) {
  const file = await compile(program, { outdir, target, commit });
  const { size } = await Deno.stat(file);
  console.log(`${file}: ${(size / 1024 / 1024).toFixed(0)} MiB`);
}
if (Deno.env.get("DENORT_BIN") === Deno.execPath()) {
  console.log("not run: DENORT_BIN is Deno itself, so these files start Deno and not the program in them");
}
