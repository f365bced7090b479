/**
 * The files of `manifests/crds`: one CRD each, and the kustomization that lists them.
 */
import { stringify } from "yaml";
import { crdOf } from "./crd.ts";
import { kinds } from "./mod.ts";

/** Where the files live in the repository. */
export const crdDirectory = new URL("../../manifests/crds/", import.meta.url);

/** File name and content of every file, as it must stand in `manifests/crds`. */
export function crdFiles(): Map<string, string> {
  const files = new Map<string, string>();
  for (const kind of kinds) files.set(`${kind.plural}.yaml`, write(crdOf(kind)));
  const resources = [...files.keys()].sort();
  files.set(
    "kustomization.yaml",
    write({
      apiVersion: "kustomize.config.k8s.io/v1beta1",
      kind: "Kustomization",
      resources,
    }),
  );
  return files;
}

function write(object: unknown): string {
  const text = stringify(object, { lineWidth: 110, aliasDuplicateObjects: false });
  return `# Written by \`deno task crds\` from lib/api. Do not edit.\n${text}`;
}

/** The files whose content differs from what `crdFiles` says, are missing, or should not be there. */
export async function driftedFiles(directory: URL = crdDirectory): Promise<string[]> {
  const wanted = crdFiles();
  const drifted: string[] = [];
  for (const [name, content] of wanted) {
    if (await readIfThere(new URL(name, directory)) !== content) drifted.push(name);
  }
  for await (const entry of Deno.readDir(directory)) {
    if (!wanted.has(entry.name)) drifted.push(entry.name);
  }
  return drifted.sort();
}

async function readIfThere(file: URL): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
