/** The manifests as objects. */

import { fileURLToPath } from "node:url";
import { parseAllDocuments } from "yaml";
import type { KubeObject } from "../../lib/kube/object.ts";

export const manifestsFolder = fileURLToPath(new URL("../../manifests", import.meta.url));

export interface Rule {
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
  readonly verbs: readonly string[];
}

/** Any object; what a test reads of it, it knows. */
// deno-lint-ignore no-explicit-any
export type Document = KubeObject & Record<string, any>;

export function documentsOf(text: string): Document[] {
  return parseAllDocuments(text).flatMap((document) => {
    if (document.errors.length > 0) throw document.errors[0];
    const value = document.toJS();
    return value === null ? [] : [value];
  });
}

/** All objects in the YAML files below a folder of the manifests; kustomize's own files are none. */
export async function documentsBelow(folder: string): Promise<Document[]> {
  const documents: Document[] = [];
  const path = `${manifestsFolder}/${folder}`;
  for await (const { name, isDirectory } of Deno.readDir(path)) {
    if (isDirectory) documents.push(...await documentsBelow(`${folder}/${name}`));
    else if (name !== "kustomization.yaml") {
      documents.push(...documentsOf(await Deno.readTextFile(`${path}/${name}`)));
    }
  }
  return documents;
}

/** The one object of that kind and name. */
export function named(documents: readonly Document[], kind: string, name: string): Document {
  const found = documents.filter((each) => each.kind === kind && each.metadata?.name === name);
  if (found.length !== 1) throw new Error(`${found.length} objects are ${kind} ${name}`);
  return found[0];
}

/** Single rights of rules, as `verb group/resource` or `verb group/resource/name`, or `verb /url`. */
export function rightsOf(rules: readonly Rule[]): string[] {
  const rights: string[] = [];
  for (const { apiGroups = [], resources = [], resourceNames, nonResourceURLs = [], verbs } of rules) {
    for (const verb of verbs) {
      for (const url of nonResourceURLs) rights.push(`${verb} ${url}`);
      for (const group of apiGroups) {
        for (const resource of resources) {
          const names = resourceNames ?? [undefined];
          for (const name of names) {
            rights.push(`${verb} ${group || "core"}/${resource}${name ? ` ${name}` : ""}`);
          }
        }
      }
    }
  }
  return rights.sort();
}
