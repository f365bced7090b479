/**
 * What the operator may do and how it is run, in the form of Deno's flags: the one list for the image, the tests, demo and bench
 * (conventions.md §14). Nothing is asked for at run time, and nothing may be run or written.
 */

import { permissionFlags, type Permissions } from "../program/permissions.ts";
import { commitVariable } from "../program/version.ts";
import { tracingVariable } from "./tracing.ts";

/** The folder of the pod's service account: token, CA and namespace. */
const serviceAccount = "/var/run/secrets/kubernetes.io/serviceaccount";

/** Where the manifests mount the certificate of the metrics server, if there is one (conventions.md §14). */
const metricsCertificate = "/tmp/k8s-metrics-server/metrics-certs";

/** Where the manifests mount the operator's own registry credentials, if there are any (models-and-templates.md §3.3). */
const registryCredentials = "/etc/aim/docker";

/** The environment that the operator reads (conventions.md §1.2). */
const environment = [
  "AIM_SYSTEM_NAMESPACE",
  commitVariable,
  "POD_NAME",
  "KUBECONFIG",
  "HOME",
  "DOCKER_CONFIG",
  "REGISTRY_AUTH_FILE",
  "XDG_RUNTIME_DIR",
  "KUBERNETES_SERVICE_HOST",
  "KUBERNETES_SERVICE_PORT",
  tracingVariable,
  // Every client of the API server leaves out the proxies for loopback; it sets and deletes these.
  ...["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"].flatMap((name) => [name, name.toLowerCase()]),
  // The YAML parser looks at these; a kubeconfig is YAML.
  "LOG_STREAM",
  "LOG_TOKENS",
];

/**
 * How V8 keeps its heap and compiles (`deno task bench`). A heap of long-lived cached objects gains nothing from the generous
 * growth that is V8's default: 40 percent keep N = 1,000 below 135 MB; 20 save 5 MB of it for a tenth more CPU.
 * A young generation of 8 MB lets what a request leaves behind die there: a fifth less CPU than with 4 MB. No part of the
 * program runs long enough to pay for the last of V8's compilers: without it N = 1,000 takes 4 MB less. On two
 * cores one thread collects the young generation with a little less CPU than two that wait for one another.
 */
export const heap =
  "--v8-flags=--max-semi-space-size=8,--heap-growing-percent=40,--no-turbofan,--no-parallel-scavenge";

/**
 * How the C library of the image gives memory back, as environment variables; the Dockerfile has the same. Two arenas
 * instead of eight for each core, and a threshold that stays: an idle operator takes 4 MB less.
 */
export const allocator = {
  MALLOC_ARENA_MAX: "2",
  MALLOC_TRIM_THRESHOLD_: "131072",
  MALLOC_TOP_PAD_: "0",
} as const;

/** What the operator of the image may do. */
export const permissions = {
  net: true,
  read: [serviceAccount, metricsCertificate, registryCredentials],
  env: environment,
  sys: ["hostname"],
} as const satisfies Permissions;

export interface FurtherPermissions {
  /** Files and folders beside those of a pod, e.g. a kubeconfig with what it refers to. */
  readonly read?: readonly string[];
}

/** The flags of `deno run` for the operator outside of its image. Paths must be absolute. */
export function denoFlagsWith({ read = [] }: FurtherPermissions): string[] {
  const all = { ...permissions, read: [...permissions.read, ...read] };
  return ["--no-prompt", heap, ...permissionFlags(all)];
}

/** The flags by which the operator of the image is compiled; those of `deno run` are the same. */
export const denoFlags: readonly string[] = denoFlagsWith({});
