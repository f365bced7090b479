/** Which files a program must be able to read to use a kubeconfig: the files themselves and what they name. */

import { dirname, isAbsolute, join, resolve } from "node:path";
import { parse } from "yaml";

/** Fields of clusters and users that name a file. */
const fileFields = [
  "certificate-authority",
  "client-certificate",
  "client-key",
  "tokenFile",
  "idp-certificate-authority",
];

/** The kubeconfig files in use, as kubectl finds them: `KUBECONFIG`, a list, else `~/.kube/config`. */
export function kubeconfigFiles(environment: { KUBECONFIG?: string; HOME?: string }): string[] {
  const { KUBECONFIG, HOME } = environment;
  const named = (KUBECONFIG ?? "").split(":").filter(Boolean);
  if (named.length > 0) return named.map((file) => resolve(file));
  return HOME ? [join(HOME, ".kube", "config")] : [];
}

/** The files that a kubeconfig's text refers to; relative paths count from the folder of the kubeconfig. */
export function filesNamedIn(text: string, kubeconfig: string): string[] {
  const config = parse(text) ?? {};
  const entries = [
    ...list(config.clusters).map((each) => each?.cluster),
    ...list(config.users).map((each) => each?.user),
    ...list(config.users).map((each) => each?.user?.["auth-provider"]?.config),
  ];
  return entries.flatMap((entry) =>
    fileFields.flatMap((field) => {
      const path = entry?.[field];
      if (typeof path !== "string" || path === "") return [];
      return [isAbsolute(path) ? path : join(dirname(kubeconfig), path)];
    })
  );
}

// deno-lint-ignore no-explicit-any
function list(value: unknown): any[] {
  return Array.isArray(value) ? value : [];
}

/** All files to be read for these kubeconfigs. One that is missing or no YAML is left for its reader to refuse. */
export async function filesToRead(kubeconfigs: readonly string[]): Promise<string[]> {
  const files = new Set(kubeconfigs);
  for (const kubeconfig of kubeconfigs) {
    try {
      for (const file of filesNamedIn(await Deno.readTextFile(kubeconfig), kubeconfig)) files.add(file);
    } catch { /* said by who reads it for use */ }
  }
  return [...files];
}
