/** Files at a path that a user gives. */

import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { CommandFault } from "../faults.ts";

/** Which files of a folder are meant. */
export interface Wanted {
  readonly names: RegExp;
  /** Whether those of the folders in it are, too. */
  readonly recursive: boolean;
  /** Whether files and folders count whose names begin with a dot. */
  readonly hidden: boolean;
}

/**
 * The file at a path, or those of a folder, in the order of their names.
 *
 * @throws CommandFault where there is neither, or it may not be read
 */
export async function filesAt(path: string, wanted: Wanted): Promise<string[]> {
  try {
    return (await Deno.stat(path)).isDirectory ? await filesIn(path, wanted) : [path];
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw new CommandFault(`there is no file or folder ${path}`);
    if (error instanceof Deno.errors.PermissionDenied) throw new CommandFault(`${path} may not be read`);
    throw error;
  }
}

async function filesIn(folder: string, wanted: Wanted): Promise<string[]> {
  const entries = (await Array.fromAsync(Deno.readDir(folder))).sort((a, b) => a.name < b.name ? -1 : 1);
  const found = await Promise.all(entries.map(async ({ name, isDirectory }) => {
    const inside = join(folder, name);
    if (name.startsWith(".") && !wanted.hidden) return [];
    if (isDirectory) return wanted.recursive ? await filesIn(inside, wanted) : [];
    return wanted.names.test(name) ? [inside] : [];
  }));
  return found.flat();
}

/** The text of a file, compressed by gzip or not; of `-` the standard input's. */
export async function textIn(file: string): Promise<string> {
  const bytes = file === "-" ? await new Response(Deno.stdin.readable).bytes() : await Deno.readFile(file);
  const isCompressed = bytes[0] === 0x1f && bytes[1] === 0x8b;
  return new TextDecoder().decode(isCompressed ? gunzipSync(bytes) : bytes);
}
