/** What stands on a volume after a download. */

import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Content } from "./content.ts";

/** Paths of all files below a folder but the records of Hugging Face tools, with the SHA-256 of their bytes. */
export async function filesBelow(folder: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  const visit = async (below: string) => {
    for await (const entry of Deno.readDir(join(folder, below))) {
      const path = join(below, entry.name);
      if (path === ".cache") continue;
      if (entry.isDirectory) await visit(path);
      else if (entry.isFile) found[path] = await sha256(join(folder, path));
      else found[path] = "no plain file";
    }
  };
  await visit("");
  return Object.fromEntries(Object.entries(found).sort(([a], [b]) => a < b ? -1 : 1));
}

/** The same for contents. */
export function filesOf(files: Readonly<Record<string, Content>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(files).map(([path, { sha256 }]) => [path, sha256]).sort(([a], [b]) => a < b ? -1 : 1),
  );
}

async function sha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  using file = await Deno.open(path);
  for await (const bytes of file.readable) hash.update(bytes);
  return hash.digest("hex");
}
