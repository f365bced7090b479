/** Addresses to listen on, as Go writes them (conventions.md §1.1). */

import { ConfigurationError } from "../kube/access/access.ts";

export interface ListenAddress {
  /** Absent: all addresses of the host. */
  readonly hostname?: string;
  readonly port: number;
}

/**
 * Host and port out of `:8081`, `127.0.0.1:8081`, `[::1]:8081`; undefined for `0` and the empty text (off).
 * @throws ConfigurationError
 */
export function listenAddress(text: string): ListenAddress | undefined {
  if (text === "" || text === "0") return undefined;
  const match = /^(?:\[([^\]]+)\]|([^:]*)):([0-9]{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65535) {
    throw new ConfigurationError(
      `"${text}" is no address to listen on; write it like :8081 or 127.0.0.1:8081`,
    );
  }
  const hostname = match[1] || match[2];
  return hostname ? { hostname, port } : { port };
}

/**
 * Listens there. For all addresses that is `::`, which takes IPv4 too, and where a host has no IPv6 `0.0.0.0`.
 * @throws ConfigurationError
 */
export async function listenOn<T>(
  { hostname, port }: ListenAddress,
  listen: (at: { hostname: string; port: number }) => T | Promise<T>,
): Promise<T> {
  const hostnames = hostname === undefined ? ["::", "0.0.0.0"] : [hostname];
  let failure: unknown;
  for (const each of hostnames) {
    try {
      return await listen({ hostname: each, port });
    } catch (error) {
      failure = error;
      if (/in use|EADDRINUSE/i.test((error as Error).message)) break;
    }
  }
  throw new ConfigurationError(
    `cannot listen on ${hostname ?? ""}:${port}: ${(failure as Error).message}`,
  );
}
