/**
 * Two routes of ours with one path at one gateway: the Gateway API gives the requests to the older (services.md §9;
 * precedence of HTTPRouteRule matches in the Gateway API).
 */

import type { Routing } from "../../../lib/api/mod.ts";
import { httpRoutes } from "../../../lib/cluster/kinds.ts";
import type { HTTPRoute } from "../../../lib/operator/objects.ts";
import { keyOf, type Live } from "../../../lib/kube/object.ts";
import { inspectHttpRoute } from "../../../lib/operator/inspect/http_route.ts";
import { completed } from "../../../lib/operator/status/health.ts";
import { Uninstalled, type View } from "../../../lib/operator/core/view.ts";

export type GatewayRef = NonNullable<Routing["gatewayRef"]>;

/** A path at a gateway, as a route of that namespace asks for it. */
export interface Place {
  readonly gatewayRef: GatewayRef;
  readonly path: string;
  readonly namespace: string;
}

/** `Gateway gateways/gw`: which object a reference means, also where it leaves things out. */
export function gatewayName({ kind = "Gateway", namespace, name }: GatewayRef, ownNamespace: string): string {
  return `${kind} ${namespace ?? ownNamespace}/${name}`;
}

const routesByPlace = httpRoutes.index("gateway and path", (route) => {
  const namespace = route.metadata.namespace ?? "";
  return parentsOf(route).flatMap((gatewayRef) =>
    pathsOf(route).map((path) => indexValue({ gatewayRef, path, namespace }))
  );
});

function indexValue({ gatewayRef, path, namespace }: Place): string {
  return `${gatewayRef.group ?? "gateway.networking.k8s.io"} ${gatewayName(gatewayRef, namespace)} ${path}`;
}

function parentsOf({ spec }: HTTPRoute): GatewayRef[] {
  return (spec?.parentRefs ?? []) as unknown as GatewayRef[];
}

function pathsOf({ spec }: HTTPRoute): string[] {
  const rules = (spec?.rules ?? []) as { matches?: { path?: { value?: string } }[] }[];
  return rules.flatMap(({ matches = [] }) => matches.flatMap(({ path }) => path?.value ?? []));
}

/**
 * The route that has the requests of a place instead of ours: the oldest of the others, if it is older than ours and
 * its gateway has not turned it away.
 *
 * @param own our route; undefined while there is none
 */
export function precedingRoute(
  place: Place,
  own: Live<HTTPRoute> | undefined,
  view: View,
): Live<HTTPRoute> | undefined {
  const routes = view.list(routesByPlace, indexValue(place));
  if (routes === Uninstalled) return undefined;
  return routes
    .filter((route) => route.metadata.uid !== own?.metadata.uid && meets(route, place))
    .filter((route) => own === undefined || byPrecedence(route, own) < 0)
    .filter((route) => completed(inspectHttpRoute(route, { component: "HTTPRoute" })).state !== "Failed")
    .toSorted(byPrecedence)[0];
}

/** The older first; of one second the first by namespace and name. */
function byPrecedence({ metadata: a }: Live<HTTPRoute>, { metadata: b }: Live<HTTPRoute>): number {
  const rank = ({ creationTimestamp = "", namespace, name }: typeof a) =>
    `${creationTimestamp} ${keyOf(namespace, name)}`;
  return rank(a) < rank(b) ? -1 : 1;
}

/** Whether they can be at one listener: a reference without section or port means all of them. */
function meets(route: HTTPRoute, { gatewayRef: own, namespace }: Place): boolean {
  const alike = (a: string | number | undefined, b: string | number | undefined) =>
    a === undefined || b === undefined || a === b;
  return parentsOf(route).some((other) =>
    gatewayName(other, route.metadata?.namespace ?? "") === gatewayName(own, namespace) &&
    alike(other.sectionName, own.sectionName) && alike(other.port, own.port)
  );
}
