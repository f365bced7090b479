/**
 * What `kubectl kustomize` makes of a folder of the manifests.
 *
 * Every scenario asks for the same, and to render and read 350 kB of YAML takes a third of a second. So it is kept in the
 * cache folder, as long as no file of the manifests changes.
 */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join, relative } from "node:path";
import { cacheRoot } from "../control_plane/build/build.ts";
import type { Cluster } from "../control_plane/cluster.ts";
import { type Document, documentsOf, manifestsFolder } from "../manifests/documents.ts";

/** @param folder in the folder of the manifests, or itself */
export async function kustomized(plane: Cluster, folder: string): Promise<Document[]> {
  const cache = join(cacheRoot(), "kustomized");
  const name = relative(manifestsFolder, folder).replaceAll("/", "-") || "all";
  const file = join(cache, `${name}-${hashOf(manifestsFolder)}.json`);
  try {
    return JSON.parse(await Deno.readTextFile(file));
  } catch (failure) {
    if (!(failure instanceof Deno.errors.NotFound)) throw failure;
  }
  const { code, stdout, stderr } = await plane.kubectl(["kustomize", folder]);
  assert.equal(code, 0, stderr);
  const documents = documentsOf(stdout);
  await Deno.mkdir(cache, { recursive: true });
  for await (const old of Deno.readDir(cache)) {
    if (old.name.startsWith(`${name}-`)) await Deno.remove(join(cache, old.name)).catch(() => {}); // another thread was faster
  }
  const part = await Deno.makeTempFile({ dir: cache });
  await Deno.writeTextFile(part, JSON.stringify(documents));
  await Deno.rename(part, file);
  return documents;
}

/** Of the names and the texts of all files below a folder. */
function hashOf(root: string): string {
  const hash = createHash("sha256");
  const add = (folder: string) => {
    const entries = [...Deno.readDirSync(folder)].sort((a, b) => a.name < b.name ? -1 : 1);
    for (const { name, isDirectory, isSymlink } of entries) {
      const path = join(folder, name);
      hash.update(`${path}\0`);
      if (isDirectory) add(path);
      else if (isSymlink) hash.update(Deno.readLinkSync(path)).update("\0");
      else hash.update(Deno.readFileSync(path)).update("\0");
    }
  };
  add(root);
  return hash.digest("hex").slice(0, 16);
}
