/** The namespace in which the operator runs: where the pods of cluster-scoped objects run, and their secrets are. */

import { serviceAccountFolder } from "../kube/access/in_cluster.ts";

/**
 * `OPNS` of the specification: the environment's `AIM_SYSTEM_NAMESPACE`, else the namespace of the mounted
 * service account, else `aim-system` (models-and-templates.md, head).
 */
export function operatorNamespaceFrom(
  environment: (name: string) => string | undefined,
  readFile: (path: string) => string | undefined,
): string {
  return environment("AIM_SYSTEM_NAMESPACE")?.trim() ||
    readFile(`${serviceAccountFolder}/namespace`)?.trim() || "aim-system";
}

/** Read once, as the program starts: it stays what it is for the life of a process. */
export const operatorNamespace: string = operatorNamespaceFrom(
  (name) => allowed(() => Deno.env.get(name)),
  (path) => allowed(() => Deno.readTextFileSync(path)),
);

/** What cannot be read is not there: outside of a pod there is no such file, in a tool no right to look. */
function allowed(read: () => string | undefined): string | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
