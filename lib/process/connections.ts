/** The connections to the API server: one for each kind of request that must not wait for another. */

import type { Access } from "../kube/access/access.ts";
import { HttpTransport } from "../kube/http_transport.ts";
import type { ApiError } from "../kube/errors.ts";
import type { RequestReport } from "../kube/transport.ts";

/**
 * HTTP/2 carries the requests of a transport (but those with long bodies) on one connection, and an API server lets a
 * hundred be under way there; what is beyond waits for one of them to end. So what may hang for long (logs, which come by way of
 * kubelets) and what may never wait (the lease) have connections of their own. Each is opened when it is needed.
 *
 * The lease is renewed every few seconds. Where that finds its connection mute, the one of the watches may have gone the
 * same way, and watches alone would notice it late.
 */
export interface Connections {
  /** Watches, reads and writes. */
  readonly api: HttpTransport;
  readonly lease: HttpTransport;
  readonly logs: HttpTransport;
  /** For the watches of one namespace in scoped mode: each time another one. */
  readonly further: () => HttpTransport;
}

/** Who is told of what happens on all of them. */
export interface Listeners {
  readonly onRequest?: (report: RequestReport) => void;
  readonly onForbidden?: (error: ApiError) => void;
}

export function connectionsTo(access: Access, listeners: Listeners = {}): Connections {
  const others: HttpTransport[] = [];
  const further = () => {
    const transport = new HttpTransport(access, listeners);
    others.push(transport);
    return transport;
  };
  const lease = new HttpTransport(access, {
    ...listeners,
    onMute: (since) => others.forEach((transport) => transport.condemnIfMute(since)),
  });
  return { api: further(), lease, logs: further(), further };
}
