/** Where a command looks: the cluster and the namespace that its options name, read once or followed. */

import { services, watchedKinds } from "../cluster/kinds.ts";
import type { Access } from "../kube/access/access.ts";
import { detectAccess } from "../kube/access/detect_access.ts";
import { HttpTransport, type HttpTransportOptions } from "../kube/http_transport.ts";
import type { Transport } from "../kube/transport.ts";
import { CommandFault } from "./faults.ts";
import { FollowedCluster } from "./cluster/follow.ts";
import { type ReadCluster, readCluster } from "./cluster/read.ts";

/** Options that every command about a cluster has. */
export interface ClusterOptions {
  readonly namespace?: string;
  readonly allNamespaces?: boolean;
  readonly context?: string;
  readonly kubeconfig?: string;
  /** A snapshot or a folder, instead of a cluster. */
  readonly from?: string;
  readonly output?: "json" | "yaml";
}

/** How a cluster is reached, and the namespace that counts. */
export interface Place {
  readonly namespace: string;
  /** Set where all namespaces count. */
  readonly allNamespaces?: boolean;
  readonly transport: Transport;
  /** Of a snapshot or a folder: what it is, and the moment that it is of, in milliseconds since 1970. */
  readonly from?: { readonly path: string; readonly at: number };
}

/** A cluster that was read, and how to reach it. */
export interface ReadPlace extends ReadCluster, Place {}

/** @param onRequest is told of every answer */
export type Connect = (access: Access, onRequest?: HttpTransportOptions["onRequest"]) => Transport;

export const connectByHttp: Connect = (access, onRequest) =>
  new HttpTransport(access, { userAgent: "kubectl-aim", onRequest });

/** @throws ConfigurationError where the kubeconfig does not say */
export async function placeOf(options: ClusterOptions, connect: Connect = connectByHttp): Promise<Place> {
  const { allNamespaces, namespace, from: path } = options;
  const all = allNamespaces && { allNamespaces };
  if (path !== undefined) {
    const { replayed } = await import("./snapshot/replayed.ts");
    const { transport, at } = await replayed(path);
    return { namespace: namespace ?? "default", ...all, transport, from: { path, at } };
  }
  const access = await detectAccess(options.kubeconfig, options.context);
  return { namespace: namespace ?? access.defaultNamespace ?? "default", ...all, transport: connect(access) };
}

/**
 * Reads once what the operator watches.
 *
 * @throws CommandFault where no service can be seen
 */
export async function readPlace(options: ClusterOptions, connect?: Connect): Promise<ReadPlace> {
  const place = await placeOf(options, connect);
  const cluster = await readCluster(place.transport, watchedKinds, scopeOf(place));
  requireServices(cluster, place);
  return { ...cluster, ...(place.from && { at: place.from.at }), ...place };
}

/**
 * What the operator watches, kept as it is until the signal ends it.
 *
 * @throws CommandFault where no service can be seen
 */
export async function followPlace(place: Place, signal: AbortSignal): Promise<FollowedCluster> {
  const { transport } = place;
  const namespace = scopeOf(place);
  const at = place.from?.at;
  const now = at === undefined ? undefined : () => at;
  const cluster = await FollowedCluster.open({ transport, kinds: watchedKinds, namespace, signal, now });
  requireServices(cluster, place);
  return cluster;
}

/** `namespace ml-team` or `all namespaces`, of a snapshot with its name. */
export function placeInWords({ allNamespaces, namespace, from }: Place): string {
  const where = allNamespaces ? "all namespaces" : `namespace ${namespace}`;
  return from === undefined ? where : `${where} of ${from.path}`;
}

/** The only namespace that is read; undefined: all. */
function scopeOf({ allNamespaces, namespace }: Place): string | undefined {
  return allNamespaces ? undefined : namespace;
}

/** Without services there is nothing to tell. */
function requireServices({ cache }: ReadCluster, place: Place): void {
  const { state } = cache.store(services);
  if (state === "unreadable") {
    const hint = place.allNamespaces ? ": name one with -n" : "";
    throw new CommandFault(`you may not list aimservices.aim.eai.amd.com in ${placeInWords(place)}${hint}`);
  }
  if (state === "uninstalled") {
    throw new CommandFault(
      "this cluster has no AIMService: install the operator first (kubectl apply -k manifests)",
    );
  }
}
