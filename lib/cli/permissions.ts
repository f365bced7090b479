/**
 * What the command line may do: the one list for its compiled file and for the tests that start it. Only `deno task aim` has another, the
 * set `aim` of deno.json; a test holds the two together. A command that needs more adds it here.
 *
 * A kubeconfig names any file, and any program that tells its user's credentials; so do arguments. Neither can be a list.
 */

import { permissionFlags, type Permissions } from "../program/permissions.ts";
import { commitVariable } from "../program/version.ts";

export const permissions: Permissions = {
  net: true,
  read: true,
  env: [
    "KUBECONFIG",
    "HOME",
    "KUBERNETES_SERVICE_HOST",
    "KUBERNETES_SERVICE_PORT",
    "AIM_SYSTEM_NAMESPACE",
    commitVariable,
    // Every client of the API server leaves out the proxies for loopback; it sets and deletes these.
    ...["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"].flatMap((name) => [name, name.toLowerCase()]),
    // The parser of arguments looks at these,
    "NO_COLOR",
    "FORCE_COLOR",
    "CLICOLOR_FORCE",
    // the one of YAML at these.
    "LOG_STREAM",
    "LOG_TOKENS",
  ],
  run: true,
};

/** The flags by which the program is compiled; those of `deno run` are the same. */
export const denoFlags: readonly string[] = ["--no-prompt", ...permissionFlags(permissions)];
