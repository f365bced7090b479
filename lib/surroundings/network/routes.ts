/**
 * A gateway's controller: it accepts each HTTPRoute for each of the gateways that the route names, but for a listener that
 * no gateway has: the section `missing`. Of a gateway `missing` it knows nothing, so it says nothing.
 */

import { equalJson } from "../../kube/json/equal.ts";
import type { KubeObject, Live } from "../../kube/object.ts";
import { condition, type Controller } from "../controller.ts";
import { httpRoutes } from "../resources.ts";

interface RouteCondition {
  type: string;
  status: string;
  reason: string;
  message: string;
  observedGeneration?: number;
  lastTransitionTime?: string;
}

interface Parent {
  parentRef: object;
  controllerName: string;
  conditions: RouteCondition[];
}

type HttpRoute = Live<
  KubeObject & { spec?: { parentRefs?: object[] }; status?: { parents?: Parent[] } }
>;

const controllerName = "example.com/embedded-gateway";

export const gatewayController: Controller<HttpRoute> = {
  name: "gateway-controller",
  resource: httpRoutes,
  reconcile(route, view) {
    const before = route.status?.parents;
    const isKnown = (parentRef: object) => (parentRef as { name?: string }).name !== "missing";
    const parents = (route.spec?.parentRefs ?? []).filter(isKnown).map((parentRef): Parent => {
      const known = before?.find((parent) => equalJson(parent.parentRef, parentRef));
      const isThere = (parentRef as { sectionName?: string }).sectionName !== "missing";
      const conditions = ["Accepted", "ResolvedRefs"].map((type) =>
        condition<RouteCondition>(known?.conditions, view.now(), {
          type,
          ...(type === "Accepted" && !isThere
            ? { status: "False", reason: "NoMatchingParent", message: "no listener has that name" }
            : { status: "True", reason: type, message: "" }),
          observedGeneration: route.metadata.generation,
        })
      );
      return { parentRef, controllerName, conditions };
    });
    if (equalJson(parents, before ?? [])) return [];
    return [{ updateStatus: { ...route, status: { parents } } as HttpRoute, resource: httpRoutes }];
  },
};
