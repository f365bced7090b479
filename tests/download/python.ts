/** The official Python clients, in a folder of the cache that is set up once: they judge what ours does. */

import { createHash } from "node:crypto";
import { join } from "node:path";
import { cacheRoot } from "../control_plane/build/build.ts";

const requirements = join(import.meta.dirname!, "requirements.txt");

/** Folder with the programs (`python`, `aws`) of the clients; made when it is not there. Needs `python3` with `venv`. */
export async function pythonPrograms(): Promise<string> {
  const hash = createHash("sha256").update(await Deno.readFile(requirements)).digest("hex").slice(0, 12);
  const folder = join(cacheRoot(), `python-${hash}`);
  const complete = join(folder, "complete");
  const isThere = () => Deno.stat(complete).then(() => true, () => false);
  if (await isThere()) return join(folder, "bin");
  await Deno.mkdir(cacheRoot(), { recursive: true });
  using lock = await Deno.open(`${folder}.lock`, { create: true, write: true });
  await lock.lock(true);
  if (!await isThere()) { // or another process was first
    console.error("Installing the official Python clients (once; kept for later runs)");
    await output("python3", ["-m", "venv", "--clear", folder]);
    await output(join(folder, "bin/pip"), ["install", "--quiet", "--requirement", requirements]);
    await Deno.writeTextFile(complete, "");
  }
  return join(folder, "bin");
}

/** Runs a program and returns what it printed. */
export async function output(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args: [...args], env, stdin: "null" })
    .output();
  const text = new TextDecoder();
  if (!success) throw new Error(`${program} ${args.join(" ")} failed:\n${text.decode(stderr).slice(-4000)}`);
  return text.decode(stdout);
}
