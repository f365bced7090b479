/** Something between client and registry that does what networks and broken registries do. */

import { until } from "../control_plane/until.ts";

/** What is done to a request. */
export type Fault =
  | { readonly kind: "none" }
  /** Connections come about, nothing is answered. */
  | { readonly kind: "hang" }
  /** This status, with `Retry-After` in seconds if given. */
  | { readonly kind: "status"; readonly status: number; readonly retryAfter?: number }
  /** One byte of every successful answer to a GET of this kind of content is another. */
  | { readonly kind: "corrupt"; readonly content: "manifests" | "blobs" };

/** A running front; disposing of it ends it. */
export interface FaultyFront extends AsyncDisposable {
  /** `localhost:port`: the host for references that go through it. */
  readonly host: string;
  /** What happens to requests from now on; requests that hang already go on when it changes. */
  fault: Fault;
  /** `METHOD path` of every request so far. */
  readonly requests: string[];
}

/** Starts a front before a registry that is asked over plain HTTP. */
export function startFaultyFront(registry: { readonly url: string }): FaultyFront {
  const requests: string[] = [];
  const stopped = new AbortController();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const { pathname, search } = new URL(request.url);
    requests.push(`${request.method} ${pathname}${search}`);
    while (front.fault.kind === "hang" && !stopped.signal.aborted) {
      await until("the registry goes on", () => front.fault.kind !== "hang", { seconds: 1 }).catch(() => {});
    }
    const { fault } = front;
    if (fault.kind === "status") {
      await request.body?.cancel();
      const headers: Record<string, string> = fault.retryAfter === undefined
        ? {}
        : { "retry-after": `${fault.retryAfter}` };
      return new Response(null, { status: fault.status, headers });
    }
    const answer = await fetch(`${registry.url}${pathname}${search}`, {
      method: request.method,
      headers: request.headers,
      body: request.body,
      redirect: "manual",
    });
    const bytes = new Uint8Array(await answer.arrayBuffer());
    const isHit = fault.kind === "corrupt" && request.method === "GET" &&
      pathname.includes(`/${fault.content}/`);
    if (isHit && answer.ok) bytes[bytes.length - 1] ^= 1;
    return new Response(bytes, { status: answer.status, headers: answer.headers });
  });
  const front: FaultyFront = {
    host: `localhost:${server.addr.port}`,
    fault: { kind: "none" },
    requests,
    async [Symbol.asyncDispose]() {
      stopped.abort();
      front.fault = { kind: "none" };
      await server.shutdown();
    },
  };
  return front;
}
