/** `kubectl aim dashboard`: serves the page on loopback, with the user's own rights, until somebody ends it. */

import { FollowedCluster } from "../cluster/follow.ts";
import { gpuNodes, gpuPods } from "../cluster/gpus.ts";
import { followPlace, type Place, placeInWords } from "../place.ts";
import { newToken } from "./guard.ts";
import { type Live, pageApp } from "./server.ts";
import { CommandFault } from "../faults.ts";

export interface DashboardOptions {
  /** As it was written; absent: a free one. */
  readonly port?: string;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Told the address, token and all, once it listens. */
  readonly onListen: (url: string) => void;
}

/**
 * Resolves once it is ended.
 *
 * @throws CommandFault where the port is none or taken, or no service can be seen
 */
export async function serveDashboard(
  place: Place,
  { port, signal, onListen }: DashboardOptions,
): Promise<void> {
  const wanted = portNumber(port);
  const read = await Promise.all([
    followPlace(place, signal),
    // GPUs are taken by pods of anybody.
    FollowedCluster.open({ transport: place.transport, kinds: [gpuNodes, gpuPods], signal }),
  ]).catch((failure) => {
    if (!signal.aborted) throw failure;
  });
  if (read === undefined) return;
  const [cluster, gpus] = read;
  const live: Live = {
    cluster,
    gpus,
    scope: placeInWords(place),
    changes: (until) => cluster.changes(until, gpus),
  };
  const token = newToken();
  const settings = { port: wanted, token };
  const server = listening(wanted, signal, pageApp(live, settings, signal).fetch);
  settings.port = server.addr.port;
  onListen(`http://127.0.0.1:${settings.port}/?token=${token}`);
  await server.finished;
}

function listening(
  port: number,
  signal: AbortSignal,
  handler: (request: Request) => Response | Promise<Response>,
): Deno.HttpServer<Deno.NetAddr> {
  try {
    return Deno.serve({ hostname: "127.0.0.1", port, signal, onListen: () => {} }, handler);
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    throw new CommandFault(`port ${port} of 127.0.0.1 is taken: name another one, or none`);
  }
}

function portNumber(given = "0"): number {
  const port = Number(given);
  if (/^\d+$/.test(given) && port <= 65535) return port;
  throw new CommandFault(`--port is ${given}: it has to be a whole number up to 65535`);
}
