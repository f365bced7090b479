/** The downloader as a process, with the permissions that it has in its image and the folders of a test. */

import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

interface PermissionSet {
  readonly net: true;
  readonly read: readonly string[];
  readonly write: readonly string[];
  readonly sys: readonly string[];
  readonly env: readonly string[];
}

/** The permission set `download` of deno.json. */
export const permissionSet: PermissionSet =
  JSON.parse(await Deno.readTextFile(join(root, "deno.json"))).permissions.download;

/** Runs this Deno in the environment of the test. */
async function deno(...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
  const text = new TextDecoder();
  if (!success) throw new Error(text.decode(stderr));
  return text.decode(stdout);
}

// The program's packages, S3's and XET's among them: its own clean environment may lack what a private registry needs.
await deno("cache", "--quiet", "--frozen", join(root, "lib/download/main.ts"));
const denoFolder: string = JSON.parse(await deno("info", "--json")).denoDir;

export interface ProgramOptions {
  /** `download URI` or `check-size URI`. */
  readonly args: readonly string[];
  /** A folder of the test: the volume is `cache` in it, what is thrown away `tmp`. */
  readonly folder: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Files that the test needs read besides. */
  readonly read?: readonly string[];
}

/** How a run ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The termination message; undefined without one. */
  readonly result: Record<string, unknown> | undefined;
}

/** How to start the program: with its own permissions and the folders of the test, in a clean environment. */
export function programCommand({ args, folder, env = {}, read = [] }: ProgramOptions): {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
} {
  Deno.mkdirSync(join(folder, "cache"), { recursive: true });
  Deno.mkdirSync(join(folder, "tmp"), { recursive: true });
  const { read: readable, write, sys, env: variables } = permissionSet;
  return {
    program: Deno.execPath(),
    args: [
      "run",
      "--quiet",
      "--no-check",
      "--frozen",
      "--no-prompt",
      "--v8-flags=--max-semi-space-size=2",
      "--allow-net",
      `--allow-read=${[...readable.map((path) => resolve(root, path)), folder, ...read]}`,
      `--allow-write=${[...write, folder]}`,
      `--allow-sys=${sys}`,
      `--allow-env=${variables}`,
      join(root, "lib/download/main.ts"),
      ...args,
    ],
    env: {
      PATH: Deno.env.get("PATH") ?? "",
      DENO_DIR: denoFolder,
      DENO_NO_UPDATE_CHECK: "1", // as in the image
      HOME: folder,
      NO_COLOR: "1",
      NO_PROXY: "127.0.0.1",
      TARGET_DIR: join(folder, "cache"),
      TMPDIR: join(folder, "tmp"),
      PROGRESS_INTERVAL: "1",
      ...env,
    },
  };
}

/** A run that is under way. */
export class Downloader {
  readonly child: Deno.ChildProcess;
  readonly #folder: string;
  readonly #output: Promise<Deno.CommandOutput>;

  constructor(options: ProgramOptions) {
    this.#folder = options.folder;
    const { program, args, env } = programCommand(options);
    this.child = new Deno.Command(program, {
      args: [...args],
      clearEnv: true,
      env,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#output = this.child.output();
  }

  async ended(): Promise<Ended> {
    const { code, stdout, stderr } = await this.#output;
    const text = new TextDecoder();
    const result = await Deno.readTextFile(join(this.#folder, "tmp/termination-log")).catch(() => undefined);
    return {
      code,
      stdout: text.decode(stdout),
      stderr: text.decode(stderr),
      result: result === undefined ? undefined : JSON.parse(result),
    };
  }
}

/** Runs the program to its end. */
export function run(options: ProgramOptions): Promise<Ended> {
  return new Downloader(options).ended();
}
