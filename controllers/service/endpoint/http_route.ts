/** The HTTPRoute of a service (services.md §9). */

import type { AIMService } from "../../../lib/api/mod.ts";
import { httpRoutes } from "../../../lib/cluster/kinds.ts";
import type { HTTPRoute } from "../../../lib/operator/objects.ts";
import type { Live } from "../../../lib/kube/object.ts";
import { type ComponentHealth, failing } from "../../../lib/operator/status/health.ts";
import { leaving } from "../../../lib/operator/inspect/leaving.ts";
import { inspectHttpRoute } from "../../../lib/operator/inspect/http_route.ts";
import { asChild, controllerOf, label, labelText } from "../../../lib/operator/naming/labels.ts";
import { labelValue } from "../../../lib/operator/naming/naming.ts";
import { httpRouteName, predictorServiceName } from "../../../lib/operator/naming/object_names.ts";
import type { Child } from "../../../lib/operator/core/plan.ts";
import { runtimeConfigName } from "../../../lib/operator/runtime_config.ts";
import { gatewayTimeout, parentKindFault, routePath } from "../../../lib/routing/mod.ts";
import type { View } from "../../../lib/operator/core/view.ts";
import type { Context } from "../context.ts";
import { formerOwner, type OwnedChild, ownedChild } from "./names.ts";
import { gatewayName, type GatewayRef, precedingRoute } from "./route_conflict.ts";

const about = { component: "HTTPRoute", dependency: "Downstream" } as const;
/** What is wrong with the service's own fields: it closes the apply gate. */
const aboutSpec = { ...about, role: "input" } as const;

/** What the service and its runtime config say about routing, each field from the first that has it. */
export interface RouteWish {
  readonly gatewayRef: GatewayRef | undefined;
  readonly path: ReturnType<typeof routePath>;
  readonly timeout: ReturnType<typeof gatewayTimeout> | undefined;
  readonly annotations: Record<string, string>;
}

/** The wish, or undefined where routing is off. */
export function routeWish({ service, config }: Context): RouteWish | undefined {
  const own = service.spec?.routing;
  const inherited = config?.routing;
  if (!(own?.enabled ?? inherited?.enabled ?? false)) return undefined;
  const timeout = own?.requestTimeout ?? inherited?.requestTimeout;
  const writer = own?.requestTimeout === undefined
    ? `runtime config ${runtimeConfigName(service.spec?.runtimeConfigName)}`
    : "the service";
  return {
    gatewayRef: own?.gatewayRef ?? inherited?.gatewayRef,
    path: routePath(own?.pathTemplate ?? inherited?.pathTemplate, service),
    timeout: timeout === undefined ? undefined : gatewayTimeout(timeout, writer),
    annotations: { ...inherited?.annotations, ...own?.annotations },
  };
}

/** The route to apply, or undefined while the wish cannot be fulfilled as it is. */
export function routeChild(
  context: Context,
  wish: RouteWish,
  names: { route: string; inferenceService: string },
): Child | undefined {
  const { gatewayRef, path, timeout, annotations } = wish;
  if (gatewayRef === undefined || path.error !== undefined || timeout?.error !== undefined) return undefined;
  const { name, namespace } = context.service.metadata;
  const desired: HTTPRoute = {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "HTTPRoute",
    metadata: {
      name: names.route,
      namespace,
      labels: {
        [label.appComponent]: labelText.routing,
        [label.managedBy]: labelText.engine,
        [label.service]: labelValue(name) ?? "",
      },
      ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
    },
    spec: {
      parentRefs: [parentReference(gatewayRef)],
      rules: [{
        matches: [{ path: { type: "PathPrefix", value: path.path } }],
        filters: [{
          type: "URLRewrite",
          urlRewrite: { path: { type: "ReplacePrefixMatch", replacePrefixMatch: "/" } },
        }],
        backendRefs: [{
          group: "",
          kind: "Service",
          name: predictorServiceName(names.inferenceService),
          namespace,
          port: 80,
          weight: 1,
        }],
        ...(timeout === undefined ? {} : { timeouts: { request: timeout.text } }),
      }],
    },
  };
  return {
    how: "apply",
    ref: { kind: httpRoutes, namespace, name: names.route },
    desired: asChild(desired, context.parent, { owned: true, propagation: context.propagation }),
  };
}

/** Fully defaulted, since the list is atomic: what the server would add counts as a difference. */
function parentReference(ref: GatewayRef): Record<string, unknown> {
  return {
    ...ref,
    group: ref.group ?? "gateway.networking.k8s.io",
    kind: ref.kind ?? "Gateway",
  };
}

