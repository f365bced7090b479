/** Health of an HTTPRoute that exists (conventions.md §6.7 "HTTPRoute", services.md §11.3). */

import type { HTTPRoute } from "../objects.ts";
import { type About, type ComponentHealth, failing, ready } from "../status/health.ts";
import { foreignReason } from "../errors/reasons.ts";

/**
 * Ready if one gateway accepts the route and resolves its backends; rejected only if every gateway that has
 * judged this generation of it rejects it.
 */
export function inspectHttpRoute(route: HTTPRoute, about: About): ComponentHealth {
  const child: About = { ...about, role: "child" };
  const generation = route.metadata?.generation ?? 0;
  const parents = (route.status?.parents ?? []).map(({ conditions = [] }) => {
    const current = conditions.filter(({ observedGeneration = generation }) =>
      observedGeneration >= generation
    );
    return {
      accepted: current.find(({ type, status }) => type === "Accepted" && status !== "Unknown"),
      unresolved: current.find(({ type, status }) => type === "ResolvedRefs" && status === "False"),
    };
  });
  if (parents.some(({ accepted, unresolved }) => accepted?.status === "True" && unresolved === undefined)) {
    return ready(child, "HTTPRouteAccepted", "HTTPRoute is accepted by gateway");
  }
  const rejected = parents.find(({ accepted }) => accepted?.status === "False")?.accepted;
  if (rejected !== undefined && !parents.some(({ accepted }) => accepted?.status === "True")) {
    return failing(child, {
      category: "InvalidSpec",
      reason: foreignReason(rejected.reason),
      message: `HTTPRoute rejected: ${rejected.message ?? ""}`,
      code: "AIM-0603",
    });
  }
  const unresolved = parents.find((parent) => parent.unresolved !== undefined)?.unresolved;
  if (unresolved !== undefined) {
    return failing(child, {
      category: "MissingDownstream",
      reason: foreignReason(unresolved.reason),
      message: `HTTPRoute backend not resolved: ${unresolved.message ?? ""}`,
      code: "AIM-0604",
    });
  }
  return {
    ...child,
    state: "Progressing",
    reason: "HTTPRoutePending",
    message: "HTTPRoute is waiting for gateway acceptance",
  };
}
