/**
 * A gateway stand-in that really routes: it looks a request's path up among the cluster's HTTPRoutes and passes the
 * request on to a pod behind the route's backend. Only what our routes use is honoured: path prefixes, their rewrite, one
 * Service as backend.
 */

import type { Cluster } from "../control_plane/cluster.ts";
import { loopbackOf } from "../../lib/surroundings/kubelet/addresses.ts";

interface Rule {
  readonly matches?: readonly { readonly path?: { readonly type?: string; readonly value?: string } }[];
  readonly filters?: readonly {
    readonly urlRewrite?: { readonly path?: { readonly replacePrefixMatch?: string } };
  }[];
  readonly backendRefs?: readonly { readonly name: string; readonly namespace?: string }[];
}

interface Route {
  readonly metadata: { readonly namespace: string };
  readonly spec: { readonly rules?: readonly Rule[] };
}

interface EndpointSlice {
  readonly ports?: readonly { readonly port?: number }[];
  readonly endpoints?: readonly {
    readonly addresses: readonly string[];
    readonly conditions?: { readonly ready?: boolean };
  }[];
}

/** Serves the cluster's routes on a free port of 127.0.0.1. */
export function serveRoutes(plane: Cluster): Deno.HttpServer<Deno.NetAddr> {
  const list = async <T>(path: string): Promise<readonly T[]> => (await plane.request("GET", path)).items;
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const { pathname, search } = new URL(request.url);
    const routes = await list<Route>("/apis/gateway.networking.k8s.io/v1/httproutes");
    const found = ruleFor(pathname, routes);
    if (found === undefined) return new Response(`no route for ${pathname}\n`, { status: 404 });
    const [backend] = found.rule.backendRefs ?? [];
    const namespace = backend?.namespace ?? found.namespace;
    const slices = await list<EndpointSlice>(
      `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices` +
        `?labelSelector=kubernetes.io%2Fservice-name%3D${backend?.name}`,
    );
    const address = readyAddress(slices);
    if (address === undefined) return new Response(`no pod of ${backend?.name} is ready\n`, { status: 503 });
    const { body, method, headers } = request;
    const url = `http://${address}${rewritten(pathname, found)}${search}`;
    return await fetch(url, { method, headers, body })
      .catch((error) => new Response(`${error.message}\n`, { status: 502 }));
  });
}

interface Found {
  readonly rule: Rule;
  readonly namespace: string;
  readonly prefix: string;
}

/** The rule with the longest prefix that the path begins with, in whole segments. */
export function ruleFor(pathname: string, routes: readonly Route[]): Found | undefined {
  const found = routes.flatMap(({ metadata: { namespace }, spec }) =>
    (spec.rules ?? []).flatMap((rule) =>
      (rule.matches ?? []).map(({ path }) => ({ rule, namespace, prefix: path?.value ?? "/" }))
    )
  ).filter(({ prefix }) => `${pathname}/`.startsWith(prefix.endsWith("/") ? prefix : `${prefix}/`));
  return found.sort((a, b) => b.prefix.length - a.prefix.length)[0];
}

/** The path as the backend is to see it. */
export function rewritten(pathname: string, { rule, prefix }: Found): string {
  const replacement = rule.filters?.find(({ urlRewrite }) => urlRewrite !== undefined)?.urlRewrite?.path
    ?.replacePrefixMatch;
  if (replacement === undefined) return pathname;
  const rest = pathname.slice(prefix.length).replace(/^\//, "");
  return `${replacement.replace(/\/$/, "")}/${rest}`;
}

function readyAddress(slices: readonly EndpointSlice[]): string | undefined {
  for (const { ports, endpoints } of slices) {
    const ready = endpoints?.find(({ conditions }) => conditions?.ready !== false);
    const port = ports?.[0]?.port;
    if (ready !== undefined && port !== undefined) return `${loopbackOf(ready.addresses[0])}:${port}`;
  }
  return undefined;
}
