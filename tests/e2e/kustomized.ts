/**
 * What `kubectl kustomize` makes of a folder of the manifests.
 *
 * Every scenario asks for the same, and to render and read 350 kB of YAML takes a third of a second of CPU. So the suite names
 * a folder of the run, in `AIM_RENDERED`, where the first scenario leaves it for the others.
 */

import assert from "node:assert/strict";
import { join, relative } from "node:path";
import type { Cluster } from "../control_plane/cluster.ts";
import { type Document, documentsOf, manifestsFolder } from "../manifests/documents.ts";

/** @param folder in the folder of the manifests, or itself */
export async function kustomized(plane: Cluster, folder: string): Promise<Document[]> {
  const shared = Deno.env.get("AIM_RENDERED");
  if (shared === undefined) return await rendered(plane, folder);
  const name = relative(manifestsFolder, folder).replaceAll("/", "-") || "all";
  const file = join(shared, `${name}.json`);
  try {
    return JSON.parse(await Deno.readTextFile(file));
  } catch (failure) {
    if (!(failure instanceof Deno.errors.NotFound)) throw failure;
  }
  const documents = await rendered(plane, folder);
  // Others may write it at the same time; nobody may read a part.
  const part = await Deno.makeTempFile({ dir: shared });
  await Deno.writeTextFile(part, JSON.stringify(documents));
  await Deno.rename(part, file);
  return documents;
}

async function rendered(plane: Cluster, folder: string): Promise<Document[]> {
  const { code, stdout, stderr } = await plane.kubectl(["kustomize", folder]);
  assert.equal(code, 0, stderr);
  return documentsOf(stdout);
}
