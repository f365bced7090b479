/** A client that only sends: requests at a fixed concurrency, nothing read that need not be. */

import { HttpTransport } from "../../lib/kube/http_transport.ts";
import { kubeconfigAccess } from "../../lib/kube/access/kubeconfig.ts";
import type { Transport } from "../../lib/kube/transport.ts";

/** So many requests are under way at once: more makes the API server no faster here. */
const concurrency = 48;

export async function bareClient(kubeconfig: string): Promise<Transport> {
  return new HttpTransport(await kubeconfigAccess([kubeconfig]));
}

/** Calls `send` for every item, `concurrency` at a time. */
export async function inParallel<T>(items: readonly T[], send: (item: T) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < items.length) await send(items[next++]);
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, worker));
}

export function create(transport: Transport, path: string, object: unknown): Promise<unknown> {
  return transport.performRequest({ method: "POST", path, bodyJson: object, expectJson: true });
}

export function patch(
  transport: Transport,
  path: string,
  body: unknown,
  options: { contentType?: string; query?: Record<string, string> } = {},
): Promise<unknown> {
  return transport.performRequest({
    method: "PATCH",
    path,
    querystring: new URLSearchParams(options.query),
    bodyJson: body,
    contentType: options.contentType ?? "application/merge-patch+json",
    expectJson: true,
  });
}
