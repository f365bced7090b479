/** Access from inside a pod, by its service account. */
import { type Access, ConfigurationError, rotating } from "./access.ts";

/** Where the kubelet mounts the service account. */
export const serviceAccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

/** Whether this process runs in a pod, as far as the environment says. */
export function isInCluster(): boolean {
  return !!Deno.env.get("KUBERNETES_SERVICE_HOST") && !!Deno.env.get("KUBERNETES_SERVICE_PORT");
}

/**
 * Access by the service account's token and CA; both are read again when they rotate.
 * @throws ConfigurationError outside of a pod, or without a service account.
 */
export async function inClusterAccess(folder = serviceAccountFolder): Promise<Access> {
  if (!isInCluster()) {
    throw new ConfigurationError(
      "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set: not in a cluster",
    );
  }
  const host = Deno.env.get("KUBERNETES_SERVICE_HOST")!;
  const server = new URL(
    `https://${host.includes(":") ? `[${host}]` : host}:${Deno.env.get("KUBERNETES_SERVICE_PORT")}`,
  );
  const credentials = rotating(async () => ({
    caCerts: [await read(`${folder}/ca.crt`)],
    bearerToken: (await read(`${folder}/token`)).trim(),
  }));
  await credentials();
  const defaultNamespace = await podNamespace(folder);
  return { server, defaultNamespace, compression: false, origin: "in-cluster service account", credentials };
}

/** The pod's own namespace, or nothing outside of a pod. */
export async function podNamespace(folder = serviceAccountFolder): Promise<string | undefined> {
  const text = await Deno.readTextFile(`${folder}/namespace`).catch(() => "");
  return text.trim() || undefined;
}

async function read(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (failure) {
    throw new ConfigurationError(`in-cluster access: ${path}: ${(failure as Error).message}`);
  }
}