/** The row of services.md §11.3 "HTTPRoute" that applies. */
export function routeHealth(
  wish: RouteWish,
  route: OwnedChild<HTTPRoute> | undefined,
  namespace: string,
  view: View,
): ComponentHealth {
  const { gatewayRef } = wish;
  if (gatewayRef === undefined) {
    return failing(aboutSpec, {
      category: "InvalidSpec",
      reason: "GatewayNotConfigured",
      message: "Routing is enabled but no gatewayRef is configured in service or runtime config",
    }, "Failed");
  }
  if (wish.timeout?.error !== undefined) {
    return failing(aboutSpec, {
      category: "InvalidSpec",
      reason: "InvalidRequestTimeout",
      message: wish.timeout.error,
    });
  }
  if (wish.path.error !== undefined) {
    return { ...about, state: "Degraded", reason: "PathTemplateInvalid", message: wish.path.error };
  }
  if (route === undefined || !route.installed) {
    return failing(about, {
      category: "MissingDownstream",
      reason: "GatewayAPINotInstalled",
      message:
        `The Gateway API (gateway.networking.k8s.io/v1) is not installed, which ${
          gatewayName(gatewayRef, namespace)
        } ` +
        "needs; install its CRDs and a controller for it, or switch routing off; the route follows then",
    });
  }
  if (route.blocked) return formerOwner(about, `HTTPRoute ${route.name}`);
  if (route.live === undefined) {
    return {
      ...about,
      state: "Progressing",
      reason: "HTTPRouteCreating",
      message: "HTTPRoute is being created",
    };
  }
  const gone = leaving("HTTPRoute", route.live, about, "HTTPRouteCreating");
  if (gone !== undefined) return gone;
  const health = atGateway(inspectHttpRoute(route.live, about), gatewayRef, namespace);
  const preceding = precedingRoute({ gatewayRef, path: wish.path.path, namespace }, route.live, view);
  if (preceding === undefined || health.errors !== undefined) return health;
  const { metadata } = preceding;
  const rival = controllerOf(preceding, "AIMService")?.name;
  return {
    ...about,
    state: "Degraded",
    reason: "PathConflict",
    message:
      `${rival === undefined ? "HTTPRoute" : "AIMService"} ${metadata.namespace}/${
        rival ?? metadata.name
      } has path ` +
      `${wish.path.path} at ${gatewayName(gatewayRef, namespace)} already and gets its requests; ` +
      "give one of the two another spec.routing.pathTemplate",
  };
}

/** What a gateway says of the route, or does not say, with its name and what to check. */
function atGateway(health: ComponentHealth, gatewayRef: GatewayRef, namespace: string): ComponentHealth {
  if (health.state === "Ready") return health;
  const name = gatewayName(gatewayRef, namespace);
  const implied = gatewayRef.namespace === undefined
    ? ` (routing.gatewayRef has no namespace, so it is looked for in ${namespace})`
    : "";
  const hint = gatewayHint(health.reason, namespace, gatewayRef);
  const message = hint === undefined
    ? `${health.message}; said by the controller of ${name}`
    : `${health.message}; ${name}${implied} ${hint}`;
  return {
    ...health,
    message,
    ...(health.errors && { errors: health.errors.map((each) => ({ ...each, message })) }),
  };
}

/** What a gateway must have for the route to be taken, where the reason tells. */
function gatewayHint(
  reason: string | undefined,
  namespace: string,
  gatewayRef: GatewayRef,
): string | undefined {
  const admit = `one of its listeners must admit routes of namespace ${namespace} (allowedRoutes.namespaces)`;
  switch (reason) {
    case "NotAllowedByListeners":
      return `is not open to this route: ${admit}`;
    case "NoMatchingParent":
      return "must have a listener of the sectionName and port that routing.gatewayRef names";
    case "NoMatchingListenerHostname":
      return "must have a listener without a hostname, since the route has none";
    case "HTTPRoutePending":
      return parentKindFault(gatewayRef) ?? `must exist, a controller of its class must run, and ${admit}`;
    default:
      return undefined;
  }
}

/**
 * The route's place. Read also where routing is off: a route may have been made just before a crash, with no
 * status that tells of it, and must go.
 */
export function routeSlot(service: Live<AIMService>, view: View): OwnedChild<HTTPRoute> {
  const { name, namespace } = service.metadata;
  return ownedChild(service, httpRoutes, httpRouteName(name, namespace ?? ""), view);
}

/** The route's path for `status.routing`: while there is a route. */
export function routedPath(
  wish: RouteWish | undefined,
  route: OwnedChild<HTTPRoute> | undefined,
): { path: string } | undefined {
  if (wish?.gatewayRef === undefined || route?.live === undefined) return undefined;
  return livePath(route.live) ?? (wish.path.error === undefined ? { path: wish.path.path } : undefined);
}

function livePath(route: HTTPRoute): { path: string } | undefined {
  const rule = route.spec?.rules?.[0] as { matches?: { path?: { value?: string } }[] } | undefined;
  const path = rule?.matches?.[0]?.path?.value;
  return path === undefined ? undefined : { path };
}
