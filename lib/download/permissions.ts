/**
 * What the downloader may do: the network, the volume, what is thrown away, certificates, and the variables that it and its libraries
 * read. The set `download` of deno.json, by which a checkout runs it, says the same; a test holds the two together.
 */

import type { Permissions } from "../program/permissions.ts";

export const permissions = {
  net: true,
  read: [
    "/cache",
    "/mnt",
    "/tmp",
    "/etc",
    "/var/run/secrets",
  ],
  write: [
    "/cache",
    "/mnt",
    "/tmp",
  ],
  env: [
    "TARGET_DIR",
    "EXPECTED_SIZE_BYTES",
    "ARTIFACT_NAME",
    "ARTIFACT_NAMESPACE",
    "AIM_COMMIT",
    "AIM_DOWNLOADER_*",
    "AIM_DEBUG_*",
    "STALL_TIMEOUT",
    "PROGRESS_INTERVAL",
    "TMPDIR",
    "HOME",
    "_X_AMZN_TRACE_ID",
    "HOMEPATH",
    "HOMEDRIVE",
    "USERPROFILE",
    "HF_*",
    "AWS_*",
    "S3_*",
    "REQUESTS_CA_BUNDLE",
    "SSL_CERT_FILE",
    "KUBECONFIG",
    "KUBERNETES_SERVICE_HOST",
    "KUBERNETES_SERVICE_PORT",
    "HTTPS_PROXY",
    "https_proxy",
    "HTTP_PROXY",
    "http_proxy",
    "ALL_PROXY",
    "all_proxy",
    "NO_PROXY",
    "no_proxy",
    "LOG_STREAM",
    "LOG_TOKENS",
  ],
  sys: [
    "statfs",
    "osRelease",
    "homedir",
  ],
} satisfies Permissions;
